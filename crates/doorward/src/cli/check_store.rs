//! The part of `doorward check` that asks the store: database, master key, clock. Changes nothing in it.
use super::check::{Finding, place, probe};
use crate::{MIGRATIONS, start};
use ground::{
    config::{Config, Database},
    context::system_chance,
    db::{self, Engine, Store},
    keys,
};
use kernel::{Span, Time};
use std::{fs, path::Path};

const DATABASE: &str = "database";
const KEY: &str = "master key";
const CLOCK: &str = "clock";

/// Codes and links live for minutes; a clock that is off by more would break them.
const CLOCK_BAD: Span = Span::seconds(60);
const CLOCK_NOTE: Span = Span::seconds(5);
/// Before this was written, or long after, no clock is right.
const PLAUSIBLE: std::ops::Range<i64> = 1_763_942_400..4_102_444_800;
/// PostgreSQL 15.
const OLDEST_POSTGRES: i64 = 150_000;

pub(super) async fn check(config: &Config, now: Time) -> Vec<Finding> {
    if let Database::Sqlite(path) = &config.database
        && !path.exists()
    {
        return vec![
            Finding::good(
                DATABASE,
                format!("{} is not there yet; the first start makes it", path.display()),
            ),
            key_before_start(&config.master_key_file),
            clock(now, folder_time(&config.data_dir), "the file system's"),
        ];
    }
    // Opening makes the data folder where it is not there; PostgreSQL needs none, and a check must not make one.
    let here = Config {
        data_dir: ".".into(),
        ..config.clone()
    };
    let store = match start::open_store(&here, &system_chance(), false) {
        Ok(store) => store,
        Err(error) => {
            let unknown = "not compared, because the database is away";
            return vec![
                Finding::bad(DATABASE, format!("{error:#}")),
                Finding::note(KEY, unknown),
                clock(now, None, "the database's"),
            ];
        }
    };
    let mut findings = vec![database(config, &store).await, key(config, &store, now).await];
    findings.push(match store.engine() {
        Engine::Sqlite => clock(now, folder_time(&config.data_dir), "the file system's"),
        Engine::Postgres => clock(now, database_time(&store).await.ok(), "the database's"),
    });
    store.close().await;
    findings
}

async fn database(config: &Config, store: &Store) -> Finding {
    let place = place(&config.database);
    let about = match store.engine() {
        Engine::Sqlite => sqlite_version(store).await,
        Engine::Postgres => postgres_version(store).await,
    };
    let about = match about {
        Ok(Ok(about)) => about,
        Ok(Err(refused)) => return Finding::bad(DATABASE, refused),
        Err(error) => return Finding::bad(DATABASE, format!("{place} does not answer: {error}")),
    };
    match db::migrate_dry_run(store, MIGRATIONS).await {
        Err(error) => Finding::bad(DATABASE, format!("{place} cannot be brought to this version: {error}")),
        Ok(waiting) if waiting.is_empty() => Finding::good(DATABASE, format!("{place}: {about}, up to date")),
        Ok(waiting) => Finding::note(
            DATABASE,
            format!("{place}: {about}; the next start runs {}", names(&waiting)),
        ),
    }
}

/// The words for a version that fits, or why it does not.
type Version = db::Result<Result<String, String>>;

async fn sqlite_version(store: &Store) -> Version {
    let version = store
        .read(|view| view.one::<String>("SELECT sqlite_version()", &[]))
        .await?;
    Ok(Ok(format!("SQLite {version}")))
}

async fn postgres_version(store: &Store) -> Version {
    let (number, version, encoding, collation): (i64, String, String, String) = store
        .read(|view| {
            view.one(
                "SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_version'),
                        current_setting('server_encoding'), CAST(datcollate AS TEXT)
                 FROM pg_database WHERE datname = current_database()",
                &[],
            )
        })
        .await?;
    Ok(if number < OLDEST_POSTGRES {
        Err(format!("PostgreSQL {version} is too old; 15 is the oldest that works"))
    } else if encoding != "UTF8" {
        Err(format!(
            "the database's encoding is {encoding}; make it with ENCODING 'UTF8'"
        ))
    } else {
        Ok(format!("PostgreSQL {version}, collation {collation}"))
    })
}

/// The names of these migrations.
pub(super) fn names(ids: &[i64]) -> String {
    let named = MIGRATIONS
        .iter()
        .filter(|step| ids.contains(&step.id))
        .map(|step| step.name);
    named.collect::<Vec<_>>().join(", ")
}

fn key_before_start(file: &Path) -> Finding {
    let shown = file.display();
    if file.exists() {
        Finding::good(
            KEY,
            format!("{shown} is there; the first start seals the new store with it"),
        )
    } else {
        Finding::good(KEY, format!("{shown} is not there yet; the first start makes it"))
    }
}

/// Looks at the file only where a store is sealed with it: establishing keys in an empty store would make them.
async fn key(config: &Config, store: &Store, now: Time) -> Finding {
    let sealed = store
        .read(|view| view.maybe::<i64>("SELECT id FROM deployment WHERE id = 1", &[]))
        .await;
    // Before the first migration there is no such table.
    if !matches!(sealed, Ok(Some(_))) {
        return key_before_start(&config.master_key_file);
    }
    match keys::establish(store, &config.master_key_file, now, &system_chance()).await {
        Ok(keys) => Finding::good(
            KEY,
            format!(
                "{} fits the store; fingerprint {}",
                config.master_key_file.display(),
                keys.fingerprint()
            ),
        ),
        Err(error) => Finding::bad(KEY, error.to_string()),
    }
}

async fn database_time(store: &Store) -> db::Result<Time> {
    let micros = store
        .read(|view| {
            view.one::<i64>(
                "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
                &[],
            )
        })
        .await?;
    Ok(Time::from_micros(micros))
}

/// What a new file's time is: the clock of a file server, where the folder is on one.
fn folder_time(folder: &Path) -> Option<Time> {
    let probe = probe(folder);
    fs::write(&probe, b"doorward check").ok()?;
    let modified = fs::metadata(&probe).and_then(|metadata| metadata.modified()).ok();
    // A probe that stays is found and written over by the next check.
    let _ = fs::remove_file(&probe);
    let since = modified?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok().map(Time::from_micros)
}

fn clock(now: Time, other: Option<Time>, whose: &str) -> Finding {
    let shown = now.rfc3339();
    if !PLAUSIBLE.contains(&now.seconds()) {
        return Finding::bad(
            CLOCK,
            format!("it says {shown}, which cannot be; set it, and keep it right with NTP"),
        );
    }
    let Some(other) = other else {
        return Finding::good(CLOCK, format!("{shown}; nothing to compare it with"));
    };
    let apart = if now > other { now - other } else { other - now };
    if apart > CLOCK_BAD {
        Finding::bad(
            CLOCK,
            format!(
                "{shown}, but {whose} clock is {} away; keep both right with NTP",
                apart.words()
            ),
        )
    } else if apart > CLOCK_NOTE {
        Finding::note(CLOCK, format!("{shown}, but {whose} clock is {} away", apart.words()))
    } else {
        Finding::good(CLOCK, format!("{shown}, the same as {whose}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::check::Mark, *};

    #[test]
    fn a_clock_is_judged_by_its_year_and_by_another_clock() {
        let now = Time::from_seconds(1_795_511_642);
        for (own, other, mark) in [
            (now, None, Mark::Good),
            (now, Some(now - Span::seconds(2)), Mark::Good),
            (now, Some(now + Span::seconds(20)), Mark::Note),
            (now, Some(now - Span::hours(1)), Mark::Bad),
            (Time::from_seconds(0), None, Mark::Bad),
        ] {
            assert_eq!(clock(own, other, "the database's").mark, mark);
        }
    }
}
