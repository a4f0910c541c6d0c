//! F1, F7 and F21: the server (or its PostgreSQL, or both) ends amid mixed writes, by `kill -9`, by an immediate stop, or by SIGTERM.
//! What was acknowledged must be there, what was revoked must not, and the control must be caught.
use crate::{
    Engine,
    checks::{READY_WITHIN, under_this_load},
    cluster::Cluster,
    deployment::Deployment,
    observe::BACK_WITHIN,
    program::{Folder, Place, Server},
    proxy,
    say::{say, tell},
    seed::Seed,
    setup,
};
use anyhow::{Context as _, Result, bail};
use std::{
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// After an orderly stop the server has gone.
const DRAINED_WITHIN: Duration = Duration::from_secs(10);

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    pub engine: Engine,
    pub rounds: u64,
    pub seed: u64,
    /// The clients talk to a proxy that lies: losses must be found.
    pub is_control: bool,
    /// SIGTERM instead of `kill -9`.
    pub is_orderly: bool,
    pub program: PathBuf,
}

impl Options {
    fn name(&self) -> String {
        let how = match (self.is_control, self.is_orderly) {
            (true, _) => ", control",
            (false, true) => ", SIGTERM",
            (false, false) => "",
        };
        format!("{}{how}", self.engine.name())
    }
}

/// How a round ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    Server,
    Database,
    Both,
    Orderly,
}

/// Runs all rounds. Answers whether all is as it must be.
pub fn run(options: &Options) -> Result<bool> {
    let mut folder = Folder::new(if options.is_control { "control" } else { "kill" })?;
    let ran = rounds(options, &folder);
    folder.stays = !matches!(ran, Ok(true));
    ran
}

fn rounds(options: &Options, folder: &Folder) -> Result<bool> {
    let seed = Seed::new(options.seed);
    let name = options.name();
    say(&format!("{name}: {} rounds, seed {}", options.rounds, options.seed));
    let path = folder.path();
    let mut deployment = Deployment::begin(options.engine, &options.program, path, path.join("data"), &seed)?;
    if options.is_control {
        deployment.lead_to(proxy::start(deployment.place.address)?);
    }
    let (mut caught, mut slowest) = (0, Duration::ZERO);
    for round in 1..=options.rounds {
        let mut own = seed.part(round);
        let took = one(options, &mut deployment, &mut own, round)?;
        slowest = slowest.max(took.ready);
        let mut wrong = took.wrong;
        if !options.is_control && round % 5 == 0 {
            wrong.extend(set_up(options, &deployment, path, &mut own)?);
        }
        deployment.keep_history(round, !wrong.is_empty() && !options.is_control)?;
        if wrong.is_empty() {
            continue;
        }
        caught += 1;
        if !options.is_control {
            tell(&wrong);
            say(&format!(
                "FAILED in round {round}; to run it again: --seed {} --rounds {round}",
                options.seed
            ));
            return Ok(false);
        }
    }
    let work = deployment.work();
    let (acknowledged, unknown, slowest) = (work.acknowledged, work.unknown, slowest.as_millis());
    let summary = format!(
        "{name}: {} rounds, {acknowledged} acknowledged, {unknown} without an answer, slowest start {slowest} ms",
        options.rounds
    );
    if options.is_control {
        say(&format!("{summary}, caught: {caught} of {}", options.rounds));
        // A kill between two writes loses nothing; that it never does would be a miracle.
        return Ok(caught * 2 >= options.rounds);
    }
    say(&format!("{summary}, lost: 0"));
    Ok(true)
}

/// A set-up that is killed, on a store of its own.
fn set_up(options: &Options, deployment: &Deployment, folder: &Path, seed: &mut Seed) -> Result<Vec<String>> {
    let path = folder.join("setup");
    let url = deployment
        .cluster
        .as_ref()
        .map(|cluster| cluster.create("setup"))
        .transpose()?;
    let wrong = setup::round(&options.program, &path, url.unwrap_or_else(|| "sqlite".into()), seed)?;
    if wrong.is_empty() {
        std::fs::remove_dir_all(&path)?;
        deployment
            .cluster
            .as_ref()
            .map(|cluster| cluster.remove("setup"))
            .transpose()?;
    }
    Ok(wrong)
}

struct Took {
    ready: Duration,
    wrong: Vec<String>,
}

fn one(options: &Options, deployment: &mut Deployment, seed: &mut Seed, round: u64) -> Result<Took> {
    let works_for = Duration::from_millis(150 + seed.below(900));
    let blow = match (options.engine, seed.below(10)) {
        _ if options.is_orderly => Blow::Orderly,
        (Engine::Postgres, 0 | 1) if !options.is_control => Blow::Database,
        (Engine::Postgres, 2) if !options.is_control => Blow::Both,
        _ => Blow::Server,
    };
    let before = deployment.work();
    let mut wrong = deployment.under_load(|place, server, cluster| {
        thread::sleep(works_for);
        strike(blow, place, server, cluster)
    })?;
    let mut ready = Duration::ZERO;
    if deployment.server.is_none() {
        ready = deployment.restart()?;
        if ready > under_this_load(READY_WITHIN) {
            wrong.push(format!("ready only {} ms after the start", ready.as_millis()));
        }
    }
    wrong.extend(deployment.check(round)?);
    let work = deployment.work();
    let (done, unknown) = (work.acknowledged - before.acknowledged, work.unknown - before.unknown);
    say(&format!(
        "round {round}: {blow:?} after {} ms, {done} acknowledged, {unknown} without an answer, ready in {} ms, wrong: {}",
        works_for.as_millis(),
        ready.as_millis(),
        wrong.len()
    ));
    if let Some(line) = wrong.first().filter(|_| options.is_control) {
        say(&format!("  caught, for one: {line}"));
    }
    Ok(Took { ready, wrong })
}

/// The blow itself, and what was wrong about how it was taken.
fn strike(blow: Blow, place: &Place, server: &mut Option<Server>, cluster: Option<&Cluster>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    if blow == Blow::Orderly {
        let (status, took) = server.take().context("no server runs")?.terminate(DRAINED_WITHIN)?;
        if !status.success() {
            wrong.push(format!(
                "after SIGTERM the server ended with {status} after {} ms",
                took.as_millis()
            ));
        }
        return Ok(wrong);
    }
    if blow == Blow::Server || blow == Blow::Both {
        server.take().context("no server runs")?.kill()?;
    }
    if blow == Blow::Server {
        return Ok(wrong);
    }
    let Some(cluster) = cluster else {
        bail!("there is no PostgreSQL to stop")
    };
    cluster.crash()?;
    thread::sleep(Duration::from_millis(300));
    if blow == Blow::Database && place.is_ready() {
        wrong.push("ready without its PostgreSQL".to_owned());
    }
    cluster.up()?;
    let begun = Instant::now();
    while blow == Blow::Database && !place.is_ready() {
        if begun.elapsed() > under_this_load(BACK_WITHIN) {
            wrong.push(format!("not ready {BACK_WITHIN:?} after PostgreSQL was back"));
            return Ok(wrong);
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(wrong)
}
