//! The program `doorward`. Everything is in the library, so that tests and benches run the same code.
use std::process::ExitCode;

fn main() -> ExitCode {
    doorward::cli::run()
}
