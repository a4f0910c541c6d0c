//! `unpair`: an agent gives its identity back. Must never happen: an agent ended by anybody but itself here; a use given back twice.
use crate::{
    http::Agents,
    identity::{self, Caller, Known},
    proof::Call,
    protocol::{Came, UNPAIR, answer, refuse},
    store::{self, Identity as Row},
};
use agent_wire::State as Standing;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use ground::{
    Failure, Visitor,
    db::{self, Tx},
    journal,
};
use kernel::{Event, EventKind, Organisation, Outcome, Reason, Stream};

/// POST `unpair`. What is sent with it is not looked at.
pub(crate) async fn unpair(State(agents): State<Agents>, visitor: Visitor) -> Response {
    let done = unpaired(&agents, &visitor).await;
    answer(done.map(|()| StatusCode::NO_CONTENT.into_response()))
}

async fn unpaired(agents: &Agents, visitor: &Visitor) -> Result<(), Failure> {
    let came = Came::of(visitor)?;
    let call = Call::post(UNPAIR);
    if came.token.is_none() {
        // One that was never let in has no token, and one that is out needs none.
        let Known { row, place: _taken, .. } = agents.by_key(visitor, &came, call).await?;
        return match row.state {
            Standing::Waiting => end(agents, visitor, &row).await,
            Standing::Refused | Standing::Revoked => Ok(()),
            Standing::Active => Err(refuse(visitor, Reason::AgentTokenMissing)),
            Standing::Cloned => Err(refuse(visitor, Reason::AgentIsCloned)),
        };
    }
    let (caller, judged) = agents.by_token(visitor, &came, call).await?;
    let Caller { row, place: _taken, .. } = caller;
    match judged {
        Ok(()) => end(agents, visitor, &row).await,
        // The answer was lost, and it comes again.
        Err(Reason::AgentIsUnpaired) => Ok(()),
        Err(reason) => Err(agents.stop(visitor, &row, reason).await),
    }
}

async fn end(agents: &Agents, visitor: &Visitor, row: &Row) -> Result<(), Failure> {
    let ground = &agents.house.ground;
    let (organisation, agent, from, key, now) = (
        Organisation(row.organisation),
        row.id,
        row.state,
        row.installation_key,
        ground.now(),
    );
    let mut event = Event::new(
        Stream::Organisation(row.organisation),
        now,
        EventKind::AgentUnpaired,
        Outcome::Done,
        &ground.chance,
    )
    .of_agent(row.id, &row.name);
    event.network = visitor.network();
    let step = move |tx: &mut Tx| {
        if !store::end_agent(
            tx,
            organisation,
            agent,
            (from, Standing::Revoked),
            Reason::AgentIsUnpaired,
            now,
        )? {
            return Ok(store::identity(tx, organisation, agent)?.and_then(|row| identity::standing(&row).err()));
        }
        if from == Standing::Waiting {
            store::give_back(tx, organisation, key)?;
        }
        journal::append(tx, &event)?;
        Ok::<_, db::Error>(None)
    };
    match ground.store.write(step).await {
        Ok(None | Some(Reason::AgentIsUnpaired)) => {
            agents.live.ring();
            Ok(())
        }
        Ok(Some(reason)) => Err(refuse(visitor, reason)),
        Err(error) => Err(Failure::store(visitor, &error)),
    }
}
