//! The SQL of giving roles and taking them away, and of what is looked at before. Every change here is made under the organisation's lock.
//! Must never happen: a grant for a place of another organisation; an organisation whose last owner went because two looked at the same moment.
use super::{GrantRow, kept};
use crate::{built_in::OWNER, told::Told};
use ground::db::{FromRow, Result, Row, Tx, View};
use kernel::{Organisation, OrganisationId, PersonId, RoleId, Scope};

/// A grant with the name of what it is limited to.
struct ToldRow {
    grant: GrantRow,
    place: Option<String>,
}

impl FromRow for ToldRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            grant: GrantRow::from_row(row)?,
            place: row.get("place")?,
        })
    }
}

impl ToldRow {
    fn into_told(self) -> Option<Told> {
        let place = self.place;
        self.grant.into_grant().map(|grant| Told { grant, place })
    }
}

/// What a person holds in an organisation, in words: their own roles first, then those of their groups.
pub fn told(view: &mut View, organisation: Organisation, person: PersonId) -> Result<Vec<Told>> {
    let rows: Vec<ToldRow> = view.all(
        "SELECT role.id, role.name, role.is_built_in, role.permissions, held.scope_kind, held.scope, held.people_group,
                COALESCE(site.name, customer.name) AS place FROM (
           SELECT role, scope_kind, scope, NULL AS people_group FROM membership_grant WHERE organisation = ?1 AND person = ?2
           UNION ALL
           SELECT group_grant.role, group_grant.scope_kind, group_grant.scope, people_group.name FROM group_member
             JOIN group_grant ON group_grant.organisation = group_member.organisation AND group_grant.people_group = group_member.people_group
             JOIN people_group ON people_group.organisation = group_member.organisation AND people_group.id = group_member.people_group
             WHERE group_member.organisation = ?1 AND group_member.person = ?2
         ) AS held JOIN role ON role.organisation = ?1 AND role.id = held.role
         LEFT JOIN site ON held.scope_kind = 'site' AND site.organisation = ?1 AND site.id = held.scope
         LEFT JOIN organisation AS customer ON held.scope_kind = 'customer' AND customer.id = held.scope AND customer.parent = ?1
         ORDER BY held.people_group IS NOT NULL, role.id, held.scope",
        &[&organisation.0, &person],
    )?;
    Ok(rows.into_iter().filter_map(ToldRow::into_told).collect())
}

/// Gives it. Who holds it already goes on holding it.
pub fn give(tx: &mut Tx, organisation: Organisation, person: PersonId, role: RoleId, scope: Scope) -> Result<()> {
    let (kind, of) = kept(organisation, scope);
    tx.run(
        "INSERT INTO membership_grant (organisation, person, role, scope_kind, scope) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (organisation, person, role, scope_kind, scope) DO NOTHING",
        &[&organisation.0, &person, &role, &kind, &of],
    )?;
    Ok(())
}

/// Takes it away. False: it was not held.
pub fn take(tx: &mut Tx, organisation: Organisation, person: PersonId, role: RoleId, scope: Scope) -> Result<bool> {
    let (kind, of) = kept(organisation, scope);
    let taken = tx.run(
        "DELETE FROM membership_grant WHERE organisation = ?1 AND person = ?2 AND role = ?3 AND scope_kind = ?4 AND scope = ?5",
        &[&organisation.0, &person, &role, &kind, &of],
    )?;
    Ok(taken == 1)
}

/// Takes away every role and every place in a group that a member has.
pub fn take_all(tx: &mut Tx, organisation: Organisation, person: PersonId) -> Result<()> {
    tx.run(
        "DELETE FROM membership_grant WHERE organisation = ?1 AND person = ?2",
        &[&organisation.0, &person],
    )?;
    tx.run(
        "DELETE FROM group_member WHERE organisation = ?1 AND person = ?2",
        &[&organisation.0, &person],
    )?;
    Ok(())
}

/// Takes away what a person holds for one customer.
pub fn take_for(tx: &mut Tx, organisation: Organisation, person: PersonId, customer: OrganisationId) -> Result<u64> {
    tx.run(
        "DELETE FROM membership_grant WHERE organisation = ?1 AND person = ?2 AND scope_kind = 'customer' AND scope = ?3",
        &[&organisation.0, &person, &customer],
    )
}

/// Takes away everything that is limited to a customer or site that goes.
pub fn drop_scope(tx: &mut Tx, organisation: Organisation, scope: Scope) -> Result<()> {
    let (kind, of) = kept(organisation, scope);
    tx.run(
        "DELETE FROM membership_grant WHERE organisation = ?1 AND scope_kind = ?2 AND scope = ?3",
        &[&organisation.0, &kind, &of],
    )?;
    tx.run(
        "DELETE FROM group_grant WHERE organisation = ?1 AND scope_kind = ?2 AND scope = ?3",
        &[&organisation.0, &kind, &of],
    )?;
    Ok(())
}

/// Removes every grant, group and role of an organisation that is gone for good.
pub fn remove_all(tx: &mut Tx, organisation: Organisation) -> Result<()> {
    for sql in [
        "DELETE FROM membership_grant WHERE organisation = ?1",
        "DELETE FROM group_grant WHERE organisation = ?1",
        "DELETE FROM group_member WHERE organisation = ?1",
        "DELETE FROM people_group WHERE organisation = ?1",
        "DELETE FROM role WHERE organisation = ?1",
    ] {
        tx.run(sql, &[&organisation.0])?;
    }
    Ok(())
}

/// Whether a member holds any role by themselves.
pub fn holds_any(view: &mut View, organisation: Organisation, person: PersonId) -> Result<bool> {
    view.one(
        "SELECT EXISTS (SELECT 1 FROM membership_grant WHERE organisation = ?1 AND person = ?2) AS held",
        &[&organisation.0, &person],
    )
}

/// The built-in role of this name.
pub fn built_in(view: &mut View, organisation: Organisation, name: &str) -> Result<Option<RoleId>> {
    view.maybe(
        "SELECT id FROM role WHERE organisation = ?1 AND name = ?2 AND is_built_in",
        &[&organisation.0, &name],
    )
}

/// The organisations that a person owns by themselves, in the order of their ids.
pub fn owned(view: &mut View, person: PersonId) -> Result<Vec<OrganisationId>> {
    view.all(
        "SELECT membership_grant.organisation FROM membership
         JOIN membership_grant ON membership_grant.organisation = membership.organisation AND membership_grant.person = membership.person
         JOIN role ON role.organisation = membership_grant.organisation AND role.id = membership_grant.role
         WHERE membership.person = ?1 AND membership_grant.scope_kind = 'everything' AND role.is_built_in AND role.name = ?2
         ORDER BY membership_grant.organisation",
        &[&person, &OWNER],
    )
}
