//! The end of the process, and a disk that fails, seen from a child of this test program.
use super::place::*;
use ground::db::{Engine, Error, Options};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    time::Duration,
};

/// Tells a child what it is to do; the tests themselves are started without.
const ROLE: &str = "DOORWARD_TEST_CHILD";

pub(super) fn child(role: &str, place: &Place, before: &str) -> Command {
    let program = std::env::current_exe().unwrap();
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        &format!("{before} exec \"$0\" --exact crash::child_at_work --nocapture"),
        &program.display().to_string(),
    ]);
    shell
        .env(ROLE, format!("{role} {}", place.address()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    shell
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_at_work() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let (role, address) = role.split_once(' ').unwrap();
    let store = open(address, &small()).unwrap();
    if role == "append" {
        together(64, move |_| {
            let s = store.clone();
            async move {
                while let Ok(seq) = s.write(|tx| append(tx, ORG, &[7; 32])).await {
                    let _ = writeln!(std::io::stdout().lock(), "told {seq}");
                }
            }
        })
        .await;
        return;
    }
    // The file of the log may not grow any further: to SQLite a disk that fails.
    let mut told = Vec::new();
    for i in 0..20_i64 {
        let note = format!("{i}{}", "x".repeat(200_000));
        told.push(
            store
                .write(move |tx| tx.run_one("INSERT INTO lane (name, failures) VALUES (?1, 0)", &[&note]))
                .await,
        );
    }
    let unknown = told.iter().filter(|r| **r == Err(Error::Unknown)).count();
    let away = told.iter().filter(|r| matches!(r, Err(Error::Away(_)))).count();
    let reads = store
        .read(|view| view.one::<i64>("SELECT count(*) FROM lane", &[]))
        .await
        .is_ok();
    println!("\nsaid {unknown} {} {} {reads}", away > 0, store.is_writing());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_kill_9_everything_told_is_there_and_the_chain_is_whole() {
    for (place, store) in stores(&small()).await {
        store.close().await;
        let mut running = child("append", &place, "").spawn().unwrap();
        let out = BufReader::new(running.stdout.take().unwrap());
        let reader = std::thread::spawn(move || {
            out.lines()
                .map_while(Result::ok)
                .filter_map(|line| line.split("told ").nth(1)?.parse::<i64>().ok())
                .max()
        });
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        running.kill().unwrap();
        running.wait().unwrap();
        let told = reader.join().unwrap().unwrap_or(0);
        let store = place.open(&Options::default()).unwrap();
        let kept = store.read(|view| verify(view, ORG)).await.unwrap();
        assert!(told > 0 && kept >= told, "told {told}, kept {kept}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_disk_error_at_commit_the_answer_is_unknown_and_writing_stops() {
    let place = Place::new(Engine::Sqlite).await.unwrap();
    let store = place.open(&small()).unwrap();
    ground::db::migrate(&store, TABLES).await.unwrap();
    store.close().await;
    // A limit on the size of files is an I/O error to SQLite, unlike a full disk.
    let ran = child("fail", &place, "trap '' XFSZ; ulimit -f 3000;").output().unwrap();
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(text.contains("said 1 true false true"), "{text}");
}

/// `DOORWARD_TEST_SMALL_DISK` names a folder on a file system of some 16 MiB that may be filled: `mount -t tmpfs -o size=16m none FOLDER`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_reads_go_on_and_writes_come_back_with_the_space() {
    let Ok(disk) = std::env::var("DOORWARD_TEST_SMALL_DISK") else {
        eprintln!("skipped: DOORWARD_TEST_SMALL_DISK is not set, so no disk was filled");
        return;
    };
    let (path, balloon) = (format!("{disk}/store.db"), format!("{disk}/balloon"));
    let store = open(&path, &small()).unwrap();
    ground::db::migrate(&store, TABLES).await.unwrap();
    let mut kept = store.write(|tx| append(tx, ORG, &[1; 32])).await.unwrap();
    let _ = std::fs::write(&balloon, vec![0; 32 << 20]);
    let mut refused = 0;
    for _ in 0..2_000 {
        match store.write(|tx| append(tx, ORG, &[2; 32])).await {
            Ok(seq) => kept = seq,
            Err(Error::Full) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
        assert!(store.ping().await.is_ok() && store.is_writing());
    }
    assert!(refused > 0);
    assert_eq!(store.read(|view| verify(view, ORG)).await, Ok(kept));
    std::fs::remove_file(&balloon).unwrap();
    assert_eq!(store.write(|tx| append(tx, ORG, &[3; 32])).await, Ok(kept + 1));
    store.close().await;
    let again = open(&path, &small()).unwrap();
    assert_eq!(again.read(|view| verify(view, ORG)).await, Ok(kept + 1));
}
