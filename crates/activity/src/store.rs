//! The SQL that reads events. Writing them is the journal's alone; every statement names the stream, which is the organisation.
//! Must never happen: a search that reads the whole log: each way to look has an index that ends in (at, seq), and what has none is looked for
//! among so many lines at most.
pub(crate) mod hooks;
pub(crate) mod retention;

use crate::decide::Seen;
use ground::{
    db::{self, FromRow, Result, View},
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

impl Row {
    /// Its place in the list.
    pub(crate) const fn place(&self) -> (Time, i64) {
        (self.at, self.seq)
    }
    /// What of it the filters look at.
    pub(crate) fn seen(&self) -> Seen<'_> {
        Seen {
            kind: &self.kind,
            outcome: &self.outcome,
            people: [self.actor.map(|id| id.0), self.subject.map(|id| id.0)],
            network: &self.network,
            place: self.place(),
        }
    }
}

/// An event with its hash in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chained {
    pub row: Row,
    pub hash: [u8; 32],
}

impl FromRow for Chained {
    fn from_row(row: &db::Row<'_>) -> Result<Self> {
        Ok(Self {
            row: Row::from_row(row)?,
            hash: row.get("hash")?,
        })
    }
}

/// Which events, and from which place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub kind: Option<EventKind>,
    pub outcome: Option<Outcome>,
    /// By or about one of these; none = anyone.
    pub people: Option<Vec<PersonId>>,
    /// From this network address; none = anywhere.
    pub network: Option<String>,
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
            network: None,
            from: Time::from_micros(i64::MIN),
            before,
        }
    }
}

/// The one filter that an index answers; the others are looked at line by line.
#[derive(Debug, Clone, Copy)]
enum Way<'a> {
    People(&'a [PersonId]),
    Network(&'a str),
    Kind(EventKind),
    Outcome(Outcome),
    All,
}

impl Wanted {
    /// The most selective way, and whether it is the only filter.
    fn way(&self) -> (Way<'_>, bool) {
        let filters = [
            self.people.is_some(),
            self.network.is_some(),
            self.kind.is_some(),
            self.outcome.is_some(),
        ];
        let way = match self {
            Self {
                people: Some(people), ..
            } => Way::People(people),
            Self {
                network: Some(network), ..
            } => Way::Network(network),
            Self { kind: Some(kind), .. } => Way::Kind(*kind),
            Self {
                outcome: Some(outcome), ..
            } => Way::Outcome(*outcome),
            _ => Way::All,
        };
        (way, filters.into_iter().filter(|is_set| *is_set).count() < 2)
    }
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Newest first.
    pub rows: Vec<Row>,
    /// How far it came, where it gave up before it had found as many as were wanted.
    pub gave_up_at: Option<(Time, i64)>,
}

/// Lines that are read at once where more than one filter is set, and how often that is done in one search.
const CHUNK: u32 = 1_000;
const MOST_CHUNKS: usize = 5;

/// The newest events that are wanted, newest first.
pub(crate) fn newest(view: &mut View, organisation: Organisation, wanted: &Wanted, most: u32) -> Result<Found> {
    let (way, is_alone) = wanted.way();
    let enough = usize::try_from(most).unwrap_or(usize::MAX);
    let (mut rows, mut before) = (Vec::new(), wanted.before);
    for _ in 0..MOST_CHUNKS {
        let size = if is_alone { most } else { CHUNK };
        let chunk = chunk(view, organisation, way, wanted.from, before, size)?;
        let is_end = chunk.len() < usize::try_from(size).unwrap_or(usize::MAX);
        before = chunk.last().map_or(before, Row::place);
        rows.extend(chunk.into_iter().filter(|row| wanted.fits(&row.seen())));
        if is_end || rows.len() >= enough {
            rows.truncate(enough);
            return Ok(Found { rows, gave_up_at: None });
        }
    }
    let gave_up_at = Some(before);
    Ok(Found { rows, gave_up_at })
}

macro_rules! columns {
    () => {
        "seq, id, at, kind, outcome, reason, count, actor, subject, device_label, network, detail"
    };
}

macro_rules! newest {
    ($and:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM event WHERE stream = ?1 AND at >= ?2 AND (at, seq) < (?3, ?4)",
            $and,
            " ORDER BY at DESC, seq DESC LIMIT ?5"
        )
    };
}

fn chunk(
    view: &mut View,
    organisation: Organisation,
    way: Way<'_>,
    from: Time,
    (at, seq): (Time, i64),
    most: u32,
) -> Result<Vec<Row>> {
    let of = organisation.0;
    match way {
        Way::All => view.all(newest!(""), &[&of, &from, &at, &seq, &most]),
        Way::Kind(kind) => view.all(newest!(" AND kind = ?6"), &[&of, &from, &at, &seq, &most, &kind.id()]),
        Way::Outcome(outcome) => view.all(
            newest!(" AND outcome = ?6"),
            &[&of, &from, &at, &seq, &most, &outcome.name()],
        ),
        Way::Network(network) => view.all(newest!(" AND network = ?6"), &[&of, &from, &at, &seq, &most, &network]),
        Way::People(people) => {
            let mut rows: Vec<Row> = Vec::new();
            for person in people {
                let binds: [&dyn db::Bind; 6] = [&of, &from, &at, &seq, &most, person];
                rows.extend(view.all::<Row>(newest!(" AND subject = ?6"), &binds)?);
                rows.extend(view.all::<Row>(newest!(" AND actor = ?6"), &binds)?);
            }
            rows.sort_by_key(|row| std::cmp::Reverse(row.place()));
            rows.dedup_by_key(|row| row.seq);
            rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            Ok(rows)
        }
    }
}

macro_rules! one {
    () => {
        concat!(
            "SELECT ",
            columns!(),
            ", hash FROM event WHERE stream = ?1 AND at >= ?2 AND at < ?3 AND id = ?4"
        )
    };
}

/// One event. Its id holds the millisecond that it happened in, so the index by time finds it.
pub(crate) fn one(view: &mut View, organisation: Organisation, id: EventId) -> Result<Option<Chained>> {
    let (from, to) = millisecond_of(id);
    view.maybe(one!(), &[&organisation.0, &from, &to, &id])
}

/// The millisecond of a UUID version 7 (RFC 9562, 5.7).
fn millisecond_of(id: EventId) -> (Time, Time) {
    let millis = i64::try_from(id.0.as_u128() >> 80).unwrap_or(0);
    let from = millis.saturating_mul(1_000);
    (Time::from_micros(from), Time::from_micros(from.saturating_add(1_000)))
}

/// The events from this place in the log to that one, newest first.
pub(crate) fn between(view: &mut View, organisation: Organisation, first: i64, last: i64) -> Result<Vec<Row>> {
    view.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM event WHERE stream = ?1 AND seq >= ?2 AND seq <= ?3 ORDER BY seq DESC"
        ),
        &[&organisation.0, &first, &last],
    )
}

/// The events behind this place in the log, in its order.
pub(crate) fn after(view: &mut View, organisation: Organisation, seq: i64, most: u32) -> Result<Vec<Chained>> {
    view.all(
        concat!(
            "SELECT ",
            columns!(),
            ", hash FROM event WHERE stream = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
        ),
        &[&organisation.0, &seq, &most],
    )
}

/// The place of the last event.
pub(crate) fn head(view: &mut View, organisation: Organisation) -> Result<i64> {
    let head: Option<i64> = view.maybe("SELECT seq FROM chain WHERE stream = ?1", &[&organisation.0])?;
    Ok(head.unwrap_or(0))
}

macro_rules! by_day {
    () => {
        "SELECT at / 86400000000 AS day, kind, CAST(sum(count) AS BIGINT) AS times FROM event
         WHERE stream = ?1 AND kind IN (?2, ?3) AND at >= ?4 GROUP BY at / 86400000000, kind"
    };
}

/// How many of two kinds on each day (counted from 1 January 1970, UTC) since then: day, kind, times. From the index alone.
pub(crate) fn count_by_day(
    view: &mut View,
    organisation: Organisation,
    [one, other]: [EventKind; 2],
    since: Time,
) -> Result<Vec<(i64, String, i64)>> {
    view.all(by_day!(), &[&organisation.0, &one.id(), &other.id(), &since])
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
