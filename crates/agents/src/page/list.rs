//! "Agents": the list, with what waits and what is wrong in sight.
use super::{Choice, May, Standing, commands::Commands, count};
use askama::Template;
use ground::page::{Field, Figure, HouseShell, Notice, When};
use kernel::{AgentId, Time};

/// A line of the list.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The agent.
    pub id: AgentId,
    /// What it is called.
    pub name: String,
    /// Its site.
    pub site: String,
    /// Its system in words.
    pub system: String,
    /// How it stands.
    pub standing: Standing,
    /// When it was seen last, or when it asked to be let in.
    pub seen_at: Option<Time>,
    /// The reader may let it in or refuse it.
    pub may_decide: bool,
    /// The reader may revoke it.
    pub may_revoke: bool,
}

impl Line {
    fn can_be_ticked(&self) -> bool {
        match self.standing {
            Standing::Waiting => self.may_decide || self.may_revoke,
            Standing::Online | Standing::Offline | Standing::Cloned => self.may_revoke,
            Standing::Refused | Standing::Revoked => false,
        }
    }
}

/// How many there are, of those that the reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Figures {
    /// Let in.
    pub paired: u64,
    /// Seen within two heartbeats.
    pub online: u64,
    /// In quarantine.
    pub waiting: u64,
    /// Set aside.
    pub cloned: u64,
}

impl Figures {
    /// "1,310 paired · 1,284 online · 3 waiting for approval".
    fn words(self) -> String {
        let mut parts = vec![
            count(self.paired, "paired", "paired"),
            count(self.online, "online", "online"),
        ];
        if self.waiting > 0 {
            parts.push(count(self.waiting, "waiting for approval", "waiting for approval"));
        }
        if self.cloned > 0 {
            parts.push(count(self.cloned, "copied", "copied"));
        }
        parts.join(" · ")
    }
}

/// What the list is looked for with, as typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters {
    /// Part of a name or a system.
    pub q: String,
    /// A site's id.
    pub site: String,
    /// A state's word, `online` or `offline`.
    pub state: String,
}

impl Filters {
    fn are_set(&self) -> bool {
        [&self.q, &self.site, &self.state]
            .into_iter()
            .any(|field| !field.is_empty())
    }
}

/// The choice of states: its word, its words.
pub(crate) const STATES: [(&str, &str); 7] = [
    ("waiting", "Waiting for approval"),
    ("online", "Online"),
    ("offline", "Offline"),
    ("active", "Online or offline"),
    ("cloned", "Same identity on two machines"),
    ("refused", "Refused"),
    ("revoked", "Revoked"),
];

/// "Agents".
#[derive(Debug, Template)]
#[template(path = "agents.html")]
pub(crate) struct AgentsPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done, or refused.
    pub notice: Option<Notice>,
    /// How many there are.
    pub figures: Figures,
    /// How a machine is paired; for those who may.
    pub commands: Option<Commands>,
    /// The organisation's own words for it.
    pub words: String,
    /// The filters as they were sent.
    pub filters: Filters,
    /// The sites that can be looked for.
    pub sites: Vec<Choice>,
    /// Which are on this page.
    pub lines: Vec<Line>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, on a later page.
    pub first: Option<String>,
    /// This very list, for the stream that tells when it changes, and to come back to.
    pub query: String,
    /// What the reader may do somewhere.
    pub may: May,
    /// The reader has proved freshly enough that it is them.
    pub is_fresh: bool,
}

impl AgentsPage {
    #[expect(clippy::unused_self, reason = "templates ask the page")]
    fn states(&self) -> [(&'static str, &'static str); 7] {
        STATES
    }
    fn has_ticks(&self) -> bool {
        self.is_fresh && self.lines.iter().any(Line::can_be_ticked)
    }
    /// There is something to be decided, and a proof is missing.
    fn needs_proof(&self) -> bool {
        !self.is_fresh && self.lines.iter().any(Line::can_be_ticked)
    }
    fn has_waiting(&self) -> bool {
        self.lines
            .iter()
            .any(|line| line.standing == Standing::Waiting && line.may_decide)
    }
    fn has_revocable(&self) -> bool {
        self.lines.iter().any(|line| line.may_revoke)
    }
    fn stream(&self) -> String {
        format!("/app/agents/events{}", self.query)
    }
    fn back(&self) -> String {
        ground::failure::encode(&format!("/app/agents{}", self.query))
    }
}
