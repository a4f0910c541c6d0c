//! What the program says, and how it ends. One line for what went wrong: what, why, what to do.
//! Must never happen: a secret in a line.
use std::{io::Write as _, process::ExitCode};

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub enum Fault {
    /// It was refused, or something is missing or broken.
    Failed(String),
    /// It was called wrongly.
    Usage(String),
}

impl Fault {
    /// Refused or failed.
    pub fn failed(words: impl Into<String>) -> Self {
        Self::Failed(words.into())
    }
}

/// What a command comes to.
pub type Done<T = ()> = Result<T, Fault>;

/// A line on stdout. A reader who went away is no fault.
pub fn line(words: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", plain(words));
}

/// A line on stderr: the log of `run`, and what went wrong.
pub fn log(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", plain(words));
}

/// What a server says is shown, never obeyed by a terminal.
fn plain(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The exit code: 0 done, 1 refused or failed, 2 wrong use.
pub fn exit(done: Done<bool>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Fault::Failed(words)) => {
            log(&format!("doorward-agent: {words}"));
            ExitCode::FAILURE
        }
        Err(Fault::Usage(words)) => {
            log(&format!("doorward-agent: {words}"));
            ExitCode::from(2)
        }
    }
}
