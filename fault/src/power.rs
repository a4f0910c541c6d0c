//! F2: the power goes amid mixed writes. The server is stopped where it stands, the device's content of that moment is taken, half of the times with
//! some of the waiting blocks of the store's files written as well, in no order; a new machine starts from it.
//! Controls: the same server whose syncs do nothing, and a small writer with synchronous=NORMAL; both must be caught losing.
use crate::{
    Engine,
    deployment::Deployment,
    disk::{Disk, run as system, tear, why_not, write_image},
    program::Folder,
    say::{say, tell},
    seed::Seed,
    writer,
};
use anyhow::{Context as _, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    pub rounds: u64,
    pub seed: u64,
    pub control: Option<Control>,
    pub program: PathBuf,
}

/// What is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Control {
    /// The server's fsync and fdatasync answer "done" and do nothing
    NoSync,
    /// A small writer with synchronous=NORMAL, and the same with FULL, which must lose nothing
    Normal,
}

/// Runs all rounds. Answers whether all is as it must be.
pub fn run(options: &Options) -> Result<bool> {
    let mut folder = Folder::new("power")?;
    if let Some(why) = why_not(folder.path()) {
        say(&format!("power: SKIPPED, nothing was tested: {why}"));
        return Ok(true);
    }
    let ran = match options.control {
        None => rounds(options, folder.path()),
        Some(Control::NoSync) => without_sync(options, folder.path()),
        Some(Control::Normal) => writer::compare(options.rounds, options.seed, folder.path()),
    };
    folder.stays = !matches!(ran, Ok(true));
    ran
}

/// A disk and the deployment on it. The deployment ends first.
struct Machine {
    deployment: Deployment,
    disk: Disk,
}

impl Machine {
    fn begin(options: &Options, folder: &Path, seed: &Seed) -> Result<Self> {
        let disk = Disk::make(folder.join("disk-0.img"), folder.join("disk"))?;
        let deployment = Deployment::begin(Engine::Sqlite, &options.program, folder, disk.path().join("data"), seed)?;
        Ok(Self { deployment, disk })
    }
    /// Works, loses its power, and starts anew from what the disk held. Answers how many blocks were torn, and what is wrong.
    fn lose_power(self, folder: &Path, seed: &mut Seed, round: u64) -> Result<(Option<Self>, usize, Vec<String>)> {
        let Self { mut deployment, disk } = self;
        let (works_for, is_torn) = (Duration::from_millis(200 + seed.below(1200)), seed.below(2) == 0);
        let mut torn = 0;
        let files = ["doorward.db", "doorward.db-wal"].map(|name| deployment.place.data_dir.join(name));
        let image = deployment.under_load(|_, server, _| {
            thread::sleep(works_for);
            let server = server.take().context("no server runs")?;
            server.signal("STOP")?;
            let mut cut = disk.cut()?;
            if is_torn {
                disk.sync()?;
                let later = disk.cut()?;
                for file in &files {
                    torn += tear(&mut cut, &later, &Disk::blocks(file)?, || seed.below(2) == 0);
                }
            }
            server.kill()?;
            Ok(cut)
        })?;
        drop(disk);
        let path = folder.join(format!("disk-{round}.img"));
        write_image(&path, &image)?;
        // One old image is enough for a look at what went before.
        let _ = fs::remove_file(folder.join(format!("disk-{}.img", round.saturating_sub(2))));
        let disk = Disk::mount(path, folder.join("disk"))?;
        let checked = deployment.restart().and_then(|_| deployment.check(round));
        let wrong = checked.unwrap_or_else(|error| vec![format!("{error:#}")]);
        deployment.keep_history(round, !wrong.is_empty())?;
        Ok((
            deployment.server.is_some().then_some(Self { deployment, disk }),
            torn,
            wrong,
        ))
    }
}

fn rounds(options: &Options, folder: &Path) -> Result<bool> {
    let seed = Seed::new(options.seed);
    say(&format!("power: {} rounds, seed {}", options.rounds, options.seed));
    let mut machine = Machine::begin(options, folder, &seed)?;
    let mut all_torn = 0;
    for round in 1..=options.rounds {
        let before = machine.deployment.work();
        let (next, torn, wrong) = machine.lose_power(folder, &mut seed.part(round), round)?;
        all_torn += torn;
        tell(&wrong);
        let Some(next) = next.filter(|_| wrong.is_empty()) else {
            say(&format!(
                "FAILED in round {round}; to run it again: --seed {} --rounds {round}",
                options.seed
            ));
            return Ok(false);
        };
        machine = next;
        let work = machine.deployment.work();
        let (done, unknown) = (work.acknowledged - before.acknowledged, work.unknown - before.unknown);
        say(&format!(
            "round {round}: {done} acknowledged, {unknown} without an answer, {torn} blocks torn, wrong: 0"
        ));
    }
    let work = machine.deployment.work();
    say(&format!(
        "power: {} rounds, {} acknowledged, {} without an answer, {all_torn} blocks torn, lost: 0",
        options.rounds, work.acknowledged, work.unknown
    ));
    Ok(true)
}

/// Every round on a fresh disk: after a loss there may be nothing to go on with.
fn without_sync(options: &Options, folder: &Path) -> Result<bool> {
    let library = build_library(folder)?;
    let mut caught = 0;
    say(&format!(
        "power: {} rounds, seed {}, control without sync",
        options.rounds, options.seed
    ));
    for round in 1..=options.rounds {
        let seed = Seed::new(options.seed).part(round);
        let folder = folder.join(format!("control-{round}"));
        fs::create_dir_all(&folder)?;
        let mut machine = Machine::begin(options, &folder, &seed)?;
        // What was there before the work is safe; only what the work itself wrote is at stake.
        machine.deployment.server = None;
        machine.deployment.place.preload = Some(library.clone());
        machine.deployment.restart()?;
        machine.disk.sync()?;
        let (_, _, wrong) = machine.lose_power(&folder, &mut seed.part(0), round)?;
        let first = wrong.first().map_or("nothing", String::as_str);
        say(&format!(
            "round {round}: {} wrong, for one: {}",
            wrong.len(),
            first.chars().take(160).collect::<String>()
        ));
        caught += u64::from(!wrong.is_empty());
    }
    say(&format!(
        "power, control without sync: caught: {caught} of {}",
        options.rounds
    ));
    // A cut before the first answer loses nothing; that all of them come so early would be a miracle.
    Ok(caught * 2 >= options.rounds)
}

/// The calls that make a disk write, made to do nothing.
fn build_library(folder: &Path) -> Result<PathBuf> {
    let (source, library) = (folder.join("nosync.c"), folder.join("nosync.so"));
    fs::write(
        &source,
        "int fsync(int fd) { (void)fd; return 0; }\nint fdatasync(int fd) { (void)fd; return 0; }\n",
    )?;
    system(
        "cc",
        &[
            "-shared",
            "-fPIC",
            "-o",
            &library.display().to_string(),
            &source.display().to_string(),
        ],
    )?;
    Ok(library)
}
