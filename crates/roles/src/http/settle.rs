//! What is done to roles and groups, each with its event: for the pages and the API alike.
//! Must never happen: a change that the activity does not tell of; a giver who is somebody else than the caller.
use super::{Desk, event};
use crate::{
    editing::{self, Draft, GroupDraft},
    giving::{Giver, Settled},
    store::Role,
};
use ground::{
    Permit,
    db::{Result as Stored, Tx},
    journal,
};
use kernel::{Act, EventKind, GroupId, Organisation, RoleId};

/// Makes a role.
pub(super) fn make_role<A: Act>(
    tx: &mut Tx,
    permit: &Permit<A>,
    desk: &Desk,
    id: RoleId,
    draft: &Draft,
) -> Stored<Settled<Role>> {
    let (of, giver) = of(permit);
    let made = editing::make_role(tx, of, giver, id, draft.clone())?;
    if let Ok(role) = &made {
        journal::append(tx, &event(permit, desk, EventKind::RoleMade, editing::told(role)))?;
    }
    Ok(made)
}

/// Makes a role what it is to be.
pub(super) fn change_role<A: Act>(
    tx: &mut Tx,
    permit: &Permit<A>,
    desk: &Desk,
    id: RoleId,
    draft: &Draft,
) -> Stored<Settled<Role>> {
    let (of, giver) = of(permit);
    let changed = editing::change_role(tx, of, giver, id, draft.clone())?;
    if let Ok((old, new)) = &changed
        && old != new
    {
        let detail = editing::difference(old, new);
        journal::append(tx, &event(permit, desk, EventKind::RoleChanged, detail))?;
    }
    Ok(changed.map(|(_, new)| new))
}

/// Removes a role.
pub(super) fn remove_role<A: Act>(tx: &mut Tx, permit: &Permit<A>, desk: &Desk, id: RoleId) -> Stored<Settled<()>> {
    let (of, giver) = of(permit);
    let removed = editing::remove_role(tx, of, giver, id)?;
    if let Ok(role) = &removed {
        journal::append(tx, &event(permit, desk, EventKind::RoleRemoved, role.name.clone()))?;
    }
    Ok(removed.map(|_| ()))
}

/// Makes a group, or makes it what it is to be.
pub(super) fn set_group<A: Act>(
    tx: &mut Tx,
    permit: &Permit<A>,
    desk: &Desk,
    (id, is_new): (GroupId, bool),
    draft: &GroupDraft,
) -> Stored<Settled<()>> {
    let (of, giver) = of(permit);
    let words = match editing::set_group(tx, of, giver, (id, is_new), draft, permit.now())? {
        Ok(words) => words,
        Err(reason) => return Ok(Err(reason)),
    };
    let kind = if is_new {
        EventKind::GroupMade
    } else {
        EventKind::GroupChanged
    };
    journal::append(tx, &event(permit, desk, kind, words))?;
    Ok(Ok(()))
}

/// Removes a group.
pub(super) fn remove_group<A: Act>(tx: &mut Tx, permit: &Permit<A>, desk: &Desk, id: GroupId) -> Stored<Settled<()>> {
    let (of, giver) = of(permit);
    let removed = editing::remove_group(tx, of, giver, id)?;
    if let Ok(name) = &removed {
        journal::append(tx, &event(permit, desk, EventKind::GroupRemoved, name.clone()))?;
    }
    Ok(removed.map(|_| ()))
}

fn of<A: Act>(permit: &Permit<A>) -> (Organisation, Giver<'_>) {
    let caller = permit.caller();
    (Organisation(caller.organisation), Giver::Person(&caller.roles))
}
