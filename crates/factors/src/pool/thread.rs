//! What a thread of the pool does: measures once, then works through jobs with memory that it keeps.
//! Must never happen: a panic that ends the thread, work for somebody who has gone.
use super::{Checked, MARGIN, Place, Shared, costlier, locked};
use crate::{
    Password,
    hash::{Cost, Error, Memory, StoredHash},
};
use crossbeam_channel::Receiver;
use kernel::Span;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Instant,
};
use tokio::sync::oneshot;

/// How often the floor is measured; the middle one counts.
const MEASURES: usize = 3;

/// Something to hash, and the place that is held meanwhile.
pub(super) struct Job {
    pub work: Work,
    pub _place: Arc<Place>,
}

pub(super) enum Work {
    Hash {
        password: Password,
        salt: [u8; 16],
        reply: oneshot::Sender<Result<StoredHash, Error>>,
    },
    Verify {
        password: Password,
        stored: Option<StoredHash>,
        reply: oneshot::Sender<Result<Checked, Error>>,
    },
}

/// Runs until the pool is gone. The first thread measures how long the slowest class takes.
pub(super) fn run(n: usize, inbox: &Receiver<Job>, shared: &Shared) {
    let mut memory = Memory::default();
    if n == 0 {
        measure(shared, *locked(&shared.slowest), &mut memory);
    }
    for job in inbox {
        // After a panic the caller finds its reply dropped; the memory is made anew.
        if catch_unwind(AssertUnwindSafe(|| job.work.run(shared, &mut memory))).is_err() {
            tracing::error!("a hash panicked; the thread goes on");
            memory = Memory::default();
        }
        memory.keep(shared.hasher.cost());
    }
}

impl Work {
    fn run(self, shared: &Shared, memory: &mut Memory) {
        let began = Instant::now();
        match self {
            Self::Hash { reply, .. } if reply.is_closed() => return,
            Self::Verify { reply, .. } if reply.is_closed() => return,
            Self::Hash { password, salt, reply } => {
                let _ = reply.send(shared.hasher.hash(&password, salt, memory));
            }
            Self::Verify {
                password,
                stored,
                reply,
            } => {
                let _ = reply.send(verify(shared, &password, stored.as_ref(), memory, began));
            }
        }
        metrics::histogram!("doorward_hash_seconds").record(began.elapsed());
    }
}

fn verify(
    shared: &Shared,
    password: &Password,
    stored: Option<&StoredHash>,
    memory: &mut Memory,
    began: Instant,
) -> Result<Checked, Error> {
    let (is_right, needs_rehash) = if let Some(stored) = stored {
        notice(shared, stored.cost()?, memory);
        let is_right = shared.hasher.verify(password, stored, memory)?;
        (is_right, is_right && shared.hasher.needs_rehash(stored))
    } else {
        let cost = *locked(&shared.slowest);
        shared.hasher.pay(password, cost, memory)?;
        (false, false)
    };
    let floor = Span::micros(shared.floor.load(Ordering::Relaxed)).to_std();
    // A slow moment of the machine may take the hash beyond the floor; the margin then still covers the store.
    let earliest_answer = (began + floor).max(Instant::now()) + MARGIN.to_std();
    Ok(Checked {
        is_right,
        needs_rehash,
        earliest_answer,
    })
}

/// A hash costlier than any that was known (a lowered setting, an import): from now on unknown addresses pay as much.
fn notice(shared: &Shared, cost: Cost, memory: &mut Memory) {
    let is_new = {
        let mut slowest = locked(&shared.slowest);
        let before = *slowest;
        *slowest = costlier(before, cost);
        *slowest != before
    };
    if is_new {
        measure(shared, cost, memory);
    }
}

fn measure(shared: &Shared, cost: Cost, memory: &mut Memory) {
    let Ok(password) = Password::parse("measured") else {
        return;
    };
    let mut times = Vec::with_capacity(MEASURES);
    // The first one only touches the memory.
    for n in 0..=MEASURES {
        let began = Instant::now();
        if shared.hasher.pay(&password, cost, memory).is_err() {
            return;
        }
        if n > 0 {
            times.push(began.elapsed());
        }
    }
    times.sort_unstable();
    if let Some(middle) = times.get(MEASURES / 2) {
        let micros = i64::try_from(middle.as_micros()).unwrap_or(i64::MAX);
        shared.floor.store(micros, Ordering::Relaxed);
        tracing::debug!(micros, "measured the slowest class of hash");
    }
}
