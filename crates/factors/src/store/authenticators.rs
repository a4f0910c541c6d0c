//! The SQL of authenticators, of every kind: what stands in the one table. Whatever reads and then writes holds the person's lock.
//! Must never happen: a step spent twice; an authenticator that lets in before it is confirmed; one person's row found for another.
use crate::decide::pause::Run;
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{AuthenticatorId, AuthenticatorKind, Deployment, Kinds, PersonId, Span, Time};

/// A row, without what is sealed.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its id.
    pub id: AuthenticatorId,
    /// The word of its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What is shown of a number.
    pub hint: String,
    /// When it was begun.
    pub made_at: Time,
    /// When it was confirmed.
    pub confirmed_at: Option<Time>,
    /// When it was last used.
    pub used_at: Option<Time>,
    /// When its owner last looked whether it is still right.
    pub reviewed_at: Time,
    /// Wrong codes in a row.
    pub run: u32,
    /// The last of them.
    pub failed_at: Option<Time>,
    /// The end of the latest pause.
    pub locked_until: Option<Time>,
    /// Whether that end was told.
    pub pause_told: bool,
    /// Steps by which an app runs ahead.
    pub drift: i64,
    /// The last step that was spent.
    pub last_step: i64,
    /// Recovery codes that are left.
    pub left: i64,
}
from_row!(Row {
    id,
    kind,
    name,
    hint,
    made_at,
    confirmed_at,
    used_at,
    reviewed_at,
    run,
    failed_at,
    locked_until,
    pause_told,
    drift,
    last_step,
    left
});

impl Row {
    /// Its kind.
    pub fn kind(&self) -> Option<AuthenticatorKind> {
        AuthenticatorKind::from_name(&self.kind)
    }
    /// Its wrong codes.
    pub const fn run(&self) -> Run {
        Run {
            run: self.run,
            failed_at: self.failed_at,
            locked_until: self.locked_until,
            is_end_told: self.pause_told,
        }
    }
}

/// The confirmed authenticators of a person, the oldest first.
pub fn of_person(view: &mut View, _: Deployment, person: PersonId) -> Result<Vec<Row>> {
    view.all(
        "SELECT id, kind, name, hint, made_at, confirmed_at, used_at, reviewed_at, run, failed_at, locked_until, pause_told, drift, last_step,
           (SELECT count(*) FROM recovery_code WHERE recovery_code.authenticator = authenticator.id) AS left
         FROM authenticator WHERE person = ?1 AND confirmed_at IS NOT NULL ORDER BY made_at, id",
        &[&person],
    )
}

/// One of this person, confirmed or not.
pub fn find(view: &mut View, _: Deployment, person: PersonId, id: AuthenticatorId) -> Result<Option<Row>> {
    view.maybe(
        "SELECT id, kind, name, hint, made_at, confirmed_at, used_at, reviewed_at, run, failed_at, locked_until, pause_told, drift, last_step,
           (SELECT count(*) FROM recovery_code WHERE recovery_code.authenticator = authenticator.id) AS left
         FROM authenticator WHERE person = ?1 AND id = ?2",
        &[&person, &id],
    )
}

/// A new row.
#[derive(Debug, Clone)]
pub struct New {
    /// Its id.
    pub id: AuthenticatorId,
    /// Whose.
    pub person: PersonId,
    /// Of which kind.
    pub kind: AuthenticatorKind,
    /// Its name.
    pub name: String,
    /// What is shown of a number.
    pub hint: String,
    /// The secret or the number.
    pub sealed: Option<Vec<u8>>,
    /// HMAC of the number.
    pub number_key: Option<[u8; 32]>,
}

/// Keeps it, not confirmed yet.
pub fn add(tx: &mut Tx, _: Deployment, new: &New, now: Time) -> Result<()> {
    let number_key = new.number_key.map(|key| key.to_vec());
    tx.run_one(
        "INSERT INTO authenticator (id, person, kind, name, hint, made_at, reviewed_at, sealed, number_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)",
        &[
            &new.id,
            &new.person,
            &new.kind.name(),
            &new.name,
            &new.hint,
            &now,
            &new.sealed,
            &number_key,
        ],
    )
}

/// From now on it lets in. False: it did before, or is gone.
pub fn confirm(tx: &mut Tx, _: Deployment, id: AuthenticatorId, now: Time) -> Result<bool> {
    let confirmed = tx.run(
        "UPDATE authenticator SET confirmed_at = ?2, reviewed_at = ?2, run = 0, failed_at = NULL WHERE id = ?1 AND confirmed_at IS NULL",
        &[&id, &now],
    )?;
    Ok(confirmed == 1)
}

/// Spends a step and learns the drift. False: it was spent, burned or overtaken meanwhile, or the row is gone.
pub fn spend_step(tx: &mut Tx, _: Deployment, id: AuthenticatorId, step: i64, drift: i64) -> Result<bool> {
    let spent = tx.run(
        "UPDATE authenticator SET last_step = ?2, drift = ?3
         WHERE id = ?1 AND last_step < ?2
           AND NOT EXISTS (SELECT 1 FROM burned_step WHERE burned_step.authenticator = ?1 AND burned_step.step = ?2)",
        &[&id, &step, &drift],
    )?;
    Ok(spent == 1)
}

/// It was used: its wrong codes are forgotten. False: it is gone.
pub fn touch(tx: &mut Tx, _: Deployment, id: AuthenticatorId, now: Time) -> Result<bool> {
    let touched = tx.run(
        "UPDATE authenticator SET used_at = ?2, run = 0, failed_at = NULL, locked_until = NULL, pause_told = TRUE
         WHERE id = ?1 AND confirmed_at IS NOT NULL",
        &[&id, &now],
    )?;
    Ok(touched == 1)
}

/// Writes its wrong codes.
pub fn save_run(tx: &mut Tx, _: Deployment, id: AuthenticatorId, run: &Run) -> Result<()> {
    tx.run(
        "UPDATE authenticator SET run = ?2, failed_at = ?3, locked_until = ?4, pause_told = ?5 WHERE id = ?1",
        &[&id, &run.run, &run.failed_at, &run.locked_until, &run.is_end_told],
    )?;
    Ok(())
}

/// What is sealed in it.
pub fn sealed(view: &mut View, _: Deployment, id: AuthenticatorId) -> Result<Option<Vec<u8>>> {
    let sealed: Option<Option<Vec<u8>>> = view.maybe("SELECT sealed FROM authenticator WHERE id = ?1", &[&id])?;
    Ok(sealed.flatten())
}

/// Burns a step of the future.
pub fn burn(tx: &mut Tx, _: Deployment, id: AuthenticatorId, step: i64) -> Result<()> {
    tx.run(
        "INSERT INTO burned_step (authenticator, step) VALUES (?1, ?2) ON CONFLICT (authenticator, step) DO NOTHING",
        &[&id, &step],
    )?;
    Ok(())
}

/// The burned steps after this one.
pub fn burned(view: &mut View, _: Deployment, id: AuthenticatorId, after: i64) -> Result<Vec<i64>> {
    view.all(
        "SELECT step FROM burned_step WHERE authenticator = ?1 AND step > ?2",
        &[&id, &after],
    )
}

/// How many of a kind a person has, confirmed or not.
pub fn count(view: &mut View, _: Deployment, person: PersonId, kind: AuthenticatorKind) -> Result<i64> {
    view.one(
        "SELECT count(*) FROM authenticator WHERE person = ?1 AND kind = ?2 AND confirmed_at IS NOT NULL",
        &[&person, &kind.name()],
    )
}

/// Of those of a kind that were begun and not confirmed, leaves the newest.
pub fn forget_begun(tx: &mut Tx, _: Deployment, person: PersonId, kind: AuthenticatorKind, leave: i64) -> Result<()> {
    tx.run(
        "DELETE FROM authenticator WHERE person = ?1 AND kind = ?2 AND confirmed_at IS NULL
           AND id NOT IN (SELECT id FROM authenticator WHERE person = ?1 AND kind = ?2 AND confirmed_at IS NULL ORDER BY made_at DESC, id DESC LIMIT ?3)",
        &[&person, &kind.name(), &leave],
    )?;
    Ok(())
}

/// Removes one. False: this person has none of this id.
pub fn remove(tx: &mut Tx, _: Deployment, person: PersonId, id: AuthenticatorId) -> Result<bool> {
    let gone = tx.run(
        "DELETE FROM authenticator WHERE person = ?1 AND id = ?2",
        &[&person, &id],
    )?;
    Ok(gone == 1)
}

/// Removes all of a kind.
pub fn remove_kind(tx: &mut Tx, _: Deployment, person: PersonId, kind: AuthenticatorKind) -> Result<u64> {
    tx.run(
        "DELETE FROM authenticator WHERE person = ?1 AND kind = ?2",
        &[&person, &kind.name()],
    )
}

/// Removes all, also those that were begun.
pub fn remove_all(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<u64> {
    tx.run("DELETE FROM authenticator WHERE person = ?1", &[&person])
}

/// Names one anew. False: this person has none of this id.
pub fn rename(tx: &mut Tx, _: Deployment, person: PersonId, id: AuthenticatorId, name: &str) -> Result<bool> {
    let renamed = tx.run(
        "UPDATE authenticator SET name = ?3 WHERE person = ?1 AND id = ?2",
        &[&person, &id, &name],
    )?;
    Ok(renamed == 1)
}

/// Its owner has looked at all of them.
pub fn review(tx: &mut Tx, _: Deployment, person: PersonId, now: Time) -> Result<()> {
    tx.run(
        "UPDATE authenticator SET reviewed_at = ?2 WHERE person = ?1",
        &[&person, &now],
    )?;
    Ok(())
}

/// The kinds that let a person in; a set of recovery codes without a code does not.
pub fn kinds(view: &mut View, _: Deployment, person: PersonId) -> Result<Kinds> {
    let names: Vec<String> = view.all(
        "SELECT DISTINCT kind FROM authenticator
         WHERE person = ?1 AND confirmed_at IS NOT NULL
           AND (kind <> 'recovery-codes' OR EXISTS (SELECT 1 FROM recovery_code WHERE recovery_code.authenticator = authenticator.id))
         ORDER BY kind",
        &[&person],
    )?;
    Ok(names
        .iter()
        .filter_map(|name| AuthenticatorKind::from_name(name))
        .collect())
}

/// A pause that ended.
#[derive(Debug, Clone)]
pub struct EndedPause {
    /// Whose.
    pub person: PersonId,
    /// The word of the kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// When.
    pub locked_until: Time,
}
from_row!(EndedPause {
    person,
    kind,
    name,
    locked_until
});

/// So much at a time: a transaction is short.
const CHUNK: i64 = 500;

/// Pauses that are over and have not been told; whoever changes the row tells.
pub fn ended_pauses(tx: &mut Tx, _: Deployment, now: Time) -> Result<Vec<EndedPause>> {
    tx.all(
        "UPDATE authenticator SET pause_told = TRUE
         WHERE id IN (SELECT id FROM authenticator WHERE locked_until <= ?1 AND NOT pause_told ORDER BY locked_until LIMIT ?2)
           AND locked_until <= ?1 AND NOT pause_told
         RETURNING person, kind, name, locked_until",
        &[&now, &CHUNK],
    )
}

/// Removes what was begun too long ago, steps whose time has come, and codes that have ended. How many rows went.
pub fn forget_old(tx: &mut Tx, _: Deployment, now: Time, begun_for: Span, past_step: i64) -> Result<u64> {
    let begun = tx.run(
        "DELETE FROM authenticator
         WHERE id IN (SELECT id FROM authenticator WHERE confirmed_at IS NULL AND made_at <= ?1 ORDER BY made_at LIMIT ?2)",
        &[&(now - begun_for), &CHUNK],
    )?;
    let steps = tx.run(
        "DELETE FROM burned_step WHERE (authenticator, step) IN (SELECT authenticator, step FROM burned_step WHERE step < ?1 ORDER BY step LIMIT ?2)",
        &[&past_step, &CHUNK],
    )?;
    let codes = tx.run(
        "DELETE FROM text_code WHERE id IN (SELECT id FROM text_code WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)",
        &[&now, &CHUNK],
    )?;
    let sent = tx.run(
        "DELETE FROM text_sent WHERE id IN (SELECT id FROM text_sent WHERE at <= ?1 ORDER BY at LIMIT ?2)",
        &[&(now - Span::hours(24)), &CHUNK],
    )?;
    Ok(begun + steps + codes + sent)
}

/// What is shown of a phone's number.
pub fn hint(view: &mut View, _: Deployment, id: AuthenticatorId) -> Result<Option<String>> {
    view.maybe("SELECT hint FROM authenticator WHERE id = ?1", &[&id])
}
