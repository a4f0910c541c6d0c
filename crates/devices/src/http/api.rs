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
    About, Ask, Failure, Paging,
    form::{Json as Body, Path, Query},
};
use kernel::{Deployment, DeviceId, Reason, Time, act};
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
    ask.own_only(permit.caller(), paging.organisation.as_deref())?;
    let Some((part, next)) = paging.part(&known, |device: &Known| device.id.to_string()) else {
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let (here, now) = (permit.caller().device, permit.now());
    let items = part.iter().map(|device| item(device.clone(), here, now)).collect();
    Ok(Json(DeviceList { items, next }).into_response())
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
    state.house.admit_about(&ask, about).await?;
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
    state.house.admit_about(&ask, about).await?;
    let Some(device) = id.ok().and_then(|Path(id)| id.parse().ok()) else {
        return Err(ask.not_found());
    };
    own::forget_one(&state, &ask, device).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
