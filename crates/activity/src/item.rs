//! Events in words: as JSON for programs, as lines for the page. Names are looked up when they are read; they are in no event.
use crate::{page::Line, store::Row};
use ground::db::{Result, View};
use kernel::{Deployment, EventKind, Outcome, PersonId, Reason};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Names by person; who is gone has none.
pub(crate) type Names = BTreeMap<PersonId, String>;

/// A person with their name of today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EventPerson)]
pub(crate) struct Named {
    /// UUID version 7.
    id: uuid::Uuid,
    /// The name; null where the person is gone.
    name: Option<String>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct Item {
    /// UUID version 7.
    id: uuid::Uuid,
    /// Its place in the organisation's log, from 1 on without a gap.
    seq: i64,
    /// When it happened, RFC 3339 in UTC.
    at: String,
    /// The kind's stable id, such as `signed-in`.
    kind: String,
    /// What happened, in words.
    what: String,
    /// `allowed`, `stopped` or `done`.
    outcome: String,
    /// Who did it; null for strangers and the server itself.
    actor: Option<Named>,
    /// Whom it is about, where that is a person.
    subject: Option<Named>,
    /// The device it came from, in words; may be empty.
    device_label: String,
    /// The network address it came from; may be empty.
    network: String,
    /// The reason's stable id, such as `SI-001`.
    reason: Option<String>,
    /// How many alike it stands for.
    count: i64,
    /// More, in words; may be empty.
    detail: String,
}

/// A page of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemList {
    /// Newest first.
    pub(crate) items: Vec<Item>,
    /// The cursor of the next page; null on the last.
    pub(crate) next: Option<String>,
}

/// The names of everybody in these rows.
pub(crate) fn names(view: &mut View, rows: &[Row]) -> Result<Names> {
    let ids: Vec<PersonId> = rows.iter().flat_map(|row| [row.actor, row.subject]).flatten().collect();
    people::names(view, Deployment, &ids)
}

/// What happened, in words; the kind's id where this program does not know it.
pub(crate) fn what(kind: &str) -> String {
    EventKind::from_id(kind).map_or_else(|| kind.to_owned(), |kind| kind.words().to_owned())
}

/// As JSON.
pub(crate) fn item(row: Row, known: &Names) -> Item {
    let named = |person: Option<PersonId>| {
        person.map(|person| Named {
            id: person.0,
            name: known.get(&person).cloned(),
        })
    };
    Item {
        id: row.id.0,
        seq: row.seq,
        at: row.at.rfc3339(),
        what: what(&row.kind),
        kind: row.kind,
        outcome: row.outcome,
        actor: named(row.actor),
        subject: named(row.subject),
        device_label: row.device_label,
        network: row.network,
        reason: row.reason,
        count: row.count,
        detail: row.detail,
    }
}

/// As a line of the page, which administrators read.
pub(crate) fn line(row: Row, names: &Names) -> Line {
    let reason = |id: &String| Reason::from_id(id).map_or_else(|| id.clone(), |reason| reason.admin().to_owned());
    let why = row.reason.as_ref().map(reason).unwrap_or_default();
    Line {
        id: row.id,
        at: row.at,
        who: who(&row, names),
        what: what(&row.kind),
        why: [why.as_str(), row.detail.as_str()]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        outcome: Outcome::from_name(&row.outcome).unwrap_or(Outcome::Done),
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
        device: row.device_label,
        network: row.network,
    }
}

fn who(row: &Row, names: &Names) -> String {
    match row.actor.or(row.subject) {
        Some(person) => names.get(&person).cloned().unwrap_or_else(|| "a former person".into()),
        None if row.network.is_empty() => "the server".into(),
        None if row.kind.starts_with("agent-") || row.kind == "pairing-refused" => "a machine".into(),
        None => "a stranger".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{EventId, Time};
    use uuid::Uuid;

    fn row() -> Row {
        Row {
            seq: 3,
            id: EventId(Uuid::from_u128(3)),
            at: Time::from_seconds(1_795_511_642),
            kind: "sign-in-refused".into(),
            outcome: "stopped".into(),
            reason: Some("SI-001".into()),
            count: 4,
            actor: None,
            subject: Some(PersonId(Uuid::from_u128(1))),
            device_label: String::new(),
            network: "203.0.113.7".into(),
            detail: "three devices".into(),
        }
    }

    #[test]
    fn a_line_says_who_and_why_for_an_administrator() {
        let names = Names::from([(PersonId(Uuid::from_u128(1)), "Jon Reyes".to_owned())]);
        let told = line(row(), &names);
        assert_eq!(
            (told.who.as_str(), told.what.as_str(), told.count),
            ("Jon Reyes", "Sign-in refused", 4)
        );
        assert_eq!(told.why, "Wrong password, or no such address. · three devices");
        assert_eq!(line(row(), &Names::new()).who, "a former person");
        assert_eq!(line(Row { subject: None, ..row() }, &names).who, "a stranger");
        assert_eq!(
            line(
                Row {
                    subject: None,
                    network: String::new(),
                    ..row()
                },
                &names
            )
            .who,
            "the server"
        );
    }

    #[test]
    fn what_a_newer_program_wrote_is_shown_by_its_id() {
        let odd = Row {
            kind: "teleported".into(),
            outcome: "perhaps".into(),
            reason: Some("ZZ-999".into()),
            detail: String::new(),
            ..row()
        };
        let told = line(odd, &Names::new());
        assert_eq!(
            (told.what.as_str(), told.why.as_str(), told.outcome),
            ("teleported", "ZZ-999", Outcome::Done)
        );
    }

    #[test]
    fn an_item_has_the_shape_of_the_api() {
        let value = serde_json::to_value(item(row(), &Names::new())).unwrap();
        let expected = serde_json::json!({
            "id": Uuid::from_u128(3), "seq": 3, "at": "2026-11-24T09:14:02Z", "kind": "sign-in-refused", "what": "Sign-in refused",
            "outcome": "stopped", "actor": null, "subject": { "id": Uuid::from_u128(1), "name": null }, "device_label": "",
            "network": "203.0.113.7", "reason": "SI-001", "count": 4, "detail": "three devices",
        });
        assert_eq!(value, expected);
    }
}
