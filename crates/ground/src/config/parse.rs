//! One function for each kind of value: text in, typed value out, or what is expected instead.
//! What must never happen: a message that repeats the value of a secret.
use super::{LogFormat, LogLevel, Network, PublicUrl, finish::StoreUrl};
use kernel::Secret;
use std::{net::SocketAddr, path::PathBuf};

type Parsed<T> = Result<T, String>;

/// The only value of a key that takes one.
fn one(given: &[String]) -> Parsed<&str> {
    match given {
        [value] if !value.is_empty() => Ok(value),
        [] | [_] => Err("it must not be empty".into()),
        [_, _, ..] => Err("it takes one value".into()),
    }
}

pub(super) fn listen(given: &[String]) -> Parsed<Vec<SocketAddr>> {
    if given.is_empty() {
        return Err("it must not be empty".into());
    }
    let mut all = Vec::with_capacity(given.len());
    for text in given {
        let address: SocketAddr = text
            .parse()
            .map_err(|_| "write an IP address and a port, like 127.0.0.1:8080 or [::1]:8080".to_owned())?;
        if address.port() != 0 && all.contains(&address) {
            return Err(format!("{address} stands twice"));
        }
        all.push(address);
    }
    Ok(all)
}

pub(super) fn one_address(given: &[String]) -> Parsed<SocketAddr> {
    one(given)?
        .parse()
        .map_err(|_| "write an IP address and a port, like 127.0.0.1:2424".to_owned())
}

pub(super) fn public_url(given: &[String]) -> Parsed<PublicUrl> {
    one(given)?.parse().map_err(str::to_owned)
}

pub(super) fn path(given: &[String]) -> Parsed<PathBuf> {
    one(given).map(PathBuf::from)
}

pub(super) fn database(given: &[String]) -> Parsed<StoreUrl> {
    let text = one(given)?;
    if text == "sqlite" {
        return Ok(StoreUrl::Sqlite);
    }
    let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
    // The parser's own message may quote parts of the address.
    if !known || text.parse::<postgres::Config>().is_err() {
        return Err("write sqlite, or an address like postgres://USER:PASSWORD@HOST/NAME".into());
    }
    Ok(StoreUrl::Postgres(Secret::new(text.to_owned())))
}

pub(super) fn networks(given: &[String]) -> Parsed<Vec<Network>> {
    given.iter().map(|text| text.parse().map_err(str::to_owned)).collect()
}

pub(super) fn mail_url(given: &[String]) -> Parsed<Secret<String>> {
    const SHAPE: &str =
        "write smtp://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST, smtp://HOST:25?tls=none, or mx://NAME";
    let text = one(given)?;
    // Several servers stand in one value: spaces, unlike commas, have no place in an address.
    let mut all = text.split_whitespace();
    // Where the DNS names the servers, no others stand beside them.
    let is_known = text.starts_with("mx://") && is_mx_url(text) || all.clone().all(is_mail_url) && all.next().is_some();
    if !is_known {
        return Err(SHAPE.into());
    }
    Ok(Secret::new(text.to_owned()))
}

fn is_mail_url(text: &str) -> bool {
    let Some((scheme, uri)) = address(text) else {
        return false;
    };
    let query_is_known = match uri.query() {
        None => true,
        Some("tls=none") => scheme == "smtp",
        Some(_) => false,
    };
    (scheme == "smtp" || scheme == "smtps") && uri.path().len() <= 1 && query_is_known
}

/// `mx://NAME`, with what development and tests need: `mx://NAME:PORT?dns=ADDRESS:PORT&private=yes`.
fn is_mx_url(text: &str) -> bool {
    let Some((_, uri)) = address(text) else { return false };
    let has_login = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    let query_is_known = uri.query().is_none_or(|query| {
        query.split('&').all(|pair| match pair.split_once('=') {
            Some(("dns", at)) => at.parse::<SocketAddr>().is_ok(),
            Some(("private", value)) => value == "yes",
            _ => false,
        })
    });
    !has_login && uri.path().len() <= 1 && query_is_known
}

pub(super) fn mail_from(given: &[String]) -> Parsed<String> {
    let text = one(given)?;
    let bare = text
        .rsplit_once('<')
        .map_or(text, |(_, rest)| rest.strip_suffix('>').unwrap_or(""));
    let is_address = bare
        .split_once('@')
        .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty());
    // A line break would let the value write headers of its own (RFC 5322, 2.2).
    if !is_address || bare.contains(char::is_whitespace) || text.contains(char::is_control) {
        return Err("write an address like door@example.org or Doorward <door@example.org>".into());
    }
    Ok(text.to_owned())
}

pub(super) fn sms_url(given: &[String]) -> Parsed<Secret<String>> {
    const SHAPE: &str = "write twilio://SID:TOKEN@HOST?from=+NUMBER or webhook+https://HOST/PATH";
    let text = one(given)?;
    let (scheme, uri) = address(text).ok_or(SHAPE)?;
    let is_known = match scheme {
        "twilio" => {
            let sender = uri.query().and_then(|query| query.strip_prefix("from="));
            let number = sender.and_then(|from| from.strip_prefix('+').or_else(|| from.strip_prefix("%2B")));
            let login = uri
                .authority()
                .and_then(|authority| authority.as_str().rsplit_once('@'));
            number.is_some_and(|n| (7..=15).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
                && login.is_some_and(|(login, _)| login.contains(':'))
        }
        "webhook+https" => true,
        // For trying things out on one machine: nobody else can listen there.
        "webhook+http" => uri
            .host()
            .is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    };
    if is_known {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err(SHAPE.into())
    }
}

/// An address with a scheme and a host; a fragment is refused because it would be cut off unseen.
fn address(text: &str) -> Option<(&str, http::Uri)> {
    let (scheme, _) = text.split_once("://")?;
    let uri: http::Uri = text.parse().ok()?;
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    (has_host && !text.contains('#')).then_some((scheme, uri))
}

pub(super) fn log_format(given: &[String]) -> Parsed<LogFormat> {
    match one(given)? {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("it must be text or json".into()),
    }
}

pub(super) fn log_level(given: &[String]) -> Parsed<LogLevel> {
    let text = one(given)?;
    LogLevel::ALL
        .into_iter()
        .find(|level| level.name() == text)
        .ok_or_else(|| "it must be error, warn, info, debug or trace".into())
}
