//! Anti-forgery by what browsers say about a request and pages cannot forge: `Sec-Fetch-Site` and `Origin`. The trusted origin is `public_url`,
//! never anything that the request says about itself, so a proxy that rewrites `Host` weakens nothing.
use super::Stop;
use axum::http::{HeaderMap, HeaderValue, header};
use ground::{config::PublicUrl, cookies::Cookies, routes::is_safe};
use http::request::Parts;

const FETCH_SITE: &str = "sec-fetch-site";

/// Content types that a page of another site can send without asking first (Fetch standard, "CORS-safelisted request-header").
const FORM_KINDS: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

pub(super) fn check(parts: &Parts, url: &PublicUrl, cookies: Cookies) -> Result<(), Stop> {
    // A Bearer token never comes along by itself.
    if is_safe(&parts.method) || has_bearer(&parts.headers) {
        return Ok(());
    }
    let site = only(&parts.headers, FETCH_SITE)?;
    let origin = only(&parts.headers, header::ORIGIN.as_str())?;
    let is_ours = match (site, origin) {
        (None, None) => (!is_form(&parts.headers) || is_signed(parts)) && !cookies.any(&parts.headers),
        (None, Some(origin)) => origin == url.as_str(),
        // `none`: the person did it without a page. An opaque origin says less than the site does (some extensions hide it).
        (Some("same-origin" | "none"), origin) => {
            origin.is_none_or(|origin| origin == url.as_str() || origin == "null")
        }
        (Some(_), _) => false,
    };
    if is_ours { Ok(()) } else { Err(Stop::CrossSite) }
}

/// The header's one value. Two of them are no browser's work.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Stop> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (line, None) => line.map(HeaderValue::to_str).transpose().map_err(|_| Stop::CrossSite),
        _ => Err(Stop::CrossSite),
    }
}

fn has_bearer(headers: &HeaderMap) -> bool {
    let said = headers
        .get(header::AUTHORIZATION)
        .and_then(|line| line.to_str().ok())
        .and_then(|line| line.split_once(' '));
    said.is_some_and(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
}

/// A gateway's callback, whose route looks at the signature. A page cannot send such a header to another site without being asked first.
fn is_signed(parts: &Parts) -> bool {
    parts.uri.path() == "/delivery/twilio/status" && parts.headers.contains_key("x-twilio-signature")
}

fn is_form(headers: &HeaderMap) -> bool {
    let said = headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let kind = String::from_utf8_lossy(said)
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    FORM_KINDS.contains(&kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn is_let_through_at(path: &str, method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        check(&parts, &"https://door.example.org".parse().unwrap(), Cookies::new(true)).is_ok()
    }

    fn is_let_through(method: &str, headers: &[(&str, &str)]) -> bool {
        is_let_through_at("/sign-out", method, headers)
    }

    const OWN: (&str, &str) = ("origin", "https://door.example.org");
    const EVIL: (&str, &str) = ("origin", "https://evil.example");
    const NULL: (&str, &str) = ("origin", "null");
    const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");
    const CROSS: (&str, &str) = ("sec-fetch-site", "cross-site");
    const SIBLING: (&str, &str) = ("sec-fetch-site", "same-site");
    const NONE: (&str, &str) = ("sec-fetch-site", "none");
    const COOKIE: (&str, &str) = ("cookie", "__Host-doorward_session=x");
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const SIGNED: (&str, &str) = ("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    const JSON: (&str, &str) = ("content-type", "application/json");

    #[test]
    fn unsafe_requests_pass_only_from_our_own_pages() {
        for (headers, passes) in [
            (&[OWN][..], true),
            (&[OWN, COOKIE, FORM], true),
            (&[SAME, COOKIE, FORM], true),
            (&[NONE, FORM], true),
            (&[SAME, OWN, COOKIE], true),
            (&[SAME, NULL, COOKIE], true),
            (&[EVIL], false),
            (&[NULL, FORM], false),
            (&[CROSS, COOKIE, FORM], false),
            (&[CROSS, OWN], false),
            (&[SIBLING, OWN], false),
            (&[SAME, EVIL], false),
            (&[("sec-fetch-site", "Same-Origin")], false),
            (&[OWN, OWN], false),
            (&[SAME, CROSS], false),
            (&[("origin", "https://door.example.org.evil.example")], false),
            (&[("origin", "http://door.example.org")], false),
            (&[COOKIE], false),
            (&[COOKIE, JSON], false),
            (&[FORM], false),
            (&[FORM, SIGNED], false),
            (&[("content-type", "Multipart/Form-Data; boundary=x")], false),
            (&[("content-type", "text/plain")], false),
            (&[JSON], true),
            (&[], true),
            (&[COOKIE, ("authorization", "Bearer abc")], true),
            (&[COOKIE, ("authorization", "Bearer ")], false),
            (&[COOKIE, ("authorization", "Basic abc")], false),
        ] {
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                assert_eq!(is_let_through(method, headers), passes, "{method} {headers:?}");
            }
        }
    }

    #[test]
    fn a_gateways_callback_passes_by_its_signature_at_its_own_address_alone() {
        for (path, headers, passes) in [
            ("/delivery/twilio/status", &[FORM, SIGNED][..], true),
            ("/delivery/twilio/status", &[FORM], false),
            ("/delivery/twilio/status", &[FORM, SIGNED, COOKIE], false),
            ("/delivery/twilio/status", &[FORM, SIGNED, CROSS], false),
            ("/sign-in", &[FORM, SIGNED], false),
        ] {
            assert_eq!(is_let_through_at(path, "POST", headers), passes, "{path} {headers:?}");
        }
    }

    #[test]
    fn reading_is_open_to_links_from_everywhere() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(is_let_through(method, &[CROSS, EVIL, COOKIE]));
        }
    }
}
