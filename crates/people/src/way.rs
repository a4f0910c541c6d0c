//! A way to sign in, as letters name it to its owner. For the notices here, and for whoever posts them.
//! Must never happen: a name that somebody gave, translated.
use ground::words::say;
use kernel::{AuthenticatorKind, Language};

/// A way to sign in: its kind, and the name that its owner gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What it is.
    pub kind: AuthenticatorKind,
    /// Its name; where none was given, the kind in English, and the second one's number.
    pub name: String,
}

impl Way {
    /// Kind and name in this language: "Authenticator app “Work phone”", "Passkey", "Authenticator app 2".
    pub fn words(&self, language: Language) -> String {
        let kind = kind(language, self.kind);
        let is_number = |rest: &str| {
            let digits = rest.strip_prefix(' ').unwrap_or_default();
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
        };
        match self.name.strip_prefix(self.kind.words()) {
            Some("") => kind,
            Some(number) if is_number(number) => format!("{kind}{number}"),
            _ if self.name.is_empty() => kind,
            _ => {
                let given = [("kind", (&kind).into()), ("name", (&self.name).into())];
                say(language, "letter-way-named", &given)
            }
        }
    }
}

/// What a way of this kind is called in this language.
pub fn kind(language: Language, kind: AuthenticatorKind) -> String {
    let key = match kind {
        AuthenticatorKind::App => "letter-way-app",
        AuthenticatorKind::Phone => "letter-way-phone",
        AuthenticatorKind::Passkey => "letter-way-passkey",
        AuthenticatorKind::RecoveryCodes => "letter-way-codes",
    };
    say(language, key, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_named_in_the_readers_language_and_a_given_name_stays() {
        for (kind, name, told) in [
            (AuthenticatorKind::App, "Authenticator app", "Authenticator-App"),
            (AuthenticatorKind::App, "Authenticator app 2", "Authenticator-App 2"),
            (AuthenticatorKind::App, "", "Authenticator-App"),
            (AuthenticatorKind::App, "Work phone", "Authenticator-App „Work phone“"),
            (
                AuthenticatorKind::Passkey,
                "Passkey of Mara",
                "Passkey „Passkey of Mara“",
            ),
            (AuthenticatorKind::Phone, "Text message", "SMS"),
            (
                AuthenticatorKind::RecoveryCodes,
                "Recovery codes",
                "Wiederherstellungscodes",
            ),
        ] {
            let name = name.to_owned();
            assert_eq!(Way { kind, name }.words(Language::German), told);
        }
    }
}
