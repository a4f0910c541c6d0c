//! A new password of a person takes hold, wherever it was set by somebody who had proved the old one.
//! Must never happen: a session that outlives it unasked; a change that its owner is not told of.
use crate::store;
use factors::StoredHash;
use ground::{
    Ground,
    db::{Result, Tx, View},
};
use kernel::{Deployment, PersonId, Reason, SessionId, Time};
use people::{
    Person,
    notices::{self, Draw, Facts, Notice},
};

/// Sets it; every session of the person but this one ends, the links of earlier notices are void, and a mail tells of it. The event is the
/// caller's. Answers the version of the password.
pub fn take_password(
    tx: &mut Tx,
    ground: &Ground,
    person: &Person,
    hash: &StoredHash,
    keep: SessionId,
    facts: &Facts,
) -> Result<i64> {
    let version = factors::store::set_password(tx, person.id, hash, facts.at)?;
    let why = Reason::SessionPasswordChanged;
    store::end_others(tx, Deployment, person.id, Some(keep), why, facts.at)?;
    notices::void_alarms(tx, person.id)?;
    let draw = Draw::new(facts.at, &ground.chance);
    notices::post(tx, ground, person, &Notice::PasswordChanged, facts, &draw)?;
    Ok(version)
}

/// Until when this person has to set a longer password, where the one they have is known to be too short.
pub fn longer_password_due(view: &mut View, person: PersonId) -> Result<Option<Time>> {
    let since = factors::store::find_password(view, person)?.and_then(|stored| stored.short_since);
    Ok(since.map(|since| since + factors::SHORT_FOR))
}
