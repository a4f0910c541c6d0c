//! "Devices": what waits for an administrator, and what the organisation's people sign in from.
use super::{Devices, caller, see_other};
use crate::{
    admission, lock, own,
    page::{DevicesPage, TheirLine, WaitingLine},
    store::{self, Theirs, Waiting},
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    db::{Result as Stored, Tx, View},
    form::{Form, Query},
    journal,
    page::{Entry, HouseShell, Notice, html},
};
use kernel::{Deployment, DeviceId, Organisation, PersonId, Reason, Time, act};
use organisations::Mode;
use serde::Deserialize;

const PAGE: i64 = 50;
const MOST_WAITING: i64 = 200;

/// What was just done, and where the list goes on.
#[derive(Deserialize, Default)]
pub(super) struct Came {
    done: Option<String>,
    cursor: Option<String>,
}

struct Seen {
    is_approval_needed: bool,
    waiting: Vec<Waiting>,
    devices: Vec<Theirs>,
}

/// GET `/app/devices`.
pub(super) async fn show(
    State(state): State<Devices>,
    ask: Ask<act::ApproveDevices>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let came = came.map(|Query(came)| came).unwrap_or_default();
    let before = came.cursor.as_deref().and_then(read_cursor);
    let (permit, seen) = state
        .house
        .read(&ask, move |view, permit| {
            see(view, Organisation(permit.caller().organisation), before)
        })
        .await?;
    let notice = match came.done.as_deref() {
        Some("admitted") => Some(Notice::done("The device is let in. Its person can sign in on it now.")),
        Some("refused") => Some(Notice::done("The device is refused.")),
        Some("revoked") => Some(Notice::done("The device is not trusted any more, and is signed out.")),
        Some("gone") => Some(Notice::warn(
            "Nothing was changed.",
            "Somebody else may have answered already.",
        )),
        _ => None,
    };
    Ok(html(StatusCode::OK, page(&permit, seen, notice)))
}

fn see(view: &mut View, organisation: Organisation, before: Option<(Time, DeviceId)>) -> Stored<Seen> {
    let mode = organisations::standing(view, organisation)?.map(|standing| standing.policies.devices.mode);
    Ok(Seen {
        is_approval_needed: mode == Some(Mode::Approved),
        waiting: store::waiting(view, organisation, MOST_WAITING)?,
        devices: store::of_organisation(view, organisation, before, PAGE + 1)?,
    })
}

fn page(permit: &Permit<act::ApproveDevices>, seen: Seen, notice: Option<Notice>) -> DevicesPage {
    let page = usize::try_from(PAGE).unwrap_or_default();
    let next = seen
        .devices
        .get(page)
        .and_then(|_| seen.devices.get(page - 1))
        .map(cursor);
    let now = permit.now();
    DevicesPage {
        shell: HouseShell::new("Devices", Entry::Devices, permit.caller(), now),
        notice,
        is_approval_needed: seen.is_approval_needed,
        waiting: seen.waiting.into_iter().map(waiting_line).collect(),
        devices: seen
            .devices
            .into_iter()
            .take(page)
            .map(|device| their_line(device, now))
            .collect(),
        next,
    }
}

fn waiting_line(waiting: Waiting) -> WaitingLine {
    WaitingLine {
        person: waiting.person,
        name: waiting.person_name,
        email: waiting.email,
        device: waiting.device,
        label: waiting.label,
        network: waiting.network,
        asked_at: waiting.asked_at,
    }
}

fn their_line(device: Theirs, now: Time) -> TheirLine {
    TheirLine {
        person: device.person,
        name: device.person_name,
        email: device.email,
        device: device.device,
        label: device.label,
        network: device.network,
        last_at: device.last_at,
        trusted_until: device.trusted_until.filter(|until| *until > now),
        is_let_in: device.approved_at.is_some(),
    }
}

fn cursor(device: &Theirs) -> String {
    format!("{}.{}", device.last_at.micros(), device.device)
}

fn read_cursor(cursor: &str) -> Option<(Time, DeviceId)> {
    let (at, id) = cursor.split_once('.')?;
    Some((Time::from_micros(at.parse().ok()?), id.parse().ok()?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerForm {
    person: PersonId,
    device: DeviceId,
    answer: String,
}

/// POST `/app/devices/answer`: lets a device in, or refuses it.
pub(super) async fn answer(
    State(state): State<Devices>,
    ask: Ask<act::ApproveDevices>,
    form: Form<AnswerForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let is_admitted = match form.answer.as_str() {
        "admit" => true,
        "refuse" => false,
        _ => return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed)),
    };
    let (ground, whose) = (state.house.ground.clone(), (form.person, form.device));
    let (_, events) = state
        .house
        .write(&ask, None, move |tx, permit| {
            let Some((_, from)) = caller(tx, permit)? else {
                return Ok(None);
            };
            let organisation = Organisation(permit.caller().organisation);
            let events = admission::answer(tx, &ground, organisation, whose, is_admitted, &from)?;
            journal::append_all(tx, events.as_deref().unwrap_or_default())?;
            Ok(events.map(|_| ()))
        })
        .await?;
    state.live.ring();
    Ok(see_other(match (events, is_admitted) {
        (None, _) => "/app/devices?done=gone",
        (Some(()), true) => "/app/devices?done=admitted",
        (Some(()), false) => "/app/devices?done=refused",
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RevokeForm {
    person: PersonId,
    device: DeviceId,
}

/// POST `/app/devices/revoke`: takes the trust of a person's device away. Whoever belongs to another organisation is not there.
pub(super) async fn revoke(
    State(state): State<Devices>,
    ask: Ask<act::ApproveDevices>,
    form: Form<RevokeForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let (ground, house, held) = (state.house.ground.clone(), state.house.clone(), lock(form.person));
    let (whose, device) = (form.person, form.device);
    let (_, is_done) = state
        .house
        .write(&ask, Some(held), move |tx, permit| {
            let theirs = people::person(tx, Deployment, whose)?;
            let home = permit.caller().organisation;
            let Some(person) = theirs.filter(|person| person.home_organisation == home) else {
                return Ok(None);
            };
            let Some((_, from)) = caller(tx, permit)? else {
                return Ok(None);
            };
            let ends = |tx: &mut Tx, device: DeviceId, why: Reason| house.end_device(tx, permit, (whose, device), why);
            let event = own::revoke_trust(tx, &ground, &person, device, &from, &ends)?;
            journal::append_all(tx, event.as_slice())?;
            Ok(Some(event.is_some()))
        })
        .await?;
    match is_done {
        None => Err(ask.not_found()),
        Some(false) => Ok(see_other("/app/devices?done=gone")),
        Some(true) => Ok(see_other("/app/devices?done=revoked")),
    }
}
