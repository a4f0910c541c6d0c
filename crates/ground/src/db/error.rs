//! What can go wrong in the store, told alike for both engines. For every `store.rs`, and for the one place that makes HTTP of it.
//! Must never happen: a text of the engine shown outside; "nothing was done" said where something may have been.

/// A result of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a constraint guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A unique index or primary key; the name is the index's (`person_pkey` for a primary key).
    Unique,
    /// A named CHECK.
    Check,
    /// A column that must have a value; the name is `table.column`.
    NotNull,
    /// A foreign key. SQLite does not tell which: the name is empty there.
    ForeignKey,
}

/// Why the store did not do it. Cheap to clone: a group that fails tells everybody in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A constraint refused a row. Catch it only in [`super::Tx::attempt`].
    #[error("{rule:?} constraint {name:?} refused the row")]
    Broken {
        /// What it guards.
        rule: Rule,
        /// Its name, the same on both engines.
        name: String,
    },
    /// Too much to do, or somebody else held it too long. Nothing was done.
    #[error("the store is busy; nothing was done")]
    Busy,
    /// Others came first again and again. Nothing was done.
    #[error("other transactions came first; nothing was done")]
    Contended,
    /// Another number of rows than the statement must have.
    #[error("expected {expected} row(s), got {got}")]
    Rows {
        /// How many it had to be.
        expected: &'static str,
        /// How many there were.
        got: u64,
    },
    /// The database cannot be reached, or writing has stopped. Nothing was done.
    #[error("the database is away; nothing was done: {0}")]
    Away(String),
    /// No space is left for the database. Nothing was done.
    #[error("no space is left for the database; nothing was done")]
    Full,
    /// The answer to COMMIT was lost, or the disk failed under it. It may have happened, or not.
    #[error("the commit's answer was lost; it may have happened")]
    Unknown,
    /// A column was not what the program took it for.
    #[error("column {0}")]
    Shape(String),
    /// The closure panicked; its transaction was undone.
    #[error("the closure panicked: {0}")]
    Panicked(String),
    /// Refused by this layer's own rules before the engine saw it: a parameter without a number, text with NUL, a write in a read.
    #[error("refused: {0}")]
    Refused(String),
    /// The engine says that the statement is wrong, or met something that this layer has no name for.
    #[error("{0}")]
    Sql(String),
}

impl Error {
    /// Whether the constraint or unique index of this name refused.
    pub fn is_broken(&self, constraint: &str) -> bool {
        matches!(self, Self::Broken { name, .. } if name == constraint)
    }

    /// Whether the same call may well succeed later: a 503 with Retry-After rather than a 500.
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Contended | Self::Away(_) | Self::Full | Self::Unknown
        )
    }

    /// Whether the transaction is beyond saving, also by a savepoint.
    pub(super) const fn is_fatal(&self) -> bool {
        matches!(self, Self::Contended | Self::Away(_) | Self::Full | Self::Unknown)
    }

    /// The kind in one word, for logs and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Broken { .. } => "broken",
            Self::Busy => "busy",
            Self::Contended => "contended",
            Self::Rows { .. } => "rows",
            Self::Away(_) => "away",
            Self::Full => "full",
            Self::Unknown => "unknown",
            Self::Shape(_) => "shape",
            Self::Panicked(_) => "panicked",
            Self::Refused(_) => "refused",
            Self::Sql(_) => "sql",
        }
    }
}
