//! What programs reach: the list and bounces under `/api/v1`, and the callbacks of a text-message gateway.
//! Must never happen: a callback believed that the gateway did not sign.
use super::{Asked, Delivery, event, malformed, rows};
use crate::{
    Ask, Failure, Permit, Visitor,
    db::{self, Tx, View},
    delivery::{Purpose, decide::one_line, mime::message_of, postman::callback, store},
    form::{Json, Query},
    journal,
};
use axum::{
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{EventKind, FieldError, MessageId, Organisation, Reason, act};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

#[derive(OpenApi)]
#[openapi(paths(list, bounce))]
struct Document;

/// What these routes say of themselves.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// One message. What it says is nowhere.
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
struct Item {
    /// UUID version 7.
    id: uuid::Uuid,
    /// `mail` or `text`.
    kind: &'static str,
    /// What it is for, such as `reset`; null where a newer version made it.
    purpose: Option<&'static str>,
    /// The address or number.
    to: String,
    /// When it was asked for, RFC 3339 in UTC.
    at: String,
    /// `queued`, `deferred`, `taken`, `refused`, `bounced` or `given-up`.
    state: &'static str,
    /// What the other side said last, in its own words; may be empty.
    said: String,
    /// How often it was tried.
    tries: u32,
    /// Whether it can be sent again.
    can_resend: bool,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
struct MessageList {
    /// Newest first.
    items: Vec<Item>,
    /// The cursor of the next page; null on the last.
    next: Option<String>,
}

impl From<store::Listed> for Item {
    fn from(row: store::Listed) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind.name(),
            purpose: row.purpose.map(Purpose::name),
            to: row.to,
            at: row.made_at.rfc3339(),
            state: row.state.name(),
            said: row.state.said().to_owned(),
            tries: row.tries,
            can_resend: row.can_resend,
        }
    }
}

#[utoipa::path(get, path = "/api/v1/messages", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before, with the same filter"),
    ("show" = Option<String>, Query, description = "`all`, `waiting` or `failed`"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = MessageList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(super) async fn list(
    State(state): State<Delivery>,
    ask: Ask<act::SeeSettings>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let most = asked.limit.unwrap_or(50);
    let (Some(filter), Ok(before), None, 1..=200) = (asked.filter(), asked.before(), asked.done, most) else {
        return Err(malformed(&ask));
    };
    let (permit, (rows, next)) = state
        .house
        .read(&ask, move |view: &mut View, permit: &Permit<act::SeeSettings>| {
            rows(
                view,
                Organisation(permit.caller().organisation),
                filter,
                before,
                permit.now(),
                most,
            )
        })
        .await?;
    let own = permit.caller().organisation.to_string();
    if asked
        .organisation
        .is_some_and(|asked| !asked.eq_ignore_ascii_case(&own))
    {
        return Err(ask.not_found());
    }
    let items = rows.into_iter().map(Item::from).collect();
    Ok(axum::Json(MessageList { items, next }).into_response())
}

/// A message that came back, told by the operator's own mail system.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Bounce {
    /// The message's id, or the address that the bounce came to (`door+ID@example.org`).
    message: String,
    /// Why, in the words of the server that refused it.
    said: String,
}

#[utoipa::path(post, path = "/api/v1/messages/bounces", request_body = Bounce, responses(
    (status = 204, description = "Written, or written before"), (status = 404, description = "No such message was handed over"),
    (status = 422, description = "`message` is neither an id nor an address of ours")))]
pub(super) async fn bounce(
    State(state): State<Delivery>,
    ask: Ask<act::ChangeSettings>,
    json: Json<Bounce>,
) -> Result<Response, Failure> {
    let told = json.open_for(&state.house, &ask).await?;
    let id = told.message.parse().ok().or_else(|| message_of(&told.message));
    let (said, ground) = (one_line(&told.said), state.house.ground.clone());
    let work = move |tx: &mut Tx, permit: &Permit<act::ChangeSettings>| {
        let (of, now) = (Organisation(permit.caller().organisation), permit.now());
        let Some(id) = id else { return Ok(false) };
        if store::bounce(tx, Some(of), id, &said, now)? {
            let mut event = event(&ground, permit.caller(), EventKind::MessageCameBack, now);
            event.detail = id.to_string();
            journal::append(tx, &event)?;
            return Ok(true);
        }
        // The same bounce again is no fault of whoever tells it.
        Ok(store::listed(tx, of, id, now)?.is_some_and(|known| known.state.is_failure()))
    };
    let (_, is_known) = state.house.write(&ask, None, work).await?;
    if id.is_none() {
        let error = FieldError::new("message", Reason::RequestMalformed);
        return Err(ask
            .failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
            .with_errors(vec![error]));
    }
    if is_known {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(ask.not_found())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct About {
    message: String,
}

/// POST `/delivery/twilio/status?message=ID`: what became of a text message. Without a good signature it is 403, whatever it says.
pub(super) async fn twilio_status(
    State(state): State<Delivery>,
    visitor: Visitor,
    Query(about): Query<About>,
    body: Bytes,
) -> Result<Response, Failure> {
    let ground = &state.house.ground;
    let refused = || Failure::new(&visitor, StatusCode::FORBIDDEN, Reason::AccessMissing);
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).map_err(|_| refused())?;
    let id: MessageId = about.message.parse().map_err(|_| refused())?;
    let signature = visitor
        .headers
        .get("x-twilio-signature")
        .and_then(|value| value.to_str().ok());
    let is_signed = state
        .twilio
        .as_ref()
        .zip(signature)
        .is_some_and(|(twilio, signature)| twilio.is_signed(&callback(ground, id), &fields, signature));
    if !is_signed {
        return Err(refused());
    }
    let (status, code) = (value(&fields, "MessageStatus"), value(&fields, "ErrorCode"));
    let now = ground.now();
    let said = one_line(&if code.is_empty() {
        status.clone()
    } else {
        format!("{status} ({code})")
    });
    let written = ground
        .store
        .write(move |tx| {
            match status.as_str() {
                "delivered" => store::note(tx, id, "delivered", &said, now)?,
                "undelivered" | "failed" | "canceled" => store::bounce(tx, None, id, &said, now)?,
                _ => false,
            };
            Ok::<_, db::Error>(())
        })
        .await;
    written.map_err(|error| Failure::store(&visitor, &error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn value(fields: &[(String, String)], name: &str) -> String {
    fields
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}
