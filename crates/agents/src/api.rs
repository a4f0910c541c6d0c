//! Agents and installation keys, as JSON.
pub(crate) mod acts;
pub(crate) mod agents;
pub(crate) mod keys;

use utoipa::OpenApi;

/// The part of the OpenAPI document that is about agents and the keys that they are paired with.
#[derive(OpenApi)]
#[openapi(
    paths(
        agents::list,
        agents::one,
        agents::change,
        acts::approve,
        acts::refuse,
        acts::revoke,
        acts::rotate,
        acts::pick,
        acts::bulk,
        keys::list,
        keys::make,
        keys::revoke,
        keys::refusals
    ),
    components(schemas(
        agents::AgentItem,
        agents::AgentList,
        agents::ChangeAgent,
        acts::Approve,
        acts::Pick,
        acts::BulkAgents,
        keys::KeyItem,
        keys::NewKey,
        keys::KeyList,
        keys::MakeKey,
        keys::RefusalItem,
        keys::RefusalList
    ))
)]
struct Document;

/// The part of the OpenAPI document that is about agents.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
