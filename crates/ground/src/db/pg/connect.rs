//! How a connection to PostgreSQL is made. Must never happen: a password in an error or a log; a statement or a lock that waits for ever.
use super::{errors::error, tls};
use crate::db::{Error, Result};
use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
};
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// No closure has reason to come near these; they end what hangs.
const LIMITS: &str =
    "SET statement_timeout = '10s'; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'";

/// Where the server is and how it is reached.
pub(super) struct Door {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Door {
    /// Reads the URL and, where TLS may be spoken, the certificates.
    pub(super) fn new(url: &str) -> Result<Self> {
        let (url, roots) = tls::split(url);
        // The parser's own message is kept: it names the key, never the value of a password.
        let mut config: Config = url
            .parse()
            .map_err(|e: postgres::Error| Error::Refused(format!("database URL: {e}")))?;
        config
            .connect_timeout(Duration::from_secs(5))
            .keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(Duration::from_secs(15));
        if config.get_application_name().is_none() {
            config.application_name("doorward");
        }
        let is_tls = match config.get_ssl_mode() {
            SslMode::Disable => false,
            // `prefer` is the default. What never leaves the machine gains nothing by TLS.
            SslMode::Prefer => !config.get_hosts().iter().all(is_here),
            _ => true,
        };
        let tls = if is_tls {
            Some(tls::connector(roots.as_deref())?)
        } else {
            None
        };
        Ok(Self { config, tls })
    }

    /// A new connection, with its limits set. Blocks for at most some seconds.
    pub(super) fn open(&self) -> Result<Client> {
        let made = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        };
        let mut client = made.map_err(|e| match error(&e) {
            Error::Sql(text) => Error::Away(text),
            other => other,
        })?;
        client.batch_execute(LIMITS).map_err(|e| error(&e))?;
        Ok(client)
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    }
}
