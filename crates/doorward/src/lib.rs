//! The program: command line, wiring, router, server. The only crate that knows every capability.
pub mod app;
pub mod cli;
mod health;
mod home;
pub mod import;
pub mod janitor;
pub mod log;
mod middleware;
mod migrations;
mod openapi;
pub mod operate;
mod pages;
pub mod server;
pub mod start;

pub use app::{App, Build};
pub use migrations::MIGRATIONS;
