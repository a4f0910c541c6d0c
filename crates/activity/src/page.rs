//! The activity log as people read it.
pub(crate) mod event;
pub(crate) mod places;

use askama::{Template, filters::HtmlSafe};
use ground::page::{Errors, Field, HouseShell, Tag, When};
use kernel::{EventId, EventKind, Outcome, Time};

/// One event, in words.
#[derive(Debug, Clone)]
pub struct Line {
    /// The event, whose page has more.
    pub id: EventId,
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
    /// A network address, or empty.
    pub network: String,
    /// The first day, `2026-11-24`, or empty.
    pub from: String,
    /// The last day, likewise.
    pub to: String,
}

impl Filters {
    /// Whether anything is looked for.
    pub fn is_set(&self) -> bool {
        let filters = [
            &self.kind,
            &self.outcome,
            &self.person,
            &self.network,
            &self.from,
            &self.to,
        ];
        filters.iter().any(|filter| !filter.is_empty())
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
    /// So far it was looked back, where the search was given up before the page was full.
    pub looked_to: Option<Time>,
    /// Where new ones come in by themselves; none where the reader has gone back.
    pub stream: Option<String>,
    /// What is added to the address of the export, so that it has the same filters; none where it could not have them.
    pub export: Option<String>,
    /// The reader may say where activity goes.
    pub may_send: bool,
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
            may: [Action::ReadEvents, Action::SeeSettings].into_iter().collect(),
            has_others: false,
            locks_in: 1800,
            ends_in: 43_200,
        };
        let older = Some("/app/activity?cursor=abc".into()).filter(|_| !lines.is_empty());
        ActivityPage {
            shell,
            errors: Errors::none(),
            filters,
            lines: Lines(lines),
            looked_to: None,
            stream: Some("/api/v1/events/stream".into()),
            export: Some("&kind=signed-in".into()),
            may_send: true,
            older,
            newest: None,
        }
    }

    fn line(who: &str, what: &str, outcome: Outcome, count: u32) -> Line {
        Line {
            id: EventId(uuid::Uuid::from_u128(7)),
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
        assert!(text.contains("cursor=abc") && text.contains("data-stream=\"/api/v1/events/stream\""));
        assert!(text.contains("/app/activity/00000000-0000-0000-0000-000000000007"));
        assert!(text.contains("format=csv&#38;kind=signed-in") && text.contains("/app/activity/places"));
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

    #[test]
    fn a_search_that_was_given_up_says_how_far_it_came() {
        let mut page = page(
            Vec::new(),
            Filters {
                network: "203.0.113.7".into(),
                ..Filters::default()
            },
        );
        (page.looked_to, page.stream) = (Some(Time::from_seconds(1_795_511_642)), None);
        page.older = Some("/app/activity?network=203.0.113.7&cursor=abc".into());
        let text = sample::check("activity-far", &page).unwrap();
        assert!(text.contains("Looked back to") && !text.contains("data-stream") && !text.contains("Nothing matches"));
    }
}
