//! What the letters of recovery say, each in the language of its reader. Pure.
//! Must never happen: a letter that says more than what was asked, where, and what to do; one that tells that an address has no account.
use crate::decide;
use ground::words::say;
use kernel::{Language, Span, Time};
use people::letters::{self, Words};

/// A new password was asked for: link, and code.
pub(crate) fn reset(language: Language, path: String, code: &str, device: &str, network: &str) -> Words {
    let text = |key| say(language, key, &[]);
    let minutes = decide::LIVES_FOR.seconds_up() / Span::minutes(1).seconds_up();
    Words {
        subject: text("letter-reset-subject"),
        lines: vec![text("letter-reset-line")],
        facts: letters::facts(language, None, device, network),
        button: Some((text("letter-reset-button"), path)),
        code: Some(decide::shown(code)),
        after: vec![
            say(language, "letter-reset-ends", &[("minutes", minutes.into())]),
            text("letter-reset-not-you"),
        ],
        ..Words::default()
    }
}

/// To a new address: whether it shall be the account's.
pub(crate) fn confirm(language: Language, email: &str, path: String, lives_for: Span) -> Words {
    let text = |key| say(language, key, &[]);
    let hours = lives_for.seconds_up() / Span::hours(1).seconds_up();
    Words {
        subject: text("letter-confirm-subject"),
        lines: vec![say(language, "letter-confirm-line", &[("email", email.into())])],
        button: Some((text("letter-confirm-button"), path)),
        after: vec![say(language, "letter-confirm-ends", &[("hours", hours.into())])],
        ..Words::default()
    }
}

/// Where and when an address was changed.
pub(crate) struct Place<'a> {
    pub at: Time,
    pub device: &'a str,
    pub network: &'a str,
}

/// To the old address: what the new one is, and the way back.
pub(crate) fn undo(language: Language, email: &str, path: String, lives_for: Span, place: &Place<'_>) -> Words {
    let text = |key| say(language, key, &[]);
    let days = lives_for.seconds_up() / Span::days(1).seconds_up();
    Words {
        subject: text("letter-undo-subject"),
        lines: vec![say(language, "letter-undo-line", &[("email", email.into())])],
        facts: letters::facts(language, Some(place.at), place.device, place.network),
        button: Some((text("letter-undo-button"), path)),
        after: vec![say(language, "letter-undo-ends", &[("days", days.into())])],
        ..Words::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::{delivery::Purpose, words::sample};
    use kernel::MessageId;
    use people::{
        Person,
        letters::{Envelope, From},
    };

    const NEW: &str = "mara.new@northwind.example";
    const DEVICE: &str = "Safari on iPhone";
    const NETWORK: &str = "198.51.100.7";

    fn all(language: Language) -> [Words; 3] {
        let place = Place {
            at: Time::from_seconds(1_795_511_642),
            device: DEVICE,
            network: NETWORK,
        };
        let path = |page: &str| format!("{page}?token=TOKEN");
        [
            reset(language, path("/reset"), "ABCDEFGH", DEVICE, NETWORK),
            confirm(language, NEW, path("/email/confirm"), Span::hours(24)),
            undo(language, NEW, path("/email/undo"), Span::days(7), &place),
        ]
    }

    #[test]
    fn every_letter_of_recovery_is_written_in_every_language() {
        let from = From {
            organisation: "Northwind IT".into(),
            contact: "help@northwind.example".into(),
            public_url: "https://door.example.org".into(),
        };
        for language in Language::ALL {
            let person = Person {
                name: "Mara Okafor".into(),
                language: *language,
                ..Person::nobody()
            };
            let letters = all(*language).map(|words| {
                let envelope = Envelope {
                    id: MessageId(uuid::Uuid::nil()),
                    to: None,
                    asked_by: None,
                    purpose: Purpose::Reset,
                    at: Time::default(),
                    ends_at: None,
                };
                let letter = letters::write(&from, &person, &words, envelope);
                assert!(letter.html.contains(&words.subject) && letter.html.contains("?token=TOKEN"));
                format!("== {}\n\n{}\n", letter.subject, letter.text)
            });
            sample::hold(env!("CARGO_MANIFEST_DIR"), *language, &letters.concat()).unwrap();
        }
    }
}
