//! The pages of getting back in.
use askama::Template;
use ground::{
    delivery::{Probe, State},
    page::{DoorShell, Errors, Field, Notice, Secret, Tick},
};
use kernel::{Span, Time};
use serde::Serialize;

/// "Forgot your password?"
#[derive(Debug, Template)]
#[template(path = "forgot.html")]
pub struct ForgotPage {
    /// The shell.
    pub shell: DoorShell,
    /// What happened before.
    pub notice: Option<Notice>,
    /// What is wrong with the field.
    pub errors: Errors,
    /// The address as typed.
    pub email: String,
}

/// The form for a new password: by link, or with the code and the state of the mail.
#[derive(Debug, Template)]
#[template(path = "reset.html")]
pub struct ResetPage {
    /// The shell.
    pub shell: DoorShell,
    /// What happened before.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `code`, `password`.
    pub errors: Errors,
    /// Where the form goes.
    pub action: String,
    /// It asks for the code, too.
    pub has_code: bool,
    /// The address that the mail went to, as typed.
    pub email: String,
    /// The state of the mail.
    pub truth: Option<Truth>,
    /// The box, kept after a refusal.
    pub keep_sessions: bool,
    /// How long the new password has to be, in words.
    pub hint: String,
}

impl ResetPage {
    /// How long a password of so many characters at least has to be, in words.
    pub fn hint(shortest: usize) -> String {
        format!("At least {shortest} characters. Four unrelated words do well.")
    }
}

/// One question with one button, and links that work no more.
#[derive(Debug, Template)]
#[template(path = "ask.html")]
pub struct AskPage {
    /// The shell.
    pub shell: DoorShell,
    /// What happened before.
    pub notice: Option<Notice>,
    /// Nothing can be wrong in a form without fields.
    pub errors: Errors,
    /// What the button will do.
    pub text: String,
    /// Where it leads: a POST, or a page where there is nothing to ask.
    pub action: String,
    /// The button.
    pub button: String,
}

impl AskPage {
    /// A question acts by POST; without one the button is a link.
    fn is_question(&self) -> bool {
        !self.text.is_empty()
    }
}

/// What can truly be said about the mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// `ok`, `wait` or `bad`.
    pub kind: &'static str,
    /// The sentence.
    pub words: String,
    /// What to do.
    pub advice: &'static str,
    /// Whether it may still change, so that it is worth asking again.
    pub is_open: bool,
}

const LOOK: &str = "Look in the spam folder, too.";
const WAIT: &str = "You can leave this page open, or come back later.";
const CHECK: &str = "Check the address, or ask your organisation.";

impl Truth {
    fn new(kind: &'static str, words: String, advice: &'static str, is_open: bool) -> Self {
        Self {
            kind,
            words,
            advice,
            is_open,
        }
    }
    /// For a device that the person has signed in from: the state of this very message.
    pub fn of_message(state: &State, now: Time) -> Self {
        match state {
            State::Queued => Self::new(
                "wait",
                "Your mail is about to leave.".into(),
                "It takes a few seconds.",
                true,
            ),
            State::Deferred { since, said, .. } => {
                let tried = (now - *since).words();
                let words =
                    format!("Your mail server has not taken it yet; it has been tried for {tried}. It says: {said}");
                Self::new("wait", words, WAIT, true)
            }
            State::Taken { at, by, .. } if by == "outbox" => {
                let ago = ago(now - *at);
                let words = format!("No mail is set up here: the message landed in the development outbox {ago}.");
                Self::new("ok", words, "Whoever runs this server finds it at /dev/outbox.", false)
            }
            State::Taken { at, .. } => {
                let words = format!("Your mail server took it {}; beyond it we cannot see.", ago(now - *at));
                Self::new("ok", words, LOOK, true)
            }
            State::Refused { said, .. } => Self::new("bad", format!("Your mail server says: {said}"), CHECK, false),
            State::Bounced { said, .. } => {
                let words = format!("The mail came back. The mail server says: {said}");
                Self::new("bad", words, CHECK, false)
            }
            State::GivenUp { said, .. } => {
                let words =
                    format!("The mail could not be delivered, and is not tried any more. The last answer was: {said}");
                Self::new("bad", words, "Ask for a new one, or ask your organisation.", false)
            }
        }
    }
    /// For everybody else: the same words for any address, from the minute's probe of the mail server.
    pub fn of_server(probe: &Probe, now: Time) -> Self {
        if probe.is_up {
            let words = "If there is an account for this address, a mail with a link and a code is on its way.".into();
            return Self::new("ok", words, LOOK, true);
        }
        let since = probe
            .since
            .map_or_else(String::new, |since| format!(" for {}", (now - since).words()));
        let words = format!("Our mail server has not been answering{since}. Mails wait and leave as soon as it does.");
        Self::new("wait", words, WAIT, true)
    }
    fn class(&self) -> &'static str {
        match self.kind {
            "ok" => "",
            "bad" => " bad",
            _ => " warn",
        }
    }
}

fn ago(span: Span) -> String {
    if span < crate::forgot::JUST_NOW {
        "just now".into()
    } else {
        format!("{} ago", span.words())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::sample::check;
    use kernel::Reason;

    fn shell(title: &str) -> DoorShell {
        DoorShell::new(title).of("Northwind IT", None, "help@northwind.example")
    }

    fn reset(has_code: bool, truth: Option<Truth>, errors: Errors) -> ResetPage {
        let action = if has_code {
            "/reset".into()
        } else {
            "/reset?token=abc".into()
        };
        let email = "mara@northwind.example".into();
        ResetPage {
            shell: shell("Set a new password"),
            notice: None,
            errors,
            action,
            has_code,
            email,
            truth,
            keep_sessions: false,
            hint: ResetPage::hint(15),
        }
    }

    #[test]
    fn the_forgot_page_renders_with_and_without_an_error() {
        let page = |errors| ForgotPage {
            shell: shell("Forgot your password?"),
            notice: None,
            errors,
            email: "mara".into(),
        };
        assert!(
            check("forgot", &page(Errors::none()))
                .unwrap()
                .contains(">Send the link</button>")
        );
        let mut errors = Errors::none();
        errors.push("email", Reason::EmailInvalid);
        assert!(check("forgot-refused", &page(errors)).unwrap().contains("email-error"));
    }

    #[test]
    fn the_reset_page_asks_for_the_code_only_where_there_is_no_link() {
        let by_link = check("reset-link", &reset(false, None, Errors::none())).unwrap();
        assert!(
            !by_link.contains("name=\"code\"")
                && by_link.contains("name=\"keep_sessions\"")
                && by_link.contains(">Set the password</button>")
        );
        let truth = Truth::of_server(
            &Probe {
                is_up: true,
                ..Probe::default()
            },
            Time::from_seconds(1),
        );
        let by_code = check("reset-code", &reset(true, Some(truth), Errors::none())).unwrap();
        assert!(by_code.contains("name=\"code\"") && by_code.contains("one-time-code") && by_code.contains("spam"));
    }

    #[test]
    fn strangers_hear_the_same_whatever_became_of_a_message() {
        let up = Probe {
            is_up: true,
            said: "250 relay ok".into(),
            place: "mail.example:587".into(),
            ..Probe::default()
        };
        let down = Probe {
            is_up: false,
            said: "connection refused".into(),
            since: Some(Time::from_seconds(0)),
            ..up.clone()
        };
        for probe in [up, down] {
            let words = Truth::of_server(&probe, Time::from_seconds(600)).words;
            assert!(!words.contains(&probe.said) && !words.contains(&probe.place), "{words}");
        }
    }

    #[test]
    fn a_known_device_hears_the_servers_own_words() {
        let now = Time::from_seconds(1_000);
        let taken = State::Taken {
            at: Time::from_seconds(988),
            by: "mx.example".into(),
            said: "250 ok".into(),
        };
        assert!(Truth::of_message(&taken, now).words.contains("took it 12 seconds ago"));
        let refused = State::Refused {
            at: now,
            said: "550 mailbox does not exist".into(),
        };
        assert!(
            Truth::of_message(&refused, now)
                .words
                .contains("mailbox does not exist")
        );
    }

    #[test]
    fn a_question_is_a_form_and_a_dead_link_offers_a_way_on() {
        let page = |text: &str, notice| AskPage {
            shell: shell("Was this not you?"),
            notice,
            errors: Errors::none(),
            text: text.into(),
            action: "/not-me?token=abc".into(),
            button: "End all sessions".into(),
        };
        assert!(
            check("not-me", &page("This ends all your sessions.", None))
                .unwrap()
                .contains("<form")
        );
        let dead = check("dead-link", &page("", Some(Notice::refused(Reason::RecoveryLinkDead)))).unwrap();
        assert!(!dead.contains("<form") && dead.contains("href="));
    }
}
