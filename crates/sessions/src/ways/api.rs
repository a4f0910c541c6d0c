//! One's ways to sign in, as JSON: `me/authenticators`.
use super::settle::{Confirming, Refused};
use crate::Sessions;
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use factors::{Authenticator, authenticators, passkeys::Shown};
use ground::{
    About, Ask, Failure, Paging,
    form::{Json as Body, Path, Query},
};
use kernel::{Act, AuthenticatorId, CeremonyId, Deployment, Reason, act};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// Something that a person proves themselves with, beside the password.
#[derive(Serialize, ToSchema)]
#[schema(as = Authenticator)]
struct Item {
    /// UUID version 7.
    id: uuid::Uuid,
    /// `totp`, `phone`, `passkey` or `recovery-codes`.
    kind: &'static str,
    /// The name that its owner gave it.
    name: String,
    /// The end of a phone's number, or empty.
    hint: String,
    /// RFC 3339, UTC.
    made_at: String,
    /// RFC 3339, UTC; null where it was never used.
    used_at: Option<String>,
    /// RFC 3339, UTC: the end of a pause after too many wrong codes.
    paused_until: Option<String>,
    /// Recovery codes that are left.
    left: Option<u32>,
    /// By how many seconds an app's clock runs ahead; negative: behind.
    drift_seconds: i64,
}

impl From<Authenticator> for Item {
    fn from(found: Authenticator) -> Self {
        Self {
            id: found.id.0,
            kind: found.kind.name(),
            name: found.name,
            hint: found.hint,
            made_at: found.made_at.rfc3339(),
            used_at: found.used_at.map(kernel::Time::rfc3339),
            paused_until: found.paused_until.map(kernel::Time::rfc3339),
            left: found.left,
            drift_seconds: found.drift_seconds,
        }
    }
}

/// The list.
#[derive(Serialize, ToSchema)]
struct List {
    /// The oldest first.
    items: Vec<Item>,
    /// The cursor of what follows.
    next: Option<String>,
}

/// An authenticator app that waits to be confirmed.
#[derive(Serialize, ToSchema)]
struct StartedApp {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The shared secret, base32 (RFC 4648, 6). Shown only here.
    secret: String,
    /// `otpauth://totp/…`
    uri: String,
}

/// A phone that waits to be confirmed.
#[derive(Serialize, ToSchema)]
struct StartedPhone {
    /// UUID version 7.
    id: uuid::Uuid,
}

/// Recovery codes. Shown only here.
#[derive(Serialize, ToSchema)]
struct Codes {
    /// Ten codes of 80 bits, each good once.
    codes: Vec<String>,
}

/// What confirms.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    /// The code that the app shows, or that was sent.
    code: String,
    /// A name for it.
    #[serde(default)]
    name: Option<String>,
    /// The caller's other sessions stay signed in.
    #[serde(default)]
    keep_sessions: bool,
}

/// A phone's number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPhone {
    /// E.164, such as `+447700900123`.
    number: String,
}

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rename {
    /// 1 to 60 characters on one line.
    name: String,
}

/// What the browser made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishPasskey {
    /// What `passkeys` answered.
    #[schema(value_type = uuid::Uuid)]
    ceremony: CeremonyId,
    /// The `PublicKeyCredential` in its JSON form (WebAuthn Level 3, 5.1.8).
    #[schema(value_type = Object)]
    credential: serde_json::Value,
    /// A name for it.
    #[serde(default)]
    name: Option<String>,
    /// The caller's other sessions stay signed in.
    #[serde(default)]
    keep_sessions: bool,
}

/// The part of the OpenAPI document that is about one's ways to sign in.
#[derive(OpenApi)]
#[openapi(
    paths(
        list,
        one,
        remove,
        rename,
        start_app,
        confirm,
        make_codes,
        start_phone,
        start_passkey,
        finish_passkey
    ),
    components(schemas(
        List,
        Item,
        StartedApp,
        StartedPhone,
        Codes,
        Confirm,
        NewPhone,
        Rename,
        FinishPasskey
    ))
)]
struct Document;

/// The part of the OpenAPI document that is about one's ways to sign in.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

fn refused<A: Act>(ask: &Ask<A>, reason: Reason) -> Failure {
    ask.failure(StatusCode::UNPROCESSABLE_ENTITY, reason)
}

async fn id_of<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    id: Result<Path<String>, Failure>,
) -> Result<AuthenticatorId, Failure> {
    super::http::id_of(state, ask, id).await
}

#[utoipa::path(get, path = "/api/v1/me/authenticators", params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "One's own if not given"),
    ("limit" = Option<u32>, Query, description = "1 to 200, else 50"),
    ("cursor" = Option<String>, Query, description = "What `next` said")),
    responses((status = 200, body = List), (status = 400, description = "A limit or cursor that is none")))]
pub(crate) async fn list(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    paging: Result<Query<Paging>, Failure>,
) -> Result<Response, Failure> {
    let (permit, found) = state
        .house
        .read(&ask, |view, permit| {
            authenticators::of_person(view, Deployment, permit.caller().person, permit.now())
        })
        .await?;
    let Query(paging) = paging?;
    ask.own_only(permit.caller(), paging.organisation.as_deref())?;
    let Some((part, next)) = paging.part(&found, |found: &Authenticator| found.id.to_string()) else {
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let items = part.iter().cloned().map(Item::from).collect();
    Ok(Json(List { items, next }).into_response())
}

#[utoipa::path(get, path = "/api/v1/me/authenticators/{id}", params(("id" = uuid::Uuid, Path, description = "The authenticator")),
    responses((status = 200, body = Item), (status = 404, description = "Not there, or not one's own")))]
pub(crate) async fn one(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let id = id_of(&state, &ask, id).await?;
    let (_, found) = state
        .house
        .read(&ask, move |view, permit| {
            authenticators::find(view, Deployment, permit.caller().person, id, permit.now())
        })
        .await?;
    // What waits for its first code is not one yet.
    match found.filter(|found| found.confirmed_at.is_some()) {
        Some(found) => Ok(Json(Item::from(found)).into_response()),
        None => Err(ask.not_found()),
    }
}

#[utoipa::path(delete, path = "/api/v1/me/authenticators/{id}", params(("id" = uuid::Uuid, Path, description = "The authenticator")),
    responses((status = 204, description = "It is gone; other sessions have ended"), (status = 401, description = "`step-up-needed`"),
    (status = 404, description = "Not there, or not one's own"), (status = 409, description = "The last factor, where policy asks for one")))]
pub(crate) async fn remove(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let id = id_of(&state, &ask, id).await?;
    match state.remove(&ask, id, false).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(reason) => Err(ask.failure(StatusCode::CONFLICT, reason)),
    }
}

#[utoipa::path(patch, path = "/api/v1/me/authenticators/{id}", params(("id" = uuid::Uuid, Path, description = "The authenticator")),
    request_body = Rename, responses((status = 204, description = "It is called so now"), (status = 422, description = "The name is refused")))]
pub(crate) async fn rename(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Body<Rename>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let body = body.open_for(&state.house, &ask).await?;
    let id = id_of(&state, &ask, id).await?;
    match state.rename(&ask, id, &body.name).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => Err(refused(&ask, Reason::AuthenticatorNameInvalid).with_errors(vec![error])),
    }
}

#[utoipa::path(post, path = "/api/v1/me/authenticators/totp",
    responses((status = 201, body = StartedApp), (status = 401, description = "`step-up-needed`"), (status = 422, description = "Not allowed here, or not now")))]
pub(crate) async fn start_app(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let enrolment = state.start_app(&ask).await?.map_err(|reason| refused(&ask, reason))?;
    let started = StartedApp {
        id: enrolment.id.0,
        secret: enrolment.secret.replace(' ', ""),
        uri: enrolment.uri,
    };
    Ok((StatusCode::CREATED, Json(started)).into_response())
}

#[utoipa::path(post, path = "/api/v1/me/authenticators/{id}/confirm", params(("id" = uuid::Uuid, Path, description = "The app or phone that waits")),
    request_body = Confirm, responses((status = 204, description = "It counts from now on; other sessions have ended"),
    (status = 404, description = "Not there, or confirmed already"), (status = 422, description = "The code is wrong")))]
pub(crate) async fn confirm(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Body<Confirm>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let body = body.open_for(&state.house, &ask).await?;
    let id = id_of(&state, &ask, id).await?;
    let typed = Confirming {
        code: body.code,
        name: body.name,
        keep_sessions: body.keep_sessions,
    };
    match state.confirm(&ask, id, &typed).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(Refused::NotThere) => Err(ask.not_found()),
        Err(why) => {
            let error = kernel::FieldError::new("code", why.reason());
            Err(refused(&ask, why.reason()).with_errors(vec![error]))
        }
    }
}

#[utoipa::path(post, path = "/api/v1/me/authenticators/recovery-codes",
    responses((status = 201, body = Codes), (status = 401, description = "`step-up-needed`")))]
pub(crate) async fn make_codes(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let (permit, ()) = state.house.read(&ask, |_, _| Ok(())).await?;
    let (codes, _) = state.draw_codes(permit.caller(), permit.now());
    state.keep_codes(&ask, &codes).await?;
    Ok((StatusCode::CREATED, Json(Codes { codes })).into_response())
}

#[utoipa::path(post, path = "/api/v1/me/authenticators/phone", request_body = NewPhone,
    responses((status = 201, body = StartedPhone, description = "A code is on its way"), (status = 422, description = "The number is refused")))]
pub(crate) async fn start_phone(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    about: Result<Query<About>, Failure>,
    body: Body<NewPhone>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let body = body.open_for(&state.house, &ask).await?;
    match state.start_phone(&ask, body.number).await? {
        Ok(id) => Ok((StatusCode::CREATED, Json(StartedPhone { id: id.0 })).into_response()),
        Err(reason) => {
            let error = kernel::FieldError::new("number", reason);
            Err(refused(&ask, reason).with_errors(vec![error]))
        }
    }
}

#[utoipa::path(post, path = "/api/v1/me/authenticators/passkeys",
    responses((status = 200, description = "`{ceremony, publicKey}` for `navigator.credentials.create`"), (status = 401, description = "`step-up-needed`")))]
pub(crate) async fn start_passkey(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let started = state
        .start_passkey(&ask)
        .await?
        .map_err(|reason| refused(&ask, reason))?;
    Ok(Json(started).into_response())
}

#[utoipa::path(post, path = "/api/v1/me/authenticators/passkeys/finish", request_body = FinishPasskey,
    responses((status = 201, description = "`{id}`: it counts from now on; other sessions have ended"), (status = 422, description = "The answer is refused")))]
pub(crate) async fn finish_passkey(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    about: Result<Query<About>, Failure>,
    body: Body<FinishPasskey>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let body = body.open_for(&state.house, &ask).await?;
    let shown = Shown {
        ceremony: body.ceremony,
        credential: body.credential,
    };
    let typed = Confirming {
        code: String::new(),
        name: body.name.filter(|name| !name.trim().is_empty()),
        keep_sessions: body.keep_sessions,
    };
    let kept = state.finish_passkey(&ask, shown, typed).await?;
    let id = kept.map_err(|reason| refused(&ask, reason))?;
    Ok((StatusCode::CREATED, Json(serde_json::json!({ "id": id }))).into_response())
}
