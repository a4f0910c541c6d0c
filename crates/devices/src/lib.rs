//! Devices: browsers and apps that people sign in from, known by a long-lived secret in a cookie and a key that the browser made.
//! For sign-in, sessions and the lanes. Must never happen: a device taken for known because of anything but its secret; trust that outlives
//! what policy says, or that its person took away.
pub mod admission;
mod cookie;
pub mod decide;
mod http;
mod known;
mod letters;
mod live;
mod own;
mod page;
mod proof;
mod store;
mod tell;
mod token;
pub mod verify;

pub use cookie::{COOKIE_LIVES_FOR, cookie_value, tokens};
pub use decide::{DeviceStanding, Need, Shown, expected, judge};
pub use http::{Devices, openapi, routes};
pub use known::{Arrival, arrive, lock, may_answer, of_person, shown_by, standing};
pub use live::Live;
pub use proof::{CHALLENGE_LIVES_FOR, KeyProof, challenge};
pub use store::{
    Device, Known, Waiting, forget, forget_all, has_admitted, is_known, known_of, revoke_all_trust, waiting,
};
pub use tell::{From, other_key};
pub use token::{Token, label};

use ground::db::{Result, Tx};
use kernel::{Deployment, DeviceId, PersonId, Span, Time};

/// What nobody has used for so long is forgotten: browsers keep the cookie no longer.
const FORGOTTEN_AFTER: Span = COOKIE_LIVES_FOR;
/// Verifications count for the limits of an hour, wrong answers for a day.
const CHECKS_KEPT_FOR: Span = Span::days(2);
/// A device waits so long for an administrator, and an answer so long for the device.
const ADMISSIONS_KEPT_FOR: Span = Span::days(14);

/// Removes what is over or has not been used for long, in small steps. Answers how many rows.
pub fn sweep(tx: &mut Tx, now: Time, most: i64) -> Result<u64> {
    let checks = store::sweep_checks(tx, Deployment, now - CHECKS_KEPT_FOR, most)?;
    let admissions = store::sweep_admissions(tx, Deployment, now - ADMISSIONS_KEPT_FOR, most)?;
    let told = store::sweep_told(tx, Deployment, now - CHECKS_KEPT_FOR, now, most)?;
    let devices = store::sweep(tx, Deployment, now - FORGOTTEN_AFTER, most)?;
    Ok(checks + admissions + told + devices)
}

/// As [`arrive`], for a device that proved no key and was not verified, trusted for 30 days.
pub fn remember(
    tx: &mut Tx,
    _: Deployment,
    token: &Token,
    fresh: DeviceId,
    label: &str,
    person: PersonId,
    now: Time,
) -> Result<DeviceId> {
    let arrival = Arrival {
        token: *token,
        fresh,
        label,
        network: "",
        proof: None,
        is_verified: false,
        trust_for: Span::days(30),
    };
    arrive(tx, Deployment, &arrival, person, now)
}
