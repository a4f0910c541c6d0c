//! Places for tests of the journal and of `activity`: a fresh store of each engine that is there, gone with the test.
//! The module around names the store as `db`.
use super::db::{Migration, Options, Store, migrate};
use std::{
    ops::Deref,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

const MIGRATIONS: &[Migration] = &[
    Migration {
        id: 5,
        name: "journal",
        sql: include_str!("../../../../../migrations/0005_journal.sql"),
        postgres_only: false,
    },
    Migration {
        id: 6,
        name: "chain_next",
        sql: include_str!("../../../../../migrations/0006_chain_next.sql"),
        postgres_only: true,
    },
    Migration {
        id: 21,
        name: "journal_cut",
        sql: include_str!("../../../../../migrations/0021_journal_cut.sql"),
        postgres_only: false,
    },
];

/// A store with the journal's tables.
pub(crate) struct Place {
    store: Store,
    left_over: LeftOver,
}

enum LeftOver {
    Folder(PathBuf),
    Database { server: String, name: String },
}

impl Deref for Place {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match &self.left_over {
            LeftOver::Folder(dir) => drop(std::fs::remove_dir_all(dir)),
            LeftOver::Database { server, name } => tell(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")),
        }
    }
}

/// SQLite, and PostgreSQL where `DOORWARD_TEST_POSTGRES` names a server on which databases may be made.
pub(crate) async fn stores() -> Vec<(&'static str, Place)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{}_place_{}_{number}", env!("CARGO_PKG_NAME"), std::process::id());
    let dir = std::env::temp_dir().join(&name);
    std::fs::create_dir_all(&dir).unwrap();
    let store = Store::sqlite(&dir.join("store.db"), &Options::default()).unwrap();
    let left_over = LeftOver::Folder(dir);
    let mut places = vec![("sqlite", Place { store, left_over })];
    if let Some(server) = std::env::var("DOORWARD_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
    {
        tell(
            &server,
            format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"),
        );
        let (base, _) = server.rsplit_once('/').unwrap();
        let options = Options {
            writers: 8,
            readers: 2,
            ..Options::default()
        };
        let store = Store::postgres(&format!("{base}/{name}"), &options).unwrap();
        let left_over = LeftOver::Database { server, name };
        places.push(("postgres", Place { store, left_over }));
    }
    for (_, place) in &places {
        migrate(place, MIGRATIONS).await.unwrap();
    }
    places
}

/// The synchronous client brings a runtime of its own, which must not stand inside another: so, a thread.
fn tell(server: &str, statement: String) {
    let server = server.to_owned();
    let told =
        std::thread::spawn(move || postgres::Client::connect(&server, postgres::NoTls)?.batch_execute(&statement));
    told.join().unwrap().unwrap();
}
