//! Changing what an organisation asks of those who enter it: the page "Policies" and its API. The values themselves live in `organisations`.
//! For the program. Must never happen: a change without its event, or one that the other administrators are not told of; a policy with which
//! whoever sets it is shut out at once.
mod api;
pub mod decide;
mod dry_run;
mod forms;
mod http;
mod letters;
mod page;
mod settle;

pub use api::openapi;
pub use http::{Desk, routes};
