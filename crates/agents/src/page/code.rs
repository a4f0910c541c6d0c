//! `/pair`: the short code that an agent shows, and then its machine's facts with a warning in view.
use super::{Standing, machine::Fact};
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, When};
use kernel::{AgentId, Time};

/// A machine that waits.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The agent.
    pub id: AgentId,
    /// What it is called.
    pub name: String,
    /// Where it would be.
    pub site: String,
    /// How it stands.
    pub standing: Standing,
    /// When it asked.
    pub asked_at: Time,
    /// From where.
    pub network: String,
    /// The reader sits in the same network.
    pub is_same_network: bool,
    /// What its machine tells.
    pub facts: Vec<Fact>,
    /// An older entry of the same machine.
    pub older: Option<(AgentId, String)>,
    /// The reader may decide about machines of this site.
    pub may_pair: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pair_code.html")]
pub(crate) struct CodePage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done, or refused.
    pub notice: Option<Notice>,
    /// What is wrong: `user_code`.
    pub errors: Errors,
    /// The code as typed.
    pub user_code: String,
    /// The machine, once the code was right.
    pub found: Option<Found>,
    /// The organisation's own words.
    pub words: String,
    /// The reader has proved freshly enough that it is them.
    pub is_fresh: bool,
}
