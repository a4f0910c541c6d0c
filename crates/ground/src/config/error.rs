//! What is wrong with the configuration, and where: one line that an operator can act on. Never holds the value of a secret.
use std::{fmt, path::PathBuf};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line of a file, counted from 1.
    File {
        /// The file.
        path: PathBuf,
        /// The line, where it is known.
        line: Option<usize>,
        /// The key, where it is known.
        key: Option<String>,
    },
    /// A variable of the environment.
    Variable(String),
    /// A flag of the command line.
    Flag(String),
    /// Nobody gave a value.
    Default(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, key } => {
                write!(f, "{}", path.display())?;
                if let Some(line) = line {
                    write!(f, ", line {line}")?;
                }
                key.as_ref().map_or(Ok(()), |key| write!(f, ", key {key}"))
            }
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
            Self::Default(key) => write!(f, "key {key}"),
        }
    }
}

/// The configuration cannot be used. Shown as one line: where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct ConfigError {
    /// Where.
    pub place: Place,
    /// What is wrong and what is expected.
    pub what: String,
}
