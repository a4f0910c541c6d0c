//! The one family of letters that people get: plain text and HTML, light and dark, with the same words, in the person's language.
//! For notices and for recovery. Must never happen: more in it than the fact, the time, the place and what to do; a link to anywhere but `public_url`.
use crate::store::Person;
use askama::Template;
use ground::{
    Ground,
    db::{Result, View},
    delivery::{Letter, Purpose},
    words::{self, say},
};
use kernel::{Deployment, DeviceId, Language, MessageId, Time};

/// What a letter says, in the person's language.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The subject, and the heading.
    pub subject: String,
    /// What happened, a paragraph each.
    pub lines: Vec<String>,
    /// Facts with their labels: time, device, network.
    pub facts: Vec<(String, String)>,
    /// The button: label and path under `public_url`.
    pub button: Option<(String, String)>,
    /// A code to type.
    pub code: Option<String>,
    /// What stands below, in small.
    pub after: Vec<String>,
    /// "This was not me": words before it, and the path.
    pub alarm: Option<(String, String)>,
}

/// From whom a letter comes, and under which address its links lead.
#[derive(Debug, Clone, Default)]
pub struct From {
    /// The organisation's name.
    pub organisation: String,
    /// Whom to ask.
    pub contact: String,
    /// Where the server is.
    pub public_url: String,
}

impl From {
    /// From this server, as it is at the door.
    pub fn the_door(view: &mut View, ground: &Ground) -> Result<Self> {
        let door = organisations::at_the_door(view, Deployment)?;
        Ok(Self {
            organisation: door.name,
            contact: door.contact,
            public_url: ground.config.public_url.as_str().to_owned(),
        })
    }
}

/// Both forms are made of this.
struct Sheet<'a> {
    language: &'static str,
    from: &'a From,
    words: &'a Words,
    hello: String,
    colon: String,
    type_code: String,
    not_me: String,
    questions: String,
}

impl<'a> Sheet<'a> {
    fn new(language: Language, name: &str, from: &'a From, words: &'a Words) -> Self {
        let type_code = if words.button.is_some() {
            "letter-code"
        } else {
            "letter-code-only"
        };
        Self {
            language: language.tag(),
            from,
            words,
            hello: say(language, "letter-hello", &[("name", name.into())]),
            colon: say(language, "letter-colon", &[]),
            type_code: say(language, type_code, &[]),
            not_me: say(language, "letter-not-me", &[]),
            questions: say(language, "letter-questions", &[]),
        }
    }
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    sheet: &'a Sheet<'a>,
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a> {
    sheet: &'a Sheet<'a>,
}

/// To whom and what for.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The letter's id, drawn outside the transaction.
    pub id: MessageId,
    /// The address, where it is not the person's own.
    pub to: Option<String>,
    /// The device that asked for it.
    pub asked_by: Option<DeviceId>,
    /// What for.
    pub purpose: Purpose,
    /// When it was written.
    pub at: Time,
    /// After this it is not sent any more, because its link has ended.
    pub ends_at: Option<Time>,
}

/// The letter, ready to be posted.
pub fn write(from: &From, person: &Person, words: &Words, envelope: Envelope) -> Letter {
    let sheet = Sheet::new(person.language, &person.name, from, words);
    Letter {
        id: envelope.id,
        to: envelope.to.unwrap_or_else(|| person.email.clone()),
        organisation: Some(person.home_organisation),
        person: Some(person.id),
        asked_by: envelope.asked_by,
        purpose: envelope.purpose,
        subject: words.subject.clone(),
        text: Text { sheet: &sheet }.render().unwrap_or_default(),
        html: Html { sheet: &sheet }.render().unwrap_or_default(),
        at: envelope.at,
        ends_at: envelope.ends_at,
    }
}

/// Time and place with their labels; what is not known is left out.
pub fn facts(language: Language, at: Option<Time>, device: &str, network: &str) -> Vec<(String, String)> {
    let label = |key| say(language, key, &[]);
    let known = [
        (
            label("letter-time"),
            at.map(|at| words::moment(language, at)).unwrap_or_default(),
        ),
        (label("letter-device"), device_in_words(language, device)),
        (label("letter-network"), network.to_owned()),
    ];
    known.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// The systems that a device's label may end with.
const SYSTEMS: &[&str] = &[
    "iPhone", "iPad", "Android", "Windows", "ChromeOS", "macOS", "Linux", "FreeBSD",
];

/// A device's label, which is kept in English, in this language. A name that somebody gave it stays as it is.
pub(crate) fn device_in_words(language: Language, label: &str) -> String {
    match label.rsplit_once(" on ").filter(|(_, system)| SYSTEMS.contains(system)) {
        Some(("A browser", system)) => say(language, "letter-device-some", &[("system", system.into())]),
        Some((browser, system)) => {
            let given = [("browser", browser.into()), ("system", system.into())];
            say(language, "letter-device-on", &given)
        }
        None if label == "Unknown browser" => say(language, "letter-device-unknown", &[]),
        None => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (From, Words) {
        let from = From {
            organisation: "Northwind IT".into(),
            contact: "help@northwind.example".into(),
            public_url: "https://door.example.org".into(),
        };
        let path = || "/reset?token=abc".to_owned();
        let words = Words {
            subject: "New sign-in".into(),
            lines: vec!["Somebody signed in from a device that we had not seen before.".into()],
            facts: vec![("Device".into(), "<b>Firefox</b>".into())],
            button: Some(("Set a new password".into(), path())),
            code: Some("ABCD-EFGH".into()),
            after: vec!["It works once.".into()],
            alarm: Some(("If it was not you:".into(), path())),
        };
        (from, words)
    }

    #[test]
    fn both_forms_say_the_same_and_html_takes_nothing_typed_as_markup() {
        let (from, words) = sample();
        for language in Language::ALL {
            let sheet = Sheet::new(*language, "Mara <Okafor>", &from, &words);
            let (text, html) = (
                Text { sheet: &sheet }.render().unwrap(),
                Html { sheet: &sheet }.render().unwrap(),
            );
            for part in [
                "Somebody signed in from a device that we had not seen before.",
                "ABCD-EFGH",
                "https://door.example.org/reset?token=abc",
                "Northwind IT",
                "help@northwind.example",
                "It works once.",
                &say(*language, "letter-code", &[]),
                &say(*language, "letter-not-me", &[]),
                &say(*language, "letter-questions", &[]),
            ] {
                assert!(text.contains(part) && html.contains(part), "{part} in {language:?}");
            }
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())));
            assert!(text.contains("Mara <Okafor>"));
            assert!(!html.contains("<b>Firefox") && !html.contains("<Okafor>"));
        }
    }

    #[test]
    fn a_code_alone_is_not_told_as_the_other_way() {
        let (from, words) = sample();
        for language in Language::ALL {
            let words = Words {
                button: None,
                ..words.clone()
            };
            let sheet = Sheet::new(*language, "Mara", &from, &words);
            let text = Text { sheet: &sheet }.render().unwrap();
            assert!(text.contains(&say(*language, "letter-code-only", &[])), "{text}");
        }
    }

    #[test]
    fn a_device_is_told_in_the_readers_language_and_a_given_name_stays() {
        for (label, told) in [
            ("Firefox on Windows", "Firefox auf Windows"),
            ("A browser on Linux", "Ein Browser auf Linux"),
            ("Unknown browser", "Unbekannter Browser"),
            ("curl", "curl"),
            ("Mara on the road", "Mara on the road"),
            ("", ""),
        ] {
            assert_eq!(device_in_words(Language::German, label), told);
        }
    }

    #[test]
    fn what_is_not_known_of_time_and_place_is_left_out() {
        let at = Time::parse_rfc3339("2026-11-24T09:00:00Z");
        assert!(facts(Language::English, None, "", "").is_empty());
        let told = facts(Language::French, at, "Safari on iPhone", "198.51.100.7");
        let told: Vec<_> = told
            .iter()
            .map(|(label, value)| (label.as_str(), value.as_str()))
            .collect();
        let wanted = [
            ("Date et heure", "24 novembre 2026 à 09:00 (UTC)"),
            ("Appareil", "Safari sur iPhone"),
            ("Réseau", "198.51.100.7"),
        ];
        assert_eq!(told, wanted);
    }
}
