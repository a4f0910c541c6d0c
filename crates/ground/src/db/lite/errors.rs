//! What SQLite's errors mean in the store's words. Must never happen: a failed disk taken for a full one, or for a wrong statement.
use super::Lite;
use crate::db::{Error, Rule};
use rusqlite::ffi;

impl Lite {
    /// In the store's words. Remembers what may have ended the transaction, and whether it was the disk.
    pub(super) fn error(&self, e: &rusqlite::Error) -> Error {
        let error = self.meaning(e);
        if error.is_fatal() {
            self.worst.replace(Some(error.clone()));
        }
        error
    }

    fn meaning(&self, e: &rusqlite::Error) -> Error {
        let rusqlite::Error::SqliteFailure(code, text) = e else {
            return match e {
                rusqlite::Error::InvalidParameterCount(..) | rusqlite::Error::ExecuteReturnedResults => {
                    Error::Refused(e.to_string())
                }
                _ => Error::Sql(e.to_string()),
            };
        };
        match code.extended_code & 0xff {
            ffi::SQLITE_CONSTRAINT => self.broken(code.extended_code, text.as_deref().unwrap_or_default(), e),
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Error::Busy,
            ffi::SQLITE_READONLY => Error::Refused("a statement that writes, in a read".into()),
            ffi::SQLITE_FULL => Error::Full,
            ffi::SQLITE_IOERR if is_room(code.extended_code) => Error::Full,
            ffi::SQLITE_IOERR | ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => {
                self.disk_failed.set(true);
                Error::Away(e.to_string())
            }
            ffi::SQLITE_CANTOPEN | ffi::SQLITE_NOMEM => Error::Away(e.to_string()),
            _ => Error::Sql(e.to_string()),
        }
    }

    fn broken(&self, code: i32, text: &str, e: &rusqlite::Error) -> Error {
        let rest = text.split_once("failed: ").map_or("", |parts| parts.1);
        let (rule, name) = match code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
                (Rule::Unique, self.index_over(rest))
            }
            ffi::SQLITE_CONSTRAINT_CHECK => (Rule::Check, rest.to_owned()),
            ffi::SQLITE_CONSTRAINT_NOTNULL => (Rule::NotNull, rest.to_owned()),
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => (Rule::ForeignKey, String::new()),
            _ => return Error::Sql(e.to_string()),
        };
        Error::Broken { rule, name }
    }

    /// SQLite names the columns ("person.organisation, person.email"), PostgreSQL the index: this finds the index.
    fn index_over(&self, columns: &str) -> String {
        if let Some(name) = columns.strip_prefix("index '") {
            return name.trim_end_matches('\'').to_owned();
        }
        let table = columns.split('.').next().unwrap_or_default();
        let index = self.conn.query_row(
            "SELECT l.name FROM pragma_index_list(?1) l WHERE l.\"unique\" = 1 AND l.origin <> 'pk' AND
             (SELECT group_concat(?1 || '.' || i.name, ', ')
              FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno) i) = ?2",
            (table, columns),
            |row| row.get(0),
        );
        index.unwrap_or_else(|_| format!("{table}_pkey"))
    }
}

/// The index of the log could not grow: a full disk under another name. The log's own pages are untouched by it.
const fn is_room(extended: i32) -> bool {
    matches!(
        extended,
        ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_SHMMAP | ffi::SQLITE_IOERR_SHMOPEN
    )
}
