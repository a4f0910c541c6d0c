//! Links and codes as they are made: by a person who forgot, by the operator, and after an alarm.
use crate::{decide, store};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{
    Ground,
    db::{self, View},
    journal,
};
use kernel::{Chance, Deployment, DeviceId, Event, EventKind, MessageId, Outcome, PersonId, Stream, Time};
use people::Person;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// One link with its code, drawn outside the transaction.
#[derive(Clone)]
pub(crate) struct Draw {
    id: Uuid,
    /// 256 bits for the link.
    pub token: String,
    /// 40 bits for the code.
    pub code: String,
}

impl Draw {
    pub fn new(now: Time, chance: &Chance) -> Self {
        let token = URL_SAFE_NO_PAD.encode(chance.bytes::<32>());
        Self {
            id: kernel::id::version_7(now, chance),
            token,
            code: decide::code(chance.bytes()),
        }
    }
    /// The page that the link opens.
    pub fn path(&self) -> String {
        format!("/reset?token={}", self.token)
    }
    /// As the store keeps it.
    pub fn kept(
        &self,
        ground: &Ground,
        person: PersonId,
        browser_hash: [u8; 32],
        device: Option<DeviceId>,
        message: Option<MessageId>,
    ) -> store::NewReset {
        let code_hash = code_hash(ground, &self.code);
        store::NewReset {
            id: self.id,
            person,
            link_hash: hash(&self.token),
            code_hash,
            browser_hash,
            device,
            message,
        }
    }
    /// As the store keeps it where no browser may use the code: the link alone works.
    pub fn kept_without_code(&self, ground: &Ground, person: PersonId) -> store::NewReset {
        self.kept(ground, person, ground.chance.bytes(), None, None)
    }
}

/// What was asked for before this is void: the password was changed since.
pub(crate) fn good_since(view: &mut View, person: PersonId) -> db::Result<Time> {
    let password = factors::store::find_password(view, person)?;
    Ok(password.map_or(Time::from_micros(0), |password| password.changed_at))
}

/// SHA-256 of a token of 256 bits.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// HMAC of a code under a key outside the store: 40 bits alone could be searched.
pub(crate) fn code_hash(ground: &Ground, code: &str) -> [u8; 32] {
    ground.keys.hmac("reset-code", code.as_bytes())
}

/// A link for this person, made by the operator: `doorward person reset-link`.
pub async fn make_link(ground: &Ground, person: &Person) -> db::Result<String> {
    let now = ground.now();
    let draw = Draw::new(now, &ground.chance);
    let kept = draw.kept_without_code(ground, person.id);
    let stream = Stream::Organisation(person.home_organisation);
    let event = Event::new(stream, now, EventKind::ResetLinkMade, Outcome::Done, &ground.chance).about(person.id);
    ground
        .store
        .write(move |tx| {
            store::insert(tx, Deployment, &kept, now, now + decide::LIVES_FOR)?;
            journal::append(tx, &event)
        })
        .await?;
    Ok(format!("{}{}", ground.config.public_url.as_str(), draw.path()))
}
