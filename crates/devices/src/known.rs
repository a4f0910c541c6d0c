//! Devices that are known to a person: how one stands at the door, what is kept when it signs in, and what its person does with it later.
//! Must never happen: a key replaced by a browser that was not verified, while the device has one that was proved.
use crate::{
    KeyProof, Token,
    decide::{self, DeviceStanding, Place, Shown},
    store::{self, Facts, Known, SignedIn},
};
use ground::db::{Lock, Result, Tx, View};
use kernel::{Deployment, DeviceId, PersonId, Span, Time};

/// The lock under which a person's devices change: name, order, trust; and what a sign-in makes of one. It comes after the locks of a proof.
pub fn lock(person: PersonId) -> Lock {
    Lock::on("person-devices", person.0.as_bytes())
}

/// Of a person's devices so many are looked at.
pub(crate) const MOST: i64 = 200;

/// How the device of one of these tokens stands with this person: the one that proved its key before others, and an alarm only where none did.
pub fn standing(
    view: &mut View,
    _: Deployment,
    tokens: &[Token],
    person: PersonId,
    proof: Option<&KeyProof>,
    now: Time,
) -> Result<DeviceStanding> {
    let mut best = DeviceStanding::STRANGER;
    for token in tokens {
        let Some(facts) = store::facts(view, Deployment, token, person)? else {
            continue;
        };
        let standing = stands(&facts, proof, now);
        if standing.shown == Shown::Proven {
            return Ok(standing);
        }
        if best.device.is_none() && (standing.device.is_some() || standing.is_approved) {
            best = standing;
        }
    }
    Ok(best)
}

fn stands(facts: &Facts, proof: Option<&KeyProof>, now: Time) -> DeviceStanding {
    let is_admitted = facts.admission.as_deref() == Some("admitted");
    if !facts.is_known && !is_admitted {
        return DeviceStanding::STRANGER;
    }
    let shown = Shown::of(
        facts.public_key.as_deref(),
        proof.map(KeyProof::key),
        proof.is_some_and(KeyProof::is_fresh),
    );
    DeviceStanding {
        device: facts.is_known.then_some(facts.id),
        shown,
        // Whom an administrator has just let in needs no verification on top.
        is_trusted: is_admitted || facts.trusted_until.is_some_and(|until| until > now),
        is_revoked: facts.revoked_at.is_some(),
        is_approved: facts.approved_at.is_some() || is_admitted,
    }
}

/// A device that signs in: all checks are done, and the session is about to be opened.
pub struct Arrival<'a> {
    /// Its cookie's secret: the first that came along, or a fresh one.
    pub token: Token,
    /// The id that it gets where it is new.
    pub fresh: DeviceId,
    /// Browser and system in words.
    pub label: &'a str,
    /// Where it is.
    pub network: &'a str,
    /// The key that it proved in this sign-in.
    pub proof: Option<&'a KeyProof>,
    /// It was verified in this sign-in: its trust begins anew, and the key that it proved is its own from now on.
    pub is_verified: bool,
    /// How long a device is trusted.
    pub trust_for: Span,
}

/// Keeps the device, that it is known to this person, its key and its trust. Answers its id.
/// INVARIANT: the caller holds [`lock`] since before it looked at the device's standing: else trust that was taken away meanwhile would be given anew.
pub fn arrive(tx: &mut Tx, _: Deployment, arrival: &Arrival<'_>, person: PersonId, now: Time) -> Result<DeviceId> {
    let kept = store::facts(tx, Deployment, &arrival.token, person)?;
    let id = store::keep(tx, Deployment, &arrival.token, arrival.fresh, arrival.label, now)?;
    let old = kept.and_then(|facts| facts.public_key);
    let mut is_proven = false;
    if let Some(proof) = arrival.proof {
        is_proven = old.as_deref() == Some(proof.key());
        if !is_proven && (old.is_none() || arrival.is_verified) {
            store::set_key(tx, Deployment, id, proof.key())?;
            is_proven = true;
        }
    }
    let how = SignedIn {
        network: arrival.network,
        is_proven,
        is_verified: arrival.is_verified,
        trusted_until: now + arrival.trust_for,
    };
    store::know(tx, Deployment, id, person, &how, now)?;
    Ok(id)
}

/// A person's devices in their order.
pub fn of_person(view: &mut View, _: Deployment, person: PersonId, now: Time) -> Result<Vec<Known>> {
    let mut known = store::of_person(view, Deployment, person, MOST)?;
    decide::in_order(&mut known, |device| device.place(now));
    Ok(known)
}

impl Known {
    /// What decides its place in the order.
    pub fn place(&self, now: Time) -> Place {
        Place {
            rank: self.rank,
            is_trusted: self.is_trusted(now),
            used_at: self.last_at,
        }
    }
}

/// Gives a person's devices their places, from 1, in this order.
pub(crate) fn set_order(tx: &mut Tx, _: Deployment, person: PersonId, order: &[DeviceId]) -> Result<()> {
    for (rank, device) in (1_i64..).zip(order) {
        store::set_rank(tx, Deployment, person, *device, rank)?;
    }
    Ok(())
}

/// What a browser shows in a session of this device: nothing where the session has none, an alarm where its key is another's.
pub fn shown_by(view: &mut View, _: Deployment, device: Option<DeviceId>, proof: Option<&KeyProof>) -> Result<Shown> {
    let Some(device) = device else {
        return Ok(Shown::Nothing);
    };
    let kept = store::key_of(view, Deployment, device)?;
    let is_fresh = proof.is_some_and(KeyProof::is_fresh);
    Ok(Shown::of(kept.as_deref(), proof.map(KeyProof::key), is_fresh))
}

/// Whether this device may answer for another: known to the person, its trust lasts, and it proved its key, where it has one.
pub fn may_answer(
    view: &mut View,
    _: Deployment,
    person: PersonId,
    device: DeviceId,
    tokens: &[Token],
    proof: Option<&KeyProof>,
    now: Time,
) -> Result<bool> {
    let standing = standing(view, Deployment, tokens, person, proof, now)?;
    Ok(standing.device == Some(device) && standing.is_trusted && standing.shown.is_enough())
}
