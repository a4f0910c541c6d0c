//! The SQL of agents as people see them: the list by name, the figures, one of them, and what is decided about it.
//! Must never happen: an agent of a site that the asking role does not reach; a decision that takes back another one.
use crate::figures::Active;
use agent_wire::{Inventory, Marks, State};
use ground::{
    Caller,
    cursor::ByName,
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Action, AgentId, InstallationKeyId, On, Organisation, PersonId, Reason, Scope, SiteId, Time};

/// The sites that a role reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sites {
    /// Every one.
    All,
    /// These.
    Some(Vec<SiteId>),
}

impl Sites {
    /// Where the caller may do this.
    pub(crate) fn of(caller: &Caller, action: Action) -> Self {
        if caller.may_on(action, On::Organisation) {
            return Self::All;
        }
        let there = caller.roles.iter().filter_map(|grant| match grant.scope {
            Scope::Site(site) if grant.covers(action, On::Site(site)) => Some(site),
            _ => None,
        });
        let mut sites: Vec<SiteId> = there.collect();
        sites.sort_unstable();
        sites.dedup();
        Self::Some(sites)
    }
    /// Whether this one is among them.
    pub(crate) fn has(&self, site: SiteId) -> bool {
        match self {
            Self::All => true,
            Self::Some(sites) => sites.contains(&site),
        }
    }
    /// Each that a list is to be read for by itself; `None` stands for all at once.
    pub(super) fn each(&self, wanted: Option<SiteId>) -> Vec<Option<SiteId>> {
        match (self, wanted) {
            (_, Some(site)) if self.has(site) => vec![Some(site)],
            (_, Some(_)) => Vec::new(),
            (Self::All, None) => vec![None],
            (Self::Some(sites), None) => sites.iter().copied().map(Some).collect(),
        }
    }
}

/// What a list is looked for with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Part of the folded name, host name or system, for `LIKE`.
    pub pattern: Option<String>,
    /// At this site.
    pub site: Option<SiteId>,
    /// In this state.
    pub state: Option<State>,
    /// Active and seen within two heartbeats, or not.
    pub online: Option<bool>,
}

/// An agent in a list.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub id: AgentId,
    pub site: SiteId,
    pub site_name: String,
    pub name: String,
    pub sort_name: String,
    pub system: String,
    pub state: State,
    pub asked_at: Time,
    pub seen_at: Option<Time>,
}

struct ListedRow {
    id: AgentId,
    site: SiteId,
    site_name: String,
    name: String,
    sort_name: String,
    system: String,
    state: String,
    asked_at: Time,
    seen_at: Option<Time>,
}
from_row!(ListedRow {
    id,
    site,
    site_name,
    name,
    sort_name,
    system,
    state,
    asked_at,
    seen_at
});

/// Of a newer program: what is not understood lets nobody in.
fn state(word: &str) -> State {
    State::from_name(word).unwrap_or(State::Revoked)
}

/// Each way to look has an index that ends in name and id; what has none is looked at line by line.
macro_rules! listed {
    ($way:literal) => {
        concat!(
            "SELECT agent.id, agent.site, COALESCE(site.name, '') AS site_name, agent.name, agent.sort_name, agent.system, agent.state, agent.asked_at,
               agent_seen.seen_at FROM agent
             LEFT JOIN site ON site.organisation = agent.organisation AND site.id = agent.site
             LEFT JOIN agent_seen ON agent_seen.organisation = agent.organisation AND agent_seen.agent = agent.id
             WHERE agent.organisation = ?1 AND ",
            $way,
            " AND (agent.sort_name, agent.id) > (?2, ?3) AND (?4 IS NULL OR agent.search LIKE ?4 ESCAPE '\\')
             AND (?5 IS NULL OR (agent.state = 'active' AND agent_seen.seen_at >= ?5))
             AND (?6 IS NULL OR agent.state <> 'active' OR agent_seen.seen_at IS NULL OR agent_seen.seen_at < ?6)
             ORDER BY agent.sort_name, agent.id LIMIT ?7"
        )
    };
}

/// Agents behind this place that the filter wants, by name; at most so many.
pub(crate) fn agents(
    view: &mut View,
    organisation: Organisation,
    sites: &Sites,
    filter: &Filter,
    online_since: Time,
    after: &ByName,
    limit: u32,
) -> Result<Vec<Listed>> {
    let (seen_since, unseen_since) = match filter.online {
        Some(true) => (Some(online_since), None),
        Some(false) => (None, Some(online_since)),
        None => (None, None),
    };
    let (id, name, from, pattern) = (organisation.0, &after.sort_name, &after.id, &filter.pattern);
    let (seen, unseen, most) = (&seen_since, &unseen_since, &limit);
    let state = filter.state.map(State::name);
    let mut rows: Vec<ListedRow> = Vec::new();
    for site in sites.each(filter.site) {
        let part: Vec<ListedRow> = match (&site, &state) {
            (Some(site), Some(state)) => view.all(
                listed!("agent.site = ?8 AND agent.state = ?9"),
                &[&id, name, from, pattern, seen, unseen, most, site, state],
            )?,
            (Some(site), None) => view.all(
                listed!("agent.site = ?8"),
                &[&id, name, from, pattern, seen, unseen, most, site],
            )?,
            (None, Some(state)) => view.all(
                listed!("agent.state = ?8"),
                &[&id, name, from, pattern, seen, unseen, most, state],
            )?,
            (None, None) => view.all(
                listed!("agent.id IS NOT NULL"),
                &[&id, name, from, pattern, seen, unseen, most],
            )?,
        };
        rows.extend(part);
    }
    rows.sort_by(|one, other| (&one.sort_name, one.id).cmp(&(&other.sort_name, other.id)));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows.into_iter().map(listed).collect())
}

fn listed(row: ListedRow) -> Listed {
    Listed {
        state: state(&row.state),
        id: row.id,
        site: row.site,
        site_name: row.site_name,
        name: row.name,
        sort_name: row.sort_name,
        system: row.system,
        asked_at: row.asked_at,
        seen_at: row.seen_at,
    }
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Let in.
    pub paired: i64,
    /// Of these seen since then.
    pub online: i64,
    /// In quarantine.
    pub waiting: i64,
    /// Set aside.
    pub cloned: i64,
}

/// The figures of these sites. What is known of those that are let in is not counted again.
pub(crate) fn counts(
    view: &mut View,
    organisation: Organisation,
    sites: &Sites,
    online_since: Time,
    known: Option<Active>,
) -> Result<(Counts, Active)> {
    let (mut counts, mut active) = (Counts::default(), Active { all: 0, online: 0 });
    for site in sites.each(None) {
        let undecided: Vec<(String, i64)> = view.all(
            "SELECT state, COUNT(*) FROM agent WHERE organisation = ?1 AND state IN ('waiting', 'cloned') AND (?2 IS NULL OR site = ?2)
             GROUP BY state",
            &[&organisation.0, &site],
        )?;
        for (word, number) in undecided {
            match state(&word) {
                State::Waiting => counts.waiting += number,
                _ => counts.cloned += number,
            }
        }
        let there = match known {
            Some(known) => known,
            None => count_active(view, organisation, site, online_since)?,
        };
        active.all += there.all;
        active.online += there.online;
    }
    (counts.paired, counts.online) = (active.all + counts.cloned, active.online);
    Ok((counts, active))
}

fn count_active(
    view: &mut View,
    organisation: Organisation,
    site: Option<SiteId>,
    online_since: Time,
) -> Result<Active> {
    Ok(Active {
        all: view.one(
            "SELECT COUNT(*) FROM agent WHERE organisation = ?1 AND state = 'active' AND (?2 IS NULL OR site = ?2)",
            &[&organisation.0, &site],
        )?,
        online: view.one(
            "SELECT COUNT(*) FROM agent JOIN agent_seen ON agent_seen.organisation = agent.organisation AND agent_seen.agent = agent.id
             WHERE agent.organisation = ?1 AND agent.state = 'active' AND agent_seen.seen_at >= ?2 AND (?3 IS NULL OR agent.site = ?3)",
            &[&organisation.0, &online_since, &site],
        )?,
    })
}

/// An agent.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub id: AgentId,
    pub site: SiteId,
    pub name: String,
    pub state: State,
    /// A reason's id.
    pub reason: Option<String>,
    pub installation_key: InstallationKeyId,
    pub thumbprint: [u8; 32],
    pub key_made_at: Time,
    pub rotation_asked_at: Option<Time>,
    pub network: String,
    pub successor_of: Option<AgentId>,
    pub unseen_hours: i64,
    pub asked_at: Time,
    pub decided_at: Option<Time>,
    pub decided_by: Option<PersonId>,
    pub ended_at: Option<Time>,
    machine: String,
    hardware: String,
    facts: String,
}

impl Agent {
    /// What tells its machine from others, as it was paired.
    pub(crate) fn marks(&self) -> Marks {
        Marks {
            machine: Some(self.machine.clone()).filter(|machine| !machine.is_empty()),
            hardware: serde_json::from_str(&self.hardware).unwrap_or_default(),
        }
    }
    /// What its machine told when it was paired.
    pub(crate) fn inventory(&self) -> Inventory {
        serde_json::from_str(&self.facts).unwrap_or_default()
    }
}

struct AgentRow {
    id: AgentId,
    site: SiteId,
    name: String,
    state: String,
    reason: Option<String>,
    installation_key: InstallationKeyId,
    thumbprint: [u8; 32],
    key_made_at: Time,
    rotation_asked_at: Option<Time>,
    network: String,
    successor_of: Option<AgentId>,
    unseen_hours: i64,
    asked_at: Time,
    decided_at: Option<Time>,
    decided_by: Option<PersonId>,
    ended_at: Option<Time>,
    machine: String,
    hardware: String,
    facts: String,
}
from_row!(AgentRow {
    id,
    site,
    name,
    state,
    reason,
    installation_key,
    thumbprint,
    key_made_at,
    rotation_asked_at,
    network,
    successor_of,
    unseen_hours,
    asked_at,
    decided_at,
    decided_by,
    ended_at,
    machine,
    hardware,
    facts
});

impl From<AgentRow> for Agent {
    fn from(row: AgentRow) -> Self {
        Self {
            state: state(&row.state),
            id: row.id,
            site: row.site,
            name: row.name,
            reason: row.reason,
            installation_key: row.installation_key,
            thumbprint: row.thumbprint,
            key_made_at: row.key_made_at,
            rotation_asked_at: row.rotation_asked_at,
            network: row.network,
            successor_of: row.successor_of,
            unseen_hours: row.unseen_hours,
            asked_at: row.asked_at,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            ended_at: row.ended_at,
            machine: row.machine,
            hardware: row.hardware,
            facts: row.facts,
        }
    }
}

macro_rules! agent {
    ($way:literal) => {
        concat!(
            "SELECT id, site, name, state, reason, installation_key, thumbprint, key_made_at, rotation_asked_at, network, successor_of, unseen_hours,
               asked_at, decided_at, decided_by, ended_at, machine, hardware, facts FROM agent WHERE organisation = ?1 AND ",
            $way
        )
    };
}

/// One agent of an organisation.
pub(crate) fn agent(view: &mut View, organisation: Organisation, id: AgentId) -> Result<Option<Agent>> {
    let row: Option<AgentRow> = view.maybe(agent!("id = ?2"), &[&organisation.0, &id])?;
    Ok(row.map(Agent::from))
}

/// The agent that shows the short code of this hash now.
pub(crate) fn agent_by_code(
    view: &mut View,
    organisation: Organisation,
    hash: &[u8; 32],
    now: Time,
) -> Result<Option<Agent>> {
    let row: Option<AgentRow> = view.maybe(
        agent!("user_code = ?2 AND state = 'waiting' AND user_code_ends_at > ?3"),
        &[&organisation.0, hash, &now],
    )?;
    Ok(row.map(Agent::from))
}

/// From one state to another, where it is in the first one still. Who and when is kept where it is let in, refused or ended.
#[expect(clippy::too_many_arguments, reason = "each is one column of the decision")]
pub(crate) fn decide(
    tx: &mut Tx,
    organisation: Organisation,
    id: AgentId,
    from: State,
    to: State,
    reason: Option<Reason>,
    by: Option<PersonId>,
    now: Time,
) -> Result<bool> {
    let (is_decided, is_over) = (from == State::Waiting, matches!(to, State::Refused | State::Revoked));
    let (decided_at, ended_at) = (is_decided.then_some(now), is_over.then_some(now));
    let changed = tx.run(
        "UPDATE agent SET state = ?4, reason = ?5, decided_at = coalesce(?6, decided_at), decided_by = coalesce(?7, decided_by),
           ended_at = coalesce(?8, ended_at), user_code = NULL, user_code_ends_at = NULL
         WHERE organisation = ?1 AND id = ?2 AND state = ?3",
        &[
            &organisation.0,
            &id,
            &from.name(),
            &to.name(),
            &reason.map(Reason::id),
            &decided_at,
            &by.filter(|_| is_decided),
            &ended_at,
        ],
    )?;
    Ok(changed == 1)
}

/// Another name and site.
pub(crate) fn rename(tx: &mut Tx, organisation: Organisation, id: AgentId, name: &str, site: SiteId) -> Result<()> {
    let told: Option<(String, String)> = tx.maybe(
        "SELECT facts, system FROM agent WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id],
    )?;
    let (facts, system) = told.unwrap_or_default();
    let inventory: Inventory = serde_json::from_str(&facts).unwrap_or_default();
    tx.run_one(
        "UPDATE agent SET name = ?3, sort_name = ?4, search = ?5, site = ?6 WHERE organisation = ?1 AND id = ?2",
        &[
            &organisation.0,
            &id,
            &name,
            &people::folded(name),
            &people::folded(&format!("{name} {} {system}", inventory.hostname)),
            &site,
        ],
    )
}

/// Keeps that an active agent is to change its key pair. False: it is not active.
pub(crate) fn ask_rotation(tx: &mut Tx, organisation: Organisation, id: AgentId, now: Time) -> Result<bool> {
    let changed = tx.run(
        "UPDATE agent SET rotation_asked_at = ?3 WHERE organisation = ?1 AND id = ?2 AND state = 'active'",
        &[&organisation.0, &id, &now],
    )?;
    Ok(changed == 1)
}
