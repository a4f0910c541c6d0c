//! What people do with agents and keys: the one way for pages and API. One transaction each; the event is its last step.
//! Must never happen: something done to an agent of a site that the caller's role does not reach; half of what several were to be done.
mod approve;
mod bulk;
mod change;
mod keys;
pub(crate) mod pair;
mod pick;

pub(crate) use approve::{approve, refuse, revoke};
pub(crate) use bulk::{Deed, bulk};
pub(crate) use change::{ask_rotation, change};
pub(crate) use keys::{Made, make_key, revoke_key};
pub(crate) use pick::pick;

use crate::{
    http::Agents,
    store::{self, Agent},
};
use axum::http::StatusCode;
use ground::{
    Ask, Caller, Failure, Ground,
    db::{self, Lock, Tx},
};
use kernel::{
    Act, Action, AgentId, Event, EventKind, FieldError, On, Organisation, Outcome, Reason, SiteId, Stream, Time,
};

/// Why nothing was done.
#[derive(Debug)]
pub(crate) enum Undo {
    /// It is not there, or not the caller's to see.
    Absent,
    /// The caller may see it and not do this.
    Forbidden,
    /// A rule does not allow it.
    Refused(Reason),
    /// Fields of what was sent are wrong.
    Fields(Vec<FieldError>),
    /// The store failed.
    Store(db::Error),
}

impl From<db::Error> for Undo {
    fn from(error: db::Error) -> Self {
        Self::Store(error)
    }
}

/// What was refused, as a problem.
pub(crate) fn failure<A: Act>(ask: &Ask<A>, undo: Undo) -> Failure {
    match undo {
        Undo::Absent => ask.not_found(),
        Undo::Forbidden => ask.failure(StatusCode::FORBIDDEN, Reason::AccessElsewhere),
        Undo::Refused(reason) => ask.failure(StatusCode::CONFLICT, reason),
        Undo::Fields(errors) => ask
            .failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::RequestRefused)
            .with_errors(errors),
        Undo::Store(error) => Failure::store(&ask.visitor, &error),
    }
}

/// Who acts, on what ground, when.
#[derive(Clone, Copy)]
pub(crate) struct Acting<'a> {
    pub ground: &'a Ground,
    pub caller: &'a Caller,
    pub now: Time,
}

impl Acting<'_> {
    /// Where.
    pub(crate) fn organisation(&self) -> Organisation {
        Organisation(self.caller.organisation)
    }
    /// Whether this may be done at a site.
    pub(crate) fn may_at(&self, action: Action, site: SiteId) -> bool {
        self.caller.may_on(action, On::Site(site))
    }
    /// An event of what the caller did; about no person.
    pub(crate) fn event(&self, kind: EventKind, detail: &str) -> Event {
        let stream = Stream::Organisation(self.caller.organisation);
        let mut event = Event::new(stream, self.now, kind, Outcome::Done, &self.ground.chance).from(
            self.caller.device,
            &self.caller.device_label,
            &self.caller.network,
        );
        event.actor = Some(self.caller.person);
        detail.clone_into(&mut event.detail);
        event
    }
    /// The same, about an agent.
    pub(crate) fn told(&self, kind: EventKind, agent: &Agent, detail: &str) -> Event {
        self.event(kind, detail).of_agent(agent.id, &agent.name)
    }
}

/// Lets the caller in and does it, wholly or not at all; pages that show agents hear of it.
pub(crate) async fn settle<A: Act, T: Send + 'static>(
    agents: &Agents,
    ask: &Ask<A>,
    work: impl Fn(&mut Tx, &Acting<'_>) -> Result<T, Undo> + Send + 'static,
) -> Result<Result<T, Undo>, Failure> {
    let ground = agents.house.ground.clone();
    let (permit, done) = agents
        .house
        .write(ask, None, move |tx, permit| {
            let acting = Acting {
                ground: &ground,
                caller: permit.caller(),
                now: permit.now(),
            };
            match tx.attempt(|tx| work(tx, &acting)) {
                Err(Undo::Store(error)) => Err(error),
                done => Ok(done),
            }
        })
        .await?;
    match &done {
        Ok(_) => agents.live.ring(),
        Err(Undo::Forbidden) => {
            // The log keeps who tried; the answer is given where it was tried.
            let reason = Reason::AccessElsewhere;
            drop(agents.house.forbid(ask, &permit, reason, reason.admin()).await);
        }
        Err(_) => {}
    }
    Ok(done)
}

/// An agent that the caller may do this with, held until the commit.
pub(crate) fn reached(tx: &mut Tx, acting: &Acting<'_>, id: AgentId, action: Action) -> Result<Agent, Undo> {
    tx.lock(Lock::on("agent", id.0.as_bytes()))?;
    let agent = store::agent(tx, acting.organisation(), id)?.ok_or(Undo::Absent)?;
    if acting.may_at(action, agent.site) {
        Ok(agent)
    } else if acting.may_at(Action::SeeAgents, agent.site) {
        Err(Undo::Forbidden)
    } else {
        Err(Undo::Absent)
    }
}
