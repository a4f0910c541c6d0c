//! The SQL of devices that wait for an administrator.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, DeviceId, Organisation, PersonId, Time};

/// A device that wants to be let in.
pub struct NewAdmission<'a> {
    /// Whose.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
    /// Browser and system in words.
    pub label: &'a str,
    /// Where it is.
    pub network: &'a str,
}

/// Keeps that a device waits. True: it did not before; an answer that was given stays.
pub fn ask_admission(tx: &mut Tx, _: Deployment, new: &NewAdmission<'_>, now: Time) -> Result<bool> {
    let asked = tx.run(
        "INSERT INTO device_admission (person, device, label, network, state, asked_at) VALUES (?1, ?2, ?3, ?4, 'waiting', ?5)
         ON CONFLICT (person, device) DO NOTHING",
        &[&new.person, &new.device, &new.label, &new.network, &now],
    )?;
    Ok(asked == 1)
}

/// Of the devices of a person that wait, keeps so many, the newest.
pub fn trim_admissions(tx: &mut Tx, _: Deployment, person: PersonId, most: i64) -> Result<()> {
    tx.run(
        "DELETE FROM device_admission WHERE person = ?1 AND state = 'waiting' AND device NOT IN
           (SELECT device FROM device_admission WHERE person = ?1 AND state = 'waiting' ORDER BY asked_at DESC, device LIMIT ?2)",
        &[&person, &most],
    )?;
    Ok(())
}

/// A device that waits, for an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
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
    /// Where it is.
    pub network: String,
    /// Since when.
    pub asked_at: Time,
}
from_row!(Waiting {
    person,
    person_name,
    email,
    device,
    label,
    network,
    asked_at
});

/// The devices of an organisation's people that wait, oldest first.
pub fn waiting(view: &mut View, organisation: Organisation, most: i64) -> Result<Vec<Waiting>> {
    view.all(
        "SELECT device_admission.person, person.name AS person_name, person.email, device_admission.device, device_admission.label,
                device_admission.network, device_admission.asked_at
         FROM device_admission JOIN person ON person.id = device_admission.person
         WHERE person.home_organisation = ?1 AND device_admission.state = 'waiting'
         ORDER BY device_admission.asked_at, device_admission.device LIMIT ?2",
        &[&organisation.0, &most],
    )
}

/// Answers for a device that waits: one of all who try at once does. Answers the device in words.
pub fn answer_admission(
    tx: &mut Tx,
    organisation: Organisation,
    person: PersonId,
    device: DeviceId,
    is_admitted: bool,
    by: PersonId,
    now: Time,
) -> Result<Option<String>> {
    let state = if is_admitted { "admitted" } else { "refused" };
    tx.maybe(
        "UPDATE device_admission SET state = ?4, answered_at = ?6, answered_by = ?5, asked_at = ?6
         WHERE person = ?2 AND device = ?3 AND state = 'waiting'
           AND EXISTS (SELECT 1 FROM person WHERE person.id = ?2 AND person.home_organisation = ?1) RETURNING label",
        &[&organisation.0, &person, &device, &state, &by, &now],
    )
}

/// Removes questions and answers that are older, in small steps.
pub fn sweep_admissions(tx: &mut Tx, _: Deployment, before: Time, most: i64) -> Result<u64> {
    tx.run(
        "DELETE FROM device_admission WHERE (person, device) IN
           (SELECT person, device FROM device_admission WHERE asked_at < ?1 ORDER BY asked_at LIMIT ?2)",
        &[&before, &most],
    )
}
