//! "Pair an agent": which key, what to run, what the program is signed with, and the organisation's own words.
use super::{Choice, commands::Commands};
use askama::Template;
use ground::page::{Errors, HouseShell, Notice, Tag};

/// A system, and whether there is a program for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shelved {
    /// `linux-x86_64`.
    pub system: &'static str,
    /// The program's file.
    pub file: &'static str,
    /// It is there.
    pub is_there: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pair_agent.html")]
pub(crate) struct PairPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong: `words`.
    pub errors: Errors,
    /// Keys that can be used, to choose from.
    pub keys: Vec<Choice>,
    /// Which is chosen.
    pub chosen: String,
    /// What to run.
    pub commands: Commands,
    /// What the programs are signed with, as a person compares it.
    pub signature_key: String,
    /// The systems, each with whether a machine can fetch its program.
    pub shelf: Vec<Shelved>,
    /// The organisation's own words, as kept or as just typed.
    pub words: String,
    /// The reader may change them.
    pub may_change_words: bool,
}
