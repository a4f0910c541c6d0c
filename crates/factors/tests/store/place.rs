//! A fresh database of either engine with the tables that passwords and lanes stand on; gone afterwards.
use ground::db::{Error, Migration, Options, Store, migrate};
use kernel::{OrganisationId, PersonId, Time};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};
use uuid::Uuid;

pub const START: Time = Time::from_seconds(1_800_000_000);
pub const ANA: PersonId = PersonId(Uuid::from_u128(0xa));

static MIGRATIONS: &[Migration] = &[
    step(1, include_str!("../../../../migrations/0001_organisations.sql")),
    step(2, include_str!("../../../../migrations/0002_people.sql")),
    step(3, include_str!("../../../../migrations/0003_factors.sql")),
    // The part of 0022 that is about passwords; the other is about a table that stands elsewhere.
    step(22, "ALTER TABLE password ADD COLUMN short_since BIGINT;"),
];
const fn step(id: i64, sql: &'static str) -> Migration {
    Migration {
        id,
        name: "step",
        sql,
        postgres_only: false,
    }
}

enum Place {
    File(PathBuf),
    Server { admin: String, name: String },
}

impl Drop for Place {
    fn drop(&mut self) {
        match self {
            Self::File(folder) => drop(std::fs::remove_dir_all(folder)),
            Self::Server { admin, name } => ask(admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")),
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
pub fn on_both<F: Future<Output = ()>>(story: impl Fn(Store) -> F) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let name = format!(
        "doorward_factors_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = std::env::temp_dir().join(&name);
    std::fs::create_dir_all(&folder).unwrap();
    let place = Place::File(folder.clone());
    runtime.block_on(tell(
        Store::sqlite(&folder.join("store.db"), &Options::default()).unwrap(),
        &story,
    ));
    drop(place);
    let Ok(admin) = std::env::var("DOORWARD_TEST_POSTGRES") else {
        eprintln!("skipped: DOORWARD_TEST_POSTGRES is not set, so nothing was held against PostgreSQL");
        return;
    };
    ask(&admin, format!("CREATE DATABASE {name}"));
    let (host, _) = admin.rsplit_once('/').unwrap();
    let url = format!("{host}/{name}");
    let _place = Place::Server { admin, name };
    runtime.block_on(tell(Store::postgres(&url, &Options::default()).unwrap(), &story));
}

async fn tell<F: Future<Output = ()>>(store: Store, scene: &impl Fn(Store) -> F) {
    migrate(&store, MIGRATIONS).await.unwrap();
    let organisation = OrganisationId(Uuid::from_u128(1));
    store
        .write(move |tx| {
            tx.run_one(
                "INSERT INTO organisation (id, name, contact, made_at) VALUES (?1, 'O', '', 0)",
                &[&organisation],
            )?;
            tx.run_one(
                "INSERT INTO person (id, home_organisation, name, email, email_canonical, email_skeleton, language, epoch, made_at)
                 VALUES (?1, ?2, 'Ana', 'a@b.example', 'a@b.example', 'a@b.example', 'en', 1, 0)",
                &[&ANA, &organisation],
            )?;
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    scene(store.clone()).await;
    store.close().await;
}
