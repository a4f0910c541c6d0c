//! "Settings": what an organisation is called and what it shows at the door.
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice};

/// "Settings".
#[derive(Debug, Template)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `name`, `contact`, `logo`.
    pub errors: Errors,
    /// The organisation's name, as kept or as just typed.
    pub name: String,
    /// Whom people at the door may ask, likewise.
    pub contact: String,
    /// The address of the logo, where there is one.
    pub logo: Option<String>,
    /// Whether the reader may change it.
    pub may_change: bool,
}

impl SettingsPage {
    fn sees_sites(&self) -> bool {
        self.shell.may.contains(kernel::Action::SeeOrganisations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::{Action, Reason};

    fn page(errors: Errors, logo: Option<String>, may_change: bool) -> SettingsPage {
        let shell = HouseShell {
            title: "Settings".into(),
            here: Entry::Settings,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: [Action::ReadEvents, Action::SeeSettings].into_iter().collect(),
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        };
        let (name, contact) = ("Northwind IT".into(), "the help desk, help@northwind.example".into());
        SettingsPage {
            shell,
            notice: Some(Notice::done("Saved.")),
            errors,
            name,
            contact,
            logo,
            may_change,
        }
    }

    #[test]
    fn settings_can_be_changed_by_those_who_may() {
        let text = sample::check("settings", &page(Errors::none(), Some("/logo".into()), true)).unwrap();
        for wanted in [
            "name=\"name\"",
            "name=\"contact\"",
            "name=\"logo\"",
            "multipart/form-data",
            "Remove the logo",
            "src=\"/logo\"",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(
            !sample::check("settings-bare", &page(Errors::none(), None, true))
                .unwrap()
                .contains("Remove the logo")
        );
    }

    #[test]
    fn whoever_may_not_change_them_reads_them() {
        let text = sample::check("settings-read", &page(Errors::none(), None, false)).unwrap();
        assert!(!text.contains("name=\"contact\"") && text.contains("help@northwind.example"));
    }

    #[test]
    fn a_refused_logo_is_told_at_its_field() {
        let mut errors = Errors::none();
        errors.push("logo", Reason::LogoInvalid);
        assert!(
            sample::check("settings-refused", &page(errors, None, true))
                .unwrap()
                .contains("logo-error")
        );
    }
}
