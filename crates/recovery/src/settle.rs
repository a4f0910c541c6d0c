//! The new password takes hold: one transaction for links and codes alike.
//! Must never happen: a link that works after this; a session that lives on unasked; a change that its owner is not told of.
use crate::store;
use factors::StoredHash;
use ground::{
    Ground,
    db::{Result, Tx},
    journal,
};
use kernel::{Deployment, Event, EventKind, Outcome, Reason, Stream, Time};
use people::{
    Person,
    notices::{self, Facts, Notice},
};

/// What the new password comes with.
#[derive(Clone)]
pub(crate) struct Settling {
    pub ground: Ground,
    pub hash: StoredHash,
    pub keep_sessions: bool,
    pub draw: notices::Draw,
    pub label: String,
    pub network: String,
    pub now: Time,
}

/// Sets the password, ends what must end, tells the person. `more` are events that came before, in the same transaction.
pub(crate) fn settle(tx: &mut Tx, person: &Person, settling: &Settling, more: Vec<Event>) -> Result<()> {
    let Settling {
        ground,
        hash,
        keep_sessions,
        draw,
        label,
        network,
        now,
    } = settling;
    let (now, chance) = (*now, &ground.chance);
    store::void_all(tx, Deployment, person.id)?;
    store::void_changes(tx, Deployment, person.id)?;
    notices::void_alarms(tx, person.id)?;
    factors::store::set_password(tx, person.id, hash, now)?;
    let ended = factors::store::unlock(tx, person.id, now)?;
    if !keep_sessions {
        sessions::end_others(tx, Deployment, person.id, None, Reason::SessionPasswordReset, now)?;
    }
    let facts = Facts {
        at: now,
        device: label.clone(),
        network: network.clone(),
    };
    notices::post(tx, ground, person, &Notice::PasswordReset, &facts, draw)?;
    let home = person.home_organisation;
    let mut events = more;
    events.extend(
        ended
            .iter()
            .filter_map(|end| factors::released(end, Some(home), chance)),
    );
    let event = Event::new(
        Stream::Organisation(home),
        now,
        EventKind::PasswordReset,
        Outcome::Done,
        chance,
    );
    events.push(
        event
            .about(person.id)
            .from(None, label, network)
            .because(Reason::RecoveryDone),
    );
    journal::append_all(tx, &events)
}
