//! One's own devices, as JSON: `me/devices`.
use super::{Devices, own};
use crate::{Known, known};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Caller, Failure,
    form::{Json as Body, Path, Query},
};
use kernel::{Act, Deployment, DeviceId, OrganisationId, Reason, Time, act};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// One of one's devices.
#[derive(Serialize, ToSchema)]
struct DeviceItem {
    /// UUID version 7.
    id: Uuid,
    /// The name that the person gave it.
    name: Option<String>,
    /// Browser and system in words.
    label: String,
    /// The network that it signed in from last.
    network: String,
    /// Whether it is the one that asks.
    current: bool,
    /// Whether its trust lasts.
    trusted: bool,
    /// RFC 3339, UTC.
    trusted_until: Option<String>,
    /// Whether it proved its own key at its last sign-in; a device that shows a cookie alone is weaker.
    key_proved: bool,
    /// RFC 3339, UTC.
    first_at: String,
    /// RFC 3339, UTC: when it signed in last.
    last_at: String,
}

/// A list.
#[derive(Serialize, ToSchema)]
struct DeviceList {
    /// The devices in the person's order, most important first.
    items: Vec<DeviceItem>,
    /// The cursor of what follows.
    next: Option<String>,
}

/// An order: the ids, most important first. Those that are not named stand behind, as they did.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Order {
    /// The ids alone.
    Ids(Vec<Uuid>),
    /// The same under a name.
    Named(NamedOrder),
}

/// The ids under a name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedOrder {
    /// The ids, most important first.
    ids: Vec<Uuid>,
}

/// What every call takes: the organisation that it is about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    organisation: Option<String>,
}

/// What a list takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    organisation: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The part of the OpenAPI document that is about one's devices.
#[derive(OpenApi)]
#[openapi(
    paths(list, order, forget),
    components(schemas(DeviceItem, DeviceList, Order, NamedOrder))
)]
struct Document;

/// The part of the OpenAPI document that is about one's devices.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Somebody else's organisation is not there. Where none is named, one's own is meant.
fn own_only<A: Act>(ask: &Ask<A>, caller: &Caller, asked: Option<&str>) -> Result<(), Failure> {
    let is_own = asked.is_none_or(|id| id.parse::<OrganisationId>().is_ok_and(|id| id == caller.organisation));
    if is_own { Ok(()) } else { Err(ask.not_found()) }
}

async fn admit<A: Act>(state: &Devices, ask: &Ask<A>, about: Result<Query<About>, Failure>) -> Result<(), Failure> {
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    own_only(ask, permit.caller(), about?.0.organisation.as_deref())
}

fn item(known: Known, here: Option<DeviceId>, now: Time) -> DeviceItem {
    DeviceItem {
        id: known.id.0,
        current: here == Some(known.id),
        trusted: known.is_trusted(now),
        trusted_until: known.trusted_until.filter(|until| *until > now).map(Time::rfc3339),
        name: known.name,
        label: known.label,
        network: known.network,
        key_proved: known.is_proven,
        first_at: known.first_at.rfc3339(),
        last_at: known.last_at.rfc3339(),
    }
}

#[utoipa::path(get, path = "/api/v1/me/devices", params(
    ("organisation" = Option<Uuid>, Query, description = "One's own if not given"),
    ("limit" = Option<u32>, Query, description = "1 to 200, else 50"),
    ("cursor" = Option<String>, Query, description = "What `next` said")),
    responses((status = 200, body = DeviceList), (status = 400, description = "A limit or cursor that is none")))]
pub(super) async fn list(
    State(state): State<Devices>,
    ask: Ask<act::SeeOwn>,
    paging: Result<Query<Paging>, Failure>,
) -> Result<Response, Failure> {
    let (permit, known) = state
        .house
        .read(&ask, |view, permit| {
            known::of_person(view, Deployment, permit.caller().person, permit.now())
        })
        .await?;
    let Query(paging) = paging?;
    own_only(&ask, permit.caller(), paging.organisation.as_deref())?;
    let malformed = || ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed);
    let limit = paging.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(malformed());
    }
    let limit = usize::try_from(limit).unwrap_or(50);
    let from = match &paging.cursor {
        Some(last) => after(&known, last).ok_or_else(malformed)?,
        None => 0,
    };
    let page = known.get(from..).unwrap_or_default();
    let next = page
        .get(limit)
        .and_then(|_| page.get(limit - 1))
        .map(|device| device.id.to_string());
    let (here, now) = (permit.caller().device, permit.now());
    let items = page
        .iter()
        .take(limit)
        .map(|device| item(device.clone(), here, now))
        .collect();
    Ok(Json(DeviceList { items, next }).into_response())
}

/// Where the list goes on behind this device; none where the cursor is none of ours.
fn after(known: &[Known], cursor: &str) -> Option<usize> {
    let last: DeviceId = cursor.parse().ok()?;
    known.iter().position(|device| device.id == last).map(|at| at + 1)
}

#[utoipa::path(put, path = "/api/v1/me/devices", params(
    ("organisation" = Option<Uuid>, Query, description = "One's own if not given")),
    request_body = Order, responses((status = 200, body = DeviceList),
    (status = 422, description = "One of them twice, or not one's own")))]
pub(super) async fn order(
    State(state): State<Devices>,
    ask: Ask<act::ChangeOwn>,
    about: Result<Query<About>, Failure>,
    order: Body<Order>,
) -> Result<Response, Failure> {
    admit(&state, &ask, about).await?;
    let ids = match order.open_for(&state.house, &ask).await? {
        Order::Ids(ids) | Order::Named(NamedOrder { ids }) => ids,
    };
    let order = ids.into_iter().map(DeviceId).collect();
    if !own::order_as(&state, &ask, order).await? {
        return Err(ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::DeviceOrderWrong));
    }
    let (permit, known) = state
        .house
        .read(&ask, |view, permit| {
            known::of_person(view, Deployment, permit.caller().person, permit.now())
        })
        .await?;
    let (here, now) = (permit.caller().device, permit.now());
    let items = known.into_iter().map(|device| item(device, here, now)).collect();
    Ok(Json(DeviceList { items, next: None }).into_response())
}

#[utoipa::path(delete, path = "/api/v1/me/devices/{id}", params(
    ("organisation" = Option<Uuid>, Query, description = "One's own if not given"),
    ("id" = Uuid, Path, description = "The device")),
    responses((status = 204, description = "It is forgotten and signed out"), (status = 404, description = "Not there, or not one's own")))]
pub(super) async fn forget(
    State(state): State<Devices>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    admit(&state, &ask, about).await?;
    let Some(device) = id.ok().and_then(|Path(id)| id.parse().ok()) else {
        return Err(ask.not_found());
    };
    own::forget_one(&state, &ask, device).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
