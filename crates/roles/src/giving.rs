//! Giving roles to people and taking them away: the only way to change what a member holds. For `people`'s pages, set-up, customers, the import.
//! Must never happen: a right handed on by somebody who does not hold it; an organisation without an owner; a grant for a customer without the
//! membership that the customer can see, or the reverse.
use crate::{
    built_in::OWNER,
    decide::may_grant,
    store::{self, giving, groups},
    told::{Granted, Told},
};
use ground::db::{self, Lock, Result, Tx, View};
use kernel::{Deployment, Grant, Organisation, OrganisationId, Permissions, PersonId, Reason, RoleId, Scope, Time};
use std::collections::BTreeSet;

/// A role as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wanted {
    /// Which.
    pub role: RoleId,
    /// How far.
    pub scope: Scope,
}

/// Who gives.
#[derive(Debug, Clone, Copy)]
pub enum Giver<'a> {
    /// Somebody with these grants, in the same organisation.
    Person(&'a [Grant]),
    /// The operator of the deployment, or the program itself where it makes an organisation.
    Operator,
}

/// A person or group holds at most so many roles.
pub(crate) const MOST: usize = 50;

/// What was asked for, or why not.
pub(crate) type Settled<T> = std::result::Result<T, Reason>;

/// Why a change is given up half-way.
pub(crate) enum Stop {
    Refused(Reason),
    Store(db::Error),
}

impl From<db::Error> for Stop {
    fn from(error: db::Error) -> Self {
        Self::Store(error)
    }
}

/// A change that is made as a whole or, where it is refused, not at all: the transaction goes on, and holds nothing of it.
pub(crate) fn whole<T>(
    tx: &mut Tx,
    change: impl FnOnce(&mut Tx) -> std::result::Result<T, Stop>,
) -> Result<Settled<T>> {
    match tx.attempt(change) {
        Ok(done) => Ok(Ok(done)),
        Err(Stop::Refused(reason)) => Ok(Err(reason)),
        Err(Stop::Store(error)) => Err(error),
    }
}

impl Giver<'_> {
    pub(crate) fn may(self, permissions: Permissions, scope: Scope) -> bool {
        match self {
            Self::Operator => true,
            Self::Person(held) => may_grant(held, permissions, scope),
        }
    }
    fn may_all(self, told: &[Told]) -> bool {
        told.iter()
            .all(|told| self.may(told.grant.permissions, told.grant.scope))
    }
}

/// Rights in an organisation are changed while nobody else does.
pub(crate) fn lock(organisation: OrganisationId) -> Lock {
    Lock::on("organisation", organisation.0.as_bytes())
}

/// The name of the customer or site of this organisation that a scope names; empty for everything. None: there is no such one here.
pub fn place(view: &mut View, organisation: Organisation, scope: Scope) -> Result<Option<String>> {
    match scope {
        Scope::Everything => Ok(Some(String::new())),
        Scope::Customer(id) => organisations::customer_name(view, organisation, id),
        Scope::Site(id) => organisations::site_name(view, organisation, id),
    }
}

/// What is asked for, looked up: the role and the place are the organisation's own, and go together.
pub(crate) fn look_up(view: &mut View, organisation: Organisation, wanted: Wanted) -> Result<Settled<Told>> {
    let Some(role) = store::find(view, organisation, wanted.role)? else {
        return Ok(Err(Reason::RoleUnknown));
    };
    let Some(place) = place(view, organisation, wanted.scope)? else {
        return Ok(Err(Reason::ScopeUnknown));
    };
    if matches!(wanted.scope, Scope::Customer(_)) && !role.is_built_in {
        return Ok(Err(Reason::RoleNotForCustomer));
    }
    let grant = Grant {
        role: role.id,
        name: role.name,
        is_built_in: role.is_built_in,
        permissions: role.permissions,
        scope: wanted.scope,
        group: None,
    };
    let place = Some(place).filter(|_| wanted.scope != Scope::Everything);
    Ok(Ok(Told { grant, place }))
}

fn look_up_all(
    view: &mut View,
    organisation: Organisation,
    wanted: impl IntoIterator<Item = Wanted>,
) -> Result<Settled<Vec<Told>>> {
    let mut all = Vec::new();
    for wanted in wanted {
        match look_up(view, organisation, wanted)? {
            Ok(told) => all.push(told),
            Err(reason) => return Ok(Err(reason)),
        }
    }
    Ok(Ok(all))
}

/// Whether all of this could be given, in words; nothing is written. For an invitation, which is taken up later and then checked once more.
pub fn check_grants(
    view: &mut View,
    organisation: Organisation,
    giver: Giver<'_>,
    wanted: &[Wanted],
) -> Result<Settled<Vec<Told>>> {
    if wanted.len() > MOST {
        return Ok(Err(Reason::RolesTooMany));
    }
    let told = look_up_all(view, organisation, wanted.iter().copied())?;
    Ok(told.and_then(|told| {
        if giver.may_all(&told) {
            Ok(told)
        } else {
            Err(Reason::GrantBeyondYou)
        }
    }))
}

/// What is different between what is held and what is wanted. Giving and taking away ask for the same right.
pub(crate) fn change(
    view: &mut View,
    organisation: Organisation,
    giver: Giver<'_>,
    held: Vec<Told>,
    wanted: &[Wanted],
) -> Result<Settled<Granted>> {
    let wanted: BTreeSet<Wanted> = wanted.iter().copied().collect();
    if wanted.len() > MOST {
        return Ok(Err(Reason::RolesTooMany));
    }
    let has = |wanted: &Wanted| held.iter().any(|told| told.wanted() == *wanted);
    let new: Vec<Wanted> = wanted.iter().filter(|wanted| !has(wanted)).copied().collect();
    let given = match look_up_all(view, organisation, new)? {
        Ok(given) => given,
        Err(reason) => return Ok(Err(reason)),
    };
    let taken = held
        .into_iter()
        .filter(|told| !wanted.contains(&told.wanted()))
        .collect();
    let granted = Granted {
        given,
        taken,
        elsewhere: Vec::new(),
    };
    let may = giver.may_all(&granted.given) && giver.may_all(&granted.taken);
    Ok(if may { Ok(granted) } else { Err(Reason::GrantBeyondYou) })
}

fn is_owner(told: &Told) -> bool {
    told.grant.is_built_in && told.grant.name == OWNER && told.grant.scope == Scope::Everything
}

/// Makes this what a member holds by themselves. Takes the organisation's lock, and those of the customers that are concerned. What came of it
/// tells its own events: [`Granted::events`].
pub fn set_grants(
    tx: &mut Tx,
    organisation: Organisation,
    giver: Giver<'_>,
    person: PersonId,
    wanted: &[Wanted],
    now: Time,
) -> Result<Settled<Granted>> {
    tx.lock(lock(organisation.0))?;
    let is_member = people::standing(tx, organisation, person)?.is_some_and(|standing| standing.is_member);
    if !is_member {
        return Ok(Err(Reason::PersonNotMember));
    }
    let mut held = giving::told(tx, organisation, person)?;
    held.retain(|told| told.grant.group.is_none());
    let granted = match change(tx, organisation, giver, held, wanted)? {
        Ok(granted) => granted,
        Err(reason) => return Ok(Err(reason)),
    };
    whole(tx, |tx| settle(tx, organisation, person, granted, now))
}

fn settle(
    tx: &mut Tx,
    organisation: Organisation,
    person: PersonId,
    mut granted: Granted,
    now: Time,
) -> std::result::Result<Granted, Stop> {
    if granted.taken.iter().any(is_owner) {
        let (_, has_others) = store::ownership(tx, organisation, person)?;
        if !has_others {
            return Err(Stop::Refused(Reason::LastOwner));
        }
    }
    let all = granted.given.iter().chain(&granted.taken);
    let customers: BTreeSet<OrganisationId> = all.filter_map(customer).collect();
    for customer in &customers {
        tx.lock(lock(*customer))?;
    }
    for told in &granted.taken {
        giving::take(tx, organisation, person, told.grant.role, told.grant.scope)?;
    }
    for told in &granted.given {
        giving::give(tx, organisation, person, told.grant.role, told.grant.scope)?;
    }
    for customer in customers {
        let words = follow(tx, (organisation, customer), person, &granted, now)?;
        granted.elsewhere.extend(words.map(|words| (customer, words)));
    }
    Ok(granted)
}

fn customer(told: &Told) -> Option<OrganisationId> {
    match told.grant.scope {
        Scope::Customer(id) => Some(id),
        Scope::Everything | Scope::Site(_) => None,
    }
}

/// Brings a customer after what was changed for it in the organisation above: the membership, and the roles of the same names. Answers what
/// happened there, in words.
fn follow(
    tx: &mut Tx,
    (above, customer): (Organisation, OrganisationId),
    person: PersonId,
    granted: &Granted,
    now: Time,
) -> std::result::Result<Option<String>, Stop> {
    let there = Organisation(customer);
    let names = |told: &[Told]| -> Vec<String> {
        let of_it = told.iter().filter(|told| self::customer(told) == Some(customer));
        of_it.map(|told| told.grant.name.clone()).collect()
    };
    let (given, taken) = (names(&granted.given), names(&granted.taken));
    let is_member = people::memberships(tx, Deployment, person)?.contains(&customer);
    if is_member && people::via(tx, there, person)? != Some(above.0) {
        // A member of the customer's own: what they hold there is the customer's to say.
        return if given.is_empty() {
            Ok(None)
        } else {
            Err(Stop::Refused(Reason::MemberThere))
        };
    }
    if !is_member && !given.is_empty() {
        people::join_via(tx, there, person, above.0, now)?;
    }
    for name in &given {
        store::hold_by_name(tx, there, person, name)?;
    }
    if is_member {
        take_there(tx, there, person, &taken)?;
    }
    let said = [("given", given), ("taken", taken)];
    let said = said
        .iter()
        .filter(|(what, names)| !names.is_empty() && (is_member || *what == "given"));
    let words: Vec<String> = said
        .map(|(what, names)| format!("{what} {} by the organisation above", names.join(", ")))
        .collect();
    Ok((!words.is_empty()).then(|| words.join("; ")))
}

/// Takes roles of these names away in a customer, and with the last of all roles the membership.
fn take_there(tx: &mut Tx, there: Organisation, person: PersonId, names: &[String]) -> std::result::Result<(), Stop> {
    for name in names {
        let (is_owner, has_others) = store::ownership(tx, there, person)?;
        if name == OWNER && is_owner && !has_others {
            return Err(Stop::Refused(Reason::LastOwner));
        }
        if let Some(role) = giving::built_in(tx, there, name)? {
            giving::take(tx, there, person, role, Scope::Everything)?;
        }
    }
    if !names.is_empty() && !giving::holds_any(tx, there, person)? {
        giving::take_all(tx, there, person)?;
        people::leave(tx, there, person)?;
    }
    Ok(())
}

/// Takes away all that a member holds in an organisation, before their membership ends: roles, groups, the memberships in customers that came of
/// them, and the grant in the organisation above that this membership came of. The row of the membership itself stays.
pub fn leave(tx: &mut Tx, organisation: Organisation, person: PersonId) -> Result<Settled<Granted>> {
    tx.lock(lock(organisation.0))?;
    let above = people::via(tx, organisation, person)?;
    let held = giving::told(tx, organisation, person)?;
    let (own, by_group): (Vec<Told>, Vec<Told>) = held.into_iter().partition(|told| told.grant.group.is_none());
    whole(tx, |tx| {
        let granted = Granted {
            taken: own,
            ..Granted::default()
        };
        // Nothing is given, so nothing is dated.
        let mut granted = settle(tx, organisation, person, granted, Time::default())?;
        giving::take_all(tx, organisation, person)?;
        granted.taken.extend(by_group);
        if let Some(above) = above
            && giving::take_for(tx, Organisation(above), person, organisation.0)? > 0
        {
            let words = "the customer ended the membership".to_owned();
            granted.elsewhere.push((above, words));
        }
        Ok(granted)
    })
}

/// Where this person is the last owner who is not disabled. Takes the locks of all organisations that they own, so that this stays so until the
/// end of the transaction. To be asked before somebody is disabled, removed or erased: not empty, and it must not be done.
pub fn last_owner_in(tx: &mut Tx, person: PersonId) -> Result<Vec<OrganisationId>> {
    let mut locked = BTreeSet::new();
    let owned = loop {
        let owned: BTreeSet<OrganisationId> = giving::owned(tx, person)?.into_iter().collect();
        let new: Vec<OrganisationId> = owned.difference(&locked).copied().collect();
        if new.is_empty() {
            break owned;
        }
        for organisation in new {
            tx.lock(lock(organisation))?;
            locked.insert(organisation);
        }
    };
    let mut last = Vec::new();
    for organisation in owned {
        let (is_owner, has_others) = store::ownership(tx, Organisation(organisation), person)?;
        if is_owner && !has_others {
            last.push(organisation);
        }
    }
    Ok(last)
}

/// Whether somebody with these grants may take a person into a group, or out of it: they hold all that the group does.
pub(crate) fn may_join(
    view: &mut View,
    organisation: Organisation,
    giver: Giver<'_>,
    group: kernel::GroupId,
) -> Result<bool> {
    let held = groups::grants(view, organisation, Some(group))?;
    Ok(held
        .iter()
        .all(|(_, told)| giver.may(told.grant.permissions, told.grant.scope)))
}
