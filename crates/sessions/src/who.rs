//! Whose password or code is tried, as the lanes count it: of a session's own person, or of whoever an address belongs to.
//! For every place that takes one. Must never happen: a device taken for known that is not, or is not any more.
use devices::Token;
use factors::Subject;
use ground::{
    Caller,
    db::{Result, View},
};
use kernel::{Deployment, DeviceId};
use people::Person;

/// The caller: under the session's device, where it is still known to them.
pub fn subject(view: &mut View, caller: &Caller) -> Result<Option<Subject>> {
    let Some(person) = people::person(view, Deployment, caller.person)? else {
        return Ok(None);
    };
    let known_device = match caller.device {
        Some(device) if devices::is_known(view, Deployment, device, caller.person)? => Some(device),
        _ => None,
    };
    Ok(Some(told(&person, known_device)))
}

/// The person of this address, and which of the browser's devices is known to them.
pub fn subject_at(view: &mut View, canonical: &str, tokens: &[Token]) -> Result<Option<Subject>> {
    let Some(person) = people::by_email(view, Deployment, canonical)? else {
        return Ok(None);
    };
    let device = devices::known_of(view, Deployment, tokens, person.id)?;
    Ok(Some(told(&person, device.map(|device| device.id))))
}

fn told(person: &Person, known_device: Option<DeviceId>) -> Subject {
    Subject {
        person: person.id,
        home: person.home_organisation,
        is_enabled: person.disabled_at.is_none(),
        epoch: person.epoch,
        known_device,
    }
}
