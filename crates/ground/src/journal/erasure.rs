//! The erasing of a person from the log: from every line by or about them the personal part is taken out, in chunks, over all streams. What
//! happened, when and how it was answered stays, and so does the chain. For whoever erases people.
//! Must never happen: a chunk that never ends; a line that is taken out.
use super::{line::stream_id, store};
use crate::db::{Result, Tx};
use kernel::{OrganisationId, PersonId, Stream};
use uuid::Uuid;

/// Lines that one transaction erases at most.
const CHUNK: u32 = 200;
/// Streams that one transaction looks at at most.
const STREAMS: usize = 200;

/// How far an erasing has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// There may be more: behind this stream, or where none is named from the first one on.
    UpTo(Option<Uuid>),
    /// Every line is done.
    All,
}

/// Erases a part of the lines by or about this person. `after` is where the part before came to.
pub fn erase_about(tx: &mut Tx, person: PersonId, after: Option<Uuid>) -> Result<Erased> {
    let mut done = after;
    for _ in 0..STREAMS {
        // The deployment's own stream is the nil UUID, which nothing comes before.
        let next = match done {
            None => Some(stream_id(Stream::Deployment)),
            Some(last) => store::stream_after(tx, last)?,
        };
        let Some(stream) = next else { return Ok(Erased::All) };
        let places = store::about(tx, stream, person.0, CHUNK)?;
        let name = if stream.is_nil() {
            Stream::Deployment
        } else {
            Stream::Organisation(OrganisationId(stream))
        };
        for seq in &places {
            super::erase(tx, name, *seq)?;
        }
        if !places.is_empty() {
            // An erased line names nobody, so the same look finds what is left.
            return Ok(Erased::UpTo(done));
        }
        done = Some(stream);
    }
    Ok(Erased::UpTo(done))
}
