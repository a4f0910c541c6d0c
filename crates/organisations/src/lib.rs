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
    NetworkPolicy, Origin, PasswordChange, PasswordPolicy, Policies, Require, SessionChange, TextChange, TextPolicy,
    Values, calling_code, is_country, is_stricter, object,
};
pub use store::operator::{called, first};
pub use store::{
    Above, After, AtTheDoor, Found, Listed, Named, NewOrganisation, Standing, State, above, add_site, at_the_door,
    begin_anew, close_setup, create, customer_name, customer_named, customers, epoch, find, gone_since, has_had_owner,
    has_site, is_customer, list_customers, make_setup_link, pairing_words, purge, remove_site, rename, rename_site,
    set_pairing_words, set_parent, set_policy, set_state, setup_link_is_good, shortest_end, site_name, site_named,
    sites, standing, values,
};
