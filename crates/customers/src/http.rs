//! "Customers": the list, and a page for each with what can be done to it.
use crate::{
    api,
    change::{Undo, seen},
    decide::{Wish, goes_at, status},
    ending,
    page::{CustomerPage, CustomersPage, Line},
    sites, sites_api,
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Guard, House, Permit, Routes,
    db::{self, View},
    form::{Form, Path, Query},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, Deployment, Freshness, On, Organisation, OrganisationId, Reason, act};
use organisations::{Found, State as OrganisationState, check_name};
use serde::Deserialize;

/// Customers on one page.
const PAGE: u32 = 50;

/// The state of these routes.
#[derive(Clone)]
pub struct Desk {
    pub(crate) house: House,
}

impl Desk {
    /// On the house.
    pub fn new(house: House) -> Self {
        Self { house }
    }
}

/// The routes.
pub fn routes(desk: Desk) -> Routes {
    let see = Guard::Person(Action::SeeOrganisations);
    let make = Guard::Fresh(Action::MakeOrganisations, Freshness::Factor);
    let change = Guard::Fresh(Action::ChangeOrganisations, Freshness::Factor);
    let delete = Guard::Fresh(Action::DeleteOrganisations, Freshness::Factor);
    let sites = Guard::Person(Action::ChangeSites);
    Routes::new()
        .get("/app/organisations", see, show)
        .post("/app/organisations", make, create)
        .get("/app/organisations/{id}", see, show_one)
        .post("/app/organisations/{id}/name", change, rename)
        .post("/app/organisations/{id}/state", change, set_state)
        .post("/app/organisations/{id}/move", change, move_to)
        .post("/app/organisations/{id}/delete", delete, remove)
        .get("/app/settings/sites", see, sites::show)
        .post("/app/settings/sites", sites, sites::add)
        .post("/app/settings/sites/{id}/name", sites, sites::rename)
        .post("/app/settings/sites/{id}/remove", sites, sites::remove)
        .get("/api/v1/organisations", see, api::list)
        .post("/api/v1/organisations", make, api::create)
        .get("/api/v1/organisations/{id}", see, api::one)
        .patch("/api/v1/organisations/{id}", change, api::patch)
        .delete("/api/v1/organisations/{id}", delete, api::delete)
        .get("/api/v1/organisations/{id}/sites", see, sites_api::list)
        .post("/api/v1/organisations/{id}/sites", sites, sites_api::add)
        .patch("/api/v1/organisations/{id}/sites/{site}", sites, sites_api::rename)
        .delete("/api/v1/organisations/{id}/sites/{site}", sites, sites_api::remove)
        .with_state(desk)
}

/// What is looked for, where the list goes on, what was just done.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Came {
    pub search: String,
    cursor: Option<String>,
    pub done: Option<String>,
}

fn told(done: Option<&str>) -> Option<Notice> {
    let words = match done? {
        "name" => "The name is saved.",
        "active" => "It is open: its people can sign in.",
        "suspended" => "It is suspended: from now on nobody gets in.",
        "deleted" => "It is deleted, and lets nobody in. You can bring it back until the day below.",
        "moved" => "It is moved.",
        _ => return None,
    };
    Some(Notice::done(words))
}

/// GET `/app/organisations`.
async fn show(
    State(desk): State<Desk>,
    ask: Ask<act::SeeOrganisations>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let came = came.map(|Query(came)| came).unwrap_or_default();
    let notice = told(came.done.as_deref());
    let page = list(&desk, &ask, came, notice, (String::new(), Errors::none())).await?;
    Ok(html(StatusCode::OK, page))
}

/// The page of the list, with what was typed for a new one and what is wrong with it.
async fn list<A: Act>(
    desk: &Desk,
    ask: &Ask<A>,
    came: Came,
    notice: Option<Notice>,
    (name, errors): (String, Errors),
) -> Result<CustomersPage, Failure> {
    let (search, cursor) = (
        came.search.trim().to_owned(),
        came.cursor.and_then(|id| id.parse().ok()),
    );
    let sought = search.clone();
    let (permit, (lines, next, is_customer)) = desk
        .house
        .read(ask, move |view, permit| {
            let part = Some(sought.as_str()).filter(|part| !part.is_empty());
            lines(view, permit, part, cursor)
        })
        .await?;
    let (caller, now) = (permit.caller(), permit.now());
    Ok(CustomersPage {
        shell: HouseShell::new("Customers", Entry::Customers, caller, now),
        notice,
        errors,
        may_make: permit.may_on(Action::MakeOrganisations, On::Organisation) && !is_customer,
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        is_customer,
        name,
        is_first: cursor.is_none(),
        next: next.map(|id| page_behind(&search, id)),
        search,
        lines,
    })
}

fn page_behind(search: &str, id: OrganisationId) -> String {
    format!(
        "/app/organisations?search={}&cursor={id}",
        ground::failure::encode(search)
    )
}

type Lines = (Vec<Line>, Option<OrganisationId>, bool);

fn lines<A: Act>(
    view: &mut View,
    permit: &Permit<A>,
    search: Option<&str>,
    cursor: Option<OrganisationId>,
) -> db::Result<Lines> {
    let caller = permit.caller();
    let own = organisations::find(view, Deployment, caller.organisation)?;
    let is_customer = own.is_some_and(|own| own.parent.is_some());
    // The page shows customers only: it begins behind the caller's own organisation.
    let cursor = Some(cursor.unwrap_or(caller.organisation));
    let (found, next) = api::part(view, caller, search, cursor, PAGE)?.unwrap_or_default();
    let mut lines = Vec::new();
    for found in found {
        let people = people::count_members(view, Organisation(found.id))?;
        lines.push(Line { found, people });
    }
    Ok((lines, next, is_customer))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NameForm {
    name: String,
}

/// POST `/app/organisations`.
async fn create(
    State(desk): State<Desk>,
    ask: Ask<act::MakeOrganisations>,
    form: Form<NameForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let mut errors = Errors::none();
    match check_name("name", &form.name, Reason::OrganisationNameInvalid) {
        Err(_) => errors.push("name", Reason::OrganisationNameInvalid),
        Ok(name) => match api::made(&desk, &ask, name).await? {
            Ok(found) => return Ok(see_other(&format!("/app/organisations/{}", found.id))),
            Err(Undo::Refused(reason)) if status(reason) == 422 => errors.push("name", reason),
            Err(undo) => return Err(api::failure(&ask, undo)),
        },
    }
    let page = list(&desk, &ask, Came::default(), None, (form.name, errors)).await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

/// GET `/app/organisations/{id}`.
async fn show_one(
    State(desk): State<Desk>,
    ask: Ask<act::SeeOrganisations>,
    Path(id): Path<String>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let id = id.parse().map_err(|_| ask.not_found())?;
    let notice = told(came.ok().and_then(|Query(came)| came.done).as_deref());
    let page = one(&desk, &ask, id, notice, None, Errors::none()).await?;
    Ok(html(StatusCode::OK, page))
}

/// The page of one customer, with what was typed and what is wrong with it.
async fn one<A: Act>(
    desk: &Desk,
    ask: &Ask<A>,
    id: OrganisationId,
    notice: Option<Notice>,
    typed: Option<String>,
    errors: Errors,
) -> Result<CustomerPage, Failure> {
    let (permit, seen) = desk.house.read(ask, move |view, permit| look(view, permit, id)).await?;
    let seen = seen.ok_or_else(|| ask.not_found())?;
    let (caller, now, on) = (permit.caller(), permit.now(), On::Customer(id));
    let may = |action| caller.may_on(action, on);
    Ok(CustomerPage {
        shell: HouseShell::new(seen.found.name.clone(), Entry::Customers, caller, now),
        notice,
        errors,
        is_fresh: caller.is_fresh(Freshness::Factor, now),
        may_change: may(Action::ChangeOrganisations),
        may_delete: may(Action::DeleteOrganisations),
        name: typed.unwrap_or_else(|| seen.found.name.clone()),
        goes_at: goes_at(&seen.found),
        found: seen.found,
        going: seen.going,
        ours: seen.ours,
        is_member: seen.is_member,
        moves_to: seen.moves_to,
    })
}

struct Seen {
    found: Found,
    going: ending::Going,
    ours: Vec<String>,
    is_member: bool,
    moves_to: Vec<(OrganisationId, String)>,
}

fn look<A: Act>(view: &mut View, permit: &Permit<A>, id: OrganisationId) -> db::Result<Option<Seen>> {
    let caller = permit.caller();
    let Some(found) = seen(view, caller, id)?.filter(|found| found.id != caller.organisation) else {
        return Ok(None);
    };
    let scope = Organisation(id);
    let ours = people::members_via(view, scope, caller.organisation)?;
    let standing = people::standing(view, scope, caller.person)?;
    let elsewhere = people::belongings(view, Deployment, caller.person, None, 50)?;
    let mut moves_to = Vec::new();
    for other in elsewhere {
        let is_root = organisations::find(view, Deployment, other.id)?.is_some_and(|other| other.parent.is_none());
        if is_root && other.id != caller.organisation {
            moves_to.push((other.id, other.name));
        }
    }
    let mut names: Vec<String> = people::names(view, Deployment, &ours)?.into_values().collect();
    names.sort();
    Ok(Some(Seen {
        going: ending::going(view, scope)?,
        ours: names,
        is_member: standing.is_some_and(|standing| standing.is_member) && found.state() == OrganisationState::Active,
        moves_to,
        found,
    }))
}

/// What was wished on the page of one: there again, with what came of it.
async fn settle<A: Act>(desk: &Desk, ask: &Ask<A>, id: &str, wish: Wish, done: &str) -> Result<Response, Failure> {
    let id: OrganisationId = id.parse().map_err(|_| ask.not_found())?;
    let typed = match &wish {
        Wish::Name(name) => Some(name.clone()),
        Wish::State(_) | Wish::Parent(_) => None,
    };
    let is_move = matches!(wish, Wish::Parent(_));
    match api::changed(desk, ask, id, vec![wish]).await? {
        // Who moved it away does not see it any more.
        Ok(_) if is_move => Ok(see_other("/app/organisations?done=moved")),
        Ok(_) => Ok(see_other(&format!("/app/organisations/{id}?done={done}"))),
        Err(Undo::Refused(reason)) => {
            let status = StatusCode::from_u16(status(reason)).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
            let mut errors = Errors::none();
            errors.push(crate::decide::field(reason), reason);
            Ok(html(status, one(desk, ask, id, None, typed, errors).await?))
        }
        Err(undo) => Err(api::failure(ask, undo)),
    }
}

/// POST `/app/organisations/{id}/name`.
async fn rename(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeOrganisations>,
    Path(id): Path<String>,
    form: Form<NameForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    match check_name("name", &form.name, Reason::OrganisationNameInvalid) {
        Ok(name) => settle(&desk, &ask, &id, Wish::Name(name), "name").await,
        Err(error) => {
            let id = id.parse().map_err(|_| ask.not_found())?;
            let page = one(&desk, &ask, id, None, Some(form.name), Errors::from(vec![error])).await?;
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StateForm {
    state: String,
}

/// POST `/app/organisations/{id}/state`: suspended, opened again, brought back.
async fn set_state(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeOrganisations>,
    Path(id): Path<String>,
    form: Form<StateForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let state = match form.state.as_str() {
        "active" => OrganisationState::Active,
        "suspended" => OrganisationState::Suspended,
        _ => return Err(api::refusal(&ask, Reason::OrganisationStateInvalid)),
    };
    settle(&desk, &ask, &id, Wish::State(state), state.name()).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveForm {
    /// The organisation to move it to; empty: it stands on its own.
    parent: String,
}

/// POST `/app/organisations/{id}/move`.
async fn move_to(
    State(desk): State<Desk>,
    ask: Ask<act::ChangeOrganisations>,
    Path(id): Path<String>,
    form: Form<MoveForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&desk.house, &ask).await?;
    let parent = match form.parent.as_str() {
        "" => None,
        parent => Some(parent.parse().map_err(|_| ask.not_found())?),
    };
    settle(&desk, &ask, &id, Wish::Parent(parent), "moved").await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// POST `/app/organisations/{id}/delete`.
async fn remove(
    State(desk): State<Desk>,
    ask: Ask<act::DeleteOrganisations>,
    Path(id): Path<String>,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = form.open_for(&desk.house, &ask).await?;
    settle(&desk, &ask, &id, Wish::State(OrganisationState::Deleted), "deleted").await
}
