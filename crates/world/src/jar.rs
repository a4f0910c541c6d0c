//! The cookies of one browser, kept as browsers keep them: replaced by name and path, removed by `Max-Age=0`, ended by the story's clock.
use kernel::{Span, Time};

/// One cookie as the browser holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it is sent; prefix of the request's path.
    pub path: String,
    /// When it ends; without this it ends with the browser.
    pub ends_at: Option<Time>,
}

/// The jar.
#[derive(Debug, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

impl Jar {
    /// Takes one `Set-Cookie` line in.
    pub fn take(&mut self, line: &str, now: Time) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let mut cookie = Cookie {
            name: name.into(),
            value: value.into(),
            path: "/".into(),
            ends_at: None,
        };
        for (key, value) in parts.map(|part| part.split_once('=').unwrap_or((part, ""))) {
            match key.to_ascii_lowercase().as_str() {
                "path" => value.clone_into(&mut cookie.path),
                "max-age" => cookie.ends_at = value.parse().ok().map(|seconds| now + Span::seconds(seconds)),
                _ => {}
            }
        }
        self.cookies
            .retain(|other| other.name != cookie.name || other.path != cookie.path);
        if cookie.ends_at.is_none_or(|end| end > now) {
            self.cookies.push(cookie);
        }
    }
    /// The `Cookie` header for this path, or none.
    pub fn header(&self, path: &str, now: Time) -> Option<String> {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .filter(|c| c.ends_at.is_none_or(|end| end > now) && path.starts_with(&c.path))
            .map(|c| format!("{}={}", c.name, c.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
    /// The value of a cookie, the first copy.
    pub fn value(&self, name: &str) -> Option<String> {
        self.cookies.iter().find(|c| c.name == name).map(|c| c.value.clone())
    }
    /// All that it holds.
    pub fn all(&self) -> &[Cookie] {
        &self.cookies
    }
    /// Puts a cookie in beside the others, also a second copy of the same name.
    pub fn put(&mut self, cookie: Cookie) {
        self.cookies.push(cookie);
    }
    /// Forgets every copy of this name.
    pub fn forget(&mut self, name: &str) {
        self.cookies.retain(|c| c.name != name);
    }
    /// What is left when the browser was closed and opened again.
    pub fn close(&mut self) {
        self.cookies.retain(|c| c.ends_at.is_some());
    }
}
