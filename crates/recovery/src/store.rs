//! The SQL of resets, of who asked how often, and of changes of address.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, DeviceId, MessageId, PersonId, Time};
use uuid::Uuid;

/// Counts a question of a network or for a mailbox.
pub fn count_ask(tx: &mut Tx, _: Deployment, id: Uuid, kind: &str, key: &[u8], now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO reset_ask (id, kind, key, at) VALUES (?1, ?2, ?3, ?4)",
        &[&id, &kind, &key, &now],
    )
}

/// How often since then; the first of them.
pub fn asks(view: &mut View, _: Deployment, kind: &str, key: &[u8], since: Time) -> Result<(i64, Option<Time>)> {
    view.one(
        "SELECT count(*), min(at) FROM reset_ask WHERE kind = ?1 AND key = ?2 AND at > ?3",
        &[&kind, &key, &since],
    )
}

/// A new link and code.
#[derive(Clone)]
pub struct NewReset {
    /// The id.
    pub id: Uuid,
    /// Whose.
    pub person: PersonId,
    /// SHA-256 of the link's token.
    pub link_hash: [u8; 32],
    /// HMAC of the code.
    pub code_hash: [u8; 32],
    /// SHA-256 of the secret of the browser that asked.
    pub browser_hash: [u8; 32],
    /// The known device that asked; none for strangers.
    pub device: Option<DeviceId>,
    /// The mail that carries it.
    pub message: Option<MessageId>,
}

/// Keeps it.
pub fn insert(tx: &mut Tx, _: Deployment, new: &NewReset, now: Time, ends_at: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO reset (id, person, link_hash, code_hash, browser_hash, device, message, made_at, ends_at, code_tries)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
        &[&new.id, &new.person, &new.link_hash, &new.code_hash, &new.browser_hash, &new.device, &new.message, &now, &ends_at],
    )
}

/// How many links of this person, asked for since then by mail, are alive that this known device asked for, or (none) strangers.
pub fn alive(
    view: &mut View,
    _: Deployment,
    person: PersonId,
    device: Option<DeviceId>,
    since: Time,
    now: Time,
) -> Result<i64> {
    view.one(
        "SELECT count(*) FROM reset WHERE person = ?1 AND ends_at > ?4 AND made_at >= ?3 AND message IS NOT NULL
         AND device IS NOT DISTINCT FROM ?2",
        &[&person, &device, &since, &now],
    )
}

/// Whose link it is, and when it was made, while it works.
pub fn by_link(view: &mut View, _: Deployment, link_hash: &[u8; 32], now: Time) -> Result<Option<(PersonId, Time)>> {
    view.maybe(
        "SELECT person, made_at FROM reset WHERE link_hash = ?1 AND ends_at > ?2",
        &[link_hash, &now],
    )
}

/// A code that is being tried.
pub struct Tried {
    /// The reset.
    pub id: Uuid,
    /// Whose.
    pub person: PersonId,
    /// What the code must hash to.
    pub code_hash: [u8; 32],
    /// When it was made.
    pub made_at: Time,
}
from_row!(Tried {
    id,
    person,
    code_hash,
    made_at
});

/// Counts a try at each code that this browser asked for; none where there is none, or all have ended or were tried too often.
pub fn try_codes(tx: &mut Tx, _: Deployment, browser_hash: &[u8; 32], most: i64, now: Time) -> Result<Vec<Tried>> {
    tx.all(
        "UPDATE reset SET code_tries = code_tries + 1 WHERE browser_hash = ?1 AND ends_at > ?2 AND code_tries < ?3
         RETURNING id, person, code_hash, made_at",
        &[browser_hash, &now, &most],
    )
}

/// Spends a link made since then: one of all who try at once gets the person.
pub fn claim_link(
    tx: &mut Tx,
    _: Deployment,
    link_hash: &[u8; 32],
    since: Time,
    now: Time,
) -> Result<Option<PersonId>> {
    tx.maybe(
        "DELETE FROM reset WHERE link_hash = ?1 AND ends_at > ?3 AND made_at >= ?2 RETURNING person",
        &[link_hash, &since, &now],
    )
}

/// Spends a reset whose code was right, if it was made since then.
pub fn claim_id(tx: &mut Tx, _: Deployment, id: Uuid, since: Time, now: Time) -> Result<Option<PersonId>> {
    tx.maybe(
        "DELETE FROM reset WHERE id = ?1 AND ends_at > ?3 AND made_at >= ?2 RETURNING person",
        &[&id, &since, &now],
    )
}

/// Ends every link and code of a person.
pub fn void_all(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<u64> {
    tx.run("DELETE FROM reset WHERE person = ?1", &[&person])
}

/// A change of address that is being asked for.
#[derive(Clone)]
pub struct NewChange {
    /// The id.
    pub id: Uuid,
    /// Whose.
    pub person: PersonId,
    /// The address as it is.
    pub old_email: String,
    /// The address as it shall be.
    pub new_email: String,
    /// SHA-256 of the token in the mail to the new address.
    pub confirm_hash: [u8; 32],
}

/// Keeps it. What was asked for before stays until it ends: each link confirms only what was asked with it.
pub fn insert_change(tx: &mut Tx, _: Deployment, new: &NewChange, now: Time, ends_at: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO email_change (id, person, old_email, new_email, confirm_hash, undo_hash, made_at, ends_at, confirmed_at, undo_ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6, ?7, NULL, NULL)",
        &[&new.id, &new.person, &new.old_email, &new.new_email, &new.confirm_hash, &now, &ends_at],
    )
}

/// A change of address as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub person: PersonId,
    /// The address before.
    pub old_email: String,
    /// The address after.
    pub new_email: String,
    /// When it was asked for.
    pub made_at: Time,
    /// When it was confirmed.
    pub confirmed_at: Option<Time>,
}
from_row!(Change {
    person,
    old_email,
    new_email,
    made_at,
    confirmed_at
});

/// The change that this link confirms, while it works.
pub fn find_change(view: &mut View, _: Deployment, confirm_hash: &[u8; 32], now: Time) -> Result<Option<Change>> {
    view.maybe(
        "SELECT person, old_email, new_email, made_at, confirmed_at FROM email_change
         WHERE confirm_hash = ?1 AND confirmed_at IS NULL AND ends_at > ?2",
        &[confirm_hash, &now],
    )
}

/// Confirms it, once, and keeps the hash of the link that undoes it.
pub fn confirm_change(
    tx: &mut Tx,
    _: Deployment,
    confirm_hash: &[u8; 32],
    undo_hash: &[u8; 32],
    undo_ends_at: Time,
    now: Time,
) -> Result<Option<Change>> {
    tx.maybe(
        "UPDATE email_change SET confirmed_at = ?4, undo_hash = ?2, undo_ends_at = ?3
         WHERE confirm_hash = ?1 AND confirmed_at IS NULL AND ends_at > ?4 RETURNING person, old_email, new_email, made_at, confirmed_at",
        &[confirm_hash, undo_hash, &undo_ends_at, &now],
    )
}

/// The change that this link undoes, while it works.
pub fn find_undo(view: &mut View, _: Deployment, undo_hash: &[u8; 32], now: Time) -> Result<Option<Change>> {
    view.maybe(
        "SELECT person, old_email, new_email, made_at, confirmed_at FROM email_change WHERE undo_hash = ?1 AND undo_ends_at > ?2",
        &[undo_hash, &now],
    )
}

/// Spends the link that undoes a change.
pub fn claim_undo(tx: &mut Tx, _: Deployment, undo_hash: &[u8; 32], now: Time) -> Result<Option<Change>> {
    tx.maybe(
        "DELETE FROM email_change WHERE undo_hash = ?1 AND undo_ends_at > ?2
         RETURNING person, old_email, new_email, made_at, confirmed_at",
        &[undo_hash, &now],
    )
}

/// Ends the changes of a person that are not confirmed yet.
pub fn void_changes(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<u64> {
    tx.run(
        "DELETE FROM email_change WHERE person = ?1 AND confirmed_at IS NULL",
        &[&person],
    )
}

/// Ends the ways to undo what was changed since then: they lie in mailboxes that are not the person's any more.
pub fn void_undos_since(tx: &mut Tx, _: Deployment, person: PersonId, since: Time) -> Result<u64> {
    tx.run(
        "DELETE FROM email_change WHERE person = ?1 AND confirmed_at >= ?2",
        &[&person, &since],
    )
}

/// Keeps the link with which somebody removes their lost factors; the one before it is worth nothing any more.
pub fn keep_lost_link(
    tx: &mut Tx,
    _: Deployment,
    person: PersonId,
    link_hash: &[u8; 32],
    by: PersonId,
    now: Time,
    ends_at: Time,
) -> Result<()> {
    tx.run_one(
        "INSERT INTO factor_reset (person, link_hash, started_by, made_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (person) DO UPDATE SET link_hash = excluded.link_hash, started_by = excluded.started_by,
           made_at = excluded.made_at, ends_at = excluded.ends_at",
        &[&person, link_hash, &by, &now, &ends_at],
    )
}

/// Whose link it is, while it works.
pub fn find_lost_link(view: &mut View, _: Deployment, link_hash: &[u8; 32], now: Time) -> Result<Option<PersonId>> {
    view.maybe(
        "SELECT person FROM factor_reset WHERE link_hash = ?1 AND ends_at > ?2",
        &[link_hash, &now],
    )
}

/// Spends the link: one of all who try at once gets who had started it.
pub fn claim_lost_link(tx: &mut Tx, _: Deployment, link_hash: &[u8; 32], now: Time) -> Result<Option<PersonId>> {
    tx.maybe(
        "DELETE FROM factor_reset WHERE link_hash = ?1 AND ends_at > ?2 RETURNING started_by",
        &[link_hash, &now],
    )
}

/// Ends the link of a person: what it was there for has been done, or it lies in a mailbox that is not theirs.
pub fn void_lost_link(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<u64> {
    tx.run("DELETE FROM factor_reset WHERE person = ?1", &[&person])
}

/// Removes what has ended, in small steps. Answers how many.
pub fn sweep(tx: &mut Tx, now: Time, most: i64) -> Result<u64> {
    let day = now - kernel::Span::days(1);
    let resets = tx.run(
        "DELETE FROM reset WHERE id IN (SELECT id FROM reset WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)",
        &[&day, &most],
    )?;
    let asks = tx.run(
        "DELETE FROM reset_ask WHERE id IN (SELECT id FROM reset_ask WHERE at <= ?1 ORDER BY at LIMIT ?2)",
        &[&day, &most],
    )?;
    let lost = tx.run(
        "DELETE FROM factor_reset WHERE person IN (SELECT person FROM factor_reset WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)",
        &[&now, &most],
    )?;
    Ok(resets + asks + lost)
}
