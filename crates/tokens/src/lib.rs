//! API keys: named, limited, ending secrets that a person makes for programs, so that these call the API in their name.
//! For the program, which puts [`KeyDoor`] before the door of sessions. Must never happen: a key that may more than its maker may at that moment,
//! or than it was made for; a key that can be read back from the store.
mod api;
mod decide;
mod door;
mod http;
mod page;
mod settle;
mod store;

pub use api::openapi;
pub use door::KeyDoor;
pub use http::{Keys, routes};
pub use store::{end_of_member, end_of_organisation, end_of_person};
