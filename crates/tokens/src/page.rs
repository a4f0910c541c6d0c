//! The pages of API keys: the list with the form, and the one that shows a new key.
use crate::decide::Key;
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, Tag, When};
use kernel::{Action, ApiKeyId, Permissions, Scope, Time};

/// One key of the reader.
#[derive(Debug, Clone)]
pub struct KeyLine {
    /// Its id.
    pub id: ApiKeyId,
    /// Its name.
    pub name: String,
    /// What it may, in words.
    pub rights: String,
    /// When it was made.
    pub made_at: Time,
    /// When it ends.
    pub ends_at: Time,
    /// Its time is over.
    pub is_over: bool,
    /// When it was used last, and from where.
    pub used: Option<(Time, String)>,
}

impl KeyLine {
    /// As it stands now.
    pub(crate) fn of(key: Key, now: Time) -> Self {
        Self {
            rights: in_words(key.permissions, key.scope),
            is_over: now >= key.ends_at,
            used: key.used_at.map(|at| (at, key.used_from)),
            id: key.id,
            name: key.name,
            made_at: key.made_at,
            ends_at: key.ends_at,
        }
    }
}

fn in_words(permissions: Permissions, scope: Scope) -> String {
    let labels: Vec<&str> = permissions.iter().map(Action::label).collect();
    let limit = match scope {
        Scope::Everything => "",
        Scope::Customer(_) => "; one customer only",
        Scope::Site(_) => "; one site only",
    };
    format!("{}{limit}", labels.join(", "))
}

/// A right that may be given.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// Which.
    pub action: Action,
    /// It is chosen.
    pub is_ticked: bool,
}

/// How long a key may live, in days, as the form offers it.
const LIVES: [(i64, &str); 4] = [(30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "A year")];

/// "API keys".
#[derive(Debug, Template)]
#[template(path = "keys.html")]
pub struct KeysPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `name`, `permissions`, `ends_at`.
    pub errors: Errors,
    /// The organisation that the keys are for.
    pub organisation: String,
    /// The reader's keys, the newest first.
    pub keys: Vec<KeyLine>,
    /// The reader may make keys.
    pub may_make: bool,
    /// And has a second factor, without which there is none.
    pub has_factor: bool,
    /// And proved it a moment ago.
    pub is_fresh: bool,
    /// What a key may be given.
    pub rights: Vec<Right>,
    /// The name, as just typed.
    pub name: String,
    /// The life, as just chosen.
    pub days: i64,
}

impl KeysPage {
    #[expect(clippy::unused_self, reason = "templates ask the page")]
    fn lives(&self) -> [(i64, &'static str); 4] {
        LIVES
    }
}

/// The page that shows a new key, once.
#[derive(Debug, Template)]
#[template(path = "key_made.html")]
pub struct MadePage {
    /// The shell.
    pub shell: HouseShell,
    /// The key's name.
    pub name: String,
    /// When it ends.
    pub ends_at: Time,
    /// The key.
    pub token: String,
    /// An address that it can be tried with.
    pub example: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::Reason;
    use uuid::Uuid;

    const NOW: Time = Time::from_seconds(1_795_511_642);

    fn shell(title: &str) -> HouseShell {
        HouseShell {
            title: title.into(),
            here: Entry::Security,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: Permissions::NONE,
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        }
    }

    fn line(id: u128, name: &str, used: Option<(Time, String)>, is_over: bool) -> KeyLine {
        KeyLine {
            id: ApiKeyId(Uuid::from_u128(id)),
            name: name.into(),
            rights: in_words(
                [Action::SeeAgents, Action::ReadEvents].into_iter().collect(),
                Scope::Everything,
            ),
            made_at: NOW,
            ends_at: NOW,
            is_over,
            used,
        }
    }

    fn page(keys: Vec<KeyLine>) -> KeysPage {
        KeysPage {
            shell: shell("API keys"),
            notice: None,
            errors: Errors::none(),
            organisation: "Northwind IT".into(),
            keys,
            may_make: true,
            has_factor: true,
            is_fresh: true,
            rights: vec![
                Right {
                    action: Action::SeeAgents,
                    is_ticked: true,
                },
                Right {
                    action: Action::PairAgents,
                    is_ticked: false,
                },
            ],
            name: String::new(),
            days: 90,
        }
    }

    #[test]
    fn keys_are_listed_with_what_they_may_and_when_they_were_used() {
        let keys = vec![
            line(1, "Nightly <report>", Some((NOW, "198.51.100.7".into())), false),
            line(2, "Old", None, true),
        ];
        let text = sample::check("api-keys", &page(keys)).unwrap();
        for wanted in [
            "Nightly &#60;report&#62;",
            "Read activity, See agents",
            "198.51.100.7",
            "Never used",
            "Ended",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(text.contains("value=\"agents.see\" checked") && text.contains("value=\"agents.pair\">"));
        assert!(text.contains("<option value=\"90\" selected>"));
    }

    #[test]
    fn a_refused_key_is_told_at_its_fields() {
        let mut refused = page(Vec::new());
        refused.errors.push("name", Reason::ApiKeyNameInvalid);
        refused.errors.push("permissions", Reason::ApiKeyRightsInvalid);
        refused.errors.push("ends_at", Reason::ApiKeyEndInvalid);
        let text = sample::check("api-keys-refused", &refused).unwrap();
        assert!(text.contains("id=\"name-error\"") && text.contains("id=\"ends_at-error\""));
        assert!(text.contains("You have no API keys"));
    }

    #[test]
    fn without_a_fresh_factor_the_form_waits_behind_the_proof() {
        let stale = KeysPage {
            is_fresh: false,
            ..page(Vec::new())
        };
        let text = sample::check("api-keys-stale", &stale).unwrap();
        assert!(
            text.contains("/app/step-up?next=/app/security/api-keys&amp;needs=factor")
                && !text.contains("name=\"days\"")
        );
        let bare = KeysPage {
            has_factor: false,
            ..page(Vec::new())
        };
        let text = sample::check("api-keys-no-factor", &bare).unwrap();
        assert!(text.contains("/app/security/add") && !text.contains("name=\"days\""));
        let powerless = KeysPage {
            may_make: false,
            ..page(Vec::new())
        };
        let text = sample::check("api-keys-not-allowed", &powerless).unwrap();
        assert!(text.contains("Your role does not let you make API keys") && !text.contains("name=\"days\""));
    }

    #[test]
    fn a_new_key_is_shown_with_how_to_use_it() {
        let made = MadePage {
            shell: shell("Your new API key"),
            name: "Nightly report".into(),
            ends_at: NOW,
            token: "dwk_abc".into(),
            example: "https://door.example/api/v1/me".into(),
        };
        let text = sample::check("api-key-made", &made).unwrap();
        assert!(text.contains(">dwk_abc</code>") && text.contains("Authorization: Bearer"));
    }
}
