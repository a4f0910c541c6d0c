//! The SQL of devices and of whom they are known to.
mod admissions;
mod checks;

pub use admissions::*;
pub use checks::*;

use crate::Token;
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, DeviceId, Organisation, PersonId, Time};

/// A device, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The id.
    pub id: DeviceId,
    /// Browser and system in words.
    pub label: String,
}
from_row!(Device { id, label });

/// The device of one of these tokens that has signed in as this person; the first that counts.
pub fn known_of(view: &mut View, _: Deployment, tokens: &[Token], person: PersonId) -> Result<Option<Device>> {
    for token in tokens {
        let found = view.maybe(
            "SELECT device.id, device.label FROM device JOIN known_device ON known_device.device = device.id AND known_device.person = ?2
             WHERE device.secret_hash = ?1",
            &[&token.hash(), &person],
        )?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether an administrator has let in any device of this person.
pub fn has_admitted(view: &mut View, _: Deployment, person: PersonId) -> Result<bool> {
    view.one(
        "SELECT EXISTS (SELECT 1 FROM known_device WHERE person = ?1 AND approved_at IS NOT NULL AND revoked_at IS NULL) AS admitted",
        &[&person],
    )
}

/// Whether the device is known to this person.
pub fn is_known(view: &mut View, _: Deployment, device: DeviceId, person: PersonId) -> Result<bool> {
    let found: Option<Time> = view.maybe(
        "SELECT first_at FROM known_device WHERE person = ?1 AND device = ?2",
        &[&person, &device],
    )?;
    Ok(found.is_some())
}

/// A token's device as it stands with a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The device.
    pub id: DeviceId,
    /// Its key.
    pub public_key: Option<Vec<u8>>,
    /// Whether it has signed in as this person.
    pub is_known: bool,
    /// Until when it is trusted.
    pub trusted_until: Option<Time>,
    /// When its trust was taken away.
    pub revoked_at: Option<Time>,
    /// Since when it is let in.
    pub approved_at: Option<Time>,
    /// What an administrator has answered about it.
    pub admission: Option<String>,
}
from_row!(Facts {
    id,
    public_key,
    is_known,
    trusted_until,
    revoked_at,
    approved_at,
    admission
});

/// The device of this token, whoever has used it, with what this person has to do with it.
pub fn facts(view: &mut View, _: Deployment, token: &Token, person: PersonId) -> Result<Option<Facts>> {
    view.maybe(
        "SELECT device.id, device.public_key, known_device.first_at IS NOT NULL AS is_known, known_device.trusted_until,
                known_device.revoked_at, known_device.approved_at, device_admission.state AS admission
         FROM device LEFT JOIN known_device ON known_device.device = device.id AND known_device.person = ?2
           LEFT JOIN device_admission ON device_admission.device = device.id AND device_admission.person = ?2
         WHERE device.secret_hash = ?1",
        &[&token.hash(), &person],
    )
}

/// Whether the device of this token has a key.
pub fn has_key(view: &mut View, _: Deployment, token: &Token) -> Result<bool> {
    let found: Option<bool> = view.maybe(
        "SELECT public_key IS NOT NULL AS has_key FROM device WHERE secret_hash = ?1",
        &[&token.hash()],
    )?;
    Ok(found == Some(true))
}

/// The key of this device, where it has one.
pub fn key_of(view: &mut View, _: Deployment, device: DeviceId) -> Result<Option<Vec<u8>>> {
    let found: Option<Option<Vec<u8>>> = view.maybe("SELECT public_key FROM device WHERE id = ?1", &[&device])?;
    Ok(found.flatten())
}

/// Keeps the device of this token, made anew where it is not there. Answers its id.
pub fn keep(tx: &mut Tx, _: Deployment, token: &Token, fresh: DeviceId, label: &str, now: Time) -> Result<DeviceId> {
    tx.one(
        "INSERT INTO device (id, secret_hash, label, made_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (secret_hash) DO UPDATE SET seen_at = excluded.seen_at, label = excluded.label RETURNING id",
        &[&fresh, &token.hash(), &label, &now],
    )
}

/// Gives the device this key; the one before is worth nothing from then on.
pub fn set_key(tx: &mut Tx, _: Deployment, device: DeviceId, public_key: &[u8]) -> Result<()> {
    tx.run_one(
        "UPDATE device SET public_key = ?2 WHERE id = ?1",
        &[&device, &public_key],
    )
}

/// How a device has signed in.
pub struct SignedIn<'a> {
    /// From where.
    pub network: &'a str,
    /// Whether it proved its key.
    pub is_proven: bool,
    /// Whether it was verified in this sign-in: then its trust begins anew.
    pub is_verified: bool,
    /// Until when it would be trusted.
    pub trusted_until: Time,
}

/// Keeps that the device is known to this person. INVARIANT: trust that lasts is prolonged by verification only.
pub fn know(
    tx: &mut Tx,
    _: Deployment,
    device: DeviceId,
    person: PersonId,
    how: &SignedIn<'_>,
    now: Time,
) -> Result<()> {
    tx.run_one(
        "INSERT INTO known_device (person, device, first_at, last_at, network, is_proven, trusted_until, approved_at, approved_by)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?3,
           (SELECT answered_by FROM device_admission WHERE person = ?1 AND device = ?2 AND state = 'admitted'))
         ON CONFLICT (person, device) DO UPDATE SET last_at = excluded.last_at, network = excluded.network, is_proven = excluded.is_proven,
           trusted_until = CASE WHEN ?7 OR known_device.trusted_until IS NULL OR known_device.trusted_until <= ?3
             THEN excluded.trusted_until ELSE known_device.trusted_until END,
           revoked_at = NULL, approved_at = coalesce(known_device.approved_at, excluded.approved_at),
           approved_by = coalesce(known_device.approved_by, excluded.approved_by)",
        &[&person, &device, &now, &how.network, &how.is_proven, &how.trusted_until, &how.is_verified],
    )?;
    tx.run(
        "DELETE FROM device_admission WHERE person = ?1 AND device = ?2",
        &[&person, &device],
    )?;
    Ok(())
}

/// One of a person's devices, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The device.
    pub id: DeviceId,
    /// Browser and system in words.
    pub label: String,
    /// The name that the person gave it.
    pub name: Option<String>,
    /// The place that the person gave it, from 1.
    pub rank: Option<i64>,
    /// Where it signed in from last.
    pub network: String,
    /// When it signed in first.
    pub first_at: Time,
    /// When it signed in last.
    pub last_at: Time,
    /// Until when it is trusted.
    pub trusted_until: Option<Time>,
    /// At its last sign-in it proved its key.
    pub is_proven: bool,
    /// It has a key.
    pub has_key: bool,
}
from_row!(Known {
    id,
    label,
    name,
    rank,
    network,
    first_at,
    last_at,
    trusted_until,
    is_proven,
    has_key
});

impl Known {
    /// Whether its trust lasts.
    pub fn is_trusted(&self, now: Time) -> bool {
        self.trusted_until.is_some_and(|until| until > now)
    }
    /// What it is called: the person's own name for it and what it is, or what it is.
    pub fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} · {}", self.label),
            None => self.label.clone(),
        }
    }
}

/// The devices of a person, latest signed in first.
pub fn of_person(view: &mut View, _: Deployment, person: PersonId, most: i64) -> Result<Vec<Known>> {
    view.all(
        "SELECT device.id, device.label, known_device.name, known_device.rank, known_device.network, known_device.first_at,
                known_device.last_at, known_device.trusted_until, known_device.is_proven, device.public_key IS NOT NULL AS has_key
         FROM known_device JOIN device ON device.id = known_device.device
         WHERE known_device.person = ?1 ORDER BY known_device.last_at DESC, device.id LIMIT ?2",
        &[&person, &most],
    )
}

/// One device of a person.
pub fn one_of(view: &mut View, _: Deployment, person: PersonId, device: DeviceId) -> Result<Option<Known>> {
    view.maybe(
        "SELECT device.id, device.label, known_device.name, known_device.rank, known_device.network, known_device.first_at,
                known_device.last_at, known_device.trusted_until, known_device.is_proven, device.public_key IS NOT NULL AS has_key
         FROM known_device JOIN device ON device.id = known_device.device
         WHERE known_device.person = ?1 AND known_device.device = ?2",
        &[&person, &device],
    )
}

/// Gives a device a name, or none. False: it is not known to this person.
pub fn rename(tx: &mut Tx, _: Deployment, person: PersonId, device: DeviceId, name: Option<&str>) -> Result<bool> {
    let renamed = tx.run(
        "UPDATE known_device SET name = ?3 WHERE person = ?1 AND device = ?2",
        &[&person, &device, &name],
    )?;
    Ok(renamed == 1)
}

/// Gives a device its place.
pub fn set_rank(tx: &mut Tx, _: Deployment, person: PersonId, device: DeviceId, rank: i64) -> Result<()> {
    tx.run(
        "UPDATE known_device SET rank = ?3 WHERE person = ?1 AND device = ?2",
        &[&person, &device, &rank],
    )?;
    Ok(())
}

/// Takes trust away; where an administrator does it, what let it in, too. False: there was none.
pub fn revoke_trust(
    tx: &mut Tx,
    _: Deployment,
    person: PersonId,
    device: DeviceId,
    is_shut_out: bool,
    now: Time,
) -> Result<bool> {
    let revoked = tx.run(
        "UPDATE known_device SET trusted_until = NULL, revoked_at = ?4,
           approved_at = CASE WHEN ?3 THEN NULL ELSE approved_at END, approved_by = CASE WHEN ?3 THEN NULL ELSE approved_by END
         WHERE person = ?1 AND device = ?2 AND (trusted_until > ?4 OR (?3 AND approved_at IS NOT NULL))",
        &[&person, &device, &is_shut_out, &now],
    )?;
    Ok(revoked == 1)
}

/// Takes the trust of all devices of this person away; they stay known. Answers how many had it.
pub fn revoke_all_trust(tx: &mut Tx, _: Deployment, person: PersonId, now: Time) -> Result<u64> {
    tx.run(
        "UPDATE known_device SET trusted_until = NULL, revoked_at = ?2 WHERE person = ?1 AND trusted_until > ?2",
        &[&person, &now],
    )
}

/// How many devices of this person are trusted, another one left out.
pub fn count_trusted(
    view: &mut View,
    _: Deployment,
    person: PersonId,
    but: Option<DeviceId>,
    now: Time,
) -> Result<i64> {
    view.one(
        "SELECT count(*) FROM known_device WHERE person = ?1 AND trusted_until > ?3 AND device IS DISTINCT FROM ?2",
        &[&person, &but, &now],
    )
}

/// No device is known to this person any more, none waits to be.
pub fn forget_all(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<u64> {
    tx.run("DELETE FROM device_check WHERE person = ?1", &[&person])?;
    tx.run("DELETE FROM device_admission WHERE person = ?1", &[&person])?;
    tx.run("DELETE FROM device_expected WHERE person = ?1", &[&person])?;
    tx.run("DELETE FROM known_device WHERE person = ?1", &[&person])
}

/// The device is no longer known to this person. False: it was not.
pub fn forget(tx: &mut Tx, _: Deployment, device: DeviceId, person: PersonId) -> Result<bool> {
    Ok(tx.run(
        "DELETE FROM known_device WHERE person = ?1 AND device = ?2",
        &[&person, &device],
    )? == 1)
}

/// A device of one of an organisation's people, for its administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theirs {
    /// Whose.
    pub person: PersonId,
    /// Their name.
    pub person_name: String,
    /// Their address.
    pub email: String,
    /// The device.
    pub device: DeviceId,
    /// Browser and system in words.
    pub label: String,
    /// Where it signed in from last.
    pub network: String,
    /// When it signed in last.
    pub last_at: Time,
    /// Until when it is trusted.
    pub trusted_until: Option<Time>,
    /// Since when it is let in.
    pub approved_at: Option<Time>,
}
from_row!(Theirs {
    person,
    person_name,
    email,
    device,
    label,
    network,
    last_at,
    trusted_until,
    approved_at
});

/// The devices of the people of this organisation, latest signed in first, behind the one that was last.
pub fn of_organisation(
    view: &mut View,
    organisation: Organisation,
    before: Option<(Time, DeviceId)>,
    most: i64,
) -> Result<Vec<Theirs>> {
    let (at, id) = before.unzip();
    view.all(
        "SELECT known_device.person, person.name AS person_name, person.email, known_device.device, device.label, known_device.network,
                known_device.last_at, known_device.trusted_until, known_device.approved_at
         FROM known_device JOIN person ON person.id = known_device.person JOIN device ON device.id = known_device.device
         WHERE person.home_organisation = ?1 AND (?2 IS NULL OR (known_device.last_at, known_device.device) < (?2, ?3))
         ORDER BY known_device.last_at DESC, known_device.device DESC LIMIT ?4",
        &[&organisation.0, &at, &id, &most],
    )
}

/// Removes what nobody has used since then, in small steps: who knows a device, and devices that nobody knows.
/// INVARIANT: no session is as old as that, so none names a device that goes.
pub fn sweep(tx: &mut Tx, _: Deployment, unused_since: Time, most: i64) -> Result<u64> {
    let known = tx.run(
        "DELETE FROM known_device WHERE (person, device) IN
           (SELECT person, device FROM known_device WHERE last_at < ?1 ORDER BY last_at LIMIT ?2)",
        &[&unused_since, &most],
    )?;
    let devices = tx.run(
        "DELETE FROM device WHERE id IN (SELECT id FROM device WHERE seen_at < ?1
             AND NOT EXISTS (SELECT 1 FROM known_device WHERE known_device.device = device.id)
             AND NOT EXISTS (SELECT 1 FROM device_admission WHERE device_admission.device = device.id)
           ORDER BY seen_at LIMIT ?2)",
        &[&unused_since, &most],
    )?;
    Ok(known + devices)
}
