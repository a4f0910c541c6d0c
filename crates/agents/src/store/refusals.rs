//! The SQL of refused pairings with a key that is known: added up by network and cause, a fixed number of rows a key.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{InstallationKeyId, Organisation, Reason, Span, Time};

/// Rows of one key. What comes from further networks is added up without one.
const MOST: i64 = 200;
/// Of one key an event is written so often at most.
const TOLD_EVERY: Span = Span::minutes(1);

/// Refusals of one network and cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The network; empty: of many.
    pub network: String,
    /// The reason's id.
    pub reason: String,
    /// How many.
    pub count: i64,
    /// The first.
    pub first_at: Time,
    /// The last.
    pub last_at: Time,
}
from_row!(Refusal {
    network,
    reason,
    count,
    first_at,
    last_at
});

/// The refusals of a key, the last one first.
pub(crate) fn refusals(view: &mut View, organisation: Organisation, key: InstallationKeyId) -> Result<Vec<Refusal>> {
    view.all(
        "SELECT network, reason, count, first_at, last_at FROM pairing_refusal WHERE organisation = ?1 AND installation_key = ?2
         ORDER BY last_at DESC, network, reason",
        &[&organisation.0, &key],
    )
}

/// Counts a refusal. Answers whether an event is to be written. INVARIANT: under the lock of the key's refusals.
pub(crate) fn count_refusal(
    tx: &mut Tx,
    organisation: Organisation,
    key: InstallationKeyId,
    (network, reason): (&str, Reason),
    now: Time,
) -> Result<bool> {
    let (rows, told_at): (i64, Option<Time>) = tx.one(
        "SELECT COUNT(*), MAX(told_at) FROM pairing_refusal WHERE organisation = ?1 AND installation_key = ?2",
        &[&organisation.0, &key],
    )?;
    let known: Option<i64> = tx.maybe(
        "SELECT count FROM pairing_refusal WHERE organisation = ?1 AND installation_key = ?2 AND network = ?3 AND reason = ?4",
        &[&organisation.0, &key, &network, &reason.id()],
    )?;
    let network = if known.is_some() || rows < MOST { network } else { "" };
    let is_told = told_at.is_none_or(|told_at| now - told_at >= TOLD_EVERY);
    let told_at = if is_told { now } else { Time::default() };
    tx.run_one(
        "INSERT INTO pairing_refusal (organisation, installation_key, network, reason, count, first_at, last_at, told_at)
         VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, ?6)
         ON CONFLICT (organisation, installation_key, network, reason) DO UPDATE SET count = pairing_refusal.count + 1,
           last_at = excluded.last_at, told_at = CASE WHEN ?6 > pairing_refusal.told_at THEN ?6 ELSE pairing_refusal.told_at END",
        &[&organisation.0, &key, &network, &reason.id(), &now, &told_at],
    )?;
    Ok(is_told)
}
