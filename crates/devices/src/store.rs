//! The SQL of devices and of whom they are known to.
use crate::Token;
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, DeviceId, PersonId, Time};

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

/// Whether the device is known to this person.
pub fn is_known(view: &mut View, _: Deployment, device: DeviceId, person: PersonId) -> Result<bool> {
    let found: Option<Time> = view.maybe(
        "SELECT first_at FROM known_device WHERE person = ?1 AND device = ?2",
        &[&person, &device],
    )?;
    Ok(found.is_some())
}

/// Keeps the device of this token (made anew where it is not there) and that it is known to this person. Answers its id.
pub fn remember(
    tx: &mut Tx,
    _: Deployment,
    token: &Token,
    fresh: DeviceId,
    label: &str,
    person: PersonId,
    now: Time,
) -> Result<DeviceId> {
    let id: DeviceId = tx.one(
        "INSERT INTO device (id, secret_hash, label, made_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT (secret_hash) DO UPDATE SET seen_at = excluded.seen_at, label = excluded.label RETURNING id",
        &[&fresh, &token.hash(), &label, &now],
    )?;
    tx.run(
        "INSERT INTO known_device (person, device, first_at, last_at) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (person, device) DO UPDATE SET last_at = excluded.last_at",
        &[&person, &id, &now],
    )?;
    Ok(id)
}

/// No device is known to this person any more.
pub fn forget_all(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<u64> {
    tx.run("DELETE FROM known_device WHERE person = ?1", &[&person])
}

/// The device is no longer known to this person. False: it was not.
pub fn forget(tx: &mut Tx, _: Deployment, device: DeviceId, person: PersonId) -> Result<bool> {
    Ok(tx.run(
        "DELETE FROM known_device WHERE person = ?1 AND device = ?2",
        &[&person, &device],
    )? == 1)
}
