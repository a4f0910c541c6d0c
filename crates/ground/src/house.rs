//! One request, one short transaction, and the right to act as an argument: a handler gets an [`Ask`], and only the house turns it into a [`Permit`].
//! Must never happen: a handler that acts for a person without a permit, or on another snapshot than the one that let them in.
use crate::{
    Failure, Ground, RouteInfo, Visitor,
    db::{self, Lock, Tx, View},
    visitor::Wants,
};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use kernel::{Act, Action, DeviceId, Grant, Language, OrganisationId, PersonId, Reason, SessionId, Time};
use sha2::{Digest, Sha256};
use std::{marker::PhantomData, sync::Arc};

/// Who was let in.
#[derive(Debug, Clone)]
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
    /// The session.
    pub session: SessionId,
    /// The device, where one is kept.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub device_label: String,
    /// A shared or public device.
    pub is_shared: bool,
    /// The roles held in the organisation.
    pub roles: Vec<Grant>,
    /// What these roles allow.
    pub may: Vec<Action>,
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
    /// Not allowed, with every reason.
    Forbidden(Vec<Reason>),
}

/// What a request shows to be let in. Nothing is checked yet.
#[derive(Clone)]
pub struct Asked {
    /// SHA-256 of each session token that came along.
    pub tokens: Vec<[u8; 32]>,
    /// The action of the route.
    pub action: Action,
    /// A locked session is enough.
    pub tolerates_lock: bool,
    /// The network address it came from.
    pub network: String,
}

/// Lets people in: `sessions` implements it, the program wires it.
pub trait Door: Send + Sync {
    /// Checks session, person and right on this snapshot.
    fn admit(&self, view: &mut View, asked: &Asked, now: Time) -> db::Result<Result<Caller, Refusal>>;
    /// Writes "last seen". Called at most once a minute a session, and never for polls.
    fn touch(&self, tx: &mut Tx, caller: &Caller, now: Time) -> db::Result<()>;
}

/// How often "last seen" is written at most.
const TOUCH_EVERY: kernel::Span = kernel::Span::seconds(60);

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
        let tokens = visitor
            .session_tokens()
            .iter()
            .map(|token| Sha256::digest(token.as_bytes()).into())
            .collect();
        let asked = Asked {
            tokens,
            action: A::ACTION,
            tolerates_lock: info.tolerates_lock(),
            network: visitor.network(),
        };
        let is_activity = !visitor.headers.contains_key("doorward-poll");
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
    /// The hashes of the session tokens that came along.
    pub fn token_hashes(&self) -> &[[u8; 32]] {
        &self.asked.tokens
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
        self.caller.may.contains(&action)
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
        let (permit, found) = Self::let_in(ask, seen)?;
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
        Self::let_in(ask, done)
    }

    fn let_in<A: Act, T>(ask: &Ask<A>, answer: db::Result<Result<T, Refusal>>) -> Result<T, Failure> {
        match answer {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(refusal)) => Err(Failure::refused(&ask.visitor, refusal)),
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
