//! How a store is set up. For the program and the test world; the defaults are what was measured to be good.
use std::time::Duration;

/// Sizes and patience of a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Jobs that may wait in each of the two queues; one more is refused with [`super::Error::Busy`] at once.
    pub queue: usize,
    /// A job that waited longer is refused unrun.
    pub patience: Duration,
    /// SQLite: most jobs in one commit. 1 = a commit each.
    pub group: usize,
    /// SQLite: after this long in one group, commit.
    pub group_for: Duration,
    /// SQLite: how often the write-ahead log is copied into the database, away from the commits.
    pub checkpoint_every: Duration,
    /// SQLite: most pages of 4 KiB that the database may grow to; none = as the disk allows.
    pub max_pages: Option<u32>,
    /// Threads that read, each with its own connection.
    pub readers: usize,
    /// PostgreSQL: threads that write, each with its own connection.
    pub writers: usize,
    /// PostgreSQL: how often a closure is run again when another transaction came first.
    pub retries: u32,
    /// Seeds the jitter of retries and reconnects, so that nodes do not move in step. From the Chance of the ground.
    pub seed: u64,
    /// A closure that runs longer is warned about by name.
    pub slow: Duration,
    /// Keep a list of the statements that were run; for tests.
    pub record: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue: 1024,
            patience: Duration::from_secs(5),
            group: 256,
            group_for: Duration::from_millis(10),
            checkpoint_every: Duration::from_millis(250),
            max_pages: None,
            readers: 4,
            writers: 16,
            retries: 8,
            seed: 0,
            slow: Duration::from_millis(20),
            record: false,
        }
    }
}
