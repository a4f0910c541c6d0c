//! Many organisations, people and events in one store: what the lists cost there, by which indexes they are answered, and that an export of a long
//! log stays small in memory. For people: `scripts/bench --many`.
//! Must never happen: a number of an answer that was not the one expected; a plan that reads a whole table and is not told.
mod export;
mod looks;
mod made;
mod plans;

use anyhow::Result;
use bench::{
    cluster::Cluster,
    place::Place,
    run::{Engine, end, of_each, say},
};
use clap::Parser;
use doorward::App;
use factors::Cost;
use ground::context::{system_chance, system_clock};
use std::{process::ExitCode, time::Instant};
use tokio::runtime::Runtime;

/// Measures the lists in a store with very much in it
#[derive(Parser)]
struct Load {
    /// Organisations: the first one, and its customers
    #[arg(long, default_value_t = 1_000)]
    organisations: u32,
    /// People, a tenth of them in the first organisation
    #[arg(long, default_value_t = 100_000)]
    people: u32,
    /// Events of the first organisation; all others together have a fifth as many
    #[arg(long, default_value_t = 1_000_000)]
    events: u32,
    /// Only this engine
    #[arg(long)]
    engine: Option<Engine>,
}

fn main() -> ExitCode {
    end("many", measure(&Load::parse()))
}

fn measure(load: &Load) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    of_each(load.engine, |cluster, name| of_engine(load, &runtime, cluster, name))
}

fn of_engine(load: &Load, runtime: &Runtime, cluster: Option<&Cluster>, name: &str) -> Result<()> {
    let machine = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let before = machine.split_whitespace().next().unwrap_or("not told");
    say(&format!(
        "\n### {name}\n\nLoad average of the machine before it began: {before}.\n"
    ))?;
    let place = Place::new(cluster)?;
    let began = Instant::now();
    let ground = runtime.block_on(doorward::start::open_ground(
        place.config()?,
        system_clock(),
        system_chance(),
        true,
    ))?;
    let made = runtime.block_on(made::make(&ground, load.organisations, load.people, load.events))?;
    plans::know_the_data(&place)?;
    say(&format!(
        "{} organisations, {} people, {} events, made in {} s.\n",
        load.organisations,
        load.people,
        made.events,
        began.elapsed().as_secs()
    ))?;
    let cheap = Cost::new(8, 1, 1).ok_or_else(|| anyhow::anyhow!("argon2 refuses its least cost"))?;
    let app = runtime.block_on(App::on(ground.clone(), cheap))?;
    // What was recorded so far is how the store was filled.
    let before = ground.store.recorded();
    runtime.block_on(looks::measure(&app, &made))?;
    let looked = ground.store.recorded();
    let new: Vec<_> = looked.into_iter().filter(|one| !before.contains(one)).collect();
    runtime.block_on(export::measure(&app, &made))?;
    runtime.block_on(ground.store.close());
    plans::tell(&place, &new)
}
