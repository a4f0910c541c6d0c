//! The other control of the power cut: a small writer of its own, once with synchronous=NORMAL, which must be caught losing what it acknowledged,
//! and once with FULL, which must not. It proves that the disk here tells the two apart.
use crate::{
    disk::{Disk, write_image},
    say::say,
    seed::Seed,
};
use anyhow::{Context as _, Result};
use rusqlite::Connection;
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Writes a row a transaction into this file and prints its number once it is committed, until it is killed.
pub fn write(file: &Path, synchronous: &str) -> Result<bool> {
    let store = open(file)?;
    store.pragma_update(None, "synchronous", synchronous)?;
    store.execute_batch("CREATE TABLE IF NOT EXISTS told (number INTEGER PRIMARY KEY)")?;
    for number in 1_i64.. {
        store.execute("INSERT INTO told (number) VALUES (?1)", [number])?;
        say(&number.to_string());
    }
    Ok(true)
}

fn open(file: &Path) -> Result<Connection> {
    let store = Connection::open(file)?;
    let _: String = store.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    Ok(store)
}

/// Both settings, so many rounds each.
pub fn compare(rounds: u64, seed: u64, folder: &Path) -> Result<bool> {
    let mut lost = [0_u64, 0];
    for (setting, count) in ["normal", "full"].into_iter().zip(&mut lost) {
        for round in 1..=rounds {
            let mut seed = Seed::new(seed).part(round);
            let gone = cut_while_writing(folder, setting, Duration::from_millis(100 + seed.below(400)))?;
            say(&format!(
                "synchronous={setting}, round {round}: {gone} of what was acknowledged lost"
            ));
            *count += u64::from(gone > 0);
        }
    }
    let [normal, full] = lost;
    say(&format!(
        "power, control synchronous=NORMAL: caught: {normal} of {rounds}; the same writer with FULL lost in {full} of {rounds}"
    ));
    // A cut right after a checkpoint loses nothing even with NORMAL; that all of them are would be a miracle.
    Ok(normal * 2 >= rounds && full == 0)
}

/// Answers how many acknowledged rows are not on the disk.
fn cut_while_writing(folder: &Path, setting: &str, works_for: Duration) -> Result<i64> {
    let disk = Disk::make(folder.join("writer.img"), folder.join("writer"))?;
    let file = disk.path().join("told.db");
    let program = std::env::current_exe()?;
    let mut child = Command::new(program)
        .arg("writer")
        .arg(&file)
        .arg(setting)
        .stdout(Stdio::piped())
        .spawn()?;
    let out = BufReader::new(child.stdout.take().context("no stdout")?);
    let (say_begun, begun) = mpsc::channel();
    let reader = thread::spawn(move || {
        let numbers = out
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.parse::<i64>().ok());
        let told = numbers.inspect(|_| {
            // Only the first is heard; later the other end may be gone.
            let _ = say_begun.send(());
        });
        told.last().unwrap_or(0)
    });
    begun.recv().context("the writer did not begin")?;
    thread::sleep(works_for);
    crate::disk::run("kill", &["-STOP", &child.id().to_string()])?;
    let cut = disk.cut()?;
    child.kill()?;
    child.wait()?;
    let told = reader.join().unwrap_or(0);
    drop(disk);
    let image = folder.join("writer-cut.img");
    write_image(&image, &cut)?;
    let disk = Disk::mount(image, folder.join("writer"))?;
    let file = disk.path().join("told.db");
    let kept = open(&file)
        .and_then(|store| Ok(store.query_row("SELECT coalesce(max(number), 0) FROM told", [], |row| row.get(0))?));
    // A table that is not there has lost everything. One row more than was told is right: its line was still to come.
    Ok((told - kept.unwrap_or(0)).max(0))
}
