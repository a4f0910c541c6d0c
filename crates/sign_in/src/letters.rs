//! What the letter says that guards a first second factor at the door, in its reader's language. Pure.
use crate::decide::LIVES_FOR;
use ground::words::say;
use kernel::{Language, Span, Time, code::shown};
use people::letters::{self, Words};

/// Somebody who knows the password is about to add a second factor.
pub(crate) fn first_factor(language: Language, code: &str, at: Time, device: &str, network: &str) -> Words {
    let text = |key| say(language, key, &[]);
    let minutes = LIVES_FOR.seconds_up() / Span::minutes(1).seconds_up();
    Words {
        subject: text("letter-first-subject"),
        lines: vec![text("letter-first-line")],
        facts: letters::facts(language, Some(at), device, network),
        code: Some(shown(code)),
        after: vec![
            say(language, "letter-first-ends", &[("minutes", minutes.into())]),
            text("letter-first-not-you"),
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
        let letters = |language| {
            let words = first_factor(language, "ABCDEFGH", sample::AT, "Firefox on Windows", "198.51.100.7");
            vec![words]
        };
        sample::hold(env!("CARGO_MANIFEST_DIR"), letters).unwrap();
    }
}
