//! What Home shows: where the reader is signed in, and, with the right, how the door is doing.
use activity::Lines;
use askama::Template;
use ground::page::{Figure, HouseShell, SignInChart, Tag, When};
use kernel::Time;

/// The organisation in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// People who are signed in now.
    pub signed_in: u64,
    /// On so many devices.
    pub devices: u64,
    /// Sign-ins stopped in the last 24 hours.
    pub stopped: u64,
    /// People of the organisation.
    pub people: u64,
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
    /// Where the reader is signed in, this device first.
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
    use kernel::{Action, Outcome};

    fn page(overview: Option<Overview>) -> HomePage {
        let now = Time::from_seconds(1_795_511_642);
        let shell = HouseShell {
            title: "Home".into(),
            here: Entry::Home,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: if overview.is_some() {
                vec![Action::ReadEvents, Action::SeeSettings]
            } else {
                Vec::new()
            },
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
                signed_in: 41,
                devices: 63,
                stopped: 17,
                people: 1_284,
            },
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
            "on 63 devices",
            "<svg class=\"bars\"",
            "Latest activity",
            "/app/activity",
            "/app/settings",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
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
