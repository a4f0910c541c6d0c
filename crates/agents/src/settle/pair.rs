//! A machine is paired: one transaction, in which the use is counted and the agent made. For the route `pair`.
//! Must never happen: more agents than the key has uses, or two for one key pair, whatever comes at once; a refusal that nobody can look up.
use crate::{
    decide::{
        marks::resembles,
        pairing::{Machine, judge},
    },
    http::Agents,
    identity::is_shut,
    pair::first_code,
    protocol::refuse,
    store::{self, Identity, NewAgent, PairingKey},
};
use agent_wire::State;
use axum::http::StatusCode;
use ground::{
    Failure, Ground, Visitor,
    db::{self, Lock, Tx},
    journal::{self, Signal},
};
use kernel::{AgentId, Deployment, Event, EventId, EventKind, Organisation, Outcome, Reason, Stream, Time};

/// A machine that comes, with all that was checked before the store is asked.
#[derive(Clone)]
pub(crate) struct Asks {
    /// The id that a new agent gets.
    pub id: AgentId,
    /// What its key is found by.
    pub key_hash: [u8; 32],
    /// Its own key.
    pub public_key: [u8; 32],
    /// And its thumbprint.
    pub thumbprint: [u8; 32],
    /// The machine.
    pub machine: Machine,
    /// Where it comes from.
    pub network: String,
    /// When.
    pub now: Time,
}

/// The agent, or why there is none.
type Answered = Result<Identity, Reason>;

/// Pairs, or finds the agent that was paired with the same keys before.
pub(crate) async fn pair(agents: &Agents, visitor: &Visitor, asks: Asks) -> Result<Identity, Failure> {
    let ground = agents.house.ground.clone();
    let held = ground.clone();
    let lock = Lock::on("agent-key", &asks.thumbprint);
    let step = move |tx: &mut Tx| settle(tx, &held, &asks);
    match ground.store.write_holding(lock, step).await {
        Ok(Ok(row)) => Ok(row),
        Ok(Err(Reason::PairingKeyKnown)) => Err(Failure::new(visitor, StatusCode::CONFLICT, Reason::PairingKeyKnown)),
        Ok(Err(reason)) => Err(refuse(visitor, reason)),
        Err(error) => Err(Failure::store(visitor, &error)),
    }
}

fn settle(tx: &mut Tx, ground: &Ground, asks: &Asks) -> db::Result<Answered> {
    let Some(key) = store::pairing_key(tx, Deployment, &asks.key_hash)? else {
        note_stranger(tx, ground, asks)?;
        return Ok(Err(Reason::InstallationKeyUnknown));
    };
    let scope = Organisation(key.organisation);
    let known = store::identity_by_key(tx, Deployment, &asks.thumbprint)?;
    let shut = is_shut(tx, scope, &asks.network)?;
    if let Some(row) = known {
        // The same request again gets the same answer, whatever became of the key meanwhile. With another key it is told nothing of the agent.
        let is_same = row.organisation == key.organisation && row.installation_key == key.id;
        return match (is_same, shut) {
            (true, Some(reason)) => Ok(Err(reason)),
            (true, None) => Ok(Ok(row)),
            (false, _) => refused(tx, ground, asks, &key, Reason::PairingKeyKnown),
        };
    }
    if let Some(reason) = shut {
        return refused(tx, ground, asks, &key, reason);
    }
    if let Err(reason) = judge(&key.terms, &asks.network, &asks.machine.inventory.os, asks.now) {
        return refused(tx, ground, asks, &key, reason);
    }
    if !store::take_use(tx, scope, key.id, asks.now)? {
        return refused(tx, ground, asks, &key, Reason::InstallationKeySpent);
    }
    make(tx, ground, asks, &key)
}

fn make(tx: &mut Tx, ground: &Ground, asks: &Asks, key: &PairingKey) -> db::Result<Answered> {
    let scope = Organisation(key.organisation);
    let new = NewAgent {
        id: asks.id,
        key,
        public_key: asks.public_key,
        thumbprint: asks.thumbprint,
        machine: &asks.machine,
        network: &asks.network,
        successor_of: earlier(tx, scope, asks)?,
        user_code: (!key.is_preapproved).then(|| first_code(ground, asks.id, asks.now)),
        now: asks.now,
    };
    if !store::insert_agent(tx, &new)? {
        // Nobody comes here under the lock of the key pair, but for an id or a code that was drawn twice.
        store::give_back(tx, scope, key.id)?;
        return Ok(Err(Reason::AgentsBusy));
    }
    let kind = if key.is_preapproved {
        EventKind::AgentApproved
    } else {
        EventKind::AgentWaits
    };
    let mut event = Event::new(
        Stream::Organisation(key.organisation),
        asks.now,
        kind,
        Outcome::Done,
        &ground.chance,
    )
    .of_agent(asks.id, &asks.machine.name);
    event.network.clone_from(&asks.network);
    event.detail = format!("with the key {}", key.hint);
    journal::append(tx, &event)?;
    let row = store::identity(tx, scope, asks.id)?;
    Ok(row.ok_or(Reason::ServerFault))
}

/// An older entry that seems to be the same machine: one that counts before one that does not any more, the newest of them.
fn earlier(tx: &mut Tx, scope: Organisation, asks: &Asks) -> db::Result<Option<AgentId>> {
    let marks = &asks.machine.marks;
    let entries = store::older(tx, scope, marks)?;
    let rank = |state| match state {
        State::Active | State::Cloned | State::Waiting => 2,
        State::Revoked => 1,
        State::Refused => 0,
    };
    let same = entries.into_iter().filter(|older| resembles(marks, &older.marks));
    Ok(same
        .max_by_key(|older| (rank(older.state), older.id))
        .map(|older| older.id))
}

/// A refusal with a key that is known: added up, and told at most once a minute.
fn refused(tx: &mut Tx, ground: &Ground, asks: &Asks, key: &PairingKey, reason: Reason) -> db::Result<Answered> {
    tx.lock(Lock::on("pairing-refusal", key.id.0.as_bytes()))?;
    let scope = Organisation(key.organisation);
    if store::count_refusal(tx, scope, key.id, (&asks.network, reason), asks.now)? {
        let stream = Stream::Organisation(key.organisation);
        let mut event = Event::new(
            stream,
            asks.now,
            EventKind::PairingRefused,
            Outcome::Stopped,
            &ground.chance,
        )
        .because(reason);
        event.network.clone_from(&asks.network);
        event.detail = format!("“{}” with the key {}", asks.machine.name, key.hint);
        journal::append(tx, &event)?;
    }
    Ok(Err(reason))
}

/// A key that nobody made: strangers make no events.
fn note_stranger(tx: &mut Tx, ground: &Ground, asks: &Asks) -> db::Result<()> {
    let signal = Signal {
        id: EventId::new(asks.now, &ground.chance).0,
        at: asks.now,
        kind: "pairing-refused".into(),
        key: asks.network.as_bytes().to_vec(),
        reason: Some(Reason::InstallationKeyUnknown),
        network: asks.network.clone(),
        detail: String::new(),
    };
    journal::note(tx, &signal)
}
