//! What the letter says that confirms a session for a first second factor, in its reader's language. Pure.
use ground::words::say;
use kernel::{Language, Span, Time};
use people::letters::{self, Words};

/// Somebody who had been away for long wants to add a second factor.
pub(crate) fn long_away(
    language: Language,
    path: String,
    at: Time,
    device: &str,
    network: &str,
    lives_for: Span,
) -> Words {
    let text = |key| say(language, key, &[]);
    let minutes = lives_for.seconds_up() / Span::minutes(1).seconds_up();
    Words {
        subject: text("letter-away-subject"),
        lines: vec![text("letter-away-line")],
        facts: letters::facts(language, Some(at), device, network),
        button: Some((text("letter-away-button"), path)),
        after: vec![say(language, "letter-away-ends", &[("minutes", minutes.into())])],
        ..Words::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use people::sample;

    #[test]
    fn the_letter_with_a_link_is_written_in_every_language() {
        let letters = |language| {
            let path = "/app/security/add?proof=PROOF".to_owned();
            let (device, network) = ("Firefox on Windows", "198.51.100.7");
            vec![long_away(
                language,
                path,
                sample::AT,
                device,
                network,
                Span::minutes(30),
            )]
        };
        sample::hold(env!("CARGO_MANIFEST_DIR"), letters).unwrap();
    }
}
