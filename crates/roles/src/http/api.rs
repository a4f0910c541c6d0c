//! `/api/v1/roles` and `/api/v1/permissions`.
use super::{Desk, decisions, group_api, refuse, settle, write};
use crate::{
    decide::permissions_of,
    editing::Draft,
    sent::{CustomerSent, GrantItem, GrantSent, ScopeSent, SiteSent},
    store::{self, Role},
    why::grantable,
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
use kernel::{Act, Action, FieldError, Organisation, Reach, Reason, RoleId, act};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// A permission.
#[derive(Serialize, ToSchema)]
struct PermissionItem {
    /// Its name, such as `events.read`.
    name: &'static str,
    /// In words.
    label: &'static str,
    /// What a role that has it can be limited to: `organisation` (to nothing less), `customer` or `site`.
    limited_to: &'static str,
    /// Whether it asks for a fresh proof.
    step_up: bool,
}

/// All permissions.
#[derive(Serialize, ToSchema)]
struct PermissionList {
    /// In the order of the Roles page.
    items: Vec<PermissionItem>,
    /// There is never a next page.
    next: Option<String>,
}

/// A role.
#[derive(Serialize, ToSchema)]
struct RoleItem {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The name.
    name: String,
    /// What it is for; may be empty.
    description: String,
    /// Whether it came with Doorward, and so cannot be changed.
    built_in: bool,
    /// What it allows, by the permissions' names.
    permissions: Vec<&'static str>,
}

/// Roles.
#[derive(Serialize, ToSchema)]
struct RoleList {
    /// Those that came with Doorward first.
    items: Vec<RoleItem>,
    /// The cursor of the next page.
    next: Option<String>,
}

impl From<&Role> for RoleItem {
    fn from(role: &Role) -> Self {
        let all = role.permissions.iter().filter(|action| action.reach() != Reach::Own);
        Self {
            id: role.id.0,
            name: role.name.clone(),
            description: role.description.clone(),
            built_in: role.is_built_in,
            permissions: all.map(Action::name).collect(),
        }
    }
}

/// A role as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleSent {
    /// 1 to 60 characters.
    name: String,
    /// At most 200 characters.
    #[serde(default)]
    description: String,
    /// The permissions' names.
    permissions: Vec<String>,
}

impl RoleSent {
    /// The draft, or what is wrong with which field.
    fn draft(self) -> Result<Draft, FieldError> {
        let permissions = permissions_of(self.permissions.iter().map(String::as_str))
            .ok_or_else(|| FieldError::new("permissions", Reason::PermissionUnknown))?;
        let draft = Draft {
            name: self.name,
            description: self.description,
            permissions,
        };
        draft
            .checked()
            .map_err(|(field, reason)| FieldError::new(field, reason))
    }
}

/// The part of the OpenAPI document that is about roles, groups and decisions.
#[derive(OpenApi)]
#[openapi(
    paths(
        permissions,
        list,
        make,
        change,
        remove,
        decisions::decide,
        decisions::who,
        group_api::list,
        group_api::make,
        group_api::one,
        group_api::change,
        group_api::remove
    ),
    components(schemas(
        PermissionList,
        RoleList,
        RoleItem,
        GrantItem,
        GrantSent,
        ScopeSent,
        CustomerSent,
        SiteSent
    ))
)]
struct Document;

/// The part of the OpenAPI document that is about roles, groups and decisions.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// A wrong field, as the API answers it.
pub(super) fn wrong<A: Act>(ask: &Ask<A>, error: FieldError) -> Failure {
    ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
        .with_errors(vec![error])
}

/// The organisation that the call is about, once the caller is in.
pub(super) fn about<A: Act>(
    ask: &Ask<A>,
    caller: &Caller,
    about: Result<Query<About>, Failure>,
) -> Result<Organisation, Failure> {
    ask.own_only(caller, about?.0.organisation.as_deref())?;
    Ok(Organisation(caller.organisation))
}

/// Every permission that can stand in a role.
#[utoipa::path(get, path = "/api/v1/permissions", responses((status = 200, body = PermissionList), (status = 403, description = "Not allowed")))]
pub(super) async fn permissions(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    query: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    about(&ask, permit.caller(), query)?;
    let items = grantable().map(|action| PermissionItem {
        name: action.name(),
        label: action.label(),
        limited_to: match action.reach() {
            Reach::Own | Reach::Organisation => "organisation",
            Reach::Customer => "customer",
            Reach::Site => "site",
        },
        step_up: action.is_delicate(),
    });
    let items = items.collect();
    Ok(Json(PermissionList { items, next: None }).into_response())
}

/// The roles of the organisation.
#[utoipa::path(get, path = "/api/v1/roles", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = RoleList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(super) async fn list(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    paging: Result<Query<Paging>, Failure>,
) -> Result<Response, Failure> {
    let (permit, roles) = desk
        .house
        .read(&ask, |view, permit| {
            store::list(view, Organisation(permit.caller().organisation))
        })
        .await?;
    let Query(paging) = paging?;
    ask.own_only(permit.caller(), paging.organisation.as_deref())?;
    let malformed = || ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed);
    let (part, next) = paging.part(&roles, |role| role.id.to_string()).ok_or_else(malformed)?;
    let items = part.iter().map(RoleItem::from).collect();
    Ok(Json(RoleList { items, next }).into_response())
}

/// Makes a role. Nobody makes one that allows what they do not hold.
#[utoipa::path(post, path = "/api/v1/roles", request_body = RoleSent, responses((status = 201, body = RoleItem),
    (status = 400, description = "Unknown or missing fields"), (status = 401, description = "Not signed in, or step-up needed"),
    (status = 403, description = "Not allowed, or wider than oneself"), (status = 409, description = "As many roles as there can be"),
    (status = 422, description = "A field is wrong, or the name is taken")))]
pub(super) async fn make(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    query: Result<Query<About>, Failure>,
    body: Body<RoleSent>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    about(&ask, permit.caller(), query)?;
    let draft = body.open()?.draft().map_err(|error| wrong(&ask, error))?;
    let (id, held) = (RoleId::new(permit.now(), &desk.house.ground.chance), desk.clone());
    let role = write(&desk, &ask, move |tx, permit| {
        settle::make_role(tx, permit, &held, id, &draft)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(RoleItem::from(&role))).into_response())
}

/// The role that a path names.
pub(super) fn role_id<A: Act>(ask: &Ask<A>, id: Result<Path<String>, Failure>) -> Result<RoleId, Failure> {
    id?.0.parse().map_err(|_| ask.not_found())
}

/// Makes a role what it is to be. It holds at the next request of everybody who has it.
#[utoipa::path(put, path = "/api/v1/roles/{id}", params(("id" = uuid::Uuid, Path, description = "The role")), request_body = RoleSent,
    responses((status = 200, body = RoleItem), (status = 400, description = "Unknown or missing fields"),
        (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed, or wider than oneself"),
        (status = 404, description = "Not there, or of another organisation"), (status = 409, description = "It came with Doorward"),
        (status = 422, description = "A field is wrong, or the name is taken")))]
pub(super) async fn change(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    id: Result<Path<String>, Failure>,
    query: Result<Query<About>, Failure>,
    body: Body<RoleSent>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let of = about(&ask, permit.caller(), query)?;
    let id = role_id(&ask, id)?;
    let sent = body.open()?;
    // Whether there is such a role is said before what is wrong with the new one.
    let (permit, found) = desk.house.read(&ask, move |view, _| store::find(view, of, id)).await?;
    if found.is_none() {
        return Err(refuse(&desk, &ask, &permit, Reason::RequestNotFound).await);
    }
    let draft = sent.draft().map_err(|error| wrong(&ask, error))?;
    let held = desk.clone();
    let role = write(&desk, &ask, move |tx, permit| {
        settle::change_role(tx, permit, &held, id, &draft)
    })
    .await?;
    Ok(Json(RoleItem::from(&role)).into_response())
}

/// Removes a role that nobody holds.
#[utoipa::path(delete, path = "/api/v1/roles/{id}", params(("id" = uuid::Uuid, Path, description = "The role")),
    responses((status = 204, description = "It is gone"), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed, or wider than oneself"), (status = 404, description = "Not there, or of another organisation"),
        (status = 409, description = "It came with Doorward, or somebody holds it")))]
pub(super) async fn remove(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    id: Result<Path<String>, Failure>,
    query: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    about(&ask, permit.caller(), query)?;
    let (id, held) = (role_id(&ask, id)?, desk.clone());
    write(&desk, &ask, move |tx, permit| {
        settle::remove_role(tx, permit, &held, id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
