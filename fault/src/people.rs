//! The people of a run: the owner comes by `doorward owner create`, the others are put into the store beside it, before the server starts.
//! Must never happen: a run that works on anybody's real store; every place is a fresh one.
use crate::program::Place;
use anyhow::{Context as _, Result, bail};
use ground::{
    config::{Config, Database},
    context::{system_chance, system_clock},
    db,
};
use kernel::{Deployment, Organisation, PersonId, Secret};
use people::NewPerson;

/// The password of everybody at the beginning.
pub const PASSWORD: &str = "quiet lantern over the mill";
/// The owner's address.
pub const OWNER: &str = "olive@northwind.example";

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their address.
    pub email: String,
    /// Their id, as the API writes it.
    pub id: String,
    /// Their name.
    pub name: String,
}

/// Makes the owner and so many others, who may do nothing but change themselves.
pub fn settle(place: &Place, count: usize) -> Result<Vec<Person>> {
    let words = [
        "owner",
        "create",
        "--email",
        OWNER,
        "--name",
        "Olive Owner",
        "--organisation",
        "Northwind IT",
    ];
    place.run(&words, PASSWORD)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(add(place, count))
}

async fn add(place: &Place, count: usize) -> Result<Vec<Person>> {
    let mut config = Config::defaults_in(place.data_dir.clone());
    if place.database_url != "sqlite" {
        config.database = Database::Postgres(Secret::new(place.database_url.clone()));
    }
    let ground = doorward::start::open_ground(config, system_clock(), system_chance(), false).await?;
    let mut made = Vec::new();
    for number in 0..count {
        made.push(add_one(&ground, &format!("p{number}@northwind.example")).await?);
    }
    ground.store.close().await;
    Ok(made)
}

async fn add_one(ground: &ground::Ground, address: &str) -> Result<Person> {
    let canonical =
        |text: &str| people::canonical_email(text).map_err(|error| anyhow::anyhow!("{text}: {}", error.message));
    let (owner, email, now) = (canonical(OWNER)?, canonical(address)?, ground.now());
    let person = Person {
        email: address.to_owned(),
        id: String::new(),
        name: address.split('@').next().unwrap_or_default().to_owned(),
    };
    let (id, name) = (PersonId::new(now, &ground.chance), person.name.clone());
    let work = move |tx: &mut db::Tx| {
        let Some(owner) = people::by_email(tx, Deployment, &owner.canonical)? else {
            return Ok(false);
        };
        // The same password under the same salt: it saves a hash each, and nobody attacks these.
        let Some(stored) = factors::store::find_password(tx, owner.id)? else {
            return Ok(false);
        };
        let home = owner.home_organisation;
        let new = NewPerson {
            id,
            home,
            name: name.clone(),
            email: email.clone(),
            language: kernel::Language::default(),
        };
        let is_made = people::create(tx, Deployment, &new, now)?;
        roles::hold_by_name(tx, Organisation(home), id, "No access")?;
        factors::store::set_password(tx, id, &stored.hash, now)?;
        Ok::<_, db::Error>(is_made)
    };
    let is_made = ground.store.write(work).await.context("a person could not be made")?;
    if !is_made {
        bail!("{address} could not be made");
    }
    Ok(Person {
        id: id.0.to_string(),
        ..person
    })
}
