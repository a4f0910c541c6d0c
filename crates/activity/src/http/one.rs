//! One event: its page, and the same for programs.
use super::malformed;
use crate::{
    item::{self, Item, Names, what},
    page::{
        Lines,
        event::{EventPage, Named, Proof, Why},
    },
    store::{self, Chained, Row, Wanted},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    About, Ask, Failure, House, Permit,
    db::{self, View},
    form::{Path, Query},
    journal::{self, Checkpoint},
    page::{Entry, HouseShell, html},
};
use kernel::{EventId, EventKind, Organisation, Outcome, PersonId, Reason, Span, Stream, act};
use serde::Serialize;
use std::fmt::Write as _;
use utoipa::ToSchema;

/// What happened so long before and after belongs together: a sign-in under way lives for ten minutes.
const FLOW: Span = Span::minutes(10);
const MOST_OF_FLOW: u32 = 50;
/// Lines before and after.
const BESIDE: i64 = 3;

/// What is known of one event.
struct Found {
    event: Chained,
    flow: Vec<Row>,
    beside: Vec<Row>,
    names: Names,
    signed: Option<Checkpoint>,
}

fn find(view: &mut View, organisation: Organisation, id: Option<EventId>) -> db::Result<Option<Found>> {
    let Some(id) = id else { return Ok(None) };
    let Some(event) = store::one(view, organisation, id)? else {
        return Ok(None);
    };
    let row = &event.row;
    let flow = flow(view, organisation, row)?;
    let beside = store::between(view, organisation, row.seq - BESIDE, row.seq + BESIDE)?;
    let all: Vec<Row> = flow.iter().chain(&beside).chain([row]).cloned().collect();
    Ok(Some(Found {
        names: item::names(view, &all)?,
        signed: journal::proof_of(view, Stream::Organisation(organisation.0), row.seq)?,
        flow,
        beside,
        event,
    }))
}

/// What the same person, or somebody from the same network, did or met about that time.
fn flow(view: &mut View, organisation: Organisation, row: &Row) -> db::Result<Vec<Row>> {
    let person = row.subject.or(row.actor);
    if person.is_none() && row.network.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = Wanted {
        people: person.map(|person| vec![person]),
        network: Some(row.network.clone()).filter(|_| person.is_none()),
        from: row.at - FLOW,
        before: (row.at + FLOW, i64::MAX),
        ..Wanted::default()
    };
    let mut rows = store::newest(view, organisation, &wanted, MOST_OF_FLOW)?.rows;
    rows.retain(|other| other.seq != row.seq);
    Ok(rows)
}

/// GET `/app/activity/{id}`.
pub(super) async fn show(
    State(house): State<House>,
    ask: Ask<act::ReadEvents>,
    id: Result<Path<String>, Failure>,
) -> Result<Response, Failure> {
    let id = id.ok().and_then(|Path(id)| id.parse().ok());
    let (permit, found) = house
        .read(&ask, move |view, permit| {
            find(view, Organisation(permit.caller().organisation), id)
        })
        .await?;
    let found = found.ok_or_else(|| ask.not_found())?;
    Ok(html(StatusCode::OK, page(&permit, found)))
}

fn page(permit: &Permit<act::ReadEvents>, found: Found) -> EventPage {
    let (row, names) = (found.event.row, found.names);
    let named = |person: Option<PersonId>| {
        person.map(|id| Named {
            id,
            name: names.get(&id).cloned().unwrap_or_else(|| "a former person".into()),
        })
    };
    // Somebody who is invited is nobody yet: what was written to them stands in the detail.
    let is_invitation = matches!(
        EventKind::from_id(&row.kind),
        Some(EventKind::PersonInvited | EventKind::InvitationResent | EventKind::InvitationWithdrawn)
    );
    let is_shown = |id: &PersonId| Some(*id) != row.actor && (!is_invitation || names.contains_key(id));
    let (actor, subject) = (named(row.actor), named(row.subject.filter(is_shown)));
    let what = what(&row.kind);
    let lines = |rows: Vec<Row>| Lines(rows.into_iter().map(|row| item::line(row, &names)).collect());
    EventPage {
        shell: HouseShell::new(what.clone(), Entry::Activity, permit.caller(), permit.now()),
        who: if row.network.is_empty() {
            "the server".into()
        } else {
            "somebody who did not prove who they are".into()
        },
        what,
        at: row.at,
        outcome: Outcome::from_name(&row.outcome).unwrap_or(Outcome::Done),
        actor,
        subject,
        device: row.device_label,
        network: row.network,
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
        detail: row.detail,
        why: row.reason.map(why),
        flow: lines(found.flow),
        beside: lines(found.beside),
        proof: Proof {
            seq: row.seq,
            hash: hex(&found.event.hash),
            signed: found.signed.map(|checkpoint| (checkpoint.seq, checkpoint.at)),
        },
    }
}

fn why(id: String) -> Why {
    let known = Reason::from_id(&id);
    let said = |words: fn(Reason) -> &'static str| known.map(words).unwrap_or_default().to_owned();
    Why {
        admin: known.map_or_else(
            || "A newer version wrote this reason.".to_owned(),
            |reason| reason.admin().to_owned(),
        ),
        person: said(Reason::person),
        next: said(Reason::next),
        id,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One event with what proves it.
#[derive(Serialize, ToSchema)]
pub(super) struct Proved {
    #[serde(flatten)]
    event: Item,
    /// The chain's hash with this event, in hexadecimal.
    hash: String,
    /// The line of the log whose signed checkpoint proves it; null where the next minute signs it.
    signed_with: Option<i64>,
}

/// One event of the organisation.
#[utoipa::path(get, path = "/api/v1/events/{id}", params(
    ("id" = uuid::Uuid, Path, description = "The event"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
), responses((status = 200, body = Proved), (status = 403, description = "Not allowed"), (status = 404, description = "There is no such event")))]
pub(super) async fn get(
    State(house): State<House>,
    ask: Ask<act::ReadEvents>,
    id: Result<Path<String>, Failure>,
    about: Result<Query<About>, Failure>,
) -> Result<Response, Failure> {
    let id = id.ok().and_then(|Path(id)| id.parse().ok());
    let (permit, found) = house
        .read(&ask, move |view, permit| {
            find(view, Organisation(permit.caller().organisation), id)
        })
        .await?;
    let about = about.map_err(|_| malformed(&ask, Vec::new()))?.0;
    ask.own_only(permit.caller(), about.organisation.as_deref())?;
    let found = found.ok_or_else(|| ask.not_found())?;
    let proved = Proved {
        hash: hex(&found.event.hash),
        event: item::item(found.event.row, &found.names),
        signed_with: found.signed.map(|checkpoint| checkpoint.seq),
    };
    Ok(Json(proved).into_response())
}
