//! `/api/v1/groups`: people who hold roles together.
use super::{Desk, api, settle, write};
use crate::{
    decide::check_name,
    editing::GroupDraft,
    sent::{GrantItem, GrantSent},
    store::{groups, lists::Who},
    told::Told,
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure, Paging,
    db::{Result as Stored, View},
    form::{Json as Body, Path, Query},
};
use kernel::{Act, FieldError, GroupId, Organisation, PersonId, Reason, act};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group in the list.
#[derive(Serialize, ToSchema)]
struct GroupItem {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The name.
    name: String,
    /// How many people are in it.
    people: i64,
    /// What they hold by it.
    roles: Vec<GrantItem>,
}

/// Groups.
#[derive(Serialize, ToSchema)]
struct GroupList {
    /// By name.
    items: Vec<GroupItem>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// Somebody in a group.
#[derive(Serialize, ToSchema)]
struct GroupPerson {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The name.
    name: String,
    /// The address.
    email: String,
}

/// A group with its people.
#[derive(Serialize, ToSchema)]
struct GroupWhole {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The name.
    name: String,
    /// Who is in it.
    people: Vec<GroupPerson>,
    /// What they hold by it.
    roles: Vec<GrantItem>,
}

/// A group as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupSent {
    /// 1 to 60 characters.
    name: String,
    /// The ids of its people, all of them members of the organisation.
    #[serde(default)]
    people: Vec<String>,
    /// What they hold by it: for everything, or for a site.
    #[serde(default)]
    roles: Vec<GrantSent>,
}

impl GroupSent {
    /// The draft, or what is wrong: a field, or an id that is none.
    fn draft(&self) -> Result<GroupDraft, Option<FieldError>> {
        let name = check_name(&self.name).map_err(|reason| Some(FieldError::new("name", reason)))?;
        let people: Option<_> = self.people.iter().map(|id| id.parse::<PersonId>().ok()).collect();
        let roles: Option<_> = self.roles.iter().map(GrantSent::wanted).collect();
        Ok(GroupDraft {
            name,
            people: people.ok_or(None)?,
            roles: roles.ok_or_else(|| Some(FieldError::new("roles", Reason::RoleUnknown)))?,
        })
    }
}

fn draft<A: Act>(ask: &Ask<A>, sent: &GroupSent) -> Result<GroupDraft, Failure> {
    sent.draft().map_err(|error| match error {
        Some(error) => api::wrong(ask, error),
        None => ask.failure(StatusCode::NOT_FOUND, Reason::PersonNotMember),
    })
}

fn items<'a>(told: impl Iterator<Item = &'a Told>) -> Vec<GrantItem> {
    told.map(GrantItem::from).collect()
}

/// A group with its people. None: it is not there.
pub(super) type Whole = (String, Vec<Who>, Vec<Told>);

/// Reads a group as a whole.
pub(super) fn whole(view: &mut View, of: Organisation, id: GroupId) -> Stored<Option<Whole>> {
    let Some(name) = groups::name(view, of, id)? else {
        return Ok(None);
    };
    let people = groups::members(view, of, id)?;
    let held = groups::grants(view, of, Some(id))?;
    Ok(Some((name, people, held.into_iter().map(|(_, told)| told).collect())))
}

fn item(id: GroupId, (name, people, held): Whole) -> GroupWhole {
    let people = people.into_iter().map(|who| GroupPerson {
        id: who.id.0,
        name: who.name,
        email: who.email,
    });
    GroupWhole {
        id: id.0,
        name,
        people: people.collect(),
        roles: items(held.iter()),
    }
}

/// The group that a path names.
pub(super) fn group_id<A: Act>(ask: &Ask<A>, id: Result<Path<String>, Failure>) -> Result<GroupId, Failure> {
    id?.0.parse().map_err(|_| ask.not_found())
}

/// The groups of the organisation.
#[utoipa::path(get, path = "/api/v1/groups", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if not given"),
    ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = GroupList), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed")))]
pub(super) async fn list(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    paging: Result<Query<Paging>, Failure>,
) -> Result<Response, Failure> {
    let (permit, (all, held)) = desk
        .house
        .read(&ask, |view, permit| {
            let of = Organisation(permit.caller().organisation);
            Ok((groups::list(view, of)?, groups::grants(view, of, None)?))
        })
        .await?;
    let Query(paging) = paging?;
    ask.own_only(permit.caller(), paging.organisation.as_deref())?;
    let malformed = || ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed);
    let (part, next) = paging.part(&all, |group| group.id.to_string()).ok_or_else(malformed)?;
    let of = |id: GroupId| items(held.iter().filter(|(group, _)| *group == id).map(|(_, told)| told));
    let items = part.iter().map(|group| GroupItem {
        id: group.id.0,
        name: group.name.clone(),
        people: group.people,
        roles: of(group.id),
    });
    let items = items.collect();
    Ok(Json(GroupList { items, next }).into_response())
}

/// A group with its people.
#[utoipa::path(get, path = "/api/v1/groups/{id}", params(("id" = uuid::Uuid, Path, description = "The group")),
    responses((status = 200, body = GroupWhole), (status = 403, description = "Not allowed"), (status = 404, description = "Not there, or of another organisation")))]
pub(super) async fn one(
    State(desk): State<Desk>,
    ask: Ask<act::SeeRoles>,
    id: Result<Path<String>, Failure>,
    query: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let of = api::about(&ask, permit.caller(), query)?;
    let id = group_id(&ask, id)?;
    let (_, found) = desk.house.read(&ask, move |view, _| whole(view, of, id)).await?;
    let found = found.ok_or_else(|| ask.not_found())?;
    Ok(Json(item(id, found)).into_response())
}

async fn set(
    desk: &Desk,
    ask: &Ask<act::ChangeRoles>,
    (id, is_new): (GroupId, bool),
    draft: GroupDraft,
) -> Result<GroupWhole, Failure> {
    let held = desk.clone();
    let whole = write(desk, ask, move |tx, permit| {
        if let Err(reason) = settle::set_group(tx, permit, &held, (id, is_new), &draft)? {
            return Ok(Err(reason));
        }
        let found = whole(tx, Organisation(permit.caller().organisation), id)?;
        Ok(found.ok_or(Reason::RequestNotFound))
    })
    .await?;
    Ok(item(id, whole))
}

/// Makes a group. Whoever makes it holds all that it is to hold.
#[utoipa::path(post, path = "/api/v1/groups", request_body = GroupSent, responses((status = 201, body = GroupWhole),
    (status = 400, description = "Unknown or missing fields"), (status = 401, description = "Not signed in, or step-up needed"),
    (status = 403, description = "Not allowed, or wider than oneself"), (status = 404, description = "A person, role or site is not there, or of another organisation"),
    (status = 409, description = "As many as there can be"), (status = 422, description = "A field is wrong, or the name is taken")))]
pub(super) async fn make(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    query: Result<Query<About>, Failure>,
    body: Body<GroupSent>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    api::about(&ask, permit.caller(), query)?;
    let draft = draft(&ask, &body.open()?)?;
    let id = GroupId::new(permit.now(), &desk.house.ground.chance);
    let made = set(&desk, &ask, (id, true), draft).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Makes a group what it is to be: name, people and roles. One id that is not the organisation's own, and nothing is changed.
#[utoipa::path(put, path = "/api/v1/groups/{id}", params(("id" = uuid::Uuid, Path, description = "The group")), request_body = GroupSent,
    responses((status = 200, body = GroupWhole), (status = 400, description = "Unknown or missing fields"),
        (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed, or wider than oneself"),
        (status = 404, description = "The group, a person, role or site is not there, or of another organisation"),
        (status = 409, description = "As many as there can be"), (status = 422, description = "A field is wrong, or the name is taken")))]
pub(super) async fn change(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    id: Result<Path<String>, Failure>,
    query: Result<Query<About>, Failure>,
    body: Body<GroupSent>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let of = api::about(&ask, permit.caller(), query)?;
    let id = group_id(&ask, id)?;
    let sent = body.open()?;
    let (_, found) = desk.house.read(&ask, move |view, _| groups::name(view, of, id)).await?;
    found.ok_or_else(|| ask.not_found())?;
    let changed = set(&desk, &ask, (id, false), draft(&ask, &sent)?).await?;
    Ok(Json(changed).into_response())
}

/// Removes a group: its people lose what they held by it.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", params(("id" = uuid::Uuid, Path, description = "The group")),
    responses((status = 204, description = "It is gone"), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed, or wider than oneself"), (status = 404, description = "Not there, or of another organisation")))]
pub(super) async fn remove(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeRoles>,
    id: Result<Path<String>, Failure>,
    query: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    api::about(&ask, permit.caller(), query)?;
    let (id, held) = (group_id(&ask, id)?, desk.clone());
    write(&desk, &ask, move |tx, permit| {
        settle::remove_group(tx, permit, &held, id)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
