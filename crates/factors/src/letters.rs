//! What a text message with a code says, in its reader's language. Pure.
//! Must never happen: a letter outside the alphabet of GSM in our words, which would make two messages of one.
use crate::decide::text::LIVES_FOR;
use ground::words::say;
use kernel::{Language, Span};

/// The message. Its last line binds the code to this server's address for phones that fill it in (WICG, origin-bound one-time codes).
pub(crate) fn code(language: Language, organisation: &str, host: &str, code: &str) -> String {
    let minutes = LIVES_FOR.seconds_up() / Span::minutes(1).seconds_up();
    let given = [
        ("code", code.into()),
        ("organisation", organisation.into()),
        ("minutes", minutes.into()),
    ];
    format!("{}\n\n@{host} #{code}", say(language, "letter-text-code", &given))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::words::sample;

    /// What one unit of the default alphabet stands for (3GPP TS 23.038, 6.2.1), beside ASCII's letters and digits.
    const GSM: &str = " @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà\n";

    #[test]
    fn a_message_is_written_in_every_language_in_the_alphabet_of_gsm() {
        for language in Language::ALL {
            let text = code(*language, "Northwind IT", "door.example.org", "12345678");
            let outside: String = text
                .chars()
                .filter(|c| !c.is_ascii_alphanumeric() && !GSM.contains(*c))
                .collect();
            assert_eq!(outside, "", "{language:?}: {text}");
            sample::hold(env!("CARGO_MANIFEST_DIR"), *language, &format!("{text}\n")).unwrap();
        }
    }
}
