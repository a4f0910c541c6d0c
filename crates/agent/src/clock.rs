//! What time it is: on this machine, and on the server, whose clock is the one that counts when a proof is signed.
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// This machine's clock and how far it is from the server's.
#[derive(Default)]
pub struct Clock(AtomicI64);

impl Clock {
    /// This machine's clock, milliseconds since 1970.
    pub fn own_millis() -> i64 {
        #[expect(clippy::disallowed_methods, reason = "the agent's one look at the machine's clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
    /// The server said that it is this second. It may be half a second more, by and large.
    pub fn learn(&self, seconds: i64) {
        self.0.store(
            Self::own_millis() - seconds.saturating_mul(1_000) - 500,
            Ordering::Relaxed,
        );
    }
    /// This machine's clock less the server's, milliseconds.
    pub fn difference(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
    /// The server's time, Unix seconds.
    pub fn now(&self) -> i64 {
        (Self::own_millis() - self.difference()).div_euclid(1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_signs_with_the_servers_time() {
        let clock = Clock::default();
        let server = Clock::own_millis() / 1_000 - 7_200;
        clock.learn(server);
        assert!((clock.now() - server).abs() <= 2);
        assert!((clock.difference() - 7_200_000).abs() < 2_000);
    }
}
