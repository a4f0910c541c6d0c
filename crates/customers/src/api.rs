//! `/api/v1/organisations`: the caller's own organisation and its customers.
use crate::{
    Desk,
    change::{Request, Undo, change, seen, wholly},
    decide::{self, Wish, goes_at},
    ending::{self, Going},
    make::{Draw, make},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Caller, Failure,
    db::{self, View},
    form::{Json as Body, Path, Query},
};
use kernel::{Act, Action, FieldError, On, Organisation, OrganisationId, Reason, Scope, act};
use organisations::{After, Found, Given, State as OrganisationState, check_name};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// Items of a list where nothing else is asked for, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 200;

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Organisation)]
pub(crate) struct Told {
    /// UUID version 7.
    id: uuid::Uuid,
    /// Its name.
    name: String,
    /// The organisation above, whose customer it is.
    parent: Option<uuid::Uuid>,
    /// `active`, `suspended` or `deleted`.
    state: &'static str,
    /// RFC 3339, UTC.
    made_at: String,
    /// Of a deleted one: when everything of it goes. Until then it can be brought back.
    goes_at: Option<String>,
}

impl From<&Found> for Told {
    fn from(found: &Found) -> Self {
        Self {
            id: found.id.0,
            name: found.name.clone(),
            parent: found.parent.map(|parent| parent.0),
            state: found.state().name(),
            made_at: found.made_at.rfc3339(),
            goes_at: goes_at(found).map(kernel::Time::rfc3339),
        }
    }
}

/// A list.
#[derive(Debug, Serialize, ToSchema)]
struct OrganisationList {
    /// The caller's own organisation, then its customers by name.
    items: Vec<Told>,
    /// Where the list goes on.
    next: Option<String>,
}

/// A new customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCustomer {
    /// 1 to 100 characters on one line.
    name: String,
    /// The organisation above: the caller's own.
    #[serde(default)]
    parent: Option<uuid::Uuid>,
}

/// What can be changed; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeOrganisation {
    /// 1 to 100 characters on one line.
    #[serde(default)]
    name: Option<String>,
    /// `active` or `suspended`. `active` brings a deleted one back.
    #[serde(default)]
    state: Option<String>,
    /// The organisation to move it to; `null`: it stands on its own.
    #[schema(value_type = Option<uuid::Uuid>)]
    #[serde(default)]
    parent: Given<uuid::Uuid>,
}

/// What a deletion takes away, and when.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deletion {
    /// Everything goes then; until then it can be brought back.
    goes_at: String,
    /// What goes.
    goes: Going,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    organisation: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
    search: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trying {
    organisation: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

/// The part of the OpenAPI document that is about organisations.
#[derive(OpenApi)]
#[openapi(
    paths(list, create, one, patch, delete),
    components(schemas(Told, OrganisationList, NewCustomer, Deletion))
)]
struct Document;

pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The answer to what did not go through.
pub(crate) fn failure<A: Act>(ask: &Ask<A>, undo: Undo) -> Failure {
    match undo {
        Undo::Store(error) => Failure::store(&ask.visitor, &error),
        Undo::Absent => ask.not_found(),
        Undo::Denied => ask.failure(StatusCode::FORBIDDEN, Reason::AccessElsewhere),
        Undo::Refused(reason) => refusal(ask, reason),
    }
}

/// A refusal by a rule: 409, or 422 with its field.
pub(crate) fn refusal<A: Act>(ask: &Ask<A>, reason: Reason) -> Failure {
    let status = StatusCode::from_u16(decide::status(reason)).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    let failure = ask.failure(status, reason);
    if status == StatusCode::UNPROCESSABLE_ENTITY {
        failure.with_errors(vec![FieldError::new(decide::field(reason), reason)])
    } else {
        failure
    }
}

/// Several fields that are wrong.
fn refused<A: Act>(ask: &Ask<A>, errors: Vec<FieldError>) -> Failure {
    ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
        .with_errors(errors)
}

/// The caller's own organisation and those of its customers that they may see.
#[utoipa::path(get, path = "/api/v1/organisations", params(
        ("limit" = Option<u32>, Query, description = "1 to 200, usually 50"), ("cursor" = Option<String>, Query, description = "`next` of the part before"),
        ("search" = Option<String>, Query, description = "A part of the name")),
    responses((status = 200, body = OrganisationList), (status = 400, description = "A limit or a cursor that is none"), (status = 403, description = "Not allowed")))]
pub(crate) async fn list(
    State(desk): State<Desk>,
    ask: Ask<act::SeeOrganisations>,
    wanted: Result<Query<Wanted>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let Query(wanted) = wanted?;
    ask.own_only(permit.caller(), wanted.organisation.as_deref())?;
    let limit = wanted.limit.unwrap_or(USUAL);
    let malformed = || ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed);
    if !(1..=MOST).contains(&limit) {
        return Err(malformed());
    }
    let cursor = wanted.cursor.as_deref().map(str::parse::<OrganisationId>).transpose();
    let cursor = cursor.map_err(|_| malformed())?;
    let search = wanted.search.filter(|part| !part.trim().is_empty());
    let (_, found) = desk
        .house
        .read(&ask, move |view, permit| {
            part(view, permit.caller(), search.as_deref(), cursor, limit)
        })
        .await?;
    let (items, next) = found.ok_or_else(malformed)?;
    let items = items.iter().map(Told::from).collect();
    let next = next.map(|id| id.to_string());
    Ok(Json(OrganisationList { items, next }).into_response())
}

/// A part of the list, and after which one it goes on. None: the cursor is of no organisation in it.
pub(crate) fn part(
    view: &mut View,
    caller: &Caller,
    search: Option<&str>,
    cursor: Option<OrganisationId>,
    limit: u32,
) -> db::Result<Option<(Vec<Found>, Option<OrganisationId>)>> {
    let mut all = Vec::new();
    let own = seen(view, caller, caller.organisation)?;
    let after = match cursor {
        None => {
            let matches =
                |found: &Found| search.is_none_or(|part| found.name.to_lowercase().contains(&part.to_lowercase()));
            all.extend(own.filter(matches));
            None
        }
        Some(id) if id == caller.organisation => None,
        Some(id) => match seen(view, caller, id)? {
            Some(found) => Some(After {
                folded: found.name.to_lowercase(),
                id,
            }),
            None => return Ok(None),
        },
    };
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    all.extend(customers(view, caller, search, after.as_ref(), i64::from(limit) + 1)?);
    let has_more = all.len() > most;
    all.truncate(most);
    let next = all.last().map(|found| found.id).filter(|_| has_more);
    Ok(Some((all, next)))
}

/// The customers that the caller may see: all, or those that their roles are limited to.
fn customers(
    view: &mut View,
    caller: &Caller,
    search: Option<&str>,
    after: Option<&After>,
    most: i64,
) -> db::Result<Vec<Found>> {
    if caller.may_on(Action::SeeOrganisations, On::Organisation) {
        let listed = organisations::list_customers(view, Organisation(caller.organisation), search, after, most)?;
        return Ok(listed.into_iter().map(|listed| listed.found).collect());
    }
    let mut named: Vec<OrganisationId> = caller
        .roles
        .iter()
        .filter_map(|grant| match grant.scope {
            Scope::Customer(id) => Some(id),
            Scope::Everything | Scope::Site(_) => None,
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    let mut all = Vec::new();
    for id in named {
        if let Some(found) = seen(view, caller, id)? {
            all.push((found.name.to_lowercase(), found));
        }
    }
    all.sort_by(|(one, a), (other, b)| (one, a.id).cmp(&(other, b.id)));
    let is_behind = |(folded, found): &(String, Found)| {
        after.is_none_or(|after| (folded, found.id) > (&after.folded, after.id))
            && search.is_none_or(|part| folded.contains(&part.to_lowercase()))
    };
    let all = all.into_iter().filter(is_behind).map(|(_, found)| found);
    Ok(all.take(usize::try_from(most).unwrap_or_default()).collect())
}

/// Makes a customer. Whoever makes it is its first owner.
#[utoipa::path(post, path = "/api/v1/organisations", request_body = NewCustomer,
    responses((status = 201, body = Told), (status = 400, description = "Unknown fields, or values of another type"), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed"), (status = 404, description = "The organisation above is not there, or not one's own"),
        (status = 409, description = "A customer has no customers"), (status = 422, description = "The name is taken, or none")))]
pub(crate) async fn create(
    State(desk): State<Desk>,
    ask: Ask<act::MakeOrganisations>,
    about: Result<Query<About>, Failure>,
    body: Body<NewCustomer>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit_about(&ask, about).await?;
    let new = body.open()?;
    if new
        .parent
        .is_some_and(|parent| parent != permit.caller().organisation.0)
    {
        return Err(ask.not_found());
    }
    let name = check_name("name", &new.name, Reason::OrganisationNameInvalid);
    let name = name.map_err(|error| refused(&ask, vec![error]))?;
    let found = made(&desk, &ask, name).await?.map_err(|undo| failure(&ask, undo))?;
    Ok((StatusCode::CREATED, Json(Told::from(&found))).into_response())
}

/// Makes it, for the page and the API.
pub(crate) async fn made(
    desk: &Desk,
    ask: &Ask<act::MakeOrganisations>,
    name: String,
) -> Result<Result<Found, Undo>, Failure> {
    let ground = desk.house.ground.clone();
    let draw = Draw::new(&ground, ground.now());
    let (_, made) = desk
        .house
        .write(ask, None, move |tx, permit| {
            wholly(tx, |tx| make(tx, &ground, permit, &name, &draw))
        })
        .await?;
    Ok(made)
}

/// One organisation.
#[utoipa::path(get, path = "/api/v1/organisations/{id}", params(("id" = uuid::Uuid, Path, description = "The organisation")),
    responses((status = 200, body = Told), (status = 404, description = "Not there, or not yours to see")))]
pub(crate) async fn one(
    State(desk): State<Desk>,
    ask: Ask<act::SeeOrganisations>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    desk.house.admit_about(&ask, about).await?;
    let id: OrganisationId = id?.0.parse().map_err(|_| ask.not_found())?;
    let (_, found) = desk
        .house
        .read(&ask, move |view, permit| seen(view, permit.caller(), id))
        .await?;
    let found = found.ok_or_else(|| ask.not_found())?;
    Ok(Json(Told::from(&found)).into_response())
}

impl ChangeOrganisation {
    /// What it asks for, or everything that is wrong with it.
    fn wishes(&self) -> Result<Vec<Wish>, Vec<FieldError>> {
        let (mut wishes, mut errors) = (Vec::new(), Vec::new());
        if let Some(name) = &self.name {
            match check_name("name", name, Reason::OrganisationNameInvalid) {
                Ok(name) => wishes.push(Wish::Name(name)),
                Err(error) => errors.push(error),
            }
        }
        match self.state.as_deref() {
            None => {}
            // First, so that what is brought back can be changed.
            Some("active") => wishes.insert(0, Wish::State(OrganisationState::Active)),
            Some("suspended") => wishes.push(Wish::State(OrganisationState::Suspended)),
            Some(_) => errors.push(FieldError::new("state", Reason::OrganisationStateInvalid)),
        }
        match self.parent {
            Given::Kept => {}
            Given::Unset => wishes.push(Wish::Parent(None)),
            Given::Set(parent) => wishes.push(Wish::Parent(Some(OrganisationId(parent)))),
        }
        if errors.is_empty() { Ok(wishes) } else { Err(errors) }
    }
}

/// Renames, suspends, opens, brings back or moves an organisation. All of it, or nothing.
#[utoipa::path(patch, path = "/api/v1/organisations/{id}", params(("id" = uuid::Uuid, Path, description = "The organisation")), request_body = ChangeOrganisation,
    responses((status = 200, body = Told), (status = 400, description = "Unknown fields, or values of another type"), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed"), (status = 404, description = "Not there, or not yours to see"),
        (status = 409, description = "A rule of the data"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn patch(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeOrganisations>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Body<ChangeOrganisation>,
) -> Result<Response, Failure> {
    desk.house.admit_about(&ask, about).await?;
    let wishes = body.open()?.wishes();
    let id: OrganisationId = id?.0.parse().map_err(|_| ask.not_found())?;
    let wishes = wishes.map_err(|errors| refused(&ask, errors))?;
    let found = changed(&desk, &ask, id, wishes)
        .await?
        .map_err(|undo| failure(&ask, undo))?;
    Ok(Json(Told::from(&found)).into_response())
}

/// Does it, for the pages and the API.
pub(crate) async fn changed<A: Act>(
    desk: &Desk,
    ask: &Ask<A>,
    id: OrganisationId,
    wishes: Vec<Wish>,
) -> Result<Result<Found, Undo>, Failure> {
    let house = desk.house.clone();
    let parent = wishes.iter().find_map(|wish| match wish {
        Wish::Parent(parent) => *parent,
        _ => None,
    });
    let towards = parent.map(|parent| ask.towards(parent, Action::MakeOrganisations));
    let (permit, done) = desk
        .house
        .write(ask, None, move |tx, permit| {
            let request = Request {
                house: &house,
                permit,
                towards: towards.as_ref(),
            };
            wholly(tx, |tx| change(tx, &request, id, &wishes))
        })
        .await?;
    match done {
        Err(Undo::Denied) => {
            let told = format!("no role that reaches {id}");
            Err(desk.house.forbid(ask, &permit, Reason::AccessElsewhere, &told).await)
        }
        done => Ok(done),
    }
}

/// Deletes a customer: it lets nobody in from now on, and can be brought back for 30 days. `dry_run=true`: only says what would go.
#[utoipa::path(delete, path = "/api/v1/organisations/{id}", params(("id" = uuid::Uuid, Path, description = "The organisation"),
        ("dry_run" = Option<bool>, Query, description = "Nothing is done")),
    responses((status = 200, body = Deletion), (status = 401, description = "Not signed in, or step-up needed"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not yours to see"), (status = 409, description = "An organisation does not delete itself")))]
pub(crate) async fn delete(
    State(desk): State<Desk>,
    ask: Ask<act::DeleteOrganisations>,
    id: Result<Path<String>, Failure>,
    trying: Result<Query<Trying>, Failure>,
) -> Result<Response, Failure> {
    let permit = desk.house.admit(&ask).await?;
    let Query(trying) = trying?;
    ask.own_only(permit.caller(), trying.organisation.as_deref())?;
    let id: OrganisationId = id?.0.parse().map_err(|_| ask.not_found())?;
    let is_dry = trying.dry_run;
    let (permit, looked) = desk
        .house
        .read(&ask, move |view, permit| {
            let found = seen(view, permit.caller(), id)?;
            let going = ending::going(view, Organisation(id))?;
            Ok(found.map(|found| (found, going)))
        })
        .await?;
    let (found, goes) = looked.ok_or_else(|| ask.not_found())?;
    let deleted_at = found.deleted_at.unwrap_or_else(|| permit.now());
    let wishes = if is_dry {
        Vec::new()
    } else {
        vec![Wish::State(OrganisationState::Deleted)]
    };
    changed(&desk, &ask, id, wishes)
        .await?
        .map_err(|undo| failure(&ask, undo))?;
    let goes_at = (deleted_at + decide::GRACE).rfc3339();
    Ok(Json(Deletion { goes_at, goes }).into_response())
}
