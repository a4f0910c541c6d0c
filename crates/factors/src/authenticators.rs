//! A person's ways to prove themselves beside the password, of every kind: listed, named, removed, reviewed.
//! For the pages of one's own account, sign-in, recovery and the doctor. Every change is told by mail and is an event.
//! Must never happen: a change without its notice; one person's authenticator seen or removed by another.
use crate::{
    decide::{State, app::STEP_SECONDS, pause},
    store::authenticators::{self as store, Row},
};
use ground::{
    Caller, Ground,
    db::{Lock, Result, Tx, View},
};
use kernel::{
    AuthenticatorId, AuthenticatorKind, Deployment, DeviceId, Event, EventKind, Kinds, Outcome, PersonId, Reason, Span,
    Stream, Time,
};
use people::{
    Person,
    notices::{self, Draw, Facts, Notice},
    way::Way,
};

/// At most so many of a kind.
pub(crate) const MOST: i64 = 10;
/// So many may be begun at once; older ones end.
pub(crate) const MOST_BEGUN: i64 = 3;
/// What was begun is to be confirmed within this time.
pub(crate) const BEGUN_FOR: Span = Span::hours(1);
/// At so few recovery codes its owner is warned.
pub const FEW_CODES: u32 = 3;

/// One way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// Its id.
    pub id: AuthenticatorId,
    /// Whose.
    pub person: PersonId,
    /// Of which kind.
    pub kind: AuthenticatorKind,
    /// Its name.
    pub name: String,
    /// What is shown of a number: "•••• 4417".
    pub hint: String,
    /// When it was begun.
    pub made_at: Time,
    /// When it was confirmed; before it nobody gets in with it.
    pub confirmed_at: Option<Time>,
    /// When it was last used.
    pub used_at: Option<Time>,
    /// When its owner last looked whether it is still right.
    pub reviewed_at: Time,
    /// Until when it is paused.
    pub paused_until: Option<Time>,
    /// Closed until it is set up anew, after 100 wrong codes in a row.
    pub is_shut: bool,
    /// Recovery codes that are left.
    pub left: Option<u32>,
    /// By how many seconds an app runs ahead of us; negative: behind.
    pub drift_seconds: i64,
}

impl Authenticator {
    pub(crate) fn of(person: PersonId, row: Row, now: Time) -> Option<Self> {
        let kind = row.kind()?;
        let state = pause::state(&row.run(), now);
        let left = u32::try_from(row.left).unwrap_or(0);
        Some(Self {
            id: row.id,
            person,
            kind,
            name: row.name,
            hint: row.hint,
            made_at: row.made_at,
            confirmed_at: row.confirmed_at,
            used_at: row.used_at,
            reviewed_at: row.reviewed_at,
            paused_until: if let State::Locked(until) = state {
                Some(until)
            } else {
                None
            },
            is_shut: state == State::Shut,
            left: (kind == AuthenticatorKind::RecoveryCodes).then_some(left),
            drift_seconds: row.drift * STEP_SECONDS,
        })
    }
    /// Kind and name, for the log: "Authenticator app “Phone”".
    pub fn words(&self) -> String {
        words(self.kind, &self.name)
    }
    /// The same for a letter, which names it in its reader's language.
    pub(crate) fn way(&self) -> Way {
        Way {
            kind: self.kind,
            name: self.name.clone(),
        }
    }
    /// Whether its owner is to be warned that few codes are left.
    pub fn has_few_left(&self) -> bool {
        self.left.is_some_and(|left| left <= FEW_CODES)
    }
}

pub(crate) fn words(kind: AuthenticatorKind, name: &str) -> String {
    if name == kind.words() || name.is_empty() {
        kind.words().to_owned()
    } else {
        format!("{} “{name}”", kind.words())
    }
}

/// Who changes something, and from where.
#[derive(Debug, Clone)]
pub struct By {
    /// Who; none: the server, or its operator.
    pub actor: Option<PersonId>,
    /// The device.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub label: String,
    /// The network.
    pub network: String,
    /// When.
    pub at: Time,
}

impl By {
    /// The caller of a request.
    pub fn caller(caller: &Caller, now: Time) -> Self {
        Self {
            actor: Some(caller.person),
            device: caller.device,
            label: caller.device_label.clone(),
            network: caller.network.clone(),
            at: now,
        }
    }
    pub(crate) fn facts(&self) -> Facts {
        Facts::new(self.at, &self.label, &self.network)
    }
    pub(crate) fn event(
        &self,
        ground: &Ground,
        person: &Person,
        kind: EventKind,
        outcome: Outcome,
        what: &str,
    ) -> Event {
        let stream = Stream::Organisation(person.home_organisation);
        let mut event = Event::new(stream, self.at, kind, outcome, &ground.chance)
            .about(person.id)
            .from(self.device, &self.label, &self.network);
        event.actor = self.actor;
        what.clone_into(&mut event.detail);
        event
    }
}

/// The lock under which everything about a person's authenticators happens. Taken after the account's, before any row.
pub fn person_lock(person: PersonId) -> Lock {
    Lock::on("person", person.0.as_bytes())
}

/// The confirmed ones of a person, the oldest first.
pub fn of_person(view: &mut View, of: Deployment, person: PersonId, now: Time) -> Result<Vec<Authenticator>> {
    let rows = store::of_person(view, of, person)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Authenticator::of(person, row, now))
        .collect())
}

/// One of this person, confirmed or not.
pub fn find(
    view: &mut View,
    of: Deployment,
    person: PersonId,
    id: AuthenticatorId,
    now: Time,
) -> Result<Option<Authenticator>> {
    let row = store::find(view, of, person, id)?;
    Ok(row.and_then(|row| Authenticator::of(person, row, now)))
}

/// Counts a person's kinds anew from the rows, as part of the transaction that changed them.
pub fn recount(tx: &mut Tx, of: Deployment, person: PersonId) -> Result<Kinds> {
    let kinds = store::kinds(tx, of, person)?;
    people::set_kinds(tx, of, person, kinds)?;
    Ok(kinds)
}

/// One was confirmed: counts the kinds anew, posts the notice, answers the events for the end of the transaction.
pub fn added(tx: &mut Tx, ground: &Ground, by: &By, person: PersonId, id: AuthenticatorId) -> Result<Vec<Event>> {
    recount(tx, Deployment, person)?;
    let (Some(person), Some(one)) = (
        people::person(tx, Deployment, person)?,
        find(tx, Deployment, person, id, by.at)?,
    ) else {
        return Ok(Vec::new());
    };
    tell(tx, ground, by, &person, &Notice::AuthenticatorAdded { what: one.way() })?;
    let event = by.event(
        ground,
        &person,
        EventKind::AuthenticatorAdded,
        Outcome::Done,
        &one.words(),
    );
    Ok(vec![event])
}

pub(crate) fn tell(tx: &mut Tx, ground: &Ground, by: &By, person: &Person, notice: &Notice) -> Result<()> {
    let draw = Draw::new(by.at, &ground.chance);
    notices::post(tx, ground, person, notice, &by.facts(), &draw)
}

/// Removes one. None: this person has none of this id. Answers what it was, and the events for the end of the transaction.
pub fn remove(
    tx: &mut Tx,
    ground: &Ground,
    by: &By,
    person: PersonId,
    id: AuthenticatorId,
) -> Result<Option<(Authenticator, Vec<Event>)>> {
    let Some(one) = find(tx, Deployment, person, id, by.at)? else {
        return Ok(None);
    };
    if !store::remove(tx, Deployment, person, id)? {
        return Ok(None);
    }
    if one.confirmed_at.is_none() {
        return Ok(Some((one, Vec::new())));
    }
    recount(tx, Deployment, person)?;
    let events = removed(tx, ground, by, person, std::slice::from_ref(&one))?;
    Ok(Some((one, events)))
}

/// Removes all of a person, also what was begun: they were lost, or taken. Answers what there was, and the events.
pub fn remove_all(tx: &mut Tx, ground: &Ground, by: &By, person: PersonId) -> Result<(Vec<Authenticator>, Vec<Event>)> {
    let all = of_person(tx, Deployment, person, by.at)?;
    store::remove_all(tx, Deployment, person)?;
    recount(tx, Deployment, person)?;
    let events = removed(tx, ground, by, person, &all)?;
    Ok((all, events))
}

fn removed(tx: &mut Tx, ground: &Ground, by: &By, person: PersonId, gone: &[Authenticator]) -> Result<Vec<Event>> {
    let (Some(person), false) = (people::person(tx, Deployment, person)?, gone.is_empty()) else {
        return Ok(Vec::new());
    };
    let what = gone.iter().map(Authenticator::way).collect();
    tell(tx, ground, by, &person, &Notice::AuthenticatorRemoved { what })?;
    let event = |one: &Authenticator| {
        by.event(
            ground,
            &person,
            EventKind::AuthenticatorRemoved,
            Outcome::Done,
            &one.words(),
        )
    };
    Ok(gone.iter().map(event).collect())
}

/// Names one anew. None: this person has none of this id. Err: the name cannot be one.
pub fn rename(
    tx: &mut Tx,
    ground: &Ground,
    by: &By,
    person: PersonId,
    id: AuthenticatorId,
    name: &str,
) -> Result<Option<std::result::Result<(Authenticator, Vec<Event>), Reason>>> {
    let Some(name) = read_name(name) else {
        return Ok(Some(Err(Reason::AuthenticatorNameInvalid)));
    };
    let before = find(tx, Deployment, person, id, by.at)?;
    let (Some(mut one), Some(person)) = (before, people::person(tx, Deployment, person)?) else {
        return Ok(None);
    };
    if !store::rename(tx, Deployment, person.id, id, &name)? {
        return Ok(None);
    }
    let was = one.words();
    one.name = name;
    let what = format!("{was}, now “{}”", one.name);
    let event = by.event(ground, &person, EventKind::AuthenticatorRenamed, Outcome::Done, &what);
    Ok(Some(Ok((one, vec![event]))))
}

/// A name of 1 to 60 characters on one line, trimmed.
pub(crate) fn read_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let is_breaking = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let fits = (1..=60).contains(&name.chars().count()) && !name.chars().any(is_breaking);
    fits.then(|| name.to_owned())
}

/// Its owner has looked at all of them, and they are right.
pub fn review(tx: &mut Tx, of: Deployment, person: PersonId, now: Time) -> Result<()> {
    store::review(tx, of, person, now)
}

/// One turn of the minute's sweep: ends of pauses become events, what has ended goes. Answers whether there is more.
pub fn sweep(tx: &mut Tx, ground: &Ground, now: Time) -> Result<bool> {
    let ended = store::ended_pauses(tx, Deployment, now)?;
    let mut events = Vec::new();
    for pause in &ended {
        let Some(person) = people::person(tx, Deployment, pause.person)? else {
            continue;
        };
        let kind = AuthenticatorKind::from_name(&pause.kind);
        let what = kind.map_or_else(String::new, |kind| words(kind, &pause.name));
        events.push(released(ground, &person, pause.locked_until, &what));
    }
    let gone = store::forget_old(tx, Deployment, now, BEGUN_FOR, crate::decide::app::step_at(now) - 50)?;
    ground::journal::append_all(tx, &events)?;
    Ok(!ended.is_empty() || gone > 0)
}

/// The end of a pause as an event, dated when it ended.
pub(crate) fn released(ground: &Ground, person: &Person, at: Time, what: &str) -> Event {
    let by = By {
        actor: None,
        device: None,
        label: String::new(),
        network: String::new(),
        at,
    };
    by.event(ground, person, EventKind::AuthenticatorReleased, Outcome::Done, what)
}
