//! F3: the disk is full amid mixed writes. Reading and the sessions that are there go on, writes are told "later", nothing is half written, and
//! once there is room again everything works within five seconds, without a restart. For root only: it takes a small tmpfs.
use crate::{
    Engine,
    checks::under_this_load,
    deployment::Deployment,
    disk::run as system,
    http::Request,
    observe::{Auditor, BACK_WITHIN, must},
    program::{Folder, Place},
    say::{say, tell},
    seed::Seed,
};
use anyhow::Result;
use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// The disk stays full for so long.
const FULL_FOR: Duration = Duration::from_secs(2);

/// A small file system in memory. Unmounted when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(at: PathBuf) -> Result<Self> {
        fs::create_dir_all(&at)?;
        system(
            "mount",
            &[
                "-t",
                "tmpfs",
                "-o",
                "size=16m",
                "doorward-fault",
                &at.display().to_string(),
            ],
        )?;
        Ok(Self(at))
    }
    /// Fills it to the last byte.
    fn fill(&self) -> Result<()> {
        let mut balloon = File::create(self.balloon())?;
        for part in [&[1_u8; 4_096][..], &[1; 64], &[1]] {
            while balloon.write_all(part).is_ok() {}
        }
        Ok(())
    }
    fn empty(&self) -> Result<()> {
        Ok(fs::remove_file(self.balloon())?)
    }
    fn balloon(&self) -> PathBuf {
        self.0.join("balloon")
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily: a file may still be open.
        let _ = system("umount", &["-l", &self.0.display().to_string()]);
    }
}

/// Runs all rounds. Answers whether all is as it must be.
pub fn run(rounds: u64, seed: u64, program: &Path) -> Result<bool> {
    let mut folder = Folder::new("full")?;
    let small = match Small::mount(folder.path().join("small")) {
        Ok(small) => small,
        Err(why) => {
            say(&format!("full: SKIPPED, nothing was tested: {why:#}"));
            return Ok(true);
        }
    };
    let ran = all(rounds, seed, program, &folder, &small);
    folder.stays = !matches!(ran, Ok(true));
    ran
}

fn all(rounds: u64, seed: u64, program: &Path, folder: &Folder, small: &Small) -> Result<bool> {
    say(&format!("full: {rounds} rounds, seed {seed}"));
    let plan = Seed::new(seed);
    let mut deployment = Deployment::begin(Engine::Sqlite, program, folder.path(), small.0.join("data"), &plan)?;
    let mut slowest = Duration::ZERO;
    for round in 1..=rounds {
        let works_for = Duration::from_millis(100 + plan.part(round).below(500));
        let before = deployment.work();
        let (mut wrong, back) = deployment.with_auditor(|place, _, _, auditor| {
            thread::sleep(works_for);
            fill_and_empty(place, auditor, small)
        })?;
        slowest = slowest.max(back);
        wrong.extend(deployment.check(round)?);
        // What the running server shows must also be what is in the file.
        deployment.server = None;
        deployment.restart()?;
        wrong.extend(deployment.check(round)?);
        deployment.keep_history(round, !wrong.is_empty())?;
        let work = deployment.work();
        let (done, unknown) = (work.acknowledged - before.acknowledged, work.unknown - before.unknown);
        say(&format!(
            "round {round}: {done} acknowledged, {unknown} told \"later\", back after {} ms, wrong: {}",
            back.as_millis(),
            wrong.len()
        ));
        if !wrong.is_empty() {
            tell(&wrong);
            return Ok(false);
        }
    }
    say(&format!(
        "full: {rounds} rounds, lost: 0, back after {} ms at most",
        slowest.as_millis()
    ));
    Ok(true)
}

/// Answers what was wrong, and how long it took until a write went through again.
fn fill_and_empty(place: &Place, auditor: &mut Auditor, small: &Small) -> Result<(Vec<String>, Duration)> {
    let mut wrong = Vec::new();
    small.fill()?;
    let begun = Instant::now();
    while begun.elapsed() < FULL_FOR {
        let status = auditor.looks()?;
        if status != 200 {
            wrong.push(format!("on a full disk a session that was there is answered {status}"));
        }
        let status = must(&mut place.line("192.0.2.8"), &Request::new("GET", "/healthz"))?.status;
        if status != 200 {
            wrong.push(format!("on a full disk /healthz is answered {status}"));
        }
        thread::sleep(Duration::from_millis(50));
    }
    small.empty()?;
    let (begun, limit) = (Instant::now(), under_this_load(BACK_WITHIN));
    while (auditor.enter().is_err() || !place.is_ready()) && begun.elapsed() < limit {
        thread::sleep(Duration::from_millis(20));
    }
    let back = begun.elapsed();
    if back > limit {
        wrong.push(format!("no write went through {limit:?} after there was room again"));
    }
    Ok((wrong, back))
}
