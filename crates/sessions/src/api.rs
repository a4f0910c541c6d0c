//! Oneself, as JSON: `me` and `me/sessions`.
use crate::{
    Listed, Sessions,
    account::{self, Change},
    http, of_person,
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Caller, Failure, Paging,
    form::{Json as Body, Path, Query},
};
use kernel::{Action, FieldError, Reason, SessionId, act};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// What is named by its id.
#[derive(Serialize, ToSchema)]
struct Named {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The name.
    name: String,
}

/// Oneself.
#[derive(Serialize, ToSchema)]
struct Me {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The person's name.
    name: String,
    /// The address, as written.
    email: String,
    /// The language of their mails: `en`, `de`, `fr`, `es` or `nl`.
    language: &'static str,
    /// The organisation that the session speaks for.
    organisation: Named,
    /// The roles held there.
    roles: Vec<Named>,
    /// The session that asks; null where a program asks with a key.
    session: Option<uuid::Uuid>,
    /// The API key that a program asks with.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<uuid::Uuid>,
    /// What the roles allow, by the permissions' names.
    permissions: Vec<&'static str>,
}

/// One signed-in device.
#[derive(Serialize, ToSchema)]
struct SessionItem {
    /// UUID version 7.
    id: uuid::Uuid,
    /// Browser and system in words.
    device: String,
    /// The network that it was last seen from.
    network: String,
    /// Whether it is the one that asks.
    current: bool,
    /// Whether it was opened on a shared or public device.
    shared: bool,
    /// Whether it waits to be unlocked.
    locked: bool,
    /// RFC 3339, UTC.
    opened_at: String,
    /// RFC 3339, UTC; at most a minute late.
    seen_at: String,
    /// RFC 3339, UTC: when it ends at the latest.
    ends_at: String,
}

/// A list.
#[derive(Serialize, ToSchema)]
struct SessionList {
    /// The sessions, latest used first.
    items: Vec<SessionItem>,
    /// There is never a next page: a person's sessions are few.
    next: Option<String>,
}

/// What can be changed of oneself: at least one of these.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeMe {
    /// 1 to 100 characters on one line.
    #[serde(default)]
    name: Option<String>,
    /// The language of one's mails: a tag (BCP 47) of English, German, French, Spanish or Dutch, of any region.
    #[serde(default)]
    language: Option<String>,
}

impl ChangeMe {
    /// What is in order, or everything that is wrong, with the status and the reason of the whole.
    fn check(&self) -> Result<Change, (StatusCode, Reason, Vec<FieldError>)> {
        let refused = |why, errors| Err((StatusCode::UNPROCESSABLE_ENTITY, why, errors));
        let name = self.name.as_ref();
        let name = name.map(|name| organisations::check_name("name", name, Reason::NameInvalid));
        let language = self.language.as_ref().map(|tag| account::language(tag));
        match (name.transpose(), language.transpose()) {
            (Ok(None), Ok(None)) => Err((StatusCode::BAD_REQUEST, Reason::RequestMalformed, Vec::new())),
            (Ok(name), Ok(language)) => Ok(Change { name, language }),
            (Err(name), Ok(_)) => refused(Reason::NameInvalid, vec![name]),
            (Ok(_), Err(language)) => refused(Reason::LanguageUnknown, vec![language]),
            (Err(name), Err(language)) => refused(Reason::RequestRefused, vec![name, language]),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    organisation: Option<String>,
    others: bool,
}

/// The part of the OpenAPI document that is about oneself.
#[derive(OpenApi)]
#[openapi(
    paths(me, change_me, list, end_others, end_one),
    components(schemas(Me, Named, SessionItem, SessionList, ChangeMe))
)]
struct Document;

/// The part of the OpenAPI document that is about oneself.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

fn told(caller: &Caller) -> Me {
    Me {
        id: caller.person.0,
        name: caller.name.clone(),
        email: caller.email.clone(),
        language: caller.language.tag(),
        organisation: Named {
            id: caller.organisation.0,
            name: caller.organisation_name.clone(),
        },
        roles: caller
            .roles
            .iter()
            .map(|grant| Named {
                id: grant.role.0,
                name: grant.name.clone(),
            })
            .collect(),
        session: caller.key.is_none().then_some(caller.session.0),
        api_key: caller.key.map(|key| key.0),
        permissions: caller.may.iter().map(Action::name).collect(),
    }
}

#[utoipa::path(get, path = "/api/v1/me", params(("organisation" = Option<uuid::Uuid>, Query, description = "One's own if not given")),
    responses((status = 200, body = Me), (status = 401, description = "Not signed in, or locked")))]
pub(crate) async fn me(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let permit = state.house.admit_about(&ask, about).await?;
    Ok(Json(told(permit.caller())).into_response())
}

#[utoipa::path(patch, path = "/api/v1/me", params(("organisation" = Option<uuid::Uuid>, Query, description = "One's own if not given")),
    request_body = ChangeMe, responses((status = 200, body = Me), (status = 422, description = "The name or the language is refused")))]
pub(crate) async fn change_me(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    about: Result<Query<About>, Failure>,
    change: Body<ChangeMe>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let change = change.open_for(&state.house, &ask).await?;
    let change = match change.check() {
        Ok(change) => change,
        Err((status, why, errors)) => {
            // Whoever is not let in hears that first.
            state.house.read(&ask, |_, _| Ok(())).await?;
            return Err(ask.failure(status, why).with_errors(errors));
        }
    };
    account::settle(&state, &ask, change).await?;
    let permit = state.house.admit(&ask).await?;
    Ok(Json(told(permit.caller())).into_response())
}

#[utoipa::path(get, path = "/api/v1/me/sessions", params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "One's own if not given"),
    ("limit" = Option<u32>, Query, description = "1 to 200, else 50"),
    ("cursor" = Option<String>, Query, description = "What `next` said")),
    responses((status = 200, body = SessionList), (status = 400, description = "A limit or cursor that is none")))]
pub(crate) async fn list(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    paging: Result<Query<Paging>, Failure>,
) -> Result<Response, Failure> {
    let (permit, listed) = state
        .house
        .read(&ask, |view, permit| {
            of_person(view, permit.caller().person, permit.now())
        })
        .await?;
    let Query(paging) = paging?;
    ask.own_only(permit.caller(), paging.organisation.as_deref())?;
    let id = |line: &Listed| line.session.id.to_string();
    let Some((part, next)) = paging.part(&listed, id) else {
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let here = permit.caller().session;
    let items = part.iter().map(|line| item(line.clone(), here)).collect();
    Ok(Json(SessionList { items, next }).into_response())
}

fn item(line: Listed, here: SessionId) -> SessionItem {
    let session = line.session;
    SessionItem {
        id: session.id.0,
        current: session.id == here,
        device: session.device_label,
        network: session.network,
        shared: session.is_shared,
        locked: line.is_locked,
        opened_at: session.opened_at.rfc3339(),
        seen_at: session.seen_at.rfc3339(),
        ends_at: line.ends_at.rfc3339(),
    }
}

#[utoipa::path(delete, path = "/api/v1/me/sessions", params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "One's own if not given"),
    ("others" = bool, Query, description = "Must be true: all but the session that asks")),
    responses((status = 204, description = "They ended"), (status = 400, description = "Without `others=true`")))]
pub(crate) async fn end_others(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    which: Result<Query<Which>, Failure>,
) -> Result<Response, Failure> {
    let permit = state.house.admit(&ask).await?;
    let Query(which) = which?;
    ask.own_only(permit.caller(), which.organisation.as_deref())?;
    if !which.others {
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    }
    http::end_others(&state, &ask).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[utoipa::path(delete, path = "/api/v1/me/sessions/{id}", params(
    ("organisation" = Option<uuid::Uuid>, Query, description = "One's own if not given"),
    ("id" = uuid::Uuid, Path, description = "The session")),
    responses((status = 204, description = "It ended"), (status = 404, description = "Not there, or not one's own")))]
pub(crate) async fn end_one(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    state.house.admit_about(&ask, about).await?;
    let Some(id) = id.ok().and_then(|Path(id)| id.parse::<SessionId>().ok()) else {
        return Err(ask.not_found());
    };
    http::end_one(&state, &ask, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
