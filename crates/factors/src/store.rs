//! The SQL of passwords and lanes, in the deployment's scope. For sign-in, set-up, unlock, the change of a password and the sweep.
//! Locks are taken in one order: the person's (by the caller, if at all), then the device's or the address's lane, then the network's.
//! Must never happen: a count lost under parallel tries; a password set over a newer one.
pub(crate) mod authenticators;
mod lanes;
mod locked;
pub(crate) mod passkeys;
mod password;
pub(crate) mod recovery_codes;
mod sweep;
pub(crate) mod texts;

pub use lanes::{
    Ended, Failed, LaneView, Reserved, Subject, fail, forget_device, is_shut_by_others, lanes_of, network_shut_until,
    open_to_strangers, refuse, refuse_strangers, reserve, succeed, unlock,
};
pub use locked::{LockedOut, locked_out};
pub use password::{StoredPassword, find_password, mark_short, renew_hash, set_password, slowest_cost, void_password};
pub use sweep::{Due, Swept, sweep};
