//! Passkeys against both engines, with an authenticator in software: added, used, and every way in which an answer must not count.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken place must stop its story at once, where it broke"
)]
mod challenges;
mod desk;
#[path = "../../../world/src/maker.rs"]
mod maker;
mod models;
mod place;
#[path = "../../../world/src/soft_passkey.rs"]
mod soft_passkey;
mod stories;
