//! The end of somebody's place in an organisation: at home the account goes, with every membership, session and key; elsewhere the membership alone.
//! Must never happen: an organisation without an owner; a way in that outlives it.
use crate::{
    change::{Acting, Done, Stop, member_for, organisation_lock},
    decide::Verb,
    store::list,
};
use ground::{db::Tx, journal};
use kernel::{Deployment, Event, EventKind, Organisation, OrganisationId, PersonId, Reason};

/// Removes a member. At home the account goes for good and its address is free again; elsewhere the membership ends.
pub(crate) fn remove(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<()> {
    let events = removed(tx, acting, id)?;
    journal::append_all(tx, &events)?;
    Ok(())
}

/// The same, its events still to be told.
pub(crate) fn removed(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<Vec<Event>> {
    let member = list::member(tx, acting.organisation(), id)?.ok_or(Stop::Absent)?;
    if member.home == acting.caller.organisation {
        account(tx, acting, id)
    } else {
        membership(tx, acting, id)
    }
}

fn membership(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<Vec<Event>> {
    let organisation = acting.organisation();
    tx.lock(acting.lock())?;
    member_for(tx, acting, id, Verb::Remove)?;
    let mut events = leave(tx, acting, organisation.0, id)?;
    events.push(acting.event(EventKind::MembershipEnded, organisation.0, id));
    Ok(events)
}

/// Takes away what somebody holds in an organisation, and the membership with it.
fn leave(tx: &mut Tx, acting: &Acting<'_>, organisation: OrganisationId, id: PersonId) -> Done<Vec<Event>> {
    let scope = Organisation(organisation);
    let granted = roles::leave(tx, scope, id)?.map_err(Stop::Refused)?;
    tokens::end_of_member(tx, scope, id)?;
    people::leave(tx, scope, id)?;
    let chance = &acting.ground.chance;
    Ok(granted.events(organisation, id, Some(acting.caller), acting.now, chance))
}

fn account(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<Vec<Event>> {
    // INVARIANT: the locks of every organisation that they are a member of, in the order of their ids, before their own; facts after all.
    let is_last = !roles::last_owner_in(tx, id)?.is_empty();
    tx.lock(acting.lock())?;
    tx.lock(factors::person_lock(id))?;
    member_for(tx, acting, id, Verb::Remove)?;
    if is_last {
        return Err(Stop::Refused(Reason::LastOwner));
    }
    let home = acting.caller.organisation;
    let mut events = Vec::new();
    for organisation in people::memberships(tx, Deployment, id)? {
        // What hung on a membership that has just ended may be gone with it.
        if organisation != home && list::member(tx, Organisation(organisation), id)?.is_none() {
            continue;
        }
        tx.lock(organisation_lock(organisation))?;
        events.extend(leave(tx, acting, organisation, id)?);
        let kind = if organisation == home {
            EventKind::PersonRemoved
        } else {
            EventKind::MembershipEnded
        };
        events.push(acting.event(kind, organisation, id));
    }
    tokens::end_of_person(tx, Deployment, id)?;
    people::remove_account(tx, Deployment, id, acting.now)?;
    sessions::end_others(tx, Deployment, id, None, Reason::SessionPersonGone, acting.now)?;
    Ok(events)
}
