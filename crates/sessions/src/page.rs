//! "My security" and the page that unlocks a session.
use askama::Template;
use ground::page::{DoorShell, Errors, Field, HouseShell, Notice, Secret, Tag, When};
use kernel::{Language, SessionId, Time};

/// One signed-in device of the reader.
#[derive(Debug, Clone)]
pub struct SessionLine {
    /// The session.
    pub id: SessionId,
    /// The device in words: "Firefox on Windows".
    pub device: String,
    /// The network it was last seen from.
    pub network: String,
    /// When it was last seen.
    pub seen_at: Time,
    /// When it signed in.
    pub opened_at: Time,
    /// It is the one that reads this.
    pub is_here: bool,
    /// It is a shared or public device.
    pub is_shared: bool,
    /// It waits to be unlocked.
    pub is_locked: bool,
}

/// "My security".
#[derive(Debug, Template)]
#[template(path = "my_security.html")]
pub struct SecurityPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `name`, `language`, `current`, `password`.
    pub errors: Errors,
    /// The signed-in devices, this one first.
    pub sessions: Vec<SessionLine>,
    /// The reader's name, as kept or as just typed.
    pub name: String,
    /// The reader's address.
    pub email: String,
    /// The language of the reader's mails.
    pub language: Language,
    /// The shortest password that is taken.
    pub shortest: u32,
}

impl SecurityPage {
    fn hint(&self) -> String {
        format!("At least {} characters. Four unrelated words do well.", self.shortest)
    }
    fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.is_here)
    }
}

/// The page of a locked session.
#[derive(Debug, Template)]
#[template(path = "unlock.html")]
pub struct UnlockPage {
    /// The shell.
    pub shell: DoorShell,
    /// Where the form goes: `/app/unlock?next=…`.
    pub action: String,
    /// Whose session it is.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What was refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `password`.
    pub errors: Errors,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::{Action, Reason};

    fn shell() -> HouseShell {
        HouseShell {
            title: "My security".into(),
            here: Entry::Security,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: vec![Action::ReadEvents, Action::SeeSettings],
            locks_in: 1800,
            ends_in: 43_200,
        }
    }

    fn line(device: &str, ago: i64, is_here: bool, is_shared: bool, is_locked: bool) -> SessionLine {
        let seen_at = Time::from_seconds(1_795_511_642 - ago);
        let id = "01935d4c-8a10-7000-8000-0123456789ab".parse().unwrap();
        SessionLine {
            id,
            device: device.into(),
            network: "198.51.100.7".into(),
            seen_at,
            opened_at: seen_at,
            is_here,
            is_shared,
            is_locked,
        }
    }

    fn page(sessions: Vec<SessionLine>, errors: Errors) -> SecurityPage {
        let (name, email) = ("Mara Okafor".into(), "mara@northwind.example".into());
        SecurityPage {
            shell: shell(),
            notice: None,
            errors,
            sessions,
            name,
            email,
            language: Language::German,
            shortest: 15,
        }
    }

    #[test]
    fn my_security_lists_the_devices_with_this_one_marked() {
        let sessions = vec![
            line("Firefox on Windows", 10, true, false, false),
            line("Safari on iPhone", 720, false, false, true),
            line("Chromium on Linux", 56_000, false, true, false),
        ];
        let text = sample::check("my-security", &page(sessions, Errors::none())).unwrap();
        assert_eq!(text.matches("This device").count(), 1);
        assert!(
            text.contains("Sign out all others")
                && text.contains("name=\"current\"")
                && text.contains("name=\"password\"")
        );
    }

    #[test]
    fn the_language_of_mails_is_chosen_among_all_that_we_write() {
        let mut errors = Errors::none();
        errors.push("language", Reason::LanguageUnknown);
        let alone = vec![line("Firefox", 1, true, false, false)];
        let text = sample::check("my-security-language", &page(alone, errors)).unwrap();
        for language in Language::ALL {
            let (tag, name) = (language.tag(), language.own_name());
            let chosen = if *language == Language::German { " selected" } else { "" };
            let option = format!("<option value=\"{tag}\" lang=\"{tag}\"{chosen}>{name}</option>");
            assert!(text.contains(&option), "{option}");
        }
        assert!(text.contains("id=\"language-error\""));
    }

    #[test]
    fn with_one_device_there_are_no_others_to_sign_out() {
        let text = sample::check(
            "my-security-alone",
            &page(vec![line("Firefox", 1, true, false, false)], Errors::none()),
        )
        .unwrap();
        assert!(!text.contains("Sign out all others"));
    }

    #[test]
    fn a_refused_change_of_password_is_told_at_its_fields() {
        let mut errors = Errors::none();
        errors.push("current", Reason::PasswordCurrentWrong);
        errors.push("password", Reason::PasswordContext);
        let text = sample::check(
            "my-security-refused",
            &page(vec![line("Firefox", 1, true, false, false)], errors),
        )
        .unwrap();
        assert!(text.contains("current-error") && text.contains("password-error"));
    }

    #[test]
    fn the_unlock_page_says_whose_session_it_is() {
        let page = UnlockPage {
            shell: DoorShell::new("Locked").of("Northwind IT", None, "help@northwind.example"),
            action: "/app/unlock?next=%2Fapp%2Factivity".into(),
            name: "Mara Okafor".into(),
            email: "mara@northwind.example".into(),
            notice: Some(Notice::refused(Reason::PasswordCurrentWrong)),
            errors: Errors::none(),
        };
        let text = sample::check("unlock", &page).unwrap();
        assert!(
            text.contains(">Go on</button>")
                && text.contains("action=\"/sign-out\"")
                && text.contains("mara@northwind.example")
        );
    }
}
