//! Exports a stream, chunk by chunk, as it was when the export began. For `activity`, which decides what the reader may see and filters for.
//! Must never happen: an export that ends with a checkpoint over lines that were not walked.
use super::{
    Checkpoint, Fault, Kept, Signer, Trust, chain::Walk, file::FileLine, line::Line, store, stream_id, verify::advance,
};
use crate::db::{self, Store};
use kernel::{Stream, Time};

/// An export under way.
pub struct Export {
    store: Store,
    trust: Trust,
    kept: Option<Checkpoint>,
    walk: Walk,
    after: Option<Checkpoint>,
    end: i64,
}

impl Export {
    /// Begins: its end is the stream's head as it is now; with a time to begin from, its start is the last checkpoint before that.
    pub async fn begin(
        store: &Store,
        trust: Trust,
        kept: &Kept,
        stream: Stream,
        from: Option<Time>,
    ) -> Result<Self, Fault> {
        let stream = stream_id(stream);
        let (end, before) = store
            .read(move |view| {
                let end = store::head(view, stream)?.map_or(0, |head| head.seq);
                let first = match from {
                    None => 1,
                    Some(from) => store::first_since(view, stream, from)?.unwrap_or(end.saturating_add(1)),
                };
                // Lines before the cut are gone, or about to go.
                let begins = store::cut(view, stream)?.map_or(0, |cut| cut.0.seq);
                let first = first.max(begins.saturating_add(1));
                Ok::<_, db::Error>((end, store::checkpoint_before(view, stream, first)?))
            })
            .await?;
        let after = before.filter(|checkpoint| trust.verifies(checkpoint));
        let walk = after.as_ref().map_or_else(|| Walk::from_start(stream), Walk::after);
        Ok(Self {
            store: store.clone(),
            trust,
            kept: kept.of(stream).cloned(),
            walk,
            after,
            end,
        })
    }
    /// The next lines, all of them, in order; empty at the end.
    pub async fn next(&mut self) -> Result<Vec<Line>, Fault> {
        if self.walk.seq >= self.end {
            return Ok(Vec::new());
        }
        let (lines, _) = advance(&self.store, &mut self.walk, self.end, self.kept.as_ref(), &self.trust).await?;
        Ok(lines)
    }
    /// The file's first line.
    pub fn first_line(&self) -> String {
        FileLine::start(self.walk.stream, self.after.clone()).text()
    }
    /// The file's line for a line of the stream: whole if it is shown, else its digest.
    pub fn file_line(line: Line, is_shown: bool) -> String {
        if is_shown {
            FileLine::Event(Box::new(line)).text()
        } else {
            FileLine::left_out(&line).text()
        }
    }
    /// The file's last line: a checkpoint of what was walked, signed at this moment.
    pub fn last_line(&self, now: Time, signer: &Signer) -> String {
        FileLine::Checkpoint(Checkpoint::sign(
            self.walk.stream,
            self.walk.seq,
            self.walk.hash(),
            now,
            signer,
        ))
        .text()
    }
}
