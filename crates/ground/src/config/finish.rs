//! From single values to one whole configuration: defaults are filled in, and values that contradict each other stop the start.
use super::{Config, ConfigError, Database, Log, LogFormat, LogLevel, Mail, Network, Place, PublicUrl, Sms, TlsFiles};
use kernel::Secret;
use std::{net::SocketAddr, path::PathBuf};

/// What `database_url` may say.
pub(super) enum StoreUrl {
    /// The file in the data folder.
    Sqlite,
    /// A PostgreSQL address.
    Postgres(Secret<String>),
}

/// What the sources gave so far; a later source writes over an earlier one.
#[derive(Default)]
pub(super) struct Draft {
    pub listen: Option<Vec<SocketAddr>>,
    pub public_url: Option<PublicUrl>,
    pub data_dir: Option<PathBuf>,
    pub database: Option<StoreUrl>,
    pub master_key_file: Option<PathBuf>,
    pub trusted_proxies: Option<Vec<Network>>,
    pub mail_url: Option<Secret<String>>,
    pub mail_from: Option<String>,
    pub mail_bounces_listen: Option<SocketAddr>,
    pub sms_url: Option<Secret<String>>,
    pub activity_networks: Option<Vec<Network>>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub log_format: Option<LogFormat>,
    pub log_level: Option<LogLevel>,
    /// Where each value came from, in the order they came.
    pub places: Vec<(&'static str, Place)>,
}

impl Draft {
    pub(super) fn finish(mut self) -> Result<Config, ConfigError> {
        let tls = self.tls()?;
        let mail = self.mail()?;
        let data_dir = self.data_dir.take().unwrap_or_else(|| PathBuf::from("./doorward-data"));
        let sqlite = data_dir.join("doorward.db");
        let master_key_file = self
            .master_key_file
            .take()
            .unwrap_or_else(|| data_dir.join("master.key"));
        let config = Config {
            listen: self
                .listen
                .take()
                .unwrap_or_else(|| vec![SocketAddr::from(([127, 0, 0, 1], 8080))]),
            public_url: self.public_url.take().unwrap_or_default(),
            data_dir,
            database: match self.database.take() {
                Some(StoreUrl::Postgres(url)) => Database::Postgres(url),
                Some(StoreUrl::Sqlite) | None => Database::Sqlite(sqlite),
            },
            master_key_file,
            trusted_proxies: self.trusted_proxies.take().unwrap_or_default(),
            mail,
            sms: self.sms_url.take().map(|url| Sms { url }),
            activity_networks: self.activity_networks.take().unwrap_or_default(),
            tls,
            log: Log {
                format: self.log_format.unwrap_or(LogFormat::Text),
                level: self.log_level.unwrap_or(LogLevel::Info),
            },
        };
        self.agree(&config)?;
        Ok(config)
    }

    /// What no single value can tell.
    fn agree(&self, config: &Config) -> Result<(), ConfigError> {
        if config.tls.is_some() && !config.public_url.is_https() {
            return Err(self.wrong(
                "public_url",
                "it must begin with https:// when tls.cert and tls.key are set",
            ));
        }
        // Plain HTTP leaves this machine only towards a proxy that is named: otherwise passwords travel in the open.
        let is_open = config
            .listen
            .iter()
            .any(|address| !address.ip().to_canonical().is_loopback());
        if is_open && config.tls.is_none() && config.trusted_proxies.is_empty() {
            return Err(self.wrong(
                "listen",
                "plain HTTP beyond this machine needs a named proxy: set trusted_proxies, or tls.cert and tls.key, or listen on 127.0.0.1",
            ));
        }
        Ok(())
    }

    fn tls(&mut self) -> Result<Option<TlsFiles>, ConfigError> {
        match (self.tls_cert.take(), self.tls_key.take()) {
            (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(self.wrong("tls.cert", "tls.key is missing")),
            (None, Some(_)) => Err(self.wrong("tls.key", "tls.cert is missing")),
        }
    }

    fn mail(&mut self) -> Result<Option<Mail>, ConfigError> {
        let bounces_listen = self.mail_bounces_listen.take();
        match (self.mail_url.take(), self.mail_from.take()) {
            (Some(url), Some(from)) => Ok(Some(Mail {
                url,
                from,
                bounces_listen,
            })),
            (None, None) if bounces_listen.is_some() => Err(self.wrong("mail.bounces_listen", "mail.url is missing")),
            (None, None) => Ok(None),
            (Some(_), None) => Err(self.wrong("mail.url", "mail.from is missing")),
            (None, Some(_)) => Err(self.wrong("mail.from", "mail.url is missing")),
        }
    }

    fn wrong(&self, key: &'static str, what: &str) -> ConfigError {
        let place = self
            .places
            .iter()
            .rev()
            .find(|(name, _)| *name == key)
            .map(|(_, place)| place.clone());
        ConfigError {
            place: place.unwrap_or(Place::Default(key)),
            what: what.into(),
        }
    }
}
