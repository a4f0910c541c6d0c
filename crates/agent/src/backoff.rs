//! How long to wait before the next try: longer each time, with chance in it, so that ten thousand agents do not come back in one second.
use crate::key::below;
use std::time::Duration;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_mins(5);

/// Grows with each failure in a row.
#[derive(Default)]
pub struct Backoff(u32);

impl Backoff {
    /// It went well.
    pub fn forget(&mut self) {
        self.0 = 0;
    }
    /// It failed: how long to wait. `asked`: what the server asked for, at least.
    pub fn next(&mut self, asked: Option<Duration>) -> Duration {
        let most = FIRST.saturating_mul(1 << self.0.min(8)).min(LONGEST);
        self.0 = self.0.saturating_add(1);
        let wait = asked.unwrap_or_default().min(Duration::from_hours(1));
        // Anything between half and the whole (full jitter would let some come back at once).
        wait + spread(most / 2) + most / 2
    }
}

/// Anything from nothing to this, by chance.
pub fn spread(most: Duration) -> Duration {
    Duration::from_millis(below(
        u64::try_from(most.as_millis()).unwrap_or(u64::MAX).saturating_add(1),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_minutes_and_begin_anew_after_a_success() {
        let mut backoff = Backoff::default();
        let mut before = Duration::ZERO;
        for n in 0..12 {
            let wait = backoff.next(None);
            assert!(
                wait <= LONGEST && wait >= FIRST.saturating_mul(1 << n.min(8)).min(LONGEST) / 2,
                "{n}: {wait:?}"
            );
            assert!(wait * 2 >= before, "{n}: {wait:?} after {before:?}");
            before = wait;
        }
        backoff.forget();
        assert!(backoff.next(None) <= FIRST);
    }

    #[test]
    fn what_the_server_asks_for_is_the_least() {
        let wait = Backoff::default().next(Some(Duration::from_secs(150)));
        assert!(
            wait >= Duration::from_secs(151) && wait <= Duration::from_secs(152),
            "{wait:?}"
        );
    }
}
