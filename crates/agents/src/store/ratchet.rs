//! The SQL of ratchets: one row for each agent that ever got a token.
use crate::decide::ratchet::{Fork, Keep, Known, Place};
use agent_wire::Marks;
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{AgentId, Organisation, Time};

/// A ratchet as kept, with both machines of a fork.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ratchet {
    /// What is decided by.
    pub known: Known,
    /// The marks of whoever got the newest value.
    pub holder: Marks,
    /// The network that it was got from.
    pub holder_network: String,
    /// When.
    pub stepped_at: Time,
    /// The marks of whoever came with an old value.
    pub fork_marks: Marks,
    /// From which network.
    pub fork_network: String,
}

struct Row {
    anchoring: i64,
    step: i64,
    attempt: Vec<u8>,
    holder: String,
    holder_network: String,
    stepped_at: Time,
    from_anchoring: i64,
    from_step: i64,
    fork: String,
    fork_anchoring: i64,
    fork_step: i64,
    fork_at: Option<Time>,
    fork_marks: String,
    fork_network: String,
    picked: String,
}
from_row!(Row {
    anchoring,
    step,
    attempt,
    holder,
    holder_network,
    stepped_at,
    from_anchoring,
    from_step,
    fork,
    fork_anchoring,
    fork_step,
    fork_at,
    fork_marks,
    fork_network,
    picked
});

impl Ratchet {
    fn of(row: Row) -> Self {
        Self {
            known: Known {
                newest: Place {
                    anchoring: row.anchoring,
                    step: row.step,
                },
                attempt: row.attempt,
                from: Place {
                    anchoring: row.from_anchoring,
                    step: row.from_step,
                },
                fork: Fork::from_name(&row.fork),
                fork_place: Place {
                    anchoring: row.fork_anchoring,
                    step: row.fork_step,
                },
                fork_at: row.fork_at.unwrap_or_default(),
                picked: Keep::from_name(&row.picked),
            },
            holder: marks(&row.holder),
            holder_network: row.holder_network,
            stepped_at: row.stepped_at,
            fork_marks: marks(&row.fork_marks),
            fork_network: row.fork_network,
        }
    }
}

fn marks(text: &str) -> Marks {
    serde_json::from_str(text).unwrap_or_default()
}
fn text(marks: &Marks) -> String {
    serde_json::to_string(marks).unwrap_or_default()
}

/// The ratchet of an agent; none before its first token.
pub(crate) fn ratchet(view: &mut View, organisation: Organisation, agent: AgentId) -> Result<Option<Ratchet>> {
    let row: Option<Row> = view.maybe(
        "SELECT anchoring, step, attempt, holder, holder_network, stepped_at, from_anchoring, from_step, fork, fork_anchoring, fork_step,
           fork_at, fork_marks, fork_network, picked
         FROM agent_ratchet WHERE organisation = ?1 AND agent = ?2",
        &[&organisation.0, &agent],
    )?;
    Ok(row.map(Ratchet::of))
}

/// Keeps it. INVARIANT: read and kept under the lock of the agent's ratchet.
pub(crate) fn keep_ratchet(tx: &mut Tx, organisation: Organisation, agent: AgentId, ratchet: &Ratchet) -> Result<()> {
    let Known {
        newest,
        attempt,
        from,
        fork,
        fork_place,
        fork_at,
        picked,
    } = &ratchet.known;
    let fork_at = (*fork != Fork::None).then_some(*fork_at);
    tx.run_one(
        "INSERT INTO agent_ratchet (organisation, agent, anchoring, step, attempt, holder, holder_network, stepped_at, from_anchoring,
           from_step, fork, fork_anchoring, fork_step, fork_at, fork_marks, fork_network, picked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (organisation, agent) DO UPDATE SET anchoring = excluded.anchoring, step = excluded.step, attempt = excluded.attempt,
           holder = excluded.holder, holder_network = excluded.holder_network, stepped_at = excluded.stepped_at,
           from_anchoring = excluded.from_anchoring, from_step = excluded.from_step, fork = excluded.fork,
           fork_anchoring = excluded.fork_anchoring, fork_step = excluded.fork_step, fork_at = excluded.fork_at,
           fork_marks = excluded.fork_marks, fork_network = excluded.fork_network, picked = excluded.picked",
        &[
            &organisation.0,
            &agent,
            &newest.anchoring,
            &newest.step,
            attempt,
            &text(&ratchet.holder),
            &ratchet.holder_network,
            &ratchet.stepped_at,
            &from.anchoring,
            &from.step,
            &fork.name(),
            &fork_place.anchoring,
            &fork_place.step,
            &fork_at,
            &text(&ratchet.fork_marks),
            &ratchet.fork_network,
            &picked.map_or("", Keep::name),
        ],
    )
}

/// Keeps which of two machines a person picked, as part of the transaction that decides it. False: nobody is to be picked between.
pub(crate) fn pick(tx: &mut Tx, organisation: Organisation, agent: AgentId, keep: Keep) -> Result<bool> {
    let changed = tx.run(
        "UPDATE agent_ratchet SET picked = ?3, fork = '' WHERE organisation = ?1 AND agent = ?2 AND fork = 'aside'",
        &[&organisation.0, &agent, &keep.name()],
    )?;
    Ok(changed == 1)
}
