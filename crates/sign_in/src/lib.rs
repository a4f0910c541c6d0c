//! The door: set-up of the first owner, and signing in. The only crate that opens sessions.
//! For the program. Must never happen: a session without a counted, checked and settled try; an answer that tells a stranger who has an account.
mod decide;
mod enter;
mod flow;
mod http;
mod page;
mod setup;

pub use http::{Front, routes};
pub use setup::{OwnerRefused, create_owner, make_link};
