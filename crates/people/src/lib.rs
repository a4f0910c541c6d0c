//! People: accounts with one canonical e-mail address each, a home organisation, and memberships.
//! For everything above. Must never happen: two accounts whose addresses a person would take for one.
mod decide;
pub mod letters;
pub mod notices;
pub mod sample;
mod store;
pub mod way;

pub use decide::{Email, canonical_email, folded, pattern};
pub use store::{
    Belonging, Facts, Listed, NewPerson, Person, PersonStanding, begin_grace, belongings, by_email, change_email,
    change_language, count_by_kinds, count_home, count_members, create, disable, enable, erase_account,
    erase_memberships, facts, find_members, hold, is_taken, join, join_via, leave, leave_all, list, mark_factors_lost,
    mark_sign_in, members_via, memberships, names, of_home, person, raise_epoch, remove_account, rename, set_kinds,
    set_via, standing, take_up, via,
};
