//! The door: set-up of the first owner, and signing in. The only crate that opens sessions.
//! For the program. Must never happen: a session without a counted, checked and settled try; an answer that tells a stranger who has an account.
mod decide;
mod device;
mod enrol;
mod enter;
mod factor;
mod flow;
mod http;
mod letters;
mod live;
mod mail;
mod page;
mod passkey;
mod renew;
mod settle;
mod setup;
mod stand;
mod store;
mod sweep;
mod waiting;

pub use http::{Front, routes};
pub use setup::{OwnerRefused, create_owner, make_link};
pub use sweep::sweep;

pub(crate) use settle::{Coming, Next};
