//! Name and site of an agent, and the wish that it changes its key pair. Must never happen: an agent that is moved to a site that the caller's role
//! does not reach.
use super::{Undo, reached, settle};
use crate::{http::Agents, store};
use agent_wire::State;
use ground::{Ask, Failure, journal};
use kernel::{Act, Action, AgentId, EventKind, FieldError, Reason, SiteId};

/// Changes what is given.
pub(crate) async fn change<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    id: AgentId,
    name: Option<String>,
    site: Option<SiteId>,
) -> Result<Result<(), Undo>, Failure> {
    settle(agents, ask, move |tx, acting| {
        let agent = reached(tx, acting, id, Action::PairAgents)?;
        let wanted = name.as_deref().unwrap_or(&agent.name);
        let name = organisations::check_name("name", wanted, Reason::NameInvalid)
            .map_err(|error| Undo::Fields(vec![error]))?;
        let site = site.unwrap_or(agent.site);
        if site != agent.site {
            let is_there = organisations::has_site(tx, acting.organisation(), site)?;
            if !is_there || !acting.may_at(Action::PairAgents, site) {
                return Err(Undo::Fields(vec![FieldError::new("site_id", Reason::AgentSiteUnknown)]));
            }
        }
        let changed = [(name != agent.name, "name"), (site != agent.site, "site")];
        let words: Vec<&str> = changed
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| word)
            .collect();
        if words.is_empty() {
            return Ok(());
        }
        store::rename(tx, acting.organisation(), id, &name, site)?;
        Ok(journal::append(
            tx,
            &acting.told(EventKind::AgentChanged, &agent, &words.join(" and ")),
        )?)
    })
    .await
}

/// Asks the agent to change its key pair with its next heartbeat.
pub(crate) async fn ask_rotation<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    id: AgentId,
) -> Result<Result<(), Undo>, Failure> {
    settle(agents, ask, move |tx, acting| {
        let agent = reached(tx, acting, id, Action::PairAgents)?;
        if agent.state != State::Active || !store::ask_rotation(tx, acting.organisation(), id, acting.now)? {
            return Err(Undo::Refused(Reason::AgentOver));
        }
        Ok(journal::append(
            tx,
            &acting.told(EventKind::AgentRotationAsked, &agent, ""),
        )?)
    })
    .await
}
