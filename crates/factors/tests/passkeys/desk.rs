//! The service of passkeys over one place, and what pages would do with it.
use crate::{place::Place, soft_passkey::SoftPasskey};
use factors::{
    By, PasskeyProof, Passkeys,
    passkeys::{NewKey, Place as Where, Roots, Shown, Started},
};
use kernel::{AuthenticatorId, Event, PersonId, Reason};
use serde_json::Value;
use std::{net::IpAddr, sync::Arc};
use uuid::Uuid;

pub const SESSION: &[u8] = b"a session";

pub fn home() -> IpAddr {
    IpAddr::from([192, 0, 2, 7])
}
pub fn place() -> Where {
    Where {
        device: None,
        label: "Firefox on Linux".into(),
        network: "192.0.2.7".into(),
    }
}
pub fn read(body: Value) -> Shown {
    serde_json::from_value(body).unwrap()
}
pub fn json_of(started: &Started) -> Value {
    serde_json::to_value(started).unwrap()
}

/// The service over one place, and what pages would do with it.
#[derive(Clone)]
pub struct Desk {
    pub at: Arc<Place>,
    pub passkeys: Passkeys,
}

impl Desk {
    pub fn new(at: Arc<Place>) -> Self {
        Self::believing(at, Roots::default())
    }
    pub fn believing(at: Arc<Place>, roots: Roots) -> Self {
        let passkeys = Passkeys::with_roots(&at.ground, roots);
        Self { at, passkeys }
    }
    pub async fn start_enrol(&self, person: PersonId, models: &[Uuid]) -> Result<Value, Reason> {
        let (passkeys, person, now) = (self.passkeys.clone(), self.at.person(person).await, self.at.now());
        let models = models.to_vec();
        let started = self.at.ground.store.write(move |tx| {
            let new = NewKey {
                person: &person,
                models: &models,
                binding: SESSION,
            };
            passkeys.start_enrol(tx, &new, now)
        });
        started.await.unwrap().map(|started| json_of(&started))
    }
    pub async fn finish_enrol(
        &self,
        person: PersonId,
        body: Value,
        models: &[Uuid],
    ) -> Result<AuthenticatorId, Reason> {
        let new = self
            .passkeys
            .finish_enrol(read(body), person, SESSION.to_vec(), models)
            .await
            .unwrap()?;
        let (ground, person, now) = (self.at.ground.clone(), self.at.person(person).await, self.at.now());
        let store = ground.store.clone();
        let by = By {
            actor: Some(person.id),
            device: None,
            label: place().label,
            network: place().network,
            at: now,
        };
        let kept = store.write(move |tx| new.keep(tx, &ground, &person, None, &by));
        let (id, events) = kept.await.unwrap()?;
        assert_eq!(events.len(), 1);
        Ok(id)
    }
    pub async fn enrol(&self, person: PersonId, key: &mut SoftPasskey) -> Result<AuthenticatorId, Reason> {
        let started = self.start_enrol(person, &[]).await?;
        self.finish_enrol(person, key.create(&started), &[]).await
    }
    pub async fn start_sign_in(&self) -> Value {
        let (passkeys, now) = (self.passkeys.clone(), self.at.now());
        let started = self
            .at
            .ground
            .store
            .write(move |tx| passkeys.start_sign_in(tx, home(), now));
        json_of(&started.await.unwrap().unwrap())
    }
    pub async fn finish_sign_in(&self, body: Value) -> Result<PasskeyProof, Reason> {
        self.passkeys.finish_sign_in(read(body), &place()).await.unwrap()
    }
    pub async fn confirm(&self, proof: PasskeyProof) -> Result<Vec<Event>, Reason> {
        let (ground, now) = (self.at.ground.clone(), self.at.now());
        let (store, lock) = (ground.store.clone(), proof.lock());
        let done = store.write_holding(lock, move |tx| proof.confirm(tx, now, &ground));
        done.await.unwrap()
    }
    /// From the question to the commit.
    pub async fn sign_in(&self, key: &mut SoftPasskey) -> Result<PersonId, Reason> {
        let started = self.start_sign_in().await;
        let proof = self.finish_sign_in(key.get(&started)).await?;
        let person = proof.subject().person;
        self.confirm(proof).await.map(|_| person)
    }
    pub async fn start_confirm(&self, person: PersonId) -> Result<Value, Reason> {
        let (passkeys, now) = (self.passkeys.clone(), self.at.now());
        let started = self
            .at
            .ground
            .store
            .write(move |tx| passkeys.start_confirm(tx, person, SESSION, now));
        started.await.unwrap().map(|started| json_of(&started))
    }
    pub async fn finish_confirm(&self, person: PersonId, binding: &[u8], body: Value) -> Result<PasskeyProof, Reason> {
        self.passkeys
            .finish_confirm(read(body), person, binding.to_vec(), &place())
            .await
            .unwrap()
    }
}
