//! A fresh database of either engine with everything that passkeys stand on, and the ground over it; gone afterwards.
use ground::{
    Ground,
    config::Config,
    context::system_chance,
    db::{Error, Migration, Options, Store, migrate},
    keys::Keys,
};
use kernel::{Deployment, OrganisationId, PersonId, Time};
use people::Person;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};
use uuid::Uuid;

pub const ANA: PersonId = PersonId(Uuid::from_u128(0xa));
pub const BEN: PersonId = PersonId(Uuid::from_u128(0xb));
pub const ORIGIN: &str = "https://door.example.org";
const START: i64 = 1_800_000_000;

/// Every migration of the product, as the folder has them.
fn migrations() -> &'static [Migration] {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        Migration {
            id: name.split('_').next().unwrap().parse().unwrap(),
            postgres_only: name == "0006_chain_next",
            sql: std::fs::read_to_string(path).unwrap().leak(),
            name: name.leak(),
        }
    };
    files.iter().map(read).collect::<Vec<_>>().leak()
}

/// Where a story happens: the ground, and its clock to be set on.
pub struct Place {
    pub ground: Ground,
    clock: Arc<AtomicI64>,
    database: Option<(String, String)>,
    folder: PathBuf,
}

impl Place {
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }
    pub fn now(&self) -> Time {
        self.ground.now()
    }
    pub async fn person(&self, id: PersonId) -> Person {
        let found = self.ground.store.read(move |view| people::person(view, Deployment, id));
        found.await.unwrap().unwrap()
    }
    pub async fn count(&self, sql: &'static str) -> i64 {
        self.ground.store.read(move |view| view.one(sql, &[])).await.unwrap()
    }
    /// Runs statements that no part of the product has.
    pub async fn run(&self, sql: &'static str) {
        let done = self.ground.store.write(move |tx| tx.run(sql, &[]));
        done.await.unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if let Some((admin, name)) = &self.database {
            ask(admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn ask(admin: &str, sql: String) {
    let admin = admin.to_owned();
    let run = move || {
        postgres::Client::connect(&admin, postgres::NoTls)
            .unwrap()
            .batch_execute(&sql)
            .unwrap();
    };
    std::thread::spawn(run).join().unwrap();
}

/// Runs one story on SQLite, and on PostgreSQL where `DOORWARD_TEST_POSTGRES` names a server on which databases may be made.
pub fn on_both<F: Future<Output = ()>>(story: impl Fn(Arc<Place>) -> F) {
    on_both_at(ORIGIN, story);
}

/// The same at another public address.
pub fn on_both_at<F: Future<Output = ()>>(address: &str, story: impl Fn(Arc<Place>) -> F) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("doorward_passkeys_{}_{number}", std::process::id());
    let folder = std::env::temp_dir().join(&name);
    std::fs::create_dir_all(&folder).unwrap();
    let store = Store::sqlite(&folder.join("store.db"), &Options::default()).unwrap();
    runtime.block_on(tell(address, store, None, folder.clone(), &story));
    let Ok(admin) = std::env::var("DOORWARD_TEST_POSTGRES") else {
        eprintln!("skipped: DOORWARD_TEST_POSTGRES is not set, so nothing was held against PostgreSQL");
        return;
    };
    ask(&admin, format!("CREATE DATABASE {name}"));
    let (host, _) = admin.rsplit_once('/').unwrap();
    let store = Store::postgres(&format!("{host}/{name}"), &Options::default()).unwrap();
    runtime.block_on(tell(address, store, Some((admin, name)), folder, &story));
}

async fn tell<F: Future<Output = ()>>(
    address: &str,
    store: Store,
    database: Option<(String, String)>,
    folder: PathBuf,
    story: &impl Fn(Arc<Place>) -> F,
) {
    migrate(&store, migrations()).await.unwrap();
    let mut config = Config::defaults_in(folder.clone());
    config.public_url = address.parse().unwrap();
    let clock = Arc::new(AtomicI64::new(START));
    let hand = clock.clone();
    let keys = Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap();
    let now = Arc::new(move || Time::from_seconds(hand.load(Ordering::SeqCst)));
    let ground = Ground::new(config, store.clone(), now, system_chance(), keys);
    let organisation = OrganisationId(Uuid::from_u128(1));
    let settle = move |tx: &mut ground::db::Tx| {
        tx.run_one(
            "INSERT INTO organisation (id, name, contact, made_at) VALUES (?1, 'O', '', 0)",
            &[&organisation],
        )?;
        for (id, email) in [(ANA, "ana@b.example"), (BEN, "ben@b.example")] {
            tx.run_one(
                "INSERT INTO person (id, home_organisation, name, email, email_canonical, email_skeleton, language, epoch, made_at)
                 VALUES (?1, ?2, 'Ana', ?3, ?3, ?3, 'en', 1, 0)",
                &[&id, &organisation, &email],
            )?;
        }
        Ok::<_, Error>(())
    };
    store.write(settle).await.unwrap();
    let place = Place {
        ground,
        clock,
        database,
        folder,
    };
    story(Arc::new(place)).await;
    store.close().await;
}
