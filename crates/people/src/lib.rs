//! People: accounts with one canonical e-mail address each, a home organisation, and memberships.
//! For everything above. Must never happen: two accounts whose addresses a person would take for one.
mod decide;
pub mod letters;
pub mod notices;
pub mod sample;
mod store;
pub mod way;

pub use decide::{Email, canonical_email};
pub use store::{
    Listed, NewPerson, Person, PersonStanding, begin_grace, by_email, change_email, change_language, count_members,
    create, find_members, hold, is_taken, join, list, mark_factors_lost, mark_sign_in, names, person, raise_epoch,
    rename, set_kinds, standing,
};
