//! What a person, or an administrator, does with devices that are known: name, order, trust, forgetting. Each is told.
//! Must never happen: trust taken away while the sessions on that device go on.
use crate::{
    known, store,
    tell::{self, From},
};
use ground::{
    Ground,
    db::{Result, Tx},
};
use kernel::{Deployment, DeviceId, Event, EventKind, Outcome, Reason};
use people::{Person, notices::Notice};

/// What ends the sessions on a device.
pub(crate) type Ends<'a> = &'a dyn Fn(&mut Tx, DeviceId, Reason) -> Result<u64>;

/// Takes the trust of a device away; it is signed out at once. None: there was none. The event is to be appended last.
pub(crate) fn revoke_trust(
    tx: &mut Tx,
    ground: &Ground,
    person: &Person,
    device: DeviceId,
    from: &From,
    ends: Ends<'_>,
) -> Result<Option<Event>> {
    let by_administrator = from.actor != Some(person.id);
    let Some(known) = store::one_of(tx, Deployment, person.id, device)? else {
        return Ok(None);
    };
    if !store::revoke_trust(tx, Deployment, person.id, device, by_administrator, from.at)? {
        return Ok(None);
    }
    let ended = ends(tx, device, Reason::SessionTrustRevoked)?;
    let there = elsewhere(from, by_administrator);
    tell::mail(
        tx,
        ground,
        person,
        &there,
        &Notice::DeviceTrustRevoked { what: known.title() },
    )?;
    let mut event = tell::event(ground, person, from, EventKind::DeviceTrustRevoked, Outcome::Done);
    event.detail = with_ended(&known.title(), ended);
    Ok(Some(event))
}

/// Forgets a device; it is signed out at once. None: it is not known. The event is to be appended last.
pub(crate) fn forget(
    tx: &mut Tx,
    ground: &Ground,
    person: &Person,
    device: DeviceId,
    from: &From,
    ends: Ends<'_>,
) -> Result<Option<Event>> {
    let Some(known) = store::one_of(tx, Deployment, person.id, device)? else {
        return Ok(None);
    };
    if !store::forget(tx, Deployment, device, person.id)? {
        return Ok(None);
    }
    let ended = ends(tx, device, Reason::SessionTrustRevoked)?;
    tell::mail(
        tx,
        ground,
        person,
        from,
        &Notice::DeviceForgotten { what: known.title() },
    )?;
    let mut event = tell::event(ground, person, from, EventKind::DeviceForgotten, Outcome::Done);
    event.detail = with_ended(&known.title(), ended);
    Ok(Some(event))
}

/// A person is not told where their administrator sits.
fn elsewhere(from: &From, by_administrator: bool) -> From {
    if !by_administrator {
        return from.clone();
    }
    From {
        label: String::new(),
        network: String::new(),
        ..from.clone()
    }
}

fn with_ended(title: &str, ended: u64) -> String {
    match ended {
        0 => title.to_owned(),
        1 => format!("{title}; its session ended"),
        many => format!("{title}; its {many} sessions ended"),
    }
}

/// Gives a device a name of the person's own, or takes it away. None: it is not known.
pub(crate) fn rename(
    tx: &mut Tx,
    ground: &Ground,
    person: &Person,
    device: DeviceId,
    name: Option<&str>,
    from: &From,
) -> Result<Option<Event>> {
    if !store::rename(tx, Deployment, person.id, device, name)? {
        return Ok(None);
    }
    let mut event = tell::event(ground, person, from, EventKind::DeviceRenamed, Outcome::Done);
    name.unwrap_or_default().clone_into(&mut event.detail);
    Ok(Some(event))
}

/// Gives the person's devices this order.
pub(crate) fn reorder(tx: &mut Tx, ground: &Ground, person: &Person, order: &[DeviceId], from: &From) -> Result<Event> {
    known::set_order(tx, Deployment, person.id, order)?;
    Ok(tell::event(
        ground,
        person,
        from,
        EventKind::DevicesOrdered,
        Outcome::Done,
    ))
}
