//! What the server does once a minute about agents without being asked: those that waited for too long, those that nobody has seen for as long as
//! their key allows, entries that were refused long ago, and what is still to be told of refused calls.
//! Must never happen: a use given back twice; an event for each of a thousand machines that end together.
use crate::{
    http::Agents,
    store::{self, Due},
};
use agent_wire::State;
use ground::{
    Ground,
    db::{self, Tx},
    journal,
};
use kernel::{Deployment, Event, EventKind, Organisation, OrganisationId, Outcome, Reason, Span, Stream, Time};
use std::collections::BTreeMap;

/// An agent waits so long to be let in.
const WAITS_FOR: Span = Span::days(7);
/// Nobody is "unseen" to a server that has been on for less: after an outage, or on a backup that was put back, all of them come again first.
const LISTENS_FOR: Span = Span::minutes(15);
/// An entry that was refused is shown so long.
const SHOWN_FOR: Span = Span::days(30);
/// A key that has ended is shown, with its refusals, for as long as the log is kept unless an organisation says otherwise.
const KEPT_FOR: Span = Span::days(400);
/// Agents of one transaction, and transactions of one turn.
const CHUNK: i64 = 200;
const MOST_CHUNKS: usize = 50;

/// One turn.
pub(crate) async fn sweep(agents: &Agents) -> db::Result<()> {
    let ground = &agents.house.ground;
    agents.identity.stops.sweep(ground).await;
    let mut has_changed = false;
    let listened = ground.now() - agents.identity.began_at >= LISTENS_FOR;
    for _ in 0..MOST_CHUNKS {
        let held = ground.clone();
        let ended = ground.store.write(move |tx| end_some(tx, &held, listened)).await?;
        has_changed |= ended > 0;
        if ended < CHUNK {
            break;
        }
    }
    let before = ground.now() - SHOWN_FOR;
    while ground
        .store
        .write(move |tx| store::sweep_refused(tx, Deployment, before))
        .await?
        > 0
    {}
    let before = ground.now() - KEPT_FOR;
    while ground
        .store
        .write(move |tx| store::sweep_keys(tx, Deployment, before, CHUNK))
        .await?
        > 0
    {}
    if has_changed {
        agents.live.ring();
    }
    Ok(())
}

/// Ends some; answers how many of the larger kind there were.
fn end_some(tx: &mut Tx, ground: &Ground, listened: bool) -> db::Result<i64> {
    let now = ground.now();
    let waited = store::waiting_since(tx, Deployment, now - WAITS_FOR, CHUNK)?;
    let unseen = if listened {
        store::unseen(tx, Deployment, now, CHUNK)?
    } else {
        Vec::new()
    };
    let mut ended = BTreeMap::new();
    for due in &waited {
        if end(
            tx,
            due,
            (State::Waiting, State::Refused),
            Reason::AgentWaitedTooLong,
            now,
        )? {
            store::give_back(tx, Organisation(due.organisation), due.installation_key)?;
            *ended.entry((due.organisation, Reason::AgentWaitedTooLong)).or_insert(0) += 1;
        }
    }
    for due in &unseen {
        if end(tx, due, (State::Active, State::Revoked), Reason::AgentUnseen, now)? {
            *ended.entry((due.organisation, Reason::AgentUnseen)).or_insert(0) += 1;
        }
    }
    let events: Vec<Event> = ended
        .into_iter()
        .map(|(of, count)| event(ground, of, count, now))
        .collect();
    journal::append_all(tx, &events)?;
    Ok(i64::try_from(waited.len().max(unseen.len())).unwrap_or(CHUNK))
}

fn end(tx: &mut Tx, due: &Due, states: (State, State), reason: Reason, now: Time) -> db::Result<bool> {
    store::end_agent(tx, Organisation(due.organisation), due.id, states, reason, now)
}

fn event(ground: &Ground, (organisation, reason): (OrganisationId, Reason), count: u32, now: Time) -> Event {
    let stream = Stream::Organisation(organisation);
    let mut event = Event::new(stream, now, EventKind::AgentEnded, Outcome::Done, &ground.chance).because(reason);
    event.count = count;
    event
}
