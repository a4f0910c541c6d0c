//! The SQL of erasing: every table that holds something of a person, and what is left to do in the log.
//! Must never happen: a table that is forgotten here. A story looks into every table that names people.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, PersonId, Time};
use uuid::Uuid;

/// Removes all that is kept of a removed account beside its row: how they proved themselves, their devices, sessions, messages and links.
pub(crate) fn forget(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<()> {
    for statement in [
        "DELETE FROM password WHERE person = ?1",
        "DELETE FROM lane WHERE person = ?1",
        "DELETE FROM access_refusal WHERE person = ?1",
        "DELETE FROM authenticator WHERE person = ?1",
        "DELETE FROM text_sent WHERE person = ?1",
        "DELETE FROM factor_reset WHERE person = ?1",
        "DELETE FROM reset WHERE person = ?1",
        "DELETE FROM email_change WHERE person = ?1",
        "DELETE FROM sign_in_flow WHERE person = ?1",
        "DELETE FROM session WHERE person = ?1",
        "DELETE FROM device_check WHERE person = ?1",
        "DELETE FROM device_lane WHERE person = ?1",
        "DELETE FROM device_admission WHERE person = ?1",
        "DELETE FROM device_expected WHERE person = ?1",
        "DELETE FROM device_waits_told WHERE person = ?1",
        "DELETE FROM known_device WHERE person = ?1",
        "DELETE FROM message_step WHERE message IN (SELECT id FROM message WHERE person = ?1)",
        "DELETE FROM message WHERE person = ?1",
    ] {
        tx.run(statement, &[&person])?;
    }
    Ok(())
}

/// Remembers that the lines of the log about this person, or about the invitation of this id, are to be erased.
pub(crate) fn begin(tx: &mut Tx, _: Deployment, subject: PersonId, now: Time) -> Result<()> {
    tx.run(
        "INSERT INTO erasure (subject, after_stream, asked_at) VALUES (?1, NULL, ?2) ON CONFLICT (subject) DO NOTHING",
        &[&subject, &now],
    )?;
    Ok(())
}

/// An erasure that is not finished.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    pub subject: PersonId,
    pub after_stream: Option<Uuid>,
}
from_row!(Left { subject, after_stream });

/// The oldest erasure that is not finished.
pub(crate) fn next(view: &mut View, _: Deployment) -> Result<Option<Left>> {
    view.maybe(
        "SELECT subject, after_stream FROM erasure ORDER BY asked_at, subject LIMIT 1",
        &[],
    )
}

/// Keeps how far it has come.
pub(crate) fn keep(tx: &mut Tx, _: Deployment, subject: PersonId, after_stream: Option<Uuid>) -> Result<()> {
    tx.run(
        "UPDATE erasure SET after_stream = ?2 WHERE subject = ?1",
        &[&subject, &after_stream],
    )?;
    Ok(())
}

/// It is finished.
pub(crate) fn finish(tx: &mut Tx, _: Deployment, subject: PersonId) -> Result<()> {
    tx.run("DELETE FROM erasure WHERE subject = ?1", &[&subject])?;
    Ok(())
}
