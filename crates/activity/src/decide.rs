//! From what somebody asks for to which events are meant. Pure: text in, filters or refusals out.
pub(crate) mod retry;

use crate::store::Wanted;
use ground::journal;
use kernel::{EventKind, FieldError, Outcome, PersonId, Reason, Span, Time};
use serde::Deserialize;
use std::net::IpAddr;
use uuid::Uuid;

/// The query of the list, as typed. A field that is not here is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Asked {
    pub limit: Option<String>,
    pub cursor: Option<String>,
    pub kind: Option<String>,
    pub outcome: Option<String>,
    pub person: Option<String>,
    pub network: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub organisation: Option<String>,
    pub format: Option<String>,
}

/// Whom the reader looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// Anyone.
    Anyone,
    /// This person.
    Person(PersonId),
    /// Members with this in their name or address.
    Named(String),
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search {
    pub kind: Option<EventKind>,
    pub outcome: Option<Outcome>,
    pub whom: Whom,
    /// As events have it.
    pub network: Option<String>,
    pub from: Option<Time>,
    /// Before this time.
    pub to: Option<Time>,
    pub limit: u32,
}

/// How a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// By the form of the page: empty fields are none, a person may be named by a part of the name.
    Page,
    /// By a program: everything given must be right; a person is an id.
    Api,
}

const LIMIT: u32 = 50;
const MOST: u32 = 200;

impl Asked {
    /// What is meant, or what is wrong field by field.
    pub(crate) fn search(&self, manner: Manner) -> Result<Search, Vec<FieldError>> {
        let mut sieve = Sieve {
            manner,
            errors: Vec::new(),
        };
        let kind = sieve.take(
            "kind",
            self.kind.as_deref(),
            "There is no such kind of event.",
            EventKind::from_id,
        );
        let outcome = sieve.take(
            "outcome",
            self.outcome.as_deref(),
            "An answer is allowed, stopped or done.",
            Outcome::from_name,
        );
        let from = sieve.take("from", self.from.as_deref(), MOMENT, |text| moment(text, Span::ZERO));
        let to = sieve.take("to", self.to.as_deref(), MOMENT, |text| moment(text, Span::days(1)));
        let whom = sieve.take(
            "person",
            self.person.as_deref(),
            "A person is named by an id.",
            |text| whom(text, manner),
        );
        let network = sieve.take("network", self.network.as_deref(), NETWORK, |text| {
            let address: IpAddr = text.parse().ok()?;
            Some(address.to_canonical().to_string())
        });
        let limit = sieve.take(
            "limit",
            self.limit.as_deref(),
            "A limit is a number from 1 to 200.",
            |text| text.parse().ok().filter(|limit| (1..=MOST).contains(limit)),
        );
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            sieve.refuse("to", "The end lies before the beginning.");
        }
        let (whom, limit) = (whom.unwrap_or(Whom::Anyone), limit.unwrap_or(LIMIT));
        if sieve.errors.is_empty() {
            Ok(Search {
                kind,
                outcome,
                whom,
                network,
                from,
                to,
                limit,
            })
        } else {
            Err(sieve.errors)
        }
    }
    /// The filters in one text, in which no two differ and read alike: a cursor is sealed with it.
    pub(crate) fn filters(&self) -> String {
        let filters = [
            &self.kind,
            &self.outcome,
            &self.person,
            &self.network,
            &self.from,
            &self.to,
        ];
        serde_json::to_string(&filters.map(|filter| filter.as_deref().unwrap_or_default())).unwrap_or_default()
    }
}

/// Takes fields one by one and gathers what is wrong with them.
struct Sieve {
    manner: Manner,
    errors: Vec<FieldError>,
}

impl Sieve {
    fn take<T>(
        &mut self,
        field: &'static str,
        typed: Option<&str>,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = typed
            .map(str::trim)
            .filter(|text| self.manner == Manner::Api || !text.is_empty())?;
        let value = read(text);
        if value.is_none() {
            self.refuse(field, what);
        }
        value
    }
    fn refuse(&mut self, field: &'static str, what: &str) {
        self.errors.push(FieldError {
            field,
            message: what.into(),
            reason: Reason::RequestMalformed.id(),
        });
    }
}

fn whom(text: &str, manner: Manner) -> Option<Whom> {
    match (text.parse(), manner) {
        (Ok(person), _) => Some(Whom::Person(person)),
        (Err(_), Manner::Page) => Some(Whom::Named(text.into())),
        (Err(_), Manner::Api) => None,
    }
}

const NETWORK: &str = "Write an address like 203.0.113.7 or 2001:db8::7.";
const MOMENT: &str = "Write a day like 2026-11-24, or a time like 2026-11-24T09:00:00Z.";

/// A day (its beginning, plus `then`) or a time of RFC 3339.
fn moment(text: &str, then: Span) -> Option<Time> {
    if let Some(time) = Time::parse_rfc3339(text) {
        return Some(time);
    }
    let day = Time::parse_rfc3339(&format!("{text}T00:00:00Z"))?;
    (text.len() == "2026-11-24".len()).then_some(day + then)
}

impl Search {
    /// As the store takes it, with the people found and the place to go on from.
    pub(crate) fn wanted(&self, people: Option<Vec<PersonId>>, place: Option<(Time, i64)>) -> Wanted {
        let all = Wanted::default();
        let end = self.to.map_or(all.before, |to| (to, i64::MIN));
        let before = place.map_or(end, |place| place.min(end));
        Wanted {
            kind: self.kind,
            outcome: self.outcome,
            people,
            network: self.network.clone(),
            from: self.from.unwrap_or(all.from),
            before,
        }
    }
}

/// What of an event the filters look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub kind: &'a str,
    pub outcome: &'a str,
    /// Who did it, and whom it is about.
    pub people: [Option<Uuid>; 2],
    pub network: &'a str,
    pub place: (Time, i64),
}

impl Wanted {
    /// Whether an event is one of the wanted.
    pub(crate) fn fits(&self, seen: &Seen) -> bool {
        let is_theirs = |people: &Vec<PersonId>| seen.people.iter().flatten().any(|id| people.contains(&PersonId(*id)));
        self.kind.is_none_or(|kind| kind.id() == seen.kind)
            && self.outcome.is_none_or(|outcome| outcome.name() == seen.outcome)
            && self.people.as_ref().is_none_or(is_theirs)
            && self.network.as_ref().is_none_or(|network| network == seen.network)
            && seen.place.0 >= self.from
            && seen.place < self.before
    }
    /// Whether a line of the journal is one of the wanted.
    pub(crate) fn has(&self, line: &journal::Line) -> bool {
        self.fits(&Seen {
            kind: &line.kind,
            outcome: &line.outcome,
            people: [line.actor, line.subject],
            network: &line.network,
            place: (line.at, line.seq),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(field: &str, value: &str) -> Asked {
        let mut asked = Asked::default();
        let value = Some(value.to_owned());
        match field {
            "limit" => asked.limit = value,
            "kind" => asked.kind = value,
            "outcome" => asked.outcome = value,
            "person" => asked.person = value,
            "network" => asked.network = value,
            "from" => asked.from = value,
            _ => asked.to = value,
        }
        asked
    }

    #[test]
    fn what_a_program_asks_wrongly_is_refused_at_its_field() {
        let cases = [
            ("limit", "0"),
            ("limit", "201"),
            ("limit", "-1"),
            ("limit", "ten"),
            ("limit", ""),
            ("limit", "1.5"),
            ("limit", "99999999999"),
            ("kind", ""),
            ("kind", "Signed in"),
            ("kind", "signed-in' OR 1=1"),
            ("outcome", "maybe"),
            ("outcome", "Allowed"),
            ("person", "ana"),
            ("person", ""),
            ("network", ""),
            ("network", "203.0.113"),
            ("network", "203.0.113.0/24"),
            ("from", "yesterday"),
            ("from", "2026-13-01"),
            ("from", "2026-11-24T09:00:00"),
            ("to", "24.11.2026"),
            ("to", ""),
        ];
        for (field, value) in cases {
            let errors = asked(field, value).search(Manner::Api).unwrap_err();
            assert_eq!(
                errors.iter().map(|error| error.field).collect::<Vec<_>>(),
                [field],
                "{field}={value}"
            );
        }
    }

    #[test]
    fn an_empty_form_field_is_no_filter_and_a_name_is_looked_up() {
        let mut empty = Asked::default();
        for field in [
            &mut empty.kind,
            &mut empty.outcome,
            &mut empty.person,
            &mut empty.network,
            &mut empty.from,
            &mut empty.to,
        ] {
            *field = Some("  ".into());
        }
        let search = empty.search(Manner::Page).unwrap();
        assert_eq!(
            search,
            Search {
                kind: None,
                outcome: None,
                whom: Whom::Anyone,
                network: None,
                from: None,
                to: None,
                limit: LIMIT
            }
        );
        assert_eq!(
            asked("person", " ana ").search(Manner::Page).unwrap().whom,
            Whom::Named("ana".into())
        );
    }

    #[test]
    fn a_network_is_an_address_however_it_is_spelt() {
        for (typed, network) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:DB8:0:0::7", "2001:db8::7"),
        ] {
            let search = asked("network", typed).search(Manner::Api).unwrap();
            assert_eq!(search.network.as_deref(), Some(network));
        }
    }

    #[test]
    fn days_are_whole_and_times_exact() {
        let day = Time::parse_rfc3339("2026-11-24T00:00:00Z").unwrap();
        assert_eq!(asked("from", "2026-11-24").search(Manner::Api).unwrap().from, Some(day));
        assert_eq!(
            asked("to", "2026-11-24").search(Manner::Api).unwrap().to,
            Some(day + Span::days(1))
        );
        assert_eq!(
            asked("to", "2026-11-24T01:00:00+01:00").search(Manner::Api).unwrap().to,
            Some(day)
        );
        let backwards = Asked {
            from: Some("2026-11-25".into()),
            to: Some("2026-11-24".into()),
            ..Asked::default()
        };
        assert!(backwards.search(Manner::Page).is_err());
        let same = Asked {
            from: Some("2026-11-24".into()),
            to: Some("2026-11-24".into()),
            ..Asked::default()
        };
        assert!(same.search(Manner::Page).is_ok());
    }

    #[test]
    fn filters_that_differ_never_read_alike() {
        let (a, b) = (
            asked("kind", "x\",\"y"),
            Asked {
                kind: Some("x".into()),
                outcome: Some("y".into()),
                ..Asked::default()
            },
        );
        assert_ne!(a.filters(), b.filters());
        assert_eq!(
            Asked {
                limit: Some("5".into()),
                ..Asked::default()
            }
            .filters(),
            Asked::default().filters()
        );
    }

    #[test]
    fn the_end_and_a_cursor_meet_at_the_earlier_place() {
        let mut search = Asked::default().search(Manner::Api).unwrap();
        search.to = Some(Time::from_seconds(100));
        assert_eq!(search.wanted(None, None).before, (Time::from_seconds(100), i64::MIN));
        assert_eq!(
            search.wanted(None, Some((Time::from_seconds(50), 7))).before,
            (Time::from_seconds(50), 7)
        );
        assert_eq!(
            search.wanted(None, Some((Time::from_seconds(200), 7))).before,
            (Time::from_seconds(100), i64::MIN)
        );
    }
}
