//! The SQL of groups of people who hold roles together. Every change here is made under the organisation's lock.
//! Must never happen: somebody in a group who is no member of the organisation.
use super::{GrantRow, kept, lists::Who};
use crate::told::Told;
use ground::{
    db::{FromRow, Result, Row, Tx, View},
    from_row,
};
use kernel::{GroupId, Organisation, PersonId, RoleId, Scope, Time};

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// How many people are in it.
    pub people: i64,
}
from_row!(Group { id, name, people });

/// The groups of an organisation, by name.
pub fn list(view: &mut View, organisation: Organisation) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = view.all(
        "SELECT id, name, (SELECT COUNT(*) FROM group_member
           WHERE group_member.organisation = people_group.organisation AND group_member.people_group = people_group.id) AS people
         FROM people_group WHERE organisation = ?1 ORDER BY id",
        &[&organisation.0],
    )?;
    groups.sort_by_cached_key(|group| group.name.to_lowercase());
    Ok(groups)
}

/// The name of a group.
pub fn name(view: &mut View, organisation: Organisation, id: GroupId) -> Result<Option<String>> {
    view.maybe(
        "SELECT name FROM people_group WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id],
    )
}

/// Keeps a new group.
pub fn insert(tx: &mut Tx, organisation: Organisation, id: GroupId, name: &str, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO people_group (organisation, id, name, made_at) VALUES (?1, ?2, ?3, ?4)",
        &[&organisation.0, &id, &name, &now],
    )
}

/// Gives a group another name.
pub fn rename(tx: &mut Tx, organisation: Organisation, id: GroupId, name: &str) -> Result<()> {
    tx.run_one(
        "UPDATE people_group SET name = ?3 WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id, &name],
    )
}

/// Removes a group with all that hangs on it.
pub fn delete(tx: &mut Tx, organisation: Organisation, id: GroupId) -> Result<()> {
    tx.run(
        "DELETE FROM group_grant WHERE organisation = ?1 AND people_group = ?2",
        &[&organisation.0, &id],
    )?;
    tx.run(
        "DELETE FROM group_member WHERE organisation = ?1 AND people_group = ?2",
        &[&organisation.0, &id],
    )?;
    tx.run_one(
        "DELETE FROM people_group WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id],
    )
}

/// The people of a group, in the order of their ids.
pub fn members(view: &mut View, organisation: Organisation, id: GroupId) -> Result<Vec<Who>> {
    view.all(
        "SELECT person.id, person.name, person.email FROM group_member JOIN person ON person.id = group_member.person
         WHERE group_member.organisation = ?1 AND group_member.people_group = ?2 ORDER BY person.id",
        &[&organisation.0, &id],
    )
}

/// Takes a member into a group. False: they are in it, or are no member of the organisation.
pub fn add(tx: &mut Tx, organisation: Organisation, id: GroupId, person: PersonId) -> Result<bool> {
    let added = tx.run(
        "INSERT INTO group_member (organisation, person, people_group)
         SELECT organisation, person, ?2 FROM membership WHERE organisation = ?1 AND person = ?3
         ON CONFLICT (organisation, person, people_group) DO NOTHING",
        &[&organisation.0, &id, &person],
    )?;
    Ok(added == 1)
}

/// Takes somebody out of a group.
pub fn remove(tx: &mut Tx, organisation: Organisation, id: GroupId, person: PersonId) -> Result<()> {
    tx.run(
        "DELETE FROM group_member WHERE organisation = ?1 AND people_group = ?2 AND person = ?3",
        &[&organisation.0, &id, &person],
    )?;
    Ok(())
}

struct HeldRow {
    grant: GrantRow,
    place: Option<String>,
    group: GroupId,
}

impl FromRow for HeldRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            grant: GrantRow::from_row(row)?,
            place: row.get("place")?,
            group: row.get("of_group")?,
        })
    }
}

/// What the groups of an organisation hold; of one group, where it is named.
pub fn grants(view: &mut View, organisation: Organisation, only: Option<GroupId>) -> Result<Vec<(GroupId, Told)>> {
    let rows: Vec<HeldRow> = view.all(
        "SELECT role.id, role.name, role.is_built_in, role.permissions, group_grant.scope_kind, group_grant.scope, NULL AS people_group,
                group_grant.people_group AS of_group, COALESCE(site.name, customer.name) AS place
         FROM group_grant JOIN role ON role.organisation = group_grant.organisation AND role.id = group_grant.role
         LEFT JOIN site ON group_grant.scope_kind = 'site' AND site.organisation = ?1 AND site.id = group_grant.scope
         LEFT JOIN organisation AS customer ON group_grant.scope_kind = 'customer' AND customer.id = group_grant.scope AND customer.parent = ?1
         WHERE group_grant.organisation = ?1 AND (?2 IS NULL OR group_grant.people_group = ?2)
         ORDER BY group_grant.people_group, role.id, group_grant.scope",
        &[&organisation.0, &only],
    )?;
    let told = rows.into_iter().filter_map(|row| {
        let (group, place) = (row.group, row.place);
        let grant = row.grant.into_grant()?;
        Some((group, Told { grant, place }))
    });
    Ok(told.collect())
}

/// Gives a group a role.
pub fn give(tx: &mut Tx, organisation: Organisation, id: GroupId, role: RoleId, scope: Scope) -> Result<()> {
    let (kind, of) = kept(organisation, scope);
    tx.run(
        "INSERT INTO group_grant (organisation, people_group, role, scope_kind, scope) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (organisation, people_group, role, scope_kind, scope) DO NOTHING",
        &[&organisation.0, &id, &role, &kind, &of],
    )?;
    Ok(())
}

/// Takes a role away from a group.
pub fn take(tx: &mut Tx, organisation: Organisation, id: GroupId, role: RoleId, scope: Scope) -> Result<()> {
    let (kind, of) = kept(organisation, scope);
    tx.run(
        "DELETE FROM group_grant WHERE organisation = ?1 AND people_group = ?2 AND role = ?3 AND scope_kind = ?4 AND scope = ?5",
        &[&organisation.0, &id, &role, &kind, &of],
    )?;
    Ok(())
}
