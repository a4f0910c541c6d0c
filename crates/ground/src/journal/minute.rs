//! What the journal does each minute: signs the heads that moved, keeps the newest checkpoints outside the store, takes old signals away.
//! For the program. Must never happen: a head signed that does not grow out of the newest checkpoint this node knows; a fault that stops the next minute.
use super::{
    Broken, Checkpoint, Fault, Kept, Signer, Trust, chain::Walk, cut::beginning, publish_key, store, store::Head,
    stream_name, verify::advance,
};
use crate::{Ground, db::Store};
use kernel::Time;
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;

/// Heads read, and checkpoints written, in one transaction.
const CHUNK: u32 = 200;

/// Runs for as long as the program does. What fails is logged and tried again a minute later.
pub async fn every_minute(ground: Ground) {
    let mut minutes = tokio::time::interval(Duration::from_mins(1));
    minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        if let Err(fault) = once(&ground).await {
            tracing::error!(%fault, "the journal could not be signed; it is tried again in a minute");
        }
    }
}

/// One minute's work; the program also does it once more when it stops.
pub async fn once(ground: &Ground) -> Result<(), Fault> {
    let now = ground.now();
    let signer = Signer(ground.keys.journal());
    let (trust, kept) = known(ground).await?;
    let mut newest = kept.clone();
    let broken = checkpoint(&ground.store, &trust, &signer, &mut newest, now).await?;
    if newest != kept {
        let data_dir = ground.config.data_dir.clone();
        aside(move || newest.save(&data_dir)).await?;
    }
    for broken in &broken {
        tracing::error!(target: "journal", stream = %stream_name(broken.stream), seq = broken.seq, what = broken.what, "the activity log does not hold; its head was not signed");
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of streams for a gauge")]
    metrics::gauge!("doorward_journal_broken_streams").set(broken.len() as f64);
    while ground.store.write(move |tx| super::sweep_signals(tx, now)).await? > 0 {}
    Ok(())
}

/// What this node believes and knows: the keys of its data folder and its own, and the newest checkpoints that it kept.
pub async fn known(ground: &Ground) -> Result<(Trust, Kept), Fault> {
    let data_dir = ground.config.data_dir.clone();
    let public = Signer(ground.keys.journal()).public_key();
    aside(move || Ok((publish_key(&data_dir, public)?, Kept::load(&data_dir)?))).await
}

/// Signs the head of every stream that moved since `kept`, stores the checkpoints, then keeps and logs them.
/// What does not hold is not signed and returned; the other streams go on.
pub async fn checkpoint(
    store: &Store,
    trust: &Trust,
    signer: &Signer<'_>,
    kept: &mut Kept,
    now: Time,
) -> Result<Vec<Broken>, Fault> {
    let (mut last, mut broken) = (None, Vec::new());
    let mut missing: BTreeSet<Uuid> = kept.all().map(|checkpoint| checkpoint.stream).collect();
    loop {
        let heads = store.read(move |view| store::heads(view, last, CHUNK)).await?;
        let Some(end) = heads.last() else { break };
        last = Some(end.stream);
        let mut fresh = Vec::new();
        for head in heads {
            missing.remove(&head.stream);
            match grown(store, trust, kept.of(head.stream), head).await {
                Ok(true) => fresh.push(Checkpoint::sign(head.stream, head.seq, head.hash, now, signer)),
                Ok(false) => (),
                Err(Fault::Broken(found)) => broken.push(found),
                Err(fault) => return Err(fault),
            }
        }
        keep(store, fresh, kept).await?;
    }
    broken.extend(missing.into_iter().map(|stream| Broken {
        stream,
        seq: 1,
        what: "the stream's head is gone",
    }));
    Ok(broken)
}

/// Whether the stream moved on, and did so line by line from the newest checkpoint that is known.
async fn grown(store: &Store, trust: &Trust, kept: Option<&Checkpoint>, head: Head) -> Result<bool, Fault> {
    let Head { stream, seq, hash } = head;
    if let Some(kept) = kept.filter(|kept| kept.seq >= seq) {
        let is_same = kept.seq == seq && kept.hash == hash;
        let what = "the store ends before, or differs from, the newest checkpoint that is kept outside it";
        return if is_same {
            Ok(false)
        } else {
            Err(Broken { stream, seq, what }.into())
        };
    }
    let base = match kept {
        Some(kept) => Some(kept.clone()),
        // A node that is new here begins at what another one has signed.
        None => store
            .read(move |view| store::checkpoint_before(view, stream, seq))
            .await?
            .filter(|found| trust.verifies(found)),
    };
    // What this node kept may be older than what is left.
    let cut = store.read(move |view| store::cut(view, stream)).await?;
    let is_gone = cut
        .as_ref()
        .is_some_and(|cut| base.as_ref().is_none_or(|base| base.seq < cut.0.seq));
    let mut walk = match &base {
        Some(base) if !is_gone => Walk::after(base),
        _ => beginning(stream, cut.as_ref(), trust)?,
    };
    while walk.seq < seq {
        advance(store, &mut walk, seq, None, trust).await?;
    }
    if walk.hash() == hash {
        Ok(true)
    } else {
        Err(walk.broken(seq, "the stream's head is not its last line").into())
    }
}

async fn keep(store: &Store, fresh: Vec<Checkpoint>, kept: &mut Kept) -> Result<(), Fault> {
    if fresh.is_empty() {
        return Ok(());
    }
    let rows = fresh.clone();
    store
        .write(move |tx| rows.iter().try_for_each(|row| store::keep(tx, row)))
        .await?;
    for checkpoint in fresh {
        let line = serde_json::to_string(&checkpoint).unwrap_or_default();
        tracing::info!(target: "journal", checkpoint = line, "signed");
        kept.keep(checkpoint);
    }
    Ok(())
}

/// File work, off the threads that serve requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    let cut = |_| Fault::Unreadable {
        path: "checkpoints.json".into(),
        what: "its reading or writing was cut short",
    };
    tokio::task::spawn_blocking(work).await.map_err(cut)?
}
