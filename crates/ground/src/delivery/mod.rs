//! Messages on their way out: mail and text messages leave through one queue in the store, retried for a day, never lost by a restart.
//! For every capability that has something to tell a person ([`post`], [`state`], [`probe`]), the program ([`Postman`]) and Settings, Messages.
//! Must never happen: a message without the change that it tells of, or the reverse; one sent twice while we knew better;
//! what a message says in a log, a list or a fault.
mod bounce;
mod decide;
mod direct;
mod exchange;
mod gateway;
mod http;
mod lines;
mod lmtp;
mod message;
mod mime;
mod outbox;
mod page;
mod pause;
mod postman;
mod relay;
mod relayed;
mod smtp;
mod store;
#[cfg(test)]
mod tests;

pub use direct::Direct;
pub(crate) use exchange::is_public;
pub use http::{openapi, routes};
pub use message::{Kind, Letter, Probe, Purpose, State, TextMessage};
pub use page::Filter;
pub use postman::{Postman, Turn};
pub use relay::Relay;
pub use smtp::{Patience, look};
pub use store::{Listed, posted_since};

use crate::{
    Ground,
    db::{self, Tx, View},
};
use kernel::{MessageId, Organisation, Time};
use serde::{Deserialize, Serialize};

/// What a message says, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Body {
    subject: String,
    text: String,
    html: String,
}

/// The purpose of the key that seals what messages say.
const SEAL: &str = "message";

impl Body {
    fn seal(&self, ground: &Ground) -> Vec<u8> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        ground.keys.seal(SEAL, &plain, &ground.chance)
    }
    fn open(ground: &Ground, sealed: &[u8]) -> Option<Self> {
        serde_json::from_slice(&ground.keys.open(SEAL, sealed)?).ok()
    }
}

/// Posts a mail, in the transaction that wants it: it leaves if and only if that transaction commits.
pub fn post(tx: &mut Tx, ground: &Ground, letter: &Letter) -> db::Result<()> {
    let body = Body {
        subject: letter.subject.clone(),
        text: letter.text.clone(),
        html: letter.html.clone(),
    };
    let new = store::New {
        id: letter.id,
        kind: Kind::Mail,
        purpose: letter.purpose,
        to: &letter.to,
        organisation: letter.organisation,
        person: letter.person,
        asked_by: letter.asked_by,
        sealed: body.seal(ground),
        at: letter.at,
        ends_at: decide::deadline(letter.at, letter.ends_at),
    };
    store::insert(tx, &new)
}

/// Posts a text message, likewise.
pub fn post_text(tx: &mut Tx, ground: &Ground, message: &TextMessage) -> db::Result<()> {
    let body = Body {
        subject: String::new(),
        text: message.text.clone(),
        html: String::new(),
    };
    let new = store::New {
        id: message.id,
        kind: Kind::Text,
        purpose: message.purpose,
        to: &message.to,
        organisation: message.organisation,
        person: message.person,
        asked_by: message.asked_by,
        sealed: body.seal(ground),
        at: message.at,
        ends_at: decide::deadline(message.at, message.ends_at),
    };
    store::insert(tx, &new)
}

/// How far this message has come. For a device that may know; never for strangers, whose answer is [`probe`].
pub fn state(view: &mut View, id: MessageId) -> db::Result<Option<State>> {
    store::state(view, id)
}

/// How the mail server was at the minute's look: the same for any address.
pub fn probe(view: &mut View) -> db::Result<Probe> {
    store::probe(view)
}

/// An organisation's messages, newest first, behind the one that was last.
pub fn messages(
    view: &mut View,
    of: Organisation,
    filter: Filter,
    before: Option<(Time, MessageId)>,
    now: Time,
    most: u32,
) -> db::Result<Vec<Listed>> {
    store::list(view, of, filter, before, now, most)
}
