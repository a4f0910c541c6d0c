//! The lines to one place, a relay or the servers of one domain: a few at the same time, kept for the next message, left alone while the place is
//! away. For `relayed` and `direct`. Must never happen: a message that waits for a line longer than its lease; a closed door knocked at for each.
use super::{decide::Outcome, pause::Pause, smtp::Line};
use kernel::{Span, Time};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Lines to one place at the same time, of one node.
const MOST: usize = 4;

/// Some lines, and whether the place is being left alone.
pub(super) struct Lines {
    pause: Pause,
    slots: Semaphore,
    idle: Mutex<Vec<Line>>,
}

impl Lines {
    /// To a place that is asked again after this at the latest when it was away.
    pub(super) fn new(longest_pause: Span) -> Self {
        Self {
            pause: Pause::up_to(longest_pause),
            slots: Semaphore::new(MOST),
            idle: Mutex::default(),
        }
    }
    /// Waits for a turn on one of the lines; or the outcome of a message that has waited so long, or whose place is away. All others for the
    /// place wait with it then: they would have no turn either.
    pub(super) async fn turn(
        &self,
        at_most: Duration,
        place: &str,
        now: impl Fn() -> Time,
    ) -> Result<SemaphorePermit<'_>, Outcome> {
        self.rests(now())?;
        let Ok(Ok(turn)) = tokio::time::timeout(at_most, self.slots.acquire()).await else {
            let said = format!("other messages to {place} are under way; this one waits its turn");
            return Err(self.away(said, now()));
        };
        // Whoever had the line before may have found the place away.
        self.rests(now())?;
        Ok(turn)
    }
    fn rests(&self, now: Time) -> Result<(), Outcome> {
        match self.pause.at(now) {
            Some((until, said)) => Err(Outcome::Away { said, until }),
            None => Ok(()),
        }
    }
    /// Until when and why the place is left alone, while it is.
    pub(super) fn pause_at(&self, now: Time) -> Option<(Time, String)> {
        self.pause.at(now)
    }
    /// The place could not be reached.
    pub(super) fn away(&self, said: String, now: Time) -> Outcome {
        let until = self.pause.begin(now, &said);
        Outcome::Away { said, until }
    }
    /// The place was reached.
    pub(super) fn is_there(&self) {
        self.pause.over();
    }
    /// Whether there is nothing to remember of the place.
    pub(super) fn is_forgotten(&self, now: Time) -> bool {
        self.pause.is_forgotten(now)
    }
    fn with_idle<T>(&self, work: impl FnOnce(&mut Vec<Line>) -> T) -> T {
        work(&mut self.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// A line that was used before.
    pub(super) fn idle(&self) -> Option<Line> {
        self.with_idle(Vec::pop)
    }
    /// All of them, to be closed.
    pub(super) fn take_idle(&self) -> Vec<Line> {
        self.with_idle(std::mem::take)
    }
    /// Keeps a line for the next message, where it is good for one.
    pub(super) async fn keep(&self, line: Line) {
        if line.is_usable() {
            self.with_idle(|idle| idle.push(line));
        } else {
            line.quit().await;
        }
    }
}
