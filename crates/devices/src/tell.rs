//! How changes of devices are told: events into the log of the person's home, and a mail to the person.
use ground::{
    Caller, Ground,
    db::{Result, Tx},
};
use kernel::{Deployment, DeviceId, Event, EventKind, Outcome, PersonId, Reason, Stream, Time};
use people::{
    Person,
    notices::{self, Draw, Notice},
};

/// Where a change comes from, and when.
#[derive(Debug, Clone)]
pub struct From {
    /// Who does it, where they are known: the person or an administrator.
    pub actor: Option<PersonId>,
    /// The device that it comes from.
    pub device: Option<DeviceId>,
    /// That device in words.
    pub label: String,
    /// Where it is.
    pub network: String,
    /// When.
    pub at: Time,
}

impl From {
    /// From a caller.
    pub fn caller(caller: &Caller, at: Time) -> Self {
        Self {
            actor: Some(caller.person),
            device: caller.device,
            label: caller.device_label.clone(),
            network: caller.network.clone(),
            at,
        }
    }
}

/// An event about this person, of what this place did.
pub(crate) fn event(ground: &Ground, person: &Person, from: &From, kind: EventKind, outcome: Outcome) -> Event {
    let stream = Stream::Organisation(person.home_organisation);
    let mut event = Event::new(stream, from.at, kind, outcome, &ground.chance).about(person.id);
    event.actor = from.actor;
    event.from(from.device, &from.label, &from.network)
}

/// The same, for a reason.
pub(crate) fn refusal(ground: &Ground, person: &Person, from: &From, kind: EventKind, reason: Reason) -> Event {
    event(ground, person, from, kind, Outcome::Stopped).because(reason)
}

/// Mails the person what happened, and where.
pub(crate) fn mail(tx: &mut Tx, ground: &Ground, person: &Person, from: &From, notice: &Notice) -> Result<()> {
    let facts = notices::Facts::new(from.at, &from.label, &from.network);
    notices::post(tx, ground, person, notice, &facts, &Draw::new(from.at, &ground.chance))
}

/// The alarm of a cookie that came with another key: a mail to the person, and the event to be appended last. Once a sign-in.
pub fn other_key(tx: &mut Tx, ground: &Ground, person: &Person, from: &From) -> Result<Event> {
    mail(tx, ground, person, from, &Notice::DeviceOtherKey)?;
    Ok(refusal(
        ground,
        person,
        from,
        EventKind::DeviceOtherKey,
        Reason::DeviceOtherKey,
    ))
}

/// The person, who is there: rows of theirs were just read under the same transaction.
pub(crate) fn person(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    people::person(tx, Deployment, id)
}
