//! A closure on its way to a thread of the store and its answer on the way back.
//! Must never happen: an answer before the commit; a panic that hurts another job; a closure run whose caller was told that nothing was done.
use super::{Error, Lock, Result, Tx, meter};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

pub(super) type Job = Box<dyn Task>;

/// What the closure wants done with its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Keep,
    Undo,
    /// Another transaction came first: undo, and run it again.
    Again,
}

pub(super) trait Task: Send {
    /// Whether somebody still waits for it, and not too long yet.
    fn is_wanted(&self, patience: Duration) -> bool;
    /// Whether it is to be run. After true the caller waits for the answer, however long.
    fn claim(&self, patience: Duration) -> bool;
    fn run(&mut self, tx: &mut Tx, slow: Duration) -> Outcome;
    /// Answers the caller: with the closure's result, or with what became of the transaction.
    fn settle(self: Box<Self>, failed: Option<Error>);
    fn lock(&self) -> Option<Lock>;
}

/// Either the thread has begun or the caller has given up; never both.
#[derive(Default)]
pub(super) struct Ticket(AtomicU8);

impl Ticket {
    const WAITING: u8 = 0;
    const BEGUN: u8 = 1;
    const GIVEN_UP: u8 = 2;

    /// True: it will not be run.
    pub(super) fn give_up(&self) -> bool {
        self.turn(Self::GIVEN_UP)
    }
    fn begin(&self) -> bool {
        self.turn(Self::BEGUN)
    }
    fn turn(&self, to: u8) -> bool {
        match self
            .0
            .compare_exchange(Self::WAITING, to, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => true,
            Err(now) => now == to,
        }
    }
}

/// One closure with all that belongs to its call.
pub(super) struct Call<T, E, F> {
    pub(super) lock: Option<Lock>,
    pub(super) work: F,
    pub(super) reply: oneshot::Sender<Result<T, E>>,
    pub(super) result: Option<Result<T, E>>,
    pub(super) ticket: Arc<Ticket>,
    pub(super) queued: Instant,
}

impl<T: Send, E: From<Error> + Send, F: Fn(&mut Tx) -> Result<T, E> + Send> Task for Call<T, E, F> {
    fn is_wanted(&self, patience: Duration) -> bool {
        !self.reply.is_closed() && self.queued.elapsed() <= patience
    }

    fn claim(&self, patience: Duration) -> bool {
        if self.is_wanted(patience) {
            self.ticket.begin()
        } else {
            !self.ticket.give_up()
        }
    }

    fn run(&mut self, tx: &mut Tx, slow: Duration) -> Outcome {
        tx.take_fault();
        let began = Instant::now();
        let done = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)));
        meter::closure::<F>(began.elapsed(), slow);
        let fault = tx.take_fault();
        let result = match (done, &fault) {
            (Err(panic), _) => Err(Error::Panicked(words(panic.as_ref())).into()),
            // INVARIANT: a failed statement ends the transaction even where the closure looked away, as PostgreSQL does.
            (Ok(Ok(_)), Some(fault)) => Err(fault.clone().into()),
            (Ok(result), _) => result,
        };
        let outcome = match (&fault, &result) {
            (Some(Error::Contended), _) => Outcome::Again,
            (_, Ok(_)) => Outcome::Keep,
            (_, Err(_)) => Outcome::Undo,
        };
        self.result = Some(result);
        outcome
    }

    fn settle(self: Box<Self>, failed: Option<Error>) {
        let Self { reply, result, .. } = *self;
        let answer = match (failed, result) {
            (Some(error), _) => {
                meter::refused(&error);
                Err(error.into())
            }
            (None, Some(result)) => result,
            (None, None) => Err(Error::Busy.into()),
        };
        // The caller may have gone meanwhile.
        let _ = reply.send(answer);
    }

    fn lock(&self) -> Option<Lock> {
        self.lock
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let fixed = panic.downcast_ref::<&str>().map(ToString::to_string);
    fixed
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_either_begun_or_given_up() {
        let ticket = Ticket::default();
        assert!(ticket.begin() && ticket.begin());
        assert!(!ticket.give_up());
        let ticket = Ticket::default();
        assert!(ticket.give_up() && !ticket.begin());
    }
}
