//! What a thread of the pool does: works through jobs with memory that it keeps, and learns how long they take.
//! Must never happen: a panic that ends the thread, work for somebody who has gone.
use super::{Checked, Padding, Place, Shared, costlier, locked};
use crate::{
    Password,
    hash::{Cost, Error, Memory, Recipe, StoredHash},
};
use crossbeam_channel::Receiver;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};
use tokio::sync::oneshot;

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
    /// A code of a set; without a recipe it is the first of a new one.
    Digest {
        code: Password,
        recipe: Result<Recipe, [u8; 16]>,
        reply: oneshot::Sender<Result<(Recipe, [u8; 32]), Error>>,
    },
}

/// Runs until the pool is gone.
pub(super) fn run(inbox: &Receiver<Job>, shared: &Arc<Shared>) {
    let mut memory = Memory::default();
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
    fn run(self, shared: &Arc<Shared>, memory: &mut Memory) {
        let began = Instant::now();
        match self {
            Self::Hash { reply, .. } if reply.is_closed() => return,
            Self::Verify { reply, .. } if reply.is_closed() => return,
            Self::Digest { reply, .. } if reply.is_closed() => return,
            Self::Digest { code, recipe, reply } => {
                let recipe = recipe.unwrap_or_else(|salt| shared.hasher.recipe(&salt));
                let digest = shared.hasher.digest(&code, &recipe, memory);
                let _ = reply.send(digest.map(|digest| (recipe, digest)));
            }
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
    shared: &Arc<Shared>,
    password: &Password,
    stored: Option<&StoredHash>,
    memory: &mut Memory,
    began: Instant,
) -> Result<Checked, Error> {
    let (is_right, needs_rehash) = if let Some(stored) = stored {
        let cost = stored.cost()?;
        let slowest = notice(shared, cost);
        let is_right = shared.hasher.verify(password, stored, memory)?;
        if cost.work() == slowest.work() {
            shared.hashes.note(began.elapsed());
        } else if shared.hashes.mostly().is_none() {
            // A cheaper hash cannot be padded to what nobody has seen yet.
            pay(shared, password, slowest, memory)?;
        }
        (is_right, is_right && shared.hasher.needs_rehash(stored))
    } else {
        let slowest = *locked(&shared.slowest);
        pay(shared, password, slowest, memory)?;
        (false, false)
    };
    let padding = Padding {
        began,
        hashed_at: (began + shared.floor()).max(Instant::now()),
        shared: Arc::clone(shared),
    };
    Ok(Checked {
        is_right,
        needs_rehash,
        padding,
    })
}

fn pay(shared: &Shared, password: &Password, slowest: Cost, memory: &mut Memory) -> Result<(), Error> {
    let began = Instant::now();
    shared.hasher.pay(password, slowest, memory)?;
    shared.hashes.note(began.elapsed());
    Ok(())
}

/// The slowest class, this hash included. One costlier than any that was known (a lowered setting, an import): from now on unknown addresses
/// pay as much, and what cheaper ones took says nothing any more.
fn notice(shared: &Shared, cost: Cost) -> Cost {
    let mut slowest = locked(&shared.slowest);
    let before = *slowest;
    *slowest = costlier(before, cost);
    if *slowest != before {
        shared.hashes.forget();
    }
    *slowest
}
