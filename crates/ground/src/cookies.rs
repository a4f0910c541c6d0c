//! Cookies as the surface promises: `__Host-` names with `Secure` under https, plain names on loopback; `HttpOnly`, `SameSite=Lax`, `Path=/`.
//! A duplicated or stale cookie must never keep anyone out: readers get every copy and decide by what verifies.
use axum::http::{HeaderMap, HeaderValue, header};
use kernel::Span;

/// The session's token.
pub const SESSION: &str = "session";
/// The device's long-lived secret.
pub const DEVICE: &str = "device";
/// The sealed sign-in flow before the first factor.
pub const FLOW: &str = "flow";
/// So begins the flow's cookie once the first factor has passed: from then on the flow is a row of the store, and this is its secret.
pub const STORED_FLOW: &str = "s.";
/// The sealed flow of a browser that asked for a new password.
pub const RECOVERY: &str = "recovery";
/// All cookies of ours.
pub const ALL: [&str; 4] = [SESSION, DEVICE, FLOW, RECOVERY];

/// More copies of one cookie than this are not looked at; a few stale ones must not hide the good one behind them.
const MOST_COPIES: usize = 32;

/// How cookies are named and written by this deployment.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    is_https: bool,
}

impl Cookies {
    /// For a deployment under https, or not.
    pub const fn new(is_https: bool) -> Self {
        Self { is_https }
    }
    /// The full name: `__Host-doorward_session` or `doorward_session`.
    pub fn name(self, short: &str) -> String {
        if self.is_https {
            format!("__Host-doorward_{short}")
        } else {
            format!("doorward_{short}")
        }
    }
    /// Sets a cookie; without `lives_for` it ends with the browser.
    pub fn set(self, short: &str, value: &str, lives_for: Option<Span>) -> Option<HeaderValue> {
        let age = lives_for.map_or_else(String::new, |span| format!("; Max-Age={}", span.seconds_up()));
        self.header(&format!("{}={value}{age}", self.name(short)))
    }
    /// Removes a cookie.
    pub fn remove(self, short: &str) -> Option<HeaderValue> {
        self.header(&format!("{}=; Max-Age=0", self.name(short)))
    }
    fn header(self, start: &str) -> Option<HeaderValue> {
        let secure = if self.is_https { "; Secure" } else { "" };
        HeaderValue::from_str(&format!("{start}; Path=/; HttpOnly; SameSite=Lax{secure}")).ok()
    }
    /// Every copy of the cookie that came with the request, in its order.
    pub fn all(self, headers: &HeaderMap, short: &str) -> Vec<String> {
        let name = self.name(short);
        headers
            .get_all(header::COOKIE)
            .iter()
            // Each pair by itself: a torn cookie of somebody else must not take ours along.
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
            .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.trim_matches('"').to_owned())
            .take(MOST_COPIES)
            .collect()
    }
    /// Whether any cookie of ours came along, stale, torn or not: then this browser keeps cookies.
    pub fn any(self, headers: &HeaderMap) -> bool {
        let names = ALL.map(|short| self.name(short));
        let pairs = headers
            .get_all(header::COOKIE)
            .iter()
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        pairs
            .filter_map(|pair| pair.trim_ascii().split(|byte| *byte == b'=').next())
            .any(|name| names.iter().any(|ours| ours.as_bytes() == name))
    }
}

/// Puts a cookie on an answer, where there is one to set.
pub fn put(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for line in lines {
            map.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
        }
        map
    }

    #[test]
    fn every_copy_is_seen_over_all_cookie_lines() {
        let cookies = Cookies::new(false);
        let seen = cookies.all(
            &headers(&["doorward_session=a; x=1; doorward_session=b", "doorward_session=\"c\""]),
            SESSION,
        );
        assert_eq!(seen, ["a", "b", "c"]);
    }

    #[test]
    fn a_torn_cookie_of_somebody_else_takes_none_of_ours_along() {
        let mut torn = HeaderMap::new();
        torn.append(
            header::COOKIE,
            HeaderValue::from_bytes(b"other=\xff\xfe; doorward_session=a").unwrap(),
        );
        assert_eq!(Cookies::new(false).all(&torn, SESSION), ["a"]);
    }

    #[test]
    fn under_https_only_the_host_prefixed_name_counts() {
        let cookies = Cookies::new(true);
        assert!(cookies.all(&headers(&["doorward_session=a"]), SESSION).is_empty());
        let set = cookies.set(SESSION, "v", None).unwrap();
        assert_eq!(set, "__Host-doorward_session=v; Path=/; HttpOnly; SameSite=Lax; Secure");
    }

    #[test]
    fn a_removal_keeps_the_attributes() {
        let gone = Cookies::new(false).remove(FLOW).unwrap();
        assert_eq!(gone, "doorward_flow=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax");
    }
}
