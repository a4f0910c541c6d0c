//! Breaks a running Doorward on purpose and checks what is left: nothing acknowledged lost, nothing revoked back, the log whole.
//! For `scripts/test` (ten rounds) and `scripts/night` (many). Exit code 0: all as it must be; 1: not; 2: wrong use.
mod checks;
mod client;
mod cluster;
mod deployment;
mod disk;
mod full;
mod http;
mod kill;
mod observe;
mod pairing;
mod people;
mod power;
mod program;
mod proxy;
mod say;
mod seed;
mod setup;
mod strangers;
mod worlds;
mod writer;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{path::PathBuf, process::ExitCode};

/// Where the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// Breaks a running Doorward on purpose and checks what is left.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    fault: Fault,
    /// The program to test; without it that of `DOORWARD_PROGRAM`, else the one beside this program
    #[arg(long, global = true, value_name = "FILE")]
    program: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Fault {
    /// The server ends amid mixed writes: `kill -9`, and on PostgreSQL sometimes an immediate stop of that
    Kill(Run),
    /// The server is asked to stop amid mixed writes: SIGTERM
    Stop(Run),
    /// The power goes amid mixed writes: the server starts anew from what the disk held (root only)
    Power(Cut),
    /// The disk is full amid mixed writes, and later it is not (root only)
    Full(Cut),
    /// The server, the agent or both end amid pairing: `kill -9`. Wants `doorward-agent` beside the program
    Pair(Run),
    /// The writer of a control
    #[command(hide = true)]
    Writer { file: PathBuf, synchronous: String },
}

#[derive(Debug, Args)]
struct Cut {
    #[arg(long, default_value_t = 10)]
    rounds: u64,
    /// The same seed makes the same plan
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Something that must be caught losing
    #[arg(long, value_enum)]
    control: Option<power::Control>,
}

#[derive(Debug, Args)]
struct Run {
    #[arg(long, value_enum, default_value = "sqlite")]
    engine: Engine,
    #[arg(long, default_value_t = 10)]
    rounds: u64,
    /// The same seed makes the same plan
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Acknowledges before the write: losses must be found
    #[arg(long)]
    control: bool,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say::say(&format!("FAILED: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<bool> {
    if let Fault::Writer { file, synchronous } = &cli.fault {
        return writer::write(file, synchronous);
    }
    let program = program::find(cli.program)?;
    match cli.fault {
        Fault::Kill(run) => kill::run(&of(&run, program, false)),
        Fault::Stop(run) => kill::run(&of(&run, program, true)),
        Fault::Pair(run) => pairing::run(run.engine, run.rounds, run.seed, &program),
        Fault::Power(Cut { rounds, seed, control }) => power::run(&power::Options {
            rounds,
            seed,
            control,
            program,
        }),
        Fault::Full(Cut { rounds, seed, .. }) => full::run(rounds, seed, &program),
        Fault::Writer { .. } => Ok(true),
    }
}

fn of(run: &Run, program: PathBuf, is_orderly: bool) -> kill::Options {
    let Run {
        engine,
        rounds,
        seed,
        control: is_control,
    } = *run;
    kill::Options {
        engine,
        rounds,
        seed,
        is_control,
        is_orderly,
        program,
    }
}
