//! The passwords. Must never happen: a renewed hash that brings back a password which was changed meanwhile.
use crate::hash::{Cost, StoredHash};
use ground::db::{Result, Tx, View};
use kernel::{PersonId, Time};

/// A person's password as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredPassword {
    /// Its hash.
    pub hash: StoredHash,
    /// Rises with each change; the commit of a sign-in checks it again.
    pub version: i64,
    /// When it was set.
    pub changed_at: Time,
    /// Since when it is known to be shorter than is asked for.
    pub short_since: Option<Time>,
}

/// The person's password, if they have one that counts.
pub fn find_password(view: &mut View, person: PersonId) -> Result<Option<StoredPassword>> {
    let row: Option<(String, i64, i64, Time, Option<Time>)> = view.maybe(
        "SELECT hash, pepper, version, changed_at, short_since FROM password WHERE person = ?1 AND hash <> ''",
        &[&person],
    )?;
    Ok(
        row.map(|(phc, pepper, version, changed_at, short_since)| StoredPassword {
            hash: StoredHash { phc, pepper },
            version,
            changed_at,
            short_since,
        }),
    )
}

/// Keeps that the password has fewer characters than are asked for, or that it has enough.
pub fn mark_short(tx: &mut Tx, person: PersonId, is_short: bool, now: Time) -> Result<()> {
    tx.run(
        "UPDATE password SET short_since = CASE WHEN ?2 THEN coalesce(short_since, ?3) ELSE NULL END WHERE person = ?1",
        &[&person, &is_short, &now],
    )?;
    Ok(())
}

/// Sets the password; its new version.
pub fn set_password(tx: &mut Tx, person: PersonId, hash: &StoredHash, now: Time) -> Result<i64> {
    tx.one(
        "INSERT INTO password (person, hash, pepper, work, version, changed_at) VALUES (?1, ?2, ?3, ?4, 1, ?5)
         ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, pepper = excluded.pepper, work = excluded.work,
           version = password.version + 1, changed_at = excluded.changed_at, short_since = NULL
         RETURNING version",
        &[&person, &hash.phc, &hash.pepper, &work(hash), &now],
    )
}

/// Makes the password useless, until a new one is set. The row stays, so that versions never repeat: a try that is being hashed at this moment
/// must not find the number that it began with.
pub fn void_password(tx: &mut Tx, person: PersonId, now: Time) -> Result<bool> {
    let voided = tx.run(
        "UPDATE password SET hash = '', work = 0, version = password.version + 1, changed_at = ?2, short_since = NULL WHERE person = ?1",
        &[&person, &now],
    )?;
    Ok(voided == 1)
}

/// Puts a stronger hash of the same password in its place. False: it was changed since this version was read.
pub fn renew_hash(tx: &mut Tx, person: PersonId, hash: &StoredHash, version: i64) -> Result<bool> {
    let renewed = tx.run(
        "UPDATE password SET hash = ?2, pepper = ?3, work = ?4 WHERE person = ?1 AND version = ?5",
        &[&person, &hash.phc, &hash.pepper, &work(hash), &version],
    )?;
    Ok(renewed == 1)
}

/// The cost of the slowest hash that somebody here has.
pub fn slowest_cost(view: &mut View) -> Result<Option<Cost>> {
    let row: Option<(String, i64)> = view.maybe("SELECT hash, pepper FROM password ORDER BY work DESC LIMIT 1", &[])?;
    Ok(row.and_then(|(phc, pepper)| StoredHash { phc, pepper }.cost().ok()))
}

/// Nought for what cannot be read: it never verifies either.
fn work(hash: &StoredHash) -> i64 {
    hash.cost().map_or(0, Cost::work)
}
