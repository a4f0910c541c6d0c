//! The SQL of verifications under way, and of the lane in which wrong codes and digits of a person count.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, DeviceId, MessageId, PersonId, Time};
use uuid::Uuid;

/// A verification that begins.
pub struct NewCheck<'a> {
    /// SHA-256 of the sign-in's secret.
    pub flow: &'a [u8; 32],
    /// The id, for the trusted device that answers.
    pub id: Uuid,
    /// Who signs in.
    pub person: PersonId,
    /// The new device in words.
    pub label: &'a str,
    /// Where it is.
    pub network: &'a str,
    /// When it ends.
    pub ends_at: Time,
}

/// Begins a verification, unless this sign-in has one.
pub fn begin_check(tx: &mut Tx, _: Deployment, new: &NewCheck<'_>, now: Time) -> Result<()> {
    tx.run(
        "INSERT INTO device_check (flow, id, person, label, network, state, code_tries, sent, digit_tries, made_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', 0, 0, 0, ?6, ?7) ON CONFLICT (flow) DO NOTHING",
        &[new.flow, &new.id, &new.person, &new.label, &new.network, &now, &new.ends_at],
    )?;
    Ok(())
}

/// A verification, as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The id.
    pub id: Uuid,
    /// Who signs in.
    pub person: PersonId,
    /// `waiting`, `verified`, `denied` or `done`.
    pub state: String,
    /// Tries at the code.
    pub code_tries: u32,
    /// The mail with the code.
    pub message: Option<MessageId>,
    /// Mails in all.
    pub sent: u32,
    /// When the last one was posted.
    pub sent_at: Option<Time>,
    /// The two digits that the new device shows.
    pub digits: Option<u32>,
    /// When it ends.
    pub ends_at: Time,
}
from_row!(Check {
    id,
    person,
    state,
    code_tries,
    message,
    sent,
    sent_at,
    digits,
    ends_at
});

/// The verification of this sign-in.
pub fn check_of(view: &mut View, _: Deployment, flow: &[u8; 32], now: Time) -> Result<Option<Check>> {
    view.maybe(
        "SELECT id, person, state, code_tries, message, sent, sent_at, digits, ends_at FROM device_check WHERE flow = ?1 AND ends_at > ?2",
        &[flow, &now],
    )
}

/// How many mails with codes a person was sent since then, over all sign-ins.
pub fn mails_since(view: &mut View, _: Deployment, person: PersonId, since: Time) -> Result<i64> {
    view.one(
        "SELECT CAST(coalesce(sum(sent), 0) AS BIGINT) FROM device_check WHERE person = ?1 AND made_at > ?2",
        &[&person, &since],
    )
}

/// How many approvals a person was asked for since then, over all sign-ins.
pub fn asks_since(view: &mut View, _: Deployment, person: PersonId, since: Time) -> Result<i64> {
    view.one(
        "SELECT count(*) FROM device_check WHERE person = ?1 AND made_at > ?2 AND digits IS NOT NULL",
        &[&person, &since],
    )
}

/// Keeps a new code; the one before is worth nothing. False: answered already, or ended.
pub fn set_code(
    tx: &mut Tx,
    _: Deployment,
    flow: &[u8; 32],
    code_hash: &[u8; 32],
    message: MessageId,
    now: Time,
) -> Result<bool> {
    let kept = tx.run(
        "UPDATE device_check SET code_hash = ?2, message = ?3, code_tries = 0, sent = sent + 1, sent_at = ?4
         WHERE flow = ?1 AND state = 'waiting' AND ends_at > ?4",
        &[flow, code_hash, &message, &now],
    )?;
    Ok(kept == 1)
}

/// Counts a try at the code before it is looked at. None: there is none, or no try is left.
pub fn try_code(
    tx: &mut Tx,
    _: Deployment,
    flow: &[u8; 32],
    person: PersonId,
    most: i64,
    now: Time,
) -> Result<Option<(Vec<u8>, u32)>> {
    tx.maybe(
        "UPDATE device_check SET code_tries = code_tries + 1
         WHERE flow = ?1 AND person = ?2 AND state = 'waiting' AND ends_at > ?4 AND code_tries < ?3 AND code_hash IS NOT NULL
         RETURNING code_hash, code_tries",
        &[flow, &person, &most, &now],
    )
}

/// Shows two digits and asks the trusted devices. Answers the digits that are shown, those of the first question of this sign-in.
pub fn set_digits(tx: &mut Tx, _: Deployment, flow: &[u8; 32], digits: u32, now: Time) -> Result<Option<u32>> {
    tx.maybe(
        "UPDATE device_check SET digits = coalesce(digits, ?2) WHERE flow = ?1 AND state = 'waiting' AND ends_at > ?3 RETURNING digits",
        &[flow, &digits, &now],
    )
}

/// A sign-in that waits for the answer of a trusted device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The id.
    pub id: Uuid,
    /// The new device in words.
    pub label: String,
    /// Where it is.
    pub network: String,
    /// When it asked.
    pub made_at: Time,
    /// When it ends.
    pub ends_at: Time,
}
from_row!(Approval {
    id,
    label,
    network,
    made_at,
    ends_at
});

/// What waits for the answer of a trusted device of this person, oldest first.
pub fn approvals(view: &mut View, _: Deployment, person: PersonId, now: Time) -> Result<Vec<Approval>> {
    view.all(
        "SELECT id, label, network, made_at, ends_at FROM device_check
         WHERE person = ?1 AND state = 'waiting' AND digits IS NOT NULL AND ends_at > ?2 ORDER BY made_at, id LIMIT 20",
        &[&person, &now],
    )
}

/// Counts a try at the digits before they are looked at. None: nothing waits, or no try is left. Answers digits, tries, device, network.
pub fn try_digits(
    tx: &mut Tx,
    _: Deployment,
    person: PersonId,
    id: Uuid,
    most: i64,
    now: Time,
) -> Result<Option<(u32, u32, String, String)>> {
    tx.maybe(
        "UPDATE device_check SET digit_tries = digit_tries + 1
         WHERE id = ?2 AND person = ?1 AND state = 'waiting' AND digits IS NOT NULL AND digit_tries < ?3 AND ends_at > ?4
         RETURNING digits, digit_tries, label, network",
        &[&person, &id, &most, &now],
    )
}

/// Answers a verification: one of all who try at once does. Answers the new device in words and where it is.
pub fn answer_check(
    tx: &mut Tx,
    _: Deployment,
    person: PersonId,
    id: Uuid,
    state: &str,
    by: Option<DeviceId>,
    now: Time,
) -> Result<Option<(String, String)>> {
    tx.maybe(
        "UPDATE device_check SET state = ?3, answered_by = ?4, code_hash = NULL
         WHERE id = ?2 AND person = ?1 AND state = 'waiting' AND ends_at > ?5 RETURNING label, network",
        &[&person, &id, &state, &by, &now],
    )
}

/// The code was right.
pub fn verify_by_code(tx: &mut Tx, _: Deployment, flow: &[u8; 32], now: Time) -> Result<bool> {
    let verified = tx.run(
        "UPDATE device_check SET state = 'verified', code_hash = NULL WHERE flow = ?1 AND state = 'waiting' AND ends_at > ?2",
        &[flow, &now],
    )?;
    Ok(verified == 1)
}

/// Spends a verification that went well: one of all who try at once gets true.
pub fn spend_check(tx: &mut Tx, _: Deployment, flow: &[u8; 32], person: PersonId, now: Time) -> Result<bool> {
    let spent = tx.run(
        "UPDATE device_check SET state = 'done' WHERE flow = ?1 AND person = ?2 AND state = 'verified' AND ends_at > ?3",
        &[flow, &person, &now],
    )?;
    Ok(spent == 1)
}

/// Removes verifications that are long over (they count for the hour's limits), in small steps.
pub fn sweep_checks(tx: &mut Tx, _: Deployment, before: Time, most: i64) -> Result<u64> {
    let checks = tx.run(
        "DELETE FROM device_check WHERE flow IN (SELECT flow FROM device_check WHERE made_at < ?1 ORDER BY made_at LIMIT ?2)",
        &[&before, &most],
    )?;
    let lanes = tx.run(
        "DELETE FROM device_lane WHERE person IN
           (SELECT person FROM device_lane WHERE failed_at < ?1 AND (locked_until IS NULL OR locked_until < ?1) ORDER BY failed_at LIMIT ?2)",
        &[&before, &most],
    )?;
    Ok(checks + lanes)
}

/// Holds the person's lane until the commit: what is counted and then decided comes one after the other.
pub fn hold_lane(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<()> {
    tx.run_one(
        "INSERT INTO device_lane (person, run, failed_at, locked_until) VALUES (?1, 0, 0, NULL)
         ON CONFLICT (person) DO UPDATE SET run = device_lane.run",
        &[&person],
    )
}

/// Until when the person's lane is locked.
pub fn locked_until(view: &mut View, _: Deployment, person: PersonId, now: Time) -> Result<Option<Time>> {
    view.maybe(
        "SELECT locked_until FROM device_lane WHERE person = ?1 AND locked_until > ?2",
        &[&person, &now],
    )
}

/// Counts a try before it is looked at; a run whose last failure is older than `forgotten` begins anew. Answers the run.
pub fn count_try(tx: &mut Tx, _: Deployment, person: PersonId, forgotten: Time, now: Time) -> Result<i64> {
    tx.one(
        "UPDATE device_lane SET run = CASE WHEN failed_at < ?2 THEN 1 ELSE run + 1 END, failed_at = ?3 WHERE person = ?1 RETURNING run",
        &[&person, &forgotten, &now],
    )
}

/// Locks the person's lane.
pub fn lock_lane(tx: &mut Tx, _: Deployment, person: PersonId, until: Time) -> Result<()> {
    tx.run_one(
        "UPDATE device_lane SET locked_until = ?2 WHERE person = ?1",
        &[&person, &until],
    )
}

/// A right answer: the run is over.
pub fn clear_lane(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<()> {
    tx.run("DELETE FROM device_lane WHERE person = ?1", &[&person])?;
    Ok(())
}
