//! Codes of apps, phones and paper against both engines, with the real `oathtool`; what can race is raced.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a broken place must stop its story at once, where it broke"
)]
mod apps;
mod kinds;
#[path = "../passkeys/place.rs"]
#[expect(dead_code, reason = "shared with the stories of passkeys")]
mod place;
mod recovery;
mod scene;
mod texts;
