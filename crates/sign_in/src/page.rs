//! What the door shows: sign-in, the first set-up, and the words for who has to wait.
//! Must never happen: a page from which a stranger learns whether an address has an account.
pub mod steps;

use askama::Template;
use ground::page::{DoorShell, Errors, Field, Notice, Secret, Tick, When};
use kernel::{Reason, Span, Time};

/// The sign-in page.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The shell.
    pub shell: DoorShell,
    /// Where the form goes: `/sign-in`, with `next` where somebody is on their way.
    pub action: String,
    /// The address, kept after a refusal.
    pub email: String,
    /// The box for shared devices, kept after a refusal.
    pub shared_device: bool,
    /// Passkeys can be used at this address.
    pub has_passkeys: bool,
    /// A sign-in is under way in this browser.
    pub is_under_way: bool,
    /// What happened before: a refusal, or why the last session ended.
    pub notice: Option<Notice>,
    /// What is wrong field by field.
    pub errors: Errors,
}

impl SignInPage {
    /// Passkeys are offered where the address is typed (WebAuthn Level 3, conditional mediation).
    const fn autocomplete(&self) -> &'static str {
        if self.has_passkeys {
            "username webauthn"
        } else {
            "username"
        }
    }
}

/// The page behind a set-up link.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// The shell.
    pub shell: DoorShell,
    /// Where the form goes: `/setup?token=…`.
    pub action: String,
    /// The organisation's name, kept after a refusal.
    pub organisation: String,
    /// The owner's name, likewise.
    pub name: String,
    /// The owner's address, likewise.
    pub email: String,
    /// What is wrong field by field.
    pub errors: Errors,
}

/// The page for somebody who has to wait: a known device, or a whole network.
#[derive(Debug, Template)]
#[template(path = "locked.html")]
pub struct LockedPage {
    /// The shell.
    pub shell: DoorShell,
    /// Why.
    pub reason: Reason,
    /// How long.
    pub wait: Span,
    /// Until when.
    pub until: Time,
    /// Where to try again.
    pub action: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::sample::check;

    fn shell(title: &str) -> DoorShell {
        DoorShell::new(title).of(
            "Northwind IT",
            None,
            "the help desk, help@northwind.example or +44 113 496 0000",
        )
    }

    fn sign_in(notice: Option<Notice>, errors: Errors) -> SignInPage {
        SignInPage {
            shell: shell("Sign in"),
            action: "/sign-in?next=%2Fapp%2Factivity".into(),
            email: "mara@northwind.example".into(),
            shared_device: false,
            has_passkeys: true,
            is_under_way: false,
            notice,
            errors,
        }
    }

    #[test]
    fn the_sign_in_page_renders_in_each_of_its_states() {
        let quiet = check("sign-in", &sign_in(None, Errors::none())).unwrap();
        for wanted in [
            "name=\"email\"",
            "name=\"password\"",
            "name=\"shared_device\"",
            ">Sign in</button>",
            "to the Northwind IT console",
        ] {
            assert!(quiet.contains(wanted), "{wanted}");
        }
        assert!(quiet.contains("data-passkey=\"door\" hidden>Use a passkey</button>"));
        assert!(!quiet.contains("SSO"), "only what exists is offered");
        let bare = SignInPage {
            has_passkeys: false,
            is_under_way: true,
            ..sign_in(None, Errors::none())
        };
        let bare = check("sign-in-bare", &bare).unwrap();
        assert!(
            !bare.contains("passkey") && bare.contains("href=\"/sign-in/factor\""),
            "{bare}"
        );
        check(
            "sign-in-wrong",
            &sign_in(Some(Notice::refused(Reason::SignInWrong)), Errors::none()),
        )
        .unwrap();
        check(
            "sign-in-no-cookie",
            &sign_in(Some(Notice::refused(Reason::SignInNoCookie)), Errors::none()),
        )
        .unwrap();
        let mut errors = Errors::none();
        errors.push("email", Reason::SignInFieldMissing);
        errors.push("password", Reason::SignInFieldMissing);
        let page = check("sign-in-empty", &sign_in(None, errors)).unwrap();
        assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2);
    }

    #[test]
    fn what_somebody_typed_comes_back_as_text_only() {
        let page = SignInPage {
            email: "\"><script>alert(1)</script>".into(),
            ..sign_in(None, Errors::none())
        };
        assert!(!check("sign-in-typed", &page).unwrap().contains("<script>alert"));
    }

    #[test]
    fn the_set_up_page_renders_with_and_without_errors() {
        let page = |errors| SetupPage {
            shell: DoorShell::new("Set up Doorward"),
            action: "/setup?token=abc".into(),
            organisation: "Northwind IT".into(),
            name: "Mara Okafor".into(),
            email: "mara@northwind.example".into(),
            errors,
        };
        let text = check("setup", &page(Errors::none())).unwrap();
        assert!(text.contains(">Create the owner</button>"));
        let mut errors = Errors::none();
        errors.push("password", Reason::PasswordShort);
        assert!(
            check("setup-refused", &page(errors))
                .unwrap()
                .contains("password-error")
        );
    }

    #[test]
    fn whoever_waits_is_told_until_when() {
        let page = LockedPage {
            shell: shell("Please wait a little"),
            reason: Reason::SignInLockedDevice,
            wait: Span::minutes(15),
            until: Time::from_seconds(1_795_511_642),
            action: "/sign-in".into(),
        };
        let text = check("locked", &page).unwrap();
        assert!(text.contains("15 minutes") && text.contains("datetime=\"2026-11-24T09:14:02Z\""));
    }
}
