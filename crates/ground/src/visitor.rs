//! Whoever sends a request, known or not: address, cookies, browser, and whether it wants a page or the API.
use crate::{Ground, client::Client, cookies};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use kernel::{Language, RequestId};

/// What a request is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// A page for a person.
    Page,
    /// JSON for a program.
    Api,
}

/// A visitor: what one request tells about its sender. Nothing in it is proved.
#[derive(Clone)]
pub struct Visitor {
    /// The ground, for cookies and time.
    pub ground: Ground,
    /// The far end.
    pub client: Client,
    /// A page, or the API.
    pub wants: Wants,
    /// The method.
    pub method: Method,
    /// Path and query, as asked for.
    pub path: String,
    /// The request's number, told on the page of a fault and in the log.
    pub request: Option<RequestId>,
    /// The headers, for cookies and the browser's name.
    pub headers: HeaderMap,
}

impl Visitor {
    /// Every copy of one of our cookies.
    pub fn cookies(&self, short: &str) -> Vec<String> {
        self.ground.cookies.all(&self.headers, short)
    }
    /// Whether any cookie of ours came along.
    pub fn has_any_cookie(&self) -> bool {
        self.ground.cookies.any(&self.headers)
    }
    /// The session tokens that came along, each copy.
    pub fn session_tokens(&self) -> Vec<String> {
        self.cookies(cookies::SESSION)
    }
    /// The Bearer token of a call of the API (RFC 6750, 2.1). Pages know none: a browser comes with its cookie. Of several headers none is better
    /// than the others: all together are a token that nobody has.
    pub fn bearer(&self) -> Option<Vec<u8>> {
        if self.wants == Wants::Page {
            return None;
        }
        let lines: Vec<&[u8]> = self
            .headers
            .get_all(header::AUTHORIZATION)
            .iter()
            .map(|line| line.as_bytes().trim_ascii())
            .filter(|line| {
                let scheme = line.split(|byte| *byte == b' ').next().unwrap_or_default();
                scheme.eq_ignore_ascii_case(b"bearer")
            })
            .collect();
        let tokens: Vec<&[u8]> = lines
            .iter()
            .filter_map(|line| line.get(6..))
            .map(<[u8]>::trim_ascii)
            .collect();
        (!tokens.is_empty()).then(|| tokens.join(&b' '))
    }
    /// The browser's User-Agent, at most 500 characters.
    pub fn user_agent(&self) -> String {
        let agent = self
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        agent.chars().take(500).collect()
    }
    /// Whether a sign-in is under way in this browser that has passed its first factor, by the form of its cookie: only words depend on it.
    pub fn is_half_in(&self) -> bool {
        self.cookies(cookies::FLOW)
            .iter()
            .any(|value| value.starts_with(cookies::STORED_FLOW))
    }
    /// The page of this server that the request was sent from, where the browser says so.
    pub fn came_from(&self) -> Option<String> {
        let referer = self.headers.get(header::REFERER)?.to_str().ok()?;
        let path = referer.strip_prefix(self.ground.config.public_url.as_str())?;
        own_path(path)
    }
    /// The language that the browser likes best among ours.
    pub fn language(&self) -> Language {
        let accepted = self.headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let lines: Vec<&str> = accepted.filter_map(|value| value.to_str().ok()).collect();
        Language::from_accepted(&lines.join(","))
    }
    /// The network address in words.
    pub fn network(&self) -> String {
        self.client.network()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        // Both are put there by the program for every request; without them the wiring is wrong.
        let ground = parts
            .extensions
            .get::<Ground>()
            .cloned()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        let client = parts
            .extensions
            .get::<Client>()
            .copied()
            .ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        let path = parts.uri.path_and_query().map_or("/", |pq| pq.as_str()).to_owned();
        Ok(Self {
            ground,
            client,
            wants: wants(parts.uri.path()),
            method: parts.method.clone(),
            path,
            request: parts.extensions.get::<RequestId>().copied(),
            headers: parts.headers.clone(),
        })
    }
}

/// What an address is answered with: everything under `/api/` is for programs.
pub fn wants(path: &str) -> Wants {
    if path == "/api" || path.starts_with("/api/") {
        Wants::Api
    } else {
        Wants::Page
    }
}

/// A path of this server that `next` may lead to, or none. Only what a browser reads as a path here passes: one leading slash, no backslash,
/// no control character, no dot segment games; everything else falls back to Home.
pub fn own_path(next: &str) -> Option<String> {
    let fits = next.len() <= 2_000
        && next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.contains("//")
        && !next.contains("/../")
        && !next.contains("/./")
        && next.chars().all(|c| c.is_ascii_graphic());
    let decoded_fits = !next.to_ascii_lowercase().contains("%2f%2f") && !next.to_ascii_lowercase().starts_with("/%2f");
    let escapes = ["%5c", "%0a", "%0d", "%09", "%00"]
        .iter()
        .any(|bad| next.to_ascii_lowercase().contains(bad));
    (fits && decoded_fits && !escapes).then(|| next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn next_leads_only_to_a_path_of_this_server() {
        for good in [
            "/app",
            "/app/activity?kind=signed-in&cursor=a%20b",
            "/app/security#sessions",
        ] {
            assert_eq!(own_path(good).as_deref(), Some(good));
        }
        for bad in [
            "",
            "app",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "https://evil.example",
            "https:evil.example",
            "/%09/evil.example",
            "javascript:alert(1)",
            "/app\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:a",
            "/%2f%2fevil.example",
            "/%2F/evil",
            "@evil.example",
            "/a//b",
            "/\t/evil.example",
            " /app",
            "/app/../../x",
            "/%5cevil.example",
            "/ünï",
        ] {
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
    }
}
