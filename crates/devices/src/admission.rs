//! Devices that only an administrator lets in: they wait, and one answers.
//! Must never happen: an administrator who answers for a person of another organisation.
use crate::{
    Token,
    store::{self, NewAdmission},
    tell::{self, From},
};
use ground::{
    Ground,
    db::{Result, Tx, View},
};
use kernel::{Deployment, DeviceId, Event, EventKind, Organisation, Outcome, PersonId, Reason, Time};
use people::{Person, notices::Notice};

/// Of one person so many devices wait at most.
const MOST_WAITING: i64 = 5;

/// A device that wants to be let in. Its token must be in the cookie that its browser is given.
pub struct Coming<'a> {
    /// Its secret.
    pub token: Token,
    /// The id that it gets where it is new.
    pub fresh: DeviceId,
    /// Browser and system in words.
    pub label: &'a str,
    /// Where it is.
    pub network: &'a str,
}

/// Keeps that this device waits. The event, of its first question, is to be appended last.
pub fn ask(tx: &mut Tx, ground: &Ground, person: &Person, coming: &Coming<'_>, now: Time) -> Result<Option<Event>> {
    let device = store::keep(tx, Deployment, &coming.token, coming.fresh, coming.label, now)?;
    let new = NewAdmission {
        person: person.id,
        device,
        label: coming.label,
        network: coming.network,
    };
    let is_new = store::ask_admission(tx, Deployment, &new, now)?;
    store::trim_admissions(tx, Deployment, person.id, MOST_WAITING)?;
    let from = From {
        actor: None,
        device: Some(device),
        label: coming.label.to_owned(),
        network: coming.network.to_owned(),
        at: now,
    };
    Ok(is_new.then(|| tell::refusal(ground, person, &from, EventKind::DeviceWaits, Reason::DeviceWaits)))
}

/// Whether an administrator has refused the device of one of these tokens.
pub fn is_refused(view: &mut View, _: Deployment, tokens: &[Token], person: PersonId) -> Result<bool> {
    for token in tokens {
        let facts = store::facts(view, Deployment, token, person)?;
        if facts.is_some_and(|facts| facts.admission.as_deref() == Some("refused")) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// An administrator's answer. None: it does not wait, or its person belongs to another organisation. The events are to be appended last.
pub fn answer(
    tx: &mut Tx,
    ground: &Ground,
    organisation: Organisation,
    (person, device): (PersonId, DeviceId),
    is_admitted: bool,
    from: &From,
) -> Result<Option<Vec<Event>>> {
    let (Some(by), Some(person)) = (from.actor, tell::person(tx, person)?) else {
        return Ok(None);
    };
    let Some(label) = store::answer_admission(tx, organisation, person.id, device, is_admitted, by, from.at)? else {
        return Ok(None);
    };
    let (notice, kind, outcome) = if is_admitted {
        let notice = Notice::DeviceAdmitted { what: label.clone() };
        (notice, EventKind::DeviceAdmitted, Outcome::Allowed)
    } else {
        let notice = Notice::DeviceNotAdmitted { what: label.clone() };
        (notice, EventKind::DeviceNotAdmitted, Outcome::Stopped)
    };
    // The mail says which device it is about, not where the administrator sits.
    let there = From {
        label: String::new(),
        network: String::new(),
        ..from.clone()
    };
    tell::mail(tx, ground, &person, &there, &notice)?;
    let mut event = tell::event(ground, &person, from, kind, outcome);
    if !is_admitted {
        event = event.because(Reason::DeviceRefused);
    }
    event.detail = label;
    Ok(Some(vec![event]))
}
