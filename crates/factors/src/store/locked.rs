//! The SQL of who is locked out now, for Home.
use ground::{
    db::{Result, View},
    from_row,
};
use kernel::{Organisation, PersonId, Time};

/// Somebody whose password entry is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedOut {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// It is locked for devices that never signed in as them; else for one of their own.
    pub is_strangers: bool,
    /// Wrong passwords in a row.
    pub failures: i64,
    /// Until when.
    pub until: Time,
}
from_row!(LockedOut {
    person,
    name,
    is_strangers,
    failures,
    until
});

/// The people at home in an organisation whose password entry is locked, the longest first; one line a lane, at most so many.
pub fn locked_out(view: &mut View, organisation: Organisation, now: Time, most: u32) -> Result<Vec<LockedOut>> {
    view.all(
        "SELECT person.id AS person, person.name, lane.kind = 'address' AS is_strangers, lane.run AS failures, lane.locked_until AS until
         FROM lane JOIN person ON person.id = lane.person
         WHERE lane.locked_until > ?2 AND lane.person IS NOT NULL AND person.home_organisation = ?1
         ORDER BY lane.locked_until DESC, person.id LIMIT ?3",
        &[&organisation.0, &now, &most],
    )
}
