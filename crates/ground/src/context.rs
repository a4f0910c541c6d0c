//! What every capability stands on: configuration, store, time, chance, keys. Made once at the start, handed down, never global.
use crate::{config::Config, cookies::Cookies, db::Store, keys::Keys};
use kernel::{Chance, Clock, Time};
use std::sync::Arc;

/// The ground. Cheap to clone.
#[derive(Clone)]
pub struct Ground(Arc<Inner>);

/// What the ground holds.
pub struct Inner {
    /// The configuration as read at the start.
    pub config: Config,
    /// The one store.
    pub store: Store,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where randomness comes from.
    pub chance: Chance,
    /// Keys that seal, authenticate and sign.
    pub keys: Keys,
    /// How cookies are written here.
    pub cookies: Cookies,
}

impl Ground {
    /// Lays the ground.
    pub fn new(config: Config, store: Store, clock: Clock, chance: Chance, keys: Keys) -> Self {
        let cookies = Cookies::new(config.public_url.is_https());
        Self(Arc::new(Inner {
            config,
            store,
            clock,
            chance,
            keys,
            cookies,
        }))
    }
    /// What time it is.
    pub fn now(&self) -> Time {
        (self.clock)()
    }
}

impl std::ops::Deref for Ground {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// The system's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the system for the time"
)]
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    })
}

/// The system's randomness (aws-lc's generator, seeded by the operating system).
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the system for randomness"
)]
pub fn system_chance() -> Chance {
    Chance::new(|out| {
        // INVARIANT: never answers with bytes that are not random; aws-lc fails only where the machine has no entropy source at all.
        if aws_lc_rs::rand::fill(out).is_err() {
            std::process::abort();
        }
    })
}
