//! Sessions: one signed-in device each. Opened only by sign-in, judged with every request, ended for a reason that is told.
//! For sign-in, Home and the program. Must never happen: a session that nobody opened at the door, or one that lives on after its end.
mod account;
mod api;
mod cached;
pub mod decide;
mod device_card;
mod http;
mod letters;
mod limit;
mod new_password;
mod open;
mod own_key;
mod own_password;
mod page;
mod password;
mod prove;
mod step_up;
mod store;
mod switch;
mod unlock;
mod ways;
mod who;

pub use http::{Sessions, refused, routes};
pub use new_password::{longer_password_due, take_password};
pub use open::{Opened, Opener, Proof, SessionDoor, door_and_opener};
pub use own_password::prove_own;
pub use page::door_shell;
pub use store::{end_others, networks, signed_in};
pub use who::{subject, subject_at};

pub use decide::grace_ends_at;
use decide::{Session, Standing};
use factors::Attempt;
use ground::{
    Ground,
    db::{Result, Tx, View},
    journal,
};
use kernel::{
    Chance, Deployment, Event, EventKind, Organisation, Outcome, PersonId, Reason, SessionId, Span, Stream, Time,
};
use people::notices::{self, Draw, Facts, Notice};

/// The part of the OpenAPI document that is about oneself.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = api::openapi();
    document.merge(ways::openapi());
    document.merge(switch::openapi());
    document
}

/// The cookie outlives every policy; the session itself ends on the server.
pub const COOKIE_LIVES_FOR: Span = Span::days(30);
/// Sessions that are looked at in one step of the sweep.
const CHUNK: i64 = 200;
/// Sessions that ended stay so long, so that a person can be told why.
const KEPT_FOR: Span = Span::days(7);
/// No policy lets a session live longer than this.
const LONGEST: Span = Span::days(31);

/// One of a person's sessions, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The session.
    pub session: Session,
    /// It waits to be unlocked.
    pub is_locked: bool,
    /// When it ends at the latest.
    pub ends_at: Time,
}

/// The sessions of a person that still count, latest used first; at most 200.
pub fn of_person(view: &mut View, person: PersonId, now: Time) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for session in store::of_person(view, Deployment, person, 200)? {
        let Some(standing) = organisations::standing(view, Organisation(session.organisation))? else {
            continue;
        };
        match decide::judge(&session, standing.sessions, standing.epoch, now) {
            Standing::Live { ends_at, .. } => listed.push(Listed {
                session,
                is_locked: false,
                ends_at,
            }),
            Standing::Locked { ends_at } => listed.push(Listed {
                session,
                is_locked: true,
                ends_at,
            }),
            Standing::Over { .. } => {}
        }
    }
    Ok(listed)
}

/// Whether one of these tokens is of a session that counts, locked or not.
pub fn is_signed_in(view: &mut View, token_hashes: &[[u8; 32]], now: Time) -> Result<bool> {
    Ok(matches!(open::find(view, token_hashes, now)?, open::Found::Session(_)))
}

/// Ends the session of this token, whosever it is: its browser asked for that. Answers whose it was, where it had not ended.
pub fn end_by_token(tx: &mut Tx, token_hash: &[u8; 32], why: Reason, now: Time) -> Result<Option<Session>> {
    let Some(session) = store::by_token(tx, Deployment, token_hash)? else {
        return Ok(None);
    };
    let ended = store::end(tx, Deployment, session.person, session.id, why, now)?;
    Ok(ended.then_some(session))
}

/// Why the session of this token is over, where it is: for the door, which tells its owner. Nothing about tokens that never were.
pub fn why_over(view: &mut View, token_hash: &[u8; 32], now: Time) -> Result<Option<Reason>> {
    Ok(open::look(view, token_hash, now)?.err().flatten())
}

/// Tells of a failed try as the last step of its transaction, with what the caller adds; a device that failed too often is forgotten.
pub fn tell_failure(tx: &mut Tx, attempt: &Attempt, more: Vec<Event>, now: Time, ground: &Ground) -> Result<()> {
    let told = attempt.failure(tx, now, ground)?;
    if let Some((person, device)) = told.forget_device {
        devices::forget(tx, Deployment, device, person)?;
        factors::store::forget_device(tx, person, device)?;
    }
    if attempt.has_begun_waits()
        && let Some(person) = attempt.subject().map(|subject| subject.person)
        && let Some(person) = people::person(tx, Deployment, person)?
    {
        let facts = Facts {
            at: now,
            device: String::new(),
            network: String::new(),
        };
        notices::post(
            tx,
            ground,
            &person,
            &Notice::Locked,
            &facts,
            &Draw::new(now, &ground.chance),
        )?;
    }
    journal::append_all(tx, &[told.events, more].concat())
}

/// Writes the end of sessions that are over by time, with events dated when they ended: what was over stays over, whatever a clock does.
/// Answers where to go on, where there is more.
pub fn end_over(tx: &mut Tx, after: Option<SessionId>, now: Time, chance: &Chance) -> Result<Option<SessionId>> {
    let policy = organisations::shortest_end(tx, Deployment)?;
    let candidates = store::perhaps_over(tx, Deployment, now - policy, now - decide::SHARED_IDLE, after, CHUNK)?;
    let next = candidates
        .last()
        .filter(|_| i64::try_from(candidates.len()) == Ok(CHUNK))
        .map(|session| session.id);
    let mut events = Vec::new();
    for session in candidates {
        let Some(standing) = organisations::standing(tx, Organisation(session.organisation))? else {
            continue;
        };
        let Standing::Over { why, at } = decide::judge(&session, standing.sessions, standing.epoch, now) else {
            continue;
        };
        if store::end(tx, Deployment, session.person, session.id, why, at)?
            && let Some(person) = people::person(tx, Deployment, session.person)?
        {
            let stream = Stream::Organisation(person.home_organisation);
            let event = Event::new(stream, at, EventKind::SessionEnded, Outcome::Done, chance).about(person.id);
            events.push(
                event
                    .from(session.device, &session.device_label, &session.network)
                    .because(why),
            );
        }
    }
    journal::append_all(tx, &events)?;
    Ok(next)
}

/// Removes sessions that are long over, in small steps. Answers how many.
pub fn sweep(tx: &mut Tx, now: Time) -> Result<u64> {
    store::sweep(tx, Deployment, now - KEPT_FOR, now - LONGEST - KEPT_FOR, 500)
}
