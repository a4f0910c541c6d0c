//! What the letter says that tells of a changed policy, in its reader's language. Pure.
//! Must never happen: a value left out, or told as another than it is.
use ground::{Caller, words::say};
use kernel::{AuthenticatorKind, Language, Time};
use organisations::Difference;
use people::{
    letters::{self, Words},
    way,
};

/// Who changed it, and from where.
pub(crate) struct By<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub organisation: &'a str,
    pub device: &'a str,
    pub network: &'a str,
}

impl<'a> By<'a> {
    pub fn caller(caller: &'a Caller) -> Self {
        Self {
            name: &caller.name,
            email: &caller.email,
            organisation: &caller.organisation_name,
            device: &caller.device_label,
            network: &caller.network,
        }
    }
}

/// To everybody else who may change policies.
pub(crate) fn changed(language: Language, by: &By<'_>, differences: &[Difference], at: Time) -> Words {
    let text = |key| say(language, key, &[]);
    let turn = |one: &Difference| {
        let [old, new] = one.values().map(|value| in_words(language, value));
        (label(language, one.field), format!("{old} → {new}"))
    };
    let mut facts: Vec<(String, String)> = differences.iter().map(turn).collect();
    facts.push((text("letter-policy-by"), format!("{} ({})", by.name, by.email)));
    facts.extend(letters::facts(language, Some(at), by.device, by.network));
    let organisation = [("organisation", by.organisation.into())];
    Words {
        subject: say(language, "letter-policy-subject", &organisation),
        lines: vec![text("letter-policy-line")],
        facts,
        button: Some((text("letter-policy-button"), "/app/policies".into())),
        after: vec![text("letter-policy-why")],
        ..Words::default()
    }
}

/// A field in words; one that has none stands as it is.
fn label(language: Language, field: &str) -> String {
    let key = match field {
        "factors.require" => "letter-policy-require",
        "factors.grace_hours" => "letter-policy-grace",
        "factors.allowed" => "letter-policy-kinds",
        "factors.aaguids" => "letter-policy-models",
        "devices.mode" => "letter-policy-devices",
        "devices.trust_days" => "letter-policy-trust",
        "devices.limit" => "letter-policy-limit",
        "sessions.lock_minutes" => "letter-policy-lock",
        "sessions.end_minutes" => "letter-policy-end",
        "networks.people" => "letter-policy-people",
        "networks.agents" => "letter-policy-agents",
        "passwords.min_length" => "letter-policy-length",
        "sms.allowed" => "letter-policy-texts",
        "sms.countries" => "letter-policy-countries",
        _ => return field.to_owned(),
    };
    say(language, key, &[])
}

/// A value, or a list of them, in words. Numbers, networks, countries and models stand as they are.
fn in_words(language: Language, value: &str) -> String {
    let words: Vec<String> = value.split(", ").map(|one| word(language, one)).collect();
    words.join(", ")
}

fn word(language: Language, word: &str) -> String {
    if let Some(kind) = AuthenticatorKind::from_name(word) {
        return way::kind(language, kind);
    }
    let key = match word {
        "default" => "letter-policy-default",
        "any" => "letter-policy-any",
        "yes" => "letter-policy-yes",
        "no" => "letter-policy-no",
        "phishing-resistant" => "letter-policy-resistant",
        "off" => "letter-policy-off",
        "notify" => "letter-policy-notify",
        "verify" => "letter-policy-verify",
        "approved" => "letter-policy-approved",
        _ => return word.to_owned(),
    };
    say(language, key, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Kinds;
    use organisations::{Mode, Require, Values};
    use people::sample;

    /// Every field set, each to something else than before.
    fn differences() -> Vec<Difference> {
        let old = Values {
            require: Some(Require::Yes),
            mode: Some(Mode::Verify),
            allowed: Some(Kinds::ALL),
            sms_allowed: Some(false),
            ..Values::default()
        };
        let new = Values {
            require: Some(Require::PhishingResistant),
            grace_hours: Some(48),
            allowed: Some([AuthenticatorKind::Passkey].into_iter().collect()),
            aaguids: Some(Vec::new()),
            mode: Some(Mode::Approved),
            trust_days: Some(7),
            limit: Some(3),
            lock_minutes: Some(15),
            end_minutes: Some(480),
            people: Some(vec!["198.51.100.0/24".parse().unwrap()]),
            agents: Some(Vec::new()),
            min_length: Some(12),
            sms_allowed: Some(true),
            countries: Some(vec!["NO".into(), "+44".into()]),
        };
        old.differences(&new)
    }

    #[test]
    fn the_letter_of_a_changed_policy_is_written_in_every_language() {
        let by = By {
            name: "Ida Lind",
            email: "ida@northwind.example",
            organisation: "Northwind IT",
            device: "Firefox on Windows",
            network: "198.51.100.7",
        };
        let letters = |language| vec![changed(language, &by, &differences(), sample::AT)];
        sample::hold(env!("CARGO_MANIFEST_DIR"), letters).unwrap();
    }

    #[test]
    fn every_field_and_every_word_of_a_value_has_words() {
        let all = differences();
        assert_eq!(all.len(), 14);
        for one in &all {
            assert_ne!(label(Language::German, one.field), one.field);
        }
        let names = Require::ALL.iter().map(|require| require.name());
        for name in names.chain(Mode::ALL.iter().map(|mode| mode.name())) {
            assert_ne!(in_words(Language::German, name), name);
        }
        // Norway is no refusal.
        assert_eq!(in_words(Language::German, "NO, +44"), "NO, +44");
    }
}
