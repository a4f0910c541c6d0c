//! Agents are let in, refused and revoked. Must never happen: a decision that takes another one back; a use that is given back twice.
use super::{Acting, Undo, reached, settle};
use crate::{
    http::Agents,
    store::{self, Agent},
};
use agent_wire::State;
use ground::{Ask, Failure, db::Tx, journal};
use kernel::{Act, Action, AgentId, Event, EventKind, Reason};

/// Lets an agent in; with `replaces` in the place of an older entry of the same machine, whose name and site it takes.
pub(crate) async fn approve<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    id: AgentId,
    replaces: Option<AgentId>,
) -> Result<Result<(), Undo>, Failure> {
    settle(agents, ask, move |tx, acting| {
        let events = match replaces {
            None => let_in(tx, acting, id)?.into_iter().collect(),
            Some(older) => replace(tx, acting, id, older)?,
        };
        Ok(journal::append_all(tx, &events)?)
    })
    .await
}

/// Refuses an agent that waits.
pub(crate) async fn refuse<A: Act>(agents: &Agents, ask: &Ask<A>, id: AgentId) -> Result<Result<(), Undo>, Failure> {
    settle(agents, ask, move |tx, acting| {
        let event = turn_away(tx, acting, id)?;
        Ok(journal::append_all(tx, event.as_slice())?)
    })
    .await
}

/// Revokes an agent.
pub(crate) async fn revoke<A: Act>(agents: &Agents, ask: &Ask<A>, id: AgentId) -> Result<Result<(), Undo>, Failure> {
    settle(agents, ask, move |tx, acting| {
        let event = turn_out(tx, acting, id)?;
        Ok(journal::append_all(tx, event.as_slice())?)
    })
    .await
}

/// From one state to another, or the reason why not: somebody was faster.
fn turn(tx: &mut Tx, acting: &Acting<'_>, agent: &Agent, to: State, reason: Option<Reason>) -> Result<(), Undo> {
    let by = Some(acting.caller.person);
    if store::decide(
        tx,
        acting.organisation(),
        agent.id,
        agent.state,
        to,
        reason,
        by,
        acting.now,
    )? {
        Ok(())
    } else {
        Err(Undo::Refused(Reason::AgentDecided))
    }
}

/// A step of letting in. No event where it was let in before.
pub(super) fn let_in(tx: &mut Tx, acting: &Acting<'_>, id: AgentId) -> Result<Option<Event>, Undo> {
    let agent = reached(tx, acting, id, Action::PairAgents)?;
    match agent.state {
        State::Waiting => turn(tx, acting, &agent, State::Active, None)?,
        State::Active => return Ok(None),
        State::Refused | State::Revoked | State::Cloned => return Err(Undo::Refused(Reason::AgentDecided)),
    }
    Ok(Some(acting.told(EventKind::AgentApproved, &agent, "")))
}

fn replace(tx: &mut Tx, acting: &Acting<'_>, id: AgentId, older: AgentId) -> Result<Vec<Event>, Undo> {
    // INVARIANT: two agents are always held in the order of their ids.
    let (one, other) = if id < older { (id, older) } else { (older, id) };
    let (one, other) = (
        reached(tx, acting, one, Action::PairAgents)?,
        reached(tx, acting, other, Action::PairAgents)?,
    );
    let (new, old) = if one.id == id { (one, other) } else { (other, one) };
    // The older one is revoked by it, and that is a right of its own.
    let is_ended = matches!(old.state, State::Active | State::Cloned);
    if is_ended && !acting.may_at(Action::RevokeAgents, old.site) {
        return Err(Undo::Forbidden);
    }
    if new.successor_of != Some(old.id) {
        return Err(Undo::Refused(Reason::AgentNotOlder));
    }
    if new.state != State::Waiting {
        return Err(Undo::Refused(Reason::AgentDecided));
    }
    turn(tx, acting, &new, State::Active, None)?;
    store::rename(tx, acting.organisation(), new.id, &old.name, old.site)?;
    let mut events = vec![acting.told(EventKind::AgentApproved, &new, "")];
    match old.state {
        State::Active | State::Cloned => turn(tx, acting, &old, State::Revoked, Some(Reason::AgentReplaced))?,
        State::Waiting => return Err(Undo::Refused(Reason::AgentNotOlder)),
        State::Refused | State::Revoked => {}
    }
    events.push(acting.told(EventKind::AgentReplaced, &old, &format!("by {}", new.id)));
    Ok(events)
}

/// A step of refusing. No event where it was refused before.
pub(super) fn turn_away(tx: &mut Tx, acting: &Acting<'_>, id: AgentId) -> Result<Option<Event>, Undo> {
    let agent = reached(tx, acting, id, Action::PairAgents)?;
    match agent.state {
        State::Waiting => turn(tx, acting, &agent, State::Refused, Some(Reason::AgentIsRefused))?,
        State::Refused => return Ok(None),
        State::Active | State::Revoked | State::Cloned => return Err(Undo::Refused(Reason::AgentDecided)),
    }
    store::give_back(tx, acting.organisation(), agent.installation_key)?;
    Ok(Some(acting.told(EventKind::AgentRefused, &agent, "")))
}

/// A step of revoking. No event where it was revoked before.
pub(super) fn turn_out(tx: &mut Tx, acting: &Acting<'_>, id: AgentId) -> Result<Option<Event>, Undo> {
    let agent = reached(tx, acting, id, Action::RevokeAgents)?;
    match agent.state {
        State::Waiting | State::Active | State::Cloned => {
            turn(tx, acting, &agent, State::Revoked, Some(Reason::AgentIsRevoked))?;
        }
        State::Revoked => return Ok(None),
        State::Refused => return Err(Undo::Refused(Reason::AgentOver)),
    }
    if agent.state == State::Waiting {
        store::give_back(tx, acting.organisation(), agent.installation_key)?;
    }
    Ok(Some(acting.told(EventKind::AgentRevoked, &agent, "")))
}
