//! What benches and the load program need: a furnished store on either engine, children pinned to a core, clients, and how rounds are timed.
//! For people who ask how fast the product is. Must never happen: a child or a folder left behind, or a number whose answers were not checked.
pub mod argon;
pub mod child;
pub mod cluster;
pub mod crowd;
pub mod furnish;
pub mod memory;
pub mod phones;
pub mod place;
pub mod rounds;
pub mod run;
pub mod sink;
pub mod wire;

/// The server's core. The load has the other one.
pub const SERVER_CORE: usize = 0;
/// The core of the load program.
pub const LOAD_CORE: usize = 1;
