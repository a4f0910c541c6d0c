//! The wiring: every capability with its state, the list of all routes, and the router with what stands before each request.
//! The only place that knows them all.
use crate::{health, home, janitor, middleware, openapi, pages, server, start};
use anyhow::{Context as _, Result};
use axum::{Extension, Router};
use devices::Live;
use factors::{Cost, Pool, Setting};
use ground::{
    Ground, House, RouteInfo, Routes,
    config::Config,
    delivery::{self, Postman},
    journal, page,
};
use kernel::{Chance, Clock, Event, EventKind, Outcome, Stream};
use roles::Rules;
use std::{net::TcpListener, sync::Arc, time::Duration};

/// How long the end of the server waits for messages in hand.
const POSTMAN_ENDS_WITHIN: Duration = Duration::from_secs(15);

/// The product, wired.
#[derive(Clone)]
pub struct App {
    ground: Ground,
    pool: Pool,
    router: Router,
    routes: Arc<[RouteInfo]>,
    live: Live,
    courier: activity::Courier,
    agents: agents::Agents,
}

/// What only tests and benches set.
#[derive(Debug, Clone, Copy)]
pub struct Build {
    /// The cost of a password's hash.
    pub cost: Cost,
    /// Keep a list of the statements that were run.
    pub record: bool,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            cost: Cost::OWASP,
            record: false,
        }
    }
}

impl App {
    /// Opens the store, migrates, opens the keys, wires everything. Prints nothing, serves nothing.
    pub async fn build(config: Config, clock: Clock, chance: Chance, build: Build) -> Result<Self> {
        let ground = start::open_ground(config, clock, chance, build.record).await?;
        Self::on(ground, build.cost).await
    }

    /// Wires everything on a ground that is open.
    pub async fn on(ground: Ground, cost: Cost) -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let slowest = ground
            .store
            .read(factors::store::slowest_cost)
            .await
            .context("the passwords of the store could not be looked at")?;
        let setting = Setting {
            cost,
            ..Setting::for_cores(cores)
        };
        let pool = Pool::start(setting, ground.keys.clone(), ground.chance.clone(), slowest)
            .context("the hashing threads did not start")?;
        let live = Live::new();
        let courier = activity::Courier::new(&ground);
        let house = house(&ground);
        let agents = agents::Agents::new(house.0.clone(), live.clone());
        let routes = routes(house, &agents, &pool, &live, &courier)?;
        let (router, list) = routes.into_parts();
        let router = middleware::wrap(router.layer(Extension(ground.clone())), &ground);
        Ok(Self {
            ground,
            pool,
            router,
            routes: list.into(),
            live,
            courier,
            agents,
        })
    }

    /// What everything stands on.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }
    /// The hashing pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }
    /// The router, with all that stands before it.
    pub fn router(&self) -> Router {
        self.router.clone()
    }
    /// What sends activity to other places.
    pub fn courier(&self) -> &activity::Courier {
        &self.courier
    }
    /// The agents on managed machines.
    pub fn agents(&self) -> &agents::Agents {
        &self.agents
    }
    /// What passwords are made and proved with.
    pub fn prover(&self) -> Result<factors::Prover> {
        prover(&self.ground, &self.pool)
    }
    /// Serves until `stop` is done, and ends in order: requests, the journal's last checkpoint, the store.
    pub async fn serve(self, listeners: Vec<TcpListener>, stop: impl Future<Output = ()>) -> Result<()> {
        self.tell_start().await?;
        let minutes = [
            tokio::spawn(janitor::every_minute(self.ground.clone(), self.agents.clone())),
            tokio::spawn(journal::every_minute(self.ground.clone())),
            tokio::spawn(activity::every_hour(self.ground.clone())),
            tokio::spawn(self.courier.clone().run()),
        ];
        let postman = Postman::new(&self.ground).map_err(anyhow::Error::msg)?;
        let (leave, left) = tokio::sync::oneshot::channel::<()>();
        let posting = tokio::spawn(postman.run(async { drop(left.await) }));
        let stop = self.ending(stop);
        let served = server::serve(&self.ground.config, self.router.clone(), listeners, stop).await;
        minutes.iter().for_each(tokio::task::JoinHandle::abort);
        drop(leave);
        // What is in hand comes to its end; what would take longer is sent again by whoever starts next.
        let _ = tokio::time::timeout(POSTMAN_ENDS_WITHIN, posting).await;
        self.agents.flush().await;
        if let Err(fault) = journal::once(&self.ground).await {
            tracing::warn!(%fault, "the journal could not be signed at the end; the next start does it");
        }
        self.ground.store.close().await;
        served
    }
    /// The same end, and with it every stream's: they have none of their own that a server could wait for.
    pub fn ending<F: Future<Output = ()>>(&self, stop: F) -> impl Future<Output = ()> + use<F> {
        let live = self.live.clone();
        async move {
            stop.await;
            live.close();
        }
    }
    /// Writes into the log of the deployment that a server began, and which.
    async fn tell_start(&self) -> Result<()> {
        let ground = &self.ground;
        let mut event = Event::new(
            Stream::Deployment,
            ground.now(),
            EventKind::ServerStarted,
            Outcome::Done,
            &ground.chance,
        );
        event.detail = format!("version {}", env!("CARGO_PKG_VERSION"));
        let told = ground.store.write(move |tx| journal::append(tx, &event)).await;
        told.context("the start could not be written into the activity log")
    }
    /// Every route.
    pub fn routes(&self) -> &[RouteInfo] {
        &self.routes
    }
}

/// The house with its door, and what opens a session.
fn house(ground: &Ground) -> (House, sessions::Opener) {
    let (door, opener) = sessions::door_and_opener(Arc::new(Rules));
    // A call with an API key is judged by it alone, before any session.
    let door = tokens::KeyDoor::new(Arc::new(door), Arc::new(Rules));
    (House::new(ground.clone(), Arc::new(door)), opener)
}

fn routes(
    (house, opener): (House, sessions::Opener),
    agents: &agents::Agents,
    pool: &Pool,
    live: &Live,
    courier: &activity::Courier,
) -> Result<Routes> {
    let ground = &house.ground;
    let prover = prover(ground, pool)?;
    let roots = factors::Roots::read(&ground.config.data_dir)
        .context("the root certificates of passkeys in the data folder could not be taken")?;
    let passkeys = factors::Passkeys::with_roots(ground, roots);
    let front = sign_in::Front::new(house.clone(), prover.clone(), passkeys.clone(), opener, live.clone());
    Ok(Routes::new()
        .merge(page::asset_routes())
        .merge(home::routes(house.clone()))
        .merge(sign_in::routes(front))
        .merge(recovery::routes(recovery::Recovery::new(house.clone(), prover.clone())))
        .merge(members::routes(members::Members::new(house.clone(), prover.clone())))
        .merge(sessions::routes(sessions::Sessions::new(
            house.clone(),
            prover,
            passkeys,
        )))
        .merge(devices::routes(devices::Devices::new(house.clone(), live.clone())))
        .merge(tokens::routes(tokens::Keys::new(house.clone())))
        .merge(agents::routes(agents.clone()))
        .merge(activity::routes(activity::Activity::new(
            house.clone(),
            live.clone(),
            courier.clone(),
        )))
        .merge(delivery::routes(house.clone()))
        .merge(roles::routes(roles::Desk::new(house.clone())))
        .merge(policies::routes(policies::Desk::new(house.clone())))
        .merge(customers::routes(customers::Desk::new(house.clone())))
        .merge(organisations::routes(organisations::Settings::new(house.clone())))
        .merge(pages::routes(ground.clone()))
        .merge(health::routes(ground.clone()))
        .merge(openapi::routes()))
}

fn prover(ground: &Ground, pool: &Pool) -> Result<factors::Prover> {
    let breached = factors::Breached::built_in().context("the list of breached passwords is damaged")?;
    Ok(factors::Prover::new(
        ground.clone(),
        pool.clone(),
        factors::Rules::new(breached),
    ))
}
