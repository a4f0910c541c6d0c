//! What is done once a minute, on every node: ends of locks and waiting reports are handed out to be told, rows without meaning go.
//! Must never happen: an end told twice, a person's count lost, strangers who fill the table.
use super::{Ended, Subject};
use crate::decide::{FORGOTTEN_AFTER, Kind, REPORT_EVERY};
use ground::db::{Lock, Result, Tx};
use kernel::{PersonId, Span, Time};

/// The row that gathers refusals which concern no person.
pub(super) const STRANGERS: &str = "strangers";
/// Lanes of addresses that are nobody's: no more than this, the oldest go first.
const MOST_UNKNOWN: i64 = 100_000;
/// Without a failure for so long, they go anyway.
const UNKNOWN_KEPT_FOR: Span = Span::days(30);
/// So much at a time: a transaction is short.
const CHUNK: i64 = 500;

/// Refusals that waited to be told together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The person's lane; none for all strangers of the deployment together.
    pub subject: Option<Subject>,
    /// How many.
    pub count: u32,
}

/// What a sweep found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// Locks that ended.
    pub ended: Vec<Ended>,
    /// Refusals to be told.
    pub due: Vec<Due>,
    /// Whether there is more: sweep again at once.
    pub has_more: bool,
}

/// One chunk of the sweep. What it hands out is told in the same transaction, or not at all.
pub fn sweep(tx: &mut Tx, now: Time) -> Result<Swept> {
    let (ended, has_more_ended) = ends(tx, now)?;
    let (due, has_more_due) = reports(tx, now)?;
    let gone = forget(tx, now)? + cap(tx)?;
    let has_more = has_more_ended || has_more_due || i64::try_from(gone).is_ok_and(|gone| gone >= CHUNK);
    Ok(Swept { ended, due, has_more })
}

/// A lane's name: its kind and key.
type Name = (String, Vec<u8>);

/// The lanes' locks are taken one by one in the order of their names, which is that of every try (address or device, then network).
fn in_order(mut names: Vec<Name>) -> (Vec<Name>, bool) {
    let is_more = i64::try_from(names.len()) == Ok(CHUNK);
    names.sort();
    (names, is_more)
}

fn ends(tx: &mut Tx, now: Time) -> Result<(Vec<Ended>, bool)> {
    let names = tx.all(
        "SELECT kind, key FROM lane WHERE locked_until <= ?1 AND NOT lock_told ORDER BY locked_until LIMIT ?2",
        &[&now, &CHUNK],
    )?;
    let (names, is_more) = in_order(names);
    let mut ended = Vec::new();
    for (kind, key) in names {
        tx.lock(Lock::on(&kind, &key))?;
        // Another node, or a try, may have come first: whoever changes the row tells.
        let told: Option<(Option<PersonId>, Time)> = tx.maybe(
            "UPDATE lane SET lock_told = TRUE WHERE kind = ?1 AND key = ?2 AND locked_until <= ?3 AND NOT lock_told
             RETURNING person, locked_until",
            &[&kind, &key, &now],
        )?;
        let subject = |person| Subject::of(Kind::from_name(&kind)?, &key, person);
        ended.extend(told.and_then(|(person, at)| {
            Some(Ended {
                subject: subject(person)?,
                at,
            })
        }));
    }
    ended.sort_by_key(|end| end.at);
    Ok((ended, is_more))
}

fn reports(tx: &mut Tx, now: Time) -> Result<(Vec<Due>, bool)> {
    let before = now - REPORT_EVERY;
    let names = tx.all(
        "SELECT kind, key FROM lane WHERE unreported > 0 AND reported_at <= ?1 ORDER BY reported_at LIMIT ?2",
        &[&before, &CHUNK],
    )?;
    let (names, is_more) = in_order(names);
    let mut due = Vec::new();
    for (kind, key) in names {
        tx.lock(Lock::on(&kind, &key))?;
        let waiting: Option<(Option<PersonId>, u32)> = tx.maybe(
            "SELECT person, unreported FROM lane WHERE kind = ?1 AND key = ?2 AND unreported > 0 AND reported_at <= ?3",
            &[&kind, &key, &before],
        )?;
        let Some((person, count)) = waiting else { continue };
        tx.run_one(
            "UPDATE lane SET unreported = 0, reported_at = ?3 WHERE kind = ?1 AND key = ?2",
            &[&kind, &key, &now],
        )?;
        let subject = Kind::from_name(&kind).and_then(|kind| Subject::of(kind, &key, person));
        due.push(Due { subject, count });
    }
    Ok((due, is_more))
}

/// Deletes rows that say nothing any more: counts at nought, networks that were forgotten, addresses of nobody after a month.
fn forget(tx: &mut Tx, now: Time) -> Result<u64> {
    tx.run(
        "DELETE FROM lane
         WHERE (kind, key) IN (
             SELECT kind, key FROM lane
             WHERE kind <> 'strangers' AND failed_at <= ?1 AND unreported = 0 AND (locked_until IS NULL OR (lock_told AND locked_until <= ?1))
               AND (kind = 'network' OR total = 0 OR (kind = 'address' AND person IS NULL AND failed_at <= ?2))
             ORDER BY failed_at LIMIT ?3)
           AND failed_at <= ?1 AND unreported = 0",
        &[&(now - FORGOTTEN_AFTER), &(now - UNKNOWN_KEPT_FOR), &CHUNK],
    )
}

fn cap(tx: &mut Tx) -> Result<u64> {
    let unknown: i64 = tx.one(
        "SELECT count(*) FROM lane WHERE kind = 'address' AND person IS NULL",
        &[],
    )?;
    let surplus = (unknown - MOST_UNKNOWN).clamp(0, CHUNK);
    if surplus == 0 {
        return Ok(0);
    }
    tx.run(
        "DELETE FROM lane WHERE (kind, key) IN (
             SELECT kind, key FROM lane WHERE kind = 'address' AND person IS NULL ORDER BY failed_at LIMIT ?1)",
        &[&surplus],
    )
}
