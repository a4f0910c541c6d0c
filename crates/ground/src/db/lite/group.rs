//! The writer of SQLite: one commit for all that wait, each job in a savepoint of its own.
//! Must never happen: somebody hearing of success before the commit; one job's fault undoing another's work; a commit tried again after the
//! disk failed under it.
use super::{checkpoint::Dirty, run::Lite};
use crate::db::{
    Error, Result, State, Tx,
    job::{Job, Outcome},
    meter,
    queue::Message,
    state,
    view::Conn,
};
use crossbeam_channel::Receiver;
use std::{sync::Arc, time::Instant};

pub(super) struct Writer {
    tx: Tx,
    jobs: Receiver<Message>,
    state: Arc<State>,
    dirty: Dirty,
    /// A `Stop` was met while a group was gathered.
    is_dismissed: bool,
}

impl Writer {
    pub(super) fn new(tx: Tx, jobs: Receiver<Message>, state: Arc<State>, dirty: Dirty) -> Self {
        Self {
            tx,
            jobs,
            state,
            dirty,
            is_dismissed: false,
        }
    }

    pub(super) fn serve(&mut self) {
        while !self.is_dismissed {
            match self.jobs.recv() {
                Ok(Message::Job(job)) => self.group(job),
                Ok(Message::Stop) | Err(_) => return,
            }
        }
    }

    /// Gathers what waits behind `first`, runs it and commits it.
    fn group(&mut self, first: Job) {
        if let Err(e) = self.begin(&first) {
            return first.settle(Some(e));
        }
        let began = Instant::now();
        let (most, long) = (self.state.options.group, self.state.options.group_for);
        let mut done: Vec<Job> = Vec::new();
        let mut lost = None;
        let mut next = Some(first);
        while let Some(mut job) = next.take() {
            if job.claim(self.state.options.patience) {
                lost = self.job(&mut job).err();
                done.push(job);
            } else {
                job.settle(Some(Error::Busy));
            }
            if lost.is_none() && done.len() < most && began.elapsed() < long {
                next = self.next();
            }
        }
        self.end(done, lost);
    }

    fn next(&mut self) -> Option<Job> {
        match self.jobs.try_recv() {
            Ok(Message::Job(job)) => Some(job),
            Ok(Message::Stop) => {
                self.is_dismissed = true;
                None
            }
            Err(_) => None,
        }
    }

    /// Another program (the command line) may be writing: waits for it as long as the first job has patience.
    fn begin(&mut self, first: &Job) -> Result<()> {
        loop {
            if !self.state.is_writing() {
                return Err(state::stopped());
            }
            match self.tx.conn().control("BEGIN IMMEDIATE") {
                Err(Error::Busy) if first.is_wanted(self.state.options.patience) && !self.state.is_closing() => {
                    meter::retry("locked");
                }
                began => return began,
            }
        }
    }

    /// Err: the transaction itself is gone (disk full, I/O error), not only this job.
    fn job(&mut self, job: &mut Job) -> Result<()> {
        self.tx.conn().control("SAVEPOINT job")?;
        let outcome = job.run(&mut self.tx, self.state.options.slow);
        if let Some(lost) = self.lite().and_then(Lite::lost) {
            return Err(lost);
        }
        if outcome != Outcome::Keep {
            self.tx.conn().control("ROLLBACK TO job")?;
        }
        self.tx.conn().control("RELEASE job")
    }

    /// Commits, and tells everybody. INVARIANT: all or none; a group that cannot commit was never there.
    fn end(&mut self, done: Vec<Job>, lost: Option<Error>) {
        let was_at_commit = lost.is_none();
        let ended = lost.map_or_else(|| self.tx.conn().control("COMMIT"), Err);
        let Err(mut error) = ended else {
            meter::group(done.len());
            self.dirty.mark();
            return settle(done, None);
        };
        let _ = self.tx.conn().control("ROLLBACK");
        if self.lite().is_some_and(|lite| lite.disk_failed.get()) {
            self.state.stop_writing(&error.to_string());
            // What a failed fsync has left on the disk nobody knows.
            error = if was_at_commit { Error::Unknown } else { error };
        } else if done.len() > 1 {
            for job in done {
                self.alone(job);
            }
            return;
        }
        settle(done, Some(&error));
    }

    /// Runs a job of a failed group once more, so that only the one to blame fails.
    fn alone(&mut self, mut job: Job) {
        meter::retry("group");
        if let Err(e) = self.begin(&job) {
            return job.settle(Some(e));
        }
        let lost = self.job(&mut job).err();
        self.end(vec![job], lost);
    }

    fn lite(&mut self) -> Option<&Lite> {
        match self.tx.conn() {
            Conn::Lite(lite) => Some(lite),
            Conn::Pg(_) => None,
        }
    }
}

fn settle(jobs: Vec<Job>, failed: Option<&Error>) {
    for job in jobs {
        job.settle(failed.cloned());
    }
}
