//! The SQL of the journal: chain heads, lines, checkpoints. For the journal alone; the list of events that people read is in `activity`.
//! Must never happen: a line changed after it was written, but for the erasing of its personal part.
use super::{Checkpoint, Cut, line::Digest, line::Line};
use crate::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::Time;
use uuid::Uuid;

macro_rules! line_columns {
    () => {
        "stream, seq, id, at, kind, outcome, reason, count, actor, subject, device, device_label, network, detail, salt, erased, digest, hash"
    };
}

/// The head of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub stream: Uuid,
    pub seq: i64,
    pub hash: Digest,
}
from_row!(Head { stream, seq, hash });

/// Chains the line. The head's row stays locked until the commit, so this is the last step of its transaction.
pub(super) fn append(tx: &mut Tx, line: &Line) -> Result<()> {
    let start = line.stream.as_bytes().as_slice();
    let (seq, hash): (i64, Digest) = tx.one(
        "INSERT INTO chain (stream, seq, hash) VALUES (?1, 1, chain_next(?2, ?3))
         ON CONFLICT (stream) DO UPDATE SET seq = chain.seq + 1, hash = chain_next(chain.hash, ?3)
         RETURNING seq, hash",
        &[&line.stream, &start, &line.digest],
    )?;
    tx.run_one(
        "INSERT INTO event (stream, seq, id, at, kind, outcome, reason, count, actor, subject, device, device_label, network, detail, salt, digest, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        &[
            &line.stream, &seq, &line.id, &line.at, &line.kind, &line.outcome, &line.reason, &line.count, &line.actor, &line.subject,
            &line.device, &line.device_label, &line.network, &line.detail, &line.salt, &line.digest, &hash,
        ],
    )
}

/// One line.
pub(super) fn line(view: &mut View, stream: Uuid, seq: i64) -> Result<Option<Line>> {
    view.maybe(
        concat!("SELECT ", line_columns!(), " FROM event WHERE stream = ?1 AND seq = ?2"),
        &[&stream, &seq],
    )
}

/// Lines behind `after` up to `to`, in order.
pub(super) fn lines(view: &mut View, stream: Uuid, after: i64, to: i64, most: u32) -> Result<Vec<Line>> {
    view.all(
        concat!(
            "SELECT ",
            line_columns!(),
            " FROM event WHERE stream = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4"
        ),
        &[&stream, &after, &to, &most],
    )
}

/// The place of the last line.
pub(super) fn last_line(view: &mut View, stream: Uuid) -> Result<Option<i64>> {
    view.maybe(
        "SELECT seq FROM event WHERE stream = ?1 ORDER BY seq DESC LIMIT 1",
        &[&stream],
    )
}

/// The place of the first line from this time on.
pub(super) fn first_since(view: &mut View, stream: Uuid, from: Time) -> Result<Option<i64>> {
    view.one(
        "SELECT min(seq) FROM event WHERE stream = ?1 AND at >= ?2",
        &[&stream, &from],
    )
}

/// A chain's head.
pub(super) fn head(view: &mut View, stream: Uuid) -> Result<Option<Head>> {
    view.maybe("SELECT stream, seq, hash FROM chain WHERE stream = ?1", &[&stream])
}

/// Heads in order of their streams, behind the one that was last.
pub(super) fn heads(view: &mut View, last: Option<Uuid>, most: u32) -> Result<Vec<Head>> {
    view.all(
        "SELECT stream, seq, hash FROM chain WHERE (?1 IS NULL OR stream > ?1) ORDER BY stream LIMIT ?2",
        &[&last, &most],
    )
}

/// The next stream of which anything is left: head, line or checkpoint.
pub(super) fn stream_after(view: &mut View, last: Uuid) -> Result<Option<Uuid>> {
    view.maybe(
        "SELECT stream FROM (SELECT stream FROM chain WHERE stream > ?1 ORDER BY stream LIMIT 1) AS with_head
         UNION SELECT stream FROM (SELECT stream FROM event WHERE stream > ?1 ORDER BY stream LIMIT 1) AS with_line
         UNION SELECT stream FROM (SELECT stream FROM checkpoint WHERE stream > ?1 ORDER BY stream LIMIT 1) AS with_checkpoint
         ORDER BY stream LIMIT 1",
        &[&last],
    )
}

/// Keeps a checkpoint; another node may have signed the same head already.
pub(super) fn keep(tx: &mut Tx, checkpoint: &Checkpoint) -> Result<()> {
    tx.run(
        "INSERT INTO checkpoint (stream, seq, hash, at, key_id, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (stream, seq) DO NOTHING",
        &[&checkpoint.stream, &checkpoint.seq, &checkpoint.hash, &checkpoint.at, &checkpoint.key_id, &checkpoint.signature],
    )?;
    Ok(())
}

/// Checkpoints of the lines behind `after` up to `to`, in order.
pub(super) fn checkpoints(view: &mut View, stream: Uuid, after: i64, to: i64) -> Result<Vec<Checkpoint>> {
    view.all(
        "SELECT stream, seq, hash, at, key_id, signature FROM checkpoint WHERE stream = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq",
        &[&stream, &after, &to],
    )
}

/// The newest checkpoint before this line.
pub(super) fn checkpoint_before(view: &mut View, stream: Uuid, seq: i64) -> Result<Option<Checkpoint>> {
    view.maybe(
        "SELECT stream, seq, hash, at, key_id, signature FROM checkpoint WHERE stream = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1",
        &[&stream, &seq],
    )
}

/// Where a stream begins, where its oldest lines are gone.
pub(super) fn cut(view: &mut View, stream: Uuid) -> Result<Option<Cut>> {
    let found = view.maybe(
        "SELECT stream, seq, hash, at, key_id, signature FROM journal_cut WHERE stream = ?1",
        &[&stream],
    )?;
    Ok(found.map(Cut))
}

/// Keeps a cut. False: another node has cut as far or further.
pub(super) fn keep_cut(tx: &mut Tx, Cut(at): &Cut) -> Result<bool> {
    let kept = tx.run(
        "INSERT INTO journal_cut (stream, seq, hash, at, key_id, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (stream) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at, key_id = excluded.key_id,
           signature = excluded.signature WHERE journal_cut.seq < excluded.seq",
        &[&at.stream, &at.seq, &at.hash, &at.at, &at.key_id, &at.signature],
    )?;
    Ok(kept == 1)
}

/// Takes away lines up to this one, and the checkpoints before it, at most so many of each. Answers how many.
pub(super) fn clear(tx: &mut Tx, stream: Uuid, seq: i64, most: u32) -> Result<u64> {
    let lines = tx.run(
        "DELETE FROM event WHERE stream = ?1 AND seq IN (SELECT seq FROM event WHERE stream = ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)",
        &[&stream, &seq, &most],
    )?;
    let checkpoints = tx.run(
        "DELETE FROM checkpoint WHERE stream = ?1 AND seq IN (SELECT seq FROM checkpoint WHERE stream = ?1 AND seq < ?2 ORDER BY seq LIMIT ?3)",
        &[&stream, &seq, &most],
    )?;
    Ok(lines + checkpoints)
}

/// When the oldest line happened.
pub(super) fn oldest(view: &mut View, stream: Uuid) -> Result<Option<Time>> {
    view.maybe(
        "SELECT at FROM event WHERE stream = ?1 ORDER BY at, seq LIMIT 1",
        &[&stream],
    )
}

/// The first checkpoint at or behind this line.
pub(super) fn checkpoint_from(view: &mut View, stream: Uuid, seq: i64) -> Result<Option<Checkpoint>> {
    view.maybe(
        "SELECT stream, seq, hash, at, key_id, signature FROM checkpoint WHERE stream = ?1 AND seq >= ?2 ORDER BY seq LIMIT 1",
        &[&stream, &seq],
    )
}

/// The newest checkpoint of a stream; for those who hand it on.
pub(super) fn newest_checkpoint(view: &mut View, stream: Uuid) -> Result<Option<Checkpoint>> {
    checkpoint_before(view, stream, i64::MAX)
}

/// Takes the personal part out of a line.
pub(super) fn erase(tx: &mut Tx, stream: Uuid, seq: i64, digest: &Digest) -> Result<()> {
    tx.run_one(
        "UPDATE event SET actor = NULL, subject = NULL, device = NULL, device_label = '', network = '', detail = '', salt = NULL, erased = ?3
         WHERE stream = ?1 AND seq = ?2 AND salt IS NOT NULL",
        &[&stream, &seq, digest],
    )
}

/// Places of lines by or about this person that are not erased yet; at most so many.
pub(super) fn about(view: &mut View, stream: Uuid, person: Uuid, most: u32) -> Result<Vec<i64>> {
    view.all(
        "SELECT seq FROM (SELECT seq FROM event WHERE stream = ?1 AND subject = ?2 ORDER BY at, seq LIMIT ?3) AS subjects
         UNION SELECT seq FROM (SELECT seq FROM event WHERE stream = ?1 AND actor = ?2 ORDER BY at, seq LIMIT ?3) AS actors
         ORDER BY seq",
        &[&stream, &person, &most],
    )
}
