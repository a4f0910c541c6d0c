//! Sessions by their devices: the limit of an organisation, and the end of those on a device whose trust was taken away.
//! Must never happen: the device that has just signed in signed out by its own coming; somebody signed out who is not told why.
use crate::{decide::Session, of_person, store};
use devices::{
    Known,
    decide::{Place, beyond_limit, in_order},
};
use ground::{
    Ground,
    db::{Result, Tx, View},
};
use kernel::{Deployment, DeviceId, Event, EventKind, Outcome, PersonId, Reason, SessionId, Stream, Time};
use std::collections::HashMap;

/// A person's signed-in devices: those that they can rank once each, and a shared one for each session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SignedIn {
    place: Place,
    device: Option<DeviceId>,
    session: SessionId,
}

/// Sorts what is about a person's signed-in devices by their order, most important first.
pub(crate) fn sort<T>(known: &[Known], things: &mut [T], of: impl Fn(&T) -> (Option<DeviceId>, Time), now: Time) {
    let places: HashMap<DeviceId, Place> = known.iter().map(|device| (device.id, device.place(now))).collect();
    in_order(things, |thing| {
        let (device, seen_at) = of(thing);
        place(&places, device, seen_at)
    });
}

fn places(view: &mut View, person: PersonId, now: Time) -> Result<HashMap<DeviceId, Place>> {
    let known = devices::of_person(view, Deployment, person, now)?;
    Ok(known.iter().map(|device| (device.id, device.place(now))).collect())
}

fn place(places: &HashMap<DeviceId, Place>, device: Option<DeviceId>, seen_at: Time) -> Place {
    let of_device = device.and_then(|device| places.get(&device));
    Place {
        rank: of_device.and_then(|place| place.rank),
        is_trusted: of_device.is_some_and(|place| place.is_trusted),
        used_at: seen_at,
    }
}

/// Ends what is beyond the limit now that this session is open, and tells it. The events are to be appended last.
pub(crate) fn enforce(
    tx: &mut Tx,
    new: SessionId,
    person: PersonId,
    limit: u32,
    now: Time,
    ground: &Ground,
) -> Result<Vec<Event>> {
    let sessions: Vec<Session> = of_person(tx, person, now)?
        .into_iter()
        .map(|listed| listed.session)
        .collect();
    if sessions.len() <= usize::try_from(limit.max(1)).unwrap_or(usize::MAX) {
        return Ok(Vec::new());
    }
    let places = places(tx, person, now)?;
    let of_new = sessions
        .iter()
        .find(|session| session.id == new)
        .and_then(|session| session.device);
    let mut signed_in: Vec<SignedIn> = Vec::new();
    for session in &sessions {
        let is_there = session.device.is_some() && signed_in.iter().any(|other| other.device == session.device);
        if !is_there {
            signed_in.push(SignedIn {
                place: place(&places, session.device, session.seen_at),
                device: session.device,
                session: session.id,
            });
        }
    }
    in_order(&mut signed_in, |line| line.place);
    let is_new = |line: &SignedIn| line.session == new || (of_new.is_some() && line.device == of_new);
    let gone = beyond_limit(&signed_in, limit, is_new);
    let is_gone = |session: &&Session| {
        gone.iter()
            .any(|line| line.session == session.id || (line.device.is_some() && line.device == session.device))
    };
    let mut events = Vec::new();
    for session in sessions.iter().filter(is_gone) {
        events.extend(end(tx, session, Reason::SessionDeviceLimit, now, ground)?);
    }
    Ok(events)
}

fn end(tx: &mut Tx, session: &Session, why: Reason, now: Time, ground: &Ground) -> Result<Option<Event>> {
    if !store::end(tx, Deployment, session.person, session.id, why, now)? {
        return Ok(None);
    }
    let home =
        people::person(tx, Deployment, session.person)?.map_or(session.organisation, |person| person.home_organisation);
    let stream = Stream::Organisation(home);
    let event = Event::new(stream, now, EventKind::SessionEnded, Outcome::Done, &ground.chance).about(session.person);
    Ok(Some(
        event
            .from(session.device, &session.device_label, &session.network)
            .because(why),
    ))
}
