//! What people were refused becomes events, with the reason and the derivation of the decision. For the door, and for the minute's sweep.
use crate::store::refusals;
use ground::{
    db::{Result, Tx},
    house::Stopped,
    journal,
};
use kernel::{Chance, Event, EventKind, OrganisationId, Outcome, PersonId, Reason, Stream, Time};

/// At most so many in one turn of the sweep.
const MOST: u32 = 200;

fn event(
    organisation: OrganisationId,
    person: PersonId,
    action: &str,
    detail: &str,
    now: Time,
    chance: &Chance,
) -> Event {
    let stream = Stream::Organisation(organisation);
    let mut event = Event::new(stream, now, EventKind::AccessRefused, Outcome::Stopped, chance).by(person);
    event.detail = format!("{action}: {detail}");
    event
}

/// Tells that somebody was refused, or counts it towards the next event. The last step of its transaction.
pub fn tell_stopped(tx: &mut Tx, stopped: &Stopped, now: Time, chance: &Chance) -> Result<()> {
    let count = refusals::count(tx, stopped, now)?;
    if count == 0 {
        return Ok(());
    }
    let name = stopped.action.name();
    let mut event = event(stopped.organisation, stopped.person, name, &stopped.told, now, chance).from(
        stopped.device,
        &stopped.device_label,
        &stopped.network,
    );
    event.reason = stopped.reasons.first().copied();
    event.count = count;
    journal::append(tx, &event)
}

/// Tells what waited for its minute to be over. True: there may be more.
pub fn sweep_refusals(tx: &mut Tx, now: Time, chance: &Chance) -> Result<bool> {
    let due = refusals::due(tx, now, MOST)?;
    let events: Vec<Event> = due
        .iter()
        .map(|waiting| {
            let mut event = event(
                waiting.organisation,
                waiting.person,
                &waiting.action,
                &waiting.detail,
                now,
                chance,
            )
            .from(waiting.device, &waiting.device_label, &waiting.network);
            event.reason = Reason::from_id(&waiting.reason);
            event.count = u32::try_from(waiting.told).unwrap_or(u32::MAX);
            event
        })
        .collect();
    journal::append_all(tx, &events)?;
    Ok(due.len() >= usize::try_from(MOST).unwrap_or(usize::MAX))
}
