//! The Host check: a request for another name is for another server, and is never answered as if it were ours (DNS rebinding, poisoned links).
use super::Stop;
use axum::http::{HeaderValue, Version, header};
use ground::config::PublicUrl;
use http::request::Parts;

/// Exactly one `Host` in HTTP/1 (RFC 9112, 3.2); `:authority` in HTTP/2. Where both a target and a header name a host, each must be ours.
pub(super) fn check(parts: &Parts, url: &PublicUrl) -> Result<(), Stop> {
    let mut lines = parts.headers.get_all(header::HOST).iter();
    let (said, twice) = (lines.next(), lines.next());
    let target = parts.uri.authority().map(axum::http::uri::Authority::as_str);
    let needs_header = parts.version < Version::HTTP_2;
    if twice.is_some() || (said.is_none() && (needs_header || target.is_none())) {
        return Err(Stop::Malformed);
    }
    let said = said.map(HeaderValue::to_str).transpose().map_err(|_| Stop::Malformed)?;
    let are_ours = [said, target].into_iter().flatten().all(|host| url.is_own_host(host));
    if are_ours { Ok(()) } else { Err(Stop::UnknownHost) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn checked(uri: &str, hosts: &[&str], version: Version) -> Result<(), Stop> {
        let mut request = Request::builder().uri(uri).version(version);
        for host in hosts {
            request = request.header("host", *host);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        check(&parts, &"https://door.example.org".parse().unwrap())
    }

    #[test]
    fn one_right_host_is_let_through_and_nothing_else() {
        let (one, two) = (Version::HTTP_11, Version::HTTP_2);
        for (uri, hosts, version, outcome) in [
            ("/", vec!["door.example.org"], one, Ok(())),
            ("/", vec!["Door.Example.Org:443"], one, Ok(())),
            ("https://door.example.org/", vec![], two, Ok(())),
            ("https://door.example.org/x", vec!["door.example.org"], one, Ok(())),
            ("/", vec![], one, Err(Stop::Malformed)),
            ("/", vec![], two, Err(Stop::Malformed)),
            (
                "/",
                vec!["door.example.org", "door.example.org"],
                one,
                Err(Stop::Malformed),
            ),
            ("https://door.example.org/", vec![], one, Err(Stop::Malformed)),
            ("/", vec!["evil.example"], one, Err(Stop::UnknownHost)),
            ("/", vec![""], one, Err(Stop::UnknownHost)),
            ("/", vec!["door.example.org:8080"], one, Err(Stop::UnknownHost)),
            (
                "https://evil.example/",
                vec!["door.example.org"],
                one,
                Err(Stop::UnknownHost),
            ),
            (
                "https://door.example.org/",
                vec!["evil.example"],
                one,
                Err(Stop::UnknownHost),
            ),
            (
                "https://x@door.example.org/",
                vec!["door.example.org"],
                one,
                Err(Stop::UnknownHost),
            ),
            ("https://evil.example/", vec![], two, Err(Stop::UnknownHost)),
        ] {
            assert_eq!(checked(uri, &hosts, version), outcome, "{uri} {hosts:?} {version:?}");
        }
    }
}
