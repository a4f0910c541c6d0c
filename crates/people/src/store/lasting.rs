//! The SQL of what becomes of accounts in the end: disabled, removed, erased; of the memberships that a person has; and of what lists of people
//! are looked up by. Must never happen: an address that stays taken by somebody who is gone; a list that finds people by a name they had before.
use crate::decide::folded;
use ground::db::{Result, Tx, View};
use kernel::{Deployment, InvitationId, OrganisationId, PersonId, Time};

/// Brings the person's memberships up to date with what lists sort and find them by. Part of whatever changes name, address or state.
pub(super) fn list_anew(tx: &mut Tx, person: PersonId) -> Result<()> {
    let (name, email, is_disabled): (String, String, bool) = tx.one(
        "SELECT name, email_canonical, disabled_at IS NOT NULL AS is_disabled FROM person WHERE id = ?1",
        &[&person],
    )?;
    let sort_name = folded(&name);
    tx.run(
        "UPDATE membership SET sort_name = ?2, search = ?3, is_disabled = ?4 WHERE person = ?1",
        &[&person, &sort_name, &format!("{sort_name} {email}"), &is_disabled],
    )?;
    Ok(())
}

/// The organisations that a person is a member of, in the order of their ids.
pub fn memberships(view: &mut View, _: Deployment, person: PersonId) -> Result<Vec<OrganisationId>> {
    view.all(
        "SELECT organisation FROM membership WHERE person = ?1 ORDER BY organisation",
        &[&person],
    )
}

/// Disables a person: no session, no sign-in, no key, until they are enabled again. False: they were disabled already, or are gone.
pub fn disable(tx: &mut Tx, _: Deployment, person: PersonId, now: Time) -> Result<bool> {
    let disabled = tx.run(
        "UPDATE person SET disabled_at = ?2 WHERE id = ?1 AND disabled_at IS NULL",
        &[&person, &now],
    )?;
    list_anew(tx, person)?;
    Ok(disabled == 1)
}

/// Enables a person again. False: they were not disabled, or are gone for good.
pub fn enable(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<bool> {
    let enabled = tx.run(
        "UPDATE person SET disabled_at = NULL WHERE id = ?1 AND disabled_at IS NOT NULL AND removed_at IS NULL",
        &[&person],
    )?;
    list_anew(tx, person)?;
    Ok(enabled == 1)
}

/// Takes an account out for good: disabled, without memberships, its address free for another account. The row stays, so that the log can name
/// who it was. What they held by roles and groups has been taken away before.
pub fn remove_account(tx: &mut Tx, _: Deployment, person: PersonId, now: Time) -> Result<()> {
    tx.run("DELETE FROM membership WHERE person = ?1", &[&person])?;
    tx.run_one(
        "UPDATE person SET disabled_at = COALESCE(disabled_at, ?2), removed_at = COALESCE(removed_at, ?2), email_canonical = ?3, email_skeleton = ?3
         WHERE id = ?1",
        &[&person, &now, &format!("removed:{person}")],
    )
}

/// Leaves nothing of a removed account but its id, which the log may still name.
pub fn erase_account(tx: &mut Tx, _: Deployment, person: PersonId, now: Time) -> Result<()> {
    tx.run("DELETE FROM alarm_link WHERE person = ?1", &[&person])?;
    tx.run_one(
        "UPDATE person SET name = ?2, email = '', erased_at = ?3, factors = 0 WHERE id = ?1 AND removed_at IS NOT NULL",
        &[&person, &"Erased person", &now],
    )
}

/// Forgets which invitations a person took up. Answers the ids by which the log names them.
pub fn erase_memberships(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<Vec<InvitationId>> {
    tx.all(
        "DELETE FROM invitation_taken WHERE person = ?1 RETURNING invitation",
        &[&person],
    )
}

/// Remembers that a person took up this invitation with the account that they had.
pub fn take_up(tx: &mut Tx, _: Deployment, person: PersonId, invitation: InvitationId) -> Result<()> {
    tx.run(
        "INSERT INTO invitation_taken (person, invitation) VALUES (?1, ?2) ON CONFLICT (person, invitation) DO NOTHING",
        &[&person, &invitation],
    )?;
    Ok(())
}
