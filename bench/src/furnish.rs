//! Furnishes an empty store: an organisation, a crowd with one password, and sessions that are open. Before a server takes the store.
use crate::{
    crowd::{Crowd, id_of},
    place::Place,
};
use anyhow::{Result, anyhow};
use factors::{Asker, Cost, Password, Pool, Setting, StoredHash};
use ground::{
    Caller, Door, Ground,
    config::Config,
    context::{system_chance, system_clock},
    db::{self, Store},
    house::Asked,
};
use kernel::{Action, Deployment, Method, Methods, Organisation, OrganisationId, SiteId, Time};
use organisations::NewOrganisation;
use sessions::{Opened, Proof};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Everybody's password.
pub const PASSWORD: &str = "quiet lantern over the mill";

/// Furnishes the place with so many people, of whom the first so many are signed in. Answers their session tokens.
pub fn furnish(runtime: &Runtime, place: &Place<'_>, cost: Cost, size: u32, signed_in: u32) -> Result<Vec<String>> {
    let config = place.config()?;
    let (home, hash, at) = runtime.block_on(found(config.clone(), cost))?;
    let crowd = Crowd {
        size,
        home,
        hash: &hash,
        at,
    };
    match place.url() {
        Some(url) => crowd.into_database(&url)?,
        None => crowd.into_file(&place.folder().join("doorward.db"))?,
    }
    runtime.block_on(async {
        let ground = open(config).await?;
        let tokens = open_sessions(&ground, home, signed_in).await;
        ground.store.close().await;
        tokens
    })
}

/// The ground of the product, on the system's clock and chance.
pub async fn open(config: Config) -> Result<Ground> {
    doorward::start::open_ground(config, system_clock(), system_chance(), false).await
}

async fn found(config: Config, cost: Cost) -> Result<(OrganisationId, StoredHash, i64)> {
    let ground = open(config).await?;
    let (now, chance) = (ground.now(), ground.chance.clone());
    let new = NewOrganisation {
        id: OrganisationId::new(now, &chance),
        parent: None,
        name: "Northwind IT".into(),
        site: SiteId::new(now, &chance),
    };
    let (home, role_ids) = (new.id, roles::seed_ids(now, &chance));
    let made = ground.store.write(move |tx| {
        organisations::create(tx, Deployment, &new, now)?;
        roles::seed(tx, Organisation(new.id), &role_ids)?;
        organisations::close_setup(tx, Deployment, now)
    });
    made.await?;
    let hash = hash_of_all(&ground, cost).await?;
    ground.store.close().await;
    Ok((home, hash, now.micros()))
}

async fn hash_of_all(ground: &Ground, cost: Cost) -> Result<StoredHash> {
    let setting = Setting {
        cost,
        ..Setting::for_cores(1)
    };
    let pool = Pool::start(setting, ground.keys.clone(), ground.chance.clone(), None)?;
    let nobody = Asker {
        known_device: None,
        network: Vec::new(),
    };
    let mut slot = pool.admit(nobody).await.map_err(|_| anyhow!("the pool is full"))?;
    let password = Password::parse(PASSWORD).map_err(|reason| anyhow!("{}", reason.id()))?;
    Ok(slot.hash(password).await?)
}

/// Opens a session for each of the first so many people of the crowd, as sign-in would.
pub async fn open_sessions(ground: &Ground, home: OrganisationId, count: u32) -> Result<Vec<String>> {
    let (_, hand) = sessions::door_and_opener(Arc::new(roles::Rules));
    let now = ground.now();
    let drawn: Vec<Opened> = (0..count).map(|_| Opened::draw(now, &ground.chance)).collect();
    let tokens = drawn.iter().map(|opened| opened.token.clone()).collect();
    let held = ground.clone();
    let opened = ground.store.write(move |tx| {
        for (number, session) in (0..).zip(&drawn) {
            let proof = Proof {
                person: id_of(number),
                organisation: home,
                device: None,
                device_label: "Firefox on Linux".into(),
                network: "127.0.0.1".into(),
                is_shared: false,
                methods: Methods::only(Method::Password),
                was_away: false,
            };
            hand.open(tx, &proof, session, now, &held)?;
            people::begin_grace(tx, Organisation(home), proof.person, Time::default(), now)?;
        }
        Ok::<_, db::Error>(())
    });
    opened.await?;
    Ok(tokens)
}

/// What a request with this session token is let in by.
pub fn asked(token: &str) -> Asked {
    Asked {
        tokens: vec![Sha256::digest(token.as_bytes()).into()],
        action: Action::SeeOwn,
        tolerates_lock: false,
        tolerates_missing_factor: false,
        fresh: None,
        organisation: None,
        network: "127.0.0.1".into(),
        key: None,
    }
}

/// Whoever this session token belongs to, as the door lets them in.
pub async fn admitted(store: &Store, door: Arc<dyn Door>, token: &str) -> Result<Caller> {
    let (asked, now) = (asked(token), system_clock()());
    let answer = store.read(move |view| door.admit(view, &asked, now)).await?;
    answer.map_err(|refusal| anyhow!("the door refuses: {refusal:?}"))
}
