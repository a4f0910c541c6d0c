//! What a deletion takes away: told before, done after thirty days, in small steps that can be broken off and go on a minute later.
//! Must never happen: something that goes before its time; somebody of another home who loses more than a membership; a log that goes with it.
use crate::{decide::GRACE, make::lock};
use factors::authenticators::By;
use ground::{
    Ground,
    db::{Result, Tx, View},
    journal,
};
use kernel::{
    Deployment, Event, EventKind, Organisation, OrganisationId, Outcome, PersonId, Reason, Scope, Stream, Time,
};
use organisations::Found;
use serde::Serialize;
use utoipa::ToSchema;

/// Accounts that go in one transaction.
const CHUNK: i64 = 20;
/// Steps of one turn; the rest waits a minute.
const STEPS: usize = 50;

/// What goes with an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Going {
    /// People whose home it is: their accounts go.
    pub accounts: i64,
    /// Members from elsewhere: they keep their accounts.
    pub members: i64,
    /// Its sites.
    pub sites: i64,
    /// Roles of its own.
    pub roles: i64,
}

/// What would go now.
pub(crate) fn going(view: &mut View, organisation: Organisation) -> Result<Going> {
    let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let accounts = people::count_home(view, organisation)?;
    let sites = organisations::sites(view, organisation, crate::decide::MOST_SITES)?.len();
    let roles = roles::list(view, organisation)?;
    Ok(Going {
        accounts,
        members: (people::count_members(view, organisation)? - accounts).max(0),
        sites: count(sites),
        roles: count(roles.iter().filter(|role| !role.is_built_in).count()),
    })
}

/// One turn: organisations that were deleted thirty days ago come to their end.
pub async fn sweep(ground: &Ground) -> Result<()> {
    for _ in 0..STEPS {
        let (held, now) = (ground.clone(), ground.now());
        let has_more = ground.store.write(move |tx| step(tx, &held, now)).await?;
        if !has_more {
            break;
        }
    }
    Ok(())
}

/// One step. Answers whether there may be more.
fn step(tx: &mut Tx, ground: &Ground, now: Time) -> Result<bool> {
    let gone = organisations::gone_since(tx, Deployment, now - GRACE, 1)?;
    let Some(found) = gone.first() else {
        return Ok(false);
    };
    if let Some(parent) = found.parent {
        tx.lock(lock(parent))?;
    }
    tx.lock(lock(found.id))?;
    // It may have been brought back meanwhile.
    let still = organisations::find(tx, Deployment, found.id)?;
    if still.and_then(|found| found.deleted_at) != found.deleted_at {
        return Ok(true);
    }
    let home = Organisation(found.id);
    roles::remove_all(tx, home)?;
    let accounts = people::of_home(tx, home, CHUNK)?;
    if accounts.is_empty() {
        finish(tx, ground, found, now)?;
        return Ok(true);
    }
    for person in accounts {
        remove(tx, ground, home.0, person, now)?;
    }
    Ok(true)
}

/// Takes an account out for good: what it proved itself with, its sessions, its keys, its memberships everywhere.
fn remove(tx: &mut Tx, ground: &Ground, home: OrganisationId, person: PersonId, now: Time) -> Result<()> {
    tx.lock(factors::person_lock(person))?;
    let by = By {
        actor: None,
        device: None,
        label: String::new(),
        network: String::new(),
        at: now,
    };
    factors::authenticators::remove_all(tx, ground, &by, person)?;
    factors::store::void_password(tx, person, now)?;
    devices::revoke_all_trust(tx, Deployment, person, now)?;
    sessions::end_others(tx, Deployment, person, None, Reason::OrganisationShut, now)?;
    tokens::end_of_person(tx, Deployment, person)?;
    let mut events = Vec::new();
    for organisation in people::memberships(tx, Deployment, person)? {
        let scope = Organisation(organisation);
        // Where they were the last owner, nobody could act since their home was shut: there is nothing to keep them for.
        match roles::leave(tx, scope, person)? {
            Ok(left) if organisation != home => {
                events.extend(left.events(organisation, person, None, now, &ground.chance));
            }
            Ok(_) => {}
            Err(_) => roles::drop_member(tx, scope, person)?,
        }
    }
    people::remove_account(tx, Deployment, person, now)?;
    journal::append_all(tx, &events)
}

/// The organisation's own rows, once no account has its home there.
fn finish(tx: &mut Tx, ground: &Ground, found: &Found, now: Time) -> Result<()> {
    let organisation = Organisation(found.id);
    roles::remove_all(tx, organisation)?;
    people::leave_all(tx, organisation)?;
    tokens::end_of_organisation(tx, organisation)?;
    agents::forget_organisation(tx, organisation)?;
    activity::forget_organisation(tx, organisation)?;
    organisations::purge(tx, organisation, now)?;
    let Some(parent) = found.parent else { return Ok(()) };
    roles::drop_scope(tx, Organisation(parent), Scope::Customer(found.id))?;
    let stream = Stream::Organisation(parent);
    let mut event = Event::new(
        stream,
        now,
        EventKind::OrganisationPurged,
        Outcome::Done,
        &ground.chance,
    );
    event.detail.clone_from(&found.name);
    journal::append(tx, &event)
}
