//! The command line. Must never happen: an installation key among the arguments, where every account of the machine could read it.
use crate::{
    ops,
    pair::{self, Pair},
    say::{Done, Fault, exit},
    server::Server,
};
use agent_wire::{InstallationKey, installation_key::Slip};
use clap::{Args, Parser, Subcommand};
use std::{
    ffi::OsString,
    io::{IsTerminal as _, Read as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// The agent of a Doorward server: pairs this machine, and tells that it is there.
#[derive(Parser)]
#[command(name = "doorward-agent", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Pairs this machine with a server. The installation key comes from `--key-file`, from `DOORWARD_AGENT_KEY` or from stdin, never from an argument
    Pair(PairArgs),
    /// Runs until it is asked to end: a heartbeat a minute
    Run(Place),
    /// Says where this agent stands: exit 0 where it is active, 1 otherwise
    Status {
        #[command(flatten)]
        place: Place,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Changes the agent's key; the old one signs the new one
    Rotate(Place),
    /// Gives the identity back and removes it from this machine
    Unpair(Place),
}

#[derive(Args)]
struct Place {
    /// Where the agent keeps its key and its state
    #[arg(long, value_name = "DIR", default_value = DEFAULT_STATE)]
    state: PathBuf,
    /// Where the system lies whose ids are read: for containers that see the machine's own system in a folder
    #[arg(long, value_name = "DIR", hide = true)]
    system_root: Option<PathBuf>,
}

#[derive(Args)]
struct PairArgs {
    /// The server's address, such as `https://doorward.example.org`
    #[arg(long, value_name = "URL")]
    server: String,
    /// A file that holds the installation key
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// What the machine is called in the list of agents; without it, by its host name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Certificates (PEM) of the authorities that count, instead of the system's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How long to wait for the approval
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// Pairs nothing now: a machine that starts from an image of this one pairs by itself
    #[arg(long)]
    on_first_boot: bool,
    #[command(flatten)]
    place: Place,
}

#[cfg(target_os = "macos")]
const DEFAULT_STATE: &str = "/Library/Application Support/doorward-agent";
#[cfg(windows)]
const DEFAULT_STATE: &str = r"C:\ProgramData\doorward-agent";
#[cfg(not(any(target_os = "macos", windows)))]
const DEFAULT_STATE: &str = "/var/lib/doorward-agent";

/// Runs the program with these arguments, the first of which is its name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    match Cli::try_parse_from(args) {
        Ok(cli) => exit(obey(cli.command)),
        Err(error) => {
            // Help and version go to stdout and are no fault.
            let _ = error.print();
            ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
        }
    }
}

fn obey(command: Command) -> Done<bool> {
    match command {
        Command::Pair(args) => {
            let asked = asked(&args)?;
            pair::pair(&args.place.state, &asked)
        }
        Command::Run(place) => work(&place),
        Command::Status { place, json } => ops::status(&place.state, &place.root(), json),
        Command::Rotate(place) => ops::rotate(&place.state, &place.root()),
        Command::Unpair(place) => ops::unpair(&place.state, &place.root()),
    }
}

/// A service on Windows, a plain program elsewhere (systemd and launchd ask no more of one).
fn work(place: &Place) -> Done<bool> {
    #[cfg(windows)]
    return crate::windows::run(&place.state, &place.root());
    #[cfg(not(windows))]
    crate::run::run(&place.state, &place.root(), &crate::ending::Ending::listen())
}

impl Place {
    fn root(&self) -> PathBuf {
        let named = self
            .system_root
            .clone()
            .or_else(|| std::env::var_os("DOORWARD_AGENT_SYSTEM_ROOT").map(PathBuf::from));
        named.unwrap_or_else(|| "/".into())
    }
}

fn asked(args: &PairArgs) -> Done<Pair> {
    // What is wrong with the address is said before anybody types a key.
    let server = Server::read(&args.server)?;
    Ok(Pair {
        server,
        key: installation_key(args.key_file.as_deref())?,
        name: args.name.clone(),
        ca: args.ca.clone(),
        wait: Duration::from_secs(args.wait.min(7 * 86_400)),
        on_first_boot: args.on_first_boot,
        root: args.place.root(),
    })
}

/// The key: from the file, the variable, or typed in.
fn installation_key(file: Option<&Path>) -> Done<InstallationKey> {
    let typed = match (file, std::env::var("DOORWARD_AGENT_KEY")) {
        (Some(file), _) => std::fs::read_to_string(file)
            .map_err(|e| Fault::failed(format!("could not read the key file {}: {e}", file.display())))?,
        (None, Ok(key)) if !key.trim().is_empty() => key,
        (None, _) => prompt()?,
    };
    InstallationKey::read(&typed).map_err(|slip| {
        let words = match slip {
            Slip::Shape => "this is no installation key; it looks like DW-XXXX-XXXX-XXXX-XXXX-X",
            Slip::Check => {
                "this installation key has a typing slip: one of its characters is wrong. Compare it and try again"
            }
        };
        Fault::Usage(words.into())
    })
}

fn prompt() -> Done<String> {
    let (mut input, mut typed) = (std::io::stdin(), String::new());
    let read = if input.is_terminal() {
        let _ = write!(std::io::stderr(), "Installation key: ");
        input.read_line(&mut typed).map(|_| ())
    } else {
        input.by_ref().take(200).read_to_string(&mut typed).map(|_| ())
    };
    read.map_err(|e| Fault::failed(format!("could not read the installation key: {e}")))?;
    if typed.trim().is_empty() {
        return Err(Fault::Usage(
            "an installation key is needed: by --key-file, in DOORWARD_AGENT_KEY, or typed in".into(),
        ));
    }
    Ok(typed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound_and_takes_no_key() {
        Cli::command().debug_assert();
        let said =
            |args: &[&str]| Cli::try_parse_from(std::iter::once(&"doorward-agent").chain(args).map(OsString::from));
        assert!(said(&["pair", "--server", "https://door.example", "--key", "DW-1"]).is_err());
        assert!(said(&["pair"]).is_err());
        assert!(said(&["run", "--state", "/x"]).is_ok() && said(&["status", "--json"]).is_ok());
    }
}
