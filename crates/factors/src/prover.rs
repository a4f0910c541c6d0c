//! Proving a password, the one way for every place that takes one: reserve → hash → commit.
//! The try is counted before its hash is computed; the caller's commit checks again with [`Attempt::confirm`] or tells with [`Attempt::failure`].
//! Must never happen: a second door with fewer locks; an answer to a stranger that says whether there is an account.
use crate::{
    Context, Full, HashError, Lanes, Password, Pool, Rules, Slot, StoredHash,
    decide::{Answer, Counted, Kind, TRIES},
    lanes::released,
    pool::Padding,
    shut::Untold,
    store::{self, Ended, Failed, Reserved},
};
use ground::{
    Failure, Ground, Visitor,
    db::{self, Lock, Tx},
    journal::{self, Signal},
};
use kernel::{
    Chance, Deployment, DeviceId, Event, EventKind, FieldError, OrganisationId, Outcome, PersonId, Reason, Secret,
    Stream, Time,
};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// Whose password is tried, as far as the caller knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The person.
    pub person: PersonId,
    /// Whose log tells of it.
    pub home: OrganisationId,
    /// Disabled people are refused like a wrong password.
    pub is_enabled: bool,
    /// The person's epoch as it was found: whatever ends all their sessions raises it.
    pub epoch: i64,
    /// The device, where it has signed in as this person before.
    pub known_device: Option<DeviceId>,
}

/// Where a try comes from, and what it names.
#[derive(Debug, Clone)]
pub struct Source {
    /// The address in canonical form.
    pub canonical: String,
    /// The client's network address.
    pub address: IpAddr,
    /// The device in words, for the log.
    pub device_label: String,
}

/// Checks passwords. Cheap to clone.
#[derive(Clone)]
pub struct Prover(Arc<Inner>);

struct Inner {
    ground: Ground,
    pool: Pool,
    rules: Rules,
    untold: Untold,
}

/// A try that was counted.
#[derive(Clone)]
pub struct Attempt {
    source: Source,
    subject: Option<Subject>,
    lanes: Lanes,
    reserved: Reserved,
    version: Option<i64>,
    reason: Reason,
    padding: Option<Padding>,
}

/// What a try came to.
pub enum Proved {
    /// The password is right; the caller commits.
    Right {
        /// To be confirmed in the commit.
        attempt: Attempt,
        /// A stronger hash of the same password, where the setting has risen.
        rehash: Option<StoredHash>,
    },
    /// It is not, or it must look like that.
    Wrong {
        /// To be told in the commit.
        attempt: Attempt,
    },
    /// A lane told in words is locked; nothing was hashed.
    Locked {
        /// Which.
        reason: Reason,
        /// Until when.
        until: Time,
    },
}

/// What is to be told of a failure, and the device that is to be forgotten.
#[derive(Debug, Default)]
pub struct Told {
    /// The events, for the end of the transaction.
    pub events: Vec<Event>,
    /// The device that is no longer known to the person.
    pub forget_device: Option<(PersonId, DeviceId)>,
}

/// A fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] db::Error),
    /// The hash.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl Fault {
    /// As an answer.
    pub fn into_failure(self, visitor: &Visitor) -> Failure {
        match self {
            Self::Store(error) => Failure::store(visitor, &error),
            Self::Hash(error) => {
                tracing::error!(%error, "a password could not be hashed");
                Failure::fault(visitor)
            }
        }
    }
}

/// Why a new password was not taken.
#[derive(Debug)]
pub enum Refused {
    /// The rules.
    Rules(Vec<Reason>),
    /// No slot.
    Full(Full),
    /// A fault of ours.
    Fault(Fault),
}

impl Refused {
    /// What is wrong with the field.
    pub fn errors(&self, field: &'static str) -> Vec<FieldError> {
        match self {
            Self::Rules(reasons) => reasons.iter().map(|reason| FieldError::new(field, *reason)).collect(),
            Self::Full(_) => vec![FieldError::new(field, Reason::ServerBusy)],
            Self::Fault(_) => vec![FieldError::new(field, Reason::ServerFault)],
        }
    }
    /// The field's errors for the form, or a failure of the whole request.
    pub fn into_errors(self, visitor: &Visitor, field: &'static str) -> Result<Vec<FieldError>, Failure> {
        match self {
            Self::Rules(_) => Ok(self.errors(field)),
            Self::Full(full) => Err(busy(visitor, &full)),
            Self::Fault(fault) => Err(fault.into_failure(visitor)),
        }
    }
}

/// 503 with the time after which to try again.
pub fn busy(visitor: &Visitor, full: &Full) -> Failure {
    Failure::busy(visitor, Reason::SignInBusy, full.retry_after)
}

/// The lock under which everything about the password of this address happens.
pub fn address_lock(canonical: &str) -> Lock {
    Lock::on("account", canonical.as_bytes())
}

impl Prover {
    /// On the ground, with the pool and the rules.
    pub fn new(ground: Ground, pool: Pool, rules: Rules) -> Self {
        let untold = Untold::default();
        Self(Arc::new(Inner {
            ground,
            pool,
            rules,
            untold,
        }))
    }
    /// What it stands on.
    pub fn ground(&self) -> &Ground {
        &self.0.ground
    }
    pub(crate) fn untold(&self) -> &Untold {
        &self.0.untold
    }
    /// A slot. `known_device` is set where the request shows a device cookie of ours.
    pub async fn admit(&self, known_device: Option<Vec<u8>>, from: IpAddr) -> Result<Slot, Full> {
        let network = crate::network_key(from);
        self.0.pool.admit(crate::Asker { known_device, network }).await
    }
    /// The password, if it may be set; else why not. The rules take milliseconds, so they are held against it away from the async threads.
    pub async fn accept(&self, typed: &str, shortest: usize, context: &Context) -> Result<Password, Vec<Reason>> {
        let (held, typed, context) = (self.clone(), Secret::new(typed.to_owned()), context.clone());
        let checked = tokio::task::spawn_blocking(move || held.0.rules.accept(typed.expose(), shortest, &context));
        checked.await.unwrap_or_else(|_| Err(vec![Reason::ServerFault]))
    }
    /// A new password: held against the rules, then hashed.
    pub async fn new_password(
        &self,
        from: IpAddr,
        typed: &str,
        shortest: usize,
        context: &Context,
    ) -> Result<StoredHash, Refused> {
        let password = self.accept(typed, shortest, context).await.map_err(Refused::Rules)?;
        let mut slot = self.admit(None, from).await.map_err(Refused::Full)?;
        slot.hash(password).await.map_err(|error| Refused::Fault(error.into()))
    }

    /// Reserve → hash. `find` tells whose address it is, on the snapshot of the reservation.
    pub async fn prove(
        &self,
        slot: &mut Slot,
        source: Source,
        password: Password,
        find: impl Fn(&mut Tx) -> db::Result<Option<Subject>> + Send + 'static,
    ) -> Result<Proved, Fault> {
        let began = Instant::now();
        let (mut attempt, stored) = match self.reserve(source, find).await? {
            Ok(counted) => counted,
            Err((reason, until)) => return Ok(Proved::Locked { reason, until }),
        };
        let is_hopeless = attempt.is_hopeless();
        // Whoever cannot get in pays for a hash all the same.
        let checked = slot.verify(password.clone(), stored.filter(|_| !is_hopeless)).await?;
        attempt.padding = Some(checked.padding.since(began));
        if !checked.is_right {
            return Ok(Proved::Wrong { attempt });
        }
        let rehash = if checked.needs_rehash {
            Some(slot.hash(password).await?)
        } else {
            None
        };
        Ok(Proved::Right { attempt, rehash })
    }

    /// Counts the try of a code, in the same lanes as a password's. Err: a lane that is told in words is locked until then.
    pub async fn count(
        &self,
        source: Source,
        find: impl Fn(&mut Tx) -> db::Result<Option<Subject>> + Send + 'static,
    ) -> db::Result<Result<Attempt, (Reason, Time)>> {
        Ok(self.reserve(source, find).await?.map(|(attempt, _)| attempt))
    }

    /// Counts the try in its lanes. Err: a lane that is told in words is locked until then.
    async fn reserve(
        &self,
        source: Source,
        find: impl Fn(&mut Tx) -> db::Result<Option<Subject>> + Send + 'static,
    ) -> db::Result<Result<(Attempt, Option<StoredHash>), (Reason, Time)>> {
        let (ground, now) = (self.0.ground.clone(), self.0.ground.now());
        let lock = address_lock(&source.canonical);
        self.0
            .ground
            .store
            .write_holding(lock, move |tx| {
                let subject = find(tx)?;
                let stored = match &subject {
                    Some(subject) => store::find_password(tx, subject.person)?,
                    None => None,
                };
                let lanes = lanes(&ground, &source, subject.as_ref());
                let verdict = store::reserve(tx, &lanes, now)?;
                let reason = verdict.reasons.first().copied().unwrap_or(Reason::SignInWrong);
                let version = stored.as_ref().map(|stored| stored.version);
                let (source, reserved) = (source.clone(), verdict.outcome);
                let attempt = Attempt {
                    source,
                    subject,
                    lanes,
                    reserved,
                    version,
                    reason,
                    padding: None,
                };
                let mut events = attempt.ended_events(&attempt.reserved.ended, &ground.chance);
                let refused = match attempt.reserved.answer {
                    Answer::Refused {
                        lane: Kind::Device | Kind::Network,
                        until,
                    } => Some((reason, until.unwrap_or(now))),
                    _ => None,
                };
                if refused.is_some() {
                    let failed = store::refuse(tx, &attempt.lanes, &attempt.reserved, now)?;
                    events.extend(attempt.failed_events(tx, &failed, now, &ground)?);
                }
                journal::append_all(tx, &events)?;
                Ok::<_, db::Error>(refused.map_or_else(|| Ok((attempt, stored.map(|stored| stored.hash))), Err))
            })
            .await
    }
}

fn lanes(ground: &Ground, source: &Source, subject: Option<&Subject>) -> Lanes {
    let keys = &ground.keys;
    match subject {
        Some(Subject {
            person,
            known_device: Some(device),
            ..
        }) => Lanes::of_known_device(keys, &source.canonical, source.address, *person, *device),
        _ => Lanes::of_stranger(
            keys,
            &source.canonical,
            source.address,
            subject.map(|subject| subject.person),
        ),
    }
}

impl Attempt {
    /// Whose it is.
    pub fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }
    /// The version of the password that was compared, for [`store::renew_hash`].
    pub fn version(&self) -> Option<i64> {
        self.version
    }
    /// The lock that the commit holds.
    pub fn lock(&self) -> Lock {
        address_lock(&self.source.canonical)
    }
    /// How many tries a known device has left before it waits; strangers are not told.
    pub fn tries_left(&self) -> Option<u32> {
        match self.reserved.answer {
            Answer::Try { left } if self.lanes.is_known_device() => Some(left),
            _ => None,
        }
    }
    /// Whether this try began a run of waits for strangers at a person's address: the one that its owner is told of.
    pub fn has_begun_waits(&self) -> bool {
        let is_first =
            |counted: &Counted| counted.kind == Kind::Address && counted.after.run == TRIES && counted.has_locked();
        self.subject.is_some() && self.reserved.counted.iter().any(is_first)
    }
    /// Waits until a failure may be answered: all failures take the same time.
    pub async fn pad(&self) {
        if let Some(padding) = &self.padding {
            padding.wait().await;
        }
    }

    /// Whether what was shown is looked at; else the answer is that of a wrong one.
    pub fn is_hopeless(&self) -> bool {
        let is_enabled = self.subject.as_ref().is_some_and(|subject| subject.is_enabled);
        !is_enabled || !matches!(self.reserved.answer, Answer::Try { .. })
    }

    /// Holds the person until the commit, where they still are who they were: at this address, enabled, in the same epoch.
    fn holds(&self, tx: &mut Tx, subject: &Subject) -> db::Result<bool> {
        people::hold(tx, Deployment, subject.person, &self.source.canonical, subject.epoch)
    }

    /// Settles the lanes of a code that was right: as [`Attempt::confirm`], where no password was compared.
    pub fn confirm_code(&self, tx: &mut Tx, now: Time, ground: &Ground) -> db::Result<Result<Vec<Event>, Reason>> {
        let Some(subject) = &self.subject else {
            return Ok(Err(Reason::SignInWrong));
        };
        if self.is_hopeless()
            || !self.holds(tx, subject)?
            || store::is_shut_by_others(tx, &self.lanes, &self.reserved, now)?
        {
            return Ok(Err(Reason::SignInMoved));
        }
        let ended = store::succeed(tx, &self.lanes, &self.reserved, now)?;
        Ok(Ok(self.ended_events(&ended, &ground.chance)))
    }

    /// The check again, in the commit: the same person, epoch and password, no lane that was shut meanwhile. Settles the lanes; answers why not,
    /// where it must not be.
    pub fn confirm(&self, tx: &mut Tx, now: Time, ground: &Ground) -> db::Result<Result<Vec<Event>, Reason>> {
        let Some(subject) = &self.subject else {
            return Ok(Err(Reason::SignInWrong));
        };
        let version = store::find_password(tx, subject.person)?.map(|stored| stored.version);
        if !self.holds(tx, subject)? || version != self.version || version.is_none() {
            return Ok(Err(Reason::SignInMoved));
        }
        if store::is_shut_by_others(tx, &self.lanes, &self.reserved, now)? {
            return Ok(Err(Reason::SignInMoved));
        }
        let ended = store::succeed(tx, &self.lanes, &self.reserved, now)?;
        Ok(Ok(self.ended_events(&ended, &ground.chance)))
    }

    /// What is to be told of the failure; the count stands since the reservation.
    pub fn failure(&self, tx: &mut Tx, now: Time, ground: &Ground) -> db::Result<Told> {
        let failed = store::fail(tx, &self.lanes, &self.reserved, now)?;
        let mut events = self.failed_events(tx, &failed, now, ground)?;
        let forget_device = self
            .subject
            .as_ref()
            .filter(|_| failed.forget_device)
            .and_then(|s| Some((s.person, s.known_device?)));
        if let (Some(_), Some(subject)) = (&forget_device, &self.subject) {
            events.push(
                self.event(subject.home, now, EventKind::DeviceUnknown, &ground.chance)
                    .about(subject.person),
            );
        }
        Ok(Told { events, forget_device })
    }

    fn event(&self, home: OrganisationId, at: Time, kind: EventKind, chance: &Chance) -> Event {
        let device = self.subject.as_ref().and_then(|subject| subject.known_device);
        Event::new(Stream::Organisation(home), at, kind, Outcome::Stopped, chance).from(
            device,
            &self.source.device_label,
            &self.source.address.to_canonical().to_string(),
        )
    }

    fn ended_events(&self, ended: &[Ended], chance: &Chance) -> Vec<Event> {
        let home = self.subject.as_ref().map(|subject| subject.home);
        ended.iter().filter_map(|end| released(end, home, chance)).collect()
    }

    fn locked_event(&self, lane: &store::Subject, until: Time, now: Time, chance: &Chance) -> Option<Event> {
        let of_person = |reason| {
            let subject = self.subject.as_ref()?;
            let event = self.event(subject.home, now, EventKind::LaneLocked, chance);
            Some(event.about(subject.person).because(reason))
        };
        let mut event = match lane {
            store::Subject::Network(words) => {
                let event = Event::new(
                    Stream::Deployment,
                    now,
                    EventKind::NetworkLocked,
                    Outcome::Stopped,
                    chance,
                );
                event.from(None, "", words).because(Reason::SignInLockedNetwork)
            }
            store::Subject::Device(..) => of_person(Reason::SignInLockedDevice)?,
            store::Subject::Address(_) => of_person(Reason::SignInLockedStranger)?,
        };
        event.detail = format!("until {}", until.rfc3339());
        Some(event)
    }

    fn failed_events(&self, tx: &mut Tx, failed: &Failed, now: Time, ground: &Ground) -> db::Result<Vec<Event>> {
        let chance = &ground.chance;
        let mut events = Vec::new();
        if self.subject.is_none() {
            let key = ground
                .keys
                .hmac("lane-address", self.source.canonical.as_bytes())
                .to_vec();
            let network = self.source.address.to_canonical().to_string();
            let id = kernel::id::version_7(now, chance);
            let reason = Some(self.reason);
            journal::note(
                tx,
                &Signal {
                    id,
                    at: now,
                    kind: "sign-in-refused".into(),
                    key,
                    reason,
                    network,
                    detail: String::new(),
                },
            )?;
        }
        if let Some(count) = failed.tell {
            let mut event = match &self.subject {
                Some(subject) => self
                    .event(subject.home, now, EventKind::SignInRefused, chance)
                    .about(subject.person),
                None => Event::new(
                    Stream::Deployment,
                    now,
                    EventKind::StrangersRefused,
                    Outcome::Stopped,
                    chance,
                ),
            };
            event.count = count;
            events.push(event.because(self.reason));
        }
        for (subject, until) in &failed.locked {
            events.extend(self.locked_event(subject, *until, now, chance));
        }
        Ok(events)
    }
}
