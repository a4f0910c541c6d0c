//! Cuts: the oldest lines of a stream go, up to a checkpoint, and what is left still verifies. For `activity`, which knows how long lines are kept.
//! Must never happen: lines gone that were not walked first; a stream that begins anywhere else than at its start or behind a cut that was signed
//! with the key that is outside the store, so that whoever can only write in the store cannot take lines away from the front.
use super::{Broken, Checkpoint, Fault, Kept, Signer, Trust, chain::Walk, known, store, stream_id, verify::advance};
use crate::{
    Ground,
    db::{self, Store, Tx, View},
};
use kernel::{Event, Stream, Time};
use uuid::Uuid;

/// Lines that go in one transaction.
const CHUNK: u32 = 500;

/// A checkpoint behind which a stream begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut(pub Checkpoint);

impl Cut {
    /// Signs a checkpoint as the place of a cut.
    pub fn sign(at: &Checkpoint, now: Time, signer: &Signer) -> Self {
        let mut cut = Self(Checkpoint {
            at: now,
            key_id: signer.key_id().to_vec(),
            signature: Vec::new(),
            ..at.clone()
        });
        cut.0.signature = signer.sign(&cut.signed_bytes());
        cut
    }
    /// What the signature is over: never the bytes of a checkpoint, so that none is taken for the other.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        self.0.bytes_under(b"doorward cut 1\0")
    }
}

/// Where a stream's walk begins: at its start, or behind its cut.
pub(super) fn beginning(stream: Uuid, cut: Option<&Cut>, trust: &Trust) -> Result<Walk, Broken> {
    let Some(cut) = cut else {
        return Ok(Walk::from_start(stream));
    };
    if cut.0.stream == stream && trust.verifies_cut(cut) {
        return Ok(Walk::after(&cut.0));
    }
    Err(Broken {
        stream,
        seq: cut.0.seq,
        what: "the lines up to here are gone, and no key that is trusted signed that they went",
    })
}

/// When the oldest line of a stream happened.
pub fn oldest(view: &mut View, stream: Stream) -> db::Result<Option<Time>> {
    store::oldest(view, stream_id(stream))
}

/// The streams behind this one, in their order.
pub fn streams_after(view: &mut View, last: Option<Uuid>, most: u32) -> db::Result<Vec<Uuid>> {
    Ok(store::heads(view, last, most)?
        .into_iter()
        .map(|head| head.stream)
        .collect())
}

/// Takes away the lines of a stream that are older than this, up to the last checkpoint that lies before all younger ones. They are walked first.
/// The event is appended with the cut. Answers the last line that went; none where no checkpoint is old enough.
pub async fn cut(
    ground: &Ground,
    stream: Stream,
    before: Time,
    event: impl Fn(i64) -> Event + Send + Sync + 'static,
) -> Result<Option<i64>, Fault> {
    let (trust, kept) = known(ground).await?;
    let shears = Shears {
        store: &ground.store,
        trust: &trust,
        kept: &kept,
        signer: Signer(ground.keys.journal()),
        now: ground.now(),
    };
    shears.cut(stream, before, event).await
}

/// What is needed to cut.
pub(super) struct Shears<'a> {
    pub store: &'a Store,
    pub trust: &'a Trust,
    pub kept: &'a Kept,
    pub signer: Signer<'a>,
    pub now: Time,
}

impl Shears<'_> {
    pub(super) async fn cut(
        &self,
        stream: Stream,
        before: Time,
        event: impl Fn(i64) -> Event + Send + Sync + 'static,
    ) -> Result<Option<i64>, Fault> {
        let id = stream_id(stream);
        let (last, point) = self.store.read(move |view| point(view, id, before)).await?;
        if let Some(last) = &last {
            // What an earlier run did not come to.
            self.clear(id, last.0.seq).await?;
        }
        let Some(point) = point.filter(|point| self.trust.verifies(point)) else {
            return Ok(None);
        };
        let mut walk = beginning(id, last.as_ref(), self.trust)?;
        while walk.seq < point.seq {
            advance(self.store, &mut walk, point.seq, self.kept.of(id), self.trust).await?;
        }
        walk.holds(&point, self.trust)?;
        let (cut, seq) = (Cut::sign(&point, self.now, &self.signer), point.seq);
        let work = move |tx: &mut Tx| {
            let is_ours = store::keep_cut(tx, &cut)?;
            if is_ours {
                super::append(tx, &event(seq))?;
            }
            Ok::<_, db::Error>(is_ours)
        };
        if !self.store.write(work).await? {
            return Ok(None);
        }
        self.clear(id, seq).await?;
        Ok(Some(seq))
    }
    async fn clear(&self, stream: Uuid, seq: i64) -> db::Result<()> {
        while self.store.write(move |tx| store::clear(tx, stream, seq, CHUNK)).await? > 0 {}
        Ok(())
    }
}

/// The cut that there is, and the newest checkpoint behind it that lies before every line of this time on.
fn point(view: &mut View, stream: Uuid, before: Time) -> db::Result<(Option<Cut>, Option<Checkpoint>)> {
    let last = store::cut(view, stream)?;
    let end = store::head(view, stream)?.map_or(0, |head| head.seq);
    let first = store::first_since(view, stream, before)?.unwrap_or(end.saturating_add(1));
    let begins = last.as_ref().map_or(0, |cut| cut.0.seq);
    let point = store::checkpoint_before(view, stream, first)?.filter(|point| point.seq > begins);
    Ok((last, point))
}
