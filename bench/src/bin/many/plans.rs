//! By which plan each statement of the lists is answered: a table that is read from end to end, and is not small by its nature, is told.
use crate::say;
use anyhow::Result;
use bench::place::Place;
use ground::db::{Kind, Recorded};
use postgres::{Client, NoTls};
use rusqlite::Connection;

/// Tables that grow with organisations, people or events.
const GROWS: [&str; 14] = [
    "event",
    "person",
    "membership",
    "membership_grant",
    "organisation",
    "site",
    "role",
    "session",
    "known_device",
    "device",
    "lane",
    "checkpoint",
    "chain",
    "message",
];

/// Lets PostgreSQL know how much there is, as it would find out by itself within a minute.
pub fn know_the_data(place: &Place<'_>) -> Result<()> {
    if let Some(url) = place.url() {
        Client::connect(&url, NoTls)?.batch_execute("VACUUM ANALYZE")?;
    }
    Ok(())
}

/// Explains each statement, and tells those that read a whole table.
pub fn tell(place: &Place<'_>, statements: &[Recorded]) -> Result<()> {
    let reads: Vec<&Recorded> = statements
        .iter()
        .filter(|one| one.sql.trim_start().starts_with("SELECT"))
        .collect();
    let mut told = 0;
    for statement in &reads {
        let steps = match place.url() {
            Some(url) => of_database(&url, statement)?,
            None => of_file(place, statement)?,
        };
        for step in steps.iter().filter(|step| is_whole(step)) {
            told += 1;
            let sql = statement.sql.split_whitespace().collect::<Vec<_>>().join(" ");
            say(&format!("- {step}: `{sql}`"))?;
        }
    }
    say(&format!(
        "{} statements looked at, {told} of their steps read a whole table.",
        reads.len()
    ))
}

fn is_whole(step: &str) -> bool {
    GROWS.iter().any(|table| {
        let is_scan = step == format!("SCAN {table}") || step.contains(&format!("Seq Scan on {table} "));
        is_scan || step.ends_with(&format!("Seq Scan on {table}"))
    })
}

fn of_file(place: &Place<'_>, statement: &Recorded) -> Result<Vec<String>> {
    let file = Connection::open(place.folder().join("doorward.db"))?;
    // As the store has it: the order of bytes.
    file.create_collation("C", str::cmp)?;
    let mut explained = file.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql))?;
    // Parameters that are not bound are NULL: the plan does not depend on them.
    let mut rows = explained.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(row.get(3)?);
    }
    Ok(steps)
}

/// Small tables are read whole whatever there is: without that, a step that still does has no index.
fn of_database(url: &str, statement: &Recorded) -> Result<Vec<String>> {
    let mut client = Client::connect(url, NoTls)?;
    client.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")?;
    let kind = |kind: &Kind| match kind {
        Kind::Int => "BIGINT",
        Kind::Bool => "BOOLEAN",
        Kind::Text => "TEXT",
        Kind::Bytes => "BYTEA",
        Kind::Uuid => "UUID",
    };
    let kinds: Vec<&str> = statement.kinds.iter().map(kind).collect();
    let (types, nulls) = if kinds.is_empty() {
        (String::new(), String::new())
    } else {
        let nulls: Vec<&str> = kinds.iter().map(|_| "NULL").collect();
        (format!("({})", kinds.join(", ")), format!("({})", nulls.join(", ")))
    };
    let sql = statement.sql.replace('?', "$");
    client.batch_execute(&format!("PREPARE looked_at {types} AS {sql}"))?;
    let rows = client.query(&format!("EXPLAIN EXECUTE looked_at {nulls}"), &[])?;
    rows.iter()
        .map(|row| Ok(row.try_get::<_, String>(0)?.trim().to_owned()))
        .collect()
}
