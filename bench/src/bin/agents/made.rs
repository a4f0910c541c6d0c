//! Makes what is measured: an organisation with twenty people who are signed in, and very many agents that were let in, put into a store that nobody
//! serves from: the same rows that the product writes, in bulk. Must never happen: this near a store that somebody needs.
use crate::swarm::Machine;
use anyhow::{Result, anyhow};
use bench::{
    crowd::id_of,
    furnish::{open, open_sessions},
    place::Place,
};
use ground::db;
use kernel::{Deployment, Language, Organisation, OrganisationId, PersonId, SiteId};
use organisations::NewOrganisation;
use people::NewPerson;
use postgres::{Client, NoTls};
use rusqlite::Connection;
use std::io::Write as _;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// People at work beside the agents.
pub const PEOPLE: u32 = 20;

/// What is the same for all agents.
struct Home {
    organisation: OrganisationId,
    site: SiteId,
    at: i64,
}

/// Puts this many agents into the place. Answers them, and the session tokens of the people.
pub fn make(runtime: &Runtime, place: &Place<'_>, agents: u32) -> Result<(Vec<Machine>, Vec<String>)> {
    let (home, tokens) = runtime.block_on(found(place))?;
    let machines = (0..agents).map(Machine::new).collect::<Result<Vec<_>>>()?;
    match place.url() {
        Some(url) => into_database(&url, &home, &machines)?,
        None => into_file(place, &home, &machines)?,
    }
    Ok((machines, tokens))
}

async fn found(place: &Place<'_>) -> Result<(Home, Vec<String>)> {
    let ground = open(place.config()?).await?;
    let (now, chance) = (ground.now(), ground.chance.clone());
    let new = NewOrganisation {
        id: OrganisationId::new(now, &chance),
        parent: None,
        name: "Northwind IT".into(),
        site: SiteId::new(now, &chance),
    };
    let home = Home {
        organisation: new.id,
        site: new.site,
        at: now.micros(),
    };
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        let email = people::canonical_email(&format!("person-{number}@crowd.example"));
        people.push(NewPerson {
            id: id_of(number),
            home: new.id,
            name: format!("Person {number}"),
            email: email.map_err(|error| anyhow!("{}", error.message))?,
            language: Language::default(),
        });
    }
    let role_ids = roles::seed_ids(now, &chance);
    let made = ground.store.write(move |tx| {
        let of = Organisation(new.id);
        organisations::create(tx, Deployment, &new, now)?;
        roles::seed(tx, of, &role_ids)?;
        for person in &people {
            people::create(tx, Deployment, person, now)?;
            let role = if person.id == PersonId(id_of(0).0) {
                "Owner"
            } else {
                "Administrator"
            };
            roles::hold_by_name(tx, of, person.id, role)?;
        }
        organisations::close_setup(tx, Deployment, now)?;
        Ok::<_, db::Error>(())
    });
    made.await?;
    let tokens = open_sessions(&ground, home.organisation, PEOPLE).await;
    ground.store.close().await;
    Ok((home, tokens?))
}

/// The columns, in the order in which both write them.
const COLUMNS: &str = "organisation, id, site, name, sort_name, search, os, system, state, installation_key, public_key, thumbprint, \
     key_made_at, machine, hardware, facts, network, unseen_hours, asked_at, decided_at";

fn into_file(place: &Place<'_>, home: &Home, machines: &[Machine]) -> Result<()> {
    let mut file = Connection::open(place.folder().join("doorward.db"))?;
    file.create_collation("C", str::cmp)?;
    file.execute_batch(
        "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-200000",
    )?;
    let all = file.transaction()?;
    {
        let mut insert = all.prepare(&format!(
            "INSERT INTO agent ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?4, ?4, 'linux', 'Debian 12', 'active', ?5, ?6, ?7, ?8, ?9, ?10, ?11, '198.51.100.7', 0, ?8, ?8)"
        ))?;
        let (organisation, site, key) = (
            home.organisation.0.into_bytes(),
            home.site.0.into_bytes(),
            Uuid::nil().into_bytes(),
        );
        for machine in machines {
            let (public, thumbprint) = (machine.public()?, machine.thumbprint());
            insert.execute((
                organisation,
                machine.id.into_bytes(),
                site,
                &machine.name(),
                key,
                public,
                thumbprint,
                home.at,
                machine.marks.machine.as_deref().unwrap_or_default(),
                serde_json::to_string(&machine.marks.hardware)?,
                machine.inventory_text()?,
            ))?;
        }
    }
    all.commit()?;
    file.execute_batch("PRAGMA journal_mode=WAL")?;
    Ok(())
}

/// Blocks; not for async code.
fn into_database(url: &str, home: &Home, machines: &[Machine]) -> Result<()> {
    let mut client = Client::connect(url, NoTls)?;
    client.batch_execute("SET session_replication_role = replica; SET synchronous_commit = off")?;
    let mut rows = client.copy_in(&format!("COPY agent ({COLUMNS}) FROM STDIN"))?;
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(String::from("\\\\x"), |text, byte| format!("{text}{byte:02x}"))
    };
    for machine in machines {
        let (name, at) = (machine.name(), home.at);
        writeln!(
            rows,
            "{}\t{}\t{}\t{name}\t{name}\t{name}\tlinux\tDebian 12\tactive\t{}\t{}\t{}\t{at}\t{}\t{}\t{}\t198.51.100.7\t0\t{at}\t{at}",
            home.organisation.0,
            machine.id,
            home.site.0,
            Uuid::nil(),
            hex(&machine.public()?),
            hex(&machine.thumbprint()),
            machine.marks.machine.as_deref().unwrap_or_default(),
            serde_json::to_string(&machine.marks.hardware)?,
            machine.inventory_text()?,
        )?;
    }
    rows.finish()?;
    client.batch_execute("ANALYZE")?;
    Ok(())
}
