//! One store over SQLite and PostgreSQL, for the `store.rs` of every capability.
//! A closure is one transaction; it may be run again, so it is `Fn` and has no side effect but its statements: no mail, no call, no minted
//! secret. Time and chance come in as captured values. It holds SQL and arithmetic only, since nothing can stop it once it runs.
//! Must never happen: an answer before the commit; one caller's failure undoing another's work; two engines behaving differently.
mod error;
mod job;
mod lite;
mod lock;
mod meter;
mod migrate;
mod options;
mod pg;
mod queue;
mod record;
mod row;
mod state;
pub mod subset;
mod value;
mod view;

pub use error::{Error, Result, Rule};
pub use lock::Lock;
pub use migrate::{Migration, migrate, migrate_dry_run};
pub use options::Options;
pub use record::Recorded;
pub use row::{Fields, FromRow, Row};
pub use value::{Bind, Bound, Cell, FromCell, Kind};
pub use view::{Tx, View};

use job::{Call, Job, Ticket};
use queue::Lane;
use sha2::{Digest, Sha256};
use state::State;
use std::{path::Path, sync::Arc, time::Instant};
use tokio::sync::oneshot;

/// Which database is beneath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file of our own.
    Sqlite,
    /// A server that many nodes share.
    Postgres,
}

/// A handle, cheap to clone. The threads end at [`Store::close`], or by themselves when the last handle is dropped.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: Engine,
    writes: Lane,
    reads: Lane,
    state: Arc<State>,
    index: Option<Arc<lite::Index>>,
}

/// One state of the store: the same mark, the same contents.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mark([u8; 48]);

impl Store {
    /// Opens the file, or makes it with mode 0600. One program serves from it; the command line may work beside.
    pub fn sqlite(path: &Path, options: &Options) -> Result<Self> {
        let state = State::new(options);
        let (writes, write_jobs) = Lane::new("write", options.queue);
        let (reads, read_jobs) = Lane::new("read", options.queue);
        let index = lite::start(path, &state, (&writes, write_jobs), (&reads, read_jobs))?;
        Ok(Self(Arc::new(Inner {
            engine: Engine::Sqlite,
            writes,
            reads,
            state,
            index: Some(index),
        })))
    }

    /// Connects by URL (`postgres://user:password@host/database?sslmode=require&sslrootcert=ca.pem`) and waits until one connection stands
    /// or could not be made. Blocks that long; may be called inside async.
    pub fn postgres(url: &str, options: &Options) -> Result<Self> {
        let state = State::new(options);
        let (writes, write_jobs) = Lane::new("write", options.queue);
        let (reads, read_jobs) = Lane::new("read", options.queue);
        pg::start(url, &state, (&writes, write_jobs), (&reads, read_jobs))?;
        Ok(Self(Arc::new(Inner {
            engine: Engine::Postgres,
            writes,
            reads,
            state,
            index: None,
        })))
    }

    /// Runs `work` in a transaction and answers after it is durable. `Err` rolls back. For single conditional statements; what reads facts
    /// and then decides needs [`Store::write_holding`].
    pub async fn write<T, E>(&self, work: impl Fn(&mut Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.change(None, work).await
    }

    /// As [`Store::write`], and until it ends no other transaction holds `lock`: for facts -> decide -> commit. No extra round trip.
    pub async fn write_holding<T, E>(
        &self,
        lock: Lock,
        work: impl Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.change(Some(lock), work).await
    }

    /// Runs `work` on one consistent snapshot.
    pub async fn read<T, E>(&self, work: impl Fn(&mut View) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.send(&self.0.reads, None, move |tx: &mut Tx| work(tx)).await
    }

    async fn change<T, E>(
        &self,
        lock: Option<Lock>,
        work: impl Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if !self.is_writing() {
            return Err(state::stopped().into());
        }
        self.send(&self.0.writes, lock, work).await
    }

    async fn send<T, E>(
        &self,
        lane: &Lane,
        lock: Option<Lock>,
        work: impl Fn(&mut Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if self.0.state.is_closing() {
            return Err(queue::closed().into());
        }
        let (reply, answer) = oneshot::channel();
        let ticket = Arc::new(Ticket::default());
        let queued = Instant::now();
        lane.put(Box::new(Call {
            lock,
            work,
            reply,
            result: None,
            ticket: ticket.clone(),
            queued,
        }))?;
        queue::answer(answer, &ticket, self.0.state.options.patience).await
    }

    /// Names the present state, in less than a microsecond. Facts that are read *after* a mark was taken hold for as long as the same mark is
    /// taken again: then nobody, in whatever process, has committed in between. Nothing where the engine cannot tell, or not at this moment.
    pub fn mark(&self) -> Option<Mark> {
        self.0.index.as_ref()?.mark()
    }

    /// Which database is beneath.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// False after the disk has failed under a commit: no write is taken any more, until a restart. For `/readyz`.
    pub fn is_writing(&self) -> bool {
        self.0.state.is_writing()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read(|view| view.one::<i64>("SELECT CAST(1 AS BIGINT)", &[]).map(drop))
            .await
    }

    /// Finishes what is queued, then ends and joins every thread. Calls that come later are answered [`Error::Away`].
    pub async fn close(&self) {
        queue::dismiss(self.0.clone(), &self.0.state).await;
    }

    /// The distinct statements that were run so far; empty unless [`Options::record`] is set.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.0.state.book.as_ref().map(|book| book.list()).unwrap_or_default()
    }

    /// Prepares a statement with parameters of these kinds and runs nothing: whether this engine takes it.
    pub async fn prepare_check(&self, sql: &str, kinds: &[Kind]) -> Result<()> {
        let (sql, kinds) = (sql.to_owned(), kinds.to_vec());
        self.send(&self.0.reads, None, move |tx: &mut Tx| {
            tx.step(|conn| conn.prepare(&sql, &kinds))
        })
        .await
    }
}

/// A link of a chain: SHA-256 of the last link and the digest. The SQL function of this name says the same on both engines.
pub fn chain_next(last: &[u8], digest: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(last).chain_update(digest).finalize().into()
}
