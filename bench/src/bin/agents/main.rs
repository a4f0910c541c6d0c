//! Very many agents at once: heartbeats spread over a minute and new tokens beside twenty people at work, the server on one core, the load on the
//! other; then a restart with ten thousand that come back together; then what TLS would cost. For people: `scripts/bench --agents`.
//! Must never happen: a number of an answer that was not the one expected; a people's 5xx that is not told.
mod herd;
mod made;
mod people;
mod steady;
mod swarm;
mod tls;

use anyhow::{Context, Result};
use bench::{
    LOAD_CORE, SERVER_CORE,
    child::{Child, pinned},
    cluster::Cluster,
    place::Place,
    run::{Engine, end, of_each, program, say, stay_on},
    wire::first_answer,
};
use clap::Parser;
use std::{path::Path, process::ExitCode, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// Measures the server with very many agents
#[derive(Parser)]
struct Load {
    /// Agents that were paired
    #[arg(long, default_value_t = 100_000)]
    agents: u32,
    /// Seconds that are measured
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// Agents that come back together after a restart
    #[arg(long, default_value_t = 10_000)]
    back: usize,
    /// Only this engine
    #[arg(long)]
    engine: Option<Engine>,
}

fn main() -> ExitCode {
    end("agents", measure(&Load::parse()))
}

fn measure(load: &Load) -> Result<()> {
    stay_on(LOAD_CORE)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let program = program()?;
    of_each(load.engine, |cluster, name| {
        of_engine(load, &program, &runtime, cluster, name)
    })?;
    say("\n### TLS, apart\n")?;
    tls::measure(&runtime, &program)
}

fn of_engine(load: &Load, program: &Path, runtime: &Runtime, cluster: Option<&Cluster>, name: &str) -> Result<()> {
    say(&format!("\n### {name}\n"))?;
    let place = Place::new(cluster)?;
    let (machines, tokens) = made::make(runtime, &place, load.agents)?;
    let server = start(runtime, program, &place, &[])?;
    say(&format!(
        "{} agents, {} people. Memory at rest: {:.0} MiB.\n",
        load.agents,
        made::PEOPLE,
        server.memory()?
    ))?;
    say("| measured | value | aim |\n| --- | ---: | --- |")?;
    let machines = steady::measure(
        runtime,
        &server,
        &place,
        machines,
        &tokens,
        Duration::from_secs(load.seconds),
    )?;
    Child::stop(server)?;
    let server = start(runtime, program, &place, &[])?;
    herd::measure(runtime, &place, machines, &tokens, load.back)?;
    Child::stop(server)
}

/// Starts the server for this place on its core, and waits until it answers.
pub fn start(runtime: &Runtime, program: &Path, place: &Place<'_>, more: &[(&str, String)]) -> Result<Child> {
    let mut command = pinned(SERVER_CORE, program);
    command.arg("serve").envs(place.variables()).current_dir(place.folder());
    // As behind a proxy that ends TLS and is named.
    command.env("DOORWARD_LOG__LEVEL", "warn").envs(more.iter().cloned());
    let log = place.folder().join("log");
    let mut child = Child::start(command, &log)?;
    let answered = if more.is_empty() {
        runtime
            .block_on(first_answer(place.port(), Duration::from_mins(1)))
            .map(drop)
    } else {
        Ok(())
    };
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    child.must_live().with_context(said)?;
    answered.with_context(said)?;
    Ok(child)
}
