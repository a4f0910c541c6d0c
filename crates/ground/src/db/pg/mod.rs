//! PostgreSQL: a bounded set of threads, each with its own connection. The queue is the pool.
//! Must never happen: a commit whose answer was lost being tried again; a thread that waits for work holding a transaction.
mod connect;
mod errors;
mod run;
mod serve;
mod tls;
mod values;

pub(super) use run::Pg;

use super::{Error, Result, State, queue::Lane, queue::Message};
use connect::Door;
use crossbeam_channel::{Receiver, bounded};
use serve::{Server, Work};
use std::sync::Arc;

/// Starts the threads; each makes its own connection, so that this may be called inside async. Waits for the first of them.
pub(super) fn start(
    url: &str,
    state: &Arc<State>,
    (writes, write_jobs): (&Lane, Receiver<Message>),
    (reads, read_jobs): (&Lane, Receiver<Message>),
) -> Result<()> {
    let door = Arc::new(Door::new(url)?);
    let (told, first) = bounded(state.options.writers + state.options.readers + 2);
    let lanes = [
        (writes, write_jobs, Work::Write, state.options.writers.max(1)),
        (reads, read_jobs, Work::Read, state.options.readers.max(1)),
    ];
    let mut number = 0;
    for (lane, jobs, work, threads) in lanes {
        let standing = Arc::default();
        for _ in 0..threads {
            number += 1;
            let server = Server::new(
                door.clone(),
                state.clone(),
                jobs.clone(),
                work,
                Arc::clone(&standing),
                number,
            );
            let told = told.clone();
            lane.employ(move || server.serve(&told))?;
        }
    }
    first
        .recv()
        .unwrap_or_else(|_| Err(Error::Away("no thread came up".into())))
}
