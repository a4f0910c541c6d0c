//! A mail server that cannot be reached is left alone for a while, by this node, so that a long queue does not knock at a closed door
//! and nothing has waited longer than a minute when it opens.
use super::decide;
use kernel::{Span, Time};
use std::sync::{Mutex, PoisonError};

/// Whether, until when and why; and how long it may grow.
pub(super) struct Pause {
    state: Mutex<State>,
    longest: Span,
}

/// What is no longer than this ago is remembered, so that the next pause is longer than the last.
const REMEMBERED: Span = Span::minutes(10);

#[derive(Default)]
struct State {
    failures: u32,
    until: Option<Time>,
    said: String,
}

impl Pause {
    /// One that grows up to this.
    pub(super) fn up_to(longest: Span) -> Self {
        let state = Mutex::default();
        Self { state, longest }
    }
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// Until when, and what the server said, while it lasts.
    pub(super) fn at(&self, now: Time) -> Option<(Time, String)> {
        self.with(|state| {
            state
                .until
                .filter(|until| now < *until)
                .map(|until| (until, state.said.clone()))
        })
    }
    /// It could not be reached. Several hands that find out at the same time count as one.
    pub(super) fn begin(&self, now: Time, said: &str) -> Time {
        self.with(|state| {
            if let Some(until) = state.until.filter(|until| now < *until) {
                return until;
            }
            state.failures = state.failures.saturating_add(1);
            said.clone_into(&mut state.said);
            let until = now + decide::pause(state.failures, self.longest);
            state.until = Some(until);
            until
        })
    }
    /// Whether nothing of it matters any more.
    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        self.with(|state| state.until.is_none_or(|until| until + REMEMBERED < now))
    }
    /// It was reached.
    pub(super) fn over(&self) {
        self.with(|state| *state = State::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_grows_to_a_minute_and_ends_when_the_server_is_reached() {
        let pause = Pause::up_to(Span::minutes(1));
        let mut now = Time::from_seconds(1_000);
        for seconds in [5, 10, 20, 40, 60, 60] {
            assert_eq!(pause.begin(now, "refused"), now + Span::seconds(seconds));
            assert_eq!(
                pause.begin(now, "refused"),
                now + Span::seconds(seconds),
                "four hands are one failure"
            );
            assert_eq!(pause.at(now), Some((now + Span::seconds(seconds), "refused".into())));
            now = now + Span::seconds(seconds);
            assert_eq!(pause.at(now), None);
        }
        pause.over();
        assert_eq!(pause.begin(now, "x"), now + Span::seconds(5));
    }
}
