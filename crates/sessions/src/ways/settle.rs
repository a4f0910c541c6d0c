//! What a change of one's ways to sign in comes to, for the pages and the API alike: each is one transaction, told by mail and in the log.
//! Must never happen: a first factor of somebody who was away without their mailbox; the last factor gone where policy demands one.
use super::phone::request_of_phone;
use crate::Sessions;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use factors::{
    Authenticator, By, app, authenticators,
    passkeys::{NewKey, Shown, Started},
    person_lock,
    recovery_codes::{self, NotHashed},
    text,
};
use ground::{
    Ask, Caller, Failure, House, Permit,
    db::{self, Tx, View},
    journal,
    page::Notice,
};
use kernel::{
    Act, AuthenticatorId, AuthenticatorKind, Deployment, Event, FieldError, Kinds, Method, Organisation, Reason, Span,
    Time, act,
};
use organisations::Policies;

/// How long fresh recovery codes may lie on a page before they are kept.
const CODES_LIVE_FOR: Span = Span::minutes(30);
const CODES: &str = "recovery-codes-shown";

/// What confirms a new way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Confirming {
    /// The code.
    pub code: String,
    /// A name, where one was given.
    pub name: Option<String>,
    /// The other sessions stay.
    pub keep_sessions: bool,
}

/// Why it was not confirmed.
#[derive(Debug, Clone)]
pub(crate) enum Refused {
    /// For this reason.
    Because(Reason),
    /// The code was wrong, with what is known of a phone's clock.
    Code(factors::CodeRefusal),
    /// It is not there.
    NotThere,
}

impl Refused {
    pub fn reason(&self) -> Reason {
        match self {
            Self::Because(reason) => *reason,
            Self::Code(refusal) => refusal.reason,
            Self::NotThere => Reason::RequestNotFound,
        }
    }
    pub fn notice(&self) -> Notice {
        match self {
            Self::Code(refusal) => crate::prove::notice_of(refusal),
            other => Notice::refused(other.reason()),
        }
    }
}

/// What the organisation demands of factors, on this snapshot.
pub(crate) fn policies(view: &mut View, caller: &Caller) -> db::Result<Policies> {
    let standing = organisations::standing(view, Organisation(caller.organisation))?;
    Ok(standing.map(|standing| standing.policies).unwrap_or_default())
}

/// The person's ways, and which kinds count here.
pub(crate) fn of_caller(view: &mut View, caller: &Caller, now: Time) -> db::Result<(Vec<Authenticator>, Kinds)> {
    let found = authenticators::of_person(view, Deployment, caller.person, now)?;
    Ok((found, policies(view, caller)?.factors.counting(Kinds::ALL)))
}

/// Whether somebody who was away for long has to open a link from a mail before a first factor is added: the guard against whoever took over
/// an account that nobody looked after.
pub(crate) fn needs_mail(caller: &Caller) -> bool {
    caller.was_away && !caller.kinds.has_factor() && !caller.methods.contains(Method::Mail)
}

/// Why a way of this kind cannot be added, if so.
fn refusal(view: &mut View, caller: &Caller, kind: AuthenticatorKind) -> db::Result<Option<Reason>> {
    if needs_mail(caller) {
        return Ok(Some(Reason::EnrolNeedsMail));
    }
    let is_allowed = policies(view, caller)?.factors.allowed.contains(kind);
    Ok((!is_allowed).then_some(Reason::FactorNotAllowed))
}

/// The end of each change: the other sessions end unless they are to stay, and the log is told.
fn settle<A: Act>(
    tx: &mut Tx,
    house: &House,
    permit: &Permit<A>,
    mut events: Vec<Event>,
    keep_sessions: bool,
) -> db::Result<()> {
    if !keep_sessions {
        let ended = house.end_others(tx, permit, Reason::SessionFactorsChanged)?;
        if ended > 0 {
            let told = crate::http::own_event(
                tx,
                permit,
                kernel::EventKind::SessionEnded,
                kernel::Outcome::Done,
                &house.ground.chance,
            )?;
            let mut told = told.because(Reason::SessionFactorsChanged);
            told.count = u32::try_from(ended).unwrap_or(u32::MAX);
            events.push(told);
        }
    }
    journal::append_all(tx, &events)
}

impl Sessions {
    /// Begins to add a passkey.
    pub(super) async fn start_passkey(&self, ask: &Ask<act::ChangeOwn>) -> Result<Result<Started, Reason>, Failure> {
        let passkeys = self.passkeys.clone();
        let (_, started) = self
            .house
            .write(ask, None, move |tx, permit| {
                let caller = permit.caller();
                if let Some(reason) = refusal(tx, caller, AuthenticatorKind::Passkey)? {
                    return Ok(Err(reason));
                }
                let models = policies(tx, caller)?.aaguids;
                let Some(person) = people::person(tx, Deployment, caller.person)? else {
                    return Ok(Err(Reason::RequestNotFound));
                };
                let new = NewKey {
                    person: &person,
                    models: &models,
                    binding: caller.session.0.as_bytes(),
                };
                passkeys.start_enrol(tx, &new, permit.now())
            })
            .await?;
        Ok(started)
    }

    /// Keeps a passkey that the browser has made.
    pub(super) async fn finish_passkey(
        &self,
        ask: &Ask<act::ChangeOwn>,
        shown: Shown,
        typed: Confirming,
    ) -> Result<Result<AuthenticatorId, Reason>, Failure> {
        let (permit, models) = self
            .house
            .read(ask, |view, permit| Ok(policies(view, permit.caller())?.aaguids))
            .await?;
        let caller = permit.caller();
        let binding = caller.session.0.as_bytes().to_vec();
        let judged = self.passkeys.finish_enrol(shown, caller.person, binding, &models).await;
        let new = match judged.map_err(|error| Failure::store(&ask.visitor, &error))? {
            Ok(new) => new,
            Err(reason) => return Ok(Err(reason)),
        };
        let (ground, house, lock) = (
            self.house.ground.clone(),
            self.house.clone(),
            person_lock(caller.person),
        );
        let (_, kept) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                if let Some(reason) = refusal(tx, caller, AuthenticatorKind::Passkey)? {
                    return Ok(Err(reason));
                }
                let Some(person) = people::person(tx, Deployment, caller.person)? else {
                    return Ok(Err(Reason::RequestNotFound));
                };
                let kept = new.keep(tx, &ground, &person, typed.name.as_deref(), &By::caller(caller, now))?;
                let (id, events) = match kept {
                    Ok(kept) => kept,
                    Err(reason) => return Ok(Err(reason)),
                };
                house.proved(tx, permit, Method::Passkey)?;
                settle(tx, &house, permit, events, typed.keep_sessions)?;
                Ok(Ok(id))
            })
            .await?;
        Ok(kept)
    }

    /// Names one anew. What is not one's own is not there.
    pub(super) async fn rename(
        &self,
        ask: &Ask<act::ChangeOwn>,
        id: AuthenticatorId,
        name: &str,
    ) -> Result<Result<(), FieldError>, Failure> {
        let (ground, name) = (self.house.ground.clone(), name.to_owned());
        let (_, renamed) = self
            .house
            .write(ask, None, move |tx, permit| {
                let by = By::caller(permit.caller(), permit.now());
                let renamed = authenticators::rename(tx, &ground, &by, permit.caller().person, id, &name)?;
                if let Some(Ok((_, events))) = &renamed {
                    journal::append_all(tx, events)?;
                }
                Ok(renamed.map(|renamed| renamed.map(|_| ())))
            })
            .await?;
        match renamed {
            None => Err(ask.not_found()),
            Some(renamed) => Ok(renamed.map_err(|reason| FieldError::new("name", reason))),
        }
    }

    /// Removes one. What is not one's own is not there; the last factor stays where policy asks for one.
    pub(super) async fn remove(
        &self,
        ask: &Ask<act::ChangeOwn>,
        id: AuthenticatorId,
        keep_sessions: bool,
    ) -> Result<Result<(), Reason>, Failure> {
        let (ground, house) = (self.house.ground.clone(), self.house.clone());
        let (permit, ()) = self.house.read(ask, |_, _| Ok(())).await?;
        let lock = person_lock(permit.caller().person);
        let (_, removed) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                let policy = policies(tx, caller)?.factors;
                let left: Kinds = authenticators::of_person(tx, Deployment, caller.person, now)?
                    .iter()
                    .filter(|found| found.id != id)
                    .map(|found| found.kind)
                    .collect();
                if policy.is_met_by(caller.kinds) && !policy.is_met_by(left) {
                    return Ok(Some(Err(Reason::FactorLastNeeded)));
                }
                let by = By::caller(caller, now);
                let Some((_, events)) = authenticators::remove(tx, &ground, &by, caller.person, id)? else {
                    return Ok(None);
                };
                settle(tx, &house, permit, events, keep_sessions)?;
                Ok(Some(Ok(())))
            })
            .await?;
        removed.ok_or_else(|| ask.not_found())
    }

    /// Fresh recovery codes, and the same sealed for this session: they count once they come back as kept.
    pub(super) fn draw_codes(&self, caller: &Caller, now: Time) -> (Vec<String>, String) {
        let ground = &self.house.ground;
        let codes = recovery_codes::draw(now, &ground.chance).shown();
        let ends_at = (now + CODES_LIVE_FOR).micros().to_be_bytes();
        let session = caller.session.0.as_bytes().as_slice();
        let plain = [session, &ends_at, codes.join(" ").as_bytes()].concat();
        let sealed = URL_SAFE_NO_PAD.encode(ground.keys.seal(CODES, &plain, &ground.chance));
        (codes, sealed)
    }

    /// Keeps a set in the place of the one that the person had.
    pub(super) async fn keep_codes(&self, ask: &Ask<act::ChangeOwn>, codes: &[String]) -> Result<(), Failure> {
        let ground = self.house.ground.clone();
        let Some(codes) = recovery_codes::shown_before(codes, ground.now(), &ground.chance) else {
            return Err(Failure::fault(&ask.visitor));
        };
        let hashed = match codes.hash(&self.prover, ask.visitor.client.address).await {
            Ok(hashed) => hashed,
            Err(NotHashed::Full(full)) => return Err(factors::busy(&ask.visitor, &full)),
            Err(NotHashed::Fault(fault)) => return Err(fault.into_failure(&ask.visitor)),
        };
        let lock = self.lock(ask).await?;
        let keep = move |tx: &mut Tx, permit: &Permit<act::ChangeOwn>| {
            let by = By::caller(permit.caller(), permit.now());
            match recovery_codes::replace(tx, &ground, &by, permit.caller().person, &hashed)? {
                Some((_, events)) => journal::append_all(tx, &events),
                None => Ok(()),
            }
        };
        let (_, ()) = self.house.write(ask, Some(lock), keep).await?;
        Ok(())
    }

    /// The lock under which everything about the caller's authenticators happens.
    pub(super) async fn lock<A: Act>(&self, ask: &Ask<A>) -> Result<db::Lock, Failure> {
        let (permit, ()) = self.house.read(ask, |_, _| Ok(())).await?;
        Ok(person_lock(permit.caller().person))
    }

    /// Begins to add an authenticator app.
    pub(super) async fn start_app(&self, ask: &Ask<act::ChangeOwn>) -> Result<Result<app::Enrolment, Reason>, Failure> {
        let (ground, lock) = (self.house.ground.clone(), self.lock(ask).await?);
        let draw = app::Draw::new(ground.now(), &ground.chance);
        let (_, started) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                match refusal(tx, permit.caller(), AuthenticatorKind::App)? {
                    Some(reason) => Ok(Err(reason)),
                    None => app::start(tx, &ground, permit.caller().person, permit.now(), &draw),
                }
            })
            .await?;
        Ok(started)
    }

    /// Confirms an app or a phone by a code of it. What is not one's own, or does not wait, is not there.
    pub(super) async fn confirm(
        &self,
        ask: &Ask<act::ChangeOwn>,
        id: AuthenticatorId,
        typed: &Confirming,
    ) -> Result<Result<(), Refused>, Failure> {
        let (ground, house, typed) = (self.house.ground.clone(), self.house.clone(), typed.clone());
        let lock = self.lock(ask).await?;
        let (_, confirmed) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                let found = authenticators::find(tx, Deployment, caller.person, id, now)?;
                let Some(kind) = found
                    .filter(|found| found.confirmed_at.is_none())
                    .map(|found| found.kind)
                else {
                    return Ok(Err(Refused::NotThere));
                };
                if let Some(reason) = refusal(tx, caller, kind)? {
                    return Ok(Err(Refused::Because(reason)));
                }
                let (by, person) = (By::caller(caller, now), caller.person);
                let confirmed = if kind == AuthenticatorKind::Phone {
                    text::confirm(tx, &ground, &by, person, id, &request_of_phone(caller, id), &typed.code)?
                } else {
                    app::confirm(tx, &ground, &by, person, id, &typed.code)?
                };
                let mut events = match confirmed {
                    Ok((_, events)) => events,
                    Err(refusal) => return Ok(Err(Refused::Code(refusal))),
                };
                if let Some(name) = &typed.name
                    && let Some(Ok((_, more))) = authenticators::rename(tx, &ground, &by, person, id, name)?
                {
                    events.extend(more);
                }
                house.proved(tx, permit, kind.method())?;
                settle(tx, &house, permit, events, typed.keep_sessions)?;
                Ok(Ok(()))
            })
            .await?;
        Ok(confirmed)
    }

    /// The codes that were shown to this session.
    pub(super) fn open_codes(&self, caller: &Caller, sealed: &str, now: Time) -> Option<Vec<String>> {
        let plain = self
            .house
            .ground
            .keys
            .open(CODES, &URL_SAFE_NO_PAD.decode(sealed).ok()?)?;
        let (session, rest) = plain.split_at_checked(16)?;
        let (ends_at, codes) = rest.split_at_checked(8)?;
        let ends_at = Time::from_micros(i64::from_be_bytes(ends_at.try_into().ok()?));
        let is_good = session == caller.session.0.as_bytes() && now < ends_at;
        let codes = std::str::from_utf8(codes).ok()?.split(' ').map(str::to_owned).collect();
        is_good.then_some(codes)
    }
}
