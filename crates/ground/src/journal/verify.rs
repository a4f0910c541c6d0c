//! Verifies the whole journal of a store: every line of every stream, heads, checkpoints, and what was kept outside. In chunks, beside a running server.
//! For `doorward audit verify`. Must never happen: a store that was changed, reordered or cut, and the answer that it is whole.
use super::{Checkpoint, Fault, Kept, Trust, chain::Broken, chain::Walk, cut::beginning, line::Line, store};
use crate::db::{self, Store};
use uuid::Uuid;

/// Lines read at once.
pub(super) const CHUNK: i64 = 1_000;

/// What was found whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// Streams that have lines.
    pub streams: u64,
    /// Lines, whole or erased.
    pub events: u64,
    /// Lines whose personal part was erased.
    pub erased: u64,
    /// Lines of a filtered export of which only the digest is there.
    pub left_out: u64,
    /// Checkpoints held against the chain.
    pub checkpoints: u64,
    /// Lines younger than the newest checkpoint of their stream: chained, but not proved yet.
    pub unproved: u64,
}

/// The answer of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Everything holds.
    Whole(Verified),
    /// The first line that does not.
    Broken(Broken),
}

impl Answer {
    /// What does not hold is an answer; what could not be checked stays a fault.
    pub(super) fn of(result: Result<Verified, Fault>) -> Result<Self, Fault> {
        match result {
            Ok(verified) => Ok(Self::Whole(verified)),
            Err(Fault::Broken(broken)) => Ok(Self::Broken(broken)),
            Err(fault) => Err(fault),
        }
    }
}

/// Verifies the store. `kept` is read before this is called, so that it is never newer than the store by the writing of a moment.
pub async fn verify(store: &Store, trust: &Trust, kept: &Kept) -> Result<Answer, Fault> {
    Answer::of(every_stream(store, trust, kept).await)
}

async fn every_stream(store: &Store, trust: &Trust, kept: &Kept) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    let mut stream = Uuid::nil();
    loop {
        one_stream(store, trust, kept.of(stream), stream, &mut verified).await?;
        let kept_after = kept
            .all()
            .map(|checkpoint| checkpoint.stream)
            .find(|other| *other > stream);
        let stored_after = store.read(move |view| store::stream_after(view, stream)).await?;
        match [kept_after, stored_after].into_iter().flatten().min() {
            Some(after) => stream = after,
            None => return Ok(verified),
        }
    }
}

async fn one_stream(
    store: &Store,
    trust: &Trust,
    kept: Option<&Checkpoint>,
    stream: Uuid,
    verified: &mut Verified,
) -> Result<(), Fault> {
    let (head, last_line, newest, cut) = store
        .read(move |view| {
            let newest = store::checkpoint_before(view, stream, i64::MAX)?;
            let (head, last) = (store::head(view, stream)?, store::last_line(view, stream)?);
            Ok::<_, db::Error>((head, last, newest, store::cut(view, stream)?))
        })
        .await?;
    let end = head.map_or(0, |head| head.seq);
    let mut walk = beginning(stream, cut.as_ref(), trust)?;
    let last_line = last_line.unwrap_or(walk.seq);
    let there = end.min(last_line);
    while walk.seq < there {
        let (lines, checkpoints) = advance(store, &mut walk, there, kept, trust).await?;
        verified.events += lines.len() as u64;
        verified.erased += lines.iter().filter(|line| line.erased.is_some()).count() as u64;
        verified.checkpoints += checkpoints;
    }
    let behind = there.saturating_add(1);
    let signed = kept
        .into_iter()
        .chain(&newest)
        .map(|checkpoint| checkpoint.seq)
        .max()
        .unwrap_or(0);
    if signed > there {
        return Err(walk
            .broken(
                behind,
                "the line is gone: a signed checkpoint is newer than what is left",
            )
            .into());
    }
    if last_line != end || head.is_some_and(|head| head.hash != walk.hash()) {
        return Err(walk.broken(behind, "the stream's head is not its last line").into());
    }
    verified.streams += u64::from(end > 0);
    verified.unproved += u64::try_from(end.saturating_sub(signed)).unwrap_or(0);
    Ok(())
}

/// Reads the next chunk up to `to` and walks over it. The lines, and how many checkpoints were held against them.
pub(super) async fn advance(
    store: &Store,
    walk: &mut Walk,
    to: i64,
    kept: Option<&Checkpoint>,
    trust: &Trust,
) -> Result<(Vec<Line>, u64), Fault> {
    let (stream, after, to) = (walk.stream, walk.seq, to.min(walk.seq.saturating_add(CHUNK)));
    let (lines, mut checkpoints) = store
        .read(move |view| {
            let lines = store::lines(
                view,
                stream,
                after,
                to,
                CHUNK.unsigned_abs().try_into().unwrap_or(u32::MAX),
            )?;
            Ok::<_, db::Error>((lines, store::checkpoints(view, stream, after, to)?))
        })
        .await?;
    // The kept one is usually in the store as well; where the store has lost or changed it, both are held against the chain.
    let kept = kept
        .filter(|kept| kept.seq > after && kept.seq <= to && !checkpoints.contains(kept))
        .cloned();
    checkpoints.extend(kept);
    checkpoints.sort_by_key(|checkpoint| checkpoint.seq);
    walk.pass(&lines, &checkpoints, trust)?;
    if walk.seq < to {
        return Err(walk
            .broken(walk.seq.saturating_add(1), "the line is missing, or not in its place")
            .into());
    }
    Ok((lines, checkpoints.len() as u64))
}
