//! The command line: what can be asked, and how it ends. Exit codes: 0 done, 1 refused or failed, 2 wrong use.
//! For operators and their scripts. Must never happen: a secret as an argument, or a result and a log line on the same stream.
mod check;
mod check_mail;
mod check_store;
mod commands;
mod import;
mod out;
mod owner;
mod person;
mod serve;
mod signals;

use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser};
use commands::Command;
use ground::config::{Config, ConfigError, KEYS, LogLevel, Sources};
use std::{path::PathBuf, process::ExitCode};

/// Doorward: the front door of your organisation.
#[derive(Debug, Parser)]
#[command(
    name = "doorward",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Cli {
    /// Reads this configuration file instead of doorward.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// How a command ends that is not done.
#[derive(Debug)]
pub(crate) enum End {
    /// Refused or failed: exit code 1.
    Failed(anyhow::Error),
    /// Used wrongly: exit code 2.
    Misused(String),
    /// Everything has been said: exit code 1.
    Told,
}

impl<E: Into<anyhow::Error>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// A refusal in words: what, why, what to do.
pub(crate) fn refused(words: impl Into<String>) -> End {
    End::Failed(anyhow::Error::msg(words.into()))
}

/// Runs the program with the arguments of this process.
pub fn run() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Help and version come this way too, with code 0. A closed stream leaves nobody to tell.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let done = Cli::from_arg_matches(&matches)
        .map_err(|error| End::Misused(error.to_string()))
        .and_then(|cli| {
            let sources = Sources::of_process(cli.config, flags(&matches));
            dispatch(cli.command, &sources)
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(end) => end.tell(),
    }
}

impl End {
    fn tell(self) -> ExitCode {
        match self {
            Self::Failed(error) => {
                out::complain(&format!("{error:#}"));
                ExitCode::from(1)
            }
            Self::Misused(words) => {
                out::complain(&words);
                ExitCode::from(2)
            }
            Self::Told => ExitCode::from(1),
        }
    }
}

/// The whole command line, with a flag for each key of the configuration.
fn command() -> clap::Command {
    let flags = KEYS.iter().map(|key| {
        let several = if key.is_list { " (may be repeated)" } else { "" };
        Arg::new(key.flag())
            .long(key.flag())
            .value_name(key.takes)
            .help(format!(
                "{}{several} [variable: {}] [default: {}]",
                key.about.replace('`', ""),
                key.variable(),
                key.default
            ))
            .action(if key.is_list { ArgAction::Append } else { ArgAction::Set })
            .global(true)
            .hide_short_help(true)
            .help_heading("Configuration")
    });
    Cli::command().args(flags)
}

fn flags(matches: &ArgMatches) -> Vec<(&'static str, Vec<String>)> {
    let given = |key: &ground::config::Key| Some(matches.get_many::<String>(&key.flag())?.cloned().collect());
    KEYS.iter().filter_map(|key| Some((key.name, given(key)?))).collect()
}

fn dispatch(command: Command, sources: &Sources) -> Result<(), End> {
    // rustls has one provider for the whole process; without it the first TLS connection panics.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        return Err(refused("TLS could not be set up in this process"));
    }
    let loaded = Config::load(sources);
    if let Command::Check = command {
        return runtime()?.block_on(check::check(loaded));
    }
    let config = loaded.map_err(|error: ConfigError| End::Misused(error.to_string()))?;
    let mut log = config.log;
    if !matches!(command, Command::Serve) && log.level == LogLevel::Info {
        // What a command did is its result; its log is for what went wrong.
        log.level = LogLevel::Error;
    }
    crate::log::start(log);
    let done = runtime()?.block_on(command.run(config));
    crate::log::finish();
    done
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads of the program could not be started")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn a_flag_counts_before_and_after_the_command() {
        for arguments in [
            [
                "doorward",
                "--log-level",
                "warn",
                "--listen",
                "127.0.0.1:1",
                "--listen=127.0.0.1:2",
                "serve",
            ],
            [
                "doorward",
                "serve",
                "--log-level",
                "warn",
                "--listen",
                "127.0.0.1:1",
                "--listen=127.0.0.1:2",
            ],
        ] {
            let matches = command().try_get_matches_from(arguments).unwrap();
            assert_eq!(
                flags(&matches),
                [
                    ("listen", vec!["127.0.0.1:1".to_owned(), "127.0.0.1:2".to_owned()]),
                    ("log.level", vec!["warn".to_owned()])
                ]
            );
        }
    }

    #[test]
    fn what_is_not_there_is_wrong_use() {
        for arguments in [
            &["doorward"][..],
            &["doorward", "serv"],
            &["doorward", "serve", "--listne", "x"],
            &["doorward", "person"],
            &["doorward", "person", "unlock"],
            &["doorward", "owner", "create", "--email", "a@b.example"],
        ] {
            let error = command().try_get_matches_from(arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
        }
        for arguments in [["doorward", "--help"], ["doorward", "--version"]] {
            assert_eq!(command().try_get_matches_from(arguments).unwrap_err().exit_code(), 0);
        }
    }
}
