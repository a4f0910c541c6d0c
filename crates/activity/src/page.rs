//! The activity log as people read it.
use askama::{Template, filters::HtmlSafe};
use ground::page::{Errors, Field, HouseShell, Tag, When};
use kernel::{EventKind, Outcome, Time};

/// One event, in words.
#[derive(Debug, Clone)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Who: a name, "a stranger", "the server".
    pub who: String,
    /// What happened: "Signed in".
    pub what: String,
    /// Why, or more about it; may be empty.
    pub why: String,
    /// From which device; may be empty.
    pub device: String,
    /// From which network; may be empty.
    pub network: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How many alike it stands for.
    pub count: u32,
}

/// Events as a table that turns into cards on small screens. Writes nothing but the table.
#[derive(Debug, Clone, Template)]
#[template(path = "lines.html")]
pub struct Lines(pub Vec<Line>);
impl HtmlSafe for Lines {}

/// What the reader looks for, as typed.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// An event kind's id, or empty.
    pub kind: String,
    /// `allowed`, `stopped`, `done`, or empty.
    pub outcome: String,
    /// A part of a name or address, or empty.
    pub person: String,
    /// The first day, `2026-11-24`, or empty.
    pub from: String,
    /// The last day, likewise.
    pub to: String,
}

impl Filters {
    /// Whether anything is looked for.
    pub fn is_set(&self) -> bool {
        [&self.kind, &self.outcome, &self.person, &self.from, &self.to]
            .iter()
            .any(|filter| !filter.is_empty())
    }
}

/// "Activity".
#[derive(Debug, Template)]
#[template(path = "activity.html")]
pub struct ActivityPage {
    /// The shell.
    pub shell: HouseShell,
    /// What is wrong field by field: `person`, `from`, `to`.
    pub errors: Errors,
    /// What the reader looks for.
    pub filters: Filters,
    /// What was found, newest first.
    pub lines: Lines,
    /// Where the older ones are: an address with filters and cursor.
    pub older: Option<String>,
    /// The reader has gone back; the link leads to the newest with the same filters.
    pub newest: Option<String>,
}

impl ActivityPage {
    fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        EventKind::ALL
            .iter()
            .map(|kind| (kind.id(), kind.words(), kind.id() == self.filters.kind))
    }
    fn outcomes(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let all = [Outcome::Allowed, Outcome::Stopped, Outcome::Done];
        all.into_iter()
            .map(|outcome| (outcome.name(), outcome.name() == self.filters.outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::Action;

    fn page(lines: Vec<Line>, filters: Filters) -> ActivityPage {
        let shell = HouseShell {
            title: "Activity".into(),
            here: Entry::Activity,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: vec![Action::ReadEvents, Action::SeeSettings],
            locks_in: 1800,
            ends_in: 43_200,
        };
        let older = Some("/app/activity?cursor=abc".into()).filter(|_| !lines.is_empty());
        ActivityPage {
            shell,
            errors: Errors::none(),
            filters,
            lines: Lines(lines),
            older,
            newest: None,
        }
    }

    fn line(who: &str, what: &str, outcome: Outcome, count: u32) -> Line {
        Line {
            at: Time::from_seconds(1_795_511_642),
            who: who.into(),
            what: what.into(),
            why: "The e-mail address and the password do not match.".into(),
            device: "Firefox on Windows".into(),
            network: "198.51.100.7".into(),
            outcome,
            count,
        }
    }

    #[test]
    fn events_stand_in_a_table_with_their_answer_in_words() {
        let lines = vec![
            line("Priya Nair", "Signed in", Outcome::Allowed, 1),
            line("a stranger", "Sign-in refused", Outcome::Stopped, 12),
            line("Mara <i>", "Name changed", Outcome::Done, 1),
        ];
        let text = sample::check("activity", &page(lines, Filters::default())).unwrap();
        assert!(
            text.contains(">allowed<")
                && text.contains(">stopped<")
                && text.contains("12 times")
                && !text.contains("<i>")
        );
        assert!(text.contains("cursor=abc"));
    }

    #[test]
    fn filters_stay_set_and_an_empty_answer_says_so() {
        let filters = Filters {
            kind: "signed-in".into(),
            outcome: "stopped".into(),
            person: "jon".into(),
            ..Filters::default()
        };
        let text = sample::check("activity-empty", &page(Vec::new(), filters)).unwrap();
        assert!(
            text.contains("value=\"signed-in\" selected")
                && text.contains("value=\"stopped\" selected")
                && text.contains("value=\"jon\"")
        );
        assert!(text.contains("Nothing matches"));
    }
}
