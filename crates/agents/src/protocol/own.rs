//! `self`: where an agent stands, for one that proves its key alone. Must never happen: a state told to anybody but the holder of its key.
use crate::{
    http::Agents,
    identity::{self, Known},
    pair,
    proof::Call,
    protocol::{Came, LOOK_EVERY, OWN, answer},
};
use agent_wire::{SelfAnswer, State as Standing};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use ground::{Failure, Visitor};
use kernel::Reason;

/// GET `self`.
pub(crate) async fn show(State(agents): State<Agents>, visitor: Visitor) -> Response {
    let shown = shown(&agents, &visitor).await;
    answer(shown.map(|shown| Json(shown).into_response()))
}

async fn shown(agents: &Agents, visitor: &Visitor) -> Result<SelfAnswer, Failure> {
    let came = Came::of(visitor)?;
    let Known { row, place, .. } = agents.by_key(visitor, &came, Call::get(OWN)).await?;
    let ground = &agents.house.ground;
    let reason = identity::standing(&row).err();
    let (user_code, verification_uri) = if row.state == Standing::Waiting {
        let code = pair::user_code(ground, &row, visitor).await?;
        (Some(code), Some(ground.config.public_url.join("/pair")))
    } else {
        (None, None)
    };
    drop(place);
    Ok(SelfAnswer {
        agent_id: row.id.0,
        name: row.name,
        state: row.state,
        reason: reason.map(|reason| reason.id().to_owned()),
        detail: reason.map(words),
        user_code,
        verification_uri,
        interval: LOOK_EVERY,
        time: ground.now().seconds(),
    })
}

/// A reason in words for whoever looks after the machine.
fn words(reason: Reason) -> String {
    format!("{} {}", reason.person(), reason.next()).trim_end().to_owned()
}
