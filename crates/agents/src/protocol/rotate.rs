//! `rotate`: the old key signs the new one. Must never happen: a key changed by whoever does not hold both; an agent lost with a lost answer.
use crate::{
    http::Agents,
    identity::Caller,
    proof::{self, Call},
    protocol::{Came, ROTATE, answer, refuse},
    store,
};
use agent_wire::{RotateRequest, State as Standing};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    Failure, Visitor,
    db::{self, Tx},
    form::Json,
    journal,
};
use kernel::{Deployment, Event, EventKind, Organisation, Outcome, Reason, Stream};

/// POST `rotate`.
pub(crate) async fn rotate(State(agents): State<Agents>, visitor: Visitor, body: Json<RotateRequest>) -> Response {
    let done = rotated(&agents, &visitor, body).await;
    answer(done.map(|()| StatusCode::NO_CONTENT.into_response()))
}

async fn rotated(agents: &Agents, visitor: &Visitor, body: Json<RotateRequest>) -> Result<(), Failure> {
    let ground = &agents.house.ground;
    let came = Came::of(visitor)?;
    let (caller, judged) = agents.by_token(visitor, &came, Call::post(ROTATE)).await?;
    let Caller {
        row,
        token,
        proved,
        place: _taken,
    } = caller;
    let request = body.open()?;
    let new = request.public_key.thumbprint();
    // The same change again, after an answer that was lost: the old key's last word.
    let is_repeat =
        row.thumbprint == new && row.former_thumbprint == Some(token.thumbprint) && row.state == Standing::Active;
    match judged {
        Err(Reason::AgentTokenOver) if is_repeat => {}
        Err(reason) => return Err(agents.stop(visitor, &row, reason).await),
        Ok(()) => {}
    }
    let (old, by_old) = (&proved.key, request.by_old.as_str());
    let signed = proof::rotation(ground, row.id, (old, by_old), (&request.public_key, &request.by_new));
    if let Err(reason) = signed {
        return Err(agents.stop(visitor, &row, reason).await);
    }
    if is_repeat {
        return Ok(());
    }
    let key = request
        .public_key
        .bytes()
        .ok_or_else(|| refuse(visitor, Reason::AgentProofWrong))?;
    let (organisation, agent, from, now) = (Organisation(row.organisation), row.id, token.thumbprint, ground.now());
    let stream = Stream::Organisation(row.organisation);
    let event = Event::new(stream, now, EventKind::AgentRotated, Outcome::Done, &ground.chance);
    let mut event = event.of_agent(row.id, &row.name);
    event.network = visitor.network();
    let step = move |tx: &mut Tx| {
        if store::is_key_taken(tx, Deployment, &new)? {
            return Ok(Some(Reason::AgentKeyTaken));
        }
        // Two that come with one new key at once: the index tells the second.
        let changed = tx.attempt(|tx| store::change_key(tx, organisation, agent, &from, (&key, &new), now));
        match changed {
            Err(error) if error.is_broken("agent_thumbprint") => return Ok(Some(Reason::AgentKeyTaken)),
            Err(error) => return Err(error),
            Ok(false) => return Ok(Some(Reason::AgentTokenOver)),
            Ok(true) => {}
        }
        journal::append(tx, &event)?;
        Ok::<_, db::Error>(None)
    };
    match ground.store.write(step).await {
        Ok(None) => Ok(()),
        Ok(Some(reason)) => Err(refuse(visitor, reason)),
        Err(error) => Err(Failure::store(visitor, &error)),
    }
}
