//! Notices: a person is told by mail when something about their account changed, and gets one link that undoes the damage.
//! Posted in the transaction of what they tell. Must never happen: more than the fact, the time and the place; a flood of notices by strangers.
use crate::{
    letters::{self, Envelope, From, Words},
    store::{self, Person},
};
use ground::{
    Ground,
    db::{Result, Tx, View},
    delivery::{self, Purpose},
};
use kernel::{Chance, Deployment, MessageId, PersonId, Span, Time};
use sha2::{Digest, Sha256};

/// The link in a notice works so long.
const ALARM_LIVES_FOR: Span = Span::days(7);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A device that never was there signed in.
    NewDevice,
    /// The password was changed by its owner, or somebody who knew it.
    PasswordChanged,
    /// A new password was set by mail.
    PasswordReset,
    /// Strangers failed so often that they have to wait.
    Locked,
    /// The address was changed to this one (told to both).
    EmailChanged {
        /// The new address.
        to: String,
    },
}

/// Where and when it happened, and what the letter needs of chance.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When.
    pub at: Time,
    /// The device in words.
    pub device: String,
    /// The network.
    pub network: String,
}

impl Facts {
    /// At this time, on this device, from this network.
    pub fn new(at: Time, device: &str, network: &str) -> Self {
        Self {
            at,
            device: device.to_owned(),
            network: network.to_owned(),
        }
    }
}

/// What is drawn outside the transaction for one notice.
#[derive(Clone)]
pub struct Draw {
    id: MessageId,
    token: String,
}

impl Draw {
    /// A fresh id and link.
    pub fn new(now: Time, chance: &Chance) -> Self {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        Self {
            id: MessageId::new(now, chance),
            token: URL_SAFE_NO_PAD.encode(chance.bytes::<32>()),
        }
    }
}

/// Posts a notice to the person.
pub fn post(tx: &mut Tx, ground: &Ground, person: &Person, notice: &Notice, facts: &Facts, draw: &Draw) -> Result<()> {
    post_to(tx, ground, person, None, notice, facts, draw)
}

/// Posts a notice about the person to another address, such as the one they had before.
pub fn post_to(
    tx: &mut Tx,
    ground: &Ground,
    person: &Person,
    to: Option<String>,
    notice: &Notice,
    facts: &Facts,
    draw: &Draw,
) -> Result<()> {
    store::keep_alarm_link(
        tx,
        Deployment,
        &hash(&draw.token),
        person.id,
        facts.at,
        facts.at + ALARM_LIVES_FOR,
    )?;
    let door = organisations::at_the_door(tx, Deployment)?;
    let from = From {
        organisation: door.name,
        contact: door.contact,
    };
    let words = words(notice, facts, &draw.token);
    let envelope = Envelope {
        id: draw.id,
        to,
        asked_by: None,
        purpose: Purpose::Notice,
        at: facts.at,
        ends_at: None,
    };
    delivery::post(tx, ground, &letters::write(ground, &from, person, &words, envelope))
}

fn words(notice: &Notice, facts: &Facts, token: &str) -> Words {
    let (subject, line, advice) = match notice {
        Notice::NewDevice => (
            "New sign-in to your account",
            "Somebody signed in to your account from a device that we had not seen before. If that was you, there is nothing to do.".to_owned(),
            "If it was not you, end all sessions now and set a new password.",
        ),
        Notice::PasswordChanged => (
            "Your password was changed",
            "The password of your account was changed, and all other sessions were ended.".to_owned(),
            "If it was not you, end all sessions now and set a new password.",
        ),
        Notice::PasswordReset => (
            "A new password was set by mail",
            "A new password was set for your account with the link or the code from a mail.".to_owned(),
            "If it was not you, end all sessions now and set a new password.",
        ),
        Notice::Locked => (
            "Many wrong passwords for your account",
            "Somebody tried many wrong passwords for your account, so strangers have to wait. Devices that you have used before are not affected."
                .to_owned(),
            "You need to do nothing. If you are worried, end all sessions and set a new password.",
        ),
        Notice::EmailChanged { to } => (
            "Your e-mail address was changed",
            format!("The e-mail address of your account is now {to}."),
            "If it was not you, end all sessions now and set a new password.",
        ),
    };
    let place = [
        ("Time", facts.at.rfc3339()),
        ("Device", facts.device.clone()),
        ("Network", facts.network.clone()),
    ];
    Words {
        subject: subject.into(),
        lines: vec![line],
        facts: place.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        alarm: Some((advice.into(), format!("/not-me?token={token}"))),
        ..Words::default()
    }
}

/// Whose link this is, while it works. Opening it does nothing.
pub fn find_alarm(view: &mut View, token: &str, now: Time) -> Result<Option<PersonId>> {
    store::find_alarm_link(view, Deployment, &hash(token), now)
}

/// Spends the link: one of all who try at once gets the person.
pub fn claim_alarm(tx: &mut Tx, token: &str, now: Time) -> Result<Option<PersonId>> {
    store::claim_alarm_link(tx, Deployment, &hash(token), now)
}

/// Ends all these links of a person: what they were there for has been done. Before a new notice is posted.
pub fn void_alarms(tx: &mut Tx, person: PersonId) -> Result<()> {
    void_alarms_since(tx, person, Time::default())
}

/// Ends the links that were sent since then: the address that they went to is not the person's any more.
pub fn void_alarms_since(tx: &mut Tx, person: PersonId, since: Time) -> Result<()> {
    store::void_alarm_links(tx, Deployment, person, since)
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
