//! The SQL of people and memberships.
mod belongs;
mod counted;
mod lasting;
mod via;

pub use belongs::{Belonging, Facts, belongings, count_home, facts, leave_all, members_via, of_home, set_via};
pub use counted::count_by_kinds;
pub use lasting::{disable, enable, erase_account, erase_memberships, memberships, remove_account, take_up};
pub use via::{join_via, leave, via};

use crate::decide::Email;
use ground::{
    db::{Lock, Result, Tx, View},
    from_row,
};
use kernel::{Deployment, Kinds, Language, Organisation, OrganisationId, PersonId, Time};
use std::collections::BTreeMap;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The organisation that owns the person's credentials.
    pub home_organisation: OrganisationId,
    /// The name.
    pub name: String,
    /// The address as written.
    pub email: String,
    /// The address as looked up.
    pub email_canonical: String,
    /// What they are written to in.
    pub language: Language,
    /// Raised by whatever ends all their sessions.
    pub epoch: i64,
    /// When they first signed in.
    pub first_sign_in_at: Option<Time>,
    /// When they were disabled.
    pub disabled_at: Option<Time>,
    /// When they last signed in.
    pub last_sign_in_at: Option<Time>,
    /// The kinds of authenticators that they have beside the password.
    pub kinds: Kinds,
}
impl Person {
    /// Nobody: for work that must cost the same whether or not there is an account.
    pub fn nobody() -> Self {
        let id = uuid::Uuid::nil();
        Self {
            id: PersonId(id),
            home_organisation: OrganisationId(id),
            name: String::new(),
            email: String::new(),
            email_canonical: String::new(),
            language: Language::default(),
            epoch: 0,
            first_sign_in_at: None,
            disabled_at: None,
            last_sign_in_at: None,
            kinds: Kinds::NONE,
        }
    }
}
from_row!(Person {
    id,
    home_organisation,
    name,
    email,
    email_canonical,
    language,
    epoch,
    first_sign_in_at,
    disabled_at,
    last_sign_in_at,
    kinds
});

/// What a new account is made of.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The id.
    pub id: PersonId,
    /// The home organisation.
    pub home: OrganisationId,
    /// The name.
    pub name: String,
    /// The address.
    pub email: Email,
    /// What they are written to in.
    pub language: Language,
}

/// Makes an account and its membership at home. False: the address, or one that looks the same, has one already.
pub fn create(tx: &mut Tx, _: Deployment, new: &NewPerson, now: Time) -> Result<bool> {
    let made = tx.run(
        "INSERT INTO person (id, home_organisation, name, email, email_canonical, email_skeleton, language, epoch, made_at, first_sign_in_at, disabled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, NULL, NULL) ON CONFLICT DO NOTHING",
        &[&new.id, &new.home, &new.name, &new.email.written, &new.email.canonical, &new.email.skeleton, &new.language, &now],
    )?;
    if made == 1 {
        join(tx, Organisation(new.home), new.id, now)?;
    }
    Ok(made == 1)
}

/// Whether this address, or one that looks the same, has an account.
pub fn is_taken(view: &mut View, _: Deployment, email: &Email) -> Result<bool> {
    let found: Vec<PersonId> = view.all(
        "SELECT id FROM person WHERE email_canonical = ?1 OR email_skeleton = ?2",
        &[&email.canonical, &email.skeleton],
    )?;
    Ok(!found.is_empty())
}

/// Makes a person a member.
pub fn join(tx: &mut Tx, organisation: Organisation, person: PersonId, now: Time) -> Result<()> {
    tx.run(
        "INSERT INTO membership (organisation, person, joined_at) VALUES (?1, ?2, ?3) ON CONFLICT (organisation, person) DO NOTHING",
        &[&organisation.0, &person, &now],
    )?;
    lasting::list_anew(tx, person)
}

/// The account of this canonical address.
pub fn by_email(view: &mut View, _: Deployment, canonical: &str) -> Result<Option<Person>> {
    view.maybe(
        "SELECT id, home_organisation, name, email, email_canonical, language, epoch, first_sign_in_at, disabled_at, last_sign_in_at, factors AS kinds
         FROM person WHERE email_canonical = ?1",
        &[&canonical],
    )
}

/// The account of this id.
pub fn person(view: &mut View, _: Deployment, id: PersonId) -> Result<Option<Person>> {
    view.maybe(
        "SELECT id, home_organisation, name, email, email_canonical, language, epoch, first_sign_in_at, disabled_at, last_sign_in_at, factors AS kinds
         FROM person WHERE id = ?1",
        &[&id],
    )
}

/// What a session needs to know of its person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, read in one statement"
)]
pub struct PersonStanding {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What they are written to in.
    pub language: Language,
    /// Disabled people have no sessions.
    pub is_disabled: bool,
    /// Whether they are a member of the session's organisation.
    pub is_member: bool,
    /// Since when they are.
    pub joined_at: Option<Time>,
    /// The kinds of authenticators that they have beside the password.
    pub kinds: Kinds,
    /// Their first sign-in to this organisation under a policy that demands a second factor.
    pub grace_from: Option<Time>,
    /// Their second factors were removed because they were lost, and they have added none since: no grace runs for them.
    pub has_lost_factors: bool,
    /// Whether they are a member of other organisations, too.
    pub has_others: bool,
}
from_row!(PersonStanding {
    name,
    email,
    language,
    is_disabled,
    is_member,
    joined_at,
    kinds,
    grace_from,
    has_lost_factors,
    has_others
});

/// A person's standing in an organisation, in one statement: this runs with every request. Whoever's home is shut is disabled everywhere, since
/// it answers for their credentials.
pub fn standing(view: &mut View, organisation: Organisation, id: PersonId) -> Result<Option<PersonStanding>> {
    view.maybe(
        "SELECT person.name, person.email, person.language, membership.joined_at, membership.joined_at IS NOT NULL AS is_member,
                (person.disabled_at IS NOT NULL OR home.suspended_at IS NOT NULL OR home.deleted_at IS NOT NULL) AS is_disabled,
                person.factors AS kinds, membership.grace_from, person.factors_lost_at IS NOT NULL AS has_lost_factors,
                EXISTS (SELECT 1 FROM membership AS other WHERE other.person = person.id AND other.organisation <> ?2) AS has_others
         FROM person JOIN organisation AS home ON home.id = person.home_organisation LEFT JOIN membership ON membership.organisation = ?2 AND membership.person = person.id WHERE person.id = ?1",
        &[&id, &organisation.0],
    )
}

/// Holds a person's row until the commit, where they are still who they were found to be. False: disabled, moved to another address, or in
/// another epoch, because all their sessions were ended meanwhile.
pub fn hold(tx: &mut Tx, _: Deployment, id: PersonId, canonical: &str, epoch: i64) -> Result<bool> {
    let held = tx.run(
        "UPDATE person SET epoch = epoch WHERE id = ?1 AND email_canonical = ?2 AND epoch = ?3 AND disabled_at IS NULL",
        &[&id, &canonical, &epoch],
    )?;
    Ok(held == 1)
}

/// Raises a person's epoch, so that no sign-in that is under way opens a session any more. Before their sessions are ended.
pub fn raise_epoch(tx: &mut Tx, _: Deployment, id: PersonId) -> Result<()> {
    tx.run("UPDATE person SET epoch = epoch + 1 WHERE id = ?1", &[&id])?;
    Ok(())
}

/// Changes a person's name.
pub fn rename(tx: &mut Tx, _: Deployment, id: PersonId, name: &str) -> Result<()> {
    tx.run_one("UPDATE person SET name = ?2 WHERE id = ?1", &[&id, &name])?;
    lasting::list_anew(tx, id)
}

/// Changes what a person is written to in.
pub fn change_language(tx: &mut Tx, _: Deployment, id: PersonId, language: Language) -> Result<()> {
    tx.run_one("UPDATE person SET language = ?2 WHERE id = ?1", &[&id, &language])
}

/// Remembers a sign-in: the first one for ever, and the last.
pub fn mark_sign_in(tx: &mut Tx, _: Deployment, id: PersonId, now: Time) -> Result<()> {
    tx.run(
        "UPDATE person SET first_sign_in_at = COALESCE(first_sign_in_at, ?2), last_sign_in_at = ?2 WHERE id = ?1",
        &[&id, &now],
    )?;
    Ok(())
}

/// Keeps which kinds of authenticators the person has now, as part of the transaction that changes them. A second factor makes up for lost ones.
pub fn set_kinds(tx: &mut Tx, _: Deployment, id: PersonId, kinds: Kinds) -> Result<()> {
    tx.run_one(
        "UPDATE person SET factors = ?2, factors_lost_at = CASE WHEN ?3 THEN NULL ELSE factors_lost_at END WHERE id = ?1",
        &[&id, &kinds, &kinds.has_factor()],
    )
}

/// Remembers that a person's second factors were removed because they were lost: where policy asks for one, the next sign-in adds one at once.
pub fn mark_factors_lost(tx: &mut Tx, _: Deployment, id: PersonId, now: Time) -> Result<()> {
    tx.run_one("UPDATE person SET factors_lost_at = ?2 WHERE id = ?1", &[&id, &now])
}

/// Begins the grace of a membership at this sign-in, unless it began under the present policy already. Answers when it began.
pub fn begin_grace(
    tx: &mut Tx,
    organisation: Organisation,
    id: PersonId,
    since: Time,
    now: Time,
) -> Result<Option<Time>> {
    tx.maybe(
        "UPDATE membership SET grace_from = CASE WHEN grace_from IS NULL OR grace_from < ?3 THEN ?4 ELSE grace_from END
         WHERE organisation = ?1 AND person = ?2 RETURNING grace_from",
        &[&organisation.0, &id, &since, &now],
    )
}

/// The names of these people; who is gone is not in the answer.
pub fn names(view: &mut View, _: Deployment, ids: &[PersonId]) -> Result<BTreeMap<PersonId, String>> {
    let mut found = BTreeMap::new();
    for id in ids {
        if found.contains_key(id) {
            continue;
        }
        if let Some(name) = view.maybe::<String>("SELECT name FROM person WHERE id = ?1", &[id])? {
            found.insert(*id, name);
        }
    }
    Ok(found)
}

/// Members whose name or address has this in it, whatever the case, in the order of their names; at most so many.
pub fn find_members(view: &mut View, organisation: Organisation, part: &str, most: usize) -> Result<Vec<PersonId>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    view.all(
        "SELECT person FROM membership WHERE organisation = ?1 AND (?2 IS NULL OR search LIKE ?2 ESCAPE '\\')
         ORDER BY sort_name, person LIMIT ?3",
        &[&organisation.0, &crate::decide::pattern(part), &most],
    )
}

/// How many members an organisation has.
pub fn count_members(view: &mut View, organisation: Organisation) -> Result<i64> {
    view.one(
        "SELECT COUNT(*) FROM membership WHERE organisation = ?1",
        &[&organisation.0],
    )
}

/// A line of the operator's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The id.
    pub id: PersonId,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The home organisation's name.
    pub organisation: String,
    /// When disabled.
    pub disabled_at: Option<Time>,
}
from_row!(Listed {
    id,
    name,
    email,
    organisation,
    disabled_at
});

/// The people of the deployment after this one, in the order of their ids; at most `limit`.
pub fn list(view: &mut View, _: Deployment, after: Option<PersonId>, limit: i64) -> Result<Vec<Listed>> {
    view.all(
        "SELECT person.id, person.name, person.email, organisation.name AS organisation, person.disabled_at
         FROM person JOIN organisation ON organisation.id = person.home_organisation
         WHERE ?1 IS NULL OR person.id > ?1 ORDER BY person.id LIMIT ?2",
        &[&after, &limit],
    )
}

/// Keeps the link of a notice. Old ones go.
pub fn keep_alarm_link(
    tx: &mut Tx,
    _: Deployment,
    hash: &[u8; 32],
    person: PersonId,
    now: Time,
    ends_at: Time,
) -> Result<()> {
    tx.run(
        "DELETE FROM alarm_link WHERE hash IN (SELECT hash FROM alarm_link WHERE ends_at <= ?1 ORDER BY ends_at LIMIT 100)",
        &[&now],
    )?;
    tx.run_one(
        "INSERT INTO alarm_link (hash, person, made_at, ends_at) VALUES (?1, ?2, ?3, ?4)",
        &[hash, &person, &now, &ends_at],
    )
}

/// Whose link it is, while it works.
pub fn find_alarm_link(view: &mut View, _: Deployment, hash: &[u8; 32], now: Time) -> Result<Option<PersonId>> {
    view.maybe(
        "SELECT person FROM alarm_link WHERE hash = ?1 AND ends_at > ?2",
        &[hash, &now],
    )
}

/// Spends the link.
pub fn claim_alarm_link(tx: &mut Tx, _: Deployment, hash: &[u8; 32], now: Time) -> Result<Option<PersonId>> {
    tx.maybe(
        "DELETE FROM alarm_link WHERE hash = ?1 AND ends_at > ?2 RETURNING person",
        &[hash, &now],
    )
}

/// Ends the links of notices made since then.
pub fn void_alarm_links(tx: &mut Tx, _: Deployment, person: PersonId, since: Time) -> Result<()> {
    tx.run(
        "DELETE FROM alarm_link WHERE person = ?1 AND made_at >= ?2",
        &[&person, &since],
    )?;
    Ok(())
}

/// Gives the person another address. False: it, or one that looks the same, has an account.
pub fn change_email(tx: &mut Tx, _: Deployment, person: PersonId, email: &Email) -> Result<bool> {
    // Two people who want one address at the same moment: the second finds it taken.
    tx.lock(Lock::on("email", email.skeleton.as_bytes()))?;
    let taken: Vec<PersonId> = tx.all(
        "SELECT id FROM person WHERE (email_canonical = ?2 OR email_skeleton = ?3) AND id <> ?1",
        &[&person, &email.canonical, &email.skeleton],
    )?;
    if !taken.is_empty() {
        return Ok(false);
    }
    tx.run_one(
        "UPDATE person SET email = ?2, email_canonical = ?3, email_skeleton = ?4 WHERE id = ?1",
        &[&person, &email.written, &email.canonical, &email.skeleton],
    )?;
    lasting::list_anew(tx, person)?;
    Ok(true)
}
