//! Tells a page that its list has changed (server-sent events): the page reads it again. Must never happen: a stream for somebody who has lost the right
//! to see agents since it began: each look lets the reader in anew.
use super::list::{self, Listing};
use crate::http::Agents;
use axum::{extract::State, response::Response};
use ground::{Ask, Failure, form::Query};
use kernel::{Reason, Span, act};
use std::sync::Arc;

/// GET `/app/agents/events`, with the list's own filters: a message where something of that list is another than before.
pub(super) async fn stream(
    State(agents): State<Agents>,
    ask: Ask<act::SeeAgents>,
    asked: Result<Query<Listing>, Failure>,
) -> Result<Response, Failure> {
    let permit = agents.house.admit(&ask).await?;
    let Query(asked) = asked?;
    // What cannot be read is told at once, not by a stream that ends.
    list::seen(&agents, &ask, &asked).await?;
    let (who, visitor) = (permit.caller().person.0, ask.visitor.clone());
    let (state, ask, asked) = (agents.clone(), Arc::new(ask), Arc::new(asked));
    let stream = agents.live.open(who, move || {
        let (state, ask, asked) = (state.clone(), ask.clone(), asked.clone());
        async move { Some(list::seen(&state, &ask, &asked).await.ok()?.1.digest()) }
    });
    stream.ok_or_else(|| Failure::busy(&visitor, Reason::ServerBusy, Span::seconds(30)))
}
