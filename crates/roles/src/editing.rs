//! Making, changing and removing an organisation's own roles and groups. For the pages and the API. Each takes the organisation's lock.
//! Must never happen: a role or group that is wider than whoever makes it; a built-in role changed; half of a change kept.
use crate::{
    decide::{check_description, check_name},
    giving::{self, Giver, MOST, Settled, Stop, Wanted, whole},
    store::{self, Role, groups, lists},
    told::{Granted, Told},
};
use ground::db::{Result, Tx, View};
use kernel::{GroupId, Organisation, Permissions, PersonId, Reason, RoleId, Scope, Time};
use std::collections::BTreeSet;

/// Roles of its own that an organisation has at most.
const MOST_ROLES: usize = 50;
/// Groups that an organisation has at most.
const MOST_GROUPS: usize = 200;
/// People in a group at most.
const MOST_PEOPLE: usize = 1_000;

/// A role as it is to be.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub name: String,
    pub description: String,
    pub permissions: Permissions,
}

impl Draft {
    /// With its texts brought into order, or what is wrong with which field.
    pub fn checked(self) -> std::result::Result<Self, (&'static str, Reason)> {
        Ok(Self {
            name: check_name(&self.name).map_err(|reason| ("name", reason))?,
            description: check_description(&self.description).map_err(|reason| ("description", reason))?,
            ..self
        })
    }
    fn into_role(self, id: RoleId) -> Role {
        Role {
            id,
            name: self.name,
            description: self.description,
            is_built_in: false,
            permissions: self.permissions,
        }
    }
}

/// Whether two names would be taken for one.
fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Makes a role of the organisation's own.
pub(crate) fn make_role(
    tx: &mut Tx,
    organisation: Organisation,
    giver: Giver<'_>,
    id: RoleId,
    draft: Draft,
) -> Result<Settled<Role>> {
    tx.lock(giving::lock(organisation.0))?;
    let roles = store::list(tx, organisation)?;
    if !giver.may(draft.permissions, Scope::Everything) {
        return Ok(Err(Reason::GrantBeyondYou));
    }
    if roles.iter().filter(|role| !role.is_built_in).count() >= MOST_ROLES {
        return Ok(Err(Reason::RolesTooMany));
    }
    if roles.iter().any(|role| is_same(&role.name, &draft.name)) {
        return Ok(Err(Reason::RoleNameTaken));
    }
    let role = draft.into_role(id);
    if !store::insert(tx, organisation, &role)? {
        return Ok(Err(Reason::RoleNameTaken));
    }
    Ok(Ok(role))
}

/// Changes a role of the organisation's own. What is added and what is taken out has to be held by whoever does it. Answers the old and the new one.
pub(crate) fn change_role(
    tx: &mut Tx,
    organisation: Organisation,
    giver: Giver<'_>,
    id: RoleId,
    draft: Draft,
) -> Result<Settled<(Role, Role)>> {
    tx.lock(giving::lock(organisation.0))?;
    let roles = store::list(tx, organisation)?;
    let Some(old) = roles.iter().find(|role| role.id == id) else {
        return Ok(Err(Reason::RequestNotFound));
    };
    if old.is_built_in {
        return Ok(Err(Reason::RoleBuiltIn));
    }
    if !giver.may(old.permissions.differing(draft.permissions), Scope::Everything) {
        return Ok(Err(Reason::GrantBeyondYou));
    }
    if roles
        .iter()
        .any(|role| role.id != id && is_same(&role.name, &draft.name))
    {
        return Ok(Err(Reason::RoleNameTaken));
    }
    let new = draft.into_role(id);
    store::update(tx, organisation, &new)?;
    Ok(Ok((old.clone(), new)))
}

/// Removes a role of the organisation's own that nobody holds any more.
pub(crate) fn remove_role(
    tx: &mut Tx,
    organisation: Organisation,
    giver: Giver<'_>,
    id: RoleId,
) -> Result<Settled<Role>> {
    tx.lock(giving::lock(organisation.0))?;
    let Some(role) = store::find(tx, organisation, id)? else {
        return Ok(Err(Reason::RequestNotFound));
    };
    if role.is_built_in {
        return Ok(Err(Reason::RoleBuiltIn));
    }
    if !giver.may(role.permissions, Scope::Everything) {
        return Ok(Err(Reason::GrantBeyondYou));
    }
    if lists::is_held(tx, organisation, id)? {
        return Ok(Err(Reason::RoleHeld));
    }
    store::delete(tx, organisation, id)?;
    Ok(Ok(role))
}

fn labels(permissions: Permissions) -> String {
    let all: Vec<&str> = permissions.iter().map(kernel::Action::label).collect();
    all.join(", ")
}

/// A role and what it allows, in words.
pub(crate) fn told(role: &Role) -> String {
    format!("{}: {}", role.name, labels(role.permissions))
}

fn with(name: &str, parts: &[String]) -> String {
    if parts.is_empty() {
        name.to_owned()
    } else {
        format!("{name}: {}", parts.join("; "))
    }
}

/// What is different between two roles, in words.
pub(crate) fn difference(old: &Role, new: &Role) -> String {
    let mut parts = Vec::new();
    if old.name != new.name {
        parts.push(format!("was {}", old.name));
    }
    for (what, one, other) in [("added", new, old), ("taken out", old, new)] {
        let only = one.permissions.and(one.permissions.differing(other.permissions));
        if only != Permissions::NONE {
            parts.push(format!("{what} {}", labels(only)));
        }
    }
    with(&new.name, &parts)
}

/// A group as it is to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct GroupDraft {
    pub name: String,
    pub people: BTreeSet<PersonId>,
    pub roles: BTreeSet<Wanted>,
}

/// A group as it is.
pub(crate) fn draft_of(view: &mut View, organisation: Organisation, id: GroupId) -> Result<Option<GroupDraft>> {
    let Some(name) = groups::name(view, organisation, id)? else {
        return Ok(None);
    };
    let people = groups::members(view, organisation, id)?
        .into_iter()
        .map(|who| who.id)
        .collect();
    let held = groups::grants(view, organisation, Some(id))?;
    let roles = held.iter().map(|(_, told)| told.wanted()).collect();
    Ok(Some(GroupDraft { name, people, roles }))
}

/// Makes a group, or makes it what it is to be. Answers what is different now, in words.
pub(crate) fn set_group(
    tx: &mut Tx,
    organisation: Organisation,
    giver: Giver<'_>,
    (id, is_new): (GroupId, bool),
    draft: &GroupDraft,
    now: Time,
) -> Result<Settled<String>> {
    tx.lock(giving::lock(organisation.0))?;
    let all = groups::list(tx, organisation)?;
    if all
        .iter()
        .any(|group| group.id != id && is_same(&group.name, &draft.name))
    {
        return Ok(Err(Reason::GroupNameTaken));
    }
    let is_too_much = is_new && all.len() >= MOST_GROUPS;
    if is_too_much || draft.people.len() > MOST_PEOPLE || draft.roles.len() > MOST {
        return Ok(Err(Reason::RolesTooMany));
    }
    if draft
        .roles
        .iter()
        .any(|wanted| matches!(wanted.scope, Scope::Customer(_)))
    {
        return Ok(Err(Reason::RoleNotForGroup));
    }
    let Some(old) = old(tx, organisation, id, is_new)? else {
        return Ok(Err(Reason::RequestNotFound));
    };
    let held: Vec<Told> = groups::grants(tx, organisation, Some(id))?
        .into_iter()
        .map(|(_, told)| told)
        .collect();
    let wanted: Vec<Wanted> = draft.roles.iter().copied().collect();
    let granted = match giving::change(tx, organisation, giver, held, &wanted)? {
        Ok(granted) => granted,
        Err(reason) => return Ok(Err(reason)),
    };
    // Whoever comes or goes gains or loses all that the group holds.
    if old.people != draft.people && !giving::may_join(tx, organisation, giver, id)? {
        return Ok(Err(Reason::GrantBeyondYou));
    }
    whole(tx, |tx| {
        write_group(tx, organisation, (id, is_new), (&old, draft), &granted, now)
    })
}

fn old(view: &mut View, organisation: Organisation, id: GroupId, is_new: bool) -> Result<Option<GroupDraft>> {
    if is_new {
        Ok(Some(GroupDraft::default()))
    } else {
        draft_of(view, organisation, id)
    }
}

fn write_group(
    tx: &mut Tx,
    organisation: Organisation,
    (id, is_new): (GroupId, bool),
    (old, new): (&GroupDraft, &GroupDraft),
    granted: &Granted,
    now: Time,
) -> std::result::Result<String, Stop> {
    let mut parts = Vec::new();
    if is_new {
        groups::insert(tx, organisation, id, &new.name, now)?;
    } else if old.name != new.name {
        groups::rename(tx, organisation, id, &new.name)?;
        parts.push(format!("was {}", old.name));
    }
    for told in &granted.taken {
        groups::take(tx, organisation, id, told.grant.role, told.grant.scope)?;
    }
    for told in &granted.given {
        groups::give(tx, organisation, id, told.grant.role, told.grant.scope)?;
    }
    if !granted.is_empty() {
        parts.push(granted.words());
    }
    for person in old.people.difference(&new.people) {
        groups::remove(tx, organisation, id, *person)?;
    }
    for person in new.people.difference(&old.people) {
        if !groups::add(tx, organisation, id, *person)? {
            return Err(Stop::Refused(Reason::PersonNotMember));
        }
    }
    for (what, people) in [
        ("added", new.people.difference(&old.people)),
        ("taken out", old.people.difference(&new.people)),
    ] {
        let ids: Vec<PersonId> = people.copied().collect();
        let names = people::names(tx, kernel::Deployment, ids.get(..20).unwrap_or(&ids))?;
        if !ids.is_empty() {
            let more = if ids.len() > names.len() { " and others" } else { "" };
            let names: Vec<String> = names.into_values().collect();
            parts.push(format!("{what} {}{more}", names.join(", ")));
        }
    }
    Ok(with(&new.name, &parts))
}

/// Removes a group; its people lose what they held by it. Answers its name.
pub(crate) fn remove_group(
    tx: &mut Tx,
    organisation: Organisation,
    giver: Giver<'_>,
    id: GroupId,
) -> Result<Settled<String>> {
    tx.lock(giving::lock(organisation.0))?;
    let Some(name) = groups::name(tx, organisation, id)? else {
        return Ok(Err(Reason::RequestNotFound));
    };
    if !giving::may_join(tx, organisation, giver, id)? {
        return Ok(Err(Reason::GrantBeyondYou));
    }
    groups::delete(tx, organisation, id)?;
    Ok(Ok(name))
}
