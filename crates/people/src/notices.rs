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
    words::say,
};
use kernel::{Chance, Deployment, Language, MessageId, PersonId, Span, Time};
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
    let from = From::the_door(tx, ground)?;
    let words = words(person.language, notice, facts, &draw.token);
    let envelope = Envelope {
        id: draw.id,
        to,
        asked_by: None,
        purpose: Purpose::Notice,
        at: facts.at,
        ends_at: None,
    };
    delivery::post(tx, ground, &letters::write(&from, person, &words, envelope))
}

fn words(language: Language, notice: &Notice, facts: &Facts, token: &str) -> Words {
    let text = |key| say(language, key, &[]);
    let advice = text("letter-advice");
    let (subject, line, advice) = match notice {
        Notice::NewDevice => (
            text("letter-new-device-subject"),
            text("letter-new-device-line"),
            advice,
        ),
        Notice::PasswordChanged => (
            text("letter-password-changed-subject"),
            text("letter-password-changed-line"),
            advice,
        ),
        Notice::PasswordReset => (
            text("letter-password-reset-subject"),
            text("letter-password-reset-line"),
            advice,
        ),
        Notice::Locked => (
            text("letter-locked-subject"),
            text("letter-locked-line"),
            text("letter-locked-advice"),
        ),
        Notice::EmailChanged { to } => (
            text("letter-email-changed-subject"),
            say(language, "letter-email-changed-line", &[("email", to.into())]),
            advice,
        ),
    };
    Words {
        subject,
        lines: vec![line],
        facts: letters::facts(language, Some(facts.at), &facts.device, &facts.network),
        alarm: Some((advice, format!("/not-me?token={token}"))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use ground::words::sample;

    fn envelope() -> Envelope {
        Envelope {
            id: MessageId(uuid::Uuid::nil()),
            to: None,
            asked_by: None,
            purpose: Purpose::Notice,
            at: Time::default(),
            ends_at: None,
        }
    }

    #[test]
    fn every_notice_is_written_in_every_language() {
        let notices = [
            Notice::NewDevice,
            Notice::PasswordChanged,
            Notice::PasswordReset,
            Notice::Locked,
            Notice::EmailChanged {
                to: "mara.new@northwind.example".into(),
            },
        ];
        let from = From {
            organisation: "Northwind IT".into(),
            contact: "help@northwind.example".into(),
            public_url: "https://door.example.org".into(),
        };
        let facts = Facts::new(Time::from_seconds(1_795_511_642), "Firefox on Windows", "198.51.100.7");
        for language in Language::ALL {
            let person = Person {
                name: "Mara Okafor".into(),
                language: *language,
                ..Person::nobody()
            };
            let mut all = String::new();
            for notice in &notices {
                let words = words(*language, notice, &facts, "TOKEN");
                let letter = letters::write(&from, &person, &words, envelope());
                assert!(letter.html.contains(&words.subject), "{}", words.subject);
                all = format!("{all}== {}\n\n{}\n", letter.subject, letter.text);
            }
            sample::hold(env!("CARGO_MANIFEST_DIR"), *language, &all).unwrap();
        }
    }
}
