//! The SQL that reads events. Writing them is the journal's alone; every statement names the stream, which is the organisation.
use ground::{
    db::{Result, View},
    from_row,
};
use kernel::{EventId, EventKind, Organisation, Outcome, PersonId, Time};

/// An event as stored, without what only proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub seq: i64,
    pub id: EventId,
    pub at: Time,
    pub kind: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub count: i64,
    pub actor: Option<PersonId>,
    pub subject: Option<PersonId>,
    pub device_label: String,
    pub network: String,
    pub detail: String,
}
from_row!(Row {
    seq,
    id,
    at,
    kind,
    outcome,
    reason,
    count,
    actor,
    subject,
    device_label,
    network,
    detail
});

/// Which events, and from which place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub kind: Option<EventKind>,
    pub outcome: Option<Outcome>,
    /// By or about one of these; none = anyone.
    pub people: Option<Vec<PersonId>>,
    /// From this time on.
    pub from: Time,
    /// Older than this place: a time, and a line of that time.
    pub before: (Time, i64),
}

impl Default for Wanted {
    fn default() -> Self {
        let before = (Time::from_micros(i64::MAX), i64::MAX);
        Self {
            kind: None,
            outcome: None,
            people: None,
            from: Time::from_micros(i64::MIN),
            before,
        }
    }
}

// Each way to look has an index that ends in (at, seq), so that a page costs what is on it.
macro_rules! newest {
    ($and:literal) => {
        concat!(
            "SELECT seq, id, at, kind, outcome, reason, count, actor, subject, device_label, network, detail FROM event
             WHERE stream = ?1 AND at >= ?2 AND (at, seq) < (?3, ?4) AND (?5 IS NULL OR outcome = ?5)",
            $and,
            " ORDER BY at DESC, seq DESC LIMIT ?6"
        )
    };
}

macro_rules! by_day {
    () => {
        "SELECT at / 86400000000, CAST(sum(count) AS BIGINT) FROM event WHERE stream = ?1 AND kind = ?2 AND at >= ?3 GROUP BY at / 86400000000"
    };
}

/// The newest events that are wanted, newest first.
pub(crate) fn newest(view: &mut View, organisation: Organisation, wanted: &Wanted, most: u32) -> Result<Vec<Row>> {
    let (at, seq) = wanted.before;
    let outcome = wanted.outcome.map(Outcome::name);
    let kind = wanted.kind.map(EventKind::id);
    let Some(people) = &wanted.people else {
        return match kind {
            None => view.all(
                newest!(""),
                &[&organisation.0, &wanted.from, &at, &seq, &outcome, &most],
            ),
            Some(kind) => view.all(
                newest!(" AND kind = ?7"),
                &[&organisation.0, &wanted.from, &at, &seq, &outcome, &most, &kind],
            ),
        };
    };
    let mut rows = Vec::new();
    for person in people {
        rows.extend::<Vec<Row>>(view.all(
            newest!(" AND subject = ?7 AND (?8 IS NULL OR kind = ?8)"),
            &[&organisation.0, &wanted.from, &at, &seq, &outcome, &most, person, &kind],
        )?);
        rows.extend::<Vec<Row>>(view.all(
            newest!(" AND actor = ?7 AND (?8 IS NULL OR kind = ?8)"),
            &[&organisation.0, &wanted.from, &at, &seq, &outcome, &most, person, &kind],
        )?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.seq)));
    rows.dedup_by_key(|row| row.seq);
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(rows)
}

/// How many of a kind on each day (counted from 1 January 1970, UTC) since then. From the index alone.
pub(crate) fn count_by_day(
    view: &mut View,
    organisation: Organisation,
    kind: EventKind,
    since: Time,
) -> Result<Vec<(i64, i64)>> {
    view.all(by_day!(), &[&organisation.0, &kind.id(), &since])
}

/// How many of a kind since then.
pub(crate) fn count_since(view: &mut View, organisation: Organisation, kind: EventKind, since: Time) -> Result<i64> {
    view.one(
        "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM event WHERE stream = ?1 AND kind = ?2 AND at >= ?3",
        &[&organisation.0, &kind.id(), &since],
    )
}

#[cfg(test)]
mod tests;
