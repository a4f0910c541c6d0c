//! Erasing somebody: the account goes, with all that was kept of it, and the personal part of every line of the log that names them. What happened,
//! when and how it was answered stays, and the chain stays provable. The lines are erased in chunks, by whoever asked and then by the minute's sweep.
//! Must never happen: an erasure that is forgotten half-way; one that a last owner or somebody who may do less could ask for.
use crate::{
    change::{Acting, Done, Stop, member_for},
    decide::{KEPT_FOR, Verb},
    remove,
    store::{erase, invitations, list},
};
use ground::{
    Ground,
    db::{self, Lock, Tx},
    journal::{self, Erased},
};
use kernel::{Deployment, EventKind, PersonId, Time};

/// Invitations that one turn of the sweep removes at most.
const CHUNK: i64 = 500;
/// Steps of an erasure that whoever asked waits for at most.
const AT_ONCE: usize = 20;

/// Erases a member, or somebody who was removed before.
pub(crate) fn erase(tx: &mut Tx, acting: &Acting<'_>, id: PersonId) -> Done<()> {
    let mut events = Vec::new();
    if list::member(tx, acting.organisation(), id)?.is_some() {
        member_for(tx, acting, id, Verb::Erase)?;
        events = remove::removed(tx, acting, id)?;
    } else if !list::is_removed(tx, acting.organisation(), id)? {
        return Err(Stop::Absent);
    }
    tx.lock(factors::person_lock(id))?;
    erase::forget(tx, Deployment, id)?;
    for invitation in people::erase_memberships(tx, Deployment, id)? {
        let alias = PersonId(invitation.0);
        erase::forget(tx, Deployment, alias)?;
        erase::begin(tx, Deployment, alias, acting.now)?;
    }
    people::erase_account(tx, Deployment, id, acting.now)?;
    erase::begin(tx, Deployment, id, acting.now)?;
    // Said of nobody, so that it stays when the lines about them are erased: the id alone is left of them.
    let mut event = acting.event(EventKind::PersonErased, acting.caller.organisation, id);
    event.subject = None;
    event.detail = id.to_string();
    events.push(event);
    journal::append_all(tx, &events)?;
    Ok(())
}

/// Goes on with what was just begun, so that most erasures are finished when they are answered; the rest is the sweep's.
pub(crate) async fn go_on(ground: &Ground) {
    for _ in 0..AT_ONCE {
        match sweep(ground).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(%error, "an erasure was begun; the minute's sweep goes on with it");
                break;
            }
        }
    }
}

/// Goes on with what is left of erasures, and removes invitations that ended long ago. True: there is more.
pub async fn sweep(ground: &Ground) -> db::Result<bool> {
    let now = ground.now();
    ground
        .store
        .write_holding(Lock::on("erasure", b""), move |tx| step(tx, now))
        .await
}

fn step(tx: &mut Tx, now: Time) -> db::Result<bool> {
    let gone = invitations::sweep(tx, Deployment, now - KEPT_FOR, CHUNK)?;
    let Some(left) = erase::next(tx, Deployment)? else {
        return Ok(gone > 0);
    };
    match journal::erase_about(tx, left.subject, left.after_stream)? {
        Erased::All => erase::finish(tx, Deployment, left.subject)?,
        Erased::UpTo(stream) => erase::keep(tx, Deployment, left.subject, stream)?,
    }
    Ok(true)
}
