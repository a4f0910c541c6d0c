//! Going over to another organisation that one is a member of, with the same session: a technician to a customer, and back.
//! Must never happen: a session that speaks for an organisation whose policy it does not meet; an organisation that is told apart from one that is
//! not there; somebody who comes over without a line in that organisation's log.
use crate::{Sessions, http::see_other, page::OrganisationsPage, store};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    Ask, Failure, Ground, Guard, House, Permit, Refusal, Routes, db,
    db::Tx,
    form::{Form, Query},
    house::Asked,
    journal,
    page::{Entry, HouseShell, html},
};
use kernel::{Action, Deployment, Event, EventKind, Organisation, OrganisationId, Outcome, Reason, Stream, act};
use organisations::Require;
use people::Belonging;
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// Organisations on the page; whoever has more looks for a part of the name.
const MOST: i64 = 100;
/// Organisations in one answer of the API.
const MOST_LISTED: i64 = 200;

/// The routes.
pub(crate) fn routes() -> Routes<Sessions> {
    let (see, go) = (
        Guard::Enrol(Action::SeeOwn, None),
        Guard::Enrol(Action::ChangeOwn, None),
    );
    Routes::new()
        .get("/app/organisation", see, show)
        .post("/app/organisation", go, go_over)
        .get("/api/v1/me/organisations", Guard::Person(Action::SeeOwn), mine)
}

/// What is looked for.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Looking {
    search: String,
}

/// GET `/app/organisation`.
pub(crate) async fn show(
    State(state): State<Sessions>,
    ask: Ask<act::SeeOwn>,
    looking: Result<Query<Looking>, Failure>,
) -> Result<Response, Failure> {
    let search = looking.map(|Query(looking)| looking.search).unwrap_or_default();
    let sought = search.trim().to_owned();
    let (permit, found) = state
        .house
        .read(&ask, move |view, permit| {
            let part = Some(sought.as_str()).filter(|part| !part.is_empty());
            people::belongings(view, Deployment, permit.caller().person, part, MOST + 1)
        })
        .await?;
    let most = usize::try_from(MOST).unwrap_or_default();
    let page = OrganisationsPage {
        shell: HouseShell::new("Your organisations", Entry::Home, permit.caller(), permit.now()),
        here: permit.caller().organisation,
        search,
        has_more: found.len() > most,
        organisations: found.into_iter().take(most).collect(),
    };
    Ok(html(StatusCode::OK, page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Where {
    organisation: String,
}

/// POST `/app/organisation`.
pub(crate) async fn go_over(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<Where>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let organisation: OrganisationId = form.organisation.parse().map_err(|_| ask.not_found())?;
    let (house, asked) = (state.house.clone(), ask.towards(organisation, Action::SeeOwn));
    let (_, gone) = state
        .house
        .write(&ask, None, move |tx, permit| {
            enter(tx, &house, permit, &asked, Organisation(organisation))
        })
        .await?;
    match gone {
        Ok(()) => Ok(see_other("/app")),
        Err(refusal) => Err(Failure::refused(&ask.visitor, refusal)),
    }
}

/// The door of the other organisation, then the session speaks for it.
fn enter(
    tx: &mut Tx,
    house: &House,
    permit: &Permit<act::ChangeOwn>,
    asked: &Asked,
    organisation: Organisation,
) -> db::Result<Result<(), Refusal>> {
    let (caller, now) = (permit.caller(), permit.now());
    if organisation.0 == caller.organisation {
        return Ok(Ok(()));
    }
    let Some(standing) = organisations::standing(tx, organisation)? else {
        return Ok(Err(Refusal::NotThere));
    };
    let factors = &standing.policies.factors;
    if factors.require != Require::No {
        people::begin_grace(tx, organisation, caller.person, factors.since, now)?;
    }
    if let Err(refusal) = house.look(tx, asked, now)? {
        return Ok(Err(refusal));
    }
    if !store::move_to(tx, organisation, caller.session, now)? {
        return Ok(Err(Refusal::SignedOut(Reason::SessionSignedOut)));
    }
    journal::append(tx, &entered(permit, organisation, &house.ground))?;
    Ok(Ok(()))
}

fn entered(permit: &Permit<act::ChangeOwn>, organisation: Organisation, ground: &Ground) -> Event {
    let caller = permit.caller();
    let mut event = Event::new(
        Stream::Organisation(organisation.0),
        permit.now(),
        EventKind::OrganisationEntered,
        Outcome::Allowed,
        &ground.chance,
    )
    .by(caller.person)
    .from(caller.device, &caller.device_label, &caller.network);
    event.detail = format!("from {}", caller.organisation_name);
    event
}

/// One organisation of the caller's.
#[derive(Serialize, ToSchema)]
struct Mine {
    /// UUID version 7.
    id: uuid::Uuid,
    /// Its name.
    name: String,
    /// Whether it is the person's home, which alone owns their credentials.
    home: bool,
    /// The organisation above that the person comes from, by name.
    via: Option<String>,
    /// Whether the session speaks for it.
    current: bool,
}

/// The caller's organisations.
#[derive(Serialize, ToSchema)]
struct MyOrganisations {
    /// Home first, the others by name; at most 200.
    items: Vec<Mine>,
    /// There is never a next page.
    next: Option<String>,
}

/// The part of the OpenAPI document that is about one's organisations.
#[derive(OpenApi)]
#[openapi(paths(mine), components(schemas(Mine, MyOrganisations)))]
struct Document;

pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The organisations that one may enter.
#[utoipa::path(get, path = "/api/v1/me/organisations", responses((status = 200, body = MyOrganisations)))]
pub(crate) async fn mine(State(state): State<Sessions>, ask: Ask<act::SeeOwn>) -> Result<Response, Failure> {
    let (permit, found) = state
        .house
        .read(&ask, |view, permit| {
            people::belongings(view, Deployment, permit.caller().person, None, MOST_LISTED)
        })
        .await?;
    let here = permit.caller().organisation;
    let told = |one: Belonging| Mine {
        id: one.id.0,
        current: one.id == here,
        name: one.name,
        home: one.is_home,
        via: one.via,
    };
    let items = found.into_iter().map(told).collect();
    Ok(Json(MyOrganisations { items, next: None }).into_response())
}
