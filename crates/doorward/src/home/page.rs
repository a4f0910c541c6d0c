//! What Home shows: with the right, how the door is doing and what needs the reader; else where they are signed in.
use activity::Lines;
use askama::Template;
use ground::page::{Figure, HouseShell, SignInChart, Tag, When};
use kernel::Time;

/// The organisation in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Members of the organisation.
    pub people: u64,
    /// People who are signed in now.
    pub signed_in: u64,
    /// On so many devices.
    pub devices: u64,
    /// Accounts whose home this is, without those that are disabled.
    pub accounts: u64,
    /// Of these, those that have a second factor which counts.
    pub with_two: u64,
    /// Sign-ins stopped in the last 24 hours.
    pub stopped: u64,
}

impl Figures {
    /// "96 %", never rounded up to all of them; a dash where there is nobody.
    fn share(&self) -> String {
        match self.with_two.saturating_mul(100).checked_div(self.accounts) {
            Some(share) => format!("{share} %"),
            None => "–".into(),
        }
    }
    fn rest(&self) -> String {
        match self.accounts.saturating_sub(self.with_two) {
            0 if self.accounts == 0 => "nobody is at home here".into(),
            0 => "everybody".into(),
            1 => "1 person to go".into(),
            count => format!("{} people to go", Figure::of(&count)),
        }
    }
}

/// Something that needs the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What.
    pub what: String,
    /// More about it.
    pub more: String,
    /// Since when, where that matters.
    pub since: Option<Time>,
    /// What the button says.
    pub act: &'static str,
    /// Where it leads.
    pub to: String,
}

/// One signed-in device of the reader.
#[derive(Debug, Clone)]
pub struct MyDevice {
    /// The device in words.
    pub device: String,
    /// The network it was last seen from.
    pub network: String,
    /// When it was last seen.
    pub seen_at: Time,
    /// It is the one that reads this.
    pub is_here: bool,
    /// It is a shared or public device.
    pub is_shared: bool,
}

/// What only those see who may read the activity.
#[derive(Debug)]
pub struct Overview {
    /// The figures.
    pub figures: Figures,
    /// Sign-ins of the last four weeks.
    pub chart: SignInChart,
    /// What needs the reader.
    pub needs: Vec<Need>,
    /// The latest events.
    pub latest: Lines,
}

/// Home.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The shell.
    pub shell: HouseShell,
    /// Today.
    pub today: Time,
    /// Where the reader is signed in, this device first; without the right to read the activity.
    pub devices: Vec<MyDevice>,
    /// With the right to read the activity.
    pub overview: Option<Overview>,
    /// A way to sign in has not been looked at for half a year.
    pub is_review_due: bool,
    /// Until when a longer password has to be set, where the reader's is too short.
    pub longer_password_due: Option<Time>,
}

impl HomePage {
    /// The first word of the name: enough for a greeting, whatever the name is made of.
    fn first_name(&self) -> &str {
        self.shell.person.split_whitespace().next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use activity::Line;
    use ground::page::{Day, Entry, sample};
    use kernel::{Action, Outcome, Permissions};

    fn page(overview: Option<Overview>) -> HomePage {
        let now = Time::from_seconds(1_795_511_642);
        let shell = HouseShell {
            title: "Home".into(),
            here: Entry::Home,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: if overview.is_some() {
                [Action::ReadEvents, Action::SeeSettings].into_iter().collect()
            } else {
                Permissions::NONE
            },
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        };
        let device = |device: &str, is_here, is_shared| MyDevice {
            device: device.into(),
            network: "198.51.100.7".into(),
            seen_at: now,
            is_here,
            is_shared,
        };
        let devices = vec![
            device("Firefox on Windows", true, false),
            device("Safari on iPhone", false, false),
            device("Chromium on Linux", false, true),
        ];
        HomePage {
            shell,
            today: now,
            devices,
            overview,
            is_review_due: true,
            longer_password_due: Some(now),
        }
    }

    fn overview() -> Overview {
        let counts = [
            22, 31, 28, 34, 30, 9, 7, 33, 38, 29, 41, 36, 11, 8, 37, 35, 42, 39, 33, 10, 9, 44, 40, 38, 47, 41, 12, 10,
        ];
        let day = |(i, allowed): (u32, u32)| Day {
            label: format!("{} Nov", i + 1),
            allowed,
            stopped: if i % 7 == 3 { 4 } else { 0 },
        };
        let line = |who: &str, outcome, count| Line {
            id: "01936d2c-5b7e-7000-8000-000000000000".parse().unwrap(),
            at: Time::from_seconds(1_795_511_642),
            who: who.into(),
            what: "Signed in".into(),
            why: String::new(),
            device: "Firefox on Windows".into(),
            network: "198.51.100.7".into(),
            outcome,
            count,
        };
        Overview {
            figures: Figures {
                people: 1_284,
                signed_in: 41,
                devices: 63,
                accounts: 75,
                with_two: 72,
                stopped: 17,
            },
            needs: vec![Need {
                what: "Jon <Reyes> is locked out".into(),
                more: "10 wrong passwords from a device that is not known".into(),
                since: None,
                act: "Look",
                to: "/app/activity?person=x".into(),
            }],
            chart: SignInChart::new((0..).zip(counts).map(day).collect()),
            latest: Lines(vec![
                line("Priya Nair", Outcome::Allowed, 1),
                line("Jon Reyes", Outcome::Stopped, 3),
                line("the server", Outcome::Done, 1),
            ]),
        }
    }

    #[test]
    fn home_shows_the_door_to_those_who_may_read_the_activity() {
        let text = sample::check("home", &page(Some(overview()))).unwrap();
        for wanted in [
            "Welcome, Mara",
            "1,284",
            "96 %",
            "3 people to go",
            "10 wrong passwords",
            "on 63 devices",
            "<svg class=\"bars\"",
            "Latest activity",
            "/app/activity",
            "/app/settings",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(!text.contains("<Reyes>") && !text.contains("Firefox on Windows</b>"));
    }

    #[test]
    fn a_quiet_home_says_that_nothing_needs_anybody() {
        let mut overview = overview();
        overview.needs.clear();
        overview.latest = Lines(Vec::new());
        let text = sample::check("home-quiet", &page(Some(overview))).unwrap();
        assert!(text.contains("Nothing needs you") && text.contains("Nothing has happened yet"));
    }

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        let of = |with_two, accounts| Figures {
            people: 0,
            signed_in: 0,
            devices: 0,
            accounts,
            with_two,
            stopped: 0,
        };
        let said = |with_two, accounts| (of(with_two, accounts).share(), of(with_two, accounts).rest());
        assert_eq!(said(999, 1_000), ("99 %".into(), "1 person to go".into()));
        assert_eq!(said(1_000, 1_000), ("100 %".into(), "everybody".into()));
        assert_eq!(said(0, 0), ("–".into(), "nobody is at home here".into()));
        assert_eq!(said(1, 3_000), ("0 %".into(), "2,999 people to go".into()));
    }

    #[test]
    fn home_shows_everybody_else_their_own_devices_only() {
        let text = sample::check("home-own", &page(None)).unwrap();
        assert!(text.contains("Firefox on Windows"));
        for hidden in ["Latest activity", "/app/activity", "/app/settings", "Signed in now"] {
            assert!(!text.contains(hidden), "{hidden}");
        }
    }
}
