//! A crowd of made people, put into a store that nobody serves from: the same rows that the product writes, in bulk, with one hash for all.
//! Must never happen: this near a store that somebody needs; durability and foreign keys are switched off while it runs.
use anyhow::{Context, Result};
use factors::StoredHash;
use kernel::{OrganisationId, PersonId};
use postgres::{Client, NoTls};
use rusqlite::Connection;
use std::{io::Write, path::Path};
use uuid::Uuid;

/// Who is made: numbers 0 to `size`, members of one organisation, with this hash.
pub struct Crowd<'a> {
    /// How many.
    pub size: u32,
    /// Whose.
    pub home: OrganisationId,
    /// The hash of everybody's password.
    pub hash: &'a StoredHash,
    /// When, in microseconds.
    pub at: i64,
}

/// The id of a made person.
pub fn id_of(number: u32) -> PersonId {
    PersonId(Uuid::from_u128(
        0x019a_b000_0000_7000_8000_0000_0000_0000 | u128::from(number),
    ))
}
/// The address of a made person.
pub fn email_of(number: u32) -> String {
    format!("person-{number:07}@crowd.example")
}

impl Crowd<'_> {
    fn work(&self) -> Result<i64> {
        Ok(self.hash.cost().context("the hash of the crowd")?.work())
    }

    /// Into a SQLite file.
    pub fn into_file(&self, path: &Path) -> Result<()> {
        let mut file = Connection::open(path)?;
        // Names are sorted by their bytes, as the product does.
        file.create_collation("C", str::cmp)?;
        file.execute_batch(
            "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-200000",
        )?;
        let (work, home) = (self.work()?, self.home.0.into_bytes());
        let all = file.transaction()?;
        {
            let mut person = all.prepare(
                "INSERT INTO person (id, home_organisation, name, email, email_canonical, email_skeleton, language, epoch, made_at)
                 VALUES (?1, ?2, 'Made Person', ?3, ?3, ?3, 'en', 1, ?4)",
            )?;
            let mut membership =
                all.prepare("INSERT INTO membership (organisation, person, joined_at) VALUES (?1, ?2, ?3)")?;
            let mut password = all.prepare(
                "INSERT INTO password (person, hash, pepper, work, version, changed_at) VALUES (?1, ?2, ?3, ?4, 1, ?5)",
            )?;
            for number in 0..self.size {
                let id = id_of(number).0.into_bytes();
                person.execute((id, home, email_of(number), self.at))?;
                membership.execute((home, id, self.at))?;
                password.execute((id, &self.hash.phc, self.hash.pepper, work, self.at))?;
            }
        }
        all.commit()?;
        file.execute_batch("PRAGMA journal_mode=WAL")?;
        Ok(())
    }

    /// Into a PostgreSQL database. Blocks; not for async code.
    pub fn into_database(&self, url: &str) -> Result<()> {
        let mut client = Client::connect(url, NoTls)?;
        let (work, home, at, size) = (self.work()?, self.home.0, self.at, self.size);
        client.batch_execute("SET session_replication_role = replica; SET synchronous_commit = off")?;
        let mut rows = client.copy_in(
            "COPY person (id, home_organisation, name, email, email_canonical, email_skeleton, language, epoch, made_at) FROM STDIN",
        )?;
        for number in 0..size {
            let (id, email) = (id_of(number), email_of(number));
            writeln!(
                rows,
                "{id}\t{home}\tMade Person\t{email}\t{email}\t{email}\ten\t1\t{at}"
            )?;
        }
        rows.finish()?;
        let mut rows = client.copy_in("COPY membership (organisation, person, joined_at) FROM STDIN")?;
        for number in 0..size {
            writeln!(rows, "{home}\t{}\t{at}", id_of(number))?;
        }
        rows.finish()?;
        let mut rows = client.copy_in("COPY password (person, hash, pepper, work, version, changed_at) FROM STDIN")?;
        for number in 0..size {
            let StoredHash { phc, pepper } = self.hash;
            writeln!(rows, "{}\t{phc}\t{pepper}\t{work}\t1\t{at}", id_of(number))?;
        }
        rows.finish()?;
        client.batch_execute("ANALYZE")?;
        Ok(())
    }
}
