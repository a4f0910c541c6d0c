//! The SQL of people as others see them. Must never happen: a row of another organisation.
pub(crate) mod erase;
pub(crate) mod invitations;
pub(crate) mod known;
pub(crate) mod list;
