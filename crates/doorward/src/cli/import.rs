//! `doorward import people`: accounts from a table or a Keycloak realm export.
use super::{End, commands::existing_ground, out, refused};
use crate::import::{self, Taken, Untaken};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use ground::{Ground, config::Config, db};
use kernel::{Deployment, Organisation, OrganisationId, PersonId};
use organisations::State;
use roles::Role;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Takes people over from a CSV table or a Keycloak realm export
    ///
    /// A table has a first line that names its columns: email, and of name, roles, language, disabled, `password_hash` what there is. Hashes of
    /// argon2, bcrypt, scrypt and PBKDF2 are taken over; each is made anew when its owner signs in. Accounts that are there stay as they are.
    People(People),
}

/// What is to be taken, and into which organisation.
#[derive(Debug, Args)]
pub(super) struct People {
    /// The table, or the export
    file: PathBuf,
    /// Looks at everything and changes nothing
    #[arg(long)]
    dry_run: bool,
    /// The organisation that becomes their home, by name or id; without it the one that runs this server
    #[arg(long, value_name = "O")]
    organisation: Option<String>,
    /// The role of those for whom the file names none
    #[arg(long, value_name = "R", default_value = "No access")]
    role: String,
}

/// A file beyond it is no list of people.
const MOST_BYTES: u64 = 1 << 30;

pub(super) async fn people(config: Config, wanted: People) -> Result<(), End> {
    let text = read_file(&wanted.file)?;
    let ground = existing_ground(config).await?;
    let done = run(&ground, &wanted, &text).await;
    ground.store.close().await;
    let (name, untaken, taken) = done?;
    let all: Vec<&Untaken> = untaken.iter().chain(&taken.untaken).collect();
    for one in &all {
        out::say(&plain(&one.told()))?;
    }
    for line in summary(&name, &taken, all.len(), wanted.dry_run) {
        out::say(&plain(&line))?;
    }
    if taken.people == 0 && !all.is_empty() {
        return Err(refused("nobody could be taken; the lines above say why"));
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<String, End> {
    let shown = path.display();
    let size = std::fs::metadata(path)
        .with_context(|| format!("{shown} cannot be read"))?
        .len();
    if size > MOST_BYTES {
        return Err(refused(format!("{shown} is larger than 1 GiB; split it")));
    }
    let bytes = std::fs::read(path).with_context(|| format!("{shown} cannot be read"))?;
    String::from_utf8(bytes).map_err(|_| refused(format!("{shown} is not UTF-8 text; save it as such")))
}

async fn run(ground: &Ground, wanted: &People, text: &str) -> Result<(String, Vec<Untaken>, Taken), End> {
    let (organisation, name) = pick(ground, wanted.organisation.as_deref()).await?;
    let roles = ground.store.read(move |view| roles::list(view, organisation)).await?;
    let is_wanted = |role: &&Role| role.name.to_lowercase() == wanted.role.trim().to_lowercase();
    let usual = roles.iter().find(is_wanted);
    let usual = usual.ok_or_else(|| refused(format!("{name} has no role {:?}", wanted.role)))?;
    let draw = || PersonId::new(ground.now(), &ground.chance);
    let read = import::read(text, organisation, &roles, usual, draw);
    let read = read.map_err(|why| refused(format!("{} cannot be understood: {why}", wanted.file.display())))?;
    let taken = import::take(ground, organisation, read.ready, wanted.dry_run).await;
    Ok((
        name,
        read.untaken,
        taken.context("not everybody could be taken; run it once more")?,
    ))
}

/// The organisation that is meant, and its name.
async fn pick(ground: &Ground, wanted: Option<&str>) -> Result<(Organisation, String), End> {
    let named = wanted.map(str::to_owned);
    let found = ground.store.read(move |view| {
        let ids = match &named {
            None => organisations::first(view, Deployment)?.into_iter().collect(),
            Some(named) => match named.parse::<OrganisationId>() {
                Ok(id) => vec![id],
                Err(_) => organisations::called(view, Deployment, named.trim())?,
            },
        };
        let [id] = ids.as_slice() else {
            return Ok(Err(ids.len()));
        };
        Ok::<_, db::Error>(organisations::find(view, Deployment, *id)?.ok_or(0))
    });
    match found.await? {
        Ok(found) if found.state() == State::Active => Ok((Organisation(found.id), found.name)),
        Ok(found) => Err(refused(format!(
            "{} is {} and takes nobody",
            found.name,
            found.state().name()
        ))),
        Err(0) => Err(refused(match wanted {
            None => "there is no organisation yet; set the server up first".to_owned(),
            Some(wanted) => format!("there is no organisation {wanted:?}"),
        })),
        Err(_) => Err(refused("several organisations have this name; give the id of one")),
    }
}

fn summary(organisation: &str, taken: &Taken, untaken: usize, is_dry: bool) -> Vec<String> {
    let Taken {
        people,
        with_password,
        unverified,
        with_factor,
        ..
    } = taken;
    let (took, of) = (if is_dry { "would take" } else { "took" }, people + untaken);
    let mut lines = vec![format!(
        "{took} {people} of {of} people into {organisation}: {with_password} with their password, {} set one by \"Forgot your password?\"",
        people - with_password
    )];
    if *unverified > 0 {
        lines.push(format!(
            "{unverified} without a password, because their address was not verified there"
        ));
    }
    if *with_factor > 0 {
        lines.push(format!(
            "{with_factor} had a second factor there, which cannot be taken over; they add one here"
        ));
    }
    if untaken > 0 {
        lines.push(format!("{untaken} could not be taken"));
    }
    if is_dry {
        lines.push("nothing was changed".to_owned());
    }
    lines
}

/// What stands in a file must do nothing in a terminal but be read.
fn plain(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
