//! The one family of letters that people get: plain text and HTML, light and dark, with the same words.
//! For notices and for recovery. Must never happen: more in it than the fact, the time, the place and what to do; a link to anywhere but `public_url`.
use crate::store::Person;
use askama::Template;
use ground::{
    Ground,
    delivery::{Letter, Purpose},
};
use kernel::{DeviceId, MessageId, Time};

/// What a letter says.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The subject, and the heading.
    pub subject: String,
    /// What happened, a paragraph each.
    pub lines: Vec<String>,
    /// Facts with their labels: time, device, network.
    pub facts: Vec<(&'static str, String)>,
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
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    subject: &'a str,
    name: &'a str,
    lines: &'a [String],
    facts: &'a [(&'static str, String)],
    button: Option<(&'a str, String)>,
    code: Option<&'a str>,
    after: &'a [String],
    alarm: Option<(&'a str, String)>,
    organisation: &'a str,
    contact: &'a str,
    public_url: &'a str,
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Text<'a> {
    name: &'a str,
    lines: &'a [String],
    facts: &'a [(&'static str, String)],
    button: Option<(&'a str, String)>,
    code: Option<&'a str>,
    after: &'a [String],
    alarm: Option<(&'a str, String)>,
    organisation: &'a str,
    contact: &'a str,
    public_url: &'a str,
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

fn pair(pair: Option<&(String, String)>) -> Option<(&str, String)> {
    pair.map(|(words, url)| (words.as_str(), url.clone()))
}

/// The letter, ready to be posted.
pub fn write(ground: &Ground, from: &From, person: &Person, words: &Words, envelope: Envelope) -> Letter {
    let public_url = ground.config.public_url.as_str();
    let under = |(label, path): &(String, String)| (label.clone(), format!("{public_url}{path}"));
    let (button, alarm) = (words.button.as_ref().map(under), words.alarm.as_ref().map(under));
    let (organisation, contact) = (from.organisation.as_str(), from.contact.as_str());
    let html = Html {
        subject: &words.subject,
        name: &person.name,
        lines: &words.lines,
        facts: &words.facts,
        button: pair(button.as_ref()),
        code: words.code.as_deref(),
        after: &words.after,
        alarm: pair(alarm.as_ref()),
        organisation,
        contact,
        public_url,
    };
    let text = Text {
        name: &person.name,
        lines: &words.lines,
        facts: &words.facts,
        button: pair(button.as_ref()),
        code: words.code.as_deref(),
        after: &words.after,
        alarm: pair(alarm.as_ref()),
        organisation,
        contact,
        public_url,
    };
    Letter {
        id: envelope.id,
        to: envelope.to.unwrap_or_else(|| person.email.clone()),
        organisation: Some(person.home_organisation),
        person: Some(person.id),
        asked_by: envelope.asked_by,
        purpose: envelope.purpose,
        subject: words.subject.clone(),
        text: text.render().unwrap_or_default(),
        html: html.render().unwrap_or_default(),
        at: envelope.at,
        ends_at: envelope.ends_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 1] = ["Somebody signed in from a device that we had not seen before."];

    fn lines() -> Vec<String> {
        LINES.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn both_forms_say_the_same_and_html_takes_nothing_typed_as_markup() {
        let (lines, facts) = (lines(), vec![("Device", "<b>Firefox</b>".to_owned())]);
        let url = || "https://door.example.org/reset?token=abc".to_owned();
        let text = Text {
            name: "Mara <Okafor>",
            lines: &lines,
            facts: &facts,
            button: Some(("Set a new password", url())),
            code: Some("ABCD-EFGH"),
            after: &[],
            alarm: Some(("If it was not you:", url())),
            organisation: "Northwind IT",
            contact: "help@northwind.example",
            public_url: "https://door.example.org",
        };
        let html = Html {
            subject: "New sign-in",
            name: text.name,
            lines: text.lines,
            facts: text.facts,
            button: text.button.clone(),
            code: text.code,
            after: text.after,
            alarm: text.alarm.clone(),
            organisation: text.organisation,
            contact: text.contact,
            public_url: text.public_url,
        };
        let (text, html) = (text.render().unwrap(), html.render().unwrap());
        for part in [
            LINES[0],
            "ABCD-EFGH",
            "reset?token=abc",
            "Northwind IT",
            "help@northwind.example",
        ] {
            assert!(text.contains(part) && html.contains(part), "{part}");
        }
        assert!(text.contains("Mara <Okafor>"));
        assert!(!html.contains("<b>Firefox") && !html.contains("<Okafor>"));
    }
}
