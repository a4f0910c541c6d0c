//! One request, one short transaction, and the right to act as an argument: a handler gets an [`Ask`], and only the house turns it into a [`Permit`].
//! Must never happen: a handler that acts for a person without a permit, or on another snapshot than the one that let them in.
use crate::{
    Failure, Ground, RouteInfo, Visitor,
    db::{self, Lock, Mark, Tx, View},
    visitor::Wants,
};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, Uri, request::Parts},
};
use kernel::{
    Act, Action, ApiKeyId, Chance, DeviceId, Freshness, Grant, Kinds, Language, Method, Methods, On, OrganisationId,
    Permissions, PersonId, Reason, SessionId, Span, Time,
};
use sha2::{Digest, Sha256};
use std::{marker::PhantomData, sync::Arc};

mod admit;
mod stopped;

pub use stopped::Stopped;

/// Who was let in.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about whoever was let in"
)]
pub struct Caller {
    /// The person.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their e-mail address, as they wrote it.
    pub email: String,
    /// What they are written to in.
    pub language: Language,
    /// The organisation that the session speaks for.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// Whether the person is a member of other organisations, too.
    pub has_others: bool,
    /// The session; the nil id where a program calls with a key.
    pub session: SessionId,
    /// The key that a program calls with, in the person's name; roles and rights are then those that the key has of its maker's.
    pub key: Option<ApiKeyId>,
    /// The device, where one is kept.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub device_label: String,
    /// A shared or public device.
    pub is_shared: bool,
    /// The roles held in the organisation.
    pub roles: Vec<Grant>,
    /// What these roles allow, on the whole organisation or on a part of it.
    pub may: Permissions,
    /// What the session has proved in all.
    pub methods: Methods,
    /// What was proved last, at `proved_at`.
    pub fresh: Methods,
    /// When the person proved themselves last: at sign-in, unlock or step-up.
    pub proved_at: Time,
    /// The kinds of authenticators that the person has.
    pub kinds: Kinds,
    /// The person had not signed in for long before this session.
    pub was_away: bool,
    /// Until when a second factor has to be added, where policy demands one and there is none yet.
    pub factor_due: Option<Time>,
    /// The network that this request came from.
    pub network: String,
    /// The session is locked; only unlock and sign-out see such a caller.
    pub is_locked: bool,
    /// When the session was last seen, as written.
    pub seen_at: Time,
    /// When the session locks unless used.
    pub locks_at: Time,
    /// When the session ends.
    pub ends_at: Time,
}

/// Why nobody was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No session that counts.
    SignedOut(Reason),
    /// The session waits to be unlocked.
    Locked,
    /// Policy demands a second factor that the session has not proved. What is to be proved; nothing where the person has none that counts.
    FactorNeeded(Option<Freshness>),
    /// The last proof is too old or too weak for this.
    StepUp(Freshness),
    /// Not allowed, with every reason.
    Forbidden(Vec<Reason>),
    /// The same of a person who is signed in: it is told in the organisation's log.
    Stopped(Box<Stopped>),
    /// The organisation that was asked about is not there, or not the caller's to see.
    NotThere,
}

/// What a request shows to be let in. Nothing is checked yet.
#[derive(Clone)]
pub struct Asked {
    /// SHA-256 of each session token that came along.
    pub tokens: Vec<[u8; 32]>,
    /// SHA-256 of the Bearer token that a call of the API brought. INVARIANT: where there is one, no session token is looked at.
    pub key: Option<[u8; 32]>,
    /// The action of the route.
    pub action: Action,
    /// A locked session is enough.
    pub tolerates_lock: bool,
    /// A session without the factor that policy demands is enough.
    pub tolerates_missing_factor: bool,
    /// How freshly the person must have proved themselves.
    pub fresh: Option<Freshness>,
    /// The network address it came from.
    pub network: String,
    /// The organisation that the call is about, where it names one: the caller is let in to that one, or not at all.
    pub organisation: Option<OrganisationId>,
}

/// Lets people in: `sessions` implements it, the program wires it.
pub trait Door: Send + Sync {
    /// Checks session, person and right on this snapshot.
    fn admit(&self, view: &mut View, asked: &Asked, now: Time) -> db::Result<Result<Caller, Refusal>>;
    /// As [`Door::admit`], and keeps what it found for as long as the store stands at this mark, which was taken before the snapshot.
    fn admit_at(&self, view: &mut View, asked: &Asked, now: Time, _mark: Mark) -> db::Result<Result<Caller, Refusal>> {
        self.admit(view, asked, now)
    }
    /// Lets in by what was kept at this very mark. Nothing: ask the store; every refusal comes from there.
    fn recall(&self, _asked: &Asked, _now: Time, _mark: Mark) -> Option<Caller> {
        None
    }
    /// Writes "last seen". Called at most once a minute a session, and never for polls.
    fn touch(&self, tx: &mut Tx, caller: &Caller, now: Time) -> db::Result<()>;
    /// Keeps that the caller's session has freshly proved this, too: adding an authenticator counts as step-up with it.
    fn proved(&self, tx: &mut Tx, caller: &Caller, method: Method, now: Time) -> db::Result<()>;
    /// Ends the caller's other sessions, for this reason. Answers how many.
    fn end_others(&self, tx: &mut Tx, caller: &Caller, why: Reason, now: Time) -> db::Result<u64>;
    /// Ends the sessions of a person on one device, for this reason. Answers how many.
    fn end_device(&self, tx: &mut Tx, person: PersonId, device: DeviceId, why: Reason, now: Time) -> db::Result<u64>;
    /// Tells that somebody was refused. The last step of its transaction.
    fn tell_stopped(&self, tx: &mut Tx, stopped: &Stopped, now: Time, chance: &Chance) -> db::Result<()>;
}

/// How often "last seen" is written at most.
const TOUCH_EVERY: Span = Span::seconds(60);

/// The request of somebody who wants to do `A`.
pub struct Ask<A: Act> {
    /// Who sent it.
    pub visitor: Visitor,
    asked: Asked,
    is_activity: bool,
    act: PhantomData<A>,
}

impl<A: Act, S: Send + Sync> FromRequestParts<S> for Ask<A> {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, StatusCode> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let info = parts
            .extensions
            .get::<RouteInfo>()
            .copied()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        // INVARIANT: the action in the route list is the one that the handler is permitted.
        if info.action != A::ACTION.name() {
            tracing::error!(
                path = info.path,
                listed = info.action,
                asked = A::ACTION.name(),
                "a route lists another action than its handler asks for"
            );
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let key = visitor.bearer().map(|token| Sha256::digest(token).into());
        let cookies = if key.is_some() {
            Vec::new()
        } else {
            visitor.session_tokens()
        };
        let hash = |token: &String| Sha256::digest(token.as_bytes()).into();
        let asked = Asked {
            tokens: cookies.iter().map(hash).collect(),
            key,
            action: A::ACTION,
            tolerates_lock: info.tolerates_lock(),
            tolerates_missing_factor: info.tolerates_missing_factor(),
            fresh: info.fresh,
            network: visitor.network(),
            organisation: named_organisation(info.path, &parts.uri),
        };
        // A browser's own stream cannot send a header of ours: what it accepts says that it is one.
        let is_stream = visitor
            .headers
            .get(axum::http::header::ACCEPT)
            .is_some_and(|kind| kind == "text/event-stream");
        let is_activity = !is_stream && !visitor.headers.contains_key("doorward-poll");
        Ok(Self {
            visitor,
            asked,
            is_activity,
            act: PhantomData,
        })
    }
}

impl<A: Act> Ask<A> {
    /// An answer of this status for this reason, as a page or a problem.
    pub fn failure(&self, status: StatusCode, reason: Reason) -> Failure {
        Failure::new(&self.visitor, status, reason)
    }
    /// Not there, or not yours to see.
    pub fn not_found(&self) -> Failure {
        self.failure(StatusCode::NOT_FOUND, Reason::RequestNotFound)
    }
    /// Whether JSON is wanted.
    pub fn is_api(&self) -> bool {
        self.visitor.wants == Wants::Api
    }
    /// The same request, as it would be about another organisation.
    pub fn towards(&self, organisation: OrganisationId, action: Action) -> Asked {
        Asked {
            action,
            organisation: Some(organisation),
            tolerates_lock: false,
            tolerates_missing_factor: false,
            fresh: None,
            ..self.asked.clone()
        }
    }
    /// The hashes of the session tokens that came along.
    pub fn token_hashes(&self) -> &[[u8; 32]] {
        &self.asked.tokens
    }
}

/// The organisation that a call of the API names: in its path, or as `?organisation=`. What is no id is nobody's organisation.
fn named_organisation(template: &str, uri: &Uri) -> Option<OrganisationId> {
    let rest = template.strip_prefix("/api/v1/")?;
    let in_path = rest
        .starts_with("organisations/{id}/")
        .then(|| uri.path().split('/').nth(4))
        .flatten();
    let named = in_path.or_else(|| {
        let pairs = uri.query()?.split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == "organisation")
            .map(|(_, id)| id)
    });
    named.map(|id| id.parse().unwrap_or(OrganisationId(uuid::Uuid::nil())))
}

/// How long a proof is fresh.
pub const FRESH_FOR: Span = Span::minutes(15);

impl Caller {
    /// Whether a role of the caller allows this on that.
    pub fn may_on(&self, action: Action, on: On) -> bool {
        self.roles.iter().any(|grant| grant.covers(action, on))
    }
    /// Whether the last proof is fresh and strong enough.
    pub fn is_fresh(&self, freshness: Freshness, now: Time) -> bool {
        let age = now - self.proved_at;
        // A proof from the future (a clock that was put back) is none.
        (Span::seconds(-60)..FRESH_FOR).contains(&age) && freshness.is_met(self.fresh, self.kinds)
    }
}

/// Proof that the caller may do `A`, on the snapshot that it was given with. Only the house makes one.
pub struct Permit<A: Act> {
    caller: Caller,
    now: Time,
    act: PhantomData<A>,
}

impl<A: Act> Permit<A> {
    /// Who may.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
    /// The time of the decision.
    pub fn now(&self) -> Time {
        self.now
    }
    /// Whether the caller may do something else, too: for what a page shows.
    pub fn may(&self, action: Action) -> bool {
        self.caller.may.contains(action)
    }
    /// Whether the caller may do this on that: a role may be limited to some customers or sites.
    pub fn may_on(&self, action: Action, on: On) -> bool {
        self.caller.may_on(action, on)
    }
}

/// The house: the ground and its door.
#[derive(Clone)]
pub struct House {
    /// What it stands on.
    pub ground: Ground,
    door: Arc<dyn Door>,
}

impl House {
    /// A house with its door.
    pub fn new(ground: Ground, door: Arc<dyn Door>) -> Self {
        Self { ground, door }
    }

    /// Whether somebody would be let in there, by that organisation's own rules and on this snapshot. Nothing is done by it.
    pub fn look(&self, view: &mut View, asked: &Asked, now: Time) -> db::Result<Result<Caller, Refusal>> {
        self.door.admit(view, asked, now)
    }

    /// Keeps that the caller has freshly proved this, as part of the transaction that confirmed it.
    pub fn proved<A: Act>(&self, tx: &mut Tx, permit: &Permit<A>, method: Method) -> db::Result<()> {
        self.door.proved(tx, &permit.caller, method, permit.now)
    }
    /// Ends the caller's other sessions, as part of the transaction that is the reason. Answers how many.
    pub fn end_others<A: Act>(&self, tx: &mut Tx, permit: &Permit<A>, why: Reason) -> db::Result<u64> {
        self.door.end_others(tx, &permit.caller, why, permit.now)
    }

    /// Ends the sessions of a person on one device, as part of the transaction that is the reason. Answers how many.
    pub fn end_device<A: Act>(
        &self,
        tx: &mut Tx,
        permit: &Permit<A>,
        (person, device): (PersonId, DeviceId),
        why: Reason,
    ) -> db::Result<u64> {
        self.door.end_device(tx, person, device, why, permit.now)
    }

    /// Lets the caller in and reads, on one snapshot.
    pub async fn read<A: Act, T: Send + 'static>(
        &self,
        ask: &Ask<A>,
        work: impl Fn(&mut View, &Permit<A>) -> db::Result<T> + Send + 'static,
    ) -> Result<(Permit<A>, T), Failure> {
        let (door, asked, now) = (self.door.clone(), ask.asked.clone(), self.ground.now());
        let seen = self
            .ground
            .store
            .read(move |view| {
                let permit = match door.admit(view, &asked, now)? {
                    Ok(caller) => Permit {
                        caller,
                        now,
                        act: PhantomData,
                    },
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let found = work(view, &permit)?;
                Ok::<_, db::Error>(Ok((permit, found)))
            })
            .await;
        let (permit, found) = self.let_in(ask, seen).await?;
        self.touch(ask, &permit).await;
        Ok((permit, found))
    }

    /// Lets the caller in and writes, in one transaction that holds the person's lock.
    pub async fn write<A: Act, T: Send + 'static>(
        &self,
        ask: &Ask<A>,
        lock: Option<Lock>,
        work: impl Fn(&mut Tx, &Permit<A>) -> db::Result<T> + Send + 'static,
    ) -> Result<(Permit<A>, T), Failure> {
        let (door, asked, now, is_activity) =
            (self.door.clone(), ask.asked.clone(), self.ground.now(), ask.is_activity);
        let step = move |tx: &mut Tx| {
            let permit = match door.admit(tx, &asked, now)? {
                Ok(caller) => Permit {
                    caller,
                    now,
                    act: PhantomData,
                },
                Err(refusal) => return Ok(Err(refusal)),
            };
            if is_activity && is_due(&permit) {
                door.touch(tx, &permit.caller, now)?;
            }
            let done = work(tx, &permit)?;
            Ok::<_, db::Error>(Ok((permit, done)))
        };
        let done = match lock {
            Some(lock) => self.ground.store.write_holding(lock, step).await,
            None => self.ground.store.write(step).await,
        };
        self.let_in(ask, done).await
    }

    async fn let_in<A: Act, T>(&self, ask: &Ask<A>, answer: db::Result<Result<T, Refusal>>) -> Result<T, Failure> {
        match answer {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(refusal)) => Err(self.turn_away(ask, refusal).await),
            Err(error) => Err(Failure::store(&ask.visitor, &error)),
        }
    }

    async fn touch<A: Act>(&self, ask: &Ask<A>, permit: &Permit<A>) {
        if !ask.is_activity || !is_due(permit) {
            return;
        }
        let (door, caller, now) = (self.door.clone(), permit.caller.clone(), permit.now);
        // A store that cannot write (a full disk) must not keep anybody from reading.
        if let Err(error) = self.ground.store.write(move |tx| door.touch(tx, &caller, now)).await {
            tracing::warn!(%error, "last seen was not written");
        }
    }
}

fn is_due<A: Act>(permit: &Permit<A>) -> bool {
    !permit.caller.is_locked && permit.now - permit.caller.seen_at >= TOUCH_EVERY
}
