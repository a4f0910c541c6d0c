//! An exported stream as a file: one JSON object a line, verified offline with nothing but a trusted key.
//! First what is exported and from which checkpoint on; then every line, or its digest where it was left out; last a checkpoint.
//! Must never happen: a key, a length or an end believed because the file says so.
use super::{
    Answer, Checkpoint, Fault, Trust, Verified,
    chain::Walk,
    hex,
    line::{Digest, Line},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};
use uuid::Uuid;

/// Longer than any line can be.
const LINE_LENGTH: u64 = 64 * 1024;
const VERSION: u32 = 1;

/// One line of the file: an object with one key, which names it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FileLine {
    /// The first line.
    Export(Start),
    /// A line of the stream.
    Event(Box<Line>),
    /// A line that the filter left out.
    LeftOut(LeftOut),
    /// The last line.
    Checkpoint(Checkpoint),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    version: u32,
    stream: Uuid,
    after: Option<Checkpoint>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeftOut {
    seq: i64,
    #[serde(with = "hex::digest")]
    digest: Digest,
    #[serde(with = "hex::digest")]
    hash: Digest,
}

impl FileLine {
    pub(super) fn start(stream: Uuid, after: Option<Checkpoint>) -> Self {
        Self::Export(Start {
            version: VERSION,
            stream,
            after,
        })
    }
    pub(super) fn left_out(line: &Line) -> Self {
        Self::LeftOut(LeftOut {
            seq: line.seq,
            digest: line.digest,
            hash: line.hash,
        })
    }
    /// As text, with its line feed. What is a field's value cannot end a line: JSON escapes it.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).map(|text| text + "\n").unwrap_or_default()
    }
}

/// Verifies an exported file. Blocking; reads it line by line.
pub fn verify_file(path: &Path, trust: &Trust) -> Result<Answer, Fault> {
    let file = File::open(path).map_err(|error| Fault::file(path, &error))?;
    let mut reader = BufReader::new(file);
    let mut next = || -> Result<Option<FileLine>, Fault> {
        let mut text = Vec::new();
        reader
            .by_ref()
            .take(LINE_LENGTH)
            .read_until(b'\n', &mut text)
            .map_err(|error| Fault::file(path, &error))?;
        if text.is_empty() {
            return Ok(None);
        }
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|_| Fault::unreadable(path, NOT_OURS))
    };
    let Some(FileLine::Export(start)) = next()? else {
        return Err(Fault::unreadable(path, NOT_OURS));
    };
    if start.version != VERSION {
        return Err(Fault::unreadable(
            path,
            "it was exported by a newer program; use that one",
        ));
    }
    Answer::of(walk_file(&start, next, trust))
}

const NOT_OURS: &str = "a line is not one of an exported activity log";

fn walk_file(
    start: &Start,
    mut next: impl FnMut() -> Result<Option<FileLine>, Fault>,
    trust: &Trust,
) -> Result<Verified, Fault> {
    let mut walk = Walk::from_start(start.stream);
    if let Some(after) = &start.after {
        walk = Walk::after(after);
        walk.stream = start.stream;
        walk.holds(after, trust)?;
    }
    let mut verified = Verified {
        streams: 1,
        ..Verified::default()
    };
    loop {
        let due = walk.seq.saturating_add(1);
        match next() {
            Ok(Some(FileLine::Event(mut line))) => {
                line.stream = walk.stream;
                walk.line(&line)?;
                verified.events += 1;
                verified.erased += u64::from(line.erased.is_some());
            }
            Ok(Some(FileLine::LeftOut(line))) => {
                walk.step(line.seq, &line.digest, &line.hash)?;
                verified.left_out += 1;
            }
            Ok(Some(FileLine::Checkpoint(checkpoint))) => {
                walk.holds(&checkpoint, trust)?;
                verified.checkpoints += 1;
                return match next() {
                    Ok(None) => Ok(verified),
                    _ => Err(walk
                        .broken(due, "something stands behind the checkpoint that ends the file")
                        .into()),
                };
            }
            Ok(Some(FileLine::Export(_))) | Err(Fault::Unreadable { .. }) => {
                return Err(walk.broken(due, NOT_OURS).into());
            }
            Ok(None) => {
                return Err(walk
                    .broken(due, "the file ends without its signed checkpoint: its end was cut off")
                    .into());
            }
            Err(fault) => return Err(fault),
        }
    }
}
