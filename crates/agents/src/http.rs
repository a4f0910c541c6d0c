//! The routes of agents and of the keys that they are paired with, and the state that all of them share.
use crate::{api, figures::Remembered, identity::Identity, pages, pair, protocol, rollout};
use devices::Live;
use ground::{Guard, House, Routes};
use kernel::{Action, Freshness};

/// The state of these routes.
#[derive(Clone)]
pub struct Agents {
    pub(crate) house: House,
    pub(crate) live: Live,
    pub(crate) remembered: Remembered,
    pub(crate) identity: Identity,
}

impl Agents {
    /// On the house. `live`: rings where a page that is open has something new to show.
    pub fn new(house: House, live: Live) -> Self {
        let bell = live.clone();
        let identity = Identity::new(&house.ground, move || bell.ring());
        Self {
            house,
            live,
            remembered: Remembered::default(),
            identity,
        }
    }
}

/// The routes.
pub fn routes(agents: Agents) -> Routes {
    let fetched = rollout::routes(&agents);
    Routes::new()
        .merge(pages::routes())
        .merge(api_routes())
        .merge(protocol_routes())
        .with_state(agents)
        .merge(fetched)
}

/// For programs of people.
fn api_routes() -> Routes<Agents> {
    let see = Guard::Person(Action::SeeAgents);
    let let_in = Guard::Fresh(Action::PairAgents, Freshness::Factor);
    let turn_out = Guard::Fresh(Action::RevokeAgents, Freshness::Factor);
    let (keys, make) = (
        Guard::Person(Action::MakeKeys),
        Guard::Fresh(Action::MakeKeys, Freshness::Factor),
    );
    Routes::new()
        .get("/api/v1/installation-keys", keys, api::keys::list)
        .post("/api/v1/installation-keys", make, api::keys::make)
        .delete("/api/v1/installation-keys/{id}", make, api::keys::revoke)
        .get("/api/v1/installation-keys/{id}/refusals", keys, api::keys::refusals)
        .get("/api/v1/agents", see, api::agents::list)
        .get("/api/v1/agents/{id}", see, api::agents::one)
        .patch("/api/v1/agents/{id}", let_in, api::agents::change)
        .post("/api/v1/agents/{id}/approve", let_in, api::acts::approve)
        .post("/api/v1/agents/{id}/refuse", let_in, api::acts::refuse)
        .post("/api/v1/agents/{id}/revoke", turn_out, api::acts::revoke)
        .post("/api/v1/agents/{id}/rotate", let_in, api::acts::rotate)
        .post("/api/v1/agents/{id}/pick", let_in, api::acts::pick)
        .post(
            "/api/v1/agents/bulk",
            Guard::Fresh(Action::SeeAgents, Freshness::Factor),
            api::acts::bulk,
        )
}

/// For agents, each of which proves its own key.
fn protocol_routes() -> Routes<Agents> {
    Routes::new()
        .post("/api/v1/agents/pair", Guard::Agent("agents.pair"), pair::pair)
        .merge(protocol::routes())
}
