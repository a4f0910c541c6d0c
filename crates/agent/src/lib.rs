//! The program on a managed machine: it makes its own key, pairs, proves itself with every call and tells how the machine is.
//! Must never happen: the private key leaving the machine; an installation key in an argument, a log or, once paired, on the disk.
mod api;
mod backoff;
mod cli;
mod client;
mod clock;
mod ending;
mod first_boot;
mod folder;
mod inventory;
mod key;
mod marks;
mod ops;
mod pair;
mod run;
mod say;
mod server;
mod token;
#[cfg(windows)]
mod windows;

#[cfg(test)]
mod tests;

pub use cli::main;

/// The version that each call names.
const VERSION: &str = env!("CARGO_PKG_VERSION");
