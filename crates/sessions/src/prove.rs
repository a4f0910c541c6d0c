//! Proving oneself again within a session: at a locked one (`unlock`) and before something delicate (`step_up`). One way for both.
//! Must never happen: a proof that is not counted in the lanes that sign-in counts in; a code that is spent twice.
use crate::{Sessions, http::own_event, open::Opened, own_password::prove_own, store, who::subject};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use factors::{
    Attempt, By, CodeAttempt, CodeProved, CodeRefusal, Gate, Password, Proved, authenticators,
    passkeys::{PasskeyProof, Place, Shown},
    text::{self, Draw},
};
use ground::{
    Ask, Caller, Failure, Ground,
    db::{self, Lock, Tx},
    failure::retry_after,
    journal,
    page::Notice,
};
use kernel::{
    Act, AuthenticatorKind, Deployment, Event, EventKind, FieldError, Method, Organisation, Outcome, Reason, Time,
};
use sha2::{Digest, Sha256};

/// What was typed into one of the two fields.
pub(crate) enum Typed {
    Password(Password),
    Code(String),
}

impl Typed {
    /// A code counts before a password; nothing at all is told at the field that the page shows first.
    pub fn read(password: &str, code: &str, first: &'static str) -> Result<Self, FieldError> {
        let missing = || FieldError::new(first, Reason::SignInFieldMissing);
        if !code.trim().is_empty() {
            return Ok(Self::Code(code.to_owned()));
        }
        match Password::parse(password) {
            Ok(password) if !password.is_empty() => Ok(Self::Password(password)),
            Ok(_) => Err(missing()),
            Err(reason) => Err(FieldError::new("password", reason)),
        }
    }
}

/// A proof that holds, to be confirmed in the commit.
#[derive(Clone)]
pub(crate) enum Right {
    Password(Attempt),
    Code(CodeAttempt),
    Passkey(PasskeyProof),
}

impl Right {
    pub fn method(&self) -> Method {
        match self {
            Self::Password(_) => Method::Password,
            Self::Code(code) => code.method(),
            Self::Passkey(_) => Method::Passkey,
        }
    }
    pub fn lock(&self) -> Lock {
        match self {
            Self::Password(attempt) => attempt.lock(),
            Self::Code(code) => code.lock(),
            Self::Passkey(passkey) => passkey.lock(),
        }
    }
    fn confirm(&self, tx: &mut Tx, now: Time, ground: &Ground) -> db::Result<Result<Vec<Event>, Reason>> {
        match self {
            Self::Password(attempt) => attempt.confirm(tx, now, ground),
            Self::Code(code) => code.confirm(tx, now, ground),
            Self::Passkey(passkey) => passkey.confirm(tx, now, ground),
        }
    }
    /// The commit: the proof is spent, the session gets its new token and remembers what was proved. Err: something changed meanwhile.
    fn settle(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        opened: &Opened,
        now: Time,
        ground: &Ground,
    ) -> db::Result<Result<Vec<Event>, Reason>> {
        let events = match self.confirm(tx, now, ground)? {
            Ok(events) => events,
            Err(reason) => return Ok(Err(reason)),
        };
        let proved = store::Proved::now(caller, self.method());
        let is_renewed = store::renew(tx, Deployment, caller.session, &opened.token_hash(), proved, now)?;
        Ok(if is_renewed {
            Ok(events)
        } else {
            Err(Reason::SessionSignedOut)
        })
    }
}

/// The commit of a proof: it is spent, the session has a new token, the log tells of it as this kind. Err: something changed meanwhile.
pub(crate) async fn settle<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    right: Right,
    kind: EventKind,
) -> Result<Result<Opened, Reason>, Failure> {
    let ground = &state.house.ground;
    let opened = Opened::draw(ground.now(), &ground.chance);
    let (ground, fresh, lock) = (ground.clone(), opened.clone(), right.lock());
    let (_, done) = state
        .house
        .write(ask, Some(lock), move |tx, permit| {
            let mut events = match right.settle(tx, permit.caller(), &fresh, permit.now(), &ground)? {
                Ok(events) => events,
                Err(reason) => return Ok(Err(reason)),
            };
            let event = own_event(tx, permit, kind, Outcome::Allowed, &ground.chance)?;
            events.push(event.because(Reason::SignInAllowed));
            journal::append_all(tx, &events)?;
            Ok(Ok(()))
        })
        .await?;
    Ok(done.map(|()| opened))
}

/// A lane or an authenticator is shut: the page again, 429, with the time to wait where there is one.
pub(crate) fn locked(
    page: impl FnOnce(StatusCode, Notice) -> Response,
    reason: Reason,
    until: Option<Time>,
    now: Time,
) -> Response {
    let notice = Notice::refused(reason);
    let Some(until) = until else {
        return page(StatusCode::TOO_MANY_REQUESTS, notice);
    };
    let wait = until - now;
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, notice.wait(wait, until));
    retry_after(&mut response, wait);
    response
}

/// What a try came to.
pub(crate) enum Tried {
    Right(Right),
    /// The password is wrong; counted, and still to be told.
    WrongPassword(Attempt),
    /// The code is wrong; counted and told.
    WrongCode(CodeRefusal),
    /// A lane or the authenticator is shut, until then; without a time, until somebody resets it.
    Locked {
        reason: Reason,
        until: Option<Time>,
    },
    /// The gate let nobody through.
    Nobody,
}

/// What a code of a text message that was asked for in this session is bound to.
pub(crate) fn request_of(caller: &Caller) -> [u8; 32] {
    Sha256::digest([b"session", caller.session.0.as_bytes().as_slice()].concat()).into()
}

/// Tries what was typed. The gate runs on the snapshot of the reservation, and counts what the caller counts.
pub(crate) async fn try_typed<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    caller: &Caller,
    typed: Typed,
    gate: impl Fn(&mut Tx) -> db::Result<bool> + Send + Sync + 'static,
) -> Result<Tried, Failure> {
    match typed {
        Typed::Password(password) => try_password(state, ask, caller, password, gate).await,
        Typed::Code(code) => try_code(state, ask, caller, &code, gate).await,
    }
}

/// Admission, then reserve → hash, in the same lanes as at the door.
async fn try_password<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    caller: &Caller,
    password: Password,
    gate: impl Fn(&mut Tx) -> db::Result<bool> + Send + Sync + 'static,
) -> Result<Tried, Failure> {
    let Some((_, proved)) = prove_own(&state.prover, ask, caller, password, gate).await? else {
        return Ok(Tried::Nobody);
    };
    Ok(match proved {
        Proved::Locked { reason, until } => Tried::Locked {
            reason,
            until: Some(until),
        },
        Proved::Right { attempt, .. } => Tried::Right(Right::Password(attempt)),
        Proved::Wrong { attempt } => Tried::WrongPassword(attempt),
    })
}

async fn try_code<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    caller: &Caller,
    code: &str,
    gate: impl Fn(&mut Tx) -> db::Result<bool> + Send + Sync + 'static,
) -> Result<Tried, Failure> {
    let who = caller.clone();
    let find = move |tx: &mut Tx| {
        let (Some(subject), Some(standing)) = (
            subject(tx, &who)?,
            organisations::standing(tx, Organisation(who.organisation))?,
        ) else {
            return Ok(None);
        };
        let opened = Gate {
            person: who.person,
            home: subject.home,
            allowed: standing.policies.factors.allowed,
            request: Some(request_of(&who)),
            known_device: subject.known_device,
            device_label: who.device_label.clone(),
            network: who.network.clone(),
        };
        Ok(if gate(tx)? { Some(opened) } else { None })
    };
    let address = ask.visitor.client.address;
    let proved = state.prover.prove_code(address, caller.person, code, find).await;
    Ok(match proved.map_err(|fault| fault.into_failure(&ask.visitor))? {
        CodeProved::Right(code) => Tried::Right(Right::Code(code)),
        CodeProved::Wrong(refusal) => Tried::WrongCode(refusal),
        CodeProved::Paused { reason, until } => Tried::Locked { reason, until },
        CodeProved::Nothing => Tried::Nobody,
        CodeProved::Full(full) => return Err(factors::busy(&ask.visitor, &full)),
    })
}

/// What is said of a code that was wrong: how far a phone's clock is off, where that is why.
pub(crate) fn notice_of(refusal: &CodeRefusal) -> Notice {
    let notice = Notice::refused(refusal.reason);
    match &refusal.drift {
        Some(drift) => notice.and(&drift.words()),
        None => notice,
    }
}

/// Sends a text message with a code that is good in this session alone; says what is known of it.
pub(crate) async fn send_text<A: Act>(state: &Sessions, ask: &Ask<A>, caller: &Caller) -> Result<Notice, Failure> {
    let ground = state.house.ground.clone();
    let (request, draw) = (request_of(caller), Draw::new(ground.now(), &ground.chance));
    let lock = factors::person_lock(caller.person);
    let (_, sent) = state
        .house
        .write(ask, Some(lock), move |tx, permit| {
            let (caller, now) = (permit.caller(), permit.now());
            let phone = authenticators::of_person(tx, Deployment, caller.person, now)?
                .into_iter()
                .find(|authenticator| authenticator.kind == AuthenticatorKind::Phone);
            let standing = organisations::standing(tx, Organisation(caller.organisation))?;
            let (Some(phone), Some(standing)) = (phone, standing) else {
                return Ok(Err(Reason::AuthenticatorGone));
            };
            let (by, policy) = (By::caller(caller, now), &standing.policies.sms);
            match text::send(tx, &ground, &by, caller.person, phone.id, &request, policy, &draw)? {
                Ok((sent, events)) => {
                    journal::append_all(tx, &events)?;
                    Ok(Ok(sent.words))
                }
                Err(unsent) => Ok(Err(unsent.reason)),
            }
        })
        .await?;
    Ok(sent.map_or_else(Notice::refused, Notice::done))
}

/// Begins the proof by passkey within this session.
pub(crate) async fn start_passkey<A: Act>(state: &Sessions, ask: &Ask<A>) -> Result<Response, Failure> {
    let passkeys = state.passkeys.clone();
    let (_, started) = state
        .house
        .write(ask, None, move |tx, permit| {
            let caller = permit.caller();
            passkeys.start_confirm(tx, caller.person, caller.session.0.as_bytes(), permit.now())
        })
        .await?;
    match started {
        Ok(started) => Ok(Json(started).into_response()),
        Err(reason) => Err(ask.failure(StatusCode::UNPROCESSABLE_ENTITY, reason)),
    }
}

/// Judges it.
pub(crate) async fn finish_passkey<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    shown: Shown,
) -> Result<(Caller, PasskeyProof), Failure> {
    let (permit, ()) = state.house.read(ask, |_, _| Ok(())).await?;
    let caller = permit.caller().clone();
    let place = Place {
        device: caller.device,
        label: caller.device_label.clone(),
        network: caller.network.clone(),
    };
    let binding = caller.session.0.as_bytes().to_vec();
    let judged = state
        .passkeys
        .finish_confirm(shown, caller.person, binding, &place)
        .await;
    match judged.map_err(|error| Failure::store(&ask.visitor, &error))? {
        Ok(proof) => Ok((caller, proof)),
        Err(reason) => Err(ask.failure(StatusCode::UNPROCESSABLE_ENTITY, reason)),
    }
}
