//! Organisations, their sites and the policy values that everything above obeys; and the row of the deployment itself.
//! For every capability above. Must never happen: a value of one organisation read for another.
mod decide;
mod http;
mod page;
mod policy;
mod store;

pub use decide::{SessionPolicy, check_contact, check_name};
pub use http::{Settings, routes};
pub use policy::{
    Change, DeviceChange, DevicePolicy, Difference, FactorChange, FactorPolicy, Given, Mode, NetworkChange,
    NetworkPolicy, PasswordChange, PasswordPolicy, Policies, Require, SessionChange, TextChange, TextPolicy, Values,
    calling_code, is_country, object,
};
pub use store::{
    AtTheDoor, NewOrganisation, Standing, at_the_door, close_setup, create, epoch, has_had_owner, make_setup_link,
    set_policy, setup_link_is_good, shortest_end, standing, values,
};
