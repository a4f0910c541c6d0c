//! Somebody who is signed in and was refused: what is told of it, and the one place where that is written.
//! Must never happen: a refusal that changes its answer because it could not be written down.
use super::{Ask, House, Permit, Refusal};
use crate::Failure;
use axum::http::StatusCode;
use kernel::{Act, Action, DeviceId, OrganisationId, PersonId, Reason};

/// A person who may not do what they asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub organisation: OrganisationId,
    /// What they wanted to do.
    pub action: Action,
    /// Why not, the most telling first.
    pub reasons: Vec<Reason>,
    /// The derivation, in words; never a secret.
    pub told: String,
    /// Their device.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub device_label: String,
    /// Their network.
    pub network: String,
}

impl House {
    /// Makes a refusal of the door into an answer, and tells it where a person was stopped.
    pub(super) async fn turn_away<A: Act>(&self, ask: &Ask<A>, refusal: Refusal) -> Failure {
        if let Refusal::Stopped(stopped) = &refusal {
            self.tell(stopped.as_ref().clone()).await;
        }
        Failure::refused(&ask.visitor, refusal)
    }

    /// Refuses somebody who was let in and asked for more than they may: 403 for this reason, told with these words.
    pub async fn forbid<A: Act>(&self, ask: &Ask<A>, permit: &Permit<A>, reason: Reason, told: &str) -> Failure {
        let caller = permit.caller();
        self.tell(Stopped {
            person: caller.person,
            organisation: caller.organisation,
            action: A::ACTION,
            reasons: vec![reason],
            told: told.to_owned(),
            device: caller.device,
            device_label: caller.device_label.clone(),
            network: caller.network.clone(),
        })
        .await;
        ask.failure(StatusCode::FORBIDDEN, reason)
    }

    async fn tell(&self, stopped: Stopped) {
        let (door, now, chance) = (self.door.clone(), self.ground.now(), self.ground.chance.clone());
        let told = self
            .ground
            .store
            .write(move |tx| door.tell_stopped(tx, &stopped, now, &chance));
        // A store that cannot write must not turn a refusal into a fault.
        if let Err(error) = told.await {
            tracing::warn!(%error, "a refusal was not written into the activity log");
        }
    }
}
