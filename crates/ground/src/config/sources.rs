//! Where values come from: flags over variables over the file over defaults. Every value is checked, also one that another writes over.
//! What must never happen: a key that nobody knows passed over in silence.
use super::{ConfigError, Key, Place, finish::Draft, keys::LATER};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The file that is read when no other is named, if it is there.
pub const DEFAULT_FILE: &str = "doorward.toml";

/// Variables that begin so are not the server's: container platforms, the agent and tests set them.
const NOT_OURS: [&str; 4] = ["SERVICE_", "PORT", "AGENT_", "TEST_"];

/// What a start was given.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file that was named; it must be there. Without one, [`DEFAULT_FILE`] is read where it exists.
    pub file: Option<PathBuf>,
    /// The whole environment.
    pub variables: Vec<(OsString, OsString)>,
    /// Keys (by their name, `log.level`) that flags gave.
    pub flags: Vec<(&'static str, Vec<String>)>,
}

impl Sources {
    /// The environment of this process, with a named file and flags.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<(&'static str, Vec<String>)>) -> Self {
        Self {
            file,
            variables: std::env::vars_os().collect(),
            flags,
        }
    }

    pub(super) fn draft(&self) -> Result<Draft, ConfigError> {
        let mut draft = Draft::default();
        self.read_file(&mut draft)?;
        self.read_variables(&mut draft)?;
        for (name, values) in &self.flags {
            let place = Place::Flag(format!("--{}", name.replace(['.', '_'], "-")));
            put(&mut draft, name, place, &split(values))?;
        }
        Ok(draft)
    }

    fn read_file(&self, draft: &mut Draft) -> Result<(), ConfigError> {
        let path = self.file.as_deref().unwrap_or(Path::new(DEFAULT_FILE));
        let wrong = |line, key: Option<&str>, what: String| ConfigError {
            place: Place::File {
                path: path.to_owned(),
                line,
                key: key.map(str::to_owned),
            },
            what,
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && self.file.is_none() => return Ok(()),
            Err(error) => return Err(wrong(None, None, format!("the file cannot be read: {error}"))),
        };
        // Only the parser's message is shown: its full text would quote the line, which may hold a password.
        let table = DeTable::parse(&text).map_err(|error| {
            let at = error.span().map(|span| span.start);
            let key = at.and_then(|at| key_on_line(&text, at));
            wrong(
                at.map(|at| line_of(&text, at)),
                key,
                format!("this is not TOML: {}", error.message().replace('\n', "; ")),
            )
        })?;
        let mut found = Vec::new();
        walk(table.get_ref(), "", &mut found);
        for entry in found {
            let line = Some(line_of(&text, entry.at));
            let key = entry.key.as_str();
            let values = match entry.value {
                Some(value) if Key::find(key).is_some() => {
                    texts(value).map_err(|what| wrong(line, Some(key), what.into()))?
                }
                _ => return Err(wrong(line, Some(key), unknown(key))),
            };
            let place = Place::File {
                path: path.to_owned(),
                line,
                key: Some(key.to_owned()),
            };
            put(draft, key, place, &values)?;
        }
        Ok(())
    }

    fn read_variables(&self, draft: &mut Draft) -> Result<(), ConfigError> {
        let mut ours: Vec<_> = self
            .variables
            .iter()
            .filter_map(|(name, value)| Some((name.to_str()?.strip_prefix("DOORWARD_")?, value)))
            .filter(|(rest, _)| !NOT_OURS.iter().any(|prefix| rest.starts_with(prefix)))
            .collect();
        ours.sort();
        for (rest, value) in ours {
            let place = Place::Variable(format!("DOORWARD_{rest}"));
            let Some(value) = value.to_str() else {
                return Err(ConfigError {
                    place,
                    what: "the value is not UTF-8".into(),
                });
            };
            // `DOORWARD_log__level` must not count as `DOORWARD_LOG__LEVEL`: two spellings could contradict each other.
            let name = rest.replace("__", ".").to_lowercase();
            if rest != rest.to_uppercase() {
                return Err(ConfigError {
                    place,
                    what: "there is no such variable: write it in capitals".into(),
                });
            }
            put(draft, &name, place, &split(&[value.to_owned()]))?;
        }
        Ok(())
    }
}

/// Parses one key's values into the draft.
fn put(draft: &mut Draft, name: &str, place: Place, values: &[String]) -> Result<(), ConfigError> {
    let Some(key) = Key::find(name) else {
        return Err(ConfigError {
            place,
            what: unknown(name),
        });
    };
    let joined = [values.join(",")];
    let values = if key.is_list { values } else { &joined };
    if let Err(what) = (key.take)(draft, values) {
        let given = values.join(", ");
        let what = if key.is_secret || given.is_empty() {
            what
        } else {
            format!("{given:?}: {what}")
        };
        return Err(ConfigError { place, what });
    }
    draft.places.push((key.name, place));
    Ok(())
}

fn unknown(name: &str) -> String {
    LATER.iter().find(|(later, _)| *later == name).map_or_else(
        || "there is no such key; `doorward --help` lists them all".to_owned(),
        |(_, words)| (*words).to_owned(),
    )
}

/// Variables and flags separate several values by commas.
fn split(values: &[String]) -> Vec<String> {
    values
        .iter()
        .flat_map(|value| value.split(','))
        .map(|value| value.trim().to_owned())
        .collect()
}

/// A leaf of the file, or (without a value) a table that no key is in.
struct Entry<'a> {
    key: String,
    at: usize,
    value: Option<&'a DeValue<'a>>,
}

fn walk<'a>(table: &'a DeTable<'a>, prefix: &str, found: &mut Vec<Entry<'a>>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        let at = name.span().start;
        match value.get_ref() {
            DeValue::Table(inner) if super::KEYS.iter().any(|k| k.name.starts_with(&format!("{key}."))) => {
                walk(inner, &format!("{key}."), found);
            }
            DeValue::Table(_) => found.push(Entry { key, at, value: None }),
            leaf => found.push(Entry {
                key,
                at,
                value: Some(leaf),
            }),
        }
    }
    found.sort_by_key(|entry| entry.at);
}

/// The text of a value, or of each value of a list.
fn texts(value: &DeValue<'_>) -> Result<Vec<String>, &'static str> {
    let text = |value: &DeValue<'_>| {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or("the value must be text in quotes")
    };
    match value {
        DeValue::Array(items) => items.iter().map(Spanned::get_ref).map(text).collect(),
        one => text(one).map(|one| vec![one]),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// The word before the equals sign of the line that the parser stopped at.
fn key_on_line(text: &str, at: usize) -> Option<&str> {
    let line = text.lines().nth(line_of(text, at) - 1)?;
    let key = line.split_once('=')?.0.trim();
    let is_plain = key
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    (!key.is_empty() && is_plain).then_some(key)
}
