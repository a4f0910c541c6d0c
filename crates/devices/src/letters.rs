//! What the letter says that asks for a code from a new device, in its reader's language. Pure.
use ground::words::say;
use kernel::{Language, Span, code::shown};
use people::letters::{self, Words};

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

#[cfg(test)]
mod tests {
    use super::*;
    use people::sample;

    #[test]
    fn the_letter_with_a_code_is_written_in_every_language() {
        let lives_for = Span::minutes(10);
        let letters = |language| {
            let words = verify(language, "ABCDEFGH", "Firefox on Windows", "198.51.100.7", lives_for);
            vec![words]
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
