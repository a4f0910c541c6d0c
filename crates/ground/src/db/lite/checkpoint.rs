//! Copies the write-ahead log into the database on a thread of its own, so that no commit pays for it.
//! Must never happen: a log that grows without end; a thread that wakes for nothing.
use super::Index;
use crate::db::{Result, meter, queue::Lane};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use rusqlite::Connection;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Whether there was a commit since the log was last copied away whole.
#[derive(Clone, Default)]
pub(super) struct Dirty(Arc<AtomicBool>);

impl Dirty {
    pub(super) fn mark(&self) {
        self.0.store(true, Ordering::Release);
    }
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

/// Starts the thread. It ends when the sender that comes back is dropped: with the writer.
pub(super) fn start(
    keeper: Connection,
    index: &Arc<Index>,
    dirty: Dirty,
    lane: &Lane,
    every: Duration,
) -> Result<Sender<()>> {
    let (stop, stopped) = bounded(0);
    let held = index.clone();
    lane.accompany("checkpoint", move || {
        serve(&keeper, &dirty, &stopped, every);
        drop(keeper);
        drop(held);
    })?;
    Ok(stop)
}

fn serve(keeper: &Connection, dirty: &Dirty, stopped: &Receiver<()>, every: Duration) {
    while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        if !dirty.take() {
            continue;
        }
        // PASSIVE: never waits for a reader or the writer; what it cannot copy now it copies next time.
        let copied = keeper.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
            Ok((row.get(1)?, row.get(2)?))
        });
        match copied {
            Ok((pages, done)) => {
                meter::wal(pages, done);
                if done < pages {
                    dirty.mark();
                }
            }
            // Nothing is lost: every page is still in the log, and the next round tries again.
            Err(error) => {
                tracing::warn!(%error, "the write-ahead log could not be copied into the database");
                dirty.mark();
            }
        }
    }
}
