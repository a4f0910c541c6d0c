//! Whose call it is: key, token, organisation and state, looked at with every call, so that what was revoked a moment ago is refused now.
//! For the routes of agents. Must never happen: a call let in by what was remembered; a token of one agent under the key of another.
use crate::{
    beats::Beats,
    decide::ratchet::Place,
    gate::{self, Gate},
    http::Agents,
    once::Once,
    proof::{self, Call, Proved},
    protocol::{Came, refuse},
    stops::{Stopped, Stops},
    store::{self, Identity as Row},
    sweep,
    token::Token,
};
use agent_wire::State;
use ground::{
    Failure, Ground, Visitor,
    db::{self, View},
};
use kernel::{Deployment, Organisation, Reason, Time};
use std::sync::Arc;

/// What one node remembers of agents' calls.
#[derive(Clone)]
pub(crate) struct Identity {
    /// How many are served at once.
    pub gate: Gate,
    /// Which proofs were seen.
    pub once: Arc<Once>,
    /// Heartbeats on their way to the store.
    pub beats: Beats,
    /// Refusals on their way into the log.
    pub stops: Arc<Stops>,
    /// When this node began to listen to agents.
    pub began_at: Time,
}

impl Identity {
    /// Nothing yet. `back`: is called where an agent has come online.
    pub(crate) fn new(ground: &Ground, back: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            gate: Gate::default(),
            once: Arc::default(),
            beats: Beats::new(ground, back),
            stops: Arc::default(),
            began_at: ground.now(),
        }
    }
}

/// An agent that is let in.
pub(crate) struct Caller {
    /// What the store has of it.
    pub row: Row,
    /// Its token.
    pub token: Token,
    /// Its proof.
    pub proved: Proved,
    /// The place that it takes.
    pub place: gate::Place,
}

/// An agent that proved its key alone.
pub(crate) struct Known {
    /// What the store has of it.
    pub row: Row,
    /// Its proof.
    pub proved: Proved,
    /// The place that it takes.
    pub place: gate::Place,
}

impl Agents {
    /// Lets an agent in that brings a token and proves that it is its own. Nothing is said of its state yet: [`judge`].
    pub(crate) async fn by_token(
        &self,
        visitor: &Visitor,
        came: &Came,
        call: Call,
    ) -> Result<(Caller, Result<(), Reason>), Failure> {
        let ground = &self.house.ground;
        let no = |reason| refuse(visitor, reason);
        let text = came.token.as_deref().ok_or_else(|| no(Reason::AgentTokenMissing))?;
        let token = Token::open(&ground.keys, text).ok_or_else(|| no(Reason::AgentTokenOver))?;
        let proved = proof::call(ground, call, &came.proof, Some(text)).map_err(no)?;
        if ground.now() >= token.ends_at {
            return Err(no(Reason::AgentTokenOver));
        }
        let place = self.identity.gate.enter(visitor).await?;
        let (organisation, agent, network) = (Organisation(token.organisation), token.agent, visitor.network());
        let read = ground.store.read(move |view| {
            let row = store::identity(view, organisation, agent)?;
            let is_shut = is_shut(view, organisation, &network)?;
            Ok::<_, db::Error>(row.map(|row| (row, is_shut)))
        });
        let found = read.await.map_err(|error| Failure::store(visitor, &error))?;
        let (row, is_shut) = found.ok_or_else(|| no(Reason::AgentUnknown))?;
        if proved.thumbprint != token.thumbprint {
            // Somebody else's token: worth a line in the log of whom it was taken from.
            return Err(self.stop(visitor, &row, Reason::AgentTokenOther).await);
        }
        self.identity.once.take(agent, &proved.jti, ground.now()).map_err(no)?;
        let judged = is_shut.map_or_else(|| judge(&row, &token), Err);
        Ok((
            Caller {
                row,
                token,
                proved,
                place,
            },
            judged,
        ))
    }

    /// Lets an agent in that proves its key and has no token.
    pub(crate) async fn by_key(&self, visitor: &Visitor, came: &Came, call: Call) -> Result<Known, Failure> {
        let ground = &self.house.ground;
        let no = |reason| refuse(visitor, reason);
        let proved = proof::call(ground, call, &came.proof, None).map_err(no)?;
        let place = self.identity.gate.enter(visitor).await?;
        let (thumbprint, network) = (proved.thumbprint, visitor.network());
        let read = ground.store.read(move |view| {
            let Some(row) = store::identity_by_key(view, Deployment, &thumbprint)? else {
                return Ok(None);
            };
            let is_shut = is_shut(view, Organisation(row.organisation), &network)?;
            Ok::<_, db::Error>(Some((row, is_shut)))
        });
        let found = read.await.map_err(|error| Failure::store(visitor, &error))?;
        let (row, is_shut) = found.ok_or_else(|| no(Reason::AgentUnknown))?;
        self.identity.once.take(row.id, &proved.jti, ground.now()).map_err(no)?;
        match is_shut {
            Some(reason) => Err(self.stop(visitor, &row, reason).await),
            None => Ok(Known { row, proved, place }),
        }
    }

    /// Refuses a call, and tells it in the log of the agent's organisation.
    pub(crate) async fn stop(&self, visitor: &Visitor, row: &Row, reason: Reason) -> Failure {
        if is_told(reason) {
            let stopped = Stopped {
                organisation: row.organisation,
                agent: row.id,
                name: row.name.clone(),
                reason,
                network: visitor.network(),
            };
            self.identity.stops.note(&self.house.ground, stopped).await;
        }
        refuse(visitor, reason)
    }

    /// What is done once a minute without being asked.
    pub async fn sweep(&self) -> db::Result<()> {
        sweep::sweep(self).await
    }
    /// Writes the heartbeats that wait. The program does it once more when it stops.
    pub async fn flush(&self) {
        self.identity.beats.flush().await;
    }
}

/// What an agent does every day is no event: to wait, to ask for a new token.
const fn is_told(reason: Reason) -> bool {
    !matches!(
        reason,
        Reason::AgentIsWaiting | Reason::AgentTokenOver | Reason::AgentInDoubt
    )
}

/// Why nobody of this organisation, or from this network, is let in.
pub(crate) fn is_shut(view: &mut View, organisation: Organisation, network: &str) -> db::Result<Option<Reason>> {
    let standing = organisations::standing(view, organisation)?;
    Ok(match standing {
        None => Some(Reason::OrganisationShut),
        Some(standing) if !standing.policies.networks.lets_agent_in(network) => Some(Reason::AgentNetwork),
        Some(_) => None,
    })
}

/// Whether an agent with this token may go on.
fn judge(row: &Row, token: &Token) -> Result<(), Reason> {
    standing(row)?;
    if row.thumbprint != token.thumbprint {
        return Err(Reason::AgentTokenOver);
    }
    let Place { anchoring, step } = token.place;
    // Of an anchoring before, or from a time that a server forgot that was put back: the next token tells who goes on.
    let is_present = anchoring == row.newest.anchoring && step <= row.newest.step && !row.is_picked();
    if is_present {
        Ok(())
    } else {
        Err(Reason::AgentTokenOver)
    }
}

/// Whether an agent is let in, or why not.
pub(crate) fn standing(row: &Row) -> Result<(), Reason> {
    match row.state {
        State::Active => Ok(()),
        State::Waiting => Err(Reason::AgentIsWaiting),
        State::Refused => Err(row.reason.unwrap_or(Reason::AgentIsRefused)),
        State::Revoked => Err(row.reason.unwrap_or(Reason::AgentIsRevoked)),
        State::Cloned => Err(Reason::AgentIsCloned),
    }
}
