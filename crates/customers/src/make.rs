//! A customer is made: with its roles, its first site, and whoever made it as its owner, who can be seen there and sent away.
use crate::change::{Undo, event};
use ground::{
    Ground, Permit,
    db::{Lock, Tx},
    journal,
};
use kernel::{Deployment, EventKind, Organisation, OrganisationId, Reason, RoleId, Scope, SiteId, Time, act};
use organisations::{Found, NewOrganisation};
use roles::{Giver, Wanted};

/// What is drawn outside the transaction.
#[derive(Clone)]
pub(crate) struct Draw {
    id: OrganisationId,
    site: SiteId,
    roles: [RoleId; 6],
}

impl Draw {
    pub fn new(ground: &Ground, now: Time) -> Self {
        Self {
            id: OrganisationId::new(now, &ground.chance),
            site: SiteId::new(now, &ground.chance),
            roles: roles::seed_ids(now, &ground.chance),
        }
    }
}

/// The lock under which an organisation's tree and the rights in it are changed.
pub(crate) fn lock(organisation: OrganisationId) -> Lock {
    Lock::on("organisation", organisation.0.as_bytes())
}

/// Makes a customer of the caller's organisation.
pub(crate) fn make(
    tx: &mut Tx,
    ground: &Ground,
    permit: &Permit<act::MakeOrganisations>,
    name: &str,
    draw: &Draw,
) -> Result<Found, Undo> {
    let (caller, now) = (permit.caller(), permit.now());
    let above = Organisation(caller.organisation);
    tx.lock(lock(above.0))?;
    let own = organisations::find(tx, Deployment, above.0)?;
    if own.is_none_or(|own| own.parent.is_some()) {
        return Err(Undo::Refused(Reason::CustomerOfCustomer));
    }
    if organisations::customer_named(tx, above, name)?.is_some() {
        return Err(Undo::Refused(Reason::CustomerNameTaken));
    }
    let new = NewOrganisation {
        id: draw.id,
        parent: Some(above.0),
        name: name.to_owned(),
        site: draw.site,
    };
    let made = Organisation(draw.id);
    organisations::create(tx, Deployment, &new, now)?;
    roles::seed(tx, made, &draw.roles)?;
    let mut events = own_it(tx, ground, permit, made.0)?;
    events.extend([above.0, made.0].map(|stream| event(permit, ground, stream, EventKind::OrganisationMade, name)));
    journal::append_all(tx, &events)?;
    let found = organisations::find(tx, Deployment, draw.id)?;
    found.ok_or(Undo::Refused(Reason::RequestNotFound))
}

/// Makes the caller an owner of a customer: by a grant for it in their own organisation, and the membership there that comes of it. Answers the
/// events that tell it.
fn own_it(
    tx: &mut Tx,
    ground: &Ground,
    permit: &Permit<act::MakeOrganisations>,
    customer: OrganisationId,
) -> Result<Vec<kernel::Event>, Undo> {
    let caller = permit.caller();
    give_owner(
        tx,
        ground,
        (caller, permit.now()),
        Organisation(caller.organisation),
        customer,
    )
}

/// The same in any organisation above that the caller is a member of.
pub(crate) fn give_owner(
    tx: &mut Tx,
    ground: &Ground,
    (caller, now): (&ground::Caller, Time),
    above: Organisation,
    customer: OrganisationId,
) -> Result<Vec<kernel::Event>, Undo> {
    let held = roles::grants(tx, above, caller.person)?;
    let own = held.iter().filter(|grant| grant.group.is_none());
    let mut wanted: Vec<Wanted> = own
        .map(|grant| Wanted {
            role: grant.role,
            scope: grant.scope,
        })
        .collect();
    let all = roles::list(tx, above)?;
    let owner = all.iter().find(|role| role.is_built_in && role.name == roles::OWNER);
    let owner = owner.ok_or(Undo::Refused(Reason::RoleUnknown))?;
    wanted.push(Wanted {
        role: owner.id,
        scope: Scope::Customer(customer),
    });
    let granted = roles::set_grants(tx, above, Giver::Operator, caller.person, &wanted, now)?;
    let granted = granted.map_err(Undo::Refused)?;
    Ok(granted.events(above.0, caller.person, Some(caller), now, &ground.chance))
}
