//! The sign-in flow as its cookie tells it: where somebody was going, sealed; and, once a first factor has passed, the secret of a row in the store.
//! A stale, torn or restored cookie simply starts anew and goes on.
//! Must never happen: a flow that opens anything by itself; a cookie in which a password, a code or an address lies.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{
    Ground, Visitor,
    cookies::{self, STORED_FLOW},
    visitor::own_path,
};
use kernel::{Span, Time};
use sha2::{Digest, Sha256};

/// A flow older than this is stale.
const LIVES_FOR: Span = Span::hours(24);
const PURPOSE: &str = "sign-in-flow";

/// Where somebody was going, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// When it began.
    pub began_at: Time,
    /// A path of this server.
    pub next: String,
}

impl Flow {
    /// The flow of this visitor: what the address says, else what an earlier flow in this browser says, else Home.
    pub fn of(visitor: &Visitor, asked_next: Option<&str>) -> Self {
        let now = visitor.ground.now();
        let values = visitor.cookies(cookies::FLOW);
        let sealed = |value: &String| Self::open(&visitor.ground, sealed_part(value)?, now);
        let earlier = values.iter().find_map(sealed);
        let next = asked_next
            .and_then(own_path)
            .filter(|next| !is_door(next))
            .or_else(|| earlier.map(|flow| flow.next))
            .unwrap_or_else(|| "/app".into());
        Self { began_at: now, next }
    }
    /// A flow to Home.
    pub fn home(now: Time) -> Self {
        Self {
            began_at: now,
            next: "/app".into(),
        }
    }
    /// The cookie's value before a first factor.
    pub fn seal(&self, ground: &Ground) -> String {
        let plain = [&self.began_at.micros().to_be_bytes(), self.next.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(ground.keys.seal(PURPOSE, &plain, &ground.chance))
    }
    /// The cookie's value after it: the row's secret, and where it goes, so that a row that is gone loses nobody's way.
    pub fn stored(&self, ground: &Ground, secret: &Secret) -> String {
        format!("{STORED_FLOW}{}.{}", secret.0, self.seal(ground))
    }
    /// An address of the door with where somebody is going.
    pub fn address(&self, path: &str) -> String {
        if self.next == "/app" {
            path.to_owned()
        } else {
            format!("{path}?next={}", ground::failure::encode(&self.next))
        }
    }
    fn open(ground: &Ground, value: &str, now: Time) -> Option<Self> {
        let plain = ground.keys.open(PURPOSE, &URL_SAFE_NO_PAD.decode(value).ok()?)?;
        let (began, next) = plain.split_at_checked(8)?;
        let began_at = Time::from_micros(i64::from_be_bytes(began.try_into().ok()?));
        let is_fresh = now - began_at < LIVES_FOR;
        let next = own_path(std::str::from_utf8(next).ok()?)?;
        is_fresh.then_some(Self { began_at, next })
    }
}

/// What binds a row to one browser: 256 bits of chance.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// From chance.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }
    /// What the store keeps of it.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

/// The hashes of all rows that this browser shows a secret for, each copy of the cookie.
pub fn stored_hashes(visitor: &Visitor) -> Vec<[u8; 32]> {
    let values = visitor.cookies(cookies::FLOW);
    values
        .iter()
        .filter_map(|value| Some(hash(secret_part(value)?)))
        .collect()
}

/// The secret of the sign-in with this hash, so that its cookie can be set again.
pub fn secret_of(visitor: &Visitor, wanted: &[u8; 32]) -> Option<Secret> {
    let values = visitor.cookies(cookies::FLOW);
    let mut secrets = values.iter().filter_map(|value| secret_part(value));
    secrets
        .find(|secret| hash(secret) == *wanted)
        .map(|secret| Secret(secret.to_owned()))
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn secret_part(value: &str) -> Option<&str> {
    let (secret, _) = value.strip_prefix(STORED_FLOW)?.split_once('.')?;
    (secret.len() == 43).then_some(secret)
}

fn sealed_part(value: &str) -> Option<&str> {
    match value.strip_prefix(STORED_FLOW) {
        Some(rest) => rest.split_once('.').map(|(_, sealed)| sealed),
        None => Some(value),
    }
}

/// The pages of the door lead on by themselves; to come back to them would be a circle.
fn is_door(next: &str) -> bool {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    ["/", "/sign-in", "/sign-out", "/setup", "/app/unlock"].contains(&path) || path.starts_with("/sign-in/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_cookie_are_told_apart_and_torn_ones_are_neither() {
        let secret = Secret::new([7; 32]);
        let value = format!("s.{}.c2VhbGVk", secret.0);
        assert_eq!(secret_part(&value), Some(secret.0.as_str()));
        assert_eq!(sealed_part(&value), Some("c2VhbGVk"));
        assert_eq!(sealed_part("c2VhbGVk"), Some("c2VhbGVk"));
        for torn in [
            "",
            "s.",
            "s..",
            "s.short.c2VhbGVk",
            "c2VhbGVk",
            &value[2..],
            &value[..45],
        ] {
            assert_eq!(secret_part(torn), None, "{torn}");
        }
    }

    #[test]
    fn the_door_never_leads_to_itself() {
        for path in [
            "/sign-in",
            "/sign-in/factor",
            "/sign-in/device?x",
            "/app/unlock?next=/app",
            "/",
        ] {
            assert!(is_door(path), "{path}");
        }
        assert!(!is_door("/app/sign-in"));
    }
}
