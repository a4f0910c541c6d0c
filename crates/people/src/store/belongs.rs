//! The SQL of where people belong: the organisations that a person may go over to, and whom an organisation has of its own and from above.
//! For the switcher, and for customers that move or go.
//! Must never happen: an organisation in the list that lets nobody in.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, Kinds, Organisation, OrganisationId, PersonId, Time};

/// An organisation that a person is a member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// The organisation.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// The organisation that the person comes from to this one, by name; none where they are its own.
    pub via: Option<String>,
    /// It is the person's home.
    pub is_home: bool,
}
from_row!(Belonging { id, name, via, is_home });

/// The open organisations that a person is a member of: home first, the others by name; those with this in their name, at most so many.
pub fn belongings(
    view: &mut View,
    _: Deployment,
    person: PersonId,
    search: Option<&str>,
    most: i64,
) -> Result<Vec<Belonging>> {
    let pattern = search.map(|part| format!("%{}%", escaped(part)));
    view.all(
        "SELECT organisation.id, organisation.name, above.name AS via, person.home_organisation = organisation.id AS is_home
         FROM membership JOIN organisation ON organisation.id = membership.organisation JOIN person ON person.id = membership.person
           LEFT JOIN organisation AS above ON above.id = membership.via
         WHERE membership.person = ?1 AND organisation.suspended_at IS NULL AND organisation.deleted_at IS NULL
           AND (?2 IS NULL OR organisation.name_folded LIKE ?2 ESCAPE '\\')
         ORDER BY person.home_organisation = organisation.id DESC, organisation.name_folded COLLATE \"C\", organisation.id LIMIT ?3",
        &[&person, &pattern, &most],
    )
}

/// In small letters, with nothing in it that a pattern would read otherwise.
fn escaped(part: &str) -> String {
    let mut escaped = String::new();
    for letter in part.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// The members of a customer who come from this organisation above, in the order of their ids.
pub fn members_via(view: &mut View, customer: Organisation, above: OrganisationId) -> Result<Vec<PersonId>> {
    view.all(
        "SELECT person FROM membership WHERE via = ?2 AND organisation = ?1 ORDER BY person",
        &[&customer.0, &above],
    )
}

/// Lets a membership that came from one organisation above come from another one. Nothing where it came from neither.
pub fn set_via(
    tx: &mut Tx,
    customer: Organisation,
    person: PersonId,
    old: Option<OrganisationId>,
    new: OrganisationId,
) -> Result<()> {
    tx.run(
        "UPDATE membership SET via = ?4 WHERE organisation = ?1 AND person = ?2 AND via = ?3",
        &[&customer.0, &person, &old, &new],
    )?;
    Ok(())
}

/// Those whose home this is, removed ones left out, in the order of their ids; at most so many.
pub fn of_home(view: &mut View, home: Organisation, most: i64) -> Result<Vec<PersonId>> {
    view.all(
        "SELECT id FROM person WHERE home_organisation = ?1 AND removed_at IS NULL ORDER BY id LIMIT ?2",
        &[&home.0, &most],
    )
}

/// How many have their home here, removed ones left out.
pub fn count_home(view: &mut View, home: Organisation) -> Result<i64> {
    view.one(
        "SELECT COUNT(*) FROM person WHERE home_organisation = ?1 AND removed_at IS NULL",
        &[&home.0],
    )
}

/// Ends every membership of an organisation that is gone for good. What its members held by roles and groups has been taken away before.
pub fn leave_all(tx: &mut Tx, organisation: Organisation) -> Result<()> {
    tx.run("DELETE FROM membership WHERE organisation = ?1", &[&organisation.0])?;
    Ok(())
}

/// What a policy looks at in a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The person.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The kinds of authenticators that they have beside the password.
    pub kinds: Kinds,
    /// Since when their grace runs.
    pub grace_from: Option<Time>,
    /// Their second factors were removed because they were lost.
    pub has_lost_factors: bool,
}
from_row!(Facts {
    id,
    name,
    email,
    kinds,
    grace_from,
    has_lost_factors
});

/// The members of an organisation after this one, disabled people left out, in the order of their ids; at most so many.
pub fn facts(view: &mut View, organisation: Organisation, after: Option<PersonId>, most: i64) -> Result<Vec<Facts>> {
    view.all(
        "SELECT person.id, person.name, person.email, person.factors AS kinds, membership.grace_from,
                person.factors_lost_at IS NOT NULL AS has_lost_factors
         FROM membership JOIN person ON person.id = membership.person
         WHERE membership.organisation = ?1 AND (?2 IS NULL OR membership.person > ?2) AND person.disabled_at IS NULL
         ORDER BY membership.person LIMIT ?3",
        &[&organisation.0, &after, &most],
    )
}
