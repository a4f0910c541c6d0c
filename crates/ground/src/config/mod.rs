//! The configuration of the server: plain data, read once at the start from flags, variables, a file and defaults.
//! For the program (it loads) and for every capability (it reads fields of [`Config`]).
//! What must never happen: an unknown key or a bad value passed over in silence; a secret in a message or in `Debug`.
mod error;
mod finish;
mod keys;
mod network;
mod parse;
mod public_url;
mod reference;
mod sources;
#[cfg(test)]
mod tests;

pub use error::{ConfigError, Place};
pub use keys::{KEYS, Key};
pub use network::Network;
pub use public_url::{PublicUrl, authority_of};
pub use reference::{example_file, reference_page};
pub use sources::{DEFAULT_FILE, Sources};

use kernel::Secret;
use std::{fmt, net::SocketAddr, path::PathBuf};

/// Everything an operator can decide. Made by [`Config::load`], or by hand in tests from [`Config::defaults_in`].
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens; at least one.
    pub listen: Vec<SocketAddr>,
    /// The one right address of the server.
    pub public_url: PublicUrl,
    /// The folder that holds all files of the server.
    pub data_dir: PathBuf,
    /// Where the store is.
    pub database: Database,
    /// The key that all other keys come from.
    pub master_key_file: PathBuf,
    /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` count.
    pub trusted_proxies: Vec<Network>,
    /// How mail leaves; without it messages land in the development outbox.
    pub mail: Option<Mail>,
    /// How text messages leave; without it they land in the development outbox.
    pub sms: Option<Sms>,
    /// Inner networks that webhooks and syslog may reach.
    pub activity_networks: Vec<Network>,
    /// The certificate and its key, when the server itself speaks TLS.
    pub tls: Option<TlsFiles>,
    /// How the log is written.
    pub log: Log,
}

impl Config {
    /// Reads all sources and checks them against each other.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        sources.draft()?.finish()
    }

    /// The defaults, with all files in this folder: for tests.
    pub fn defaults_in(data_dir: PathBuf) -> Self {
        Self {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 8080))],
            public_url: PublicUrl::default(),
            database: Database::Sqlite(data_dir.join("doorward.db")),
            master_key_file: data_dir.join("master.key"),
            data_dir,
            trusted_proxies: Vec::new(),
            mail: None,
            sms: None,
            activity_networks: Vec::new(),
            tls: None,
            log: Log {
                format: LogFormat::Text,
                level: LogLevel::Info,
            },
        }
    }

    /// The folder of the development outbox.
    pub fn outbox_dir(&self) -> PathBuf {
        self.data_dir.join("outbox")
    }

    /// Whether this address is a proxy that the operator named.
    pub fn is_trusted_proxy(&self, address: std::net::IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(address))
    }
}

/// Where the store is.
#[derive(Clone)]
pub enum Database {
    /// One file.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the address may hold a password.
    Postgres(Secret<String>),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres(hidden)"),
        }
    }
}

/// How mail leaves.
#[derive(Clone)]
pub struct Mail {
    /// `smtp://` or `smtps://`; may hold a password.
    pub url: Secret<String>,
    /// The sender's address.
    pub from: String,
    /// Where bounces are listened for (LMTP).
    pub bounces_listen: Option<SocketAddr>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("from", &self.from).finish_non_exhaustive()
    }
}

/// How text messages leave.
#[derive(Clone)]
pub struct Sms {
    /// `twilio://` or `webhook+https://`; holds a token.
    pub url: Secret<String>,
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sms").finish_non_exhaustive()
    }
}

/// The files of the server's own TLS, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its chain, leaf first.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// Its shape.
    pub format: LogFormat,
    /// The least important level that is written.
    pub level: LogLevel,
}

/// The shape of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// An object a line, for machines.
    Json,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what needs somebody.
    Error,
    /// And what may soon.
    Warn,
    /// And what happened.
    Info,
    /// And how.
    Debug,
    /// And everything else.
    Trace,
}

impl LogLevel {
    /// Every level, least talkative first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];
    /// The word in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
