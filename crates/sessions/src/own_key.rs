//! The key of the session's device, shown before something delicate. A browser that shows none is quietly let on, with its factor alone; one
//! that shows another's is not the browser that signed in.
//! Must never happen: a session's cookie that was copied into another browser going on to something delicate there.
use crate::{Sessions, http::own_event, store};
use devices::{KeyProof, Shown};
use ground::{Ask, Failure, Permit, Refusal, db, db::Tx, journal};
use kernel::{Act, Deployment, EventKind, Outcome, Reason};

/// Lets a browser on whose key is its device's, or that shows none. Else the session ends, and its person is told.
pub(crate) async fn stand_by<A: Act>(
    state: &Sessions,
    ask: &Ask<A>,
    device_key: &str,
    device_proof: &str,
) -> Result<(), Failure> {
    let Some(proof) = KeyProof::read(&ask.visitor, device_key, device_proof) else {
        return Ok(());
    };
    let read = proof.clone();
    let (_, shown) = state
        .house
        .read(ask, move |view, permit| {
            devices::shown_by(view, Deployment, permit.caller().device, Some(&read))
        })
        .await?;
    if shown != Shown::OtherKey {
        return Ok(());
    }
    let ground = state.house.ground.clone();
    let ended = move |tx: &mut Tx, permit: &Permit<A>| {
        // The commit looks again: the key may have been replaced, by a verification, in this very moment.
        if devices::shown_by(tx, Deployment, permit.caller().device, Some(&proof))? == Shown::OtherKey {
            end(tx, permit, &ground)?;
        }
        Ok(())
    };
    state.house.write(ask, None, ended).await?;
    Err(Failure::refused(
        &ask.visitor,
        Refusal::SignedOut(Reason::DeviceOtherKey),
    ))
}

fn end<A: Act>(tx: &mut Tx, permit: &Permit<A>, ground: &ground::Ground) -> db::Result<()> {
    let (caller, now) = (permit.caller(), permit.now());
    let why = Reason::DeviceOtherKey;
    store::end(tx, Deployment, caller.person, caller.session, why, now)?;
    let mut events = Vec::new();
    if let Some(person) = people::person(tx, Deployment, caller.person)? {
        events.push(devices::other_key(
            tx,
            ground,
            &person,
            &devices::From::caller(caller, now),
        )?);
    }
    let event = own_event(tx, permit, EventKind::SessionEnded, Outcome::Stopped, &ground.chance)?;
    events.push(event.because(why));
    journal::append_all(tx, &events)
}
