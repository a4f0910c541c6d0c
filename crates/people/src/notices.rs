//! Notices: a person is told by mail when something about their account changed, and gets one link that undoes the damage.
//! Posted in the transaction of what they tell. Must never happen: more than the fact, the time and the place; a flood of notices by strangers.
use crate::{
    letters::{self, Envelope, From, Words},
    store::{self, Person},
    way::Way,
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
    /// A passkey answered with a counter that did not rise: there may be a copy of it.
    PasskeyCopied {
        /// Its name.
        name: String,
    },
    /// A way to sign in was added.
    AuthenticatorAdded {
        /// Which.
        what: Way,
    },
    /// Ways to sign in were removed.
    AuthenticatorRemoved {
        /// Which; after a loss, all.
        what: Vec<Way>,
    },
    /// The clock of an authenticator app was learned anew, by two codes in a row.
    AppResynchronised {
        /// Which.
        what: Way,
    },
    /// New recovery codes were made; the old ones are void.
    RecoveryCodesMade,
    /// A key was made that programs call the API with.
    ApiKeyMade {
        /// Its name.
        name: String,
    },
    /// A recovery code was used.
    RecoveryCodeUsed {
        /// How many are left.
        left: u32,
    },
    /// So many wrong codes in a row that a way to sign in pauses: somebody who knows the password may be trying.
    CodesRefused {
        /// Which.
        what: Way,
    },
    /// The cookie of a device came with another key than the device's own.
    DeviceOtherKey,
    /// A new device was approved on a trusted one.
    DeviceApproved,
    /// A new device was refused on a trusted one: somebody got as far as that.
    DeviceDenied,
    /// Many wrong codes at the verification of a device.
    DeviceCodesRefused,
    /// The trust of a device was taken away.
    DeviceTrustRevoked {
        /// Which.
        what: String,
    },
    /// A device was forgotten.
    DeviceForgotten {
        /// Which.
        what: String,
    },
    /// An administrator let a device in.
    DeviceAdmitted {
        /// Which.
        what: String,
    },
    /// An administrator did not let a device in.
    DeviceNotAdmitted {
        /// Which.
        what: String,
    },
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
    second: MessageId,
    token: String,
}

impl Draw {
    /// A fresh id and link.
    pub fn new(now: Time, chance: &Chance) -> Self {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        Self {
            id: MessageId::new(now, chance),
            second: MessageId::new(now, chance),
            token: URL_SAFE_NO_PAD.encode(chance.bytes::<32>()),
        }
    }
    /// The id of a letter that goes with the notice to another address.
    pub fn second(&self) -> MessageId {
        self.second
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

/// The advice of most notices.
const PLAIN: &str = "letter-advice";
/// The advice where somebody got past the password.
const KNOWN: &str = "letter-advice-known";

/// The keys of subject, line and advice.
fn keys(notice: &Notice) -> [&'static str; 3] {
    match notice {
        Notice::PasswordChanged => ["letter-password-changed-subject", "letter-password-changed-line", PLAIN],
        Notice::PasswordReset => ["letter-password-reset-subject", "letter-password-reset-line", PLAIN],
        Notice::Locked => ["letter-locked-subject", "letter-locked-line", "letter-locked-advice"],
        Notice::EmailChanged { .. } => ["letter-email-changed-subject", "letter-email-changed-line", PLAIN],
        Notice::RecoveryCodeUsed { .. } => ["letter-code-used-subject", "letter-code-used-line", PLAIN],
        Notice::PasskeyCopied { .. } => [
            "letter-passkey-copied-subject",
            "letter-passkey-copied-line",
            "letter-passkey-copied-advice",
        ],
        Notice::AuthenticatorAdded { .. } => ["letter-way-added-subject", "letter-way-added-line", PLAIN],
        Notice::AuthenticatorRemoved { .. } => ["letter-way-removed-subject", "letter-way-removed-line", PLAIN],
        Notice::AppResynchronised { .. } => ["letter-app-clock-subject", "letter-app-clock-line", PLAIN],
        Notice::ApiKeyMade { .. } => ["letter-api-key-made-subject", "letter-api-key-made-line", PLAIN],
        Notice::RecoveryCodesMade => ["letter-codes-made-subject", "letter-codes-made-line", PLAIN],
        Notice::CodesRefused { .. } => ["letter-codes-refused-subject", "letter-codes-refused-line", KNOWN],
        Notice::DeviceOtherKey
        | Notice::NewDevice
        | Notice::DeviceApproved
        | Notice::DeviceDenied
        | Notice::DeviceCodesRefused
        | Notice::DeviceTrustRevoked { .. }
        | Notice::DeviceForgotten { .. }
        | Notice::DeviceAdmitted { .. }
        | Notice::DeviceNotAdmitted { .. } => device_keys(notice),
    }
}

/// The same for what is about devices.
fn device_keys(notice: &Notice) -> [&'static str; 3] {
    match notice {
        Notice::DeviceOtherKey => [
            "letter-device-key-subject",
            "letter-device-key-line",
            "letter-device-key-advice",
        ],
        Notice::DeviceApproved => ["letter-device-approved-subject", "letter-device-approved-line", PLAIN],
        Notice::DeviceDenied => ["letter-device-denied-subject", "letter-device-denied-line", KNOWN],
        Notice::DeviceCodesRefused => [
            "letter-device-codes-refused-subject",
            "letter-device-codes-refused-line",
            KNOWN,
        ],
        Notice::DeviceTrustRevoked { .. } => [
            "letter-device-trust-gone-subject",
            "letter-device-trust-gone-line",
            PLAIN,
        ],
        Notice::DeviceForgotten { .. } => ["letter-device-forgotten-subject", "letter-device-forgotten-line", PLAIN],
        Notice::DeviceAdmitted { .. } => [
            "letter-device-admitted-subject",
            "letter-device-admitted-line",
            "letter-device-admitted-advice",
        ],
        Notice::DeviceNotAdmitted { .. } => [
            "letter-device-not-admitted-subject",
            "letter-device-not-admitted-line",
            KNOWN,
        ],
        _ => ["letter-new-device-subject", "letter-new-device-line", PLAIN],
    }
}

/// What the line names, in this language.
fn named(language: Language, notice: &Notice) -> Option<(&'static str, String)> {
    Some(match notice {
        Notice::EmailChanged { to } => ("email", to.clone()),
        Notice::PasskeyCopied { name } | Notice::ApiKeyMade { name } => ("what", name.clone()),
        Notice::AuthenticatorAdded { what } | Notice::AppResynchronised { what } | Notice::CodesRefused { what } => {
            ("what", what.words(language))
        }
        Notice::AuthenticatorRemoved { what } => {
            let all: Vec<String> = what.iter().map(|way| way.words(language)).collect();
            ("what", all.join(", "))
        }
        Notice::DeviceTrustRevoked { what }
        | Notice::DeviceForgotten { what }
        | Notice::DeviceAdmitted { what }
        | Notice::DeviceNotAdmitted { what } => ("what", letters::device_in_words(language, what)),
        _ => return None,
    })
}

fn words(language: Language, notice: &Notice, facts: &Facts, token: &str) -> Words {
    let text = |key| say(language, key, &[]);
    let [subject, line, advice] = keys(notice);
    let named = named(language, notice);
    let given: Vec<_> = named.iter().map(|(name, value)| (*name, value.into())).collect();
    let mut lines = vec![say(language, line, &given)];
    if let Notice::RecoveryCodeUsed { left } = notice {
        let count = [("left", i64::from(*left).into())];
        lines.push(match left {
            0 => text("letter-code-used-last"),
            1..=3 => say(language, "letter-code-used-few", &count),
            _ => say(language, "letter-code-used-left", &count),
        });
    }
    Words {
        subject: text(subject),
        lines,
        facts: letters::facts(language, Some(facts.at), &facts.device, &facts.network),
        alarm: Some((text(advice), format!("/not-me?token={token}"))),
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
    use crate::sample;
    use kernel::AuthenticatorKind;

    const DEVICE: &str = "Safari on iPhone";

    fn way(kind: AuthenticatorKind, name: &str) -> Way {
        let name = name.to_owned();
        Way { kind, name }
    }
    fn app() -> Way {
        way(AuthenticatorKind::App, "Work phone")
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
            Notice::PasskeyCopied {
                name: "ThinkPad X1".into(),
            },
            Notice::AuthenticatorAdded { what: app() },
            Notice::AuthenticatorRemoved {
                what: vec![app(), way(AuthenticatorKind::RecoveryCodes, "Recovery codes")],
            },
            Notice::AppResynchronised { what: app() },
            Notice::RecoveryCodesMade,
            Notice::ApiKeyMade {
                name: "Nightly report".into(),
            },
            Notice::RecoveryCodeUsed { left: 0 },
            Notice::RecoveryCodeUsed { left: 1 },
            Notice::RecoveryCodeUsed { left: 7 },
            Notice::CodesRefused { what: app() },
            Notice::DeviceOtherKey,
            Notice::DeviceApproved,
            Notice::DeviceDenied,
            Notice::DeviceCodesRefused,
            Notice::DeviceTrustRevoked { what: DEVICE.into() },
            Notice::DeviceForgotten { what: DEVICE.into() },
            Notice::DeviceAdmitted { what: DEVICE.into() },
            Notice::DeviceNotAdmitted { what: DEVICE.into() },
        ];
        let facts = Facts::new(sample::AT, "Firefox on Windows", "198.51.100.7");
        let letters = |language| {
            notices
                .iter()
                .map(|notice| words(language, notice, &facts, "TOKEN"))
                .collect()
        };
        sample::hold(env!("CARGO_MANIFEST_DIR"), letters).unwrap();
    }
}
