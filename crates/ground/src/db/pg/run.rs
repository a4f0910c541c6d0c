//! A PostgreSQL connection that runs statements, prepared once for each text and the kinds of its parameters.
//! Must never happen: a parameter whose type the server infers.
use super::{
    errors::{error, is_stale_plan},
    values::of_kind,
};
use crate::db::{Bind, Bound, Error, FromRow, Kind, Result, Row};
use postgres::{
    Client, Statement,
    types::{ToSql, Type},
};
use std::collections::HashMap;

pub(in crate::db) struct Pg {
    pub(super) client: Client,
    /// The next transaction has begun already, in the round trip that ended the last one.
    pub(super) is_begun: bool,
    /// By text; one text is seldom used with two sets of kinds.
    known: HashMap<&'static str, Vec<Prepared>>,
}

/// For parameters of these kinds.
type Prepared = (Box<[Kind]>, Statement);

impl Pg {
    pub(super) fn over(client: Client) -> Self {
        Self {
            client,
            is_begun: false,
            known: HashMap::new(),
        }
    }

    /// A statement of ours without parameters, or several in one round trip.
    pub(in crate::db) fn control(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|e| error(&e))
    }

    pub(in crate::db) fn execute(&mut self, sql: &'static str, binds: &[&dyn Bind]) -> Result<u64> {
        let bound: Vec<Bound<'_>> = binds.iter().map(|bind| bind.bound()).collect();
        let statement = self.prepared(sql, &bound)?;
        let params: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|b| b as _).collect();
        self.client.execute(&statement, &params).map_err(|e| self.failed(&e))
    }

    pub(in crate::db) fn query<T: FromRow>(&mut self, sql: &'static str, binds: &[&dyn Bind]) -> Result<Vec<T>> {
        let bound: Vec<Bound<'_>> = binds.iter().map(|bind| bind.bound()).collect();
        let statement = self.prepared(sql, &bound)?;
        let params: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|b| b as _).collect();
        let rows = self.client.query(&statement, &params).map_err(|e| self.failed(&e))?;
        rows.iter().map(|row| T::from_row(&Row::Pg(row))).collect()
    }

    pub(in crate::db) fn prepare(&mut self, sql: &str, kinds: &[Kind]) -> Result<()> {
        let types: Vec<Type> = kinds.iter().copied().map(of_kind).collect();
        let statement = self
            .client
            .prepare_typed(&dollars(sql)?, &types)
            .map_err(|e| error(&e))?;
        if statement.params().len() == kinds.len() {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "{} parameters for {}",
            kinds.len(),
            statement.params().len()
        )))
    }

    fn prepared(&mut self, sql: &'static str, binds: &[Bound<'_>]) -> Result<Statement> {
        let is_same = |kinds: &[Kind]| kinds.iter().copied().eq(binds.iter().map(Bound::kind));
        let known = self.known.entry(sql).or_default();
        if let Some((_, statement)) = known.iter().find(|(kinds, _)| is_same(kinds)) {
            return Ok(statement.clone());
        }
        let kinds: Box<[Kind]> = binds.iter().map(Bound::kind).collect();
        let types: Vec<Type> = kinds.iter().copied().map(of_kind).collect();
        let statement = self
            .client
            .prepare_typed(&dollars(sql)?, &types)
            .map_err(|e| error(&e))?;
        if statement.params().len() != binds.len() {
            let (got, want) = (binds.len(), statement.params().len());
            return Err(Error::Refused(format!("{got} parameters for {want}")));
        }
        known.push((kinds, statement.clone()));
        Ok(statement)
    }

    fn failed(&mut self, e: &postgres::Error) -> Error {
        if is_stale_plan(e) {
            self.known.clear();
        }
        error(e)
    }
}

/// `?1` to `$1`, outside quotes and comments. A bare `?` is refused.
fn dollars(sql: &str) -> Result<String> {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => {
                out.push(c);
                for inner in chars.by_ref() {
                    out.push(inner);
                    if inner == c {
                        break;
                    }
                }
            }
            '-' if chars.peek() == Some(&'-') => {
                chars.by_ref().find(|c| *c == '\n');
                out.push('\n');
            }
            '?' if chars.peek().is_some_and(char::is_ascii_digit) => out.push('$'),
            '?' => return Err(Error::Refused(format!("a parameter without its number: {sql}"))),
            _ => out.push(c),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_turned_outside_quotes_only() {
        let turned = dollars("SELECT '?1', \"a?\" -- why?\n FROM t WHERE a = ?1 AND b = ?12");
        assert_eq!(
            turned.as_deref(),
            Ok("SELECT '?1', \"a?\" \n FROM t WHERE a = $1 AND b = $12")
        );
        assert!(matches!(dollars("SELECT ?"), Err(Error::Refused(_))));
    }
}
