//! What agents and the server say to each other: the text of an installation key, the bodies of the calls, and the proofs that an agent signs.
//! For both sides, so that they cannot drift apart. Pure: no clock, no chance, no network. Must never happen: a private key in one of these types.
pub mod body;
mod bounds;
pub mod installation_key;
pub mod proof;
mod public_key;

pub use body::{
    Ask, Disk, Facts, HeartbeatAnswer, HeartbeatRequest, Inventory, Marks, NonceAnswer, PairAnswer, PairRequest,
    RotateRequest, SelfAnswer, State, TokenAnswer, TokenRequest,
};
pub use bounds::tidy;
pub use installation_key::InstallationKey;
pub use proof::{Holder, Refused};
pub use public_key::PublicKey;

/// The header that each call of an agent brings, with its version.
pub const VERSION_HEADER: &str = "doorward-agent";
/// The value of `client_assertion_type` (RFC 7523, 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds between two heartbeats, before jitter.
pub const HEARTBEAT_SECONDS: u32 = 60;
