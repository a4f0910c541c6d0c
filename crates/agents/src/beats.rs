//! Heartbeats on their way to the store: gathered in memory, the last of each agent wins, written once a second in short transactions.
//! Must never happen: something that was acknowledged and matters lost by a kill (only a second of "last seen" may be); a memory without bound.
use crate::store;
use ground::{Ground, db};
use kernel::{AgentId, OrganisationId, Time};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How often they are written.
const EVERY: Duration = Duration::from_secs(1);
/// Agents whose heartbeat may wait. Beyond it they are told to come again.
const MOST: usize = 50_000;
/// Bytes of inventories that may wait.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Rows of one transaction.
const CHUNK: usize = 500;

/// One heartbeat.
#[derive(Debug, Clone)]
pub(crate) struct Beat {
    /// When it came.
    pub at: Time,
    /// From which network.
    pub network: String,
    /// The agent's version.
    pub version: String,
    /// Its clock less the server's, milliseconds.
    pub clock_millis: Option<i64>,
    /// The inventory as JSON, and its hash as the agent says it.
    pub inventory: Option<(String, String)>,
    /// The agent was away before.
    pub is_back: bool,
}

type Who = (OrganisationId, AgentId);

#[derive(Default)]
struct Waiting {
    beats: BTreeMap<Who, Beat>,
    bytes: usize,
    is_writer_due: bool,
}

/// The heartbeats of one node.
#[derive(Clone)]
pub(crate) struct Beats {
    ground: Ground,
    waiting: Arc<Mutex<Waiting>>,
    written: Arc<dyn Fn() + Send + Sync>,
}

impl Beats {
    /// None yet. `written` is called after those of an agent that was away were written.
    pub(crate) fn new(ground: &Ground, written: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            ground: ground.clone(),
            waiting: Arc::default(),
            written: Arc::new(written),
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a heartbeat. False: too many wait.
    pub(crate) fn take(&self, who: Who, mut beat: Beat) -> bool {
        let mut waiting = self.waiting();
        if waiting.beats.len() >= MOST && !waiting.beats.contains_key(&who) || waiting.bytes >= MOST_BYTES {
            return false;
        }
        let before = waiting.beats.remove(&who);
        let before_bytes = before.as_ref().map_or(0, bytes);
        // An inventory that came a moment ago is not forgotten for a heartbeat without one.
        beat.is_back |= before.as_ref().is_some_and(|before| before.is_back);
        beat.inventory = beat.inventory.or_else(|| before.and_then(|before| before.inventory));
        waiting.bytes = (waiting.bytes + bytes(&beat)).saturating_sub(before_bytes);
        waiting.beats.insert(who, beat);
        let is_writer_due = std::mem::replace(&mut waiting.is_writer_due, true);
        drop(waiting);
        if !is_writer_due {
            let beats = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(EVERY).await;
                beats.flush().await;
            });
        }
        true
    }

    /// Writes all that wait. What the store does not take now is put back, unless something newer came.
    pub(crate) async fn flush(&self) {
        let all = {
            let mut waiting = self.waiting();
            waiting.is_writer_due = false;
            waiting.bytes = 0;
            std::mem::take(&mut waiting.beats)
        };
        let is_news = all.values().any(|beat| beat.is_back);
        // In one order on every node, so that two of them never wait for each other.
        let mut rest = all.into_iter();
        loop {
            let chunk: Arc<[(Who, Beat)]> = rest.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            let rows = chunk.clone();
            let write = self.ground.store.write(move |tx| {
                rows.iter()
                    .try_for_each(|((organisation, agent), beat)| store::keep_beat(tx, *organisation, *agent, beat))
            });
            let written: db::Result<()> = write.await;
            if let Err(error) = written {
                tracing::warn!(%error, count = chunk.len(), "heartbeats were not written; they wait for the next turn");
                for (who, beat) in chunk.iter().cloned().chain(rest) {
                    self.put_back(who, beat);
                }
                break;
            }
        }
        if is_news {
            (self.written)();
        }
    }

    fn put_back(&self, who: Who, beat: Beat) {
        let is_older = self.waiting().beats.contains_key(&who);
        if !is_older {
            self.take(who, beat);
        }
    }
}

fn bytes(beat: &Beat) -> usize {
    beat.inventory.as_ref().map_or(0, |(inventory, _)| inventory.len())
}
