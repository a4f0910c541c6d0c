//! The journal: what happened, chained so that nothing can be changed or left out unseen, and signals, which are only remembered for a day.
//! For every capability ([`append`], [`note`]), the program ([`every_minute`], [`audit`]) and `activity` ([`Export`]).
//! Must never happen: an event without what it tells, or the reverse: both are in one transaction; a line that was changed and a check that passes.
mod audit;
mod chain;
mod checkpoint;
mod cut;
mod erasure;
mod export;
mod file;
mod hex;
mod line;
mod minute;
mod sign;
mod signal;
mod store;
#[cfg(test)]
mod tests;
mod verify;

pub use audit::{Audit, audit_file, audit_store};
pub use chain::{Broken, Walk};
pub use checkpoint::{Checkpoint, Kept, kept_file};
pub use cut::{Cut, cut, oldest, streams_after};
pub use erasure::{Erased, erase_about};
pub use export::Export;
pub use file::verify_file;
pub use line::{Line, clean, stream_id, stream_name};
pub use minute::{checkpoint, every_minute, known, once};
pub use sign::{KeyId, PublicKey, Signer, Trust, public_key_file, publish_key};
pub use signal::{KEPT_FOR, SLOTS, Signal, note, signals, sweep_signals};
pub use verify::{Answer, Verified, verify};

use crate::db::{self, Tx, View};
use kernel::{Event, Stream};
use std::path::{Path, PathBuf};

/// Why the journal could not be read, signed or checked.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store did not do it.
    #[error("the store did not answer: {0}")]
    Store(#[from] db::Error),
    /// A file could not be read or written.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A file holds something else than it should.
    #[error("{}: {what}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The chain does not hold.
    #[error("the chain does not hold: {0}")]
    Broken(#[from] Broken),
}

impl Fault {
    fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File {
            path: path.into(),
            why: error.to_string(),
        }
    }
    fn unreadable(path: &Path, what: &'static str) -> Self {
        Self::Unreadable {
            path: path.into(),
            what,
        }
    }
}

/// Chains an event. INVARIANT: the last step of its transaction, because the stream's head stays locked until the commit.
/// Its texts are cleaned here: one line each, nothing that a terminal obeys.
pub fn append(tx: &mut Tx, event: &Event) -> db::Result<()> {
    store::append(tx, &Line::new(event))
}

/// Chains several events, stream by stream in one fixed order, so that two transactions cannot wait for each other.
pub fn append_all(tx: &mut Tx, events: &[Event]) -> db::Result<()> {
    let mut in_order: Vec<&Event> = events.iter().collect();
    in_order.sort_by_key(|event| stream_id(event.stream));
    in_order.into_iter().try_for_each(|event| append(tx, event))
}

/// The newest signed checkpoint of a stream: what is handed on, so that whoever has it can show later that the log was cut or rewritten.
pub fn newest_checkpoint(view: &mut View, stream: Stream) -> db::Result<Option<Checkpoint>> {
    store::newest_checkpoint(view, stream_id(stream))
}

/// The checkpoint that proves a line: the first one at or behind it.
pub fn proof_of(view: &mut View, stream: Stream, seq: i64) -> db::Result<Option<Checkpoint>> {
    store::checkpoint_from(view, stream_id(stream), seq)
}

/// Takes out of a line whatever is about a person; the chain stays whole. False where the line is not there or was erased before.
pub fn erase(tx: &mut Tx, stream: Stream, seq: i64) -> db::Result<bool> {
    let stream = stream_id(stream);
    let Some(digest) = store::line(tx, stream, seq)?.and_then(|mut line| line.erase()) else {
        return Ok(false);
    };
    store::erase(tx, stream, seq, &digest)?;
    Ok(true)
}
