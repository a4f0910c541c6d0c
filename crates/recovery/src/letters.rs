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

/// To the old address, where an administrator changed it: what the new one is. No way back: whoever reads this may not be its person any more.
pub(crate) fn moved(language: Language, email: &str, place: &Place<'_>) -> Words {
    Words {
        subject: say(language, "letter-email-changed-subject", &[]),
        lines: vec![say(language, "letter-email-changed-line", &[("email", email.into())])],
        facts: letters::facts(language, Some(place.at), place.device, place.network),
        ..Words::default()
    }
}

/// To somebody who lost a second factor: the way without it, begun by this administrator of this organisation.
pub(crate) fn lost(language: Language, (name, organisation): (&str, &str), path: String, lives_for: Span) -> Words {
    let text = |key| say(language, key, &[]);
    let hours = lives_for.seconds_up() / Span::hours(1).seconds_up();
    let by = [("name", name.into()), ("organisation", organisation.into())];
    Words {
        subject: text("letter-lost-subject"),
        lines: vec![say(language, "letter-lost-line", &by)],
        button: Some((text("letter-lost-button"), path)),
        after: vec![
            say(language, "letter-lost-ends", &[("hours", hours.into())]),
            text("letter-lost-nothing"),
        ],
        ..Words::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use people::sample;

    const NEW: &str = "mara.new@northwind.example";
    const DEVICE: &str = "Safari on iPhone";
    const NETWORK: &str = "198.51.100.7";

    fn all(language: Language) -> Vec<Words> {
        let place = Place {
            at: sample::AT,
            device: DEVICE,
            network: NETWORK,
        };
        let path = |page: &str| format!("{page}?token=TOKEN");
        let by = ("Ida Lind", "Northwind IT");
        vec![
            reset(language, path("/reset"), "ABCDEFGH", DEVICE, NETWORK),
            confirm(language, NEW, path("/email/confirm"), Span::hours(24)),
            undo(language, NEW, path("/email/undo"), Span::days(7), &place),
            moved(language, NEW, &place),
            lost(language, by, path("/lost-factors"), Span::hours(24)),
        ]
    }

    #[test]
    fn every_letter_of_recovery_is_written_in_every_language() {
        sample::hold(env!("CARGO_MANIFEST_DIR"), all).unwrap();
    }
}
