//! The hashing pool: one thread a core with its own memory, a bounded number of tries in flight, a bounded queue before them.
//! For every place that takes a password. Must never happen: a hash on an async thread, a try that waits without end, a slot lost to a
//! request that was given up.
use crate::{
    Password,
    admission::{Answer, Asker, Desk, Ticket},
    hash::{Cost, Error, Hasher, Recipe, StoredHash},
};
use ground::keys::Keys;
use kernel::{Chance, Span};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

mod recent;
mod thread;
use recent::Recent;
use thread::{Job, Work};

/// Room after a hash for what the store does, which differs between a known and an unknown address: at least this much, and at most that much,
/// so that a disk that hangs makes nobody wait for others' sake.
const MARGIN: Duration = Duration::from_millis(5);
const MOST_MARGIN: Duration = Duration::from_millis(500);

/// How large the pool is.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Threads that hash.
    pub threads: usize,
    /// Tries in flight: hashed, or between their two transactions.
    pub slots: usize,
    /// Tries that may wait.
    pub places: usize,
    /// How long one waits at most.
    pub patience: Span,
    /// What a new hash costs.
    pub cost: Cost,
}

impl Setting {
    /// For so many cores: a thread each, twice as many in flight and two more, so that no thread idles while others are in the store.
    pub const fn for_cores(cores: usize) -> Self {
        let threads = if cores == 0 { 1 } else { cores };
        Self {
            threads,
            slots: threads * 2 + 2,
            places: 256,
            patience: Span::seconds(10),
            cost: Cost::OWASP,
        }
    }
}

/// There is no room: answered with 503 and Retry-After at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// When it is worth trying again.
    pub retry_after: Span,
}

/// What a comparison found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Whether the password is right.
    pub is_right: bool,
    /// Whether the hash should be made anew now that the password is at hand.
    pub needs_rehash: bool,
    /// To be waited for before a failure is answered.
    pub padding: Padding,
}

/// How long a failure waits, so that all failures take the same time. Cheap to clone.
#[derive(Clone)]
pub struct Padding {
    began: Instant,
    hashed_at: Instant,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Padding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Padding").finish_non_exhaustive()
    }
}

impl Padding {
    /// Counted from here, where the try began before its hash.
    #[must_use]
    pub fn since(self, began: Instant) -> Self {
        Self { began, ..self }
    }

    /// Waits, after the store has settled the failure, until nearly all failures of late would have come so far. What this one took is learned
    /// from, as if its hash had been of the slowest class.
    pub async fn wait(&self) {
        let settled_at = self.hashed_at.max(Instant::now());
        self.shared.failures.note(settled_at - self.began);
        let mostly = self.began + self.shared.failures.mostly().unwrap_or_default();
        pad_until(mostly.clamp(self.hashed_at + MARGIN, self.hashed_at + MOST_MARGIN)).await;
    }
}

/// The pool. Cheap to clone; its threads end with its last clone.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    desk: SharedDesk,
    jobs: crossbeam_channel::Sender<Job>,
    shared: Arc<Shared>,
    setting: Setting,
    chance: Chance,
}

type SharedDesk = Arc<Mutex<Desk<oneshot::Sender<()>>>>;

/// What the threads and the pool both see.
struct Shared {
    hasher: Hasher,
    /// The costliest hash known to be in the store, which an unknown address pays.
    slowest: Mutex<Cost>,
    /// How long that took lately.
    hashes: Recent,
    /// How long failures took lately, from the counting of the try to its settling.
    failures: Recent,
}

impl Shared {
    /// No failure is answered sooner after its hash began. Until one of the slowest class was seen: a microsecond a KiB, twice what a common
    /// server takes.
    fn floor(&self) -> Duration {
        let guessed = || Span::micros(locked(&self.slowest).work()).to_std();
        self.hashes.mostly().unwrap_or_else(guessed)
    }
}

impl Pool {
    /// Starts the threads. `slowest` is the costliest hash in the store ([`crate::store::slowest_cost`]), if it has any.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(setting: Setting, keys: Keys, chance: Chance, slowest: Option<Cost>) -> std::io::Result<Self> {
        let slowest = slowest.into_iter().fold(setting.cost, costlier);
        let shared = Arc::new(Shared {
            hasher: Hasher::new(keys, setting.cost),
            slowest: Mutex::new(slowest),
            hashes: Recent::default(),
            failures: Recent::default(),
        });
        // INVARIANT: at most one job a slot, so this never grows beyond the slots.
        let (jobs, inbox) = crossbeam_channel::unbounded();
        for n in 0..setting.threads.max(1) {
            let (inbox, shared) = (inbox.clone(), Arc::clone(&shared));
            std::thread::Builder::new()
                .name(format!("hash-{n}"))
                .spawn(move || thread::run(&inbox, &shared))?;
        }
        let desk = Arc::new(Mutex::new(Desk::new(setting.slots, setting.places)));
        Ok(Self(Arc::new(Inner {
            desk,
            jobs,
            shared,
            setting,
            chance,
        })))
    }

    /// A slot, at once or when its turn comes. Dropping the future leaves the queue.
    pub async fn admit(&self, asker: Asker) -> Result<Slot, Full> {
        let (wake, woken) = oneshot::channel();
        let (answer, busy) = {
            let mut desk = locked(&self.0.desk);
            let answer = desk.ask(asker, wake);
            gauge(&desk);
            (answer, self.full(desk.waiting()))
        };
        let slot = |ticket| Slot {
            place: Arc::new(Place {
                desk: Arc::clone(&self.0.desk),
                ticket,
            }),
            pool: self.clone(),
        };
        let place = match answer {
            Answer::Go(ticket) => return Ok(slot(ticket)),
            Answer::Wait(ticket) => Some(slot(ticket)),
            Answer::Full => None,
        };
        if let Some(place) = place
            && let Ok(Ok(())) = tokio::time::timeout(self.0.setting.patience.to_std(), woken).await
        {
            return Ok(place);
        }
        // No room, waited too long, or gave way to somebody with a better right.
        metrics::counter!("doorward_hash_refused_total").increment(1);
        Err(busy)
    }

    /// How long the slowest class of hash takes here.
    pub fn floor(&self) -> Span {
        Span::micros(i64::try_from(self.0.shared.floor().as_micros()).unwrap_or(i64::MAX))
    }
    /// What a new hash costs.
    pub fn cost(&self) -> Cost {
        self.0.shared.hasher.cost()
    }

    fn full(&self, waiting: usize) -> Full {
        let turns = i64::try_from(waiting / self.0.setting.threads.max(1))
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        let wait = self.floor().as_micros().saturating_mul(turns);
        Full {
            retry_after: Span::micros(wait).max(Span::seconds(1)).min(Span::seconds(30)),
        }
    }
}

/// The right to have one password hashed or compared at a time. Dropping it lets the next one in.
pub struct Slot {
    pool: Pool,
    place: Arc<Place>,
}

impl Slot {
    /// Hashes a new password, or an old one anew.
    pub async fn hash(&mut self, password: Password) -> Result<StoredHash, Error> {
        let salt = self.pool.0.chance.bytes();
        self.ask(|reply| Work::Hash { password, salt, reply }).await
    }
    /// Compares; without a hash to compare with it pays for one of the slowest class and answers that the password is wrong.
    pub async fn verify(&mut self, password: Password, stored: Option<StoredHash>) -> Result<Checked, Error> {
        self.ask(|reply| Work::Verify {
            password,
            stored,
            reply,
        })
        .await
    }
    /// Hashes one code by the recipe of its set.
    pub async fn digest(&mut self, code: Password, recipe: Recipe) -> Result<[u8; 32], Error> {
        let work = |reply| Work::Digest {
            code,
            recipe: Ok(recipe),
            reply,
        };
        Ok(self.ask(work).await?.1)
    }
    /// Hashes the codes of a new set, with a salt of its own.
    pub async fn digest_set(&mut self, codes: Vec<Password>) -> Result<(Recipe, Vec<[u8; 32]>), Error> {
        let mut recipe: Result<Recipe, [u8; 16]> = Err(self.pool.0.chance.bytes());
        let mut digests = Vec::with_capacity(codes.len());
        for code in codes {
            let by = recipe.clone();
            let (used, digest) = self
                .ask(|reply| Work::Digest {
                    code,
                    recipe: by,
                    reply,
                })
                .await?;
            recipe = Ok(used);
            digests.push(digest);
        }
        recipe.map(|recipe| (recipe, digests)).map_err(|_| Error::Stopped)
    }
    async fn ask<T>(&mut self, work: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Work) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let job = Job {
            work: work(reply),
            _place: Arc::clone(&self.place),
        };
        self.pool.0.jobs.send(job).map_err(|_| Error::Stopped)?;
        answer.await.map_err(|_| Error::Stopped)?
    }
}

/// A place at the desk, waiting or in flight: left when nobody needs it any more, be it the caller or a thread that still works for one
/// who has gone.
struct Place {
    desk: SharedDesk,
    ticket: Ticket,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut desk = locked(&self.desk);
        // Whoever was woken and has gone meanwhile drops a place of their own.
        for wake in desk.leave(self.ticket) {
            let _ = wake.send(());
        }
        gauge(&desk);
    }
}

/// Waits until this moment, if it has not passed: a failure is answered no sooner, whatever it failed for.
pub async fn pad_until(moment: Instant) {
    tokio::time::sleep_until(moment.into()).await;
}

/// How fine the time of an answer may tell apart what was done for it.
const STEP: Duration = Duration::from_millis(50);

/// Waits until the next full step since `began`: answers that did a little more or less take the same time.
pub async fn pad_to_step(began: Instant) {
    let steps = began.elapsed().as_millis() / STEP.as_millis() + 1;
    pad_until(began + STEP * u32::try_from(steps).unwrap_or(1)).await;
}

fn costlier(a: Cost, b: Cost) -> Cost {
    if b.work() > a.work() { b } else { a }
}

/// A panic elsewhere leaves the desk whole: each of its steps is.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge of some hundreds")]
fn gauge(desk: &Desk<oneshot::Sender<()>>) {
    metrics::gauge!("doorward_hash_waiting").set(desk.waiting() as f64);
    metrics::gauge!("doorward_hash_in_flight").set(desk.in_flight() as f64);
}

#[cfg(test)]
mod tests;
