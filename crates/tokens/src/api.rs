//! One's own API keys, as JSON: `api-keys`.
use crate::{
    Keys,
    decide::{Key, Wish},
    settle::{self, NotMade},
    store,
};
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
use kernel::{Action, ApiKeyId, Organisation, Reason, Scope, Time, act};
use roles::ScopeSent;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

/// One key, without its secret.
#[derive(Serialize, ToSchema)]
struct ApiKey {
    /// UUID version 7.
    id: Uuid,
    /// What its maker calls it.
    name: String,
    /// What it was given, by the permissions' names. It may less where its maker does.
    permissions: Vec<&'static str>,
    /// What it is limited to: `everything`, `customer:ID` or `site:ID`. It never goes further than its maker's roles.
    scope: String,
    /// RFC 3339, UTC.
    made_at: String,
    /// RFC 3339, UTC.
    ends_at: String,
    /// Whether its time is over.
    ended: bool,
    /// RFC 3339, UTC; at most a minute late. Null: never.
    used_at: Option<String>,
    /// The network that it was used from last.
    used_from: Option<String>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
struct NewApiKey {
    #[serde(flatten)]
    item: ApiKey,
    /// The key itself. It is told here, and never again.
    key: String,
}

/// A list.
#[derive(Serialize, ToSchema)]
struct ApiKeyList {
    /// The keys, the newest first.
    items: Vec<ApiKey>,
    /// The cursor of what follows.
    next: Option<String>,
}

/// A key as it is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakeKey {
    /// 1 to 60 characters on one line.
    name: String,
    /// The permissions' names, each of which one holds; without them the key may see what one may see, and change nothing.
    permissions: Option<Vec<String>>,
    /// Limits it to a customer or a site.
    scope: Option<ScopeSent>,
    /// RFC 3339; within a year. In 90 days if not given.
    ends_at: Option<String>,
}

impl MakeKey {
    fn into_wish(self) -> Wish {
        Wish {
            name: self.name,
            permissions: self.permissions,
            scope: self.scope.map_or(Some(Scope::Everything), |scope| scope.scope()),
            ends_at: self.ends_at,
        }
    }
}

/// The part of the OpenAPI document that is about API keys.
#[derive(OpenApi)]
#[openapi(paths(list, make, end), components(schemas(ApiKey, NewApiKey, ApiKeyList, MakeKey)))]
struct Document;

/// The part of the OpenAPI document that is about API keys.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

fn item(key: &Key, now: Time) -> ApiKey {
    ApiKey {
        id: key.id.0,
        name: key.name.clone(),
        permissions: key.permissions.iter().map(Action::name).collect(),
        scope: roles::scope_word(key.scope),
        made_at: key.made_at.rfc3339(),
        ends_at: key.ends_at.rfc3339(),
        ended: now >= key.ends_at,
        used_at: key.used_at.map(Time::rfc3339),
        used_from: key.used_at.map(|_| key.used_from.clone()),
    }
}

/// One's own keys in the organisation.
#[utoipa::path(get, path = "/api/v1/api-keys", params(
    ("organisation" = Option<Uuid>, Query, description = "One's own if not given"),
    ("limit" = Option<u32>, Query, description = "1 to 200, else 50"),
    ("cursor" = Option<String>, Query, description = "What `next` said")),
    responses((status = 200, body = ApiKeyList), (status = 400, description = "A limit or cursor that is none"),
        (status = 401, description = "Not signed in, or locked"), (status = 403, description = "A key that was not given `own.see`")))]
pub(crate) async fn list(
    State(keys): State<Keys>,
    ask: Ask<act::SeeOwn>,
    paging: Result<Query<Paging>, Failure>,
) -> Result<Response, Failure> {
    let (permit, all) = keys
        .house
        .read(&ask, |view, permit| {
            let caller = permit.caller();
            store::of_person(view, Organisation(caller.organisation), caller.person)
        })
        .await?;
    let Query(paging) = paging?;
    ask.own_only(permit.caller(), paging.organisation.as_deref())?;
    let part = paging.part(&all, |key| key.id.to_string());
    let (part, next) = part.ok_or_else(|| ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed))?;
    let items = part.iter().map(|key| item(key, permit.now())).collect();
    Ok(Json(ApiKeyList { items, next }).into_response())
}

/// Makes a key. It asks for a second factor, freshly proved, and cannot be done with a key.
#[utoipa::path(post, path = "/api/v1/api-keys", params(("organisation" = Option<Uuid>, Query, description = "One's own if not given")),
    request_body = MakeKey,
    responses((status = 201, body = NewApiKey), (status = 400, description = "Unknown or missing fields"),
        (status = 401, description = "Not signed in, a second factor needed, or step-up needed"),
        (status = 403, description = "Not allowed, or wider than what one holds"),
        (status = 404, description = "No such customer or site here"), (status = 409, description = "As many as one may have"),
        (status = 422, description = "A field is refused")))]
pub(crate) async fn make(
    State(keys): State<Keys>,
    ask: Ask<act::MakeApiKeys>,
    about: Result<Query<About>, Failure>,
    body: Body<MakeKey>,
) -> Result<Response, Failure> {
    keys.house.admit_about(&ask, about).await?;
    let wish = body.open_for(&keys.house, &ask).await?.into_wish();
    let now = keys.house.ground.now();
    match settle::make(&keys.house, &ask, wish).await? {
        Ok(made) => {
            let told = NewApiKey {
                item: item(&made.key, now),
                key: made.token.expose().clone(),
            };
            Ok((StatusCode::CREATED, Json(told)).into_response())
        }
        Err(NotMade::Fields(errors)) => Err(ask
            .failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
            .with_errors(errors)),
        Err(NotMade::Beyond) => {
            let permit = keys.house.admit(&ask).await?;
            let told = "a key that would be wider than its maker";
            Err(keys.house.forbid(&ask, &permit, Reason::ApiKeyBeyond, told).await)
        }
        // As everywhere: what belongs to another organisation is not there.
        Err(NotMade::NoPlace) => Err(ask.not_found()),
        Err(NotMade::TooMany) => Err(ask.failure(StatusCode::CONFLICT, Reason::ApiKeyTooMany)),
    }
}

/// Ends a key: the next call with it is refused.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", params(("id" = Uuid, Path, description = "The key"),
        ("organisation" = Option<Uuid>, Query, description = "One's own if not given")),
    responses((status = 204, description = "It ended"), (status = 401, description = "Not signed in, or locked"),
        (status = 404, description = "Not there, or not one's own")))]
pub(crate) async fn end(
    State(keys): State<Keys>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    keys.house.admit_about(&ask, about).await?;
    let Path(id) = id?;
    let id: ApiKeyId = id.parse().map_err(|_| ask.not_found())?;
    if settle::end(&keys.house, &ask, id).await? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(ask.not_found())
    }
}
