//! What PostgreSQL's errors mean in the store's words. Must never happen: a lost connection taken for a wrong statement.
use crate::db::{Error, Rule};
use postgres::error::{DbError, SqlState};
use std::error::Error as StdError;

pub(super) fn error(e: &postgres::Error) -> Error {
    match e.as_db_error() {
        Some(told) => by_server(told),
        None if e.is_closed() || is_io(e) => Error::Away(with_cause(e)),
        None => Error::Sql(with_cause(e)),
    }
}

/// Whether a migration elsewhere has changed what a prepared statement returns: it is forgotten, and the closure runs again.
pub(super) fn is_stale_plan(e: &postgres::Error) -> bool {
    e.as_db_error().is_some_and(is_stale)
}

fn is_stale(told: &DbError) -> bool {
    *told.code() == SqlState::FEATURE_NOT_SUPPORTED && told.message().starts_with("cached plan")
}

fn by_server(told: &DbError) -> Error {
    let named = |rule| Error::Broken {
        rule,
        name: told.constraint().unwrap_or_default().to_owned(),
    };
    let code = told.code();
    match code {
        _ if is_stale(told) => Error::Contended,
        &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => Error::Contended,
        // statement_timeout and lock_timeout: the transaction is undone.
        &SqlState::QUERY_CANCELED | &SqlState::LOCK_NOT_AVAILABLE => Error::Busy,
        &SqlState::UNIQUE_VIOLATION => named(Rule::Unique),
        &SqlState::CHECK_VIOLATION => named(Rule::Check),
        &SqlState::FOREIGN_KEY_VIOLATION => named(Rule::ForeignKey),
        &SqlState::NOT_NULL_VIOLATION => {
            let (table, column) = (told.table().unwrap_or_default(), told.column().unwrap_or_default());
            Error::Broken {
                rule: Rule::NotNull,
                name: format!("{table}.{column}"),
            }
        }
        &SqlState::READ_ONLY_SQL_TRANSACTION => Error::Refused("a statement that writes, in a read".into()),
        &SqlState::DISK_FULL => Error::Full,
        _ if is_away(code) => Error::Away(told.message().to_owned()),
        _ => Error::Sql(format!("{} {}", code.code(), told.message())),
    }
}

/// The server goes, comes, has no room for us, or does not let us in.
fn is_away(code: &SqlState) -> bool {
    let ours = ["08", "28", "3D", "53", "58"];
    ours.iter().any(|class| code.code().starts_with(class)) || code.code().starts_with("57P") || code.code() == "25P03"
}

fn is_io(e: &postgres::Error) -> bool {
    let mut cause = e.source();
    while let Some(at) = cause {
        if at.is::<std::io::Error>() {
            return true;
        }
        cause = at.source();
    }
    false
}

fn with_cause(e: &postgres::Error) -> String {
    e.source()
        .map_or_else(|| e.to_string(), |cause| format!("{e}: {cause}"))
}
