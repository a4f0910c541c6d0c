//! The program `doorward-agent`. Everything is in the library, so that tests run the same code.
use std::process::ExitCode;

fn main() -> ExitCode {
    agent::main(std::env::args_os())
}
