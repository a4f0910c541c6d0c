//! A person picks which of two machines keeps an identity. Must never happen: a pick between machines of which one has gone on meanwhile.
use super::{Undo, reached, settle};
use crate::{decide::ratchet::Keep, http::Agents, store};
use agent_wire::State;
use ground::{Ask, Failure, journal};
use kernel::{Act, Action, AgentId, EventKind, Reason};

/// Lets one of them go on; the other is refused when it comes.
pub(crate) async fn pick<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    id: AgentId,
    keep: Keep,
) -> Result<Result<(), Undo>, Failure> {
    settle(agents, ask, move |tx, acting| {
        let agent = reached(tx, acting, id, Action::PairAgents)?;
        let organisation = acting.organisation();
        if agent.state != State::Cloned || !store::pick(tx, organisation, id, keep)? {
            return Err(Undo::Refused(Reason::AgentNotCloned));
        }
        let by = Some(acting.caller.person);
        if !store::decide(tx, organisation, id, State::Cloned, State::Active, None, by, acting.now)? {
            return Err(Undo::Refused(Reason::AgentDecided));
        }
        Ok(journal::append(
            tx,
            &acting.told(EventKind::AgentPicked, &agent, keep.name()),
        )?)
    })
    .await
}
