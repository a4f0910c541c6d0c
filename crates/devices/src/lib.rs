//! Devices: browsers and apps that people sign in from, kept apart by a long-lived secret in a cookie.
//! For sign-in, sessions and the lanes. Must never happen: a device taken for known because of anything but its secret.
mod cookie;
mod decide;
mod store;

pub use cookie::{COOKIE_LIVES_FOR, cookie_value, tokens};
pub use decide::{Token, label};
pub use store::{Device, forget, forget_all, is_known, known_of, remember};
