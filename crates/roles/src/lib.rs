//! Roles, groups, and the decision who may do what, with its whole derivation; the pages and the API with which they are changed and asked.
//! For the program, which wires the rules in as the authorizer, and for every capability that gives roles. Must never happen: a decision that
//! cannot say why; a right handed on by somebody who does not hold it; an organisation without an owner.
mod built_in;
mod decide;
mod editing;
mod export;
mod giving;
mod http;
mod page;
mod refusals;
mod sent;
mod store;
mod told;
mod why;

pub use built_in::{BUILT_IN, OWNER, permissions};
pub use decide::{Rules, Says, beyond, derive, may_grant, permissions_of};
pub use export::export;
pub use giving::{Giver, Wanted, check_grants, last_owner_in, leave, place, set_grants};
pub use http::{Desk, openapi, routes};
pub use refusals::{sweep_refusals, tell_stopped};
pub use sent::{CustomerSent, GrantItem, GrantSent, ScopeSent, SiteSent, read_scope, scope_word};
pub use store::{
    Role, find,
    giving::{drop_scope, remove_all, take_all as drop_member, told},
    grants, hold_by_name, holders, list,
    lists::names_of,
    ownership, seed, seed_ids,
};
pub use told::{Granted, Told, status};
pub use why::{Answer, Question, explain, grantable};

use ground::db::{Result, View};
use kernel::{Grant, Organisation, Scope};

/// Customers and sites that a form offers at most, of each.
const OFFERED: i64 = 200;

/// Whether somebody with these grants may give this role with this scope: which ones a form offers.
pub fn may_give(held: &[Grant], role: &Role, scope: Scope) -> bool {
    may_grant(held, role.permissions, scope)
}

/// What a role can be limited to, for a form: the word of each scope and what it is called; everything first, then sites, then customers.
pub fn choices(view: &mut View, organisation: Organisation) -> Result<Vec<(String, String)>> {
    let everything = (scope_word(Scope::Everything), "Everything".to_owned());
    let sites = organisations::sites(view, organisation, OFFERED)?;
    let customers = organisations::customers(view, organisation, OFFERED)?;
    let sites = sites
        .into_iter()
        .map(|site| (scope_word(Scope::Site(site.id)), format!("Site {}", site.name)));
    let customers = customers.into_iter().map(|customer| {
        (
            scope_word(Scope::Customer(customer.id)),
            format!("Customer {}", customer.name),
        )
    });
    Ok([everything].into_iter().chain(sites).chain(customers).collect())
}
