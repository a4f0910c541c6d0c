//! What capabilities above ask about agents: whether a site has any, from where they come, and that all of an organisation goes.
use super::Sites;
use agent_wire::State;
use ground::{
    Caller,
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Action, AgentId, Organisation, SiteId, Time};

/// Whether a site has agents that are or may be let in, or keys that still pair.
pub fn site_is_used(view: &mut View, organisation: Organisation, site: SiteId, now: Time) -> Result<bool> {
    let agent: Option<i64> = view.maybe(
        "SELECT 1 FROM agent WHERE organisation = ?1 AND site = ?2 AND state IN ('waiting', 'active', 'cloned') LIMIT 1",
        &[&organisation.0, &site],
    )?;
    let key: Option<i64> = view.maybe(
        "SELECT 1 FROM installation_key WHERE organisation = ?1 AND site = ?2 AND revoked_at IS NULL AND ends_at > ?3 LIMIT 1",
        &[&organisation.0, &site, &now],
    )?;
    Ok(agent.is_some() || key.is_some())
}

/// An active agent, and where it was last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFrom {
    /// The agent.
    pub id: AgentId,
    /// What it is called.
    pub name: String,
    /// The network that it was last seen from; where it was never seen, the one that it was paired from.
    pub network: String,
}
from_row!(SeenFrom { id, name, network });

/// The active agents of an organisation by name, each with its network; at most so many.
pub fn seen_from(view: &mut View, organisation: Organisation, most: u32) -> Result<Vec<SeenFrom>> {
    view.all(
        "SELECT agent.id, agent.name, coalesce(agent_seen.network, agent.network) AS network FROM agent
         LEFT JOIN agent_seen ON agent_seen.organisation = agent.organisation AND agent_seen.agent = agent.id
         WHERE agent.organisation = ?1 AND agent.state = 'active' ORDER BY agent.sort_name, agent.id LIMIT ?2",
        &[&organisation.0, &most],
    )
}

/// Agents about which somebody has to decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecided {
    /// In quarantine.
    pub waiting: i64,
    /// Set aside, because two machines have their identity.
    pub cloned: i64,
}

/// How many there are at the sites that the caller may decide about.
pub fn undecided(view: &mut View, organisation: Organisation, caller: &Caller) -> Result<Undecided> {
    let sites = Sites::of(caller, Action::PairAgents);
    let mut undecided = Undecided { waiting: 0, cloned: 0 };
    for state in [State::Waiting, State::Cloned] {
        let mut count = 0;
        for site in sites.each(None) {
            let there: i64 = view.one(
                "SELECT COUNT(*) FROM agent WHERE organisation = ?1 AND state = ?2 AND (?3 IS NULL OR site = ?3)",
                &[&organisation.0, &state.name(), &site],
            )?;
            count += there;
        }
        match state {
            State::Waiting => undecided.waiting = count,
            _ => undecided.cloned = count,
        }
    }
    Ok(undecided)
}

/// Forgets the agents and keys of an organisation that is gone.
pub fn forget_organisation(tx: &mut Tx, organisation: Organisation) -> Result<()> {
    for statement in [
        "DELETE FROM pairing_refusal WHERE organisation = ?1",
        "DELETE FROM agent_ratchet WHERE organisation = ?1",
        "DELETE FROM agent_inventory WHERE organisation = ?1",
        "DELETE FROM agent_seen WHERE organisation = ?1",
        "DELETE FROM agent WHERE organisation = ?1",
        "DELETE FROM installation_key WHERE organisation = ?1",
    ] {
        tx.run(statement, &[&organisation.0])?;
    }
    Ok(())
}
