//! `heartbeat`: an agent is there, and how its machine is. Must never happen: a heartbeat that makes a transaction of its own.
use crate::{
    beats::Beat,
    decide::ratchet::proves,
    gate,
    http::Agents,
    identity::Caller,
    proof::Call,
    protocol::{Came, HEARTBEAT, answer, refuse, token},
};
use agent_wire::{Ask, HeartbeatAnswer, HeartbeatRequest, Inventory};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{Failure, Visitor, form::Json};
use kernel::{Reason, Span, Time};

/// Seen within so long, an agent is online: two heartbeats with their jitter.
pub(crate) const ONLINE_FOR: Span = Span::seconds(130);
/// The longest inventory, bytes of JSON.
const LONGEST: usize = 16 * 1024;
/// The longest hash of one, characters.
const LONGEST_HASH: usize = 64;

/// POST `heartbeat`.
pub(crate) async fn beat(State(agents): State<Agents>, visitor: Visitor, body: Json<HeartbeatRequest>) -> Response {
    let asked = beaten(&agents, &visitor, body).await;
    answer(asked.map(|ask| match ask {
        Some(ask) => axum::Json(HeartbeatAnswer { ask }).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }))
}

async fn beaten(agents: &Agents, visitor: &Visitor, body: Json<HeartbeatRequest>) -> Result<Option<Ask>, Failure> {
    let came = Came::of(visitor)?;
    let (caller, judged) = agents.by_token(visitor, &came, Call::post(HEARTBEAT)).await?;
    let Caller {
        row,
        token,
        proved,
        place,
    } = caller;
    if let Err(reason) = judged {
        return Err(agents.stop(visitor, &row, reason).await);
    }
    let doubt = row.doubt();
    if proves(&doubt, token.place, proved.signed_at) {
        return Err(token::two_machines(agents, visitor, &row, doubt.newest).await);
    }
    drop(place);
    let now = agents.house.ground.now();
    let HeartbeatRequest {
        clock_millis,
        inventory_hash,
        inventory,
    } = body.open()?;
    if inventory_hash.len() > LONGEST_HASH {
        return Err(refuse(visitor, Reason::RequestMalformed));
    }
    let ask = wanted(
        row.inventory_hash.as_deref(),
        &inventory_hash,
        inventory.is_some(),
        row.is_to_rotate,
    );
    let beat = Beat {
        at: now,
        network: visitor.network(),
        version: came.version,
        clock_millis: clock_millis.map(|millis| millis.clamp(-A_YEAR, A_YEAR)),
        inventory: inventory.and_then(|inventory| text(inventory, inventory_hash)),
        is_back: is_back(row.seen_at, now),
    };
    if agents.identity.beats.take((row.organisation, row.id), beat) {
        Ok(ask)
    } else {
        Err(gate::busy(visitor))
    }
}

/// In milliseconds: no clock is further off, whatever it says.
const A_YEAR: i64 = 365 * 86_400_000;

fn is_back(seen_at: Option<Time>, now: Time) -> bool {
    seen_at.is_none_or(|at| now - at > ONLINE_FOR)
}

/// The inventory as it is kept, with its hash.
fn text(inventory: Inventory, hash: String) -> Option<(String, String)> {
    let text = serde_json::to_string(&inventory.tidied()).ok()?;
    (text.len() <= LONGEST).then_some((text, hash))
}

/// What is asked of an agent: first that its key changes, then its inventory, where another one is known here.
fn wanted(known: Option<&str>, said: &str, is_told: bool, is_to_rotate: bool) -> Option<Ask> {
    if is_to_rotate {
        return Some(Ask::Rotate);
    }
    let is_wanted = !is_told && (known != Some(said) || said.is_empty());
    is_wanted.then_some(Ask::Inventory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_is_asked_for_where_another_one_is_known() {
        for (known, said, is_told, wants) in [
            (None, "a", false, true),
            (None, "a", true, false),
            (Some("a"), "a", false, false),
            (Some("a"), "b", false, true),
            (Some("a"), "b", true, false),
            (Some(""), "", false, true),
        ] {
            assert_eq!(
                wanted(known, said, is_told, false),
                wants.then_some(Ask::Inventory),
                "{known:?} {said} {is_told}"
            );
        }
        assert_eq!(wanted(Some("a"), "b", false, true), Some(Ask::Rotate));
    }
}
