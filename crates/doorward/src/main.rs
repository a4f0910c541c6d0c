//! The program `doorward`. Everything is in the library, so that tests and benches run the same code.
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    // Laid out for machines under the agent's name, this program is the agent (docs/decisions/010): a server has one for its own system without a
    // second build.
    let called = std::env::args_os().next().unwrap_or_default();
    if Path::new(&called)
        .file_stem()
        .is_some_and(|name| name == "doorward-agent")
    {
        return agent::main(std::env::args_os());
    }
    doorward::cli::run()
}
