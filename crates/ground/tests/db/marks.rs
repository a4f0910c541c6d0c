//! The mark of a state: it changes with every commit, whoever makes it, and names one state only. SQLite alone has it.
use super::{crash::child, place::*};
use ground::db::{Engine, Store};
use std::{
    io::{BufRead, BufReader},
    time::{Duration, Instant},
};

const COUNT: &str = "SELECT count(*) FROM event";

async fn appended(store: &Store) {
    store.write(|tx| append(tx, ORG, &[7; 32])).await.unwrap();
}

async fn fresh() -> (Place, Store) {
    let all = stores(&small()).await;
    all.into_iter()
        .find(|(_, store)| store.engine() == Engine::Sqlite)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_commit_changes_the_mark_and_nothing_else_does() {
    let (_place, store) = fresh().await;
    for _ in 0..200 {
        let before = store.mark().unwrap();
        count(&store, COUNT).await;
        let refused = store.write(|_| Err::<(), _>(ground::db::Error::Busy)).await;
        assert!(refused.is_err());
        assert!(store.mark() == Some(before), "a read or a refused write changed it");
        appended(&store).await;
        assert!(store.mark() != Some(before), "a commit left it as it was");
    }
    // The log is copied away meanwhile: still the same state.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = store.mark().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(store.mark() == Some(before));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_on_a_server_has_no_mark() {
    for (_place, store) in stores(&small()).await {
        assert_eq!(store.mark().is_some(), store.engine() == Engine::Sqlite);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_another_process_writes_one_mark_is_one_state_and_what_it_was_told_is_in_it() {
    let (place, store) = fresh().await;
    let mut running = child("append", &place, "").spawn().unwrap();
    let out = BufReader::new(running.stdout.take().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        let seqs = out
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.split("told ").nth(1)?.parse::<i64>().ok());
        for seq in seqs {
            let _ = tell.send(seq);
        }
    });
    let (until, mut held, mut most) = (Instant::now() + Duration::from_secs(3), 0, 0);
    let mut last = None;
    while Instant::now() < until {
        most = told.try_iter().fold(most, i64::max);
        let Some(mark) = store.mark() else { continue };
        // As a memory does it: what was read under this mark holds while it is the mark.
        let known = match last {
            Some((kept, value)) if kept == mark => {
                held += 1;
                value
            }
            _ => count(&store, COUNT).await,
        };
        assert!(known >= most, "{known} after the other process was told {most}");
        let read = count(&store, COUNT).await;
        if store.mark() == Some(mark) {
            assert_eq!(known, read, "two states under one mark");
        }
        last = Some((mark, known));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    reader.join().unwrap();
    assert!(held > 0 && most > 0, "{held} held, {most} told");
    // A writer that was killed leaves nothing behind that is taken for a state.
    let before = store.mark();
    appended(&store).await;
    assert!(store.mark().is_some() && store.mark() != before);
}
