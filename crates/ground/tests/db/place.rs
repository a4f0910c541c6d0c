//! A fresh database of either engine for each test, gone afterwards; and a few tables to write to.
use ground::db::{Engine, Error, Lock, Migration, Options, Result, Store, Tx, View, migrate};
use kernel::OrganisationId;
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};
use uuid::Uuid;

pub const ORG: OrganisationId = OrganisationId(Uuid::from_u128(0x0107));

/// Where a database is. Removed when dropped.
pub enum Place {
    File(PathBuf),
    Server { admin: String, name: String },
}

impl Place {
    pub async fn new(engine: Engine) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "doorward_db_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        if engine == Engine::Sqlite {
            let folder = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            return Some(Self::File(folder.join("store.db")));
        }
        let Ok(admin) = std::env::var("DOORWARD_TEST_POSTGRES") else {
            eprintln!("skipped: DOORWARD_TEST_POSTGRES is not set, so nothing was held against PostgreSQL");
            return None;
        };
        ask(&admin, format!("CREATE DATABASE {name}")).await;
        Some(Self::Server { admin, name })
    }
    /// A path or a URL.
    pub fn address(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Server { admin, name } => {
                let (host, _) = admin.rsplit_once('/').unwrap();
                format!("{host}/{name}")
            }
        }
    }
    pub fn open(&self, options: &Options) -> Result<Store> {
        open(&self.address(), options)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::File(path) => drop(std::fs::remove_dir_all(path.parent().unwrap())),
            Self::Server { admin, name } => {
                let (admin, drop) = (admin.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                let _ = std::thread::spawn(move || {
                    postgres::Client::connect(&admin, postgres::NoTls)
                        .unwrap()
                        .batch_execute(&drop)
                })
                .join();
            }
        }
    }
}

pub fn open(address: &str, options: &Options) -> Result<Store> {
    if address.starts_with("postgres") {
        Store::postgres(address, options)
    } else {
        Store::sqlite(address.as_ref(), options)
    }
}

/// Runs a statement on the server itself.
pub async fn ask(admin: &str, sql: String) {
    let admin = admin.to_owned();
    let run = move || {
        postgres::Client::connect(&admin, postgres::NoTls)
            .unwrap()
            .batch_execute(&sql)
            .unwrap();
    };
    tokio::task::spawn_blocking(run).await.unwrap();
}

pub fn small() -> Options {
    Options {
        writers: 16,
        retries: 30,
        ..Options::default()
    }
}

/// A store with tables, on each engine there is; the place must live as long.
pub async fn stores(options: &Options) -> Vec<(Place, Store)> {
    let mut all = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if let Some(place) = Place::new(engine).await {
            let store = place.open(options).unwrap();
            migrate(&store, TABLES).await.unwrap();
            all.push((place, store));
        }
    }
    all
}

/// `n` callers at once.
pub async fn together<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    n: usize,
    f: impl Fn(usize) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = (0..n).map(|i| tokio::spawn(f(i))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

pub const TABLES: &[Migration] = &[
    Migration {
        id: 1,
        name: "tables",
        postgres_only: false,
        sql: "-- People, and what counts; it's \"odd\"; a comment may hold anything.
CREATE TABLE person (
  organisation UUID NOT NULL, id UUID NOT NULL, email TEXT NOT NULL, is_owner BOOLEAN NOT NULL DEFAULT FALSE, age BIGINT, photo BYTEA,
  made_at BIGINT NOT NULL, CONSTRAINT person_pkey PRIMARY KEY (organisation, id),
  CONSTRAINT person_email_is_short CHECK (length(email) <= 254));
CREATE UNIQUE INDEX person_email ON person (organisation, email);
CREATE UNIQUE INDEX person_one_founder ON person (organisation) WHERE made_at = 0;
CREATE TABLE device (organisation UUID NOT NULL, id UUID NOT NULL PRIMARY KEY, person UUID NOT NULL,
  CONSTRAINT device_person FOREIGN KEY (organisation, person) REFERENCES person (organisation, id));
CREATE TABLE lane (name TEXT NOT NULL PRIMARY KEY, failures BIGINT NOT NULL, locked_until BIGINT);
CREATE TABLE code (hash BYTEA NOT NULL PRIMARY KEY, person UUID NOT NULL, ends_at BIGINT NOT NULL);
CREATE TABLE chain (organisation UUID NOT NULL PRIMARY KEY, seq BIGINT NOT NULL, hash BYTEA NOT NULL);
CREATE TABLE event (organisation UUID NOT NULL, seq BIGINT NOT NULL, digest BYTEA NOT NULL, hash BYTEA NOT NULL,
  CONSTRAINT event_pkey PRIMARY KEY (organisation, seq));
CREATE TABLE up (id BIGINT NOT NULL PRIMARY KEY);
CREATE TABLE down (id BIGINT NOT NULL PRIMARY KEY, up BIGINT NOT NULL REFERENCES up (id) DEFERRABLE INITIALLY DEFERRED);
",
    },
    Migration {
        id: 2,
        name: "chain_next",
        postgres_only: true,
        sql: include_str!("../../../../migrations/0006_chain_next.sql"),
    },
];

#[derive(Debug, PartialEq)]
pub struct Lane {
    pub failures: i64,
    pub locked_until: Option<i64>,
}
ground::from_row!(Lane { failures, locked_until });

/// None: locked, nothing counted. One statement, so parallel tries count exactly.
pub fn count_failure(tx: &mut Tx, lane: &str, now: i64, limit: i64) -> Result<Option<Lane>> {
    tx.maybe(
        "INSERT INTO lane (name, failures) VALUES (?1, 1)
         ON CONFLICT (name) DO UPDATE SET failures = lane.failures + 1,
           locked_until = CASE WHEN lane.failures + 1 >= ?3 THEN ?2 + 900 ELSE lane.locked_until END
         WHERE lane.locked_until IS NULL OR lane.locked_until <= ?2
         RETURNING failures, locked_until",
        &[&lane, &now, &limit],
    )
}

pub fn find_lane(view: &mut View, lane: &str) -> Result<Option<Lane>> {
    view.maybe("SELECT failures, locked_until FROM lane WHERE name = ?1", &[&lane])
}

pub fn claim_code(tx: &mut Tx, hash: &[u8], now: i64) -> Result<Option<Uuid>> {
    tx.maybe(
        "DELETE FROM code WHERE hash = ?1 AND ends_at > ?2 RETURNING person",
        &[&hash, &now],
    )
}

/// The last step of a transaction.
pub fn append(tx: &mut Tx, org: OrganisationId, digest: &[u8; 32]) -> Result<i64> {
    let (seq, hash): (i64, Vec<u8>) = tx.one(
        "INSERT INTO chain (organisation, seq, hash) VALUES (?1, 1, chain_next(?2, ?3))
         ON CONFLICT (organisation) DO UPDATE SET seq = chain.seq + 1, hash = chain_next(chain.hash, ?3) RETURNING seq, hash",
        &[&org, &org.0.as_bytes().as_slice(), digest],
    )?;
    let event = "INSERT INTO event (organisation, seq, digest, hash) VALUES (?1, ?2, ?3, ?4)";
    tx.run_one(event, &[&org, &seq, digest, &hash])?;
    Ok(seq)
}

/// Walks the chain: how many events there are, or where it breaks.
pub fn verify(view: &mut View, org: OrganisationId) -> Result<i64> {
    let rows: Vec<(i64, [u8; 32], [u8; 32])> = view.all(
        "SELECT seq, digest, hash FROM event WHERE organisation = ?1 ORDER BY seq",
        &[&org],
    )?;
    let mut last = org.0.as_bytes().to_vec();
    for (expected, (seq, digest, hash)) in (1..).zip(&rows) {
        last = ground::db::chain_next(&last, digest).to_vec();
        if *seq != expected || last != hash {
            return Err(Error::Refused(format!("the chain breaks at {seq}")));
        }
    }
    Ok(rows.len().try_into().unwrap())
}

pub async fn add_person(
    store: &Store,
    org: OrganisationId,
    id: u128,
    email: &'static str,
    is_owner: bool,
) -> Result<()> {
    let sql = "INSERT INTO person (organisation, id, email, is_owner, made_at) VALUES (?1, ?2, ?3, ?4, 5)";
    store
        .write(move |tx| tx.run_one(sql, &[&org, &Uuid::from_u128(id), &email, &is_owner]))
        .await
}

pub async fn count(store: &Store, sql: &'static str) -> i64 {
    store.read(move |view| view.one::<i64>(sql, &[])).await.unwrap()
}

pub fn owners_of(org: OrganisationId) -> Lock {
    Lock::on("owners", org.0.as_bytes())
}
