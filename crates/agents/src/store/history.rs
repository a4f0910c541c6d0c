//! The SQL of what happened to one agent, as the activity log has it. Written by the journal alone.
use ground::{
    db::{Result, View},
    from_row,
};
use kernel::{AgentId, EventId, Organisation, PersonId, Time};

/// An event about an agent.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    pub id: EventId,
    pub at: Time,
    pub kind: String,
    pub outcome: String,
    pub reason: Option<String>,
    pub count: i64,
    pub actor: Option<PersonId>,
    pub network: String,
    pub detail: String,
}
from_row!(Happened {
    id,
    at,
    kind,
    outcome,
    reason,
    count,
    actor,
    network,
    detail
});

/// What happened to this agent, the newest first.
pub(crate) fn history(view: &mut View, organisation: Organisation, agent: AgentId, most: u32) -> Result<Vec<Happened>> {
    view.all(
        "SELECT id, at, kind, outcome, reason, count, actor, network, detail FROM event
         WHERE stream = ?1 AND device = ?2 AND substr(kind, 1, 6) = 'agent-' ORDER BY at DESC, seq DESC LIMIT ?3",
        &[&organisation.0, &agent, &most],
    )
}
