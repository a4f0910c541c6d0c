//! When a delivery that did not arrive is tried again, and what is left out when it never does. Pure.
//! Must never happen: an event that is given up before it was tried for a day; a far end that is down knocked at without a pause.
use kernel::{Span, Time};

/// An event is tried for so long.
pub(crate) const TRIED_FOR: Span = Span::hours(24);
/// After a delivery the next one waits so long, so that a busy log leaves in handfuls.
pub(crate) const PAUSE: Span = Span::seconds(5);

/// The waits after the first tries that failed; after that the last one.
const WAITS: [Span; 6] = [
    Span::seconds(10),
    Span::seconds(30),
    Span::minutes(2),
    Span::minutes(10),
    Span::minutes(30),
    Span::hours(1),
];

/// What follows a try that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Next {
    /// Since when nothing arrives.
    pub failing_since: Time,
    /// When it is tried again.
    pub at: Time,
    /// Events from before this time are left out.
    pub left_out_before: Option<Time>,
}

/// What follows the `tries`-th failure in a row, the first one counted as 1. `lot` spreads those who fail together.
pub(crate) fn after_failure(tries: i64, failing_since: Option<Time>, now: Time, lot: u8) -> Next {
    let place = usize::try_from(tries.max(1) - 1).unwrap_or(usize::MAX);
    let wait = WAITS.get(place).or(WAITS.last()).copied().unwrap_or(PAUSE);
    // Up to a tenth more.
    let more = wait.as_micros() / 10 * i64::from(lot) / 255;
    let failing_since = failing_since.unwrap_or(now);
    let is_long = now - failing_since >= TRIED_FOR;
    Next {
        failing_since,
        at: now + wait + Span::micros(more),
        left_out_before: is_long.then(|| now - TRIED_FOR),
    }
}

/// Whether an answer says that it arrived.
pub(crate) const fn is_taken(status: u16) -> bool {
    200 <= status && status < 300
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_000_000);

    #[test]
    fn waits_grow_to_an_hour_and_no_event_is_given_up_within_a_day() {
        let (mut now, mut since, mut tries) = (NOW, None, 0);
        let mut waits = Vec::new();
        loop {
            tries += 1;
            let next = after_failure(tries, since, now, 0);
            since = Some(next.failing_since);
            if let Some(before) = next.left_out_before {
                assert!(now - NOW >= TRIED_FOR && before >= NOW && before == now - TRIED_FOR);
                break;
            }
            waits.push(next.at - now);
            now = next.at;
        }
        let first: Vec<Span> = waits.iter().copied().take(7).collect();
        let minutes = |n| Span::minutes(n);
        let wanted = [
            Span::seconds(10),
            Span::seconds(30),
            minutes(2),
            minutes(10),
            minutes(30),
            minutes(60),
            minutes(60),
        ];
        assert_eq!(first, wanted);
        assert!((24..=30).contains(&waits.len()), "{}", waits.len());
    }

    #[test]
    fn those_who_fail_together_do_not_come_back_together() {
        let (early, late) = (after_failure(6, None, NOW, 0).at, after_failure(6, None, NOW, 255).at);
        assert_eq!(early, NOW + Span::hours(1));
        assert!(late > early + Span::minutes(5) && late <= early + Span::minutes(6));
    }

    #[test]
    fn only_a_success_is_one() {
        for (status, taken) in [
            (200, true),
            (204, true),
            (299, true),
            (199, false),
            (301, false),
            (404, false),
            (500, false),
        ] {
            assert_eq!(is_taken(status), taken, "{status}");
        }
    }
}
