//! Who is at the far end: the peer, or what a proxy that the operator named says about it.
//! What must never happen: `Forwarded`, `X-Real-IP` or a header of an untrusted peer changing anything.
use super::Peer;
use axum::http::{HeaderMap, header};
use ground::{
    client::Client,
    config::{Config, PublicUrl, authority_of},
};
use http::request::Parts;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

pub(super) fn of(peer: Peer, parts: &Parts, config: &Config) -> Client {
    let peer_address = peer.address.to_canonical();
    let is_trusted = config.is_trusted_proxy(peer_address);
    Client {
        address: if is_trusted {
            behind(peer_address, &parts.headers, config)
        } else {
            peer_address
        },
        is_https: peer.is_tls || (is_trusted && is_forwarded_https(&parts.headers)),
        is_loopback: peer_address.is_loopback() && !is_forwarded(&parts.headers) && is_loopback_host(parts, config),
    }
}

/// The rightmost hop that is no proxy of ours: what stands left of it, anybody may have written.
/// A hop that cannot be read ends the search at the peer, because guessing would let a sender choose its address.
fn behind(peer: IpAddr, headers: &HeaderMap, config: &Config) -> IpAddr {
    let lines: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    let mut farthest = peer;
    for line in lines.iter().rev() {
        let Ok(line) = line.to_str() else { return peer };
        for hop in line.rsplit(',') {
            let Some(address) = address_of(hop.trim()) else {
                return peer;
            };
            farthest = address;
            if !config.is_trusted_proxy(address) {
                return address;
            }
        }
    }
    farthest
}

/// Some proxies write the port, too.
fn address_of(hop: &str) -> Option<IpAddr> {
    let bare = hop
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(hop);
    let address = bare
        .parse::<IpAddr>()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

/// The nearest proxy's word: the last one.
fn is_forwarded_https(headers: &HeaderMap) -> bool {
    let last = headers.get_all(FORWARDED_PROTO).iter().next_back();
    let word = last
        .and_then(|line| line.to_str().ok())
        .and_then(|line| line.rsplit(',').next());
    word.is_some_and(|word| word.trim().eq_ignore_ascii_case("https"))
}

fn is_forwarded(headers: &HeaderMap) -> bool {
    headers
        .keys()
        .any(|name| name == header::FORWARDED || name == header::VIA || name.as_str().starts_with("x-forwarded-"))
}

fn is_loopback_host(parts: &Parts, config: &Config) -> bool {
    let said = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = said.or_else(|| parts.uri.authority().map(axum::http::uri::Authority::as_str));
    // Nearly everybody asks by the address that was parsed at the start.
    if host.is_some_and(|host| config.public_url.is_own_host(host)) {
        return config.public_url.is_loopback();
    }
    let url = host
        .and_then(|host| authority_of(host, false))
        .and_then(|host| format!("http://{host}").parse::<PublicUrl>().ok());
    url.is_some_and(|url| url.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn config() -> Config {
        let mut config = Config::defaults_in("/nowhere".into());
        config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap(), "127.0.0.1".parse().unwrap()];
        config
    }

    fn seen(peer: &str, headers: &[(&str, &str)]) -> Client {
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        of(
            Peer {
                address: peer.parse().unwrap(),
                is_tls: false,
            },
            &parts,
            &config(),
        )
    }

    #[test]
    fn only_a_trusted_peer_may_say_who_is_behind_it() {
        for (peer, forwarded, address) in [
            ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
            ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.9.9.9", "198.51.100.7"),
            ("10.0.0.1", "1.2.3.4, rubbish, 198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "1.2.3.4, rubbish", "10.0.0.1"),
            ("10.0.0.1", "1.2.3.4,", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
            ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
            ("10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "10.1.1.1, 10.2.2.2", "10.1.1.1"),
            ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ] {
            let client = seen(peer, &[(FORWARDED_FOR, forwarded)]);
            assert_eq!(client.address.to_string(), address, "{peer} {forwarded}");
        }
    }

    #[test]
    fn several_lines_count_as_one_list() {
        let client = seen(
            "10.0.0.1",
            &[(FORWARDED_FOR, "1.2.3.4"), (FORWARDED_FOR, "198.51.100.7, 10.3.3.3")],
        );
        assert_eq!(client.address.to_string(), "198.51.100.7");
    }

    #[test]
    fn other_headers_say_nothing() {
        let client = seen(
            "10.0.0.1",
            &[("forwarded", "for=1.2.3.4;proto=https"), ("x-real-ip", "1.2.3.4")],
        );
        assert_eq!(client.address.to_string(), "10.0.0.1");
        assert!(!client.is_https);
    }

    #[test]
    fn https_is_believed_from_a_trusted_proxy_only() {
        assert!(seen("10.0.0.1", &[(FORWARDED_PROTO, "https")]).is_https);
        assert!(!seen("10.0.0.1", &[(FORWARDED_PROTO, "https, http")]).is_https);
        assert!(!seen("203.0.113.9", &[(FORWARDED_PROTO, "https")]).is_https);
    }

    #[test]
    fn loopback_means_peer_and_host_and_no_proxy_in_between() {
        assert!(seen("127.0.0.1", &[("host", "localhost:8080")]).is_loopback);
        assert!(seen("::1", &[("host", "[::1]:8080")]).is_loopback);
        for (peer, headers) in [
            ("127.0.0.1", vec![]),
            ("127.0.0.1", vec![("host", "door.example.org")]),
            ("203.0.113.9", vec![("host", "localhost")]),
            ("127.0.0.1", vec![("host", "localhost"), ("via", "1.1 proxy")]),
            ("127.0.0.1", vec![("host", "localhost"), ("forwarded", "for=1.2.3.4")]),
            ("127.0.0.1", vec![("host", "localhost"), ("x-forwarded-host", "x")]),
        ] {
            assert!(!seen(peer, &headers).is_loopback, "{peer} {headers:?}");
        }
    }
}
