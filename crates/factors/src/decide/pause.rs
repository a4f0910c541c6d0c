//! Wrong codes in a row, counted for each authenticator over challenges, restarts and nodes. Pure.
//! Must never happen: a code that is looked at and not counted; a pause that another challenge gets round.
use super::State;
use kernel::{Span, Time};

/// Wrong codes in a row before an authenticator pauses.
pub const TRIES: u32 = 10;
/// The first pause; each further one is twice as long.
pub const FIRST_PAUSE: Span = Span::minutes(15);
/// The longest pause.
pub const LONGEST_PAUSE: Span = Span::hours(24);
/// Wrong codes in a row after which it is shut until a reset.
pub const MOST_IN_A_ROW: u32 = 100;

/// An authenticator's wrong codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// How many in a row.
    pub run: u32,
    /// When a try was counted last.
    pub failed_at: Option<Time>,
    /// The end of the latest pause, past or to come.
    pub locked_until: Option<Time>,
    /// Whether that end has been told.
    pub is_end_told: bool,
}

impl Run {
    /// Nought: after a success.
    pub const NONE: Self = Self {
        run: 0,
        failed_at: None,
        locked_until: None,
        is_end_told: true,
    };
    /// The end of a pause that is over and has not been told.
    pub fn untold_end(&self, now: Time) -> Option<Time> {
        self.locked_until.filter(|until| *until <= now && !self.is_end_told)
    }
}

impl Default for Run {
    fn default() -> Self {
        Self::NONE
    }
}

/// Whether a code is looked at now.
pub fn state(run: &Run, now: Time) -> State {
    match run.locked_until {
        _ if run.run >= MOST_IN_A_ROW => State::Shut,
        Some(until) if until > now => State::Locked(until),
        _ => State::Open,
    }
}

/// With one more try. INVARIANT: only an open one is counted, so that each end of a pause has exactly one try.
pub fn count(before: &Run, now: Time) -> Run {
    let run = before.run.saturating_add(1);
    let pause = run
        .checked_sub(TRIES)
        .map(|doublings| FIRST_PAUSE.doubled(doublings, LONGEST_PAUSE));
    Run {
        run,
        failed_at: Some(now),
        locked_until: pause.map_or(before.locked_until, |pause| Some(now + pause)),
        // Whoever counts tells the end of the pause before.
        is_end_told: pause.is_none(),
    }
}

/// Without the try that was counted: the code turned out to be another authenticator's. What others counted meanwhile stays.
pub fn refund(present: &Run, before: &Run, after: &Run) -> Run {
    if present == after {
        return Run {
            // That end was told when the try was counted.
            is_end_told: true,
            ..*before
        };
    }
    if present.run == 0 {
        return *present;
    }
    Run {
        run: present.run - 1,
        ..*present
    }
}

/// Whether this try began the pauses: the one that its owner is told of by mail.
pub const fn has_begun(after: &Run) -> bool {
    after.run == TRIES
}
