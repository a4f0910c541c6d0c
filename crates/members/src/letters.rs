//! What the mail of an invitation says, in the language that whoever invited chose. Pure.
//! Must never happen: a letter that says more of the organisation than its name and who invited.
use crate::decide::LIVES_FOR;
use ground::words::say;
use kernel::{Language, Span, code};
use people::letters::Words;

/// An invitation: who invites where, the link, and the code for whoever cannot open it.
pub(crate) fn invitation(
    language: Language,
    (name, organisation): (&str, &str),
    token: &str,
    typed: &str,
    page: &str,
) -> Words {
    let hours = LIVES_FOR.seconds_up() / Span::hours(1).seconds_up();
    let by = [("name", name.into()), ("organisation", organisation.into())];
    let shown = code::shown(typed);
    Words {
        subject: say(
            language,
            "letter-invitation-subject",
            &[("organisation", organisation.into())],
        ),
        lines: vec![say(language, "letter-invitation-line", &by)],
        button: Some((
            say(language, "letter-invitation-button", &[]),
            format!("/invitation?token={token}"),
        )),
        after: vec![
            say(
                language,
                "letter-invitation-code",
                &[("page", page.into()), ("code", (&shown).into())],
            ),
            say(language, "letter-invitation-ends", &[("hours", hours.into())]),
            say(language, "letter-invitation-not-you", &[]),
        ],
        ..Words::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use people::sample;

    #[test]
    fn every_letter_about_people_is_written_in_every_language() {
        let all = |language| {
            let by = ("Ida Lind", "Northwind IT");
            vec![invitation(
                language,
                by,
                "TOKEN",
                "ABCDEFGH",
                "https://door.example.org/invitation",
            )]
        };
        sample::hold(env!("CARGO_MANIFEST_DIR"), all).unwrap();
    }
}
