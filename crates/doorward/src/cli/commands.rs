//! The commands and what each leads to. All work beside a running server.
use super::{End, check_store, import, out, owner, person, refused, serve};
use crate::{MIGRATIONS, start};
use anyhow::Context;
use clap::{Args, Subcommand};
use ground::{
    Ground,
    config::{Config, Database},
    context::{system_chance, system_clock},
    db, journal,
};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Runs the server
    Serve,
    /// Looks at the configuration and at everything it points to, a line each
    Check,
    /// Makes a new set-up link, as long as there has never been an owner
    SetupLink,
    /// The first owner, made without a browser
    #[command(subcommand)]
    Owner(Owner),
    /// The people of this deployment
    #[command(subcommand)]
    Person(Person),
    /// Takes over what another system has
    #[command(subcommand)]
    Import(import::Import),
    /// The activity log
    #[command(subcommand)]
    Audit(Audit),
    /// Who may do what, as data
    #[command(subcommand)]
    Authz(Authz),
    /// Lists every route: method, path, action, who
    Routes(Json),
    /// Brings the database to this version
    Migrate {
        /// Tries it and undoes it again
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Owner {
    /// Makes the first owner; the password is read from stdin
    Create(owner::Create),
}

#[derive(Debug, Subcommand)]
pub(super) enum Person {
    /// Lists everybody
    List(Json),
    /// Lets a person whose password entry is locked try again
    Unlock {
        /// The person's e-mail address
        email: String,
    },
    /// Ends every session of a person
    SignOut {
        /// The person's e-mail address
        email: String,
    },
    /// Removes a person's lost second factors at once
    ResetFactors {
        /// The person's e-mail address
        email: String,
    },
    /// Makes a link with which a person sets a new password
    ResetLink {
        /// The person's e-mail address
        email: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Checks the whole chain of the store, or of an exported file
    Verify {
        /// An exported file; without it the store is checked
        file: Option<PathBuf>,
        /// The public key to trust, instead of the one in the data folder
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Authz {
    /// Writes permissions, roles, groups and grants of every organisation as JSON
    Export,
}

#[derive(Debug, Args)]
pub(super) struct Json {
    /// Writes JSON
    #[arg(long)]
    pub json: bool,
}

impl Command {
    pub async fn run(self, config: Config) -> Result<(), End> {
        match self {
            Self::Serve => serve::serve(config).await,
            Self::Check => Ok(()),
            Self::SetupLink => setup_link(config).await,
            Self::Owner(Owner::Create(create)) => owner::create(config, create).await,
            Self::Person(Person::List(Json { json })) => person::list(config, json).await,
            Self::Person(Person::Unlock { email }) => person::unlock(config, &email).await,
            Self::Person(Person::SignOut { email }) => person::sign_out(config, &email).await,
            Self::Person(Person::ResetFactors { email }) => person::reset_factors(config, &email).await,
            Self::Person(Person::ResetLink { email }) => person::reset_link(config, &email).await,
            Self::Import(import::Import::People(wanted)) => import::people(config, wanted).await,
            Self::Audit(Audit::Verify { file, key }) => audit_verify(config, file, key).await,
            Self::Authz(Authz::Export) => authz_export(config).await,
            Self::Routes(Json { json }) => serve::routes(config, json).await,
            Self::Migrate { dry_run } => migrate(config, dry_run).await,
        }
    }
}

/// The ground of a store that is there already. A command that only looks must not leave an empty store behind where it was started by mistake.
pub(super) async fn existing_ground(config: Config) -> Result<Ground, End> {
    require_store(&config)?;
    Ok(start::open_ground(config, system_clock(), system_chance(), false).await?)
}

fn require_store(config: &Config) -> Result<(), End> {
    match &config.database {
        Database::Sqlite(path) if !path.exists() => Err(refused(format!(
            "there is no store at {}; start the server once, or set data_dir to where it is",
            path.display()
        ))),
        _ => Ok(()),
    }
}

async fn setup_link(config: Config) -> Result<(), End> {
    let ground = start::open_ground(config, system_clock(), system_chance(), false).await?;
    let made = sign_in::make_link(&ground).await;
    ground.store.close().await;
    let link = made.context("the set-up link could not be made")?;
    let link =
        link.ok_or_else(|| refused("set-up is closed for good, because there has been an owner; sign in instead"))?;
    Ok(out::say(&format!("set-up link: {link}"))?)
}

async fn audit_verify(config: Config, file: Option<PathBuf>, key: Option<PathBuf>) -> Result<(), End> {
    let trust = match &key {
        Some(key) => journal::Trust::from_file(key),
        None => journal::Trust::of_data_dir(&config.data_dir),
    };
    let trust = trust.context("no key to trust; name one with --key, or set data_dir to where the server's is")?;
    let audited = if let Some(file) = file {
        tokio::task::spawn_blocking(move || journal::audit_file(&file, &trust)).await?
    } else {
        require_store(&config)?;
        let store = start::open_store(&config, &system_chance(), false)?;
        let audited = journal::audit_store(&store, &trust, &config.data_dir).await;
        store.close().await;
        audited
    };
    let audit = audited.context("the activity log could not be checked")?;
    if audit.is_whole {
        return Ok(out::say(&audit.lines.join("\n"))?);
    }
    audit.lines.iter().for_each(|line| out::complain(line));
    Err(End::Told)
}

async fn authz_export(config: Config) -> Result<(), End> {
    let ground = existing_ground(config).await?;
    let exported = roles::export(&ground).await;
    ground.store.close().await;
    let exported = exported.context("roles and grants could not be read")?;
    Ok(out::say_json(&exported)?)
}

async fn migrate(config: Config, is_dry: bool) -> Result<(), End> {
    if is_dry {
        // Nothing may be left behind, not even an empty store.
        require_store(&config)?;
    }
    let store = start::open_store(&config, &system_chance(), false)?;
    let ran = if is_dry {
        db::migrate_dry_run(&store, MIGRATIONS).await
    } else {
        db::migrate(&store, MIGRATIONS).await
    };
    store.close().await;
    let ran = ran.context("the migrations did not run; nothing was changed")?;
    let (done, names) = (if is_dry { "would run" } else { "ran" }, check_store::names(&ran));
    Ok(out::say(&if ran.is_empty() {
        "the database is up to date".to_owned()
    } else {
        format!("{done}: {names}")
    })?)
}
