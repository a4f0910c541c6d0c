//! An organisation is renamed, suspended, deleted, brought back, moved. One transaction, under the locks of all that are concerned.
//! Must never happen: a change of which half is kept; a customer that its last owner left with the organisation above.
use crate::{
    decide::{self, Verdict, Wish},
    make::{give_owner, lock},
};
use ground::{
    Caller, Ground, House, Permit,
    db::{self, Tx, View},
    house::Asked,
    journal,
};
use kernel::{Act, Action, Deployment, Event, EventKind, On, Organisation, OrganisationId, Outcome, Reason, Stream};
use organisations::{Found, State};

/// Why a change is undone.
#[derive(Debug)]
pub(crate) enum Undo {
    /// The store failed.
    Store(db::Error),
    /// A rule does not allow it.
    Refused(Reason),
    /// It is not there, or not the caller's to see.
    Absent,
    /// The caller may see it and not do this.
    Denied,
}

impl From<db::Error> for Undo {
    fn from(error: db::Error) -> Self {
        Self::Store(error)
    }
}

/// Does it wholly or not at all: what was refused half way is undone, and the transaction goes on.
pub(crate) fn wholly<T>(tx: &mut Tx, work: impl FnOnce(&mut Tx) -> Result<T, Undo>) -> db::Result<Result<T, Undo>> {
    match tx.attempt(work) {
        Err(Undo::Store(error)) => Err(error),
        done => Ok(done),
    }
}

/// An event of a change, in the log of one of those that it concerns.
pub(crate) fn event<A: Act>(
    permit: &Permit<A>,
    ground: &Ground,
    stream: OrganisationId,
    kind: EventKind,
    detail: &str,
) -> Event {
    let caller = permit.caller();
    let stream = Stream::Organisation(stream);
    let mut event = Event::new(stream, permit.now(), kind, Outcome::Done, &ground.chance).from(
        caller.device,
        &caller.device_label,
        &caller.network,
    );
    event.actor = Some(caller.person);
    detail.clone_into(&mut event.detail);
    event
}

/// What the caller may do with an organisation makes it one that they see: their own, or a customer of it.
pub(crate) fn seen(view: &mut View, caller: &Caller, id: OrganisationId) -> db::Result<Option<Found>> {
    let on = On::Customer(id);
    let sees = [
        Action::SeeOrganisations,
        Action::ChangeOrganisations,
        Action::DeleteOrganisations,
    ];
    let is_seen = sees.into_iter().any(|action| caller.may_on(action, on));
    let found = organisations::find(view, Deployment, id)?;
    Ok(found.filter(|found| found.id == caller.organisation || (found.parent == Some(caller.organisation) && is_seen)))
}

/// A request about an organisation.
pub(crate) struct Request<'a, A: Act> {
    pub house: &'a House,
    pub permit: &'a Permit<A>,
    /// The same request, as it would be about the organisation to move to.
    pub towards: Option<&'a Asked>,
}

/// Does all that is wished, in this order. Answers how it stands afterwards.
pub(crate) fn change<A: Act>(
    tx: &mut Tx,
    request: &Request<'_, A>,
    id: OrganisationId,
    wishes: &[Wish],
) -> Result<Found, Undo> {
    let caller = request.permit.caller();
    // INVARIANT: the one above before the customer, everywhere.
    tx.lock(lock(caller.organisation))?;
    if id != caller.organisation {
        tx.lock(lock(id))?;
    }
    // Also where nothing is wished for: what is not theirs to see is not there.
    seen(tx, caller, id)?.ok_or(Undo::Absent)?;
    let mut events = Vec::new();
    for wish in wishes {
        let found = seen(tx, caller, id)?.ok_or(Undo::Absent)?;
        match decide::judge(&found, caller.organisation, wish, |action, on| {
            caller.may_on(action, on)
        }) {
            Verdict::Nothing => {}
            Verdict::Denied => return Err(Undo::Denied),
            Verdict::Refused(reason) => return Err(Undo::Refused(reason)),
            Verdict::Go => events.extend(grant(tx, request, &found, wish)?),
        }
    }
    journal::append_all(tx, &events)?;
    organisations::find(tx, Deployment, id)?.ok_or(Undo::Absent)
}

/// One wish. Answers its events.
fn grant<A: Act>(tx: &mut Tx, request: &Request<'_, A>, found: &Found, wish: &Wish) -> Result<Vec<Event>, Undo> {
    let (permit, scope) = (request.permit, Organisation(found.id));
    let (kind, detail) = match wish {
        Wish::Name(name) => {
            if let Some(parent) = found.parent
                && organisations::customer_named(tx, Organisation(parent), name)?.is_some_and(|id| id != found.id)
            {
                return Err(Undo::Refused(Reason::CustomerNameTaken));
            }
            organisations::rename(tx, scope, name)?;
            (EventKind::OrganisationRenamed, format!("{} → {name}", found.name))
        }
        Wish::State(state) => {
            organisations::set_state(tx, scope, *state, permit.now())?;
            let kind = match (state, found.state()) {
                (State::Suspended, _) => EventKind::OrganisationSuspended,
                (State::Deleted, _) => EventKind::OrganisationDeleted,
                (State::Active, State::Deleted) => EventKind::OrganisationRestored,
                (State::Active, _) => EventKind::OrganisationResumed,
            };
            (kind, found.name.clone())
        }
        Wish::Parent(parent) => return move_to(tx, request, found, *parent),
    };
    let ground = &request.house.ground;
    let streams = [Some(found.id), found.parent].into_iter().flatten();
    Ok(streams
        .map(|stream| event(permit, ground, stream, kind, &detail))
        .collect())
}

/// Puts an organisation below another one, or on its own. Whoever came from the one above leaves with it.
fn move_to<A: Act>(
    tx: &mut Tx,
    request: &Request<'_, A>,
    found: &Found,
    parent: Option<OrganisationId>,
) -> Result<Vec<Event>, Undo> {
    let (permit, ground) = (request.permit, &request.house.ground);
    let (caller, now, scope) = (permit.caller(), permit.now(), Organisation(found.id));
    if let Some(parent) = parent {
        tx.lock(lock(parent))?;
        check_new_parent(tx, request, found, parent)?;
    }
    let before = organisations::standing(tx, scope)?;
    organisations::set_parent(tx, scope, parent)?;
    let mut events = Vec::new();
    if let Some(above) = parent {
        people::set_via(tx, scope, caller.person, found.parent, above)?;
        // One of its own people goes on holding what they hold there.
        let is_own = people::standing(tx, scope, caller.person)?.is_some_and(|standing| standing.is_member)
            && people::via(tx, scope, caller.person)?.is_none();
        if !is_own {
            events.extend(give_owner(tx, ground, (caller, now), Organisation(above), found.id)?);
        }
    }
    if let Some(old) = found.parent {
        events.extend(part(tx, request, scope, old)?);
    }
    let after = organisations::standing(tx, scope)?;
    if let (Some(before), Some(after)) = (before, after)
        && organisations::is_stricter(&before.policies, &after.policies)
    {
        organisations::begin_anew(tx, scope, now)?;
    }
    let streams = [Some(found.id), found.parent, parent].into_iter().flatten();
    let moved = |stream| event(permit, ground, stream, EventKind::OrganisationMoved, &found.name);
    events.extend(streams.map(moved));
    Ok(events)
}

/// The organisation to move to is no customer itself, and the caller may make customers there, by that one's own door.
fn check_new_parent<A: Act>(
    tx: &mut Tx,
    request: &Request<'_, A>,
    found: &Found,
    parent: OrganisationId,
) -> Result<(), Undo> {
    let unknown = Undo::Refused(Reason::MoveUnknown);
    let Some(asked) = request.towards else {
        return Err(unknown);
    };
    let there = request.house.look(tx, asked, request.permit.now())?;
    let may_make = there.is_ok_and(|there| there.may_on(Action::MakeOrganisations, On::Organisation));
    let is_root = organisations::find(tx, Deployment, parent)?.is_some_and(|parent| parent.parent.is_none());
    if !may_make || !is_root {
        return Err(unknown);
    }
    if !organisations::list_customers(tx, Organisation(found.id), None, None, 1)?.is_empty() {
        return Err(Undo::Refused(Reason::MoveHasCustomers));
    }
    if organisations::customer_named(tx, Organisation(parent), &found.name)?.is_some() {
        return Err(Undo::Refused(Reason::CustomerNameTaken));
    }
    Ok(())
}

/// Ends the memberships of those who came from the organisation above, and what was granted there for them.
fn part<A: Act>(
    tx: &mut Tx,
    request: &Request<'_, A>,
    scope: Organisation,
    above: OrganisationId,
) -> Result<Vec<Event>, Undo> {
    let (permit, ground) = (request.permit, &request.house.ground);
    roles::drop_scope(tx, Organisation(above), kernel::Scope::Customer(scope.0))?;
    let mut events = Vec::new();
    for person in people::members_via(tx, scope, above)? {
        let left = match roles::leave(tx, scope, person)? {
            Ok(left) => left,
            Err(Reason::LastOwner) => return Err(Undo::Refused(Reason::MoveNoOwner)),
            Err(reason) => return Err(Undo::Refused(reason)),
        };
        people::leave(tx, scope, person)?;
        events.extend(left.events(scope.0, person, Some(permit.caller()), permit.now(), &ground.chance));
    }
    Ok(events)
}
