//! Migrations: one text in PostgreSQL's words; SQLite gets its own words for the types, and STRICT. For `doorward migrate` and every start.
//! Must never happen: half a list run; two nodes running it at once; a text that changes after it ran.
use super::{Engine, Error, Lock, Result, Store, Tx, view::Conn};

/// One step. Its text is fixed once it has run anywhere.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number; the list is in this order.
    pub id: i64,
    /// Its name, for people.
    pub name: &'static str,
    /// Statements in the portable subset.
    pub sql: &'static str,
    /// SQLite has it from the program.
    pub postgres_only: bool,
}

/// Runs what has not run yet, all in one transaction. The numbers of what ran.
pub async fn migrate(store: &Store, steps: &'static [Migration]) -> Result<Vec<i64>> {
    let engine = store.engine();
    store.write(move |tx| run(tx, engine, steps)).await
}

/// What [`migrate`] would run: really tried, then undone.
pub async fn migrate_dry_run(store: &Store, steps: &'static [Migration]) -> Result<Vec<i64>> {
    /// Both are errors to the store, so that it rolls back.
    enum Tried {
        Well(Vec<i64>),
        Badly(Error),
    }
    impl From<Error> for Tried {
        fn from(e: Error) -> Self {
            Self::Badly(e)
        }
    }
    let engine = store.engine();
    match store
        .write(move |tx| Err::<(), _>(run(tx, engine, steps).map_or_else(Tried::Badly, Tried::Well)))
        .await
    {
        Ok(()) => Ok(Vec::new()),
        Err(Tried::Well(ran)) => Ok(ran),
        Err(Tried::Badly(e)) => Err(e),
    }
}

fn run(tx: &mut Tx, engine: Engine, steps: &[Migration]) -> Result<Vec<i64>> {
    if engine == Engine::Postgres {
        // A new index on a large table takes longer than any request may, and the other node waits for it.
        batch(tx, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;")?;
    }
    tx.lock(Lock::on("migrations", b""))?;
    batch(
        tx,
        "CREATE TABLE IF NOT EXISTS migration (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, sql TEXT NOT NULL);",
    )?;
    let mut ran = Vec::new();
    for step in steps {
        match tx.maybe::<String>("SELECT sql FROM migration WHERE id = ?1", &[&step.id])? {
            Some(sql) if sql == step.sql => continue,
            Some(_) => {
                let what = format!("migration {} {} was changed after it ran", step.id, step.name);
                return tx.step(|_| Err(Error::Refused(what)));
            }
            None => {}
        }
        if !step.postgres_only || engine == Engine::Postgres {
            batch(tx, step.sql).map_err(|e| in_step(step, e))?;
        }
        let record = "INSERT INTO migration (id, name, sql) VALUES (?1, ?2, ?3)";
        tx.run_one(record, &[&step.id, &step.name, &step.sql])?;
        ran.push(step.id);
    }
    Ok(ran)
}

fn batch(tx: &mut Tx, sql: &str) -> Result<()> {
    tx.step(|conn| match conn {
        Conn::Lite(c) => c.batch(&for_sqlite(sql)),
        Conn::Pg(c) => c.control(sql),
    })
}

fn in_step(step: &Migration, e: Error) -> Error {
    match e {
        Error::Sql(text) => Error::Sql(format!("migration {} {}: {text}", step.id, step.name)),
        other => other,
    }
}

/// SQLite's words for the types, and STRICT on each new table. Whole words only; literals are left alone, comments fall away.
pub(super) fn for_sqlite(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().chain([' ']).peekable();
    let (mut word, mut before, mut makes_table) = (String::new(), String::new(), false);
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            makes_table |= before == "CREATE" && word == "TABLE";
            out.push_str(match word.as_str() {
                "BIGINT" | "BOOLEAN" => "INTEGER",
                "BYTEA" | "UUID" => "BLOB",
                same => same,
            });
            before = std::mem::take(&mut word);
        }
        match c {
            '-' if chars.peek() == Some(&'-') => {
                chars.by_ref().find(|c| *c == '\n');
                out.push('\n');
                continue;
            }
            '\'' => {
                out.push(c);
                out.extend(std::iter::from_fn(|| chars.next_if(|c| *c != '\'')));
                // The closing quote; a doubled one opens a new literal at once.
                out.extend(chars.next());
                continue;
            }
            ';' if std::mem::take(&mut makes_table) => out.push_str(" STRICT"),
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::for_sqlite;

    #[test]
    fn types_are_turned_and_tables_are_strict() {
        let text = "CREATE TABLE a (id UUID NOT NULL, n BIGINT, b BYTEA); CREATE INDEX i ON a (n); ALTER TABLE a ADD COLUMN t BOOLEAN;";
        let want = "CREATE TABLE a (id BLOB NOT NULL, n INTEGER, b BLOB) STRICT; CREATE INDEX i ON a (n); ALTER TABLE a ADD COLUMN t INTEGER;";
        assert_eq!(for_sqlite(text).trim_end(), want);
    }

    #[test]
    fn literals_stay_and_comments_go() {
        let text = "-- it's; a UUID\nCREATE TABLE a (t TEXT DEFAULT 'a BIGINT; ''of'' it', n BIGINT -- one; 'two\n);";
        let want = "\nCREATE TABLE a (t TEXT DEFAULT 'a BIGINT; ''of'' it', n INTEGER \n) STRICT;";
        assert_eq!(for_sqlite(text).trim_end(), want);
    }

    #[test]
    fn a_table_that_may_be_there_is_strict_too() {
        assert!(for_sqlite("CREATE TABLE IF NOT EXISTS a (n BIGINT);").contains(") STRICT;"));
    }
}
