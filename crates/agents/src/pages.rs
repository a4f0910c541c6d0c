//! The pages about agents, installation keys and pairing: what is shown, and the buttons on them, each of which leads back to a page that says what
//! came of it. Must never happen: an agent or key of a site that the reader may not see; a button that does what its reader may not.
mod acts;
mod code;
mod keys;
mod list;
mod live;
mod one;
mod pairing;

use crate::http::Agents;
use ground::{Ask, Failure, Guard, Permit, Routes, form::Path};
use kernel::{Act, Action, Freshness, On, SiteId};
use std::str::FromStr;

/// The routes of the pages.
pub(crate) fn routes() -> Routes<Agents> {
    let see = Guard::Person(Action::SeeAgents);
    let pair = Guard::Fresh(Action::PairAgents, Freshness::Factor);
    let revoke = Guard::Fresh(Action::RevokeAgents, Freshness::Factor);
    let (keys, make) = (
        Guard::Person(Action::MakeKeys),
        Guard::Fresh(Action::MakeKeys, Freshness::Factor),
    );
    Routes::new()
        .get("/app/agents", see, list::show)
        .get("/app/agents/events", see, live::stream)
        .post("/app/agents/bulk", pair, acts::decide_many)
        .post("/app/agents/revoke", revoke, acts::revoke_many)
        .get("/app/agents/pair", Guard::Person(Action::PairAgents), pairing::show)
        .post(
            "/app/agents/words",
            Guard::Person(Action::ChangeSettings),
            pairing::save_words,
        )
        .get("/app/agents/{id}", see, one::show)
        .post("/app/agents/{id}/approve", pair, acts::approve)
        .post("/app/agents/{id}/refuse", pair, acts::refuse)
        .post("/app/agents/{id}/revoke", revoke, acts::revoke)
        .post("/app/agents/{id}/rotate", pair, acts::rotate)
        .post("/app/agents/{id}/pick", pair, acts::pick)
        .post("/app/agents/{id}/change", pair, one::change)
        .get("/app/keys", keys, keys::show)
        .post("/app/keys", make, keys::make)
        .get("/app/keys/{id}", keys, keys::one)
        .post("/app/keys/{id}/revoke", make, keys::revoke)
        .get("/pair", Guard::Person(Action::PairAgents), code::show)
        .post("/pair", pair, code::decide)
}

/// What a part of the path names. What is no id is not there; a stranger hears of the door first.
async fn named<A: Act, I: FromStr>(
    agents: &Agents,
    ask: &Ask<A>,
    id: Result<Path<String>, Failure>,
) -> Result<I, Failure> {
    let id = id.ok().and_then(|Path(id)| id.parse().ok());
    let Some(id) = id else {
        agents.house.admit(ask).await?;
        return Err(ask.not_found());
    };
    Ok(id)
}

/// What the reader may do with agents of a site.
fn may_at<A: Act>(permit: &Permit<A>, site: SiteId) -> crate::page::May {
    crate::page::May {
        pair: permit.may_on(Action::PairAgents, On::Site(site)),
        revoke: permit.may_on(Action::RevokeAgents, On::Site(site)),
        make_keys: permit.may_on(Action::MakeKeys, On::Site(site)),
    }
}
