//! What Settings, Messages and the development outbox show, and the words of a test message.
use super::{Listed, Probe, Purpose, State};
use crate::{
    page::{DoorShell, HouseShell, Notice, Tag, When},
    words::{moment, say},
};
use askama::Template;
use kernel::{Language, Time};
use mail_parser::MessageParser;
use serde::Deserialize;

/// Which messages a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those that have not left yet.
    Waiting,
    /// Those that did not arrive.
    Failed,
}

impl Filter {
    /// Every one, with what it is called.
    const NAMED: [(Self, &'static str); 3] = [(Self::All, "All"), (Self::Waiting, "Waiting"), (Self::Failed, "Failed")];

    /// The word in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::All, Self::Waiting, Self::Failed]
            .into_iter()
            .find(|filter| filter.name() == name)
    }
}

/// What was just done, as an address says it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Done {
    Test,
    Again,
    Gone,
}

impl Done {
    pub(super) fn notice(self, email: &str) -> Notice {
        match self {
            Self::Test => Notice::done(format!(
                "A test message is on its way to {email}. Its line below says how far it has come."
            )),
            Self::Again => Notice::done("The message goes out again now."),
            Self::Gone => Notice::warn(
                "This message cannot be sent again.",
                "It has arrived, is being sent at this moment, or its time is over.",
            ),
        }
    }
}

impl State {
    /// As a word in a pill.
    fn tag(&self) -> Tag<'static> {
        match self {
            Self::Queued => Tag::plain("waiting"),
            Self::Deferred { .. } => Tag::warn("trying again"),
            Self::Taken { .. } => Tag::ok("taken"),
            Self::Refused { .. } => Tag::bad("refused"),
            Self::Bounced { .. } => Tag::bad("came back"),
            Self::GivenUp { .. } => Tag::bad("given up"),
        }
    }
    /// Who took it; nobody, else.
    fn by(&self) -> &str {
        if let Self::Taken { by, .. } = self { by } else { "" }
    }
    /// When it is tried next.
    fn next_at(&self) -> Option<Time> {
        if let Self::Deferred { next_at, .. } = self {
            Some(*next_at)
        } else {
            None
        }
    }
}

impl Listed {
    fn what(&self) -> &'static str {
        self.purpose.map_or("Message", Purpose::words)
    }
}

/// The word of a history's line, for people.
fn step_words(what: &str) -> &str {
    match what {
        "deferred" => "Put off",
        "taken" => "Taken",
        "refused" => "Refused",
        "bounced" => "Came back",
        "given-up" => "Given up",
        "unknown" => "Cut off",
        "lost" => "Cut short",
        "again" => "Sent again",
        "delayed" => "Late",
        "delivered" => "Delivered",
        other => other,
    }
}

/// "Messages".
#[derive(Debug, Template)]
#[template(path = "delivery/messages.html")]
pub(super) struct MessagesPage {
    pub shell: HouseShell,
    pub notice: Option<Notice>,
    pub may_change: bool,
    pub filter: Filter,
    pub rows: Vec<Listed>,
    /// Messages of the last day by state.
    pub counts: Vec<(String, i64)>,
    pub probe: Probe,
    pub has_mail: bool,
    pub has_sms: bool,
    pub older: Option<String>,
    pub newest: Option<String>,
}

impl MessagesPage {
    fn counted(&self, states: &[&str]) -> i64 {
        let of = self.counts.iter().filter(|(state, _)| states.contains(&state.as_str()));
        of.map(|(_, count)| count).sum()
    }
}

/// One message and its history.
#[derive(Debug, Template)]
#[template(path = "delivery/message.html")]
pub(super) struct HistoryPage {
    pub shell: HouseShell,
    pub may_change: bool,
    pub message: Listed,
    /// When, what, in whose words.
    pub history: Vec<(Time, String, String)>,
}

/// The mark-up of a test message.
#[derive(Debug, Template)]
#[template(path = "delivery/test.html")]
pub(super) struct TestLetter {
    language: &'static str,
    pub subject: String,
    heading: String,
    lines: [String; 3],
}

impl TestLetter {
    /// In this language, to whoever asked for it.
    pub(super) fn new(language: Language, name: &str, address: &str, at: Time) -> Self {
        let text = |key| say(language, key, &[]);
        let moment = moment(language, at);
        let asked = [("name", name.into()), ("moment", (&moment).into())];
        Self {
            language: language.tag(),
            subject: text("letter-test-subject"),
            heading: text("letter-test-heading"),
            lines: [
                say(language, "letter-test-line", &[("address", address.into())]),
                say(language, "letter-test-asked", &asked),
                text("letter-test-nothing"),
            ],
        }
    }
    pub(super) fn text(&self) -> String {
        let [line, asked, nothing] = &self.lines;
        format!("{line}\n\n{asked}\n{nothing}\n")
    }
}

/// A message of the development outbox, opened.
#[derive(Debug)]
pub(super) struct OutboxMessage {
    name: String,
    to: String,
    subject: String,
    /// Line by line: words, and whether they are an address of this server.
    lines: Vec<Vec<(String, bool)>>,
}

impl OutboxMessage {
    /// Opens a file; `own` is this server's address, the only one that becomes a link.
    pub(super) fn read(name: String, bytes: &[u8], own: &str) -> Self {
        let to = name.splitn(3, '-').nth(2).unwrap_or_default();
        let to = to.rsplit_once('.').map_or(to, |(to, _)| to).to_owned();
        let (subject, text) = if name.contains("-mail-") {
            let mail = MessageParser::default().parse(bytes);
            let subject = mail
                .as_ref()
                .and_then(|mail| mail.subject())
                .unwrap_or_default()
                .to_owned();
            let text = mail
                .as_ref()
                .and_then(|mail| mail.body_text(0))
                .unwrap_or_default()
                .into_owned();
            (subject, text)
        } else {
            ("Text message".to_owned(), String::from_utf8_lossy(bytes).into_owned())
        };
        let words = |line: &str| {
            line.split(' ')
                .map(|word| (word.to_owned(), word.starts_with(own)))
                .collect()
        };
        let lines = text.trim_end().lines().map(words).collect();
        Self {
            name,
            to,
            subject,
            lines,
        }
    }
}

/// "Development outbox".
#[derive(Debug, Template)]
#[template(path = "delivery/outbox.html")]
pub(super) struct OutboxPage {
    pub shell: DoorShell,
    pub messages: Vec<OutboxMessage>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        delivery::Kind,
        page::{Entry, sample},
    };
    use kernel::{Action, MessageId};
    use uuid::Uuid;

    fn shell() -> HouseShell {
        HouseShell {
            title: "Messages".into(),
            here: Entry::Settings,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: [Action::SeeSettings].into_iter().collect(),
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        }
    }
    fn row(n: u128, state: State, can_resend: bool) -> Listed {
        Listed {
            id: MessageId(Uuid::from_u128(n)),
            kind: Kind::Mail,
            purpose: Some(Purpose::Reset),
            to: format!("p{n}@example.org"),
            made_at: at(),
            tries: 3,
            state,
            can_resend,
        }
    }
    fn at() -> Time {
        Time::from_seconds(1_795_511_642)
    }
    fn page(rows: Vec<Listed>, is_up: bool) -> MessagesPage {
        MessagesPage {
            shell: shell(),
            notice: Some(Done::Test.notice("mara@example.org")),
            may_change: true,
            filter: Filter::All,
            rows,
            counts: vec![("queued".into(), 2), ("deferred".into(), 1), ("refused".into(), 4)],
            probe: Probe {
                told_at: Some(at()),
                since: Some(at()),
                is_up,
                place: "mail.example.org:587".into(),
                said: "connection refused".into(),
            },
            has_mail: true,
            has_sms: false,
            older: Some("/app/settings/messages?show=all&cursor=1-2".into()),
            newest: None,
        }
    }

    #[test]
    fn messages_show_each_state_in_the_servers_own_words() {
        let said = || "550 5.1.1 <nobody@example.org>: no such user".to_owned();
        let rows = vec![
            row(1, State::Queued, true),
            row(
                2,
                State::Deferred {
                    since: at(),
                    next_at: at(),
                    said: "451 greylisted".into(),
                },
                true,
            ),
            row(
                3,
                State::Taken {
                    at: at(),
                    by: "mail.example.org:587".into(),
                    said: "250 queued as 4F1".into(),
                },
                false,
            ),
            row(4, State::Refused { at: at(), said: said() }, true),
            row(5, State::Bounced { at: at(), said: said() }, false),
            row(6, State::GivenUp { at: at(), said: said() }, false),
        ];
        let text = sample::check("messages", &page(rows, false)).unwrap();
        for wanted in [
            "waiting",
            "trying again",
            "taken",
            "refused",
            "came back",
            "given up",
            "451 greylisted",
            "queued as 4F1",
            "connection refused",
            "Send again",
            "no such user",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(!text.contains("<nobody@"));
    }

    #[test]
    fn an_empty_list_says_so_and_those_who_may_not_change_have_no_buttons() {
        let empty = MessagesPage {
            may_change: false,
            notice: None,
            older: None,
            has_mail: false,
            ..page(Vec::new(), true)
        };
        let text = sample::check("messages-empty", &empty).unwrap();
        assert!(
            text.contains("No message has been asked for")
                && !text.contains("<form method=\"post\" action=\"/app/settings")
        );
    }

    #[test]
    fn a_message_tells_its_history() {
        let history = vec![
            (at(), "deferred".into(), "451 later".into()),
            (at(), "unknown".into(), "no answer".into()),
        ];
        let message = row(
            1,
            State::Deferred {
                since: at(),
                next_at: at(),
                said: "no answer".into(),
            },
            true,
        );
        let text = sample::check(
            "message",
            &HistoryPage {
                shell: shell(),
                may_change: true,
                message,
                history,
            },
        )
        .unwrap();
        assert!(text.contains("Put off") && text.contains("Cut off") && text.contains("451 later"));
    }

    #[test]
    fn the_outbox_links_to_this_server_only() {
        let name = "20261124T091402.000007Z-mail-ana-b@example.org.eml".to_owned();
        let mail = b"Subject: Reset\r\n\r\nGo to http://localhost:8080/reset?token=x or javascript:alert(1) or https://evil.example\r\n";
        let message = OutboxMessage::read(name, mail, "http://localhost:8080");
        assert_eq!(message.to, "ana-b@example.org");
        let text = OutboxMessage::read(
            "20261124T091402.000007Z-sms-+4412.txt".into(),
            b"12345678\n",
            "http://localhost:8080",
        );
        let shell = DoorShell {
            is_wide: true,
            ..DoorShell::new("Development outbox")
        };
        let page = sample::check(
            "outbox",
            &OutboxPage {
                shell,
                messages: vec![message, text],
            },
        )
        .unwrap();
        assert!(page.contains("href=\"http://localhost:8080/reset?token=x\"") && page.contains("12345678"));
        assert!(!page.contains("href=\"javascript") && !page.contains("href=\"https://evil"));
        let shell = DoorShell::new("Development outbox");
        assert!(
            sample::check(
                "outbox-empty",
                &OutboxPage {
                    shell,
                    messages: Vec::new()
                }
            )
            .unwrap()
            .contains("Nothing has been sent")
        );
    }

    #[test]
    fn the_test_message_is_written_for_people_in_every_language() {
        let letter = |language, name| TestLetter::new(language, name, "https://door.example.org", at());
        for language in Language::ALL {
            let typed = letter(*language, "Mara <b>").render().unwrap();
            assert!(!typed.contains("<b>") && typed.contains(&format!("<html lang=\"{}\">", language.tag())));
            let letter = letter(*language, "Mara Okafor");
            assert!(typed.contains(&letter.subject));
            let whole = format!("== {}\n\n{}", letter.subject, letter.text());
            crate::words::sample::hold(env!("CARGO_MANIFEST_DIR"), *language, &whole).unwrap();
        }
    }
}
