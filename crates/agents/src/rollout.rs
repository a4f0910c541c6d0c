//! Getting the agent onto machines: the scripts that fetch and install it, the programs themselves with their signatures, and laying this build's own.
//! Must never happen: a secret in a script; a program that changed on the way and is installed all the same.
mod fetch;
mod lay;
mod script;
mod shelf;

pub(crate) use fetch::routes;
pub use lay::lay;
pub use shelf::signature_key;
pub(crate) use shelf::{SYSTEMS, System, has_program};
