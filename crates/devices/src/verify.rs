//! The verification of a device in a sign-in: a code from a mail, or the answer of a trusted device that is told two digits.
//! For the door, which asks after each step; and for the pages on which a trusted device answers.
//! Must never happen: a code or an answer that opens another sign-in than its own; one that is tried without being counted first.
use crate::{
    decide,
    store::{self, Approval, Check, NewCheck},
    tell::{self, From},
};
use ground::{
    Ground,
    db::{Result, Tx, View},
    delivery::{self, Purpose},
};
use kernel::{
    Chance, Deployment, DeviceId, Event, EventKind, MessageId, Outcome, PersonId, Reason, Span, Time,
    code::{code, read_code},
};
use people::{
    Person,
    letters::{self, Envelope},
    notices::Notice,
};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A code works so long.
pub const LIVES_FOR: Span = Span::minutes(10);
/// A code is tried so often at most.
pub const CODE_TRIES: i64 = 5;
/// Two digits are tried so often at most: a guess is one in a hundred.
pub const DIGIT_TRIES: i64 = 3;
/// Mails of one sign-in at most, and of one person in an hour.
const MAILS: u32 = 3;
const MAILS_AN_HOUR: i64 = 10;
/// Approvals that one person is asked for in an hour at most, so that nobody is asked until they give in.
const ASKS_AN_HOUR: i64 = 5;
/// The wait before the next mail, which doubles.
const AGAIN_AFTER: Span = Span::seconds(30);
const CODE_KEY: &str = "device-code";

/// A sign-in that wants its device verified.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// SHA-256 of the sign-in's secret.
    pub flow: &'a [u8; 32],
    /// Who signs in.
    pub person: &'a Person,
    /// The new device in words.
    pub label: &'a str,
    /// Where it is.
    pub network: &'a str,
    /// When the sign-in ends at the latest.
    pub ends_at: Time,
}

impl About<'_> {
    fn from(&self, at: Time) -> From {
        From {
            actor: None,
            device: None,
            label: self.label.to_owned(),
            network: self.network.to_owned(),
            at,
        }
    }
}

/// What is drawn outside the transaction.
#[derive(Clone)]
pub struct Draw {
    id: Uuid,
    message: MessageId,
    code: String,
    digits: u32,
}

impl Draw {
    /// A fresh code, and two fresh digits.
    pub fn new(now: Time, chance: &Chance) -> Self {
        Self {
            id: kernel::id::version_7(now, chance),
            message: MessageId::new(now, chance),
            code: code(chance.bytes()),
            // 2^32 is no multiple of 100; what that favours is one part in forty million.
            digits: u32::from_be_bytes(chance.bytes()) % 100,
        }
    }
}

/// What became of the wish for a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is on its way; another one can be asked for from then on, where there is another.
    Sent { again_at: Option<Time> },
    /// Too soon after the last.
    Soon { again_at: Time },
    /// No more of them; the last code stays good.
    Enough,
    /// Too many wrong answers of this person, over all sign-ins.
    Paused { until: Time },
    /// It was answered already, or has ended.
    Over,
}

/// Posts a mail with a code. What was sent before is worth nothing from then on.
pub fn post_code(tx: &mut Tx, ground: &Ground, about: &About<'_>, draw: &Draw, now: Time) -> Result<Posted> {
    let person = about.person;
    store::hold_lane(tx, Deployment, person.id)?;
    if let Some(until) = store::locked_until(tx, Deployment, person.id, now)? {
        return Ok(Posted::Paused { until });
    }
    begin(tx, about, draw, now)?;
    let Some(check) = store::check_of(tx, Deployment, about.flow, now)?.filter(|check| check.person == person.id)
    else {
        return Ok(Posted::Over);
    };
    if let Some(again_at) = again_at(&check).filter(|at| *at > now) {
        return Ok(Posted::Soon { again_at });
    }
    let this_hour = store::mails_since(tx, Deployment, person.id, now - Span::hours(1))?;
    if check.sent >= MAILS || this_hour >= MAILS_AN_HOUR {
        return Ok(Posted::Enough);
    }
    let hash = code_hash(ground, about.flow, &draw.code);
    if !store::set_code(tx, Deployment, about.flow, &hash, draw.message, now)? {
        return Ok(Posted::Over);
    }
    let letter = letter(tx, ground, about, draw, now, check.ends_at)?;
    delivery::post(tx, ground, &letter)?;
    let again_at = (check.sent + 1 < MAILS).then(|| now + AGAIN_AFTER.doubled(check.sent, Span::minutes(10)));
    Ok(Posted::Sent { again_at })
}

fn begin(tx: &mut Tx, about: &About<'_>, draw: &Draw, now: Time) -> Result<()> {
    let new = NewCheck {
        flow: about.flow,
        id: draw.id,
        person: about.person.id,
        label: about.label,
        network: about.network,
        ends_at: (now + LIVES_FOR).min(about.ends_at),
    };
    store::begin_check(tx, Deployment, &new, now)
}

fn again_at(check: &Check) -> Option<Time> {
    let wait = AGAIN_AFTER.doubled(check.sent.saturating_sub(1), Span::minutes(10));
    check.sent_at.map(|at| at + wait)
}

/// HMAC under a key outside the store: 40 bits alone could be searched. Bound to its sign-in.
fn code_hash(ground: &Ground, flow: &[u8; 32], code: &str) -> [u8; 32] {
    ground.keys.hmac(CODE_KEY, &[&flow[..], code.as_bytes()].concat())
}

fn letter(
    tx: &mut Tx,
    ground: &Ground,
    about: &About<'_>,
    draw: &Draw,
    now: Time,
    ends_at: Time,
) -> Result<delivery::Letter> {
    let from = letters::From::the_door(tx, ground)?;
    let (language, lives_for) = (about.person.language, ends_at - now);
    let words = crate::letters::verify(language, &draw.code, about.label, about.network, lives_for);
    let envelope = Envelope {
        id: draw.message,
        to: None,
        asked_by: None,
        purpose: Purpose::Code,
        at: now,
        ends_at: Some(ends_at),
    };
    Ok(letters::write(&from, about.person, &words, envelope))
}

/// What a code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Right: the device is verified.
    Right,
    /// Wrong, or none that still works. How many tries are left of this code.
    Wrong { left: u32 },
    /// It cannot be a code; nothing was counted.
    Malformed,
    /// Too many wrong answers of this person, over all sign-ins.
    Paused { until: Time },
}

/// Tries a code, counted before it is looked at. The events are to be appended last, whatever it came to.
pub fn check(tx: &mut Tx, ground: &Ground, about: &About<'_>, typed: &str, now: Time) -> Result<(Checked, Vec<Event>)> {
    let Some(code) = read_code(typed) else {
        return Ok((Checked::Malformed, Vec::new()));
    };
    let (person, from) = (about.person, about.from(now));
    let run = match count(tx, person.id, now)? {
        Ok(run) => run,
        Err(until) => return Ok((Checked::Paused { until }, Vec::new())),
    };
    let tried = store::try_code(tx, Deployment, about.flow, person.id, CODE_TRIES, now)?;
    let expected = code_hash(ground, about.flow, &code);
    let is_right = tried
        .as_ref()
        .is_some_and(|(kept, _)| bool::from(kept.as_slice().ct_eq(&expected)));
    if is_right && store::verify_by_code(tx, Deployment, about.flow, now)? {
        store::clear_lane(tx, Deployment, person.id)?;
        let event = tell::event(ground, person, &from, EventKind::DeviceVerified, Outcome::Allowed);
        return Ok((Checked::Right, vec![event.because(Reason::DeviceVerified)]));
    }
    let events = vec![refused(tx, ground, person, &from, run, Reason::DeviceCodeWrong)?];
    let left = tried.map_or(0, |(_, tries)| {
        u32::try_from(CODE_TRIES).unwrap_or(0).saturating_sub(tries)
    });
    Ok((Checked::Wrong { left }, events))
}

/// Counts a try in the person's lane. `Err`: it is locked until then.
fn count(tx: &mut Tx, person: PersonId, now: Time) -> Result<std::result::Result<i64, Time>> {
    store::hold_lane(tx, Deployment, person)?;
    if let Some(until) = store::locked_until(tx, Deployment, person, now)? {
        return Ok(Err(until));
    }
    let run = store::count_try(tx, Deployment, person, now - decide::RUN_FORGOTTEN_AFTER, now)?;
    Ok(Ok(run))
}

/// A wrong answer: the lane locks after too many in a row, and the person is told when it first does.
fn refused(tx: &mut Tx, ground: &Ground, person: &Person, from: &From, run: i64, reason: Reason) -> Result<Event> {
    let Some(wait) = decide::wait_after(run) else {
        return Ok(tell::refusal(
            ground,
            person,
            from,
            EventKind::DeviceCheckRefused,
            reason,
        ));
    };
    store::lock_lane(tx, Deployment, person.id, from.at + wait)?;
    if run == decide::MOST_WRONG {
        tell::mail(tx, ground, person, from, &Notice::DeviceCodesRefused)?;
    }
    let mut event = tell::refusal(
        ground,
        person,
        from,
        EventKind::DeviceCheckRefused,
        Reason::DeviceCodesPaused,
    );
    event.detail = format!("no more tries for {}", wait.words());
    Ok(event)
}

/// What became of the wish for an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The new device shows these two digits.
    Shown { digits: u32 },
    /// No device of this person is trusted.
    Nobody,
    /// Asked too often in the last hour, or too many wrong answers.
    Paused { until: Time },
    /// It was answered already, or has ended.
    Over,
}

/// Asks the person's trusted devices. The events are to be appended last.
pub fn ask_approval(
    tx: &mut Tx,
    ground: &Ground,
    about: &About<'_>,
    draw: &Draw,
    now: Time,
) -> Result<(Asked, Vec<Event>)> {
    let person = about.person;
    store::hold_lane(tx, Deployment, person.id)?;
    if let Some(until) = store::locked_until(tx, Deployment, person.id, now)? {
        return Ok((Asked::Paused { until }, Vec::new()));
    }
    if store::count_trusted(tx, Deployment, person.id, None, now)? == 0 {
        return Ok((Asked::Nobody, Vec::new()));
    }
    begin(tx, about, draw, now)?;
    let check = store::check_of(tx, Deployment, about.flow, now)?.filter(|check| check.person == person.id);
    let Some(check) = check else {
        return Ok((Asked::Over, Vec::new()));
    };
    if let Some(digits) = check.digits.filter(|_| check.state == WAITING) {
        return Ok((Asked::Shown { digits }, Vec::new()));
    }
    if store::asks_since(tx, Deployment, person.id, now - Span::hours(1))? >= ASKS_AN_HOUR {
        let until = now + Span::hours(1);
        return Ok((Asked::Paused { until }, Vec::new()));
    }
    let Some(digits) = store::set_digits(tx, Deployment, about.flow, draw.digits, now)? else {
        return Ok((Asked::Over, Vec::new()));
    };
    let event = tell::event(
        ground,
        person,
        &about.from(now),
        EventKind::DeviceApprovalAsked,
        Outcome::Done,
    );
    Ok((Asked::Shown { digits }, vec![event]))
}

const WAITING: &str = "waiting";

/// How a verification stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// What it came to.
    pub answer: Answer,
    /// The mail with the code, whose way can be looked up.
    pub message: Option<MessageId>,
    /// When another mail can be asked for; none where there is no other.
    pub again_at: Option<Time>,
    /// Tries that the code has left; none where there is no code.
    pub tries_left: Option<u32>,
    /// The two digits that the new device shows.
    pub digits: Option<u32>,
    /// When it ends.
    pub ends_at: Time,
}

/// What a verification came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing yet.
    Waiting,
    /// The device is verified.
    Verified,
    /// Refused on a trusted device.
    Denied,
}

/// How the verification of this sign-in stands; none where none has begun, or it has ended.
pub fn state(view: &mut View, _: Deployment, flow: &[u8; 32], now: Time) -> Result<Option<State>> {
    let check = store::check_of(view, Deployment, flow, now)?;
    Ok(check.map(|check| State {
        answer: match check.state.as_str() {
            WAITING => Answer::Waiting,
            "verified" => Answer::Verified,
            _ => Answer::Denied,
        },
        message: check.message,
        again_at: if check.sent < MAILS { again_at(&check) } else { None },
        tries_left: check
            .message
            .map(|_| u32::try_from(CODE_TRIES).unwrap_or(0).saturating_sub(check.code_tries)),
        digits: check.digits,
        ends_at: check.ends_at,
    }))
}

/// Spends the verification of this sign-in, in the transaction that goes on from it: one of all who try at once gets true.
pub fn spend(tx: &mut Tx, _: Deployment, flow: &[u8; 32], person: PersonId, now: Time) -> Result<bool> {
    store::spend_check(tx, Deployment, flow, person, now)
}

/// What waits for the answer of a trusted device of this person, oldest first.
pub fn approvals(view: &mut View, _: Deployment, person: PersonId, now: Time) -> Result<Vec<Approval>> {
    store::approvals(view, Deployment, person, now)
}

/// What an answer of a trusted device came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// The new device may go on.
    Approved,
    /// It may not.
    Denied,
    /// Other digits than it shows. How many tries are left.
    Wrong { left: u32 },
    /// Too many wrong answers of this person, over all sign-ins.
    Paused { until: Time },
    /// Nothing waits under this id.
    Gone,
}

/// Two digits typed on a trusted device, counted before they are looked at. After three wrong ones the new device is refused.
pub fn approve(
    tx: &mut Tx,
    ground: &Ground,
    person: &Person,
    id: Uuid,
    typed: Option<u32>,
    from: &From,
) -> Result<(Answered, Vec<Event>)> {
    let run = match count(tx, person.id, from.at)? {
        Ok(run) => run,
        Err(until) => return Ok((Answered::Paused { until }, Vec::new())),
    };
    let Some((digits, tries, label, network)) = store::try_digits(tx, Deployment, person.id, id, DIGIT_TRIES, from.at)?
    else {
        return Ok((Answered::Gone, Vec::new()));
    };
    if typed == Some(digits) {
        store::clear_lane(tx, Deployment, person.id)?;
        if store::answer_check(tx, Deployment, person.id, id, "verified", from.device, from.at)?.is_none() {
            return Ok((Answered::Gone, Vec::new()));
        }
        let there = From {
            label,
            network,
            ..from.clone()
        };
        tell::mail(tx, ground, person, &there, &Notice::DeviceApproved)?;
        let mut event = tell::event(ground, person, from, EventKind::DeviceApproved, Outcome::Allowed)
            .because(Reason::DeviceVerified);
        event.detail = there.label;
        return Ok((Answered::Approved, vec![event]));
    }
    let mut events = vec![refused(tx, ground, person, from, run, Reason::DeviceDigitsWrong)?];
    let left = u32::try_from(DIGIT_TRIES).unwrap_or(0).saturating_sub(tries);
    if left > 0 {
        return Ok((Answered::Wrong { left }, events));
    }
    let (_, told) = deny(tx, ground, person, id, from)?;
    events.extend(told);
    Ok((Answered::Denied, events))
}

/// "That is not me", said on any device of the person.
pub fn deny(tx: &mut Tx, ground: &Ground, person: &Person, id: Uuid, from: &From) -> Result<(Answered, Vec<Event>)> {
    let Some((label, network)) = store::answer_check(tx, Deployment, person.id, id, "denied", from.device, from.at)?
    else {
        return Ok((Answered::Gone, Vec::new()));
    };
    let there = From {
        label,
        network,
        ..from.clone()
    };
    tell::mail(tx, ground, person, &there, &Notice::DeviceDenied)?;
    let mut event = tell::refusal(ground, person, from, EventKind::DeviceDenied, Reason::DeviceDenied);
    event.detail = there.label;
    Ok((Answered::Denied, vec![event]))
}

/// Whether somebody of this person's devices could answer: for a page that offers it.
pub fn has_somebody_to_ask(view: &mut View, _: Deployment, person: PersonId, now: Time) -> Result<bool> {
    Ok(store::count_trusted(view, Deployment, person, None::<DeviceId>, now)? > 0)
}
