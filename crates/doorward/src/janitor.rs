//! What the server does once a minute without being asked: ends of locks and waiting refusals become events, old rows go, the journal is signed.
//! For the server; the tests call one turn by hand. Must never happen: a turn that fails and stops the next, or one that works on and on.
use factors::store::{Due, Ended, Subject, Swept};
use ground::{
    Ground,
    db::{self, Tx},
    journal,
};
use kernel::{Chance, Deployment, Event, EventKind, OrganisationId, Outcome, PersonId, Reason, Stream, Time};
use std::time::Duration;

const EVERY: Duration = Duration::from_mins(1);
/// At most so many chunks in one turn; the rest waits a minute.
const MOST_CHUNKS: usize = 50;

/// Runs for as long as the program does.
pub async fn every_minute(ground: Ground, agents: agents::Agents) {
    let mut minutes = tokio::time::interval(EVERY);
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        if let Err(error) = sweep(&ground).await {
            tracing::warn!(%error, "the minute's sweep failed; it is tried again in a minute");
        }
        if let Err(error) = agents.sweep().await {
            tracing::warn!(%error, "the minute's sweep of agents failed; it is tried again in a minute");
        }
    }
}

/// One turn: lanes, sessions, deleted organisations. (The journal has its own minute.)
pub async fn sweep(ground: &Ground) -> db::Result<()> {
    customers::sweep(ground).await?;
    let now = ground.now();
    let mut after = None;
    for _ in 0..MOST_CHUNKS {
        let chance = ground.chance.clone();
        after = ground
            .store
            .write(move |tx| sessions::end_over(tx, after, now, &chance))
            .await?;
        if after.is_none() {
            break;
        }
    }
    for _ in 0..MOST_CHUNKS {
        let chance = ground.chance.clone();
        let has_more = ground.store.write(move |tx| sweep_lanes(tx, now, &chance)).await?;
        let own = ground.clone();
        let has_more_codes = ground
            .store
            .write(move |tx| factors::authenticators::sweep(tx, &own, now))
            .await?;
        let gone = ground.store.write(move |tx| sessions::sweep(tx, now)).await?;
        let gone = gone + ground.store.write(move |tx| recovery::sweep(tx, now, 500)).await?;
        let gone = gone + ground.store.write(move |tx| devices::sweep(tx, now, 500)).await?;
        let gone = gone + ground.store.write(move |tx| activity::sweep(tx, now, 500)).await?;
        let chance = ground.chance.clone();
        let has_flows = ground.store.write(move |tx| sign_in::sweep(tx, now, &chance)).await?;
        let chance = ground.chance.clone();
        let has_refusals = ground
            .store
            .write(move |tx| roles::sweep_refusals(tx, now, &chance))
            .await?;
        let has_people = members::sweep(ground).await?;
        let has_more = has_more || has_flows || has_refusals || has_people;
        if !has_more && !has_more_codes && gone == 0 {
            break;
        }
    }
    Ok(())
}

fn sweep_lanes(tx: &mut Tx, now: Time, chance: &Chance) -> db::Result<bool> {
    let Swept { ended, due, has_more } = factors::store::sweep(tx, now)?;
    let mut events = Vec::new();
    for end in &ended {
        let home = home_of(tx, end_person(end))?;
        events.extend(factors::released(end, home, chance));
    }
    for Due { subject, count } in due {
        events.extend(refusals(tx, subject.as_ref(), count, now, chance)?);
    }
    journal::append_all(tx, &events)?;
    Ok(has_more)
}

fn end_person(end: &Ended) -> Option<PersonId> {
    match end.subject {
        Subject::Device(person, _) | Subject::Address(person) => Some(person),
        Subject::Network(_) => None,
    }
}

fn home_of(tx: &mut Tx, person: Option<PersonId>) -> db::Result<Option<OrganisationId>> {
    let Some(person) = person else { return Ok(None) };
    Ok(people::person(tx, Deployment, person)?.map(|person| person.home_organisation))
}

/// Refusals that waited to be told together, as one event.
fn refusals(
    tx: &mut Tx,
    subject: Option<&Subject>,
    count: u32,
    now: Time,
    chance: &Chance,
) -> db::Result<Option<Event>> {
    let (person, device) = match subject {
        Some(Subject::Device(person, device)) => (Some(*person), Some(*device)),
        Some(Subject::Address(person)) => (Some(*person), None),
        _ => (None, None),
    };
    let home = home_of(tx, person)?;
    let mut event = match (person, home) {
        (Some(person), Some(home)) => Event::new(
            Stream::Organisation(home),
            now,
            EventKind::SignInRefused,
            Outcome::Stopped,
            chance,
        )
        .about(person),
        (Some(_), None) => return Ok(None),
        (None, _) => Event::new(
            Stream::Deployment,
            now,
            EventKind::StrangersRefused,
            Outcome::Stopped,
            chance,
        ),
    };
    event.device = device;
    event.count = count;
    Ok(Some(event.because(Reason::SignInWrong)))
}
