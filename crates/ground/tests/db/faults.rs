//! What goes wrong, and whom it hurts.
use super::place::*;
use ground::db::{Engine, Error, Options, Result, Store};
use std::time::{Duration, Instant};
use uuid::Uuid;

const ADD: &str = "INSERT INTO person (organisation, id, email, made_at) VALUES (?1, ?2, ?3, 5)";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_60_jobs_only_the_good_stay() {
    for (_place, store) in stores(&small()).await {
        let s = store.clone();
        let got = together(60, move |i| {
            let s = s.clone();
            async move {
                let job = s.write(move |tx| {
                    tx.run_one(ADD, &[&ORG, &Uuid::from_u128(i as u128), &format!("p{i}@x")])?;
                    match i % 3 {
                        0 => Ok(()),
                        1 => Err(Error::Refused("mine".into())),
                        _ => panic!("bug {i}"),
                    }
                });
                job.await
            }
        })
        .await;
        let panicked = got
            .iter()
            .filter(|r| matches!(r, Err(Error::Panicked(text)) if text.starts_with("bug")))
            .count();
        assert_eq!((got.iter().filter(|r| r.is_ok()).count(), panicked), (20, 20));
        assert_eq!(count(&store, "SELECT count(*) FROM person").await, 20);
        let inside = store
            .write(|tx| tx.attempt(|_| -> Result<()> { panic!("in attempt") }))
            .await;
        assert_eq!(inside, Err(Error::Panicked("in attempt".into())));
        let read: Result<()> = store.read(|_| panic!("in a read")).await;
        assert!(matches!(read, Err(Error::Panicked(_))));
        assert_eq!(add_person(&store, ORG, 99, "after@x", false).await, Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_that_fail_only_at_commit_fail_alone() {
    for (_place, store) in stores(&small()).await {
        let s = store.clone();
        let got = together(40, move |i| {
            let (s, id) = (s.clone(), i64::try_from(i).unwrap());
            async move {
                let job = s.write(move |tx| match id % 10 {
                    3 => tx.run_one("INSERT INTO down (id, up) VALUES (?1, 99)", &[&id]),
                    _ => tx.run_one("INSERT INTO up (id) VALUES (?1)", &[&id]),
                });
                job.await
            }
        })
        .await;
        assert_eq!(got.iter().filter(|r| r.is_err()).count(), 4);
        assert!(
            got.iter().all(|r| r.is_ok() || matches!(r, Err(Error::Broken { .. }))),
            "{got:?}"
        );
        assert_eq!(count(&store, "SELECT count(*) FROM up").await, 36);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_is_told_to_those_alone_who_did_not_fit() {
    let place = Place::new(Engine::Sqlite).await.unwrap();
    let store = place
        .open(&Options {
            max_pages: Some(60),
            ..small()
        })
        .unwrap();
    ground::db::migrate(&store, TABLES).await.unwrap();
    let s = store.clone();
    let got = together(40, move |i| {
        let s = s.clone();
        async move {
            let name = format!("{i}{}", "x".repeat(if i % 8 == 7 { 2_000_000 } else { 10 }));
            s.write(move |tx| tx.run_one("INSERT INTO lane (name, failures) VALUES (?1, 0)", &[&name]))
                .await
        }
    })
    .await;
    assert_eq!(got.iter().filter(|r| **r == Err(Error::Full)).count(), 5, "{got:?}");
    assert_eq!(got.iter().filter(|r| r.is_ok()).count(), 35);
    assert_eq!(count(&store, "SELECT count(*) FROM lane").await, 35);
    assert!(store.is_writing());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_a_slow_closure_the_queue_refuses_at_once_and_patience_ends() {
    let options = Options {
        queue: 32,
        patience: Duration::from_millis(500),
        writers: 1,
        ..small()
    };
    for (_place, store) in stores(&options).await {
        let s = store.clone();
        let sleeper = tokio::spawn(async move { s.write(|_| Ok::<_, Error>(sleep(Duration::from_secs(1)))).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let s = store.clone();
        let got = together(100, move |_| {
            let s = s.clone();
            async move {
                let began = Instant::now();
                (s.write(|tx| count_failure(tx, "late", 1, 1000)).await, began.elapsed())
            }
        })
        .await;
        assert!(got.iter().all(|(result, _)| *result == Err(Error::Busy)));
        let at_once = got
            .iter()
            .filter(|(_, took)| *took < Duration::from_millis(300))
            .count();
        assert_eq!(at_once, 68);
        // Told that nothing was done while the sleeper still slept; and nothing was.
        assert!(got.iter().all(|(_, took)| *took < Duration::from_millis(900)));
        assert_eq!(sleeper.await.unwrap(), Ok(true));
        assert_eq!(store.read(|view| find_lane(view, "late")).await, Ok(None));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_whose_caller_has_gone_is_not_run() {
    for (_place, store) in stores(&Options { writers: 1, ..small() }).await {
        let s = store.clone();
        let sleeper = tokio::spawn(async move { s.write(|_| Ok::<_, Error>(sleep(Duration::from_millis(300)))).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        let gone = tokio::time::timeout(
            Duration::from_millis(50),
            store.write(|tx| count_failure(tx, "gone", 1, 10)),
        )
        .await;
        assert!(gone.is_err());
        sleeper.await.unwrap().unwrap();
        add_person(&store, ORG, 1, "behind@x", false).await.unwrap();
        assert_eq!(store.read(|view| find_lane(view, "gone")).await, Ok(None));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn close_finishes_what_was_queued_and_answers_what_comes_later() {
    for (place, store) in stores(&Options { writers: 2, ..small() }).await {
        let waiting: Vec<_> = (0..50)
            .map(|i| {
                let s = store.clone();
                tokio::spawn(async move { add_person(&s, ORG, i, Box::leak(format!("{i}@x").into()), false).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(5)).await;
        store.close().await;
        let mut kept = 0;
        for call in waiting {
            match call.await.unwrap() {
                Ok(()) => kept += 1,
                Err(e) => assert!(matches!(e, Error::Away(_)), "{e:?}"),
            }
        }
        assert!(matches!(store.ping().await, Err(Error::Away(_))));
        store.close().await;
        let again = place.open(&small()).unwrap();
        assert_eq!(count(&again, "SELECT count(*) FROM person").await, kept);
        assert_eq!(again.ping().await, Ok(()));
        again.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_second_program_writes_beside_a_busy_one() {
    let place = Place::new(Engine::Sqlite).await.unwrap();
    let (server, command) = (place.open(&small()).unwrap(), place.open(&small()).unwrap());
    ground::db::migrate(&server, TABLES).await.unwrap();
    let until = Instant::now() + Duration::from_millis(700);
    let s = server.clone();
    let load = tokio::spawn(together(32, move |i| {
        let s = s.clone();
        async move {
            while Instant::now() < until {
                s.write(move |tx| count_failure(tx, "load", i64::try_from(i).unwrap(), i64::MAX))
                    .await
                    .unwrap();
            }
        }
    }));
    for i in 0..10 {
        command
            .write(move |tx| tx.run_one("INSERT INTO up (id) VALUES (?1)", &[&i64::from(i)]))
            .await
            .unwrap();
    }
    load.await.unwrap();
    assert_eq!(count(&server, "SELECT count(*) FROM up").await, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_connection_is_told_undone_and_made_anew() {
    let Some(place) = Place::new(Engine::Postgres).await else {
        return;
    };
    let store = place
        .open(&Options {
            writers: 2,
            readers: 1,
            ..small()
        })
        .unwrap();
    ground::db::migrate(&store, TABLES).await.unwrap();
    let killed = store.write(|tx| {
        count_failure(tx, "cut", 1, 10)?;
        tx.maybe::<bool>("SELECT pg_terminate_backend(pg_backend_pid())", &[])
    });
    assert!(matches!(killed.await, Err(Error::Away(_))));
    for _ in 0..4 {
        let after = store.write(|tx| count_failure(tx, "after", 1, 10)).await;
        assert!(after.is_ok(), "{after:?}");
    }
    assert_eq!(store.read(|view| find_lane(view, "cut")).await, Ok(None));
    // Killed while idle: nobody is told anything.
    let Place::Server { admin, name } = &place else { return };
    let kill = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    ask(admin, kill).await;
    for _ in 0..4 {
        assert_eq!(count_one(&store).await, Ok(()));
        assert_eq!(store.ping().await, Ok(()));
    }
}

/// A closure that takes its time.
fn sleep(long: Duration) -> bool {
    std::thread::sleep(long);
    true
}

async fn count_one(store: &Store) -> Result<()> {
    store.write(|tx| count_failure(tx, "idle", 1, 1000).map(drop)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_whose_answer_is_lost_is_unknown_and_not_tried_again() {
    let Some(place) = Place::new(Engine::Postgres).await else {
        return;
    };
    let store = place
        .open(&Options {
            writers: 2,
            readers: 1,
            ..small()
        })
        .unwrap();
    ground::db::migrate(&store, TABLES).await.unwrap();
    let Place::Server { .. } = &place else { return };
    let cut = "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
               CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON up DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cut()";
    ask(&place.address(), cut.into()).await;
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = runs.clone();
    let lost = store.write(move |tx| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        tx.run_one("INSERT INTO up (id) VALUES (1)", &[])
    });
    assert_eq!(lost.await, Err(Error::Unknown));
    assert_eq!(runs.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(store.ping().await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_not_there_is_told() {
    let nowhere = Store::postgres("postgres://nobody:hunter2@127.0.0.1:1/none", &Options::default()).err();
    assert!(
        matches!(&nowhere, Some(Error::Away(text)) if !text.contains("hunter2")),
        "{nowhere:?}"
    );
    let refused = Store::postgres("postgres://a:hunter2@h/d?no-such=1", &Options::default()).err();
    assert!(
        matches!(&refused, Some(Error::Refused(text)) if !text.contains("hunter2")),
        "{refused:?}"
    );
    let folder = Store::sqlite("/nowhere/at/all.db".as_ref(), &Options::default()).err();
    assert!(matches!(folder, Some(Error::Away(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_the_server_lets_nobody_in_everybody_is_told_at_once_and_then_all_is_well() {
    let Some(place) = Place::new(Engine::Postgres).await else {
        return;
    };
    let store = place
        .open(&Options {
            writers: 4,
            readers: 2,
            ..small()
        })
        .unwrap();
    ground::db::migrate(&store, TABLES).await.unwrap();
    let Place::Server { admin, name } = &place else { return };
    ask(admin, format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).await;
    ask(
        admin,
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    )
    .await;
    for _ in 0..30 {
        let began = Instant::now();
        assert!(matches!(count_one(&store).await, Err(Error::Away(_))));
        assert!(matches!(store.ping().await, Err(Error::Away(_))));
        assert!(began.elapsed() < Duration::from_secs(2));
    }
    ask(admin, format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).await;
    let back = Instant::now();
    while count_one(&store).await.is_err() || store.ping().await.is_err() {
        assert!(back.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.close().await;
}
