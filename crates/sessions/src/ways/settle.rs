//! What a change of one's ways to sign in comes to, for the pages and the API alike: each is one transaction, told by mail and in the log.
//! Must never happen: a first factor of somebody who was away without their mailbox; the last factor gone where policy demands one.
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
    delivery::{self, Purpose},
    journal,
    page::Notice,
};
use kernel::{
    Act, AuthenticatorId, AuthenticatorKind, Deployment, Event, FieldError, Kinds, MessageId, Method, Organisation,
    Reason, Span, Time, act,
};
use organisations::Policies;
use people::letters::{self, Envelope, From};
use sha2::{Digest, Sha256};

/// How long the mail's link works.
const LINK_LIVES_FOR: Span = Span::minutes(30);
/// How long fresh recovery codes may lie on a page before they are kept.
const CODES_LIVE_FOR: Span = Span::minutes(30);
const LINK: &str = "first-factor-link";
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
    /// Posts the mail with the link that confirms this session for a first factor.
    pub(super) async fn send_proof(&self, ask: &Ask<act::ChangeOwn>) -> Result<(), Failure> {
        let ground = self.house.ground.clone();
        let id = MessageId::new(ground.now(), &ground.chance);
        let (_, ()) = self
            .house
            .write(ask, None, move |tx, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                let Some(person) = people::person(tx, Deployment, caller.person)? else {
                    return Ok(());
                };
                let ends_at = now + LINK_LIVES_FOR;
                let plain = [caller.session.0.as_bytes().as_slice(), &ends_at.micros().to_be_bytes()].concat();
                let proof = URL_SAFE_NO_PAD.encode(ground.keys.seal(LINK, &plain, &ground.chance));
                let from = From::the_door(tx, &ground)?;
                let envelope = Envelope {
                    id,
                    to: None,
                    asked_by: caller.device,
                    purpose: Purpose::Code,
                    at: now,
                    ends_at: Some(ends_at),
                };
                let words = crate::letters::long_away(
                    person.language,
                    format!("/app/security/add?proof={proof}"),
                    now,
                    &caller.device_label,
                    &caller.network,
                    LINK_LIVES_FOR,
                );
                let letter = letters::write(&from, &person, &words, envelope);
                delivery::post(tx, &ground, &letter)
            })
            .await?;
        Ok(())
    }

    /// Takes what the link carried. False: it is of another session, or has ended.
    pub(super) async fn take_proof(&self, ask: &Ask<act::ChangeOwn>, proof: &str) -> Result<bool, Failure> {
        let (ground, house, proof) = (self.house.ground.clone(), self.house.clone(), proof.to_owned());
        let (_, is_good) = self
            .house
            .write(ask, None, move |tx, permit| {
                let sealed = URL_SAFE_NO_PAD.decode(&proof).unwrap_or_default();
                let plain = ground.keys.open(LINK, &sealed).unwrap_or_default();
                let (session, ends) = plain.split_at_checked(16).unwrap_or_default();
                let ends_at = ends.try_into().map_or(0, i64::from_be_bytes);
                let is_good =
                    session == permit.caller().session.0.as_bytes() && permit.now() < Time::from_micros(ends_at);
                if is_good {
                    house.proved(tx, permit, Method::Mail)?;
                }
                Ok(is_good)
            })
            .await?;
        Ok(is_good)
    }

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
    async fn lock<A: Act>(&self, ask: &Ask<A>) -> Result<db::Lock, Failure> {
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

    /// Begins to add a phone, and sends the code.
    pub(super) async fn start_phone(
        &self,
        ask: &Ask<act::ChangeOwn>,
        number: String,
    ) -> Result<Result<AuthenticatorId, Reason>, Failure> {
        let (ground, lock) = (self.house.ground.clone(), self.lock(ask).await?);
        let draw = text::Draw::new(ground.now(), &ground.chance);
        let (_, started) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                // Policy speaks of text messages by itself; its own reason says more.
                if needs_mail(caller) {
                    return Ok(Err(Reason::EnrolNeedsMail));
                }
                let policy = policies(tx, caller)?.sms;
                let id = match text::add(tx, &ground, caller.person, &number, &policy, now)? {
                    Ok(id) => id,
                    Err(reason) => return Ok(Err(reason)),
                };
                let (by, request) = (By::caller(caller, now), phone_request(caller, id));
                match text::send(tx, &ground, &by, caller.person, id, &request, &policy, &draw)? {
                    Ok((_, events)) => journal::append_all(tx, &events)?,
                    // What was begun is swept; nothing was sent, so nothing waits.
                    Err(unsent) => return Ok(Err(unsent.reason)),
                }
                Ok(Ok(id))
            })
            .await?;
        Ok(started)
    }

    /// What is known of the code on its way to a phone that waits. None: none waits.
    pub(super) async fn phone_state<A: Act>(
        &self,
        ask: &Ask<A>,
        id: AuthenticatorId,
    ) -> Result<(Permit<A>, Option<text::Sent>), Failure> {
        self.house
            .read(ask, move |view, permit| {
                let (caller, now) = (permit.caller(), permit.now());
                if text::pending(view, Deployment, caller.person, id, now)?.is_none() {
                    return Ok(None);
                }
                text::state(view, Deployment, &phone_request(caller, id), now)
            })
            .await
    }

    /// Sends the code once more. Ok: what is known of it.
    pub(super) async fn send_to_phone(
        &self,
        ask: &Ask<act::ChangeOwn>,
        id: AuthenticatorId,
    ) -> Result<Result<String, Reason>, Failure> {
        let (ground, lock) = (self.house.ground.clone(), self.lock(ask).await?);
        let draw = text::Draw::new(ground.now(), &ground.chance);
        let (_, sent) = self
            .house
            .write(ask, Some(lock), move |tx, permit| {
                let caller = permit.caller();
                let policy = policies(tx, caller)?.sms;
                let (by, request) = (By::caller(caller, permit.now()), phone_request(caller, id));
                match text::send(tx, &ground, &by, caller.person, id, &request, &policy, &draw)? {
                    Ok((sent, events)) => {
                        journal::append_all(tx, &events)?;
                        Ok(Ok(sent.words))
                    }
                    Err(unsent) => Ok(Err(unsent.reason)),
                }
            })
            .await?;
        Ok(sent)
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
                    text::confirm(tx, &ground, &by, person, id, &phone_request(caller, id), &typed.code)?
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

/// What the first code of a phone is bound to: this session, and this phone.
fn phone_request(caller: &Caller, id: AuthenticatorId) -> [u8; 32] {
    let bytes = [b"phone".as_slice(), caller.session.0.as_bytes(), id.0.as_bytes()].concat();
    Sha256::digest(bytes).into()
}
