//! The forms of the device card on My security. Each leads back there.
use super::{Devices, caller, see_other};
use crate::{decide::moved, known, lock, own, tell::From};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure,
    db::{Result as Stored, Tx},
    form::{Form, Path},
    journal,
};
use kernel::{Deployment, DeviceId, Event, FieldError, Reason, act};
use people::Person;
use serde::Deserialize;

/// What a change of one's own devices is made of.
type Change<'a> = &'a (dyn Fn(&mut Tx, &Person, &From, own::Ends<'_>) -> Stored<Option<Event>> + Send + Sync);

/// Carries a change out, tells it, and leads back. Where there was nothing to change, it is not there.
async fn carry_out(
    state: &Devices,
    ask: &Ask<act::ChangeOwn>,
    change: impl Fn(&mut Tx, &Person, &From, own::Ends<'_>) -> Stored<Option<Event>> + Send + Sync + 'static,
) -> Result<(), Failure> {
    let house = state.house.clone();
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    let held = lock(permit.caller().person);
    let (_, is_done) = state
        .house
        .write(ask, Some(held), move |tx, permit| {
            let Some((person, from)) = caller(tx, permit)? else {
                return Ok(false);
            };
            let id = person.id;
            let ends = |tx: &mut Tx, device: DeviceId, why: Reason| house.end_device(tx, permit, (id, device), why);
            let change: Change<'_> = &change;
            let Some(event) = change(tx, &person, &from, &ends)? else {
                return Ok(false);
            };
            journal::append(tx, &event)?;
            Ok(true)
        })
        .await?;
    if is_done { Ok(()) } else { Err(ask.not_found()) }
}

/// The device that the address names. Whoever is not let in hears that first.
async fn named(
    state: &Devices,
    ask: &Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
) -> Result<DeviceId, Failure> {
    if let Some(id) = id.ok().and_then(|Path(id)| id.parse().ok()) {
        return Ok(id);
    }
    state.house.read(ask, |_, _| Ok(())).await?;
    Err(ask.not_found())
}

const DONE: &str = "/app/security?done=devices#devices";

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NameForm {
    name: String,
}

/// POST `/app/security/devices/{id}/name`: an empty name takes it away.
pub(super) async fn rename(
    State(state): State<Devices>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<NameForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let device = named(&state, &ask, id).await?;
    let name = match form.name.trim() {
        "" => None,
        name => {
            Some(organisations::check_name("name", name, Reason::NameInvalid).map_err(|error| refused(&ask, error))?)
        }
    };
    let ground = state.house.ground.clone();
    carry_out(&state, &ask, move |tx, person, from, _| {
        own::rename(tx, &ground, person, device, name.as_deref(), from)
    })
    .await?;
    Ok(see_other(DONE))
}

fn refused(ask: &Ask<act::ChangeOwn>, error: FieldError) -> Failure {
    ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::NameInvalid)
        .with_errors(vec![error])
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MoveForm {
    /// The device that it comes to stand before.
    before: Option<String>,
    /// The device that it comes to stand behind.
    after: Option<String>,
}

/// POST `/app/security/devices/{id}/move`: before or behind another one.
pub(super) async fn shift(
    State(state): State<Devices>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
    form: Form<MoveForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let device = named(&state, &ask, id).await?;
    let is_behind = form.before.is_none();
    let Some(beside) = form.before.or(form.after).and_then(|id| id.parse::<DeviceId>().ok()) else {
        state.house.read(&ask, |_, _| Ok(())).await?;
        return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed));
    };
    let ground = state.house.ground.clone();
    carry_out(&state, &ask, move |tx, person, from, _| {
        let present = known::of_person(tx, Deployment, person.id, from.at)?;
        let present: Vec<DeviceId> = present.iter().map(|device| device.id).collect();
        match moved(&present, device, beside, is_behind) {
            Some(order) => own::reorder(tx, &ground, person, &order, from).map(Some),
            None => Ok(None),
        }
    })
    .await?;
    Ok(see_other(DONE))
}

/// POST `/app/security/devices/{id}/trust`: takes the trust away.
pub(super) async fn revoke_trust(
    State(state): State<Devices>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    let device = named(&state, &ask, id).await?;
    let ground = state.house.ground.clone();
    carry_out(&state, &ask, move |tx, person, from, ends| {
        own::revoke_trust(tx, &ground, person, device, from, ends)
    })
    .await?;
    Ok(see_other(DONE))
}

/// POST `/app/security/devices/{id}/forget`.
pub(super) async fn forget(
    State(state): State<Devices>,
    ask: Ask<act::ChangeOwn>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    let device = named(&state, &ask, id).await?;
    forget_one(&state, &ask, device).await?;
    Ok(see_other(DONE))
}

/// Forgets one of the caller's devices; what is not theirs is not there.
pub(super) async fn forget_one(state: &Devices, ask: &Ask<act::ChangeOwn>, device: DeviceId) -> Result<(), Failure> {
    let ground = state.house.ground.clone();
    carry_out(state, ask, move |tx, person, from, ends| {
        own::forget(tx, &ground, person, device, from, ends)
    })
    .await
}

/// Gives the caller's devices the order that they ask for. False: it names one twice, or one that is not theirs.
pub(super) async fn order_as(
    state: &Devices,
    ask: &Ask<act::ChangeOwn>,
    order: Vec<DeviceId>,
) -> Result<bool, Failure> {
    let ground = state.house.ground.clone();
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    let held = lock(permit.caller().person);
    let (_, is_done) = state
        .house
        .write(ask, Some(held), move |tx, permit| {
            let Some((person, from)) = caller(tx, permit)? else {
                return Ok(false);
            };
            let present = known::of_person(tx, Deployment, person.id, from.at)?;
            let present: Vec<DeviceId> = present.iter().map(|device| device.id).collect();
            let Some(order) = crate::decide::ordered_as(&order, &present) else {
                return Ok(false);
            };
            let event = own::reorder(tx, &ground, &person, &order, &from)?;
            journal::append(tx, &event)?;
            Ok(true)
        })
        .await?;
    Ok(is_done)
}
