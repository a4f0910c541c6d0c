//! The two faces of a transaction that a `store.rs` sees: `View` reads, `Tx` also writes.
//! Must never happen: a statement running after a failed one; a constraint caught outside `attempt`.
use super::{
    Bind, Bound, Error, FromRow, Kind, Lock, Result,
    lite::Lite,
    pg::Pg,
    record::{Book, Recorded},
};
use std::sync::Arc;

/// Statements that read. `&mut Tx` is accepted wherever `&mut View` is asked for.
pub struct View {
    conn: Conn,
    fault: Option<Error>,
    book: Option<Arc<Book>>,
}

/// A transaction that may write.
pub struct Tx(View);

/// The connection beneath, of whichever engine.
pub(super) enum Conn {
    Lite(Box<Lite>),
    Pg(Box<Pg>),
}

impl std::ops::Deref for Tx {
    type Target = View;
    fn deref(&self) -> &View {
        &self.0
    }
}
impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut View {
        &mut self.0
    }
}

impl Conn {
    /// A statement of ours without parameters: BEGIN, COMMIT, SAVEPOINT.
    pub(super) fn control(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Lite(c) => c.control(sql),
            Self::Pg(c) => c.control(sql),
        }
    }

    /// Whether the engine takes the statement, with parameters of these kinds.
    pub(super) fn prepare(&mut self, sql: &str, kinds: &[Kind]) -> Result<()> {
        match self {
            Self::Lite(c) => c.prepare(sql, kinds),
            Self::Pg(c) => c.prepare(sql, kinds),
        }
    }
}

impl View {
    /// Every row.
    pub fn all<T: FromRow>(&mut self, sql: &'static str, binds: &[&dyn Bind]) -> Result<Vec<T>> {
        self.statement(sql, binds, |conn| match conn {
            Conn::Lite(c) => c.query(sql, binds),
            Conn::Pg(c) => c.query(sql, binds),
        })
    }

    /// None or one row; more is an error.
    pub fn maybe<T: FromRow>(&mut self, sql: &'static str, binds: &[&dyn Bind]) -> Result<Option<T>> {
        let mut rows = self.all(sql, binds)?;
        let got = rows.len() as u64;
        let row = rows.pop();
        self.guard(|_| {
            if got > 1 {
                Err(Error::Rows {
                    expected: "at most 1",
                    got,
                })
            } else {
                Ok(row)
            }
        })
    }

    /// Exactly one row.
    pub fn one<T: FromRow>(&mut self, sql: &'static str, binds: &[&dyn Bind]) -> Result<T> {
        let row = self.maybe(sql, binds)?;
        self.guard(|_| row.ok_or(Error::Rows { expected: "1", got: 0 }))
    }

    fn statement<T>(
        &mut self,
        sql: &'static str,
        binds: &[&dyn Bind],
        step: impl FnOnce(&mut Conn) -> Result<T>,
    ) -> Result<T> {
        if let Some(book) = &self.book {
            book.note(Recorded {
                sql,
                kinds: binds.iter().map(|bind| bind.bound().kind()).collect(),
            });
        }
        self.guard(|conn| {
            // PostgreSQL cannot store it, SQLite would: the same answer on both.
            if binds
                .iter()
                .any(|bind| matches!(bind.bound(), Bound::Text(text) if text.contains('\0')))
            {
                return Err(Error::Refused("text with a NUL".into()));
            }
            step(conn)
        })
    }

    /// INVARIANT: after a failed statement nothing more runs in this transaction, on either engine.
    fn guard<T>(&mut self, step: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        step(&mut self.conn).inspect_err(|e| self.fault = Some(e.clone()))
    }
}

impl Tx {
    pub(super) fn over(conn: Conn, book: Option<Arc<Book>>) -> Self {
        Self(View {
            conn,
            fault: None,
            book,
        })
    }
    pub(super) fn conn(&mut self) -> &mut Conn {
        &mut self.0.conn
    }
    /// What went wrong since it was last asked, and forgets it.
    pub(super) fn take_fault(&mut self) -> Option<Error> {
        self.0.fault.take()
    }
    /// A step beside the closure's statements that ends the transaction when it fails, as they do.
    pub(super) fn step<T>(&mut self, step: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.0.guard(step)
    }

    /// Runs a statement that returns no rows; the number of rows it touched. One with RETURNING goes through `maybe`, `one`, `all`.
    pub fn run(&mut self, sql: &'static str, binds: &[&dyn Bind]) -> Result<u64> {
        self.0.statement(sql, binds, |conn| match conn {
            Conn::Lite(c) => c.execute(sql, binds),
            Conn::Pg(c) => c.execute(sql, binds),
        })
    }

    /// As [`Tx::run`], and exactly one row must be touched.
    pub fn run_one(&mut self, sql: &'static str, binds: &[&dyn Bind]) -> Result<()> {
        let got = self.run(sql, binds)?;
        self.0.guard(|_| {
            if got == 1 {
                Ok(())
            } else {
                Err(Error::Rows { expected: "1", got })
            }
        })
    }

    /// A step that may be refused while the transaction goes on: the one place where a constraint is caught.
    pub fn attempt<T, E: From<Error>>(&mut self, step: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        self.0.guard(|conn| conn.control("SAVEPOINT attempt"))?;
        let result = step(self);
        let fault = self.take_fault();
        if fault.as_ref().is_some_and(Error::is_fatal) {
            self.0.fault = fault;
            return result;
        }
        // A fault that the step looked away from still undoes the step.
        let result = match (result, fault) {
            (Ok(_), Some(fault)) => Err(fault.into()),
            (result, _) => result,
        };
        if result.is_err() {
            self.0.guard(|conn| conn.control("ROLLBACK TO attempt"))?;
        }
        self.0.guard(|conn| conn.control("RELEASE attempt"))?;
        result
    }

    /// Until the commit nobody else holds `lock`. SQLite has one writer anyway. Take it before the facts are read.
    pub fn lock(&mut self, lock: Lock) -> Result<()> {
        self.0.guard(|conn| match conn {
            Conn::Lite(_) => Ok(()),
            Conn::Pg(c) => c.control(&lock.sql()),
        })
    }
}
