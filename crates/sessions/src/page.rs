//! "My security" and the page that unlocks a session.
use crate::{device_card::DeviceCard, ways::WaysCard};
use askama::Template;
use ground::page::{DoorShell, Errors, Field, HouseShell, Notice, Secret, Tag, When};
use kernel::{Language, OrganisationId, Time};
use organisations::AtTheDoor;
use people::Belonging;

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
    /// The devices.
    pub devices: DeviceCard,
    /// The ways to sign in.
    pub ways: WaysCard,
    /// The reader's name, as kept or as just typed.
    pub name: String,
    /// The reader's address.
    pub email: String,
    /// The language of the reader's mails.
    pub language: Language,
    /// The shortest password that is taken.
    pub shortest: u32,
    /// Until when a longer one has to be set, where the reader's is too short.
    pub longer_password_due: Option<Time>,
}

impl SecurityPage {
    fn hint(&self) -> String {
        format!("At least {} characters. Four unrelated words do well.", self.shortest)
    }
}

/// "Your organisations": where the reader may go over to.
#[derive(Debug, Template)]
#[template(path = "organisations.html")]
pub struct OrganisationsPage {
    /// The shell.
    pub shell: HouseShell,
    /// The one that the session speaks for.
    pub here: OrganisationId,
    /// What was looked for.
    pub search: String,
    /// What was found.
    pub organisations: Vec<Belonging>,
    /// There are more than the page shows.
    pub has_more: bool,
}

impl OrganisationsPage {
    fn is_here(&self, one: &Belonging) -> bool {
        one.id == self.here
    }
}

/// What surrounds a page of this door.
pub fn door_shell(title: &str, door: &AtTheDoor) -> DoorShell {
    let logo = door.has_logo.then(|| "/logo".to_owned());
    DoorShell::new(title).of(door.name.clone(), logo, door.contact.clone())
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
    /// Where the person was.
    pub next: String,
    /// A code does as well as the password.
    pub takes_code: bool,
    /// A code can be sent to the phone.
    pub sends_texts: bool,
    /// A passkey does, too.
    pub takes_passkey: bool,
    /// What was refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `password`, `code`.
    pub errors: Errors,
}

/// The page that asks once more, before something delicate.
#[derive(Debug, Template)]
#[template(path = "step_up.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct StepUpPage {
    /// The shell.
    pub shell: DoorShell,
    /// Where the form goes: `/app/step-up?next=…`.
    pub action: String,
    /// Where the person goes on to.
    pub next: String,
    /// Whose session it is.
    pub email: String,
    /// The password is enough.
    pub takes_password: bool,
    /// A code is enough.
    pub takes_code: bool,
    /// A code can be sent to the phone.
    pub sends_texts: bool,
    /// The person has a passkey.
    pub takes_passkey: bool,
    /// A passkey is needed, and there is none.
    pub lacks_passkey: bool,
    /// What was refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `password`, `code`.
    pub errors: Errors,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device_card::{Away, Line};
    use ground::page::{Entry, sample};
    use kernel::{Action, DeviceId, Reason, SessionId};

    fn shell() -> HouseShell {
        HouseShell {
            title: "My security".into(),
            here: Entry::Security,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: [Action::ReadEvents, Action::SeeSettings].into_iter().collect(),
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        }
    }

    fn line(id: u128, device: &str, ago: i64, is_here: bool, is_shared: bool, is_locked: bool) -> Line {
        let seen_at = Time::from_seconds(1_795_511_642 - ago);
        Line {
            session: SessionId(uuid::Uuid::from_u128(id)),
            device: (!is_shared).then(|| DeviceId(uuid::Uuid::from_u128(id + 10))),
            above: None,
            below: (id == 1).then(|| DeviceId(uuid::Uuid::from_u128(12))),
            title: device.into(),
            name: String::new(),
            network: "198.51.100.7".into(),
            seen_at,
            opened_at: seen_at,
            is_here,
            is_shared,
            is_locked,
            trusted_until: is_here.then_some(seen_at),
            is_proven: is_here,
        }
    }

    fn page(lines: Vec<Line>, errors: Errors) -> SecurityPage {
        let (name, email) = ("Mara Okafor".into(), "mara@northwind.example".into());
        SecurityPage {
            shell: shell(),
            notice: None,
            errors,
            devices: DeviceCard {
                lines,
                away: vec![Away {
                    device: DeviceId(uuid::Uuid::from_u128(99)),
                    title: "Old <tablet>".into(),
                    network: "198.51.100.9".into(),
                    last_at: Time::from_seconds(1_795_511_642),
                    trusted_until: None,
                }],
                limit: 3,
                has_waiting: true,
            },
            ways: WaysCard::of(Vec::new(), kernel::Kinds::ALL, None, Time::from_seconds(1_795_511_642)),
            name,
            email,
            language: Language::German,
            shortest: 15,
            longer_password_due: Some(Time::from_seconds(1_795_511_642)),
        }
    }

    #[test]
    fn my_security_lists_the_devices_with_this_one_marked() {
        let sessions = vec![
            line(1, "Firefox on Windows", 10, true, false, false),
            line(2, "Safari on iPhone", 720, false, false, true),
            line(3, "Chromium on Linux", 56_000, false, true, false),
        ];
        let text = sample::check("my-security", &page(sessions, Errors::none())).unwrap();
        assert_eq!(text.matches("This device ·").count(), 1);
        assert_eq!(text.matches("Trusted until").count(), 1);
        assert_eq!(text.matches("Weaker: no key").count(), 1);
        for wanted in [
            "allows 3 devices",
            "href=\"/app/security/api-keys\"",
            "Move Firefox on Windows down",
            "Shared device, ends when closed",
            "Answer it",
            "Old &#60;tablet&#62;",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(!text.contains("Move Firefox on Windows up"));
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
        let alone = vec![line(1, "Firefox", 1, true, false, false)];
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
            &page(vec![line(1, "Firefox", 1, true, false, false)], Errors::none()),
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
            &page(vec![line(1, "Firefox", 1, true, false, false)], errors),
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
            next: "/app/activity".into(),
            email: "mara@northwind.example".into(),
            takes_code: true,
            sends_texts: true,
            takes_passkey: true,
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

    fn step_up(takes_password: bool, takes_code: bool, lacks_passkey: bool) -> StepUpPage {
        StepUpPage {
            shell: DoorShell::new("Confirm that it is you").of("Northwind IT", None, "help@northwind.example"),
            action: "/app/step-up?next=%2Fapp%2Fsecurity&needs=factor".into(),
            next: "/app/security".into(),
            email: "mara@northwind.example".into(),
            takes_password,
            takes_code,
            sends_texts: takes_code,
            takes_passkey: takes_code,
            lacks_passkey,
            notice: None,
            errors: Errors::none(),
        }
    }

    #[test]
    fn step_up_asks_only_for_what_the_person_has() {
        let text = sample::check("step-up-password", &step_up(true, false, false)).unwrap();
        assert!(text.contains("name=\"password\"") && !text.contains("name=\"code\""));
        let text = sample::check("step-up-code", &step_up(false, true, false)).unwrap();
        assert!(!text.contains("name=\"password\"") && text.contains("name=\"code\""));
        let text = sample::check("step-up-no-passkey", &step_up(false, false, true)).unwrap();
        assert!(text.contains("Add a passkey") && !text.contains("<form class"));
    }

    #[test]
    fn each_organisation_but_this_one_has_a_button_to_go_there() {
        let chance = kernel::Chance::new(|out| out.fill(7));
        let id = |seconds| OrganisationId::new(kernel::Time::from_seconds(seconds), &chance);
        let one = |seconds, name: &str, via: Option<&str>| Belonging {
            id: id(seconds),
            name: name.into(),
            via: via.map(str::to_owned),
            is_home: via.is_none(),
        };
        let page = |organisations, search: &str| OrganisationsPage {
            shell: HouseShell {
                has_others: true,
                ..shell()
            },
            here: id(1),
            search: search.into(),
            organisations,
            has_more: true,
        };
        let all = vec![
            one(1, "Northwind IT", None),
            one(2, "Contoso <b>", Some("Northwind IT")),
        ];
        let text = sample::check("organisations", &page(all, "")).unwrap();
        assert_eq!(text.matches("name=\"organisation\"").count(), 1);
        assert!(text.contains("Contoso &#60;b&#62;") && text.contains("Another organisation"));
        let text = sample::check("organisations-none", &page(Vec::new(), "fab")).unwrap();
        assert!(text.contains("Nothing matches"));
    }
}
