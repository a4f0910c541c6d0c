//! The only I/O that the capabilities share: configuration, store, keys, journal, cookies, the page shell, words, and the way a request is let in.
//! For every crate of the house above the kernel. Knows no capability.
mod about;
pub mod client;
pub mod config;
pub mod context;
pub mod cookies;
pub mod cursor;
pub mod db;
pub mod delivery;
pub mod failure;
pub mod form;
pub mod house;
pub mod journal;
pub mod keys;
pub mod outward;
pub mod page;
pub mod routes;
pub mod visitor;
pub mod words;

pub use about::{About, Paging};
pub use context::Ground;
pub use failure::Failure;
pub use house::{Ask, Caller, Door, House, Permit, Refusal};
pub use routes::{Guard, RouteInfo, Routes};
pub use visitor::Visitor;
