//! Customers and sites: the pages and the API of the tree of organisations, and the end of those that were deleted.
//! For the program. Must never happen: a customer of somebody else's that is told apart from one that is not there; a customer without an owner;
//! anything of a deleted customer gone before its time, or there after it.
mod api;
mod change;
mod decide;
mod ending;
mod http;
mod make;
mod page;
mod sites;
mod sites_api;

pub use ending::sweep;
pub use http::{Desk, routes};

/// The part of the OpenAPI document that is about organisations and their sites.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = api::openapi();
    document.merge(sites_api::openapi());
    document
}
