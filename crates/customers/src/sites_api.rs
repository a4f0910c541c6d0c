//! `/api/v1/organisations/{id}/sites`: the places of an organisation that the caller enters with the call.
use crate::{
    Desk, api,
    sites::{Wish, settle},
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
use kernel::{Act, Organisation, Reason, SiteId, act};
use organisations::{Named, check_name};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// A site.
#[derive(Debug, Serialize, ToSchema)]
struct Site {
    /// UUID version 7.
    id: uuid::Uuid,
    /// Its name.
    name: String,
}

impl From<&Named<SiteId>> for Site {
    fn from(site: &Named<SiteId>) -> Self {
        Self {
            id: site.id.0,
            name: site.name.clone(),
        }
    }
}

/// A list.
#[derive(Debug, Serialize, ToSchema)]
struct SiteList {
    /// In the order of their making: the first one is the organisation's first.
    items: Vec<Site>,
    /// Where the list goes on.
    next: Option<String>,
}

/// A site's name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteName {
    /// 1 to 100 characters on one line.
    name: String,
}

/// The part of the OpenAPI document that is about sites.
#[derive(OpenApi)]
#[openapi(paths(list, add, rename, remove), components(schemas(Site, SiteList, SiteName)))]
struct Document;

pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The organisation that the call names is the one that its caller was let in to.
fn own<A: Act>(ask: &Ask<A>, caller: &Caller, id: &str, about: Option<&str>) -> Result<(), Failure> {
    ask.own_only(caller, Some(id))?;
    ask.own_only(caller, about)
}

/// The sites of an organisation.
#[utoipa::path(get, path = "/api/v1/organisations/{id}/sites", params(("id" = uuid::Uuid, Path, description = "The organisation"),
        ("limit" = Option<u32>, Query, description = "1 to 200, usually 50"), ("cursor" = Option<String>, Query, description = "`next` of the part before")),
    responses((status = 200, body = SiteList), (status = 400, description = "A limit or a cursor that is none"), (status = 404, description = "Not there, or not yours to enter")))]
pub(crate) async fn list(
    State(desk): State<Desk>,
    ask: Ask<act::SeeOrganisations>,
    id: Result<Path<String>, Failure>,
    paging: Result<Query<Paging>, Failure>,
) -> Result<Response, Failure> {
    let (permit, sites) = desk
        .house
        .read(&ask, |view, permit| {
            let organisation = Organisation(permit.caller().organisation);
            organisations::sites(view, organisation, crate::decide::MOST_SITES)
        })
        .await?;
    let Query(paging) = paging?;
    own(&ask, permit.caller(), &id?.0, paging.organisation.as_deref())?;
    let part = paging.part(&sites, |site| site.id.to_string());
    let (part, next) = part.ok_or_else(|| ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed))?;
    let items = part.iter().map(Site::from).collect();
    Ok(Json(SiteList { items, next }).into_response())
}

/// Adds a site.
#[utoipa::path(post, path = "/api/v1/organisations/{id}/sites", params(("id" = uuid::Uuid, Path, description = "The organisation")), request_body = SiteName,
    responses((status = 201, body = Site), (status = 400, description = "Unknown fields, or values of another type"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to enter"), (status = 409, description = "Too many"), (status = 422, description = "The name is taken, or none")))]
pub(crate) async fn add(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeSites>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Body<SiteName>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    own(&ask, permit.caller(), &id?.0, about?.0.organisation.as_deref())?;
    let name = name(&ask, body)?;
    let ground = &desk.house.ground;
    let wish = Wish::Add(SiteId::new(ground.now(), &ground.chance), name);
    let site = settle(&desk, &ask, wish)
        .await?
        .map_err(|undo| api::failure(&ask, undo))?;
    Ok((StatusCode::CREATED, Json(Site::from(&site))).into_response())
}

fn name(ask: &Ask<act::ChangeSites>, body: Body<SiteName>) -> Result<String, Failure> {
    let SiteName { name } = body.open()?;
    check_name("name", &name, Reason::SiteNameInvalid).map_err(|error| {
        ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::SiteNameInvalid)
            .with_errors(vec![error])
    })
}

/// Gives a site another name.
#[utoipa::path(patch, path = "/api/v1/organisations/{id}/sites/{site}", params(("id" = uuid::Uuid, Path, description = "The organisation"),
        ("site" = uuid::Uuid, Path, description = "The site")), request_body = SiteName,
    responses((status = 200, body = Site), (status = 400, description = "Unknown fields, or values of another type"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to enter"), (status = 422, description = "The name is taken, or none")))]
pub(crate) async fn rename(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeSites>,
    ids: Result<Path<(String, String)>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Body<SiteName>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let Path((id, site)) = ids?;
    own(&ask, permit.caller(), &id, about?.0.organisation.as_deref())?;
    let site: SiteId = site.parse().map_err(|_| ask.not_found())?;
    let name = name(&ask, body)?;
    let done = settle(&desk, &ask, Wish::Rename(site, name)).await?;
    let site = done.map_err(|undo| api::failure(&ask, undo))?;
    Ok(Json(Site::from(&site)).into_response())
}

/// Removes a site. Roles that are limited to it go with it.
#[utoipa::path(delete, path = "/api/v1/organisations/{id}/sites/{site}", params(("id" = uuid::Uuid, Path, description = "The organisation"),
        ("site" = uuid::Uuid, Path, description = "The site")),
    responses((status = 204, description = "It is gone"), (status = 403, description = "Not allowed"), (status = 404, description = "Not there, or not yours to enter"),
        (status = 409, description = "The last one stays")))]
pub(crate) async fn remove(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeSites>,
    ids: Result<Path<(String, String)>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let Path((id, site)) = ids?;
    own(&ask, permit.caller(), &id, about?.0.organisation.as_deref())?;
    let site: SiteId = site.parse().map_err(|_| ask.not_found())?;
    let done = settle(&desk, &ask, Wish::Remove(site)).await?;
    done.map_err(|undo| api::failure(&ask, undo))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
