//! What every program of benches does alike: from the command line to its end, over both engines, with the server just built.
//! Must never happen: a number of another program than the one that this build made; a fault that ends without a word.
use crate::cluster::Cluster;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

/// Where the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Measures on each engine, or on the one that was asked for. Where there is no PostgreSQL that is said.
pub fn of_each(wanted: Option<Engine>, mut measure: impl FnMut(Option<&Cluster>, &str) -> Result<()>) -> Result<()> {
    if wanted != Some(Engine::Postgres) {
        measure(None, "SQLite")?;
    }
    if wanted != Some(Engine::Sqlite) {
        match Cluster::find()? {
            Some(cluster) => measure(Some(&cluster), &cluster.described()?)?,
            None => say("PostgreSQL: none here; set DOORWARD_TEST_POSTGRES to measure it")?,
        }
    }
    Ok(())
}

/// The end of a program: what went wrong is said under its name.
pub fn end(name: &str, done: Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A line of the report.
pub fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// Pins this process. Before any thread is made, so that all of them stay there.
pub fn stay_on(core: usize) -> Result<()> {
    let (core, own) = (core.to_string(), std::process::id().to_string());
    let pinned = Command::new("taskset")
        .args(["-p", "-c", &core, &own])
        .stdout(Stdio::null())
        .status();
    let pinned = pinned.context("taskset of util-linux is needed")?;
    ensure!(pinned.success(), "the load needs a second core");
    Ok(())
}

/// The server's program beside this one. Where cargo started this run, cargo builds it first, so that nothing old is measured.
pub fn program() -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folder = here.parent().context("this program has no folder")?;
    if let Some(cargo) = std::env::var_os("CARGO") {
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(profile) => profile,
        };
        let asked = ["build", "--quiet", "--locked", "--profile", profile];
        let built = Command::new(cargo)
            .args(asked)
            .args(["-p", "doorward", "--bin", "doorward"])
            .status()?;
        ensure!(built.success(), "the server could not be built");
    }
    let program = folder.join("doorward");
    ensure!(
        program.is_file(),
        "{} is not there; run scripts/bench",
        program.display()
    );
    Ok(program)
}
