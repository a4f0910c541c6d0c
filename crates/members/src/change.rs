//! What administrators change about a member: name, address, roles, whether they may come in. Steps of one transaction, for programs and pages alike.
//! Must never happen: a part of a change that is kept where another part was refused; a last owner who is locked out.
use crate::{
    decide::{self, Facts, Verb},
    store::list::{self, Member},
};
use axum::http::StatusCode;
use ground::{
    Ask, Caller, Failure, Ground, House, Permit,
    db::{self, Lock, Tx},
    journal,
};
use kernel::{
    Act, Deployment, Event, EventKind, FieldError, Organisation, OrganisationId, Outcome, PersonId, Reason, Stream,
    Time,
};
use people::{Email, Person, notices};
use roles::{Giver, Wanted};

/// Why nothing was done.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Nobody of this id is there, or not theirs to see.
    Absent,
    /// It may not be.
    Refused(Reason),
    /// A field of what was sent is wrong.
    Field(&'static str, Reason),
    /// The store did not do it.
    Fault(db::Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Self::Fault(error)
    }
}

impl Stop {
    /// The status and the reason that it is told with.
    pub fn told(&self) -> (StatusCode, Reason) {
        let reason = match self {
            Self::Absent | Self::Fault(_) => Reason::RequestNotFound,
            Self::Refused(reason) | Self::Field(_, reason) => *reason,
        };
        let code = match self {
            Self::Absent | Self::Fault(_) => 404,
            Self::Refused(reason) => decide::status(*reason),
            Self::Field(..) => 422,
        };
        (StatusCode::from_u16(code).unwrap_or(StatusCode::CONFLICT), reason)
    }
    /// What is wrong with a field of a form.
    pub fn field(&self) -> Option<FieldError> {
        match self {
            Self::Field(field, reason) => Some(FieldError::new(field, *reason)),
            _ => None,
        }
    }
    /// As an answer.
    pub async fn into_failure<A: Act>(self, house: &House, ask: &Ask<A>, permit: &Permit<A>) -> Failure {
        match (self.told(), self.field()) {
            ((StatusCode::NOT_FOUND, _), _) => ask.not_found(),
            ((StatusCode::FORBIDDEN, reason), _) => house.forbid(ask, permit, reason, reason.admin()).await,
            ((status, reason), Some(field)) => ask.failure(status, reason).with_errors(vec![field]),
            ((status, reason), None) => ask.failure(status, reason),
        }
    }
}

/// What came of a step.
pub(crate) type Done<T> = Result<T, Stop>;

/// Who acts, on what ground, when.
#[derive(Clone, Copy)]
pub(crate) struct Acting<'a> {
    pub ground: &'a Ground,
    pub caller: &'a Caller,
    pub now: Time,
}

impl<'a> Acting<'a> {
    /// The holder of a permit.
    pub fn of<A: Act>(ground: &'a Ground, permit: &'a Permit<A>) -> Self {
        Self {
            ground,
            caller: permit.caller(),
            now: permit.now(),
        }
    }
    /// Where they act.
    pub fn organisation(&self) -> Organisation {
        Organisation(self.caller.organisation)
    }
    /// The lock under which rights of this organisation change.
    pub fn lock(&self) -> Lock {
        organisation_lock(self.caller.organisation)
    }
    /// Something that they did about somebody, for the log of this organisation.
    pub fn event(&self, kind: EventKind, stream: OrganisationId, about: PersonId) -> Event {
        let caller = self.caller;
        let stream = Stream::Organisation(stream);
        let mut event = Event::new(stream, self.now, kind, Outcome::Done, &self.ground.chance)
            .about(about)
            .from(caller.device, &caller.device_label, &caller.network);
        event.actor = Some(caller.person);
        event
    }
}

/// The lock under which rights of an organisation change.
pub(crate) fn organisation_lock(id: OrganisationId) -> Lock {
    Lock::on("organisation", id.0.as_bytes())
}

/// Runs the steps; where one is refused, none has happened.
pub(crate) fn all_or_nothing<T>(tx: &mut Tx, steps: impl FnOnce(&mut Tx) -> Done<T>) -> db::Result<Done<T>> {
    match tx.attempt(steps) {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Fault(error)) => Err(error),
        Err(stop) => Ok(Err(stop)),
    }
}

/// A member about whom this may be done.
pub(crate) fn member_for(tx: &mut Tx, acting: &Acting<'_>, id: PersonId, verb: Verb) -> Done<(Member, Person)> {
    let member = list::member(tx, acting.organisation(), id)?.ok_or(Stop::Absent)?;
    let person = people::person(tx, Deployment, id)?.ok_or(Stop::Absent)?;
    let theirs = roles::grants(tx, acting.organisation(), id)?;
    let facts = Facts {
        is_self: acting.caller.person == id,
        is_home: member.home == acting.caller.organisation,
        held: &acting.caller.roles,
        theirs: &theirs,
    };
    match decide::refusal(verb, &facts) {
        Some(reason) => Err(Stop::Refused(reason)),
        None => Ok((member, person)),
    }
}

/// What is to be changed. Nothing: it stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub name: Option<String>,
    pub email: Option<Email>,
    pub disabled: Option<bool>,
    pub roles: Option<Vec<Wanted>>,
}

impl Change {
    /// Whether it changes the account, which is the home organisation's alone.
    fn is_of_account(&self) -> bool {
        self.name.is_some() || self.email.is_some() || self.disabled.is_some()
    }
}

/// Makes the change.
pub(crate) fn change(
    tx: &mut Tx,
    acting: &Acting<'_>,
    id: PersonId,
    change: &Change,
    draw: &notices::Draw,
) -> Done<()> {
    list::member(tx, acting.organisation(), id)?.ok_or(Stop::Absent)?;
    // INVARIANT: organisations' locks before the person's; facts after both.
    let is_last = if change.disabled == Some(true) {
        !roles::last_owner_in(tx, id)?.is_empty()
    } else {
        false
    };
    tx.lock(acting.lock())?;
    tx.lock(factors::person_lock(id))?;
    let mut events = Vec::new();
    if change.is_of_account() {
        let (_, person) = member_for(tx, acting, id, Verb::Change)?;
        if let Some(name) = change.name.as_ref().filter(|name| **name != person.name) {
            people::rename(tx, Deployment, id, name)?;
            events.push(acting.event(EventKind::NameChanged, person.home_organisation, id));
        }
        if let Some(email) = change.email.as_ref().filter(|email| email.written != person.email) {
            events.push(change_email(tx, acting, &person, email, draw)?);
        }
        match change.disabled {
            Some(true) => events.extend(disable(tx, acting, id, is_last)?),
            Some(false) => events.extend(enable(tx, acting, id)?),
            None => {}
        }
    }
    if let Some(wanted) = &change.roles {
        events.extend(set_roles(tx, acting, id, wanted)?);
    }
    journal::append_all(tx, &events)?;
    Ok(())
}

fn change_email(tx: &mut Tx, acting: &Acting<'_>, before: &Person, email: &Email, draw: &notices::Draw) -> Done<Event> {
    let place = (acting.caller.device_label.as_str(), acting.caller.network.as_str());
    if !recovery::change_address(tx, acting.ground, before, email, draw, place, acting.now)? {
        return Err(Stop::Field("email", Reason::AddressTaken));
    }
    Ok(acting.event(EventKind::EmailChanged, before.home_organisation, before.id))
}

/// Disables somebody, whose sessions end. Nothing to tell where they were disabled already.
pub(crate) fn disable(tx: &mut Tx, acting: &Acting<'_>, id: PersonId, is_last_owner: bool) -> Done<Option<Event>> {
    member_for(tx, acting, id, Verb::Disable)?;
    if is_last_owner {
        return Err(Stop::Refused(Reason::LastOwner));
    }
    if !people::disable(tx, Deployment, id, acting.now)? {
        return Ok(None);
    }
    sessions::end_others(tx, Deployment, id, None, Reason::SessionPersonGone, acting.now)?;
    Ok(Some(acting.event(
        EventKind::PersonDisabled,
        acting.caller.organisation,
        id,
    )))
}

/// Lets somebody in again.
pub(crate) fn enable(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<Option<Event>> {
    member_for(tx, acting, id, Verb::Enable)?;
    let is_done = people::enable(tx, Deployment, id)?;
    Ok(is_done.then(|| acting.event(EventKind::PersonEnabled, acting.caller.organisation, id)))
}

/// Gives somebody exactly these roles by themselves.
fn set_roles(tx: &mut Tx, acting: &Acting<'_>, id: PersonId, wanted: &[Wanted]) -> Done<Vec<Event>> {
    let (organisation, now) = (acting.organisation(), acting.now);
    let giver = Giver::Person(&acting.caller.roles);
    let granted = roles::set_grants(tx, organisation, giver, id, wanted, now)?.map_err(Stop::Refused)?;
    Ok(granted.events(organisation.0, id, Some(acting.caller), now, &acting.ground.chance))
}

/// Gives somebody one more role, or takes one away.
pub(crate) fn turn_role(tx: &mut Tx, acting: &Acting<'_>, id: PersonId, turned: Wanted, is_given: bool) -> Done<()> {
    tx.lock(acting.lock())?;
    list::member(tx, acting.organisation(), id)?.ok_or(Stop::Absent)?;
    let held = roles::grants(tx, acting.organisation(), id)?;
    let own = held.iter().filter(|grant| grant.group.is_none());
    let mut wanted: Vec<Wanted> = own
        .map(|grant| Wanted {
            role: grant.role,
            scope: grant.scope,
        })
        .filter(|one| *one != turned)
        .collect();
    if is_given {
        wanted.push(turned);
    }
    let events = set_roles(tx, acting, id, &wanted)?;
    journal::append_all(tx, &events)?;
    Ok(())
}

/// Ends every session of somebody at home.
pub(crate) fn sign_out(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<Option<Event>> {
    let (_, person) = member_for(tx, acting, id, Verb::SignOut)?;
    Ok(recovery::sign_out_person(
        tx,
        acting.ground,
        acting.caller,
        &person,
        acting.now,
    )?)
}

/// Lets somebody whose password entry is locked try again.
pub(crate) fn unlock(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<()> {
    let (_, person) = member_for(tx, acting, id, Verb::SignOut)?;
    recovery::unlock_person(tx, acting.ground, acting.caller, &person, acting.now)?;
    Ok(())
}

/// Starts a reset of somebody's second factors.
pub(crate) fn start_reset(tx: &mut Tx, acting: &Acting<'_>, id: PersonId, draw: &recovery::LostDraw) -> Done<()> {
    let (_, person) = member_for(tx, acting, id, Verb::SignOut)?;
    let started = recovery::start_reset(tx, acting.ground, acting.caller, &person, draw, acting.now)?;
    started.map(drop).map_err(Stop::Refused)
}
