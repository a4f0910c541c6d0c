//! The page of one event: what happened, why, what belongs to it, what stands beside it, and what proves it.
use super::Lines;
use askama::Template;
use ground::page::{HouseShell, Tag, When};
use kernel::{Outcome, PersonId, Time};

/// Why, in the words of the reason.
#[derive(Debug, Clone)]
pub struct Why {
    /// The reason's stable id, such as `SI-001`.
    pub id: String,
    /// For an administrator.
    pub admin: String,
    /// What the person was told; may be empty.
    pub person: String,
    /// What to do next; may be empty.
    pub next: String,
}

/// A person of the event.
#[derive(Debug, Clone)]
pub struct Named {
    /// The id: the list shows more of them.
    pub id: PersonId,
    /// The name of today; "a former person" where there is none.
    pub name: String,
}

/// What proves the event.
#[derive(Debug, Clone)]
pub struct Proof {
    /// Its place in the log.
    pub seq: i64,
    /// The chain's hash with it.
    pub hash: String,
    /// The line and the time of the checkpoint that signs it; none where the next minute does.
    pub signed: Option<(i64, Time)>,
}

/// One event.
#[derive(Debug, Template)]
#[template(path = "event.html")]
pub struct EventPage {
    /// The shell.
    pub shell: HouseShell,
    /// What happened.
    pub what: String,
    /// When.
    pub at: Time,
    /// The answer.
    pub outcome: Outcome,
    /// Who did it, in words, where nobody proved it.
    pub who: String,
    /// Who did it.
    pub actor: Option<Named>,
    /// Whom it is about, where that is somebody else.
    pub subject: Option<Named>,
    /// The device in words; may be empty.
    pub device: String,
    /// The network; may be empty.
    pub network: String,
    /// How many alike it stands for.
    pub count: u32,
    /// More, in words; may be empty.
    pub detail: String,
    /// Why.
    pub why: Option<Why>,
    /// Events of the same person or network about that time, newest first.
    pub flow: Lines,
    /// The events before and after it in the log, newest first.
    pub beside: Lines,
    /// What proves it.
    pub proof: Proof,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Line;
    use ground::page::{Entry, sample};
    use kernel::{Action, EventId};
    use uuid::Uuid;

    fn line(n: u128, what: &str) -> Line {
        Line {
            id: EventId(Uuid::from_u128(n)),
            at: Time::from_seconds(1_795_511_642),
            who: "Jon Reyes".into(),
            what: what.into(),
            why: String::new(),
            device: "Firefox on Windows".into(),
            network: "198.51.100.7".into(),
            outcome: Outcome::Stopped,
            count: 1,
        }
    }

    fn page() -> EventPage {
        let at = Time::from_seconds(1_795_511_642);
        EventPage {
            shell: HouseShell {
                title: "Sign-in refused".into(),
                here: Entry::Activity,
                person: "Mara Okafor".into(),
                role: "Owner".into(),
                organisation: "Northwind IT".into(),
                may: [Action::ReadEvents].into_iter().collect(),
                has_others: false,
                locks_in: 1800,
                ends_in: 43_200,
            },
            what: "Sign-in refused".into(),
            at,
            outcome: Outcome::Stopped,
            who: "a stranger".into(),
            actor: None,
            subject: Some(Named {
                id: PersonId(Uuid::from_u128(9)),
                name: "Jon <Reyes>".into(),
            }),
            device: "Firefox on Windows".into(),
            network: "198.51.100.7".into(),
            count: 4,
            detail: "three devices".into(),
            why: Some(Why {
                id: "SI-001".into(),
                admin: "Wrong password, or no such address.".into(),
                person: "The e-mail address and the password do not match.".into(),
                next: "Check both and try again.".into(),
            }),
            flow: Lines(vec![line(1, "Password entry locked"), line(2, "Sign-in refused")]),
            beside: Lines(vec![line(3, "Signed in")]),
            proof: Proof {
                seq: 77,
                hash: "03".repeat(32),
                signed: Some((80, at)),
            },
        }
    }

    #[test]
    fn an_event_says_why_what_belongs_to_it_and_what_proves_it() {
        let text = sample::check("event", &page()).unwrap();
        for wanted in [
            "SI-001",
            "Wrong password, or no such address.",
            "4 times",
            "person=00000000-0000-0000-0000-000000000009",
            "network=198.51.100.7",
            "Password entry locked",
            "line 80",
            ">stopped<",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(!text.contains("<Reyes>"));
    }

    #[test]
    fn an_event_without_anything_beside_it_says_so() {
        let mut page = page();
        (page.why, page.subject) = (None, None);
        (page.flow, page.beside) = (Lines(Vec::new()), Lines(Vec::new()));
        page.proof.signed = None;
        let text = sample::check("event-alone", &page).unwrap();
        assert!(text.contains("within the next minute") && !text.contains("What belongs to it"));
    }
}
