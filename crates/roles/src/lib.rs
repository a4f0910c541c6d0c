//! Roles and the decision who may do what. Until roles can be edited, an Owner may do everything and each person sees and changes their own.
//! For the program, which wires it in as the authorizer, and for set-up.
mod decide;
mod store;

pub use decide::Rules;
pub use store::{BUILT_IN, OWNER, grants, hold_by_name, holders, ownership, seed, seed_ids};
