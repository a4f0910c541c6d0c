//! What the reading statements find, on both stores (PostgreSQL where `DOORWARD_TEST_POSTGRES` names a server), and by which index.
use super::*;
use crate::{SignIns, sign_ins_by_day, stopped_since};
use ground::{
    db::{self, Store},
    journal,
};
use kernel::{Chance, Event, OrganisationId, Span, Stream};
#[path = "../../../ground/src/journal/tests/place.rs"]
mod place;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// 24 November 2026, 09:14:02.
const NOW: Time = Time::from_seconds(1_795_511_642);
const OURS: Organisation = Organisation(OrganisationId(Uuid::from_u128(0xa1)));
const THEIRS: Organisation = Organisation(OrganisationId(Uuid::from_u128(0xa2)));
const ANA: PersonId = PersonId(Uuid::from_u128(0xaaa));
const BEN: PersonId = PersonId(Uuid::from_u128(0xbbb));

async fn filled() -> Vec<(&'static str, place::Place)> {
    let places = place::stores().await;
    for (_, store) in &places {
        fill(store).await;
    }
    places
}

fn event(organisation: Organisation, ago: Span, kind: EventKind, outcome: Outcome) -> Event {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let chance = Chance::new(|out| {
        let n = NEXT.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        out.iter_mut().zip(n.iter().cycle()).for_each(|(to, from)| *to = *from);
    });
    Event::new(Stream::Organisation(organisation.0), NOW - ago, kind, outcome, &chance)
}

/// Ours: Ana signs in on three days, Ben is refused (5 times in one event) and renamed by Ana; theirs: one sign-in.
async fn fill(store: &Store) {
    use EventKind::{NameChanged, SignInRefused, SignedIn};
    let mut refused = event(OURS, Span::hours(1), SignInRefused, Outcome::Stopped).about(BEN);
    refused.count = 5;
    refused.network = "203.0.113.7".into();
    let mut renamed = event(OURS, Span::minutes(30), NameChanged, Outcome::Done);
    (renamed.actor, renamed.subject) = (Some(ANA), Some(BEN));
    let events = [
        event(OURS, Span::days(2), SignedIn, Outcome::Allowed).by(ANA),
        event(OURS, Span::days(1), SignedIn, Outcome::Allowed).by(ANA),
        refused,
        event(OURS, Span::hours(2), SignedIn, Outcome::Allowed).by(ANA),
        renamed,
        event(THEIRS, Span::hours(1), SignedIn, Outcome::Allowed).by(BEN),
        event(THEIRS, Span::hours(1), SignInRefused, Outcome::Stopped).about(BEN),
    ];
    store
        .write(move |tx| events.iter().try_for_each(|event| journal::append(tx, event)))
        .await
        .unwrap();
}

async fn seqs(store: &Store, wanted: &Wanted, most: u32) -> Vec<i64> {
    let wanted = wanted.clone();
    let found = store.read(move |view| newest(view, OURS, &wanted, most)).await.unwrap();
    assert_eq!(found.gave_up_at, None);
    found.rows.into_iter().map(|row| row.seq).collect()
}

fn kind(mut wanted: Wanted, kind: EventKind) -> Wanted {
    wanted.kind = Some(kind);
    wanted
}
fn outcome(mut wanted: Wanted, outcome: Outcome) -> Wanted {
    wanted.outcome = Some(outcome);
    wanted
}
fn from(mut wanted: Wanted, ago: Span) -> Wanted {
    wanted.from = NOW - ago;
    wanted
}
fn network(mut wanted: Wanted, network: &str) -> Wanted {
    wanted.network = Some(network.into());
    wanted
}
fn before(mut wanted: Wanted, ago: Span, seq: i64) -> Wanted {
    wanted.before = (NOW - ago, seq);
    wanted
}
fn by(people: &[PersonId]) -> Wanted {
    Wanted {
        people: Some(people.to_vec()),
        ..Wanted::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_they_say_newest_first() {
    let all = Wanted::default;
    let cases: [(&str, Wanted, &[i64]); 16] = [
        ("everything, by time and not by place", all(), &[5, 3, 4, 2, 1]),
        ("a kind", kind(all(), EventKind::SignedIn), &[4, 2, 1]),
        ("an outcome", outcome(all(), Outcome::Stopped), &[3]),
        ("from a time on", from(all(), Span::hours(2)), &[5, 3, 4]),
        ("before a time", before(all(), Span::hours(2), i64::MIN), &[2, 1]),
        ("behind a place", before(all(), Span::hours(1), 3), &[4, 2, 1]),
        ("by or about a person, each once", by(&[ANA]), &[5, 4, 2, 1]),
        ("about another", by(&[BEN]), &[5, 3]),
        ("either", by(&[ANA, BEN]), &[5, 3, 4, 2, 1]),
        ("nobody", by(&[]), &[]),
        ("a person and a kind", kind(by(&[BEN]), EventKind::NameChanged), &[5]),
        ("a person and an outcome", outcome(by(&[BEN]), Outcome::Allowed), &[]),
        ("a network", network(all(), "203.0.113.7"), &[3]),
        ("another network", network(all(), "203.0.113.8"), &[]),
        (
            "a network, a person and a kind",
            kind(network(by(&[BEN]), "203.0.113.7"), EventKind::SignInRefused),
            &[3],
        ),
        (
            "a person behind a place",
            before(by(&[ANA]), Span::hours(2), 4),
            &[2, 1],
        ),
    ];
    for (engine, store) in filled().await {
        for (what, wanted, expected) in &cases {
            assert_eq!(seqs(&store, wanted, 100).await, *expected, "{engine}: {what}");
            let first: Vec<i64> = expected.iter().copied().take(2).collect();
            assert_eq!(seqs(&store, wanted, 2).await, first, "{engine}: {what}, two of them");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_count_what_came_in_and_what_was_stopped() {
    let day = |n: i64, allowed, stopped| SignIns {
        day: Time::from_seconds((1_795_511_642 / 86_400 - n) * 86_400),
        allowed,
        stopped,
    };
    for (engine, store) in filled().await {
        let days = store.read(|view| sign_ins_by_day(view, OURS, 4, NOW)).await.unwrap();
        assert_eq!(
            days,
            [day(3, 0, 0), day(2, 1, 0), day(1, 1, 0), day(0, 1, 5)],
            "{engine}"
        );
        assert_eq!(
            store
                .read(|view| stopped_since(view, OURS, NOW - Span::days(1)))
                .await
                .unwrap(),
            5,
            "{engine}"
        );
        assert_eq!(
            store.read(|view| stopped_since(view, OURS, NOW)).await.unwrap(),
            0,
            "{engine}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_is_found_by_its_id_and_its_neighbours_by_their_place() {
    for (engine, store) in filled().await {
        let all = store.read(|view| after(view, OURS, 0, 100)).await.unwrap();
        assert_eq!(
            all.iter().map(|event| event.row.seq).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5],
            "{engine}"
        );
        for event in all {
            let (id, seq) = (event.row.id, event.row.seq);
            assert_eq!(
                store.read(move |view| one(view, OURS, id)).await.unwrap(),
                Some(event),
                "{engine}"
            );
            assert_eq!(
                store.read(move |view| one(view, THEIRS, id)).await.unwrap(),
                None,
                "{engine}: {seq}"
            );
        }
        let beside = store.read(|view| between(view, OURS, 2, 4)).await.unwrap();
        assert_eq!(
            beside.iter().map(|row| row.seq).collect::<Vec<_>>(),
            [4, 3, 2],
            "{engine}"
        );
        assert_eq!(store.read(|view| head(view, OURS)).await.unwrap(), 5, "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_among_very_many_gives_up_and_says_where_it_came_to() {
    for (engine, store) in place::stores().await {
        let most = i64::from(CHUNK) * i64::try_from(MOST_CHUNKS).unwrap();
        let events: Vec<Event> = (0..=most)
            .map(|n| event(OURS, Span::seconds(most - n), EventKind::SignedIn, Outcome::Allowed))
            .collect();
        store
            .write(move |tx| events.iter().try_for_each(|event| journal::append(tx, event)))
            .await
            .unwrap();
        let wanted = outcome(kind(Wanted::default(), EventKind::SignedIn), Outcome::Stopped);
        let (first, again) = (wanted.clone(), wanted.clone());
        let found = store.read(move |view| newest(view, OURS, &first, 10)).await.unwrap();
        let place = found.gave_up_at.unwrap();
        assert_eq!((found.rows.len(), place.1), (0, 2), "{engine}");
        let rest = Wanted { before: place, ..again };
        let found = store.read(move |view| newest(view, OURS, &rest, 10)).await.unwrap();
        assert_eq!(
            (found.rows.len(), found.gave_up_at),
            (0, None),
            "{engine}: the rest is looked at, too"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_look_has_an_index_and_nothing_is_sorted() {
    let (_, store) = filled().await.remove(0);
    let plan =
        |rows: Vec<(i64, i64, i64, String)>| rows.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join(" / ");
    let (stream, from, at, seq, most) = (OURS.0, Time::from_micros(0), NOW, 9_i64, 5_u32);
    let (stopped, signed_in, refused, network, person) =
        ("stopped", "signed-in", "sign-in-refused", "203.0.113.7", ANA);
    let id = EventId(Uuid::from_u128(7));
    macro_rules! explained {
        ($view:ident, $and:literal, $bind:expr) => {
            $view.all(
                concat!("EXPLAIN QUERY PLAN ", newest!($and)),
                &[&stream, &from, &at, &seq, &most, $bind],
            )?
        };
    }
    let plans = store
        .read(move |view| {
            let base: [&dyn ground::db::Bind; 5] = [&stream, &from, &at, &seq, &most];
            let by_id: [&dyn ground::db::Bind; 4] = [&stream, &from, &at, &id];
            let days: [&dyn ground::db::Bind; 4] = [&stream, &signed_in, &refused, &from];
            Ok::<_, ground::db::Error>([
                (
                    "event_at",
                    view.all(concat!("EXPLAIN QUERY PLAN ", newest!("")), &base)?,
                ),
                ("event_at", view.all(concat!("EXPLAIN QUERY PLAN ", one!()), &by_id)?),
                ("event_kind", explained!(view, " AND kind = ?6", &signed_in)),
                ("event_outcome", explained!(view, " AND outcome = ?6", &stopped)),
                ("event_network", explained!(view, " AND network = ?6", &network)),
                ("event_subject", explained!(view, " AND subject = ?6", &person)),
                ("event_actor", explained!(view, " AND actor = ?6", &person)),
                (
                    "COVERING INDEX event_kind",
                    view.all(concat!("EXPLAIN QUERY PLAN ", by_day!()), &days)?,
                ),
            ])
        })
        .await
        .unwrap();
    for (index, rows) in plans {
        let plan = plan(rows);
        assert!(plan.contains(index), "{index}: {plan}");
        assert!(!plan.contains("FOR ORDER BY"), "{index}: {plan}");
    }
}
