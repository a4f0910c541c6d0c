//! "Ways to sign in": what a person proves themselves with beside the password, seen, added, changed and removed within a session.
//! For My security and the API (`me/authenticators`). Must never happen: a way added or removed without a fresh proof; a secret shown twice.
mod api;
mod away;
mod http;
pub mod page;
mod phone;
mod settle;

pub use api::openapi;
pub(crate) use http::routes;
pub(crate) use page::WaysCard;
pub(crate) use settle::of_caller;
