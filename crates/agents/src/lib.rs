//! Agents: programs on managed machines. Installation keys, pairing, their identity and its copies, heartbeats, and the pages about them.
//! For the program. Must never happen: an agent that is let in without a person or a key that says so; a token of an agent that opens a person's door.
mod api;
mod beats;
mod decide;
mod figures;
mod gate;
mod http;
mod identity;
mod once;
mod page;
mod pages;
mod pair;
mod proof;
mod protocol;
mod rollout;
mod settle;
mod stops;
mod store;
mod sweep;
mod token;

pub use api::openapi;
pub use http::{Agents, routes};
pub use rollout::{lay, signature_key};
pub use store::{SeenFrom, Undecided, forget_organisation, seen_from, site_is_used, undecided};
