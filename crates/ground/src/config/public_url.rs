//! The one right address of the server. Links, cookies, the issuer and the Host check all come from here and from nothing that a request says.
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

/// `https://door.example.org`, or http for a loopback name; normalised: lower case, no default port, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: String,
    authority: String,
    is_https: bool,
}

impl PublicUrl {
    /// Scheme, host and port, without a trailing slash: also the origin, as browsers write it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// The name or address alone; an IPv6 address keeps its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }
    /// The host, and the port where it is not the default one.
    pub fn authority(&self) -> &str {
        &self.authority
    }
    /// Whether browsers reach it by https, so that cookies are `Secure` and carry the `__Host-` prefix.
    pub const fn is_https(&self) -> bool {
        self.is_https
    }
    /// Whether the name means this machine itself: `localhost`, 127.0.0.0/8, `[::1]`.
    pub fn is_loopback(&self) -> bool {
        is_loopback_name(&self.host)
    }
    /// The address of a page: `path` begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
    /// Whether this `Host` (or `:authority`) is ours: letters of any case, the default port said or not.
    pub fn is_own_host(&self, host: &str) -> bool {
        authority_of(host, self.is_https).is_some_and(|authority| authority == self.authority)
    }
}

impl Default for PublicUrl {
    fn default() -> Self {
        Self {
            text: "http://localhost:8080".into(),
            host: "localhost".into(),
            authority: "localhost:8080".into(),
            is_https: false,
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once("://").ok_or("write it like https://door.example.org")?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err("it must begin with https:// (or http:// for a loopback name)"),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '\\']) {
            return Err("it must end after the host and port: no path, query or fragment");
        }
        if rest.contains('@') {
            return Err("it must hold no user name or password");
        }
        let authority = authority_of(rest, is_https)
            .ok_or("the host must be a name in ASCII (an internationalised one in its xn-- form) or an IP address")?;
        let host = host_of(&authority).to_owned();
        if !is_https && !is_loopback_name(&host) {
            return Err("http is for loopback names only (localhost, 127.0.0.0/8, [::1]): use https://");
        }
        Ok(Self {
            text: format!("{}://{authority}", if is_https { "https" } else { "http" }),
            host,
            authority,
            is_https,
        })
    }
}

/// The authority in normal form (lower case, no default port), or nothing where it is none (RFC 3986, 3.2).
pub fn authority_of(text: &str, is_https: bool) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let host = host_of(&text);
    let port = text.get(host.len()..)?;
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse::<u16>().ok().filter(|port| *port != 0)?)
        }
        _ => return None,
    };
    if !is_host(host) {
        return None;
    }
    let default = if is_https { 443 } else { 80 };
    Some(match port {
        Some(port) if port != default => format!("{host}:{port}"),
        _ => host.to_owned(),
    })
}

fn host_of(authority: &str) -> &str {
    let end = match authority.find(']') {
        Some(bracket) if authority.starts_with('[') => bracket + 1,
        _ => authority.find(':').unwrap_or(authority.len()),
    };
    authority.get(..end).unwrap_or(authority)
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return matches!(inner.parse::<IpAddr>(), Ok(IpAddr::V6(_)));
    }
    // All digits and dots must be a whole IPv4 address: `127.1` and `2130706433` are spellings that resolvers differ on.
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

/// Whether a host (without port) is a name of this machine itself.
fn is_loopback_name(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_into_normal_form() {
        for (given, normal) in [
            ("https://Door.Example.org", "https://door.example.org"),
            ("https://door.example.org:443/", "https://door.example.org"),
            ("https://door.example.org:8443", "https://door.example.org:8443"),
            ("HTTP://LOCALHOST:80", "http://localhost"),
            ("http://127.9.9.9:8080/", "http://127.9.9.9:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(
                given.parse::<PublicUrl>().map(|url| url.as_str().to_owned()),
                Ok(normal.to_owned()),
                "{given}"
            );
        }
    }

    #[test]
    fn what_is_no_public_address_is_refused() {
        for text in [
            "",
            "door.example.org",
            "http://door.example.org",
            "http://128.0.0.1",
            "http://localhost.example.org",
            "https://door.example.org/app",
            "https://door.example.org//",
            "https://door.example.org?x",
            "https://a@b",
            "https://",
            "https://:443",
            "https://door..org",
            "https://door.org:0",
            "https://door.org:99999",
            "https://bücher.example",
            "ftp://localhost",
            "https://door.org#x",
            "https://door.org\\x",
            "http://127.1",
            "http://[::2]",
            "https://door.example.org ",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn our_own_host_is_known_in_every_right_spelling_and_in_no_other() {
        let url: PublicUrl = "https://door.example.org".parse().unwrap();
        for (host, own) in [
            ("door.example.org", true),
            ("DOOR.example.ORG:443", true),
            ("door.example.org:80", false),
            ("door.example.org.", false),
            ("evil.example", false),
            ("door.example.org.evil.example", false),
            ("door.example.org:443x", false),
            ("", false),
        ] {
            assert_eq!(url.is_own_host(host), own, "{host}");
        }
        assert_eq!(PublicUrl::default(), "http://localhost:8080".parse().unwrap());
    }
}
