//! What is decided about agents and their keys. Pure: facts, time and chance come in.
pub(crate) mod key;
pub(crate) mod marks;
pub(crate) mod pairing;
pub(crate) mod ratchet;

use kernel::Span;

/// Seen so long ago at most, two heartbeats and a little more: online.
pub(crate) const ONLINE_FOR: Span = Span::seconds(130);
