//! How fast durable writes and point reads are. Only prints; run by hand:
//! `cargo test --release -p ground --test db speed -- --ignored --nocapture`
use super::place::*;
use ground::db::{Options, Result, Store};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(3);

/// A refused sign-in as it is: facts, counter, code, event. Five statements.
async fn refused_sign_in(store: Store, n: usize) -> Result<()> {
    let now = i64::try_from(n).unwrap();
    let (lane, org) = (
        format!("lane {}", n % 10_000),
        kernel::OrganisationId(uuid::Uuid::from_u128((n % 50) as u128)),
    );
    let write = store.write(move |tx| {
        let _ = find_lane(tx, &lane)?;
        count_failure(tx, &lane, now, i64::MAX)?;
        claim_code(tx, &now.to_be_bytes(), now)?;
        append(tx, org, &[7; 32]).map(drop)
    });
    write.await
}

async fn point_read(store: Store, n: usize) -> Result<()> {
    let lane = format!("lane {}", n % 10_000);
    store.read(move |view| find_lane(view, &lane).map(drop)).await
}

async fn run<F: Future<Output = Result<()>> + Send + 'static>(
    what: &str,
    store: &Store,
    clients: usize,
    call: fn(Store, usize) -> F,
) {
    let (s, until) = (store.clone(), Instant::now() + LONG);
    let mut took: Vec<Duration> = together(clients, move |client| {
        let s = s.clone();
        async move {
            let mut took = Vec::new();
            while Instant::now() < until {
                let began = Instant::now();
                call(s.clone(), client * 7919 + took.len()).await.unwrap();
                took.push(began.elapsed());
            }
            took
        }
    })
    .await
    .concat();
    took.sort_unstable();
    let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
    let rate = took.len() as u64 / LONG.as_secs();
    eprintln!(
        "{:?} {what} {clients:3} clients: {rate}/s, p50 {:?}, p99 {:?}",
        store.engine(),
        at(50),
        at(99)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "prints numbers for people; asserts nothing"]
async fn durable_writes_and_point_reads() {
    for (_place, store) in stores(&Options::default()).await {
        for clients in [1, 8, 64, 256] {
            run("writes", &store, clients, refused_sign_in).await;
        }
        run("reads", &store, 64, point_read).await;
        store.close().await;
    }
    let place = Place::new(ground::db::Engine::Sqlite).await.unwrap();
    let store = place
        .open(&Options {
            group: 1,
            ..Options::default()
        })
        .unwrap();
    ground::db::migrate(&store, TABLES).await.unwrap();
    run("writes, a commit each", &store, 64, refused_sign_in).await;
}
