//! Opens what a program of ours stands on: data folder, store, migrations, keys. For the server and the command line alike.
//! Must never happen: a store that is opened with another store's key, or half migrated.
use crate::migrations::MIGRATIONS;
use anyhow::{Context as _, Result};
use ground::{
    Ground,
    config::{Config, Database},
    db::{self, Store},
    keys,
};
use kernel::{Chance, Clock};
use std::{fs, path::Path};

/// Opens the store that the configuration names. Makes the data folder (0700) where it is not there.
pub fn open_store(config: &Config, chance: &Chance, record: bool) -> Result<Store> {
    make_data_dir(&config.data_dir)?;
    let options = db::Options {
        seed: u64::from_le_bytes(chance.bytes()),
        record,
        ..db::Options::default()
    };
    match &config.database {
        Database::Sqlite(path) => Store::sqlite(path, &options)
            .with_context(|| format!("the database file {} cannot be opened", path.display())),
        Database::Postgres(url) => {
            Store::postgres(url.expose(), &options).context("the PostgreSQL server of database_url cannot be reached")
        }
    }
}

/// Opens everything: the store, migrated, and the keys.
pub async fn open_ground(config: Config, clock: Clock, chance: Chance, record: bool) -> Result<Ground> {
    let store = open_store(&config, &chance, record)?;
    let ran = db::migrate(&store, MIGRATIONS)
        .await
        .context("the migrations did not run; nothing was changed")?;
    if !ran.is_empty() {
        tracing::info!(migrations = ?ran, "migrated");
    }
    let keys = keys::establish(&store, &config.master_key_file, clock(), &chance).await?;
    Ok(Ground::new(config, store, clock, chance, keys))
}

fn make_data_dir(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(dir)
        .with_context(|| format!("the data folder {} cannot be made", dir.display()))
}
