//! The mail servers that `mail.url` names, ready to be spoken to. For the postman and `doorward check`.
//! Must never happen: a password in a fault or in `Debug`; a certificate of a configured server that is not looked at.
use kernel::Secret;
use lettre::transport::smtp::{authentication::Credentials, client::TlsParameters, extension::ClientId};
use std::net::IpAddr;

/// One mail server.
pub struct Relay {
    /// What people know it by, where that is not `host`.
    pub(super) known_as: Option<String>,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) login: Option<Credentials>,
    pub(super) hello: ClientId,
}

/// How the line is kept private.
pub(super) enum Tls {
    /// It is not: only with `?tls=none`.
    None,
    /// From STARTTLS on; a server that does not offer it gets nothing (RFC 3207).
    Start(TlsParameters),
    /// From the first byte (RFC 8314).
    Whole(TlsParameters),
    /// Where the server offers STARTTLS, whatever its certificate: better than in the open, and no more (RFC 7435).
    /// INVARIANT: for servers that the DNS named alone; no login ever goes there.
    Offered(TlsParameters),
}

impl Relay {
    /// The servers of a `mail.url`, in the order in which they are tried. `hello` is what we call ourselves.
    pub fn parse_all(url: &Secret<String>, hello: &str) -> Result<Vec<Self>, String> {
        url.expose()
            .split_whitespace()
            .map(|one| Self::parse(one, hello))
            .collect()
    }

    fn parse(url: &str, hello: &str) -> Result<Self, String> {
        let parts = Address::parse(url).ok_or("mail.url is no address")?;
        let is_bare = parts.query == "tls=none";
        let port = parts.port.unwrap_or(match (parts.scheme, is_bare) {
            ("smtps", _) => 465,
            (_, true) => 25,
            (_, false) => 587,
        });
        let tls = match (parts.scheme, is_bare) {
            ("smtps", _) => Tls::Whole(parameters(&parts.host)?),
            ("smtp", true) => Tls::None,
            ("smtp", false) => Tls::Start(parameters(&parts.host)?),
            _ => return Err("mail.url must begin with smtp:// or smtps://".into()),
        };
        let login = parts
            .user
            .map(|user| Credentials::new(user, parts.password.unwrap_or_default()));
        Ok(Self {
            known_as: None,
            host: parts.host,
            port,
            tls,
            login,
            hello: hello_as(hello),
        })
    }

    /// A server that the DNS named, at this one of its addresses.
    pub(super) fn offered(name: &str, address: IpAddr, port: u16, hello: &str) -> Result<Self, String> {
        // RFC 7672, 1.3: no name in a certificate can be held against what an unsigned DNS said.
        let parameters = TlsParameters::builder(name.to_owned())
            .dangerous_accept_invalid_certs(true)
            .dangerous_accept_invalid_hostnames(true)
            .build_rustls()
            .map_err(|error| no_tls(&error))?;
        Ok(Self {
            known_as: Some(format!("{name} [{address}]")),
            host: address.to_string(),
            port,
            tls: Tls::Offered(parameters),
            login: None,
            hello: hello_as(hello),
        })
    }

    /// The server as people read it: `mail.example.org:587`.
    pub fn name(&self) -> String {
        let name = self.known_as.as_ref().unwrap_or(&self.host);
        format!("{name}:{}", self.port)
    }
    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        is_loopback(&self.host)
    }
    /// Whether what we say to it, a password too, can be read on the way.
    pub fn is_open(&self) -> bool {
        matches!(self.tls, Tls::None)
    }
}

fn parameters(host: &str) -> Result<TlsParameters, String> {
    TlsParameters::builder(host.to_owned())
        .build_rustls()
        .map_err(|error| no_tls(&error))
}

fn no_tls(error: &lettre::transport::smtp::Error) -> String {
    format!("TLS cannot be used on this machine: {error}")
}

/// What we call ourselves: a name, or an address in its own form.
fn hello_as(name: &str) -> ClientId {
    match name.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name.to_owned()),
    }
}

/// The parts of an address such as `smtp://user:pass@host:587?tls=none`, user and password decoded.
pub(super) struct Address<'a> {
    pub scheme: &'a str,
    pub user: Option<String>,
    pub password: Option<String>,
    pub host: String,
    pub port: Option<u16>,
    pub path: &'a str,
    pub query: &'a str,
}

impl<'a> Address<'a> {
    pub(super) fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest
            .find('/')
            .and_then(|at| rest.split_at_checked(at))
            .unwrap_or((rest, ""));
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, authority),
        };
        let (user, password) = match login.map(|login| login.split_once(':').unwrap_or((login, ""))) {
            Some((user, password)) => (Some(decode(user)), Some(decode(password)).filter(|it| !it.is_empty())),
            None => (None, None),
        };
        // The colons of an IPv6 address stand in brackets.
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (place, None),
        };
        let host = host.trim_matches(['[', ']']).to_owned();
        (!host.is_empty()).then_some(Self {
            scheme,
            user: user.filter(|user| !user.is_empty()),
            password,
            host,
            port,
            path,
            query,
        })
    }
    /// The host with its port, as it stands in an address.
    pub(super) fn authority(&self) -> String {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        self.port.map_or(host.clone(), |port| format!("{host}:{port}"))
    }
    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Takes percent-encoding away (RFC 3986, 2.1). What is not well encoded stays as it is: passwords may hold a bare `%`.
pub(super) fn decode(text: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let pair = match (byte, after) {
            (b'%', [high, low, after @ ..]) => digit(*high).zip(digit(*low)).map(|pair| (pair, after)),
            _ => None,
        };
        match pair {
            Some(((high, low), after)) => {
                out.push(high * 16 + low);
                rest = after;
            }
            None => out.push(*byte),
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_mail_url_is_read() {
        for (url, host, port, login, is_open) in [
            ("smtp://mail.example.org", "mail.example.org", 587, false, false),
            (
                "smtp://u:p@mail.example.org:2525",
                "mail.example.org",
                2525,
                true,
                false,
            ),
            (
                "smtps://u:p%40ss@mail.example.org",
                "mail.example.org",
                465,
                true,
                false,
            ),
            ("smtp://localhost:25?tls=none", "localhost", 25, false, true),
            ("smtp://127.0.0.1?tls=none", "127.0.0.1", 25, false, true),
            ("smtp://[::1]:1025/?tls=none", "::1", 1025, false, true),
        ] {
            let relay = Relay::parse(url, "door.example.org").unwrap();
            assert_eq!((relay.host.as_str(), relay.port), (host, port), "{url}");
            assert_eq!((relay.login.is_some(), relay.is_open()), (login, is_open), "{url}");
        }
        let both = Secret::new("smtp://a.example?tls=none smtp://b.example?tls=none".to_owned());
        assert_eq!(Relay::parse_all(&both, "localhost").unwrap().len(), 2);
    }

    #[test]
    fn logins_are_decoded_and_oddities_kept() {
        let parts = Address::parse("smtp://me%40x:a%25b%zz%@h").unwrap();
        assert_eq!(
            (parts.user.as_deref(), parts.password.as_deref()),
            (Some("me@x"), Some("a%b%zz%"))
        );
        let parts = Address::parse("webhook+https://:s3@h:8/p/q?x=1").unwrap();
        assert_eq!((parts.user, parts.password.as_deref()), (None, Some("s3")));
        assert_eq!(
            (parts.path, parts.query, parts.host.as_str(), parts.port),
            ("/p/q", "x=1", "h", Some(8))
        );
        assert_eq!(decode("%2B44"), "+44");
    }
}
