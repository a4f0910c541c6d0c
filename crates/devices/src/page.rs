//! What people see of devices beyond My security: the page on which a trusted device answers, and the administrators' page.
use askama::Template;
use ground::page::{Errors, HouseShell, Notice, Tag, When};
use kernel::{DeviceId, PersonId, Time};
use uuid::Uuid;

/// A sign-in that waits for an answer.
#[derive(Debug, Clone)]
pub struct ApprovalLine {
    /// Its id.
    pub id: Uuid,
    /// The new device in words.
    pub device: String,
    /// Where it is.
    pub network: String,
    /// When it asked.
    pub asked_at: Time,
    /// When it ends.
    pub ends_at: Time,
    /// What is wrong with what was typed.
    pub errors: Errors,
}

impl ApprovalLine {
    fn field(&self) -> String {
        format!("digits-{}", self.id)
    }
}

/// "Approve a sign-in".
#[derive(Debug, Template)]
#[template(path = "approvals.html")]
pub struct ApprovalsPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done or refused.
    pub notice: Option<Notice>,
    /// What waits.
    pub approvals: Vec<ApprovalLine>,
}

/// A device that waits for an administrator.
#[derive(Debug, Clone)]
pub struct WaitingLine {
    /// Whose.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The device.
    pub device: DeviceId,
    /// The device in words.
    pub label: String,
    /// Where it is.
    pub network: String,
    /// Since when.
    pub asked_at: Time,
}

/// A device of one of the organisation's people.
#[derive(Debug, Clone)]
pub struct TheirLine {
    /// Whose.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The device.
    pub device: DeviceId,
    /// The device in words.
    pub label: String,
    /// Where it signed in from last.
    pub network: String,
    /// When.
    pub last_at: Time,
    /// Until when it is trusted.
    pub trusted_until: Option<Time>,
    /// It is let in where only such devices are.
    pub is_let_in: bool,
}

/// "Devices", for administrators.
#[derive(Debug, Template)]
#[template(path = "devices.html")]
pub struct DevicesPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// The policy lets in only what an administrator has let in.
    pub is_approval_needed: bool,
    /// What waits.
    pub waiting: Vec<WaitingLine>,
    /// All of them, latest first.
    pub devices: Vec<TheirLine>,
    /// Where the list goes on.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::{Action, Reason};

    fn shell(title: &str, here: Entry) -> HouseShell {
        HouseShell {
            title: title.into(),
            here,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: [Action::ApproveDevices].into_iter().collect(),
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        }
    }

    const AT: Time = Time::from_seconds(1_795_511_642);

    #[test]
    fn a_trusted_device_is_asked_for_two_digits() {
        let line = |id: u128, errors| ApprovalLine {
            id: Uuid::from_u128(id),
            device: "Firefox on <Windows>".into(),
            network: "198.51.100.7".into(),
            asked_at: AT,
            ends_at: AT,
            errors,
        };
        let mut errors = Errors::none();
        errors.push("digits", Reason::DeviceDigitsWrong);
        let page = ApprovalsPage {
            shell: shell("Approve a sign-in", Entry::Security),
            notice: None,
            approvals: vec![line(1, Errors::none()), line(2, errors)],
        };
        let text = sample::check("approvals", &page).unwrap();
        for wanted in [
            "name=\"digits\"",
            "name=\"device_key\"",
            "name=\"device_proof\"",
            ">Approve</button>",
            "That is not me",
        ] {
            assert_eq!(text.matches(wanted).count(), 2, "{wanted}");
        }
        assert!(!text.contains("on <Windows>"));
        let none = ApprovalsPage {
            approvals: Vec::new(),
            ..page
        };
        assert!(
            sample::check("approvals-none", &none)
                .unwrap()
                .contains("Nothing waits")
        );
    }

    #[test]
    fn administrators_see_what_waits_and_what_is_trusted() {
        let (person, device) = (PersonId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(2)));
        let (name, email) = ("Ana Lima".to_owned(), "ana@northwind.example".to_owned());
        let (label, network) = ("Safari on iPhone".to_owned(), "198.51.100.7".to_owned());
        let page = DevicesPage {
            shell: shell("Devices", Entry::Devices),
            notice: Some(Notice::done("The device is let in.")),
            is_approval_needed: true,
            waiting: vec![WaitingLine {
                person,
                name: name.clone(),
                email: email.clone(),
                device,
                label: label.clone(),
                network: network.clone(),
                asked_at: AT,
            }],
            devices: vec![TheirLine {
                person,
                name,
                email,
                device,
                label,
                network,
                last_at: AT,
                trusted_until: Some(AT),
                is_let_in: true,
            }],
            next: Some("abc".into()),
        };
        let text = sample::check("devices", &page).unwrap();
        for wanted in [
            "Devices waiting",
            ">Let in</button>",
            ">Refuse</button>",
            "Take the trust away",
            "ana@northwind.example",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        let bare = DevicesPage {
            notice: None,
            is_approval_needed: false,
            waiting: Vec::new(),
            devices: Vec::new(),
            next: None,
            ..page
        };
        assert!(
            sample::check("devices-bare", &bare)
                .unwrap()
                .contains("No device waits")
        );
    }
}
