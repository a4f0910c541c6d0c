//! The SQL of sessions.
use crate::decide::Session;
use ground::{
    Caller,
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, DeviceId, Method, Methods, Organisation, OrganisationId, PersonId, Reason, SessionId, Time};
use std::collections::HashMap;

from_row!(Session {
    id,
    person,
    organisation,
    device,
    device_label,
    network,
    is_shared,
    deployment_epoch,
    opened_at,
    seen_at,
    proved_at,
    methods,
    fresh,
    was_away,
    unlock_failures,
    ended_at,
    ended_why
});

/// The session of this token, ended ones too.
pub fn by_token(view: &mut View, _: Deployment, token_hash: &[u8; 32]) -> Result<Option<Session>> {
    view.maybe(
        "SELECT id, person, organisation, device, device_label, network, is_shared, deployment_epoch, opened_at, seen_at, proved_at, methods, fresh, was_away,
           unlock_failures, ended_at, ended_why
         FROM session WHERE token_hash = ?1",
        &[token_hash],
    )
}

/// A new session.
pub struct NewSession<'a> {
    /// The id.
    pub id: SessionId,
    /// SHA-256 of the token.
    pub token_hash: &'a [u8; 32],
    /// Whose.
    pub person: PersonId,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// The device; none on a shared one.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub device_label: &'a str,
    /// The network.
    pub network: &'a str,
    /// On a shared device.
    pub is_shared: bool,
    /// The deployment's epoch.
    pub epoch: i64,
    /// What was proved.
    pub methods: Methods,
    /// The person had not signed in for long.
    pub was_away: bool,
}

/// Keeps a new session.
pub fn insert(tx: &mut Tx, _: Deployment, new: &NewSession<'_>, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO session (id, token_hash, person, organisation, device, device_label, network, is_shared, deployment_epoch,
           opened_at, seen_at, proved_at, methods, fresh, was_away, unlock_failures, ended_at, ended_why)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?10, ?11, ?11, ?12, 0, NULL, NULL)",
        &[
            &new.id, new.token_hash, &new.person, &new.organisation, &new.device, &new.device_label, &new.network, &new.is_shared, &new.epoch,
            &now, &new.methods.text(), &new.was_away,
        ],
    )
}

/// Writes "last seen" and from where; never back, and never on one that has ended.
pub fn touch(tx: &mut Tx, _: Deployment, id: SessionId, network: &str, now: Time) -> Result<()> {
    tx.run(
        "UPDATE session SET seen_at = ?2, network = ?3 WHERE id = ?1 AND ended_at IS NULL AND seen_at < ?2",
        &[&id, &now, &network],
    )?;
    Ok(())
}

/// Lets a session speak for another organisation from now on. False: it had ended.
pub fn move_to(tx: &mut Tx, organisation: Organisation, id: SessionId, now: Time) -> Result<bool> {
    let moved = tx.run(
        "UPDATE session SET organisation = ?2, seen_at = ?3 WHERE id = ?1 AND ended_at IS NULL",
        &[&id, &organisation.0, &now],
    )?;
    Ok(moved == 1)
}

/// Ends one session of this person. False: it was not theirs, or had ended.
pub fn end(tx: &mut Tx, _: Deployment, person: PersonId, id: SessionId, why: Reason, now: Time) -> Result<bool> {
    let ended = tx.run(
        "UPDATE session SET ended_at = ?3, ended_why = ?4 WHERE id = ?1 AND person = ?2 AND ended_at IS NULL",
        &[&id, &person, &now, &why.id()],
    )?;
    Ok(ended == 1)
}

/// Ends all sessions of this person but one. Answers how many.
pub fn end_others(
    tx: &mut Tx,
    _: Deployment,
    person: PersonId,
    keep: Option<SessionId>,
    why: Reason,
    now: Time,
) -> Result<u64> {
    if keep.is_none() {
        // Whoever is signing in at this moment must do it again.
        people::raise_epoch(tx, Deployment, person)?;
    }
    tx.run(
        "UPDATE session SET ended_at = ?3, ended_why = ?4 WHERE person = ?1 AND ended_at IS NULL AND (?2 IS NULL OR id <> ?2)",
        &[&person, &keep, &now, &why.id()],
    )
}

/// Ends the sessions of this person on one device. Answers how many.
pub fn end_device(
    tx: &mut Tx,
    _: Deployment,
    person: PersonId,
    device: DeviceId,
    why: Reason,
    now: Time,
) -> Result<u64> {
    tx.run(
        "UPDATE session SET ended_at = ?3, ended_why = ?4 WHERE person = ?1 AND device = ?2 AND ended_at IS NULL",
        &[&person, &device, &now, &why.id()],
    )
}

/// Gives a session a new token after its person proved themselves again, and keeps with what; the old token is worth nothing. False: it had ended.
pub fn renew(
    tx: &mut Tx,
    _: Deployment,
    id: SessionId,
    token_hash: &[u8; 32],
    proved: Proved,
    now: Time,
) -> Result<bool> {
    let renewed = tx.run(
        "UPDATE session SET token_hash = ?2, seen_at = ?3, proved_at = ?3, methods = ?4, fresh = ?5, unlock_failures = 0
         WHERE id = ?1 AND ended_at IS NULL",
        &[&id, token_hash, &now, &proved.methods.text(), &proved.fresh.text()],
    )?;
    Ok(renewed == 1)
}

/// Keeps what a session has proved now, under the token that it has.
pub fn keep_proof(tx: &mut Tx, _: Deployment, id: SessionId, proved: Proved, now: Time) -> Result<()> {
    tx.run(
        "UPDATE session SET proved_at = ?2, methods = ?3, fresh = ?4 WHERE id = ?1 AND ended_at IS NULL",
        &[&id, &now, &proved.methods.text(), &proved.fresh.text()],
    )?;
    Ok(())
}

/// What a session has proved in all, and with its last proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proved {
    /// In all.
    pub methods: Methods,
    /// With the last one.
    pub fresh: Methods,
}

impl Proved {
    /// What the caller's session has proved once this method is added.
    pub fn now(caller: &Caller, method: Method) -> Self {
        Self {
            methods: caller.methods.with(method),
            fresh: Methods::only(method),
        }
    }
}

/// Counts a try at unlock before it is looked at. None: there is no try left, or it had ended.
pub fn count_unlock_try(tx: &mut Tx, _: Deployment, id: SessionId, most: i64) -> Result<Option<i64>> {
    tx.maybe(
        "UPDATE session SET unlock_failures = unlock_failures + 1 WHERE id = ?1 AND ended_at IS NULL AND unlock_failures < ?2
         RETURNING unlock_failures",
        &[&id, &most],
    )
}

/// How many tries at unlock have failed. None: it had ended.
pub fn unlock_failures(view: &mut View, _: Deployment, id: SessionId) -> Result<Option<i64>> {
    view.maybe(
        "SELECT unlock_failures FROM session WHERE id = ?1 AND ended_at IS NULL",
        &[&id],
    )
}

/// The sessions of this person that have not been ended, latest used first.
pub fn of_person(view: &mut View, _: Deployment, person: PersonId, most: i64) -> Result<Vec<Session>> {
    view.all(
        "SELECT id, person, organisation, device, device_label, network, is_shared, deployment_epoch, opened_at, seen_at, proved_at, methods, fresh, was_away,
           unlock_failures, ended_at, ended_why
         FROM session WHERE person = ?1 AND ended_at IS NULL ORDER BY seen_at DESC, id DESC LIMIT ?2",
        &[&person, &most],
    )
}

/// How many people are signed in to an organisation on how many devices: sessions used since then.
pub fn signed_in(view: &mut View, organisation: Organisation, since: Time, opened_since: Time) -> Result<(i64, i64)> {
    view.one(
        "SELECT COUNT(DISTINCT person), COUNT(*) FROM session
         WHERE organisation = ?1 AND opened_at > ?3 AND seen_at > ?2 AND ended_at IS NULL",
        &[&organisation.0, &since, &opened_since],
    )
}

/// From which network each of those was last seen who are signed in to an organisation; of the latest 20,000 sessions.
pub fn networks(view: &mut View, organisation: Organisation) -> Result<HashMap<PersonId, String>> {
    let mut rows: Vec<(PersonId, String)> = view.all(
        "SELECT person, network FROM session WHERE organisation = ?1 AND ended_at IS NULL ORDER BY seen_at DESC LIMIT 20000",
        &[&organisation.0],
    )?;
    // The latest of a person's comes last, and stays.
    rows.reverse();
    Ok(rows.into_iter().collect())
}

/// Removes what ended, or was opened, long ago; at most so many at once. Answers how many.
pub fn sweep(tx: &mut Tx, _: Deployment, ended_before: Time, opened_before: Time, most: i64) -> Result<u64> {
    tx.run(
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?3)
           OR id IN (SELECT id FROM session WHERE opened_at < ?2 ORDER BY opened_at LIMIT ?3)",
        &[&ended_before, &opened_before, &most],
    )
}

/// Sessions that may be over by time: opened before this moment, or on a shared device and not seen since that one. In the order of their ids,
/// after the last one looked at.
pub fn perhaps_over(
    view: &mut View,
    _: Deployment,
    opened_before: Time,
    shared_seen_before: Time,
    after: Option<SessionId>,
    most: i64,
) -> Result<Vec<Session>> {
    view.all(
        "SELECT id, person, organisation, device, device_label, network, is_shared, deployment_epoch, opened_at, seen_at, proved_at, methods, fresh, was_away,
           unlock_failures, ended_at, ended_why
         FROM session
         WHERE ended_at IS NULL AND (opened_at <= ?1 OR (is_shared AND seen_at <= ?2)) AND (?3 IS NULL OR id > ?3)
         ORDER BY id LIMIT ?4",
        &[&opened_before, &shared_seen_before, &after, &most],
    )
}
