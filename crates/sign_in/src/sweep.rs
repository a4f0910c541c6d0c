//! Sign-ins that nobody went through with: their rows go, and their person's log tells of it, because somebody knew a password.
//! For the minute's sweep. Must never happen: a log that is filled by whoever begins and begins again: they are told together.
use crate::store::{self, Abandoned};
use ground::{
    db::{Result, Tx},
    journal,
};
use kernel::{Chance, Deployment, Event, EventKind, Outcome, PersonId, Reason, Stream, Time};
use std::collections::BTreeMap;

/// So many rows in one step.
const CHUNK: i64 = 200;

/// Removes what has ended. Answers whether there is more.
pub fn sweep(tx: &mut Tx, now: Time, chance: &Chance) -> Result<bool> {
    let gone = store::sweep(tx, Deployment, now, CHUNK)?;
    let has_more = i64::try_from(gone.len()) == Ok(CHUNK);
    let mut of_person: BTreeMap<PersonId, (Abandoned, u32)> = BTreeMap::new();
    for one in gone {
        let counted = of_person.entry(one.person).or_insert_with(|| (one.clone(), 0));
        counted.1 += 1;
        if one.ends_at > counted.0.ends_at {
            counted.0 = one;
        }
    }
    let mut events = Vec::new();
    for (person, (last, count)) in of_person {
        let Some(person) = people::person(tx, Deployment, person)? else {
            continue;
        };
        let stream = Stream::Organisation(person.home_organisation);
        let event = Event::new(
            stream,
            last.ends_at,
            EventKind::SignInUnfinished,
            Outcome::Stopped,
            chance,
        );
        let mut event = event.about(person.id).because(Reason::SignInUnfinished).from(
            last.device,
            &last.device_label,
            &last.network,
        );
        event.count = count;
        events.push(event);
    }
    journal::append_all(tx, &events)?;
    Ok(has_more)
}
