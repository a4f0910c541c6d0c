//! SQLite: one thread owns the writing connection and commits in groups, a few threads read, one copies the write-ahead log away.
//! Must never happen: two threads of ours writing; a commit that is not on the disk when it is answered.
mod checkpoint;
mod errors;
mod group;
mod index;
mod open;
mod run;

pub(super) use index::Index;
pub(super) use run::Lite;

use super::{Error, Result, State, Tx, job::Job, queue::Lane, queue::Message, view::Conn};
use crossbeam_channel::Receiver;
use std::{path::Path, sync::Arc};

/// Opens every connection here, so that a fault of the file is told before anything is served; then starts the threads.
/// What comes back is let go by each thread after its connection: see [`Index`].
pub(super) fn start(
    path: &Path,
    state: &Arc<State>,
    (writes, write_jobs): (&Lane, Receiver<Message>),
    (reads, read_jobs): (&Lane, Receiver<Message>),
) -> Result<Arc<Index>> {
    let options = &state.options;
    let index = Arc::new(Index::of(path));
    let tx = |lite: Lite| Tx::over(Conn::Lite(Box::new(lite)), state.book.clone());
    let writing = tx(Lite::open(path, open::Use::Write, options)?);
    let keeper = open::connection(path, open::Use::Keep, options)?;
    let reading: Vec<Tx> = (0..options.readers.max(1))
        .map(|_| Lite::open(path, open::Use::Read, options).map(tx))
        .collect::<Result<_>>()?;

    let dirty = checkpoint::Dirty::default();
    let stop = checkpoint::start(keeper, &index, dirty.clone(), writes, options.checkpoint_every)?;
    let (shared, held) = (state.clone(), index.clone());
    writes.employ(move || {
        group::Writer::new(writing, write_jobs, shared, dirty).serve();
        drop(stop);
        drop(held);
    })?;
    for mut reader in reading {
        let (jobs, state, held) = (read_jobs.clone(), state.clone(), index.clone());
        reads.employ(move || {
            while let Ok(Message::Job(job)) = jobs.recv() {
                read(&mut reader, job, &state);
            }
            drop(reader);
            drop(held);
        })?;
    }
    Ok(index)
}

/// One snapshot, one job.
fn read(tx: &mut Tx, mut job: Job, state: &State) {
    if !job.claim(state.options.patience) {
        return job.settle(Some(Error::Busy));
    }
    let began = tx.conn().control("BEGIN");
    if began.is_ok() {
        job.run(tx, state.options.slow);
        // A read transaction has nothing to lose at its end; where the engine ended it already, this says so and is right.
        let _ = tx.conn().control("COMMIT");
    }
    job.settle(began.err());
}
