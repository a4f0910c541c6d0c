//! The server's address as it was given. Must never happen: a call over plain http to another machine than this one.
use crate::say::{Done, Fault};
use ureq::http::Uri;

/// An address that calls may go to: scheme and authority, without anything behind, spelt as the server spells its own (proofs name it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    text: String,
    is_loopback: bool,
}

impl Server {
    /// Reads it.
    pub fn read(typed: &str) -> Done<Self> {
        let bad = |why: &str| {
            Fault::Usage(format!(
                "--server {typed}: {why}; write it as https://doorward.example.org"
            ))
        };
        let uri: Uri = typed
            .trim()
            .trim_end_matches('/')
            .parse()
            .map_err(|_| bad("this is no address"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(bad("this is no whole address"));
        };
        if authority.as_str().contains('@') {
            return Err(bad("no name or password belongs into it"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(bad("it has something behind the name of the server"));
        }
        let is_loopback = is_loopback(authority.host());
        match scheme {
            "https" => {}
            "http" if is_loopback => {}
            "http" => return Err(bad("http is for this very machine only, others need https")),
            _ => return Err(bad("it is neither https nor http")),
        }
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(usual).unwrap_or(&authority);
        Ok(Self {
            text: format!("{scheme}://{authority}"),
            is_loopback,
        })
    }
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// Whether it is this very machine.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
    /// The address of one of the agents' calls.
    pub fn call(&self, name: &str) -> String {
        format!("{}/api/v1/agents/{name}", self.text)
    }
}

fn is_loopback(host: &str) -> bool {
    let plain = host.trim_start_matches('[').trim_end_matches(']');
    plain.eq_ignore_ascii_case("localhost") || plain.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_the_own_machine_are_addresses() {
        for good in [
            "https://door.example",
            "https://door.example:8443/",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://[::1]:81",
        ] {
            assert_eq!(Server::read(good).unwrap().as_str(), good.trim_end_matches('/'));
        }
        for (typed, spelt) in [
            ("https://Door.Example:443/", "https://door.example"),
            ("http://LOCALHOST:80", "http://localhost"),
            ("http://[::1]:80", "http://[::1]"),
            ("https://door.example:80", "https://door.example:80"),
        ] {
            assert_eq!(Server::read(typed).unwrap().as_str(), spelt);
        }
        for bad in [
            "",
            "door.example",
            "http://door.example",
            "ftp://door.example",
            "https://a:b@door.example",
            "https://door.example/x",
            "https://door.example?k=1",
            "http://127.0.0.1.example",
        ] {
            assert!(matches!(Server::read(bad), Err(Fault::Usage(_))), "{bad}");
        }
    }
}
