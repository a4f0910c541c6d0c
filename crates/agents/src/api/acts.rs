//! What is done about agents, as JSON: let in, refused, revoked, asked for another key, picked; one or many.
use super::agents::{AgentItem, answer};
use crate::{
    decide::ratchet::Keep,
    http::Agents,
    settle::{self, Deed, Undo},
};
use axum::{
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure,
    form::{Json as Body, Path, Query},
};
use kernel::{Act, AgentId, Reason, act};
use serde::Deserialize;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which agent or key, as the path says.
pub(crate) type Which = Result<Path<String>, Failure>;

/// What the path names, in the organisation that the door let the caller in to. A stranger hears of the door first.
pub(super) async fn named<A: Act, I: FromStr>(
    agents: &Agents,
    ask: &Ask<A>,
    id: Which,
    about: Result<Query<About>, Failure>,
) -> Result<I, Failure> {
    let id = id.ok().and_then(|Path(id)| id.parse().ok());
    if let (Some(id), Ok(_)) = (id, &about) {
        return Ok(id);
    }
    agents.house.admit(ask).await?;
    about?;
    Err(ask.not_found())
}

/// What came of it, with the agent as it stands then.
async fn told<A: Act>(agents: &Agents, ask: &Ask<A>, id: AgentId, came: Result<(), Undo>) -> Result<Response, Failure> {
    match came {
        Ok(()) => answer(agents, ask, id).await,
        Err(undo) => Err(settle::failure(ask, undo)),
    }
}

/// Lets an agent in.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Approve {
    /// An older entry of the same machine (`successor_of`): the agent takes its name and site, and the older one is revoked.
    replaces: Option<Uuid>,
}

/// A body that may be left out.
fn optional<A: Act, T: Default + serde::de::DeserializeOwned>(ask: &Ask<A>, bytes: &Bytes) -> Result<T, Failure> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    serde_json::from_slice(bytes).map_err(|_| ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed))
}

/// Lets an agent in; again, it is the same.
#[utoipa::path(post, path = "/api/v1/agents/{id}/approve", params(("id" = uuid::Uuid, Path, description = "The agent")), request_body(content = Approve, description = "May be left out"),
    responses((status = 200, body = AgentItem), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see"), (status = 409, description = "Decided otherwise already")))]
pub(crate) async fn approve(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    about: Result<Query<About>, Failure>,
    body: Bytes,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id, about).await?;
    agents.house.admit(&ask).await?;
    let body: Approve = optional(&ask, &body)?;
    let came = settle::approve(&agents, &ask, id, body.replaces.map(AgentId)).await?;
    told(&agents, &ask, id, came).await
}

/// Refuses an agent that waits; its use is given back to the installation key.
#[utoipa::path(post, path = "/api/v1/agents/{id}/refuse", params(("id" = uuid::Uuid, Path, description = "The agent")),
    responses((status = 200, body = AgentItem), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see"), (status = 409, description = "Decided otherwise already")))]
pub(crate) async fn refuse(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id, about).await?;
    let came = settle::refuse(&agents, &ask, id).await?;
    told(&agents, &ask, id, came).await
}

/// Revokes an agent: its next call is refused.
#[utoipa::path(post, path = "/api/v1/agents/{id}/revoke", params(("id" = uuid::Uuid, Path, description = "The agent")),
    responses((status = 200, body = AgentItem), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see"), (status = 409, description = "It was refused")))]
pub(crate) async fn revoke(
    State(agents): State<Agents>,
    ask: Ask<act::RevokeAgents>,
    id: Which,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id, about).await?;
    let came = settle::revoke(&agents, &ask, id).await?;
    told(&agents, &ask, id, came).await
}

/// Asks an agent to change its key pair with its next heartbeat.
#[utoipa::path(post, path = "/api/v1/agents/{id}/rotate", params(("id" = uuid::Uuid, Path, description = "The agent")),
    responses((status = 200, body = AgentItem), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see"), (status = 409, description = "It is not active")))]
pub(crate) async fn rotate(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id, about).await?;
    let came = settle::ask_rotation(&agents, &ask, id).await?;
    told(&agents, &ask, id, came).await
}

/// Which of two machines keeps an identity.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pick {
    /// `first`: whoever had the newest value; `second`: whoever came with an old one.
    keep: String,
}

/// Picks which of two machines keeps the identity; the other is told to pair itself anew.
#[utoipa::path(post, path = "/api/v1/agents/{id}/pick", params(("id" = uuid::Uuid, Path, description = "The agent")), request_body = Pick,
    responses((status = 200, body = AgentItem), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see"), (status = 409, description = "There is nothing to pick")))]
pub(crate) async fn pick(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    id: Which,
    about: Result<Query<About>, Failure>,
    body: Body<Pick>,
) -> Result<Response, Failure> {
    let id = named(&agents, &ask, id, about).await?;
    let body = body.open_for(&agents.house, &ask).await?;
    let Some(keep) = Keep::from_name(&body.keep) else {
        agents.house.admit(&ask).await?;
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let came = settle::pick(&agents, &ask, id, keep).await?;
    told(&agents, &ask, id, came).await
}

/// One deed for many.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkAgents {
    /// `approve`, `refuse` or `revoke`.
    #[serde(rename = "do")]
    deed: String,
    /// 1 to 200 agents. Where one of them is not there, nothing is done.
    ids: Vec<Uuid>,
}

/// One deed for many agents: all of it, or nothing.
#[utoipa::path(post, path = "/api/v1/agents/bulk", request_body = BulkAgents,
    responses((status = 204, description = "Done"), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "One of them is not there, or not yours to see"), (status = 409, description = "One of them was decided otherwise already")))]
pub(crate) async fn bulk(
    State(agents): State<Agents>,
    ask: Ask<act::SeeAgents>,
    about: Result<Query<About>, Failure>,
    body: Body<BulkAgents>,
) -> Result<Response, Failure> {
    if about.is_err() {
        agents.house.admit(&ask).await?;
        about?;
    }
    let body = body.open_for(&agents.house, &ask).await?;
    let Some(deed) = Deed::from_name(&body.deed) else {
        agents.house.admit(&ask).await?;
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let ids = body.ids.into_iter().map(AgentId).collect();
    match settle::bulk(&agents, &ask, ids, deed).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(undo) => Err(settle::failure(&ask, undo)),
    }
}
