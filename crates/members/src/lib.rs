//! People as others see them: the list, the page about one of them, invitations and joining, disabling, removing, erasing, bulk and export.
//! For administrators, and for whoever was invited. Must never happen: anything about a person of whom the caller's organisation has neither
//! membership nor invitation; a right given that the giver does not hold; an invitation that works twice, or for another address.
mod api;
mod bulk;
mod change;
mod decide;
mod erase;
mod export;
mod form;
mod http;
mod invite;
mod item;
mod join;
mod known;
mod letters;
mod page;
mod remove;
mod seen;
mod store;

pub use api::openapi;
pub use erase::sweep;
pub use http::{Members, routes};
