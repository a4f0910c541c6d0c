//! What the letters say that ask for a code from a new device, or for an administrator's answer, in their readers' language. Pure.
use crate::admission::Coming;
use ground::words::say;
use kernel::{Language, Span, Time, code::shown};
use people::{
    Person,
    letters::{self, Words},
};

/// Somebody signs in on a device that is not known.
pub(crate) fn verify(language: Language, code: &str, device: &str, network: &str, lives_for: Span) -> Words {
    let text = |key| say(language, key, &[]);
    let minutes = (lives_for + Span::seconds(59))
        .as_micros()
        .div_euclid(Span::minutes(1).as_micros());
    Words {
        subject: text("letter-verify-subject"),
        lines: vec![text("letter-verify-line")],
        facts: letters::facts(language, None, device, network),
        code: Some(shown(code)),
        after: vec![
            say(language, "letter-verify-ends", &[("minutes", minutes.into())]),
            text("letter-verify-not-you"),
        ],
        ..Words::default()
    }
}

/// To everybody who may let devices in: one waits.
pub(crate) fn waits(language: Language, person: &Person, coming: &Coming<'_>, at: Time) -> Words {
    let text = |key| say(language, key, &[]);
    let who = format!("{} ({})", person.name, person.email);
    let mut facts = vec![(text("letter-waits-person"), who)];
    facts.extend(letters::facts(language, Some(at), coming.label, coming.network));
    Words {
        subject: text("letter-waits-subject"),
        lines: vec![text("letter-waits-line")],
        facts,
        button: Some((text("letter-waits-button"), "/app/devices".into())),
        after: vec![text("letter-waits-ask"), text("letter-waits-why")],
        ..Words::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;
    use kernel::DeviceId;
    use people::sample;

    #[test]
    fn the_letters_about_devices_are_written_in_every_language() {
        let lives_for = Span::minutes(10);
        let (label, network) = ("Firefox on Windows", "198.51.100.7");
        let person = Person {
            name: "Ida Lind".into(),
            email: "ida@northwind.example".into(),
            ..Person::nobody()
        };
        let coming = Coming {
            token: Token::new([7; 32]),
            fresh: DeviceId(uuid::Uuid::nil()),
            label,
            network,
        };
        let letters = |language| {
            vec![
                verify(language, "ABCDEFGH", label, network, lives_for),
                waits(language, &person, &coming, sample::AT),
            ]
        };
        sample::hold(env!("CARGO_MANIFEST_DIR"), letters).unwrap();
    }

    #[test]
    fn what_is_left_of_a_sign_in_is_told_in_whole_minutes() {
        for (seconds, told) in [(1, "for 1 minute,"), (60, "for 1 minute,"), (61, "for 2 minutes,")] {
            let words = verify(Language::English, "ABCDEFGH", "", "", Span::seconds(seconds));
            assert!(words.after.concat().contains(told), "{:?}", words.after);
        }
    }
}
