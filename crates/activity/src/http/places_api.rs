//! `/api/v1/webhooks`: the places that activity is sent to, webhooks and syslog alike.
use super::{
    Activity, malformed,
    places::stands,
    steps::{self, Change, Named, Sending, id_of},
};
use crate::{
    page::places::State as Stands,
    store::hooks::{self, Hook},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure,
    form::{Json as Body, Query},
};
use kernel::{FieldError, Organisation, Reason, WebhookId, act};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A place that activity is sent to.
#[derive(Serialize, ToSchema)]
pub(super) struct Webhook {
    /// UUID version 7.
    id: Uuid,
    /// `webhook` or `syslog`.
    kind: String,
    /// What it is called.
    name: String,
    /// Where it leads, without path and query, which may be secrets.
    place: String,
    /// Whether anything is sent.
    on: bool,
    /// `new`, `works`, `fails` or `off`.
    state: &'static str,
    /// Since when nothing arrives, RFC 3339.
    failing_since: Option<String>,
    /// When something arrived last.
    delivered_at: Option<String>,
    /// What the other side said last; may be empty.
    said: String,
    /// The last event that arrived, by its place in the log.
    sent_seq: i64,
    /// What deliveries are signed with (HMAC-SHA-256); only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Webhook {
    fn of(hook: Hook, secret: Option<String>) -> Self {
        let state = stands(&hook);
        Self {
            id: hook.id.0,
            kind: hook.kind,
            name: hook.name,
            place: hook.place,
            on: hook.is_on,
            state: state.name(),
            failing_since: match state {
                Stands::Fails(since) => Some(since.rfc3339()),
                _ => None,
            },
            delivered_at: hook.delivered_at.map(kernel::Time::rfc3339),
            said: hook.said,
            sent_seq: hook.sent_seq,
            secret,
        }
    }
}

/// All of them: at most ten.
#[derive(Serialize, ToSchema)]
pub(super) struct WebhookList {
    /// Oldest first.
    items: Vec<Webhook>,
    /// Always null.
    next: Option<String>,
}

type Asked = Result<Query<About>, Failure>;

/// The places.
#[utoipa::path(get, path = "/api/v1/webhooks", params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = WebhookList), (status = 403, description = "Not allowed")))]
pub(super) async fn list(State(state): State<Activity>, ask: Sending, about: Asked) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let (_, hooks) = state
        .house
        .read(&ask, |view, permit| {
            hooks::all(view, Organisation(permit.caller().organisation))
        })
        .await?;
    let items = hooks.into_iter().map(|hook| Webhook::of(hook, None)).collect();
    Ok(Json(WebhookList { items, next: None }).into_response())
}

async fn found(
    state: &Activity,
    ask: &Sending,
    id: Option<WebhookId>,
    secret: Option<String>,
) -> Result<Webhook, Failure> {
    let read = state.house.read(ask, move |view, permit| {
        steps::one(view, Organisation(permit.caller().organisation), id)
    });
    let hook = read.await?.1.ok_or_else(|| ask.not_found())?;
    Ok(Webhook::of(hook, secret))
}

/// One place.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}", params(
    ("id" = uuid::Uuid, Path, description = "The place"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = Webhook), (status = 403, description = "Not allowed"), (status = 404, description = "There is no such place")))]
pub(super) async fn get(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    about: Asked,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    Ok(Json(found(&state, &ask, id_of(id), None).await?).into_response())
}

/// A new place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// What it is called, 1 to 60 characters.
    name: String,
    /// `https://…`, `syslog+tls://HOST:PORT`, or within networks that the operator has opened `http://…` and `syslog+tcp://HOST:PORT`.
    url: String,
}

fn invalid(ask: &Sending, errors: Vec<FieldError>) -> Failure {
    ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
        .with_errors(errors)
}

/// Makes a place. What happens from now on is sent there.
#[utoipa::path(post, path = "/api/v1/webhooks", request_body = NewWebhook, params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 201, body = Webhook), (status = 401, description = "A step-up is needed"), (status = 403, description = "Not allowed"), (status = 409, description = "There are ten already"), (status = 422, description = "A field is wrong")))]
pub(super) async fn make(
    State(state): State<Activity>,
    ask: Sending,
    about: Asked,
    body: Body<NewWebhook>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let sent = body.open()?;
    let checked = steps::check(Some(&sent.name), Some(&sent.url)).map_err(|errors| invalid(&ask, errors))?;
    let (Some(name), Some(target)) = checked else {
        return Err(malformed(&ask, Vec::new()));
    };
    let is_syslog = target.is_lines();
    let (_, made) = steps::make(&state, &ask, name, target).await?;
    let (id, kept) = made.map_err(|reason| ask.failure(StatusCode::CONFLICT, reason))?;
    let secret = (!is_syslog).then(|| kept.secret().to_owned());
    let made = found(&state, &ask, Some(id), secret).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// A change of a place; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookChange {
    /// Another name.
    name: Option<String>,
    /// Another address; the secret stays.
    url: Option<String>,
    /// Whether anything is sent. What happened while nothing was is sent afterwards.
    on: Option<bool>,
}

/// Changes a place. It is tried at once.
#[utoipa::path(patch, path = "/api/v1/webhooks/{id}", request_body = WebhookChange, params(
    ("id" = uuid::Uuid, Path, description = "The place"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = Webhook), (status = 401, description = "A step-up is needed"), (status = 403, description = "Not allowed"), (status = 404, description = "There is no such place"), (status = 422, description = "A field is wrong")))]
pub(super) async fn patch(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    about: Asked,
    body: Body<WebhookChange>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let (sent, id) = (body.open()?, id_of(id));
    let checked = steps::check(sent.name.as_deref(), sent.url.as_deref()).map_err(|errors| invalid(&ask, errors))?;
    let change = Change {
        name: checked.0,
        target: checked.1,
        is_on: sent.on,
        renews: false,
    };
    steps::change(&state, &ask, id, change).await?;
    Ok(Json(found(&state, &ask, id, None).await?).into_response())
}

/// Removes a place with the log of its deliveries.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", params(
    ("id" = uuid::Uuid, Path, description = "The place"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 204, description = "It is gone"), (status = 401, description = "A step-up is needed"), (status = 403, description = "Not allowed"), (status = 404, description = "There is no such place")))]
pub(super) async fn delete(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    about: Asked,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    steps::remove(&state, &ask, id_of(id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a test came to.
#[derive(Serialize, ToSchema)]
pub(super) struct TestResult {
    /// Whether the other side took it.
    arrived: bool,
    /// What it said.
    said: String,
    /// After so many milliseconds.
    took_ms: i64,
}

/// Sends a test, and answers what came of it.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/test", params(
    ("id" = uuid::Uuid, Path, description = "The place"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = TestResult), (status = 403, description = "Not allowed"), (status = 404, description = "There is no such place"), (status = 429, description = "A test was sent a moment ago")))]
pub(super) async fn test(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    about: Asked,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let tested = steps::test(&state, &ask, id_of(id)).await?;
    let result = TestResult {
        arrived: tested.is_taken,
        said: tested.said,
        took_ms: tested.took_ms,
    };
    Ok(Json(result).into_response())
}

/// Makes a new secret; the old one is worth nothing at once.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secret", params(
    ("id" = uuid::Uuid, Path, description = "The place"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = Webhook), (status = 401, description = "A step-up is needed"), (status = 403, description = "Not allowed"), (status = 404, description = "There is no such place")))]
pub(super) async fn renew(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    about: Asked,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let id = id_of(id);
    let change = Change {
        renews: true,
        ..Change::default()
    };
    let kept = steps::change(&state, &ask, id, change).await?;
    let secret = kept.map(|kept| kept.secret().to_owned());
    Ok(Json(found(&state, &ask, id, secret).await?).into_response())
}

/// One delivery.
#[derive(Serialize, ToSchema)]
pub(super) struct Delivery {
    /// UUID version 7; the `idempotency-key` that it was sent with.
    id: Uuid,
    /// When, RFC 3339.
    at: String,
    /// Whether it was a test.
    test: bool,
    /// The first event that it held, by its place in the log; null where it held none.
    first_seq: Option<i64>,
    /// The last one.
    last_seq: Option<i64>,
    /// `delivered`, `failed` or `left-out`.
    outcome: String,
    /// What the other side said.
    said: String,
    /// After so many milliseconds.
    took_ms: i64,
}

impl From<hooks::Delivery> for Delivery {
    fn from(row: hooks::Delivery) -> Self {
        let has_any = row.first_seq > 0;
        Self {
            id: row.id,
            at: row.at.rfc3339(),
            test: row.is_test,
            first_seq: has_any.then_some(row.first_seq),
            last_seq: has_any.then_some(row.last_seq),
            outcome: row.outcome,
            said: row.said,
            took_ms: row.took_ms,
        }
    }
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryList {
    /// Newest first.
    items: Vec<Delivery>,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Part {
    organisation: Option<String>,
    limit: Option<u32>,
    cursor: Option<Uuid>,
}

/// What became of the deliveries of the last seven days.
#[utoipa::path(get, path = "/api/v1/webhooks/{id}/deliveries", params(
    ("id" = uuid::Uuid, Path, description = "The place"),
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = DeliveryList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed"), (status = 404, description = "There is no such place")))]
pub(super) async fn deliveries(
    State(state): State<Activity>,
    ask: Ask<act::ChangeWebhooks>,
    id: Named,
    part: Result<Query<Part>, Failure>,
) -> Result<Response, Failure> {
    let permit = state.house.admit(&ask).await?;
    let Query(part) = part?;
    ask.own_only(permit.caller(), part.organisation.as_deref())?;
    let most = part.limit.unwrap_or(50);
    if !(1..=200).contains(&most) {
        return Err(malformed(&ask, Vec::new()));
    }
    let (id, before) = (id_of(id), part.cursor);
    let read = state.house.read(&ask, move |view, permit| {
        let of = Organisation(permit.caller().organisation);
        let Some(hook) = steps::one(view, of, id)? else {
            return Ok(None);
        };
        steps::sent(view, of, hook.id, before, most).map(Some)
    });
    let (sent, next) = read.await?.1.ok_or_else(|| ask.not_found())?;
    let items = sent.into_iter().map(Delivery::from).collect();
    let next = next.map(|id| id.to_string());
    Ok(Json(DeliveryList { items, next }).into_response())
}
