//! The SQL of roles and who holds them.
pub(crate) mod giving;
pub(crate) mod groups;
pub(crate) mod lists;
pub(crate) mod refusals;

use crate::built_in::{self, BUILT_IN, OWNER};
use ground::{
    db::{FromRow, Result, Row, Tx, View},
    from_row,
};
use kernel::{Action, Chance, Grant, Organisation, OrganisationId, Permissions, PersonId, RoleId, Scope, SiteId, Time};
use uuid::Uuid;

/// A role of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// What it is for; may be empty.
    pub description: String,
    /// Whether it came with the product.
    pub is_built_in: bool,
    /// What it allows.
    pub permissions: Permissions,
}

/// Fresh ids for the built-in roles of one organisation, drawn outside the transaction.
pub fn seed_ids(now: Time, chance: &Chance) -> [RoleId; 6] {
    std::array::from_fn(|_| RoleId::new(now, chance))
}

/// Gives an organisation its built-in roles.
pub fn seed(tx: &mut Tx, organisation: Organisation, ids: &[RoleId; 6]) -> Result<()> {
    for (name, id) in BUILT_IN.iter().zip(ids) {
        tx.run_one(
            "INSERT INTO role (organisation, id, name, is_built_in, permissions, description) VALUES (?1, ?2, ?3, TRUE, 0, '')",
            &[&organisation.0, id, name],
        )?;
    }
    Ok(())
}

/// Gives a member the built-in role of this name. Who holds it already goes on holding it.
pub fn hold_by_name(tx: &mut Tx, organisation: Organisation, person: PersonId, role: &str) -> Result<()> {
    tx.run(
        "INSERT INTO membership_grant (organisation, person, role, scope_kind, scope)
         SELECT organisation, ?2, id, 'everything', organisation FROM role WHERE organisation = ?1 AND name = ?3 AND is_built_in
         ON CONFLICT (organisation, person, role, scope_kind, scope) DO NOTHING",
        &[&organisation.0, &person, &role],
    )?;
    Ok(())
}

/// A role as kept, as far as a decision needs it.
pub(crate) struct RoleRow {
    id: RoleId,
    name: String,
    is_built_in: bool,
    permissions: i64,
}
from_row!(RoleRow {
    id,
    name,
    is_built_in,
    permissions
});

impl RoleRow {
    fn permissions(&self) -> Permissions {
        if self.is_built_in {
            built_in::permissions(&self.name)
        } else {
            Permissions::from_bits(self.permissions)
        }
    }
}

impl FromRow for Role {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let kept = RoleRow::from_row(row)?;
        Ok(Self {
            id: kept.id,
            description: row.get("description")?,
            is_built_in: kept.is_built_in,
            permissions: kept.permissions(),
            name: kept.name,
        })
    }
}

/// The roles of an organisation: those that came with the product first, the widest of them first, then its own by name.
pub fn list(view: &mut View, organisation: Organisation) -> Result<Vec<Role>> {
    let mut roles: Vec<Role> = view.all(
        "SELECT id, name, is_built_in, permissions, description FROM role WHERE organisation = ?1 ORDER BY id",
        &[&organisation.0],
    )?;
    let rank = |role: &Role| BUILT_IN.iter().position(|name| role.is_built_in && *name == role.name);
    roles.sort_by_cached_key(|role| (rank(role).unwrap_or(BUILT_IN.len()), role.name.to_lowercase()));
    Ok(roles)
}

/// A role of the organisation.
pub fn find(view: &mut View, organisation: Organisation, id: RoleId) -> Result<Option<Role>> {
    view.maybe(
        "SELECT id, name, is_built_in, permissions, description FROM role WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id],
    )
}

/// Keeps a new role of the organisation's own. False: its name is taken.
pub(crate) fn insert(tx: &mut Tx, organisation: Organisation, role: &Role) -> Result<bool> {
    let made = tx.run(
        "INSERT INTO role (organisation, id, name, is_built_in, permissions, description) VALUES (?1, ?2, ?3, FALSE, ?4, ?5)
         ON CONFLICT (organisation, name) DO NOTHING",
        &[&organisation.0, &role.id, &role.name, &role.permissions.bits(), &role.description],
    )?;
    Ok(made == 1)
}

/// Changes a role of the organisation's own. The name has been found free, under the organisation's lock.
pub(crate) fn update(tx: &mut Tx, organisation: Organisation, role: &Role) -> Result<()> {
    tx.run_one(
        "UPDATE role SET name = ?3, permissions = ?4, description = ?5 WHERE organisation = ?1 AND id = ?2 AND NOT is_built_in",
        &[&organisation.0, &role.id, &role.name, &role.permissions.bits(), &role.description],
    )
}

/// Removes a role of the organisation's own that nobody holds.
pub(crate) fn delete(tx: &mut Tx, organisation: Organisation, id: RoleId) -> Result<()> {
    tx.run_one(
        "DELETE FROM role WHERE organisation = ?1 AND id = ?2 AND NOT is_built_in",
        &[&organisation.0, &id],
    )
}

/// A scope as it is kept: its kind, and what it names; the organisation itself for everything.
pub(crate) fn kept(organisation: Organisation, scope: Scope) -> (&'static str, Uuid) {
    match scope {
        Scope::Everything => ("everything", organisation.0.0),
        Scope::Customer(id) => ("customer", id.0),
        Scope::Site(id) => ("site", id.0),
    }
}

/// A role that somebody holds, as kept: by themselves, or by a group that they are in.
pub(crate) struct GrantRow {
    role: RoleRow,
    scope_kind: String,
    scope: Uuid,
    people_group: Option<String>,
}

impl FromRow for GrantRow {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            role: RoleRow::from_row(row)?,
            scope_kind: row.get("scope_kind")?,
            scope: row.get("scope")?,
            people_group: row.get("people_group")?,
        })
    }
}

impl GrantRow {
    pub(crate) fn into_grant(self) -> Option<Grant> {
        let scope = match self.scope_kind.as_str() {
            "everything" => Scope::Everything,
            "customer" => Scope::Customer(OrganisationId(self.scope)),
            "site" => Scope::Site(SiteId(self.scope)),
            // Of a newer program: what is not understood grants nothing.
            _ => return None,
        };
        Some(Grant {
            role: self.role.id,
            permissions: self.role.permissions(),
            name: self.role.name,
            is_built_in: self.role.is_built_in,
            scope,
            group: self.people_group,
        })
    }
}

/// The roles that a person holds in an organisation, their own first, then those of their groups.
pub fn grants(view: &mut View, organisation: Organisation, person: PersonId) -> Result<Vec<Grant>> {
    let rows: Vec<GrantRow> = view.all(
        "SELECT role.id, role.name, role.is_built_in, role.permissions, held.scope_kind, held.scope, held.people_group FROM (
           SELECT role, scope_kind, scope, NULL AS people_group FROM membership_grant WHERE organisation = ?1 AND person = ?2
           UNION ALL
           SELECT group_grant.role, group_grant.scope_kind, group_grant.scope, people_group.name FROM group_member
             JOIN group_grant ON group_grant.organisation = group_member.organisation AND group_grant.people_group = group_member.people_group
             JOIN people_group ON people_group.organisation = group_member.organisation AND people_group.id = group_member.people_group
             WHERE group_member.organisation = ?1 AND group_member.person = ?2
         ) AS held JOIN role ON role.organisation = ?1 AND role.id = held.role ORDER BY held.people_group IS NOT NULL, role.id, held.scope",
        &[&organisation.0, &person],
    )?;
    Ok(rows.into_iter().filter_map(GrantRow::into_grant).collect())
}

/// Who may do this everywhere in an organisation, by the roles that they hold; at most 100 of each role, disabled people left out.
pub fn holders(view: &mut View, organisation: Organisation, action: Action) -> Result<Vec<PersonId>> {
    let roles: Vec<RoleRow> = view.all(
        "SELECT id, name, is_built_in, permissions FROM role WHERE organisation = ?1 ORDER BY id",
        &[&organisation.0],
    )?;
    let mut holders = Vec::new();
    for role in roles.iter().filter(|role| role.permissions().contains(action)) {
        let people: Vec<PersonId> = view.all(
            "SELECT person.id FROM (
               SELECT person FROM membership_grant WHERE organisation = ?1 AND role = ?2 AND scope_kind = 'everything'
               UNION
               SELECT group_member.person FROM group_grant JOIN group_member
                 ON group_member.organisation = group_grant.organisation AND group_member.people_group = group_grant.people_group
                 WHERE group_grant.organisation = ?1 AND group_grant.role = ?2 AND group_grant.scope_kind = 'everything'
             ) AS held JOIN person ON person.id = held.person WHERE person.disabled_at IS NULL ORDER BY person.id LIMIT 100",
            &[&organisation.0, &role.id],
        )?;
        holders.extend(people);
    }
    holders.sort_unstable();
    holders.dedup();
    Ok(holders)
}

/// Whether this person is an owner of the organisation by themselves, and whether another one who is not disabled could act.
pub fn ownership(view: &mut View, organisation: Organisation, person: PersonId) -> Result<(bool, bool)> {
    let (own, others): (i64, i64) = view.one(
        "SELECT COUNT(*) FILTER (WHERE person.id = ?2), COUNT(*) FILTER (WHERE person.id <> ?2 AND person.disabled_at IS NULL)
         FROM membership_grant JOIN role ON role.organisation = membership_grant.organisation AND role.id = membership_grant.role
         JOIN person ON person.id = membership_grant.person
         WHERE membership_grant.organisation = ?1 AND membership_grant.scope_kind = 'everything' AND role.is_built_in AND role.name = ?3",
        &[&organisation.0, &person, &OWNER],
    )?;
    Ok((own > 0, others > 0))
}
