//! The SQL of what agents say of themselves: when each was last seen, and its inventory.
use crate::beats::Beat;
use agent_wire::Inventory;
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{AgentId, Organisation, OrganisationId, Time};

/// What an agent said last.
#[derive(Debug, Clone)]
#[expect(clippy::struct_field_names, reason = "`seen_at` is its word everywhere")]
pub(crate) struct Seen {
    /// When it was last seen.
    pub seen_at: Time,
    /// From which network.
    pub network: String,
    /// Its version.
    pub version: String,
    /// Its clock less the server's, milliseconds.
    pub clock_millis: Option<i64>,
    /// Its inventory.
    pub inventory: Option<Inventory>,
    /// When that came.
    pub inventory_at: Option<Time>,
}

struct Row {
    seen_at: Time,
    network: String,
    version: String,
    clock_millis: Option<i64>,
    inventory: Option<String>,
    told_at: Option<Time>,
}
from_row!(Row {
    seen_at,
    network,
    version,
    clock_millis,
    inventory,
    told_at
});

/// What this agent said last; none before its first heartbeat.
pub(crate) fn seen(view: &mut View, organisation: Organisation, agent: AgentId) -> Result<Option<Seen>> {
    let row: Option<Row> = view.maybe(
        "SELECT agent_seen.seen_at, agent_seen.network, agent_seen.version, agent_seen.clock_millis, agent_inventory.inventory,
           agent_inventory.told_at
         FROM agent_seen LEFT JOIN agent_inventory
           ON agent_inventory.organisation = agent_seen.organisation AND agent_inventory.agent = agent_seen.agent
         WHERE agent_seen.organisation = ?1 AND agent_seen.agent = ?2",
        &[&organisation.0, &agent],
    )?;
    Ok(row.map(|row| Seen {
        seen_at: row.seen_at,
        network: row.network,
        version: row.version,
        clock_millis: row.clock_millis,
        inventory: row
            .inventory
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok()),
        inventory_at: row.told_at,
    }))
}

/// Keeps a heartbeat; the last one stays.
pub(crate) fn keep_beat(tx: &mut Tx, organisation: OrganisationId, agent: AgentId, beat: &Beat) -> Result<()> {
    let told = beat.inventory.as_ref();
    // Without an inventory the hash of the one that is kept stays.
    let hash = told.map(|(_, hash)| hash.as_str());
    tx.run(
        "INSERT INTO agent_seen (organisation, agent, seen_at, network, version, clock_millis, inventory_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, ''))
         ON CONFLICT (organisation, agent) DO UPDATE SET seen_at = excluded.seen_at, network = excluded.network, version = excluded.version,
           clock_millis = excluded.clock_millis, inventory_hash = coalesce(?7, agent_seen.inventory_hash)
         WHERE agent_seen.seen_at <= excluded.seen_at",
        &[&organisation, &agent, &beat.at, &beat.network, &beat.version, &beat.clock_millis, &hash],
    )?;
    if let Some((inventory, _)) = told {
        tx.run(
            "INSERT INTO agent_inventory (organisation, agent, inventory, told_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (organisation, agent) DO UPDATE SET inventory = excluded.inventory, told_at = excluded.told_at
             WHERE agent_inventory.told_at <= excluded.told_at",
            &[&organisation, &agent, inventory, &beat.at],
        )?;
    }
    Ok(())
}
