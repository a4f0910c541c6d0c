//! First aid by an administrator of somebody's home organisation: let them try again, sign them out, start a reset of lost factors. JSON here;
//! the page about a person does the same with the same functions.
//! Must never happen: an answer about a person of another organisation; a secret in an answer.
use crate::{
    Recovery,
    lost::{self, Draw},
};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Caller, Failure, Ground, Permit,
    db::{self, Tx, View},
    form::{Path, Query},
    journal,
};
use kernel::{Act, Deployment, Event, EventKind, Outcome, PersonId, Reason, Stream, Time, act};
use people::Person;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

/// A reset of factors that was started.
#[derive(Serialize, ToSchema)]
struct ResetStarted {
    /// The link that was mailed to the person works until then; RFC 3339, UTC.
    ends_at: String,
}

/// The part of the OpenAPI document that is about first aid.
#[derive(OpenApi)]
#[openapi(paths(reset_factors, unlock, sign_out), components(schemas(ResetStarted)))]
struct Document;

/// The part of the OpenAPI document that is about first aid.
pub fn openapi() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The parts of a request that are looked at once its sender is let in.
pub(crate) struct Asked {
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Bytes,
}

impl Asked {
    /// Whom it is about. Nothing may be in the body.
    fn whom<A: Act>(self, ask: &Ask<A>, caller: &Caller) -> Result<PersonId, Failure> {
        let (Path(id), Query(about)) = (self.id?, self.about?);
        ask.own_only(caller, about.organisation.as_deref())?;
        let text = self.body.trim_ascii();
        let is_nothing = |body: serde_json::Value| body.as_object().is_some_and(serde_json::Map::is_empty);
        if !text.is_empty() && !serde_json::from_slice(text).is_ok_and(is_nothing) {
            return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
        }
        id.parse().map_err(|_| ask.not_found())
    }
}

/// Somebody whose credentials the caller's organisation owns: their home. Nobody else is there.
fn of_home(view: &mut View, caller: &Caller, id: PersonId) -> db::Result<Option<Person>> {
    let found = people::person(view, Deployment, id)?;
    Ok(found.filter(|person| person.home_organisation == caller.organisation))
}

fn event(caller: &Caller, person: &Person, kind: EventKind, now: Time, chance: &kernel::Chance) -> Event {
    let stream = Stream::Organisation(person.home_organisation);
    let mut event = Event::new(stream, now, kind, Outcome::Done, chance)
        .about(person.id)
        .from(caller.device, &caller.device_label, &caller.network);
    event.actor = Some(caller.person);
    event
}

/// What came of it: done, not there, or refused.
enum Came<T> {
    Done(T),
    Absent,
    Refused(Reason),
}

/// Writes for a person of the caller's home organisation.
async fn write<A: Act, T: Send + 'static>(
    state: &Recovery,
    ask: &Ask<A>,
    asked: Asked,
    work: impl Fn(&mut Tx, &Permit<A>, &Person) -> db::Result<Came<T>> + Send + 'static,
) -> Result<T, Failure> {
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    let id = asked.whom(ask, permit.caller())?;
    let (_, came) = state
        .house
        .write(ask, None, move |tx, permit| match of_home(tx, permit.caller(), id)? {
            Some(person) => work(tx, permit, &person),
            None => Ok(Came::Absent),
        })
        .await?;
    match came {
        Came::Done(done) => Ok(done),
        Came::Absent => Err(ask.not_found()),
        Came::Refused(Reason::LostAboveYou) => Err(ask.failure(StatusCode::FORBIDDEN, Reason::LostAboveYou)),
        Came::Refused(reason) => Err(ask.failure(StatusCode::CONFLICT, reason)),
    }
}

/// Lets somebody whose password entry is locked try again, and tells of it.
pub fn unlock_person(tx: &mut Tx, ground: &Ground, caller: &Caller, person: &Person, now: Time) -> db::Result<()> {
    tx.lock(factors::address_lock(&person.email_canonical))?;
    let ended = factors::store::unlock(tx, person.id, now)?;
    let home = Some(person.home_organisation);
    let mut events: Vec<Event> = ended
        .iter()
        .filter_map(|end| factors::released(end, home, &ground.chance))
        .collect();
    events.push(event(caller, person, EventKind::LaneUnlocked, now, &ground.chance));
    journal::append_all(tx, &events)
}

/// Ends every session of somebody. Answers what is to be told of it, where there was one.
pub fn sign_out_person(
    tx: &mut Tx,
    ground: &Ground,
    caller: &Caller,
    person: &Person,
    now: Time,
) -> db::Result<Option<Event>> {
    let ended = sessions::end_others(tx, Deployment, person.id, None, Reason::SessionSignedOut, now)?;
    Ok((ended > 0).then(|| {
        let mut event = event(caller, person, EventKind::SessionEnded, now, &ground.chance);
        event.count = u32::try_from(ended).unwrap_or(u32::MAX);
        event.because(Reason::SessionSignedOut)
    }))
}

/// Starts a reset of somebody's second factors, and tells of it. Answers when its link ends, or why it was not started.
pub fn start_reset(
    tx: &mut Tx,
    ground: &Ground,
    caller: &Caller,
    person: &Person,
    draw: &Draw,
    now: Time,
) -> db::Result<Result<Time, Reason>> {
    match lost::why_not(tx, caller, person)? {
        Some(reason) => Ok(Err(reason)),
        None => lost::start(tx, ground, caller, person, draw, now).map(Ok),
    }
}

/// Starts a reset of somebody's second factors: they get a link by mail, and remove them with it. Nobody else learns or sets anything.
#[utoipa::path(post, path = "/api/v1/people/{id}/reset-factors", params(("id" = uuid::Uuid, Path, description = "The person")),
    responses((status = 202, body = ResetStarted), (status = 401, description = "Not signed in, or step-up needed"),
        (status = 403, description = "Not allowed, or an owner's factors"), (status = 404, description = "Not there, or not of one's own organisation"),
        (status = 409, description = "The last owner, or somebody disabled")))]
pub(crate) async fn reset_factors(
    State(state): State<Recovery>,
    ask: Ask<act::ResetFactors>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Bytes,
) -> Result<Response, Failure> {
    let ground = state.house.ground.clone();
    let draw = Draw::new(ground.now(), &ground.chance);
    let ends_at = write(&state, &ask, Asked { id, about, body }, move |tx, permit, person| {
        let started = start_reset(tx, &ground, permit.caller(), person, &draw, permit.now())?;
        Ok(started.map_or_else(Came::Refused, Came::Done))
    })
    .await?;
    let started = ResetStarted {
        ends_at: ends_at.rfc3339(),
    };
    Ok((StatusCode::ACCEPTED, Json(started)).into_response())
}

/// Lets somebody whose password entry is locked try again.
#[utoipa::path(post, path = "/api/v1/people/{id}/unlock", params(("id" = uuid::Uuid, Path, description = "The person")),
    responses((status = 204, description = "The next try counts as the first"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not of one's own organisation")))]
pub(crate) async fn unlock(
    State(state): State<Recovery>,
    ask: Ask<act::UnlockPeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Bytes,
) -> Result<Response, Failure> {
    let ground = state.house.ground.clone();
    write(&state, &ask, Asked { id, about, body }, move |tx, permit, person| {
        unlock_person(tx, &ground, permit.caller(), person, permit.now())?;
        Ok(Came::Done(()))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Ends every session of somebody.
#[utoipa::path(post, path = "/api/v1/people/{id}/sign-out", params(("id" = uuid::Uuid, Path, description = "The person")),
    responses((status = 204, description = "They ended"), (status = 403, description = "Not allowed"),
        (status = 404, description = "Not there, or not of one's own organisation")))]
pub(crate) async fn sign_out(
    State(state): State<Recovery>,
    ask: Ask<act::SignOutPeople>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
    body: Bytes,
) -> Result<Response, Failure> {
    let ground = state.house.ground.clone();
    write(&state, &ask, Asked { id, about, body }, move |tx, permit, person| {
        let event = sign_out_person(tx, &ground, permit.caller(), person, permit.now())?;
        journal::append_all(tx, event.as_slice())?;
        Ok(Came::Done(()))
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
