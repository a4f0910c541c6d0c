//! The sweep: ends and reports are handed out once, rows without meaning go.
use crate::{
    lanes::{fail, keys, network, phone, stranger},
    place::{ANA, START, on_both},
};
use factors::{
    Lanes,
    store::{self, Due, Ended, Subject},
};
use ground::db::{Engine, Store};
use kernel::{Span, Time};

macro_rules! fill {
    ($bytes:literal) => {
        concat!(
            "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 100400)
             INSERT INTO lane (kind, key, run, total, rounds, window_at, failed_at, locked_until, lock_told, unreported, reported_at, person)
             SELECT 'address', CAST(CAST(i AS TEXT) AS ", $bytes, "), 1, 1, 0, 0, ?1 + i, NULL, FALSE, 0, 0, NULL FROM n"
        )
    };
}
const FILL_SQLITE: &str = fill!("BLOB");
const FILL_POSTGRES: &str = fill!("BYTEA");

async fn sweep(store: &Store, now: Time) -> store::Swept {
    store.write(move |tx| store::sweep(tx, now)).await.unwrap()
}
async fn rows(store: &Store) -> i64 {
    store
        .read(|view| view.one::<i64>("SELECT count(*) FROM lane", &[]))
        .await
        .unwrap()
}
fn nobody(n: u32) -> Lanes {
    Lanes::of_stranger(&keys(), &format!("nobody{n}@example.org"), network(n), None)
}

#[test]
fn the_end_of_a_lock_is_handed_to_one_of_two_nodes_that_sweep_at_once() {
    on_both(async |store: Store| {
        for _ in 0..10 {
            fail(&store, &stranger(1, Some(ANA)), START).await;
            fail(&store, &nobody(2), START).await;
        }
        let now = START + Span::hours(1);
        let (one, two) = tokio::join!(sweep(&store, now), sweep(&store, now));
        let ended: Vec<Ended> = [one.ended, two.ended].concat();
        assert_eq!(
            ended,
            [Ended {
                subject: Subject::Address(ANA),
                at: START + Span::minutes(15)
            }],
            "an address of nobody is not told"
        );
    });
}

#[test]
fn a_network_is_named_when_its_lock_ends() {
    on_both(async |store: Store| {
        for n in 0..60 {
            let lanes = Lanes::of_stranger(&keys(), &format!("p{n}@example.org"), network(7), None);
            fail(&store, &lanes, START).await;
        }
        let swept = sweep(&store, START + Span::hours(1)).await;
        assert_eq!(
            swept.ended,
            [Ended {
                subject: Subject::Network("192.0.2.7".into()),
                at: START + Span::minutes(15)
            }]
        );
    });
}

#[test]
fn of_many_failures_in_a_minute_the_first_is_told_at_once_and_the_others_by_the_sweep() {
    on_both(async |store: Store| {
        let told: Vec<Option<u32>> = [
            fail(&store, &phone(), START).await.tell,
            fail(&store, &phone(), START + Span::seconds(1)).await.tell,
            fail(&store, &phone(), START + Span::seconds(2)).await.tell,
            fail(&store, &nobody(1), START).await.tell,
            fail(&store, &nobody(2), START).await.tell,
        ]
        .to_vec();
        assert_eq!(told, [Some(1), None, None, Some(1), None]);
        assert_eq!(sweep(&store, START + Span::seconds(59)).await.due, []);
        let now = START + Span::minutes(1);
        let (one, two) = tokio::join!(sweep(&store, now), sweep(&store, now));
        let mut due: Vec<Due> = [one.due, two.due].concat();
        due.sort_by_key(|due| due.count);
        assert_eq!(due.len(), 2, "{due:?}");
        assert_eq!((due[0].count, &due[0].subject), (1, &None));
        assert_eq!(due[1].count, 2);
        assert!(matches!(due[1].subject, Some(Subject::Device(ANA, _))));
    });
}

#[test]
fn counts_of_people_stay_and_everything_without_meaning_goes() {
    on_both(async |store: Store| {
        fail(&store, &stranger(1, Some(ANA)), START).await;
        fail(&store, &nobody(2), START).await;
        sweep(&store, START + Span::minutes(2)).await;
        assert_eq!(
            rows(&store).await,
            5,
            "two addresses, two networks, one row for all strangers"
        );
        sweep(&store, START + Span::hours(25)).await;
        assert_eq!(rows(&store).await, 3, "the networks are forgotten");
        sweep(&store, START + Span::days(31)).await;
        assert_eq!(rows(&store).await, 2, "the address of nobody too");
        let now = START + Span::days(32);
        store.write(move |tx| store::unlock(tx, ANA, now)).await.unwrap();
        sweep(&store, now + Span::hours(25)).await;
        assert_eq!(rows(&store).await, 1, "and what was set to nought");
    });
}

#[test]
fn addresses_of_nobody_are_capped_and_the_oldest_go_first() {
    on_both(async |store: Store| {
        // The engines make bytes of a number in words of their own; only a test needs that.
        let fill = if store.engine() == Engine::Sqlite {
            FILL_SQLITE
        } else {
            FILL_POSTGRES
        };
        store.write(move |tx| tx.run(fill, &[&START])).await.unwrap();
        sweep(&store, START + Span::minutes(1)).await;
        assert_eq!(rows(&store).await, 100_000);
        let oldest: Time = store
            .read(|view| view.one("SELECT min(failed_at) FROM lane", &[]))
            .await
            .unwrap();
        assert_eq!(oldest, START + Span::micros(401));
    });
}
