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

/// Keeps that the administrators are told of a device that waits. False: they were told of this one after `since`, or of so many of this person's.
pub fn claim_telling(
    tx: &mut Tx,
    _: Deployment,
    person: PersonId,
    device: DeviceId,
    most: i64,
    since: Time,
    now: Time,
) -> Result<bool> {
    let claimed = tx.run(
        "INSERT INTO device_waits_told (person, device, told_at) SELECT ?1, ?2, ?5
         WHERE EXISTS (SELECT 1 FROM device_admission WHERE person = ?1 AND device = ?2 AND state = 'waiting')
           AND (SELECT count(*) FROM device_waits_told WHERE person = ?1 AND told_at > ?4) < ?3
         ON CONFLICT (person, device) DO UPDATE SET told_at = excluded.told_at WHERE device_waits_told.told_at <= ?4",
        &[&person, &device, &most, &since, &now],
    )?;
    Ok(claimed == 1)
}

/// Keeps that the person's next device is let in by a mail.
pub fn expect(tx: &mut Tx, _: Deployment, person: PersonId, now: Time, ends_at: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO device_expected (person, made_at, ends_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (person) DO UPDATE SET made_at = excluded.made_at, ends_at = excluded.ends_at",
        &[&person, &now, &ends_at],
    )
}

/// Whether it is.
pub fn is_expected(view: &mut View, _: Deployment, person: PersonId, now: Time) -> Result<bool> {
    let found: Option<Time> = view.maybe(
        "SELECT ends_at FROM device_expected WHERE person = ?1 AND ends_at > ?2",
        &[&person, &now],
    )?;
    Ok(found.is_some())
}

/// Spends that: one of all who try at once gets true.
pub fn take_expected(tx: &mut Tx, _: Deployment, person: PersonId, now: Time) -> Result<bool> {
    let taken = tx.run(
        "DELETE FROM device_expected WHERE person = ?1 AND ends_at > ?2",
        &[&person, &now],
    )?;
    Ok(taken == 1)
}

/// Removes what was told before this, and what is expected no longer, in small steps.
pub fn sweep_told(tx: &mut Tx, _: Deployment, before: Time, now: Time, most: i64) -> Result<u64> {
    let told = tx.run(
        "DELETE FROM device_waits_told WHERE (person, device) IN
           (SELECT person, device FROM device_waits_told WHERE told_at < ?1 ORDER BY told_at LIMIT ?2)",
        &[&before, &most],
    )?;
    let expected = tx.run(
        "DELETE FROM device_expected WHERE person IN
           (SELECT person FROM device_expected WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)",
        &[&now, &most],
    )?;
    Ok(told + expected)
}

/// Removes questions and answers that are older, in small steps.
pub fn sweep_admissions(tx: &mut Tx, _: Deployment, before: Time, most: i64) -> Result<u64> {
    tx.run(
        "DELETE FROM device_admission WHERE (person, device) IN
           (SELECT person, device FROM device_admission WHERE asked_at < ?1 ORDER BY asked_at LIMIT ?2)",
        &[&before, &most],
    )
}
