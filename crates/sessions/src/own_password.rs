//! One's own password, typed again within a session: admission, then reserve → hash. What follows is the caller's commit.
//! For unlock, step-up, and the changes that ask for it. Must never happen: a try that passes the lanes under another device than the session's.
use crate::who::subject;
use factors::{Password, Proved, Prover, Slot, Source};
use ground::{
    Ask, Caller, Failure,
    db::{Result, Tx},
};
use kernel::Act;

/// What the try came to, and the slot, for whoever has more to hash. `gate` runs where the try is counted; where it says no, nobody's password is
/// compared. None: there is nobody whose it could be.
pub async fn prove_own<A: Act>(
    prover: &Prover,
    ask: &Ask<A>,
    caller: &Caller,
    password: Password,
    gate: impl Fn(&mut Tx) -> Result<bool> + Send + 'static,
) -> std::result::Result<Option<(Slot, Proved)>, Failure> {
    let address = ask.visitor.client.address;
    let known = caller.device.map(|device| device.0.as_bytes().to_vec());
    let mut slot = prover
        .admit(known, address)
        .await
        .map_err(|full| factors::busy(&ask.visitor, &full))?;
    let Ok(email) = people::canonical_email(&caller.email) else {
        return Ok(None);
    };
    let source = Source {
        canonical: email.canonical,
        address,
        device_label: caller.device_label.clone(),
    };
    let who = caller.clone();
    let find = move |tx: &mut Tx| if gate(tx)? { subject(tx, &who) } else { Ok(None) };
    let proved = prover.prove(&mut slot, source, password, find).await;
    let proved = proved.map_err(|fault| fault.into_failure(&ask.visitor))?;
    Ok(Some((slot, proved)))
}
