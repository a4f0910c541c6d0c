//! The SQL of lists over roles: what the people of a list hold, who holds a role, and everything as data.
//! Must never happen: somebody named who is disabled, where it is asked who can do something now.
use super::{GrantRow, Role};
use crate::told::Told;
use ground::{
    db::{FromRow, Result, Row, View},
    from_row,
};
use kernel::{Action, Deployment, GroupId, On, Organisation, OrganisationId, PersonId, Reach, RoleId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many people are asked about in one statement.
const AT_ONCE: usize = 25;

struct HeldRow {
    person: PersonId,
    grant: GrantRow,
    place: Option<String>,
}

impl FromRow for HeldRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            person: row.get("person")?,
            grant: GrantRow::from_row(row)?,
            place: row.get("place")?,
        })
    }
}

/// What each of these people holds in an organisation, in words; who holds nothing is not in the answer.
pub fn names_of(
    view: &mut View,
    organisation: Organisation,
    people: &[PersonId],
) -> Result<BTreeMap<PersonId, Vec<Told>>> {
    let mut all: BTreeMap<PersonId, Vec<Told>> = BTreeMap::new();
    for part in people.chunks(AT_ONCE) {
        let Some(last) = part.last() else { continue };
        let at = |n: usize| *part.get(n).unwrap_or(last);
        let rows: Vec<HeldRow> = view.all(
            "SELECT held.person, role.id, role.name, role.is_built_in, role.permissions, held.scope_kind, held.scope, held.people_group,
                    COALESCE((SELECT site.name FROM site WHERE held.scope_kind = 'site' AND site.organisation = ?1 AND site.id = held.scope),
                      (SELECT customer.name FROM organisation AS customer WHERE held.scope_kind = 'customer' AND customer.id = held.scope
                         AND customer.parent = ?1)) AS place FROM (
               SELECT person, role, scope_kind, scope, NULL AS people_group FROM membership_grant
                 WHERE organisation = ?1 AND person IN (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                   ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)
               UNION ALL
               SELECT group_member.person, group_grant.role, group_grant.scope_kind, group_grant.scope, people_group.name FROM group_member
                 JOIN group_grant ON group_grant.organisation = group_member.organisation AND group_grant.people_group = group_member.people_group
                 JOIN people_group ON people_group.organisation = group_member.organisation AND people_group.id = group_member.people_group
                 WHERE group_member.organisation = ?1 AND group_member.person IN (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
                   ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)
             ) AS held JOIN role ON role.organisation = ?1 AND role.id = held.role
             ORDER BY held.people_group IS NOT NULL, role.id, held.scope",
            &[
                &organisation.0, &at(0), &at(1), &at(2), &at(3), &at(4), &at(5), &at(6), &at(7), &at(8), &at(9), &at(10), &at(11),
                &at(12), &at(13), &at(14), &at(15), &at(16), &at(17), &at(18), &at(19), &at(20), &at(21), &at(22), &at(23), &at(24),
            ],
        )?;
        for row in rows {
            if let Some(grant) = row.grant.into_grant() {
                all.entry(row.person).or_default().push(Told {
                    grant,
                    place: row.place,
                });
            }
        }
    }
    Ok(all)
}

/// Somebody in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}
from_row!(Who { id, name, email });

/// Which grants reach as far as the question goes: everything, and those of this kind with this scope; no scope for any of the kind.
fn reach(action: Action, on: On) -> (&'static str, Option<Uuid>) {
    match (action.reach(), on) {
        (Reach::Site, On::Site(id)) => ("site", Some(id.0)),
        (Reach::Customer, On::Customer(id)) => ("customer", Some(id.0)),
        (Reach::Site, On::Somewhere) => ("site", None),
        (Reach::Customer, On::Somewhere) => ("customer", None),
        _ => ("", None),
    }
}

/// Those of a role's holders, by themselves or by a group, who can do this on that; in the order of their ids after this one, disabled people left
/// out.
pub fn who(
    view: &mut View,
    organisation: Organisation,
    role: RoleId,
    (action, on): (Action, On),
    after: Option<PersonId>,
    limit: u32,
) -> Result<Vec<Who>> {
    let (kind, scope) = reach(action, on);
    let after = after.unwrap_or(PersonId(Uuid::nil()));
    view.all(
        "SELECT person.id, person.name, person.email FROM (
           SELECT person FROM membership_grant WHERE organisation = ?1 AND role = ?2 AND person > ?3
             AND (scope_kind = 'everything' OR (scope_kind = ?4 AND (?5 IS NULL OR scope = ?5)))
           UNION
           SELECT group_member.person FROM group_grant JOIN group_member
             ON group_member.organisation = group_grant.organisation AND group_member.people_group = group_grant.people_group
             WHERE group_grant.organisation = ?1 AND group_grant.role = ?2 AND group_member.person > ?3
             AND (group_grant.scope_kind = 'everything' OR (group_grant.scope_kind = ?4 AND (?5 IS NULL OR group_grant.scope = ?5)))
         ) AS held JOIN person ON person.id = held.person WHERE person.disabled_at IS NULL ORDER BY person.id LIMIT ?6",
        &[&organisation.0, &role, &after, &kind, &scope, &limit],
    )
}

/// Who holds a role, by themselves or by a group, wherever it holds; disabled people too.
pub fn of_role(view: &mut View, organisation: Organisation, role: RoleId, limit: u32) -> Result<Vec<Who>> {
    view.all(
        "SELECT person.id, person.name, person.email FROM (
           SELECT person FROM membership_grant WHERE organisation = ?1 AND role = ?2
           UNION
           SELECT group_member.person FROM group_grant JOIN group_member
             ON group_member.organisation = group_grant.organisation AND group_member.people_group = group_grant.people_group
             WHERE group_grant.organisation = ?1 AND group_grant.role = ?2
         ) AS held JOIN person ON person.id = held.person ORDER BY person.id LIMIT ?3",
        &[&organisation.0, &role, &limit],
    )
}

/// Whether anybody, or any group, holds a role.
pub fn is_held(view: &mut View, organisation: Organisation, role: RoleId) -> Result<bool> {
    view.one(
        "SELECT EXISTS (SELECT 1 FROM membership_grant WHERE organisation = ?1 AND role = ?2)
             OR EXISTS (SELECT 1 FROM group_grant WHERE organisation = ?1 AND role = ?2) AS is_held",
        &[&organisation.0, &role],
    )
}

/// An organisation as the export names it.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its id.
    pub id: OrganisationId,
    /// The organisation above.
    pub parent: Option<OrganisationId>,
    /// Its name.
    pub name: String,
}
from_row!(Named { id, parent, name });

/// The organisations of the deployment after this one, at most 500.
pub fn organisations(view: &mut View, _: Deployment, after: Option<OrganisationId>) -> Result<Vec<Named>> {
    let after = after.unwrap_or(OrganisationId(Uuid::nil()));
    view.all(
        "SELECT id, parent, name FROM organisation WHERE id > ?1 ORDER BY id LIMIT 500",
        &[&after],
    )
}

/// A grant as data: who or which group, which role, how far.
#[derive(Debug, Clone)]
pub struct GrantLine {
    /// The person, or the group.
    pub holder: Uuid,
    /// The role.
    pub role: RoleId,
    /// `everything`, `customer` or `site`.
    pub scope_kind: String,
    /// What it names; the organisation itself for everything.
    pub scope: Uuid,
}
from_row!(GrantLine {
    holder,
    role,
    scope_kind,
    scope
});

/// The grants of people in an organisation, of those after this one; at most 5,000, and none of a person's left out but for the last person's.
pub fn all_grants(view: &mut View, organisation: Organisation, after: Uuid) -> Result<Vec<GrantLine>> {
    view.all(
        "SELECT person AS holder, role, scope_kind, scope FROM membership_grant WHERE organisation = ?1 AND person > ?2
         ORDER BY person, role, scope_kind, scope LIMIT 5000",
        &[&organisation.0, &after],
    )
}

/// The grants of groups in an organisation.
pub fn all_group_grants(view: &mut View, organisation: Organisation) -> Result<Vec<GrantLine>> {
    view.all(
        "SELECT people_group AS holder, role, scope_kind, scope FROM group_grant WHERE organisation = ?1 ORDER BY people_group, role, scope_kind, scope",
        &[&organisation.0],
    )
}

/// The places in groups, of the people after this one; at most 5,000.
pub fn all_members(view: &mut View, organisation: Organisation, after: Uuid) -> Result<Vec<(PersonId, GroupId)>> {
    view.all(
        "SELECT person, people_group FROM group_member WHERE organisation = ?1 AND person > ?2 ORDER BY person, people_group LIMIT 5000",
        &[&organisation.0, &after],
    )
}

/// The names of the roles that have a permission, in the order of the list.
pub fn with_permission(roles: &[Role], action: Action) -> Vec<String> {
    let have_it = roles.iter().filter(|role| role.permissions.contains(action));
    have_it.map(|role| role.name.clone()).collect()
}
