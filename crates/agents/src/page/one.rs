//! One agent: what it is, where it stands, what happened to it, and what can be done about it.
use super::{Choice, May, Standing, machine::Fact};
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, Tag, When};
use kernel::{AgentId, EventId, Outcome, Time};

/// What tells a machine from others, against what it told when it was paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Side {
    /// Which of the two.
    pub heading: String,
    /// The machine's id, in words.
    pub machine: String,
    /// Its hardware, in words.
    pub hardware: String,
    /// It is the machine that was paired, as far as its marks tell.
    pub matches: bool,
    /// From where.
    pub network: String,
    /// When.
    pub at: Option<Time>,
}

/// The same identity on two machines, side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fork {
    /// Whoever has the newest value.
    pub first: Side,
    /// Whoever came with one that had been replaced.
    pub second: Side,
    /// Somebody has picked already.
    pub is_picked: bool,
}

impl Fork {
    /// Both, with the word of each.
    fn sides(&self) -> [(&Side, &'static str); 2] {
        [(&self.first, "first"), (&self.second, "second")]
    }
}

/// An older entry that seems to be the same machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Older {
    /// It.
    pub id: AgentId,
    /// What it is called.
    pub name: String,
    /// Its site.
    pub site: String,
    /// How it stands.
    pub standing: Standing,
    /// When it was paired.
    pub asked_at: Time,
    /// What its machine told.
    pub facts: Vec<Fact>,
    /// It can be replaced still.
    pub can_be_replaced: bool,
}

/// A line of its history.
#[derive(Debug, Clone)]
pub(crate) struct EventLine {
    /// The event.
    pub id: EventId,
    /// When.
    pub at: Time,
    /// What.
    pub what: String,
    /// Why, and more about it.
    pub why: String,
    /// By whom.
    pub who: String,
    /// From where.
    pub network: String,
    /// What came of it.
    pub outcome: Outcome,
    /// How many times.
    pub count: i64,
}

/// How it came to be, and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// When it asked to be let in.
    pub asked_at: Time,
    /// From where.
    pub network: String,
    /// The installation key that it came with.
    pub key_hint: Option<String>,
    /// When a person, or its key, decided.
    pub decided_at: Option<Time>,
    /// The person.
    pub decided_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Since when it has its present key pair.
    pub key_made_at: Time,
    /// How old that is, in words.
    pub key_age: String,
    /// It was asked to change it, and has not yet.
    pub rotation_asked_at: Option<Time>,
    /// The thumbprint of its public key.
    pub thumbprint: String,
    /// It ends by itself once unseen for so many hours.
    pub unseen_hours: i64,
}

/// What it said last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// When.
    pub at: Option<Time>,
    /// From where.
    pub network: String,
    /// How wrong its machine's clock is, in words.
    pub clock: Option<String>,
    /// When its machine was started.
    pub booted_at: Option<Time>,
    /// When it told about its machine.
    pub told_at: Option<Time>,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "agent.html")]
pub(crate) struct AgentPage {
    /// The shell; its title is the name.
    pub shell: HouseShell,
    /// What was just done, or refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `name`, `site_id`.
    pub errors: Errors,
    /// It.
    pub id: AgentId,
    /// Its site's name.
    pub site: String,
    /// How it stands.
    pub standing: Standing,
    /// Why, in words.
    pub why: Option<&'static str>,
    /// What its machine tells, and what it told when it asked to be let in where that is all there is.
    pub facts: Vec<Fact>,
    /// What it said last.
    pub seen: Seen,
    /// How it came to be.
    pub identity: Identity,
    /// An older entry of the same machine.
    pub older: Option<Older>,
    /// Two machines with this identity.
    pub fork: Option<Fork>,
    /// The organisation's own words, where somebody is to decide.
    pub words: String,
    /// What happened to it; nothing where the reader may not read it.
    pub events: Option<Vec<EventLine>>,
    /// The name as kept, or as just typed.
    pub name: String,
    /// The site as kept, or as just chosen.
    pub site_id: String,
    /// The sites that it can be at.
    pub sites: Vec<Choice>,
    /// What the reader may do with it.
    pub may: May,
    /// The reader has proved freshly enough that it is them.
    pub is_fresh: bool,
}

impl AgentPage {
    fn waits(&self) -> bool {
        self.standing == Standing::Waiting
    }
    fn is_paired(&self) -> bool {
        matches!(self.standing, Standing::Online | Standing::Offline | Standing::Cloned)
    }
    fn is_active(&self) -> bool {
        matches!(self.standing, Standing::Online | Standing::Offline)
    }
    /// Something can be done, and a proof is missing.
    fn needs_proof(&self) -> bool {
        let can_act = (self.may.pair && (self.waits() || self.is_paired())) || (self.may.revoke && self.is_paired());
        can_act && !self.is_fresh
    }
    fn is_over(&self) -> bool {
        matches!(self.standing, Standing::Refused | Standing::Revoked)
    }
}
