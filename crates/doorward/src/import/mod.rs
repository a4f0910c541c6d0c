//! People taken over from elsewhere: from a table or a Keycloak realm export, with the hashes of their passwords. For the operator, beside a
//! running server. Must never happen: somebody taken over whom the log does not tell of; an account that was there and is changed by a file.
mod csv;
mod keycloak;
mod take;

use factors::StoredHash;
use kernel::{Language, Organisation, PersonId, Reason};
use people::{Email, NewPerson};
use roles::{Role, Wanted};
use std::collections::HashSet;

pub use take::{Taken, take};

/// Somebody as a file has them.
#[derive(Debug, Clone, Default)]
struct Entry {
    /// Where it stands, for the operator: `line 7`.
    place: String,
    email: String,
    name: String,
    roles: Vec<String>,
    language: String,
    is_disabled: bool,
    /// The hash of the password, as the other system spells it.
    hash: Option<String>,
    /// The address was not verified there, so its password was left behind.
    is_unverified: bool,
    /// There was a second factor, which cannot be taken over.
    had_factor: bool,
}

/// Somebody who could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untaken {
    place: String,
    why: String,
}

impl Untaken {
    /// One line.
    pub fn told(&self) -> String {
        format!("{}: {}", self.place, self.why)
    }
}

/// Somebody who can be taken.
#[derive(Clone)]
pub struct Ready {
    place: String,
    new: NewPerson,
    roles: Vec<Wanted>,
    hash: Option<StoredHash>,
    is_disabled: bool,
    is_unverified: bool,
    had_factor: bool,
}

/// A file, read: who can be taken, and who cannot.
pub struct Read {
    /// In the order of the file.
    pub ready: Vec<Ready>,
    /// Likewise.
    pub untaken: Vec<Untaken>,
}

/// Reads a file. Every id is drawn by `draw`.
///
/// # Errors
/// What is wrong with the whole of it.
pub fn read(
    text: &str,
    organisation: Organisation,
    roles: &[Role],
    usual: &Role,
    draw: impl Fn() -> PersonId,
) -> Result<Read, String> {
    let text = text.trim_start_matches('\u{feff}');
    let entries = if text.trim_start().starts_with(['{', '[']) {
        keycloak::read(text)?
    } else {
        csv::read(text)?
    };
    let mut read = Read {
        ready: Vec::new(),
        untaken: Vec::new(),
    };
    let mut seen = HashSet::new();
    for entry in entries {
        match entry.and_then(|entry| prepare(entry, organisation, roles, usual, &mut seen, &draw)) {
            Ok(ready) => read.ready.push(ready),
            Err(untaken) => read.untaken.push(untaken),
        }
    }
    Ok(read)
}

fn prepare(
    entry: Entry,
    organisation: Organisation,
    roles: &[Role],
    usual: &Role,
    seen: &mut HashSet<String>,
    draw: &impl Fn() -> PersonId,
) -> Result<Ready, Untaken> {
    let place = entry.place.clone();
    let refused = |why: String| Untaken {
        place: place.clone(),
        why,
    };
    let email = people::canonical_email(&entry.email);
    let email = email.map_err(|_| refused(format!("{:?} is no e-mail address", entry.email)))?;
    let name =
        name_of(&entry, &email).map_err(|reason| refused(format!("its name cannot be taken. {}", reason.person())))?;
    let roles = wanted(&entry.roles, roles, usual).map_err(&refused)?;
    let hash = entry.hash.as_deref().map(StoredHash::taken_over).transpose();
    let hash = hash.map_err(|error| refused(error.to_string()))?;
    // Two addresses that look alike have one skeleton.
    if !seen.insert(email.skeleton.clone()) {
        return Err(refused(format!(
            "{} stands in the file before, or one that looks the same",
            email.written
        )));
    }
    Ok(Ready {
        new: NewPerson {
            id: draw(),
            home: organisation.0,
            name,
            email,
            language: Language::from_tag(&entry.language).unwrap_or_default(),
        },
        place: entry.place,
        roles,
        hash,
        is_disabled: entry.is_disabled,
        is_unverified: entry.is_unverified,
        had_factor: entry.had_factor,
    })
}

/// The name, or what stands before the @ where there is none.
fn name_of(entry: &Entry, email: &Email) -> Result<String, Reason> {
    let own = email.written.rsplit_once('@').map_or("", |(local, _)| local);
    let name = if entry.name.is_empty() { own } else { &entry.name };
    organisations::check_name("name", name, Reason::NameInvalid).map_err(|_| Reason::NameInvalid)
}

/// The roles of these names, for everything.
fn wanted(names: &[String], roles: &[Role], usual: &Role) -> Result<Vec<Wanted>, String> {
    let everything = |role: &Role| Wanted {
        role: role.id,
        scope: kernel::Scope::Everything,
    };
    if names.is_empty() {
        return Ok(vec![everything(usual)]);
    }
    let find = |name: &String| {
        let role = roles
            .iter()
            .find(|role| role.name.to_lowercase() == name.to_lowercase());
        role.map(everything)
            .ok_or_else(|| format!("there is no role {name:?} here"))
    };
    names.iter().map(find).collect()
}
