//! Codes by text message: a phone is added, its number verified, and each sign-in that wants one gets a code that is good there alone.
//! For sign-in's enrolment and second step, and the pages of one's own account; codes are proved in [`crate::Prover::prove_code`].
//! Must never happen: a code kept in clear, or good for another request; a message beyond the limits or to a country that policy does not allow.
use crate::{
    CodeRefusal,
    app::is_begun,
    authenticators::{self, Authenticator, By, MOST, MOST_BEGUN},
    code::Typed,
    decide::{
        pause,
        text::{self as decide, LIVES_FOR, Outcome as Sending},
    },
    letters,
    number::Number,
    store::{
        authenticators::{self as store, New, Row},
        texts::{self, TextCode},
    },
};
use ground::{
    Ground,
    db::{Lock, Result, Tx, View},
    delivery::{self, Purpose, State, TextMessage},
};
use kernel::{
    AuthenticatorId, AuthenticatorKind, Chance, Deployment, Event, EventKind, MessageId, Outcome, PersonId, Reason,
    Secret, Span, Time,
};
use organisations::TextPolicy;
use people::Person;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The purpose of the key that seals numbers.
const SEAL: &str = "phone-number";

/// What is drawn outside the transaction for a message.
#[derive(Clone)]
pub struct Draw {
    message: MessageId,
    row: Uuid,
    code: Secret<String>,
}

impl Draw {
    /// A fresh id and code of eight digits.
    pub fn new(now: Time, chance: &Chance) -> Self {
        // 64 bits over 10^8: no digit is likelier than another by more than 10^-11.
        let code = u64::from_le_bytes(chance.bytes()) % 100_000_000;
        Self {
            message: MessageId::new(now, chance),
            row: kernel::id::version_7(now, chance),
            code: Secret::new(format!("{code:08}")),
        }
    }
}

/// How it stands with the codes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// To which phone.
    pub authenticator: AuthenticatorId,
    /// What is shown of its number.
    pub hint: String,
    /// When the latest was asked for.
    pub sent_at: Time,
    /// Until when it is good.
    pub ends_at: Time,
    /// From when on a new one may be asked for.
    pub again_at: Time,
    /// How far the latest has come; none where that is not known any more.
    pub state: Option<State>,
    /// That, in words for its owner.
    pub words: String,
    /// It will not arrive, as far as we know.
    pub is_bad: bool,
}

/// Why no message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsent {
    /// Why.
    pub reason: Reason,
    /// From when on one may be asked for; none: not under this policy.
    pub again_at: Option<Time>,
}

/// Begins to add a phone. Under the person's lock; a code has to be sent to it and typed in.
pub fn add(
    tx: &mut Tx,
    ground: &Ground,
    person: PersonId,
    typed: &str,
    policy: &TextPolicy,
    now: Time,
) -> Result<std::result::Result<AuthenticatorId, Reason>> {
    if !policy.allowed {
        return Ok(Err(Reason::TextForbidden));
    }
    let number = match Number::read(typed) {
        Ok(number) => number,
        Err(reason) => return Ok(Err(reason)),
    };
    if !policy.allows(number.as_str()) {
        return Ok(Err(Reason::TextCountry));
    }
    let kind = AuthenticatorKind::Phone;
    if store::count(tx, Deployment, person, kind)? >= MOST {
        return Ok(Err(Reason::AuthenticatorTooMany));
    }
    store::forget_begun(tx, Deployment, person, kind, MOST_BEGUN - 1)?;
    let new = New {
        id: AuthenticatorId::new(now, &ground.chance),
        person,
        kind,
        name: kind.words().to_owned(),
        hint: number.hint(),
        sealed: Some(ground.keys.seal(SEAL, number.as_str().as_bytes(), &ground.chance)),
        number_key: Some(number_key(ground, &number)),
    };
    store::add(tx, Deployment, &new, now)?;
    Ok(Ok(new.id))
}

fn number_key(ground: &Ground, number: &Number) -> [u8; 32] {
    ground.keys.hmac("phone-number-key", number.as_str().as_bytes())
}

/// A phone that waits for its first code, while it may still be confirmed.
pub fn pending(
    view: &mut View,
    of: Deployment,
    person: PersonId,
    id: AuthenticatorId,
    now: Time,
) -> Result<Option<Authenticator>> {
    let row = store::find(view, of, person, id)?;
    let waits = row.filter(|row| is_begun(row, AuthenticatorKind::Phone, now));
    Ok(waits.and_then(|row| Authenticator::of(person, row, now)))
}

/// Sends a code to a phone of the person, good for this request alone. Under the person's lock. Answers the events for the end of the transaction;
/// a refusal is told by none, for the page says it.
#[expect(
    clippy::too_many_arguments,
    reason = "who, to which phone, for what, under which policy"
)]
pub fn send(
    tx: &mut Tx,
    ground: &Ground,
    by: &By,
    person: PersonId,
    phone: AuthenticatorId,
    request: &[u8; 32],
    policy: &TextPolicy,
    draw: &Draw,
) -> Result<std::result::Result<(Sent, Vec<Event>), Unsent>> {
    let gone = Unsent {
        reason: Reason::AuthenticatorGone,
        again_at: None,
    };
    let row = store::find(tx, Deployment, person, phone)?
        .filter(|row| row.kind() == Some(AuthenticatorKind::Phone))
        .filter(|row| row.confirmed_at.is_some() || is_begun(row, AuthenticatorKind::Phone, by.at));
    let (Some(person), Some(row)) = (people::person(tx, Deployment, person)?, row) else {
        return Ok(Err(gone));
    };
    let Some(number) = number(tx, ground, phone)? else {
        return Ok(Err(gone));
    };
    let key = number_key(ground, &number);
    // What others may count at the same moment: the number, then the organisation.
    tx.lock(Lock::on("text-number", &key))?;
    tx.lock(Lock::on("text-organisation", person.home_organisation.0.as_bytes()))?;
    let facts = facts(tx, &person, &number, &key, request, policy, by.at)?;
    let verdict = decide::send(&facts, by.at);
    if let Sending::Refuse(again_at) = verdict.outcome {
        let reason = verdict.reasons.first().copied().unwrap_or(Reason::TextTooMany);
        return Ok(Err(Unsent { reason, again_at }));
    }
    let code = TextCode {
        id: draw.row,
        authenticator: phone,
        hash: code_hash(ground, request, phone, draw.code.expose()).to_vec(),
        message: draw.message,
        made_at: by.at,
        ends_at: by.at + LIVES_FOR,
    };
    texts::keep(tx, Deployment, &code, request)?;
    texts::count(
        tx,
        Deployment,
        draw.row,
        (person.id, &key, person.home_organisation),
        by.at,
    )?;
    post(tx, ground, by, &person, &number, draw, code.ends_at)?;
    let event = by.event(ground, &person, EventKind::TextSent, Outcome::Done, &row.hint);
    let sent = sent(&code, row.hint, facts.here + 1, Some(State::Queued), by.at);
    Ok(Ok((sent, vec![event])))
}

fn number(view: &mut View, ground: &Ground, phone: AuthenticatorId) -> Result<Option<Number>> {
    let sealed = store::sealed(view, Deployment, phone)?;
    let opened = sealed.and_then(|sealed| ground.keys.open(SEAL, &sealed));
    Ok(opened
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(Number::stored))
}

fn facts(
    tx: &mut Tx,
    person: &Person,
    number: &Number,
    key: &[u8; 32],
    request: &[u8; 32],
    policy: &TextPolicy,
    now: Time,
) -> Result<decide::Facts> {
    let (hour, day) = (now - Span::hours(1), now - Span::hours(24));
    let here = texts::of_request(tx, Deployment, request)?;
    Ok(decide::Facts {
        is_forbidden: !policy.allowed,
        is_country_refused: !policy.allows(number.as_str()),
        here: u32::try_from(here.len()).unwrap_or(u32::MAX),
        last_here: here.first().map(|last| last.made_at),
        person: (
            texts::of_person(tx, Deployment, person.id, hour)?,
            texts::of_person(tx, Deployment, person.id, day)?,
        ),
        number: (
            texts::to_number(tx, Deployment, key, hour)?,
            texts::to_number(tx, Deployment, key, day)?,
        ),
        organisation: texts::of_organisation(tx, Deployment, person.home_organisation, hour)?,
    })
}

fn post(
    tx: &mut Tx,
    ground: &Ground,
    by: &By,
    person: &Person,
    number: &Number,
    draw: &Draw,
    ends_at: Time,
) -> Result<()> {
    let name = organisations::at_the_door(tx, Deployment)?.name;
    let code = draw.code.expose();
    let host = ground.config.public_url.host();
    let text = letters::code(person.language, &name, host, code);
    let message = TextMessage {
        id: draw.message,
        to: number.as_str().to_owned(),
        organisation: Some(person.home_organisation),
        person: Some(person.id),
        asked_by: by.device,
        purpose: Purpose::Code,
        text,
        at: by.at,
        ends_at: Some(ends_at),
    };
    delivery::post_text(tx, ground, &message)
}

/// HMAC of a code: 27 bits are guessed at once by whoever has a plain hash of it. The request and the phone are in it.
fn code_hash(ground: &Ground, request: &[u8; 32], phone: AuthenticatorId, code: &str) -> [u8; 32] {
    let all = [request.as_slice(), phone.0.as_bytes(), code.as_bytes()].concat();
    ground.keys.hmac("text-code", &all)
}

fn sent(code: &TextCode, hint: String, count: u32, state: Option<State>, now: Time) -> Sent {
    let words = state.as_ref().map_or_else(String::new, |state| words(state, now));
    Sent {
        authenticator: code.authenticator,
        hint,
        sent_at: code.made_at,
        ends_at: code.ends_at,
        again_at: decide::again_at(count, code.made_at),
        is_bad: state.as_ref().is_some_and(State::is_failure),
        state,
        words,
    }
}

/// How far a message has come, in words that say no more than we know.
fn words(state: &State, now: Time) -> String {
    let ago = |at: &Time| format!("{} ago", (now - *at).words());
    match state {
        State::Queued => "The message is about to leave.".into(),
        State::Deferred { since, next_at, .. } => format!(
            "The message has been waiting for {}: the service that sends it did not take it. It is tried again in {}.",
            (now - *since).words(),
            (*next_at - now).words()
        ),
        State::Taken { at, .. } => format!(
            "The service that sends it took the message {}; beyond it we cannot see.",
            ago(at)
        ),
        State::Refused { .. } | State::Bounced { .. } => "The message could not be delivered to this number.".into(),
        State::GivenUp { .. } => "The message could not be sent in time.".into(),
    }
}

/// How it stands with the codes of a request. None: none was sent, or all have ended long ago.
pub fn state(view: &mut View, of: Deployment, request: &[u8; 32], now: Time) -> Result<Option<Sent>> {
    let codes = texts::of_request(view, of, request)?;
    let Some(latest) = codes.first() else {
        return Ok(None);
    };
    let state = delivery::state(view, latest.message)?;
    let hint = store::hint(view, of, latest.authenticator)?.unwrap_or_default();
    let count = u32::try_from(codes.len()).unwrap_or(u32::MAX);
    Ok(Some(sent(latest, hint, count, state, now)))
}

/// The code of this request that was typed, if it is one of these phones'.
pub(crate) fn judge(
    view: &mut View,
    ground: &Ground,
    phones: &[AuthenticatorId],
    request: Option<&[u8; 32]>,
    typed: &str,
    now: Time,
) -> Result<std::result::Result<TextCode, Reason>> {
    let Some(request) = request else {
        return Ok(Err(Reason::CodeMessageOver));
    };
    let mut living = texts::of_request(view, Deployment, request)?;
    living.retain(|code| code.ends_at > now && phones.contains(&code.authenticator));
    if living.is_empty() {
        return Ok(Err(Reason::CodeMessageOver));
    }
    let is_it = |code: &TextCode| {
        let hash = code_hash(ground, request, code.authenticator, typed);
        bool::from(hash.as_slice().ct_eq(&code.hash))
    };
    Ok(living.into_iter().find(is_it).ok_or(Reason::CodeWrong))
}

/// The first code: the number is verified, and from now on gets codes. Under the person's lock; ten wrong codes end it.
pub fn confirm(
    tx: &mut Tx,
    ground: &Ground,
    by: &By,
    person: PersonId,
    id: AuthenticatorId,
    request: &[u8; 32],
    typed: &str,
) -> Result<std::result::Result<(Authenticator, Vec<Event>), CodeRefusal>> {
    let now = by.at;
    let found: Option<Row> = store::find(tx, Deployment, person, id)?;
    let Some(row) = found.filter(|row| is_begun(row, AuthenticatorKind::Phone, now)) else {
        return Ok(Err(CodeRefusal::plain(Reason::CodeEnrolmentOver)));
    };
    let Some(Typed::Text(code)) = Typed::read(typed) else {
        return Ok(Err(CodeRefusal::plain(Reason::CodeMalformed)));
    };
    let right = match judge(tx, ground, &[id], Some(request), code.expose(), now)? {
        Ok(right) => right,
        Err(reason) => {
            let run = pause::Run {
                run: row.run.saturating_add(1),
                ..row.run()
            };
            store::save_run(tx, Deployment, id, &run)?;
            return Ok(Err(CodeRefusal::plain(reason)));
        }
    };
    if !texts::claim(tx, Deployment, right.id, request, now)? || !store::confirm(tx, Deployment, id, now)? {
        return Ok(Err(CodeRefusal::plain(Reason::CodeSpent)));
    }
    let events = authenticators::added(tx, ground, by, person, id)?;
    let one = authenticators::find(tx, Deployment, person, id, now)?;
    Ok(one.map_or_else(
        || Err(CodeRefusal::plain(Reason::AuthenticatorGone)),
        |one| Ok((one, events)),
    ))
}
