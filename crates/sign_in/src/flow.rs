//! The sign-in flow before the first factor: a sealed cookie, nothing in the store. A stale, torn or restored one simply starts anew and goes on.
//! Must never happen: a flow that opens anything by itself; it only remembers where somebody was going.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{Ground, Visitor, cookies, visitor::own_path};
use kernel::{Span, Time};

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
        let earlier = visitor
            .cookies(cookies::FLOW)
            .iter()
            .find_map(|value| Self::open(&visitor.ground, value, now));
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
    /// The cookie's value.
    pub fn seal(&self, ground: &Ground) -> String {
        let plain = [&self.began_at.micros().to_be_bytes(), self.next.as_bytes()].concat();
        URL_SAFE_NO_PAD.encode(ground.keys.seal(PURPOSE, &plain, &ground.chance))
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

/// The pages of the door lead on by themselves; to come back to them would be a circle.
fn is_door(next: &str) -> bool {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    ["/", "/sign-in", "/sign-out", "/setup", "/app/unlock"].contains(&path) || path.starts_with("/sign-in/")
}
