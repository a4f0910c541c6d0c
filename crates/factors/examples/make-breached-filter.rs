//! Builds the file that the breached-password rule reads: `make-breached-filter LIST OUT`, where LIST has a password a line in UTF-8.
//! For whoever renews `data/breached.filter`, and for operators with a longer list of their own.
use factors::Breached;
use std::{env, error::Error, fs, process::ExitCode};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [list, out] = words.as_slice() else {
        eprintln!("use: make-breached-filter LIST OUT");
        return ExitCode::from(2);
    };
    match make(list, out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{list} was not made into {out}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn make(list: &str, out: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(list)?;
    fs::write(out, Breached::build(text.lines())?)?;
    Ok(())
}
