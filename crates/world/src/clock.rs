//! Time and chance of a story: a clock that stands still until the story moves it, and bytes that are the same in every run.
use kernel::{Chance, Clock, Span, Time};
use sha2::{Digest, Sha256};
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

/// Tuesday 24 November 2026, 09:00 UTC: when every story begins.
const BEGINNING: i64 = 1_795_510_800;

/// A clock that stands still. All nodes of a world share one.
#[derive(Clone)]
pub struct StandingClock(Arc<AtomicI64>);

impl Default for StandingClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(Time::from_seconds(BEGINNING).micros())))
    }
}

impl StandingClock {
    /// What time it is.
    pub fn now(&self) -> Time {
        Time::from_micros(self.0.load(Ordering::SeqCst))
    }
    /// Moves it; also back, where the span is negative.
    pub fn advance(&self, span: Span) {
        self.0.fetch_add(span.as_micros(), Ordering::SeqCst);
    }
    /// As the house takes it.
    pub fn as_clock(&self) -> Clock {
        let own = self.clone();
        Arc::new(move || own.now())
    }
}

/// Bytes that follow from the seed: SHA-256 over seed and counter. Good enough to look random, the same in every run.
pub fn seeded(seed: &str) -> Chance {
    let seed = seed.to_owned();
    let drawn = AtomicU64::new(0);
    Chance::new(move |out| {
        for part in out.chunks_mut(32) {
            let number = drawn.fetch_add(1, Ordering::SeqCst);
            let block = Sha256::new()
                .chain_update(&seed)
                .chain_update(number.to_be_bytes())
                .finalize();
            part.copy_from_slice(&block[..part.len()]);
        }
    })
}
