//! `doorward check`: a line for each thing that the server stands on, and whether it would hold. Changes nothing.
use super::{End, check_mail, check_store, out};
use crate::server::tls;
use ground::{
    config::{Config, ConfigError, Database, TlsFiles},
    context::system_clock,
};
use kernel::{Span, Time};
use std::{fmt, fs, path::Path};

/// A certificate that ends sooner than this is worth a word.
const ENDS_SOON: Span = Span::days(14);

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// It holds.
    Good,
    /// It holds, and somebody should look at it.
    Note,
    /// It does not hold.
    Bad,
}

/// One line of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub what: &'static str,
    pub mark: Mark,
    pub words: String,
}

impl Finding {
    pub fn good(what: &'static str, words: impl Into<String>) -> Self {
        Self {
            what,
            mark: Mark::Good,
            words: words.into(),
        }
    }
    pub fn note(what: &'static str, words: impl Into<String>) -> Self {
        Self {
            what,
            mark: Mark::Note,
            words: words.into(),
        }
    }
    pub fn bad(what: &'static str, words: impl Into<String>) -> Self {
        Self {
            what,
            mark: Mark::Bad,
            words: words.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.mark {
            Mark::Good => "ok",
            Mark::Note => "note",
            Mark::Bad => "BAD",
        };
        write!(f, "{mark:<5} {:<14} {}", self.what, self.words.replace('\n', " "))
    }
}

/// Everything, a line each; exit code 1 where something does not hold.
pub(super) async fn check(loaded: Result<Config, ConfigError>) -> Result<(), End> {
    let config = match loaded {
        Ok(config) => config,
        Err(error) => {
            out::say(&Finding::bad("configuration", error.to_string()).to_string())?;
            return Err(End::Told);
        }
    };
    let now = system_clock()();
    let mut findings = vec![Finding::good(
        "configuration",
        format!("read; public_url is {}", config.public_url),
    )];
    findings.push(data_folder(&config.data_dir));
    findings.extend(check_store::check(&config, now).await);
    findings.push(address(&config));
    findings.extend(passkey_roots(&config.data_dir));
    findings.extend(config.tls.as_ref().map(|files| certificate(files, now)));
    findings.extend(check_mail::check(&config).await);
    for finding in &findings {
        out::say(&finding.to_string())?;
    }
    if findings.iter().any(|finding| finding.mark == Mark::Bad) {
        Err(End::Told)
    } else {
        Ok(())
    }
}

fn data_folder(folder: &Path) -> Finding {
    const WHAT: &str = "data folder";
    let shown = folder.display();
    let Ok(metadata) = fs::metadata(folder) else {
        return Finding::good(WHAT, format!("{shown} is not there yet; the first start makes it"));
    };
    if !metadata.is_dir() {
        return Finding::bad(WHAT, format!("{shown} is no folder; set data_dir to one"));
    }
    if let Err(error) = try_to_write(folder) {
        return Finding::bad(
            WHAT,
            format!("{shown} cannot be written: {error}; give it to the user that runs the server"),
        );
    }
    if is_open_to_others(&metadata) {
        return Finding::note(
            WHAT,
            format!("{shown} can be read by other users of this machine; run chmod 700 on it"),
        );
    }
    Finding::good(WHAT, format!("{shown} is there and can be written"))
}

/// The makers' root certificates, where the operator has put some there.
fn passkey_roots(folder: &Path) -> Option<Finding> {
    const WHAT: &str = "passkey roots";
    match factors::Roots::read(folder) {
        Ok(roots) if roots.is_empty() => None,
        Ok(roots) => Some(Finding::good(
            WHAT,
            format!("{} certificates; listed models of passkeys are proved", roots.count()),
        )),
        Err(error) => Some(Finding::bad(
            WHAT,
            format!("{error}; the server does not start with it"),
        )),
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    let probe = probe(folder);
    fs::write(&probe, b"doorward check")?;
    fs::remove_file(&probe)
}

/// A file that only a check makes, and removes.
pub(super) fn probe(folder: &Path) -> std::path::PathBuf {
    folder.join(format!(".check-{}", std::process::id()))
}

#[cfg(unix)]
fn is_open_to_others(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}
#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

/// Whether a browser that goes to `public_url` can arrive where the server listens, as far as this machine can tell.
fn address(config: &Config) -> Finding {
    const WHAT: &str = "address";
    let url = &config.public_url;
    let listens = config
        .listen
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let is_own = |address: &std::net::SocketAddr| address.ip().to_canonical().is_loopback();
    if url.is_loopback() {
        let port = url
            .authority()
            .rsplit_once(':')
            .and_then(|(_, port)| port.parse().ok())
            .unwrap_or(if url.is_https() { 443 } else { 80 });
        if !config.listen.iter().any(|address| address.port() == port) {
            return Finding::note(
                WHAT,
                format!("{url} names port {port}, and the server listens on {listens}; something must forward it"),
            );
        }
        if !config.listen.iter().all(is_own) {
            return Finding::note(
                WHAT,
                format!("the server listens on {listens}, but {url} works on this machine only; set public_url"),
            );
        }
    } else if config.tls.is_none() && config.trusted_proxies.is_empty() {
        return Finding::note(
            WHAT,
            format!(
                "{url} needs a proxy that speaks TLS; name it in trusted_proxies, or everybody seems to come from it"
            ),
        );
    } else if config.tls.is_some() && config.listen.iter().all(is_own) {
        return Finding::note(
            WHAT,
            format!("the server listens on {listens} only, where other machines cannot reach {url}"),
        );
    }
    Finding::good(WHAT, format!("{url}, listening on {listens}"))
}

fn certificate(files: &TlsFiles, now: Time) -> Finding {
    const WHAT: &str = "certificate";
    let ends_at = match tls::acceptor(files).and_then(|_| tls::ends_at(&files.cert)) {
        Ok(ends_at) => ends_at,
        Err(error) => return Finding::bad(WHAT, format!("{error:#}")),
    };
    let day = ends_at.rfc3339();
    if ends_at <= now {
        Finding::bad(
            WHAT,
            format!(
                "{} ended at {day}; put a new one there and restart",
                files.cert.display()
            ),
        )
    } else if ends_at - now < ENDS_SOON {
        Finding::note(
            WHAT,
            format!("{} ends in {}, at {day}", files.cert.display(), (ends_at - now).words()),
        )
    } else {
        Finding::good(WHAT, format!("{} is valid until {day}", files.cert.display()))
    }
}

/// Where the database of SQLite is, as people read it.
pub(super) fn place(database: &Database) -> String {
    match database {
        Database::Sqlite(path) => path.display().to_string(),
        Database::Postgres(_) => "the PostgreSQL database".into(),
    }
}
