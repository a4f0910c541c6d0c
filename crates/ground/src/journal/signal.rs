//! Signals: short-lived observations (refusals of strangers, loops, checks of the doctor) that are no events. For the lanes and the doctor.
//! Must never happen: a stranger who fills the store with them. They lie in a fixed number of slots; in a full house a new one takes an old one's place.
use super::line::clean;
use crate::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Reason, Span, Time};
use uuid::Uuid;

/// How many are kept at most.
pub const SLOTS: u32 = 100_000;
/// How long they are kept.
pub const KEPT_FOR: Span = Span::hours(24);

const TEXT_LENGTH: usize = 200;

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Its id, made from time and chance; also picks its slot.
    pub id: Uuid,
    /// When it was seen.
    pub at: Time,
    /// What was seen, such as `sign-in-refused`.
    pub kind: String,
    /// What it is about; an HMAC where that is an address.
    pub key: Vec<u8>,
    /// Why.
    pub reason: Option<Reason>,
    /// The network it came from.
    pub network: String,
    /// More, in words; never a secret.
    pub detail: String,
}

struct Row {
    id: Uuid,
    at: Time,
    kind: String,
    key: Vec<u8>,
    reason: Option<String>,
    network: String,
    detail: String,
}
from_row!(Row {
    id,
    at,
    kind,
    key,
    reason,
    network,
    detail
});

/// Notes it, in place of whatever lay in its slot.
pub fn note(tx: &mut Tx, signal: &Signal) -> Result<()> {
    // The low half of a version 7 UUID is chance.
    let slot = i64::try_from(signal.id.as_u64_pair().1 % u64::from(SLOTS)).unwrap_or(0);
    tx.run_one(
        "INSERT INTO signal (slot, id, at, kind, key, reason, network, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (slot) DO UPDATE SET id = excluded.id, at = excluded.at, kind = excluded.kind, key = excluded.key,
           reason = excluded.reason, network = excluded.network, detail = excluded.detail",
        &[
            &slot,
            &signal.id,
            &signal.at,
            &signal.kind,
            &signal.key,
            &signal.reason.map(Reason::id),
            &clean(&signal.network, TEXT_LENGTH),
            &clean(&signal.detail, TEXT_LENGTH),
        ],
    )
}

/// The latest of a kind about one thing, newest first.
pub fn signals(view: &mut View, kind: &str, key: &[u8], since: Time, most: u32) -> Result<Vec<Signal>> {
    let rows: Vec<Row> = view.all(
        "SELECT id, at, kind, key, reason, network, detail FROM signal WHERE kind = ?1 AND key = ?2 AND at >= ?3 ORDER BY at DESC LIMIT ?4",
        &[&kind, &key, &since, &most],
    )?;
    let signal = |row: Row| Signal {
        id: row.id,
        at: row.at,
        kind: row.kind,
        key: row.key,
        reason: row.reason.as_deref().and_then(Reason::from_id),
        network: row.network,
        detail: row.detail,
    };
    Ok(rows.into_iter().map(signal).collect())
}

/// Takes away what is older than a day, at most so many at once; says how many.
pub fn sweep_signals(tx: &mut Tx, now: Time) -> Result<u64> {
    tx.run(
        "DELETE FROM signal WHERE slot IN (SELECT slot FROM signal WHERE at < ?1 ORDER BY at LIMIT 2000)",
        &[&(now - KEPT_FOR)],
    )
}
