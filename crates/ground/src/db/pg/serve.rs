//! A thread with its connection: takes a job, runs it to its end, again where another transaction came first.
//! Must never happen: a lost COMMIT tried again; a stampede of threads on a server that comes back.
use super::{Pg, connect::Door};
use crate::db::{
    Error, Result, State, Tx,
    job::{Job, Outcome},
    meter,
    queue::Message,
    view::Conn,
};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Which queue a thread serves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Write,
    Read,
}

impl Work {
    /// A write is at READ COMMITTED: each statement after the lock sees what the lock's last holder committed.
    const fn begin(self) -> &'static str {
        match self {
            Self::Write => "BEGIN",
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }
    const fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Read => "read",
        }
    }
}

pub(super) struct Server {
    door: Arc<Door>,
    state: Arc<State>,
    jobs: Receiver<Message>,
    work: Work,
    /// Connections of this queue that stand.
    standing: Arc<AtomicUsize>,
    tx: Option<Tx>,
    jitter: Jitter,
    /// Connections that failed, one after the other.
    failures: u32,
}

impl Server {
    pub(super) fn new(
        door: Arc<Door>,
        state: Arc<State>,
        jobs: Receiver<Message>,
        work: Work,
        standing: Arc<AtomicUsize>,
        number: u64,
    ) -> Self {
        let jitter = Jitter(state.options.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self {
            door,
            state,
            jobs,
            work,
            standing,
            tx: None,
            jitter,
            failures: 0,
        }
    }

    /// `told` hears of the first connection. Ends at a `Stop`, or when every handle of the store is gone.
    pub(super) fn serve(mut self, told: &Sender<Result<()>>) {
        let _ = told.try_send(self.connect());
        loop {
            if self.tx.is_none() && !self.wait_and_connect() {
                return;
            }
            match self.next() {
                Some(Message::Job(job)) => self.job(job),
                Some(Message::Stop) | None => return self.drop_connection(),
            }
        }
    }

    /// INVARIANT: a thread that goes to wait holds no transaction (another thread may have taken the job it was begun for).
    fn next(&mut self) -> Option<Message> {
        match self.jobs.try_recv() {
            Ok(message) => return Some(message),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        if self.pg().is_some_and(|pg| pg.is_begun) {
            let _ = self.end("ROLLBACK", false);
        }
        self.jobs.recv().ok()
    }

    fn job(&mut self, mut job: Job) {
        if !job.claim(self.state.options.patience) {
            return job.settle(Some(Error::Busy));
        }
        // A connection that died while idle is no reason to fail anybody: nothing has begun yet.
        if self.pg().is_none_or(|pg| pg.client.is_closed()) {
            self.drop_connection();
            if let Err(e) = self.connect() {
                return job.settle(Some(e));
            }
        }
        let ended = self.until_settled(&mut job);
        let is_lost = matches!(ended, Err(Error::Away(_) | Error::Unknown));
        if is_lost || self.pg().is_some_and(|pg| pg.client.is_closed()) {
            self.drop_connection();
        }
        job.settle(ended.err());
    }

    /// Err: what became of the transaction, over what the closure said.
    fn until_settled(&mut self, job: &mut Job) -> Result<()> {
        let mut tries = 0;
        loop {
            self.begin(job)?;
            let slow = self.state.options.slow;
            let Some(tx) = self.tx.as_mut() else {
                return Err(Error::Away("no connection".into()));
            };
            let ended = match job.run(tx, slow) {
                Outcome::Keep => self.commit(),
                Outcome::Undo => {
                    let _ = self.end("ROLLBACK", true);
                    return Ok(());
                }
                Outcome::Again => Err(Error::Contended),
            };
            let Err(e) = ended else { return Ok(()) };
            let _ = self.end("ROLLBACK", false);
            if e != Error::Contended || tries >= self.state.options.retries {
                return Err(e);
            }
            meter::retry("contended");
            thread::sleep(self.jitter.spread(Duration::from_micros(500 << tries.min(6))));
            tries += 1;
        }
    }

    /// Begins, and takes the job's lock in the same round trip. A connection that turns out dead here is made anew once.
    fn begin(&mut self, job: &Job) -> Result<()> {
        let begin = self.work.begin();
        let sql = match (self.pg().is_some_and(|pg| pg.is_begun), job.lock()) {
            (true, None) => return Ok(()),
            (true, Some(lock)) => lock.sql(),
            (false, None) => begin.to_owned(),
            (false, Some(lock)) => format!("{begin}; {}", lock.sql()),
        };
        match self.control(&sql) {
            Err(Error::Away(_)) => {
                self.drop_connection();
                self.connect()?;
                self.control(&sql)
            }
            Err(e) => {
                let _ = self.end("ROLLBACK", false);
                Err(e)
            }
            Ok(()) => Ok(()),
        }
    }

    /// INVARIANT: a COMMIT whose answer is lost is never tried again: it may have happened.
    fn commit(&mut self) -> Result<()> {
        match (self.end("COMMIT", true), self.work) {
            // What was read was read; a connection that broke afterwards is seen by the next job.
            (_, Work::Read) => Ok(()),
            (Err(Error::Away(_)), Work::Write) => Err(Error::Unknown),
            (ended, Work::Write) => ended,
        }
    }

    /// Where another read waits, its transaction begins in the round trip that ends this one; the snapshot is taken only by its first
    /// statement. Not for writes: there BEGIN carries the lock.
    fn end(&mut self, end: &str, may_go_on: bool) -> Result<()> {
        let goes_on = may_go_on && self.work == Work::Read && !self.jobs.is_empty();
        let done = if goes_on {
            self.control(&format!("{end}; {}", self.work.begin()))
        } else {
            self.control(end)
        };
        if let Some(pg) = self.pg() {
            pg.is_begun = goes_on && done.is_ok();
        }
        done
    }

    fn control(&mut self, sql: &str) -> Result<()> {
        self.pg()
            .map_or_else(|| Err(Error::Away("no connection".into())), |pg| pg.control(sql))
    }

    fn pg(&mut self) -> Option<&mut Pg> {
        match self.tx.as_mut()?.conn() {
            Conn::Pg(pg) => Some(pg),
            Conn::Lite(_) => None,
        }
    }

    fn connect(&mut self) -> Result<()> {
        let client = self
            .door
            .open()
            .inspect_err(|_| self.failures = self.failures.saturating_add(1))?;
        self.failures = 0;
        self.tx = Some(Tx::over(Conn::Pg(Box::new(Pg::over(client))), self.state.book.clone()));
        meter::connections(self.work.name(), self.standing.fetch_add(1, Ordering::AcqRel) + 1);
        Ok(())
    }

    fn drop_connection(&mut self) {
        if self.tx.take().is_some() {
            meter::connections(self.work.name(), self.standing.fetch_sub(1, Ordering::AcqRel) - 1);
        }
    }

    /// Backs off and tries until a connection stands. Meanwhile, where no other thread of this queue has one either, every caller is told
    /// at once instead of waiting. False: go home.
    fn wait_and_connect(&mut self) -> bool {
        while self.tx.is_none() {
            let wait = self.jitter.spread(Duration::from_millis(25 << self.failures.min(5)));
            if !self.tell_for(wait) {
                return false;
            }
            if let Err(error) = self.connect()
                && self.failures.is_power_of_two()
            {
                tracing::warn!(%error, failures = self.failures, "no connection to the database");
            }
        }
        true
    }

    fn tell_for(&mut self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.tx.is_some() {
                return true;
            }
            let is_alone = self.standing.load(Ordering::Acquire) == 0;
            if !is_alone && !self.state.is_closing() {
                thread::sleep(left.min(Duration::from_millis(50)));
                continue;
            }
            match self.jobs.recv_timeout(left) {
                Ok(Message::Job(job)) => self.tell_or_serve(job),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => return true,
            }
        }
    }

    /// Another thread's connection may stand by now: then the database is back, and nobody is told otherwise.
    fn tell_or_serve(&mut self, job: Job) {
        if self.standing.load(Ordering::Acquire) > 0 && self.connect().is_ok() {
            return self.job(job);
        }
        job.settle(Some(Error::Away("no connection to the database".into())));
    }
}

/// Spreads waits by a generator of its own (splitmix64), seeded from without.
struct Jitter(u64);

impl Jitter {
    /// Between once and twice as long.
    fn spread(&mut self, wait: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let most = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX).max(1);
        wait + Duration::from_micros((mixed ^ (mixed >> 31)) % most)
    }
}
