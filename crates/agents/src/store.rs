//! The SQL of agents and of the keys that they are paired with.
mod agents;
mod history;
mod hooks;
mod identity;
mod keys;
mod pairing;
mod ratchet;
mod refusals;
mod seen;

pub(crate) use agents::*;
pub(crate) use history::*;
pub use hooks::{SeenFrom, Undecided, forget_organisation, seen_from, site_is_used, undecided};
pub(crate) use identity::*;
pub(crate) use keys::*;
pub(crate) use pairing::*;
pub(crate) use ratchet::*;
pub(crate) use refusals::*;
pub(crate) use seen::*;
