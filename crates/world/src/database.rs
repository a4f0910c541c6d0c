//! The two engines of a story: a SQLite file in the data folder, or a fresh database on the PostgreSQL of the tests.
use std::sync::atomic::{AtomicU32, Ordering};

/// Which engine the store of a world stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// One file.
    Sqlite,
    /// `DOORWARD_TEST_POSTGRES`: a URL of a server on which databases may be made.
    Postgres,
}

/// The PostgreSQL of the tests, where there is one.
pub fn postgres_url() -> Option<String> {
    std::env::var("DOORWARD_TEST_POSTGRES")
        .ok()
        .filter(|url| !url.is_empty())
}

/// A database that is dropped with this value.
pub struct Database {
    server: String,
    name: String,
}

impl Database {
    /// A fresh, empty database. Blocks.
    ///
    /// # Panics
    /// Where the server cannot be reached: then the run was promised a PostgreSQL and has none.
    pub fn fresh(server: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("story_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::SeqCst));
        run(
            server,
            &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"),
        );
        Self {
            server: server.into(),
            name,
        }
    }
    /// Its URL.
    pub fn url(&self) -> String {
        let (base, _) = self.server.rsplit_once('/').unwrap_or((&self.server, ""));
        format!("{base}/{}", self.name)
    }
    /// Cuts every connection to it, as a restart of the server would.
    pub fn cut_connections(&self) {
        run(
            &self.server,
            &format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                self.name
            ),
        );
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        run(
            &self.server,
            &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name),
        );
    }
}

fn run(server: &str, statement: &str) {
    let (server, statement) = (server.to_owned(), statement.to_owned());
    // The synchronous client brings a runtime of its own, which must not stand inside another: so, a thread.
    let done = std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&server, postgres::NoTls)?;
        client.batch_execute(&statement)
    })
    .join();
    done.expect("the client of the tests does not panic")
        .unwrap_or_else(|error| panic!("the PostgreSQL of the tests: {error}"));
}
