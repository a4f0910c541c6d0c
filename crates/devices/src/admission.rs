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
use kernel::{Deployment, DeviceId, Event, EventKind, Language, Organisation, Outcome, PersonId, Reason, Span, Time};
use people::{Person, letters::Words, notices::Notice};

/// Of one person so many devices wait at most.
const MOST_WAITING: i64 = 5;
/// Administrators are told of a device so often at most, and in that time of so many devices of one person.
const TOLD_AGAIN_AFTER: Span = Span::hours(1);
const MOST_TOLD: i64 = 5;
/// So long the operator's word holds that a person's next device is let in.
pub const EXPECTED_FOR: Span = Span::hours(24);

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

/// What came of a question.
#[derive(Debug)]
pub struct Asked {
    /// Of its first time; to be appended last.
    pub event: Option<Event>,
    /// Whoever lets devices in is to be told now.
    pub is_to_be_told: bool,
}

/// Keeps that this device waits.
pub fn ask(tx: &mut Tx, ground: &Ground, person: &Person, coming: &Coming<'_>, now: Time) -> Result<Asked> {
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
    let event = is_new.then(|| tell::refusal(ground, person, &from, EventKind::DeviceWaits, Reason::DeviceWaits));
    let since = now - TOLD_AGAIN_AFTER;
    let is_to_be_told = store::claim_telling(tx, Deployment, person.id, device, MOST_TOLD, since, now)?;
    Ok(Asked { event, is_to_be_told })
}

/// What whoever lets devices in is told of one that waits.
pub fn letter(language: Language, person: &Person, coming: &Coming<'_>, now: Time) -> Words {
    crate::letters::waits(language, person, coming, now)
}

/// The operator's word: the person's next device is let in, once, by a code from their mailbox. For whom no administrator is left.
pub fn expect(tx: &mut Tx, _: Deployment, person: PersonId, now: Time) -> Result<()> {
    store::expect(tx, Deployment, person, now, now + EXPECTED_FOR)
}

/// Whether that holds for this person.
pub fn is_expected(view: &mut View, _: Deployment, person: PersonId, now: Time) -> Result<bool> {
    store::is_expected(view, Deployment, person, now)
}

/// Spends it, in the transaction that lets the device in. None: another one was let in. The event is to be appended last.
pub fn let_expected_in(tx: &mut Tx, ground: &Ground, person: &Person, from: &From) -> Result<Option<Event>> {
    if !store::take_expected(tx, Deployment, person.id, from.at)? {
        return Ok(None);
    }
    let mut event = tell::event(ground, person, from, EventKind::DeviceAdmitted, Outcome::Allowed);
    event.detail = format!("{}: by mail, as the operator said", from.label);
    Ok(Some(event))
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
