//! The SQL of calls of agents: whose key it is, where it stands, how a key changes, how an agent ends.
use crate::decide::ratchet::{Fork, Known, Place};
use agent_wire::{Marks, State};
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{AgentId, Deployment, InstallationKeyId, Organisation, OrganisationId, Reason, Time};

/// What a call depends on, read with each of them.
pub(crate) struct Identity {
    /// Its organisation.
    pub organisation: OrganisationId,
    /// Its id.
    pub id: AgentId,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// Why, where that was said.
    pub reason: Option<Reason>,
    /// The thumbprint of its key.
    pub thumbprint: [u8; 32],
    /// And of the key before.
    pub former_thumbprint: Option<[u8; 32]>,
    /// A change of its key is wanted.
    pub is_to_rotate: bool,
    /// The installation key that it was paired with.
    pub installation_key: InstallationKeyId,
    /// When the short code ends, while it waits.
    pub user_code_ends_at: Option<Time>,
    /// When it was last seen, as written.
    pub seen_at: Option<Time>,
    /// The hash of the inventory that is known.
    pub inventory_hash: Option<String>,
    /// The newest ratchet value.
    pub newest: Place,
    fork: String,
    fork_at: Option<Time>,
    picked: String,
    machine: String,
    hardware: String,
}

struct Row {
    organisation: OrganisationId,
    id: AgentId,
    name: String,
    state: String,
    reason: Option<String>,
    thumbprint: [u8; 32],
    former_thumbprint: Option<[u8; 32]>,
    key_made_at: Time,
    rotation_asked_at: Option<Time>,
    installation_key: InstallationKeyId,
    user_code_ends_at: Option<Time>,
    machine: String,
    hardware: String,
    seen_at: Option<Time>,
    inventory_hash: Option<String>,
    anchoring: Option<i64>,
    step: Option<i64>,
    fork: Option<String>,
    fork_at: Option<Time>,
    picked: Option<String>,
}
from_row!(Row {
    organisation,
    id,
    name,
    state,
    reason,
    thumbprint,
    former_thumbprint,
    key_made_at,
    rotation_asked_at,
    installation_key,
    user_code_ends_at,
    machine,
    hardware,
    seen_at,
    inventory_hash,
    anchoring,
    step,
    fork,
    fork_at,
    picked
});

impl Identity {
    fn of(row: Row) -> Self {
        Self {
            organisation: row.organisation,
            id: row.id,
            name: row.name,
            // Of a newer program: what is not understood lets nobody in.
            state: State::from_name(&row.state).unwrap_or(State::Revoked),
            reason: row.reason.as_deref().and_then(Reason::from_id),
            thumbprint: row.thumbprint,
            former_thumbprint: row.former_thumbprint,
            is_to_rotate: row.rotation_asked_at.is_some_and(|at| at >= row.key_made_at),
            installation_key: row.installation_key,
            user_code_ends_at: row.user_code_ends_at,
            seen_at: row.seen_at,
            inventory_hash: row.inventory_hash,
            newest: Place {
                anchoring: row.anchoring.unwrap_or(1),
                step: row.step.unwrap_or_default(),
            },
            fork: row.fork.unwrap_or_default(),
            fork_at: row.fork_at,
            picked: row.picked.unwrap_or_default(),
            machine: row.machine,
            hardware: row.hardware,
        }
    }
    /// The marks that it was paired with.
    pub(crate) fn marks(&self) -> Marks {
        Marks {
            machine: Some(self.machine.clone()).filter(|machine| !machine.is_empty()),
            hardware: serde_json::from_str(&self.hardware).unwrap_or_default(),
        }
    }
    /// Whether a person picked one of two machines, and it has not asked for a token since.
    pub(crate) fn is_picked(&self) -> bool {
        !self.picked.is_empty()
    }
    /// What is known of a fork, as far as a call's token can say something to it.
    pub(crate) fn doubt(&self) -> Known {
        Known {
            newest: self.newest,
            fork: Fork::from_name(&self.fork),
            fork_at: self.fork_at.unwrap_or_default(),
            ..Known::default()
        }
    }
}

/// The agent of this id.
pub(crate) fn identity(view: &mut View, organisation: Organisation, id: AgentId) -> Result<Option<Identity>> {
    let row: Option<Row> = view.maybe(
        "SELECT agent.organisation, agent.id, agent.name, agent.state, agent.reason, agent.thumbprint, agent.former_thumbprint,
           agent.key_made_at, agent.rotation_asked_at, agent.installation_key, agent.user_code_ends_at, agent.machine, agent.hardware,
           agent_seen.seen_at, agent_seen.inventory_hash, agent_ratchet.anchoring, agent_ratchet.step, agent_ratchet.fork,
           agent_ratchet.fork_at, agent_ratchet.picked
         FROM agent
         LEFT JOIN agent_seen ON agent_seen.organisation = agent.organisation AND agent_seen.agent = agent.id
         LEFT JOIN agent_ratchet ON agent_ratchet.organisation = agent.organisation AND agent_ratchet.agent = agent.id
         WHERE agent.organisation = ?1 AND agent.id = ?2",
        &[&organisation.0, &id],
    )?;
    Ok(row.map(Identity::of))
}

/// The agent of this key, as it is now.
pub(crate) fn identity_by_key(view: &mut View, _: Deployment, thumbprint: &[u8; 32]) -> Result<Option<Identity>> {
    let at: Option<(OrganisationId, AgentId)> = view.maybe(
        "SELECT organisation, id FROM agent WHERE thumbprint = ?1",
        &[thumbprint],
    )?;
    match at {
        Some((organisation, id)) => identity(view, Organisation(organisation), id),
        None => Ok(None),
    }
}

/// Whether somebody has this key.
pub(crate) fn is_key_taken(view: &mut View, _: Deployment, thumbprint: &[u8; 32]) -> Result<bool> {
    let one: Option<AgentId> = view.maybe("SELECT id FROM agent WHERE thumbprint = ?1", &[thumbprint])?;
    Ok(one.is_some())
}

/// Changes an agent's key. False: it is not this one any more, or the agent is not let in.
pub(crate) fn change_key(
    tx: &mut Tx,
    organisation: Organisation,
    id: AgentId,
    from: &[u8; 32],
    (key, thumbprint): (&[u8; 32], &[u8; 32]),
    now: Time,
) -> Result<bool> {
    let changed = tx.run(
        "UPDATE agent SET public_key = ?4, thumbprint = ?5, former_thumbprint = ?3, key_made_at = ?6, rotation_asked_at = NULL
         WHERE organisation = ?1 AND id = ?2 AND thumbprint = ?3 AND state = 'active'",
        &[&organisation.0, &id, from, key, thumbprint, &now],
    )?;
    Ok(changed == 1)
}

/// Moves an agent from one state to another, for this reason, by no person. False: it was in another one.
pub(crate) fn end_agent(
    tx: &mut Tx,
    organisation: Organisation,
    id: AgentId,
    (from, to): (State, State),
    reason: Reason,
    now: Time,
) -> Result<bool> {
    let changed = tx.run(
        "UPDATE agent SET state = ?4, reason = ?5, ended_at = ?6, user_code = NULL, user_code_ends_at = NULL
         WHERE organisation = ?1 AND id = ?2 AND state = ?3",
        &[&organisation.0, &id, &from.name(), &to.name(), &reason.id(), &now],
    )?;
    Ok(changed == 1)
}

/// An agent that ends by itself.
pub(crate) struct Due {
    pub organisation: OrganisationId,
    pub id: AgentId,
    pub installation_key: InstallationKeyId,
}
from_row!(Due {
    organisation,
    id,
    installation_key
});

/// Those that wait since before.
pub(crate) fn waiting_since(view: &mut View, _: Deployment, before: Time, most: i64) -> Result<Vec<Due>> {
    view.all(
        "SELECT organisation, id, installation_key FROM agent WHERE state = 'waiting' AND asked_at <= ?1
         ORDER BY organisation, id LIMIT ?2",
        &[&before, &most],
    )
}

/// Those whose key says that they end when nobody has seen them for long, and nobody has.
pub(crate) fn unseen(view: &mut View, _: Deployment, now: Time, most: i64) -> Result<Vec<Due>> {
    view.all(
        "SELECT agent.organisation, agent.id, agent.installation_key FROM agent
         LEFT JOIN agent_seen ON agent_seen.organisation = agent.organisation AND agent_seen.agent = agent.id
         WHERE agent.unseen_hours > 0 AND agent.state = 'active'
           AND coalesce(agent_seen.seen_at, agent.decided_at, agent.asked_at) + agent.unseen_hours * 3600000000 <= ?1
         ORDER BY agent.organisation, agent.id LIMIT ?2",
        &[&now, &most],
    )
}

/// Takes away entries that were refused long ago. Answers how many.
pub(crate) fn sweep_refused(tx: &mut Tx, _: Deployment, before: Time) -> Result<u64> {
    tx.run(
        "DELETE FROM agent WHERE (organisation, id) IN (SELECT organisation, id FROM agent WHERE state = 'refused'
             AND coalesce(ended_at, decided_at, asked_at) <= ?1
           ORDER BY organisation, id LIMIT 200)",
        &[&before],
    )
}
