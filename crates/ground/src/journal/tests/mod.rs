//! The journal against both stores (PostgreSQL where `DOORWARD_TEST_POSTGRES` names a server): appended, signed, tampered with, exported.
mod cut;
mod exported;
mod place;
mod tampered;

use super::*;
use crate::db::Store;
use aws_lc_rs::signature::Ed25519KeyPair;
use kernel::{Chance, DeviceId, EventId, EventKind, OrganisationId, Outcome, PersonId, Span, Time};
use place::stores;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

const START: Time = Time::from_seconds(1_795_511_642);
const ORGANISATION: Stream = Stream::Organisation(OrganisationId(Uuid::from_u128(0xa1)));

pub(super) fn key(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn chance() -> Chance {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Chance::new(|out| {
        let n = NEXT
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .to_be_bytes();
        out.iter_mut().zip(n.iter().cycle()).for_each(|(to, from)| *to = *from);
    })
}

fn event(stream: Stream, n: i64) -> Event {
    let at = START + Span::seconds(n);
    let mut event = Event::new(stream, at, EventKind::SignedIn, Outcome::Allowed, &chance())
        .by(PersonId(Uuid::from_u128(0xb0b)))
        .from(
            Some(DeviceId(Uuid::from_u128(0xde))),
            "Firefox on Windows",
            "203.0.113.7",
        );
    event.detail = format!("number {n}");
    event
}

async fn append_some(store: &Store, stream: Stream, numbers: std::ops::RangeInclusive<i64>) {
    for n in numbers {
        let event = event(stream, n);
        store.write(move |tx| append(tx, &event)).await.unwrap();
    }
}

async fn run(store: &Store, statements: &'static [&'static str]) {
    store
        .write(|tx| statements.iter().try_for_each(|sql| tx.run(sql, &[]).map(drop)))
        .await
        .unwrap();
}

async fn broken_at(store: &Store, kept: &Kept) -> Option<(Uuid, i64)> {
    match verify(store, &Trust::in_key(Signer(&key(1)).public_key()), kept)
        .await
        .unwrap()
    {
        Answer::Whole(_) => None,
        Answer::Broken(broken) => Some((broken.stream, broken.seq)),
    }
}

async fn sign(store: &Store, kept: &mut Kept, seed: u8) -> Vec<Broken> {
    let pair = key(seed);
    let signer = Signer(&pair);
    checkpoint(store, &Trust::in_key(signer.public_key()), &signer, kept, START)
        .await
        .unwrap()
}

/// What the tests tamper with: nine lines in the organisation's stream with a checkpoint at five and nine, three in the deployment's.
async fn signed_store(store: &Store) -> Kept {
    let mut kept = Kept::default();
    append_some(store, ORGANISATION, 1..=5).await;
    append_some(store, Stream::Deployment, 1..=3).await;
    assert_eq!(sign(store, &mut kept, 1).await, []);
    append_some(store, ORGANISATION, 6..=9).await;
    assert_eq!(sign(store, &mut kept, 1).await, []);
    kept
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_journal_verifies_and_says_what_is_not_proved_yet() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        append_some(&store, ORGANISATION, 10..=11).await;
        let answer = verify(&store, &Trust::in_key(Signer(&key(1)).public_key()), &kept)
            .await
            .unwrap();
        let expected = Verified {
            streams: 2,
            events: 14,
            checkpoints: 3,
            unproved: 2,
            ..Verified::default()
        };
        assert_eq!(answer, Answer::Whole(expected), "{engine}");
        assert_eq!(broken_at(&store, &Kept::default()).await, None, "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_trusted_proves_nothing_and_a_new_node_begins_at_what_was_signed() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        let other = Trust::in_key(Signer(&key(2)).public_key());
        assert!(
            matches!(verify(&store, &other, &kept).await.unwrap(), Answer::Broken(_)),
            "{engine}"
        );
        append_some(&store, ORGANISATION, 10..=10).await;
        let mut new_node = Kept::default();
        assert_eq!(sign(&store, &mut new_node, 1).await, [], "{engine}");
        assert_eq!(new_node.of(stream_id(ORGANISATION)).unwrap().seq, 10, "{engine}");
        assert_eq!(broken_at(&store, &new_node).await, None, "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_line_keeps_the_chain_whole_and_tells_no_more_about_the_person() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        assert!(store.write(|tx| erase(tx, ORGANISATION, 7)).await.unwrap(), "{engine}");
        assert!(
            !store.write(|tx| erase(tx, ORGANISATION, 7)).await.unwrap(),
            "{engine}: twice"
        );
        assert!(
            !store.write(|tx| erase(tx, ORGANISATION, 99)).await.unwrap(),
            "{engine}: no such line"
        );
        let line = store
            .read(|view| store::line(view, stream_id(ORGANISATION), 7))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (line.actor, line.network.as_str(), line.detail.as_str(), line.salt),
            (None, "", "", None),
            "{engine}"
        );
        assert_eq!(broken_at(&store, &kept).await, None, "{engine}");
        run(&store, &["UPDATE event SET outcome = 'stopped' WHERE seq = 7"]).await;
        assert_eq!(
            broken_at(&store, &kept).await,
            Some((stream_id(ORGANISATION), 7)),
            "{engine}: what is left is still proved"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_first_ever_appends_at_once_make_a_chain_without_a_gap() {
    for (engine, store) in stores().await {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..200 {
            let (store, event) = (store.clone(), event(ORGANISATION, n));
            tasks.spawn(async move { store.write(move |tx| append(tx, &event)).await });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap().unwrap();
        }
        let lines = store
            .read(|view| store::lines(view, stream_id(ORGANISATION), 0, i64::MAX, 1_000))
            .await
            .unwrap();
        assert_eq!(
            lines.iter().map(|line| line.seq).collect::<Vec<_>>(),
            (1..=200).collect::<Vec<_>>(),
            "{engine}"
        );
        assert_eq!(broken_at(&store, &Kept::default()).await, None, "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_append_to_two_streams_do_not_wait_for_each_other() {
    for (engine, store) in stores().await {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..60 {
            let mut events = vec![event(ORGANISATION, n), event(Stream::Deployment, n)];
            if n % 2 == 0 {
                events.reverse();
            }
            let store = store.clone();
            tasks.spawn(async move { store.write(move |tx| append_all(tx, &events)).await });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap().unwrap();
        }
        assert_eq!(broken_at(&store, &Kept::default()).await, None, "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_are_capped_found_by_their_key_and_swept_after_a_day() {
    for (engine, store) in stores().await {
        let signal = |n: u128, at: Time| Signal {
            id: Uuid::from_u128(n),
            at,
            kind: "sign-in-refused".into(),
            key: b"somebody".to_vec(),
            reason: Some(kernel::Reason::SignInWrong),
            network: "203.0.113.7".into(),
            detail: "line\r\nbreak\u{1b}[2J".into(),
        };
        let (first, same_slot, other) = (
            signal(1, START),
            signal(1 + u128::from(SLOTS), START + Span::hours(1)),
            signal(2, START + Span::hours(2)),
        );
        store
            .write(move |tx| {
                [&first, &same_slot, &other]
                    .into_iter()
                    .try_for_each(|signal| note(tx, signal))
            })
            .await
            .unwrap();
        let found = store
            .read(|view| signals(view, "sign-in-refused", b"somebody", START, 10))
            .await
            .unwrap();
        assert_eq!(
            found.iter().map(|signal| signal.id.as_u128()).collect::<Vec<_>>(),
            [2, 1 + u128::from(SLOTS)],
            "{engine}"
        );
        assert_eq!(found[0].detail, "line  break [2J", "{engine}");
        assert_eq!(found[0].reason, Some(kernel::Reason::SignInWrong), "{engine}");
        let later = START + Span::hours(25) + Span::seconds(1);
        assert_eq!(
            store.write(move |tx| sweep_signals(tx, later)).await.unwrap(),
            1,
            "{engine}"
        );
    }
}

#[test]
fn the_audit_speaks_plainly() {
    let told = Audit::of(&Answer::Whole(Verified {
        streams: 1,
        events: 3,
        checkpoints: 1,
        unproved: 1,
        ..Verified::default()
    }));
    assert_eq!(
        told.lines,
        [
            "whole: 3 events in 1 stream, 1 checkpoint held",
            "not yet proved: 1 event, younger than the newest checkpoint"
        ]
    );
    let told = Audit::of(&Answer::Broken(Broken {
        stream: Uuid::nil(),
        seq: 4,
        what: "the line is missing, or not in its place",
    }));
    assert_eq!(
        (told.is_whole, told.lines),
        (
            false,
            vec!["broken: stream deployment, line 4: the line is missing, or not in its place".into()]
        )
    );
}

#[test]
fn the_digest_is_what_it_was_in_the_first_version() {
    let mut event = event(ORGANISATION, 1);
    (event.id, event.salt) = (EventId(Uuid::from_u128(7)), [7; 16]);
    event.reason = Some(kernel::Reason::SignInAllowed);
    // INVARIANT: stored logs carry this digest for years; a change of the encoding needs a new label and both readers.
    assert_eq!(
        hex::write(&Line::new(&event).digest),
        "03077f7a754151657a5b93de9a6582ee4750ecaa97bb748d7e28a88b8926b6e7"
    );
}
