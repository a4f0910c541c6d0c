//! The SQL of what people were refused: told as events, at most one a minute for a person and an action, with the count of those in between.
//! Must never happen: a log that somebody signed in can fill by asking again and again; a refusal that nobody hears of.
use ground::{
    db::{Result, Tx},
    from_row,
    house::Stopped,
};
use kernel::{DeviceId, OrganisationId, PersonId, Span, Time};

/// How often one kind of refusal is told at most.
const EVERY: Span = Span::minutes(1);

/// Counts a refusal. Answers how many the event that is due now stands for; nought where none is due yet.
pub fn count(tx: &mut Tx, stopped: &Stopped, now: Time) -> Result<u32> {
    let reason = stopped.reasons.first().map_or("", |reason| reason.id());
    let told: i64 = tx.one(
        "INSERT INTO access_refusal (organisation, person, action, reason, detail, device, device_label, network, told_at, waiting, told)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 1)
         ON CONFLICT (organisation, person, action) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, device = excluded.device,
           device_label = excluded.device_label, network = excluded.network,
           told = CASE WHEN access_refusal.told_at <= ?10 THEN access_refusal.waiting + 1 ELSE 0 END,
           waiting = CASE WHEN access_refusal.told_at <= ?10 THEN 0 ELSE access_refusal.waiting + 1 END,
           told_at = CASE WHEN access_refusal.told_at <= ?10 THEN ?9 ELSE access_refusal.told_at END
         RETURNING told",
        &[
            &stopped.organisation, &stopped.person, &stopped.action.name(), &reason, &stopped.told, &stopped.device,
            &stopped.device_label, &stopped.network, &now, &(now - EVERY),
        ],
    )?;
    Ok(u32::try_from(told).unwrap_or(u32::MAX))
}

/// Refusals that waited to be told together.
pub struct Waiting {
    pub organisation: OrganisationId,
    pub person: PersonId,
    pub action: String,
    pub reason: String,
    pub detail: String,
    pub device: Option<DeviceId>,
    pub device_label: String,
    pub network: String,
    pub told: i64,
}
from_row!(Waiting {
    organisation,
    person,
    action,
    reason,
    detail,
    device,
    device_label,
    network,
    told
});

/// Takes those whose minute is over, at most so many, and forgets what nobody has tried again since.
pub fn due(tx: &mut Tx, now: Time, most: u32) -> Result<Vec<Waiting>> {
    tx.run(
        "DELETE FROM access_refusal WHERE (organisation, person, action) IN
           (SELECT organisation, person, action FROM access_refusal WHERE told_at <= ?1 AND waiting = 0 ORDER BY told_at LIMIT ?2)",
        &[&(now - EVERY), &most],
    )?;
    tx.all(
        "UPDATE access_refusal SET told = waiting, waiting = 0, told_at = ?1 WHERE (organisation, person, action) IN
           (SELECT organisation, person, action FROM access_refusal WHERE told_at <= ?2 AND waiting > 0 ORDER BY told_at LIMIT ?3)
         RETURNING organisation, person, action, reason, detail, device, device_label, network, told",
        &[&now, &(now - EVERY), &most],
    )
}
