//! How a SQLite connection is set up. Must never happen: a database that others on the machine can read; a commit without fsync.
use crate::db::{Error, Options, Result, chain_next};
use rusqlite::{Connection, OpenFlags, config::DbConfig, functions::FunctionFlags, types::ValueRef};
use std::{fs, io, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Write,
    Read,
    /// The checkpoint thread.
    Keep,
}

/// synchronous=FULL: a commit is on the disk before it is answered. The log is copied away by a thread of its own; the ceiling of 20,000
/// pages (80 MB) only holds where that thread cannot keep up. The other settings make SQLite as strict as PostgreSQL.
const SETTINGS: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;
    PRAGMA case_sensitive_like=ON; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864; PRAGMA wal_autocheckpoint=20000;";

/// A connection for this use, with the names that PostgreSQL has and SQLite lacks.
pub(super) fn connection(path: &Path, purpose: Use, options: &Options) -> Result<Connection> {
    let told = |e: &dyn std::fmt::Display| Error::Away(format!("{}: {e}", path.display()));
    if purpose == Use::Write {
        make(path).map_err(|e| told(&e))?;
    }
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(path, flags)?;
        // The command line works beside the server: whoever waits looks again each millisecond, since the gap between two groups is short.
        conn.busy_handler(Some(|tries| {
            std::thread::sleep(Duration::from_millis(1));
            tries < 1_000
        }))?;
        conn.execute_batch(SETTINGS)?;
        // A plan stays with its text. Without this, statistics (somebody ran ANALYZE) have each statement prepared anew for each bound value.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.pragma_update(None, "query_only", purpose == Use::Read)?;
        conn.pragma_update(None, "cache_size", if purpose == Use::Write { -16_000 } else { -8_000 })?;
        if let Some(pages) = options.max_pages {
            conn.pragma_update(None, "max_page_count", pages)?;
        }
        conn.set_prepared_statement_cache_capacity(512);
        names(&conn)?;
        Ok(conn)
    };
    open().map_err(|e| told(&e))
}

/// SQLite gives the log and its index the mode of the database file.
fn make(path: &Path) -> io::Result<()> {
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn names(conn: &Connection) -> rusqlite::Result<()> {
    conn.create_collation("C", |a: &str, b: &str| a.as_bytes().cmp(b.as_bytes()))?;
    let flags = FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_UTF8;
    conn.create_scalar_function("chain_next", 2, flags, |given| {
        // NULL in, NULL out: STRICT on PostgreSQL.
        let pair = [given.get_raw(0), given.get_raw(1)];
        if pair.contains(&ValueRef::Null) {
            return Ok(None);
        }
        let [last, digest] = pair;
        Ok(Some(chain_next(last.as_blob()?, digest.as_blob()?).to_vec()))
    })
}
