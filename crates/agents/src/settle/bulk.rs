//! One deed for many agents at once: all of it, or nothing. Must never happen: a part of it done where one of them is not the caller's to see.
use super::{Undo, approve, settle};
use crate::http::Agents;
use ground::{Ask, Failure, journal};
use kernel::{Act, AgentId, Reason};

/// Agents of one call.
const MOST: usize = 200;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Let in.
    Approve,
    /// Refuse.
    Refuse,
    /// Revoke.
    Revoke,
}

impl Deed {
    /// From the word in the API.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "approve" => Some(Self::Approve),
            "refuse" => Some(Self::Refuse),
            "revoke" => Some(Self::Revoke),
            _ => None,
        }
    }
}

/// Does it with each of them.
pub(crate) async fn bulk<A: Act>(
    agents: &Agents,
    ask: &Ask<A>,
    mut ids: Vec<AgentId>,
    deed: Deed,
) -> Result<Result<(), Undo>, Failure> {
    // In one order for all, so that two calls at once cannot wait for each other.
    ids.sort_unstable();
    ids.dedup();
    settle(agents, ask, move |tx, acting| {
        if ids.is_empty() || ids.len() > MOST {
            return Err(Undo::Refused(Reason::AgentsTooMany));
        }
        let mut events = Vec::new();
        for id in &ids {
            let step = match deed {
                Deed::Approve => approve::let_in,
                Deed::Refuse => approve::turn_away,
                Deed::Revoke => approve::turn_out,
            };
            events.extend(step(tx, acting, *id)?);
        }
        Ok(journal::append_all(tx, &events)?)
    })
    .await
}
