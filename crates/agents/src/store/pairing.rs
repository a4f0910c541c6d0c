//! The SQL of pairing: the key of a machine that comes, its one use, the new entry, its short code.
use crate::decide::pairing::{Machine, Terms};
use agent_wire::{Marks, State};
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{AgentId, Deployment, InstallationKeyId, Organisation, OrganisationId, SiteId, Time};

/// An installation key, as pairing needs it.
pub(crate) struct PairingKey {
    /// Whose.
    pub organisation: OrganisationId,
    /// Its id.
    pub id: InstallationKeyId,
    /// What tells it from others.
    pub hint: String,
    /// Where its machines are.
    pub site: SiteId,
    /// Machines are let in at once.
    pub is_preapproved: bool,
    /// Its agents end when they were not seen for so long; nought: never.
    pub unseen_hours: i64,
    /// What it asks of a machine.
    pub terms: Terms,
}

struct Row {
    organisation: OrganisationId,
    id: InstallationKeyId,
    hint: String,
    site: SiteId,
    is_preapproved: bool,
    unseen_hours: i64,
    uses: i64,
    used: i64,
    ends_at: Time,
    revoked_at: Option<Time>,
    network: String,
    os: String,
}
from_row!(Row {
    organisation,
    id,
    hint,
    site,
    is_preapproved,
    unseen_hours,
    uses,
    used,
    ends_at,
    revoked_at,
    network,
    os
});

/// The key of this hash, whatever it is still worth.
pub(crate) fn pairing_key(view: &mut View, _: Deployment, hash: &[u8; 32]) -> Result<Option<PairingKey>> {
    let row: Option<Row> = view.maybe(
        "SELECT organisation, id, hint, site, is_preapproved, unseen_hours, uses, used, ends_at, revoked_at, network, os
         FROM installation_key WHERE hash = ?1",
        &[hash],
    )?;
    Ok(row.map(|row| PairingKey {
        organisation: row.organisation,
        id: row.id,
        hint: row.hint,
        site: row.site,
        is_preapproved: row.is_preapproved,
        unseen_hours: row.unseen_hours,
        terms: Terms {
            uses: row.uses,
            used: row.used,
            ends_at: row.ends_at,
            revoked_at: row.revoked_at,
            network: row.network,
            os: row.os,
        },
    }))
}

/// Takes a use of a key. False: it has none left, or has ended meanwhile. INVARIANT: in the transaction that makes the agent.
pub(crate) fn take_use(tx: &mut Tx, organisation: Organisation, key: InstallationKeyId, now: Time) -> Result<bool> {
    let taken = tx.run(
        "UPDATE installation_key SET used = used + 1, used_at = ?3
         WHERE organisation = ?1 AND id = ?2 AND used < uses AND revoked_at IS NULL AND ends_at > ?3",
        &[&organisation.0, &key, &now],
    )?;
    Ok(taken == 1)
}

/// Gives a use back, of an agent that was never let in. INVARIANT: in the transaction that leaves `waiting`, so that it is given back once.
pub(crate) fn give_back(tx: &mut Tx, organisation: Organisation, key: InstallationKeyId) -> Result<()> {
    tx.run(
        "UPDATE installation_key SET used = used - 1 WHERE organisation = ?1 AND id = ?2 AND used > 0",
        &[&organisation.0, &key],
    )
    .map(drop)
}

/// A machine that is paired.
pub(crate) struct NewAgent<'a> {
    pub id: AgentId,
    pub key: &'a PairingKey,
    pub public_key: [u8; 32],
    pub thumbprint: [u8; 32],
    pub machine: &'a Machine,
    pub network: &'a str,
    pub successor_of: Option<AgentId>,
    pub user_code: Option<([u8; 32], Time)>,
    pub now: Time,
}

/// Keeps a new agent. False: its key is known already.
pub(crate) fn insert_agent(tx: &mut Tx, new: &NewAgent<'_>) -> Result<bool> {
    let Machine { name, marks, inventory } = new.machine;
    let (state, decided_at) = match new.user_code {
        Some(_) => (State::Waiting, None),
        None => (State::Active, Some(new.now)),
    };
    let text = |value: serde_json::Result<String>| value.unwrap_or_default();
    let id: Option<AgentId> = tx.maybe(
        "INSERT INTO agent (organisation, id, site, name, sort_name, search, os, system, state, reason, installation_key, public_key,
           thumbprint, former_thumbprint, key_made_at, rotation_asked_at, user_code, user_code_ends_at, machine, hardware, facts, network,
           successor_of, unseen_hours, asked_at, decided_at, decided_by, ended_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, ?10, ?11, ?12, NULL, ?20, NULL, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?21, ?20, ?22,
           NULL, NULL)
         ON CONFLICT DO NOTHING RETURNING id",
        &[
            &new.key.organisation,
            &new.id,
            &new.key.site,
            name,
            &people::folded(name),
            &people::folded(&format!("{name} {} {}", inventory.hostname, inventory.system)),
            &inventory.os,
            &inventory.system,
            &state.name(),
            &new.key.id,
            &new.public_key,
            &new.thumbprint,
            &new.user_code.map(|(hash, _)| hash.to_vec()),
            &new.user_code.map(|(_, ends_at)| ends_at),
            &marks.machine.as_deref().unwrap_or_default(),
            &text(serde_json::to_string(&marks.hardware)),
            &text(serde_json::to_string(inventory)),
            &new.network,
            &new.successor_of,
            &new.now,
            &new.key.unseen_hours,
            &decided_at,
        ],
    )?;
    Ok(id.is_some())
}

/// An older entry, and what its machine told.
pub(crate) struct Older {
    pub id: AgentId,
    pub state: State,
    pub marks: Marks,
}

/// Entries of an organisation that were decided about, with this id of the operating system or with this very hardware (a machine that was installed
/// anew has another id): the newest of each.
pub(crate) fn older(view: &mut View, organisation: Organisation, marks: &Marks) -> Result<Vec<Older>> {
    let mut rows: Vec<(AgentId, String, String, String)> = Vec::new();
    if let Some(machine) = &marks.machine {
        rows.extend(view.all::<(AgentId, String, String, String)>(
            "SELECT id, state, machine, hardware FROM agent WHERE organisation = ?1 AND machine = ?2 AND state <> 'waiting' ORDER BY id DESC LIMIT 50",
            &[&organisation.0, machine],
        )?);
    }
    if !marks.hardware.is_empty() {
        let hardware = serde_json::to_string(&marks.hardware).unwrap_or_default();
        rows.extend(view.all::<(AgentId, String, String, String)>(
            "SELECT id, state, machine, hardware FROM agent WHERE organisation = ?1 AND hardware = ?2 AND state <> 'waiting' ORDER BY id DESC LIMIT 50",
            &[&organisation.0, &hardware],
        )?);
    }
    let older = |(id, state, machine, hardware): (AgentId, String, String, String)| {
        Some(Older {
            id,
            state: State::from_name(&state)?,
            marks: Marks {
                machine: Some(machine).filter(|machine| !machine.is_empty()),
                hardware: serde_json::from_str(&hardware).unwrap_or_default(),
            },
        })
    };
    Ok(rows.into_iter().filter_map(older).collect())
}

/// Keeps a new short code of an agent that waits, where the last one has ended.
pub(crate) fn renew_code(
    tx: &mut Tx,
    organisation: Organisation,
    agent: AgentId,
    (hash, ends_at): (&[u8; 32], Time),
    now: Time,
) -> Result<bool> {
    let renewed = tx.run(
        "UPDATE agent SET user_code = ?3, user_code_ends_at = ?4
         WHERE organisation = ?1 AND id = ?2 AND state = 'waiting' AND (user_code_ends_at IS NULL OR user_code_ends_at <= ?5)",
        &[&organisation.0, &agent, hash, &ends_at, &now],
    )?;
    Ok(renewed == 1)
}
