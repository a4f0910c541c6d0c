//! The SQL of memberships that come from the organisation above, and of how any membership ends. For `roles`, which makes them together with the
//! grants that they hang on. Must never happen: a membership that its customer cannot see, or cannot tell from those of its own people.
use ground::db::{Result, Tx, View};
use kernel::{Organisation, OrganisationId, PersonId, Time};

/// Makes a person of the organisation above a member, who is none yet.
pub fn join_via(tx: &mut Tx, customer: Organisation, person: PersonId, via: OrganisationId, now: Time) -> Result<()> {
    super::join(tx, customer, person, now)?;
    tx.run_one(
        "UPDATE membership SET via = ?3 WHERE organisation = ?1 AND person = ?2",
        &[&customer.0, &person, &via],
    )
}

/// Ends a membership; what hung on it by roles and groups has been taken away before. False: there was none.
pub fn leave(tx: &mut Tx, organisation: Organisation, person: PersonId) -> Result<bool> {
    let gone = tx.run(
        "DELETE FROM membership WHERE organisation = ?1 AND person = ?2",
        &[&organisation.0, &person],
    )?;
    Ok(gone == 1)
}

/// From which organisation above a member comes. None: they are the organisation's own, or no member.
pub fn via(view: &mut View, organisation: Organisation, person: PersonId) -> Result<Option<OrganisationId>> {
    let found: Option<Option<OrganisationId>> = view.maybe(
        "SELECT via FROM membership WHERE organisation = ?1 AND person = ?2",
        &[&organisation.0, &person],
    )?;
    Ok(found.flatten())
}
