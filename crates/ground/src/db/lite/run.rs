//! A SQLite connection that runs statements. Every prepared statement is kept; they are keyed by their text, which is fixed in the program.
//! Must never happen: an error of the engine that loses the whole transaction passing as one job's own.
use super::open::{self, Use};
use crate::db::{Bind, Bound, Error, FromRow, Kind, Options, Result, Row};
use rusqlite::{
    Connection, ToSql,
    types::{ToSqlOutput, Value, ValueRef},
};
use std::{
    cell::{Cell, RefCell},
    path::Path,
};

pub(in crate::db) struct Lite {
    pub(super) conn: Connection,
    /// The disk failed under this connection: set once, never unset.
    pub(super) disk_failed: Cell<bool>,
    /// The last error that may have ended a transaction.
    pub(super) worst: RefCell<Option<Error>>,
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Bound::Null(_) => ValueRef::Null,
            Bound::Int(v) => ValueRef::Integer(v),
            Bound::Bool(v) => ValueRef::Integer(v.into()),
            Bound::Text(v) => ValueRef::Text(v.as_bytes()),
            Bound::Bytes(v) => ValueRef::Blob(v),
            Bound::Uuid(v) => return Ok(ToSqlOutput::Owned(Value::Blob(v.as_bytes().to_vec()))),
        }))
    }
}

impl Lite {
    pub(super) fn open(path: &Path, purpose: Use, options: &Options) -> Result<Self> {
        Ok(Self {
            conn: open::connection(path, purpose, options)?,
            disk_failed: Cell::default(),
            worst: RefCell::default(),
        })
    }

    pub(in crate::db) fn control(&mut self, sql: &str) -> Result<()> {
        let done = self
            .conn
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute());
        done.map(drop).map_err(|e| self.error(&e))
    }

    /// Several statements without parameters: a migration.
    pub(in crate::db) fn batch(&mut self, sql: &str) -> Result<()> {
        self.conn.execute_batch(sql).map_err(|e| self.error(&e))
    }

    pub(in crate::db) fn execute(&mut self, sql: &str, binds: &[&dyn Bind]) -> Result<u64> {
        let step = || {
            self.conn
                .prepare_cached(sql)?
                .execute(rusqlite::params_from_iter(binds.iter().map(|b| b.bound())))
        };
        step().map(|rows| rows as u64).map_err(|e| self.error(&e))
    }

    pub(in crate::db) fn query<T: FromRow>(&mut self, sql: &str, binds: &[&dyn Bind]) -> Result<Vec<T>> {
        let mut statement = self.conn.prepare_cached(sql).map_err(|e| self.error(&e))?;
        let binds = rusqlite::params_from_iter(binds.iter().map(|b| b.bound()));
        let mut rows = statement.query(binds).map_err(|e| self.error(&e))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(|e| self.error(&e))? {
            all.push(T::from_row(&Row::Lite(row))?);
        }
        Ok(all)
    }

    pub(in crate::db) fn prepare(&mut self, sql: &str, kinds: &[Kind]) -> Result<()> {
        let statement = self.conn.prepare(sql).map_err(|e| self.error(&e))?;
        if statement.parameter_count() == kinds.len() {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "{} parameters for {}",
            kinds.len(),
            statement.parameter_count()
        )))
    }

    /// Why the whole transaction is lost, not only a statement: SQLite has rolled it back by itself (disk full), or the disk failed.
    pub(super) fn lost(&self) -> Option<Error> {
        let why = self.worst.take();
        if !self.conn.is_autocommit() && !self.disk_failed.get() {
            return None;
        }
        Some(why.unwrap_or_else(|| Error::Away("SQLite ended the transaction".into())))
    }
}
