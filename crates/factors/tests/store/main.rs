//! Lanes and passwords against both engines; what can race is raced.
#![expect(
    clippy::unwrap_used,
    reason = "a broken place must stop its story at once, where it broke"
)]
mod lanes;
mod password;
mod place;
mod sweep;
