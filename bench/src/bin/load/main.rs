//! The load program: starts the server itself on one core, asks from the other, and prints one table for each engine beside its aims.
//! For people: `scripts/bench`. Must never happen: a run without an end, a child left behind, a number from another program than the one just built.
mod checks;
mod child_roles;
mod mail_hangs;
mod population;
mod server;
mod sign_ins;
mod starts;
mod table;
mod two_steps;
mod writes;

use anyhow::Result;
use bench::{
    LOAD_CORE,
    child::Child,
    cluster::Cluster,
    rounds::Length,
    run::{Engine, end, of_each, program, stay_on},
};
use clap::{Parser, ValueEnum};
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// Measures the server on this machine
#[derive(Parser)]
struct Load {
    /// Shorter rounds and a smaller crowd: to see that everything runs, not for numbers
    #[arg(long)]
    quick: bool,
    /// Only this engine
    #[arg(long)]
    engine: Option<Engine>,
    /// Only these parts
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    #[command(subcommand)]
    role: Option<child_roles::Role>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// From exec to the first answer, memory at rest, size of the program
    Start,
    /// Session checks beside a bare hyper
    Checks,
    /// Durable session writes, over HTTP and at the store
    Writes,
    /// Sign-ins beside the bare hash
    SignIns,
    /// Password, code, session, beside the bare hash
    TwoSteps,
    /// Sign-ins while the mail server hangs
    MailHangs,
    /// What a sign-in costs without its hash in a small and a large store
    Population,
}

/// What a run does.
struct Plan {
    program: PathBuf,
    round: Length,
    sign_ins: Length,
    crowd: u32,
    large_crowd: u32,
    phones: u32,
    only: Vec<Part>,
}

impl Plan {
    fn new(load: &Load) -> Result<Self> {
        let seconds = |warm: u64, long: u64| Length {
            warm: Duration::from_millis(warm),
            long: Duration::from_millis(long),
        };
        let (round, sign_ins) = if load.quick {
            (seconds(200, 800), seconds(300, 1_500))
        } else {
            (seconds(500, 3_000), seconds(1_000, 6_000))
        };
        Ok(Self {
            program: program()?,
            round,
            sign_ins,
            crowd: if load.quick { 1_000 } else { 10_000 },
            large_crowd: if load.quick { 20_000 } else { 1_000_000 },
            phones: if load.quick { 1_000 } else { 3_000 },
            only: load.only.clone(),
        })
    }
    fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

fn main() -> ExitCode {
    let load = Load::parse();
    let done = match &load.role {
        Some(role) => role.play(),
        None => measure(&load),
    };
    end("load", done)
}

fn measure(load: &Load) -> Result<()> {
    stay_on(LOAD_CORE)?;
    let (plan, runtime) = (Plan::new(load)?, Builder::new_current_thread().enable_all().build()?);
    of_each(load.engine, |cluster, name| of_engine(&plan, &runtime, cluster, name))
}

fn of_engine(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>, name: &str) -> Result<()> {
    table::begin(name)?;
    if [Part::Start, Part::Checks, Part::Writes, Part::SignIns]
        .into_iter()
        .any(|part| plan.has(part))
    {
        of_one_server(plan, runtime, cluster)?;
    }
    if plan.has(Part::TwoSteps) {
        two_steps::measure(plan, runtime, cluster)?;
    }
    if plan.has(Part::MailHangs) {
        mail_hangs::measure(plan, runtime, cluster)?;
    }
    if plan.has(Part::Population) {
        population::measure(plan, runtime, cluster)?;
    }
    Ok(())
}

/// The parts that one server with one crowd goes through.
fn of_one_server(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>) -> Result<()> {
    let serving = server::Serving::furnished(plan, runtime, cluster)?;
    if plan.has(Part::Start) {
        starts::measure(plan, runtime, cluster, &serving)?;
    }
    if plan.has(Part::Checks) {
        checks::measure(plan, runtime, &serving)?;
    }
    if plan.has(Part::Writes) {
        writes::over_http(plan, runtime, &serving)?;
    }
    if plan.has(Part::SignIns) {
        sign_ins::measure(plan, runtime, &serving)?;
    }
    let server::Serving { place, child, .. } = serving;
    table::fact("memory after all that", &format!("{:.0} MiB", child.memory()?), "")?;
    Child::stop(child)?;
    if plan.has(Part::Writes) {
        writes::at_the_store(plan, &place, cluster.is_none())?;
    }
    Ok(())
}
