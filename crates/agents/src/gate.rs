//! How many agents are served at once. After a restart all of them come back together: the rest is told to come later, each at another moment, and
//! people find the store free. For every route of agents.
//! Must never happen: agents that fill the store's queue, so that a person is answered 503.
use ground::{Failure, Visitor};
use kernel::{Reason, Span};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls of agents that are served at once. The store's queue holds 1,024.
const PLACES: usize = 64;
/// Those that wait for a place.
const WAITING: usize = 512;
/// Who finds none comes again after so many seconds, and up to so many more.
const SOONEST: u32 = 5;
const SPREAD: u32 = 35;

/// The gate of one node.
#[derive(Clone)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            waiting: Arc::default(),
        }
    }
}

/// A place; given back when it is dropped.
pub(crate) struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// One of those that wait. Counted down also where the caller goes away meanwhile.
struct Waiting<'a>(&'a AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Gate {
    /// Takes a place, or says when to come again.
    pub(crate) async fn enter(&self, visitor: &Visitor) -> Result<Place, Failure> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Ok(Place(place));
        }
        let ahead = self.waiting.fetch_add(1, Ordering::AcqRel);
        let waits = Waiting(&self.waiting);
        if ahead >= WAITING {
            return Err(busy(visitor));
        }
        let place = self.places.clone().acquire_owned().await;
        drop(waits);
        place.map(Place).map_err(|_| busy(visitor))
    }
}

/// Come later, each at another moment.
pub(crate) fn busy(visitor: &Visitor) -> Failure {
    let drawn = u32::from_be_bytes(visitor.ground.chance.bytes()) % SPREAD;
    Failure::busy(visitor, Reason::AgentsBusy, Span::seconds(i64::from(SOONEST + drawn)))
}
