//! Passkeys (WebAuthn Level 3): added, used at the door without a password, and used by somebody who is known.
//! For sign-in, sessions and the pages of one's own ways to sign in. Each ceremony is: start (in the caller's transaction) → finish (spends the
//! ceremony, then verifies) → the caller's commit, where [`PasskeyProof::confirm`] or [`NewPasskey::keep`] checks again.
//! Must never happen: a ceremony that counts twice; a proof without user verification; a key of one person that lets another in.
pub mod decide;
mod model;
mod proof;
mod relying;
mod roots;

pub use model::product;
pub use proof::{NewPasskey, PasskeyProof};
pub use relying::{Answer, Key, Question, Refusal, Registered, Relying, Verified};
pub use roots::{Roots, RootsError};

use crate::{
    Subject, network_key,
    store::passkeys::{self as store, Ceremony, PasskeyRow, Purpose},
};
use decide::{CEREMONY_LIVES_FOR, MOST_KEYS, MOST_OF_NETWORK, MOST_OF_PERSON};
use ground::{
    Ground,
    db::{self, Tx},
    journal,
};
use kernel::{CeremonyId, Deployment, DeviceId, Event, EventKind, Outcome, PersonId, Reason, Stream, Time};
use people::{
    Person,
    notices::{self, Draw, Notice},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{net::IpAddr, sync::Arc};
use uuid::Uuid;

/// Passkeys of the deployment. Cheap to clone.
#[derive(Clone)]
pub struct Passkeys(Arc<Inner>);

struct Inner {
    ground: Ground,
    /// None where the public address is a bare IP address.
    relying: Option<Relying>,
}

/// A ceremony that has begun: what the script of the page gets.
#[derive(Debug, Clone, Serialize)]
pub struct Started {
    /// To be sent back with the answer.
    pub ceremony: CeremonyId,
    /// The options for `navigator.credentials`, in their JSON form.
    #[serde(rename = "publicKey")]
    pub options: Value,
}

/// What a browser shows at the end of a ceremony.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// The `PublicKeyCredential` in its JSON form.
    pub credential: Value,
}

/// Who wants to add a passkey.
#[derive(Debug, Clone, Copy)]
pub struct NewKey<'a> {
    /// The person.
    pub person: &'a Person,
    /// The products (AAGUIDs) that their home organisation allows; empty allows all.
    pub models: &'a [Uuid],
    /// The session or flow in which it is added.
    pub binding: &'a [u8],
}

/// Where an answer came from, for what is told.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The device, where one is known.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub label: String,
    /// The network.
    pub network: String,
}

/// What the first step of a finish found: the state of the spent ceremony, the key that the answer names, and whose it is.
struct Found {
    state: Vec<u8>,
    row: PasskeyRow,
    person: Person,
}

impl Passkeys {
    /// On the ground; host and origin are those of the configured public address. No maker is believed.
    pub fn new(ground: &Ground) -> Self {
        Self::with_roots(ground, Roots::default())
    }
    /// The same; where a policy lists models, a new key proves its own by these roots, if there are any.
    pub fn with_roots(ground: &Ground, roots: Roots) -> Self {
        let url = &ground.config.public_url;
        let relying = Relying::new(url.host(), url.as_str()).map(|relying| relying.with_roots(roots));
        if relying.is_none() {
            tracing::warn!(
                address = url.as_str(),
                "browsers hold no passkeys for a bare IP address: none can be used here"
            );
        }
        Self(Arc::new(Inner {
            ground: ground.clone(),
            relying,
        }))
    }
    /// Whether passkeys can be used at this server's address.
    pub fn is_available(&self) -> bool {
        self.0.relying.is_some()
    }

    /// Begins to add a passkey.
    pub fn start_enrol(&self, tx: &mut Tx, new: &NewKey<'_>, now: Time) -> db::Result<Result<Started, Reason>> {
        let Some(relying) = &self.0.relying else {
            return Ok(Err(Reason::PasskeyUnavailable));
        };
        let person = new.person;
        let known = store::of_person(tx, Deployment, person.id)?;
        if known.len() >= MOST_KEYS {
            return Ok(Err(Reason::PasskeyTooMany));
        }
        let ids: Vec<Vec<u8>> = known.into_iter().map(|row| row.credential_id).collect();
        let asked = relying.ask_new(person.id, &person.email, &person.name, &ids, !new.models.is_empty());
        let key = person.id.0.as_bytes().to_vec();
        self.begin(tx, Purpose::Enrol, asked, key, new.binding, now)
    }

    /// Begins a sign-in by passkey: nobody knows yet who comes.
    pub fn start_sign_in(&self, tx: &mut Tx, from: IpAddr, now: Time) -> db::Result<Result<Started, Reason>> {
        let Some(relying) = &self.0.relying else {
            return Ok(Err(Reason::PasskeyUnavailable));
        };
        self.begin(tx, Purpose::SignIn, relying.ask(&[]), network_key(from), &[], now)
    }

    /// Begins the proof of a person who is known: second factor, unlock, step-up.
    pub fn start_confirm(
        &self,
        tx: &mut Tx,
        person: PersonId,
        binding: &[u8],
        now: Time,
    ) -> db::Result<Result<Started, Reason>> {
        let Some(relying) = &self.0.relying else {
            return Ok(Err(Reason::PasskeyUnavailable));
        };
        let known = store::of_person(tx, Deployment, person)?;
        if known.is_empty() {
            return Ok(Err(Reason::PasskeyNone));
        }
        let keys: Vec<_> = known
            .into_iter()
            .map(|row| (row.credential_id, row.transports))
            .collect();
        let key = person.0.as_bytes().to_vec();
        self.begin(tx, Purpose::Confirm, relying.ask(&keys), key, binding, now)
    }

    fn begin(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        asked: Option<Question>,
        key: Vec<u8>,
        binding: &[u8],
        now: Time,
    ) -> db::Result<Result<Started, Reason>> {
        let Some(Question { options, state }) = asked else {
            return Ok(Err(Reason::PasskeyUnavailable));
        };
        let (keys, chance) = (&self.0.ground.keys, &self.0.ground.chance);
        let ceremony = Ceremony {
            id: CeremonyId::new(now, chance),
            purpose,
            key,
            binding: binding.to_vec(),
            state: keys.seal(CEREMONY, &state, chance),
            most: if purpose == Purpose::SignIn {
                MOST_OF_NETWORK
            } else {
                MOST_OF_PERSON
            },
        };
        store::begin(tx, Deployment, &ceremony, now, now + CEREMONY_LIVES_FOR)?;
        Ok(Ok(Started {
            ceremony: ceremony.id,
            options,
        }))
    }

    /// Judges a new passkey; [`NewPasskey::keep`] keeps it in the caller's commit.
    pub async fn finish_enrol(
        &self,
        shown: Shown,
        person: PersonId,
        binding: Vec<u8>,
        models: &[Uuid],
    ) -> db::Result<Result<NewPasskey, Reason>> {
        let Some(relying) = &self.0.relying else {
            return Ok(Err(Reason::PasskeyUnavailable));
        };
        let (ceremony, now) = (shown.ceremony, self.0.ground.now());
        let claimed = self
            .0
            .ground
            .store
            .write(move |tx| store::claim_own(tx, Deployment, ceremony, Purpose::Enrol, person, &binding, now))
            .await?;
        let Some(state) = claimed.and_then(|sealed| self.0.ground.keys.open(CEREMONY, &sealed)) else {
            return Ok(Err(Reason::PasskeyEnded));
        };
        Ok(relying
            .register(&state, &shown.credential, models)
            .map(|registered| NewPasskey::new(person, registered)))
    }

    /// Judges a sign-in by passkey: who comes, and that it is them.
    pub async fn finish_sign_in(&self, shown: Shown, place: &Place) -> db::Result<Result<PasskeyProof, Reason>> {
        self.finish(shown, None, place).await
    }

    /// Judges the proof of a person who is known.
    pub async fn finish_confirm(
        &self,
        shown: Shown,
        person: PersonId,
        binding: Vec<u8>,
        place: &Place,
    ) -> db::Result<Result<PasskeyProof, Reason>> {
        self.finish(shown, Some((person, binding)), place).await
    }

    async fn finish(
        &self,
        shown: Shown,
        of: Option<(PersonId, Vec<u8>)>,
        place: &Place,
    ) -> db::Result<Result<PasskeyProof, Reason>> {
        let Some(relying) = &self.0.relying else {
            return Ok(Err(Reason::PasskeyUnavailable));
        };
        let answer = Answer::read(&shown.credential);
        let named = answer.as_ref().map(|answer| answer.credential_id().to_vec());
        let expected = of.as_ref().map(|(person, _)| *person);
        let (ceremony, now) = (shown.ceremony, self.0.ground.now());
        let found = self
            .0
            .ground
            .store
            .write(move |tx| find(tx, ceremony, of.as_ref(), named.as_deref(), now))
            .await?;
        let (found, answer) = match (found, answer) {
            (Ok(found), Some(answer)) => (found, answer),
            (Ok(_), None) => return Ok(Err(Reason::PasskeyWrong)),
            (Err(reason), _) => return Ok(Err(reason)),
        };
        let (keys, owner) = (&self.0.ground.keys, found.row.person);
        if expected.is_some_and(|person| person != owner) || !answer.is_of(owner, expected.is_none()) {
            return Ok(Err(Reason::PasskeyUnknown));
        }
        let state = keys.open(CEREMONY, &found.state);
        let key = keys.open(&sealed_for(owner), &found.row.credential);
        let (Some(state), Some(key)) = (state, key.and_then(|bytes| Key::from_bytes(&bytes))) else {
            tracing::error!(authenticator = %found.row.authenticator, "a passkey in the store does not open");
            return Ok(Err(Reason::PasskeyUnknown));
        };
        match relying.verify(&state, &answer, &key) {
            Ok(verified) => Ok(Ok(PasskeyProof::new(
                found.row,
                subject(&found.person),
                &found.person,
                &verified,
            ))),
            Err(Refusal::Plain(reason)) => Ok(Err(reason)),
            Err(Refusal::Copied) => {
                self.tell_copied(found, place.clone(), now).await?;
                Ok(Err(Reason::PasskeyCounterWrong))
            }
        }
    }

    /// A right signature with an old counter: the log and the person are told.
    async fn tell_copied(&self, found: Found, place: Place, now: Time) -> db::Result<()> {
        let ground = self.0.ground.clone();
        let work = move |tx: &mut Tx| {
            let (person, chance) = (&found.person, &ground.chance);
            let notice = Notice::PasskeyCopied {
                name: found.row.name.clone(),
            };
            let facts = notices::Facts::new(now, &place.label, &place.network);
            notices::post(tx, &ground, person, &notice, &facts, &Draw::new(now, chance))?;
            let stream = Stream::Organisation(person.home_organisation);
            let mut event = Event::new(stream, now, EventKind::PasskeyCounterBack, Outcome::Stopped, chance)
                .about(person.id)
                .from(place.device, &place.label, &place.network)
                .because(Reason::PasskeyCounterWrong);
            event.detail.clone_from(&found.row.name);
            journal::append(tx, &event)
        };
        self.0.ground.store.write(work).await
    }
}

/// Spends the ceremony and finds the key that the answer names. The ceremony is spent whatever comes of it.
fn find(
    tx: &mut Tx,
    ceremony: CeremonyId,
    of: Option<&(PersonId, Vec<u8>)>,
    named: Option<&[u8]>,
    now: Time,
) -> db::Result<Result<Found, Reason>> {
    let claimed = match of {
        Some((person, binding)) => store::claim_own(tx, Deployment, ceremony, Purpose::Confirm, *person, binding, now)?,
        None => store::claim_open(tx, Deployment, ceremony, now)?,
    };
    let Some(state) = claimed else {
        return Ok(Err(Reason::PasskeyEnded));
    };
    let Some(named) = named else {
        return Ok(Err(Reason::PasskeyWrong));
    };
    let Some(row) = store::find(tx, Deployment, named)? else {
        return Ok(Err(Reason::PasskeyUnknown));
    };
    let person = people::person(tx, Deployment, row.person)?.filter(|person| person.disabled_at.is_none());
    Ok(person.map_or(Err(Reason::PasskeyUnknown), |person| Ok(Found { state, row, person })))
}

fn subject(person: &Person) -> Subject {
    Subject {
        person: person.id,
        home: person.home_organisation,
        is_enabled: person.disabled_at.is_none(),
        epoch: person.epoch,
        known_device: None,
    }
}

/// The purpose under which the state of a ceremony is sealed.
const CEREMONY: &str = "passkey-ceremony";

/// The purpose under which a person's keys are sealed: one that was moved to another person's row does not open there.
fn sealed_for(person: PersonId) -> String {
    format!("passkey/{person}")
}
