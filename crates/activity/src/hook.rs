//! A place that activity is sent to: its address and the secret that it is signed with, as they are kept. For the courier and the pages.
//! Must never happen: an address (which may hold a token) or a secret in the store in clear, in a log or in an event.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{Ground, outward::Target};
use kernel::{Chance, FieldError, Reason};
use serde::{Deserialize, Serialize};

/// The purpose of the key that seals them.
const SEAL: &str = "webhook";
/// Characters of a name.
const MOST_NAME: usize = 60;

/// Address and secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    url: String,
    secret: String,
}

impl Kept {
    /// A new secret for this address: 256 bits, as text that begins with `dws_`.
    pub(crate) fn new(target: &Target, chance: &Chance) -> Self {
        Self::with(target, &chance.bytes::<32>())
    }
    /// With a secret of these bytes.
    pub(crate) fn with(target: &Target, lot: &[u8; 32]) -> Self {
        Self {
            url: target.url.clone(),
            secret: format!("dws_{}", URL_SAFE_NO_PAD.encode(lot)),
        }
    }
    /// Another secret, of these bytes, for the same address.
    #[must_use]
    pub(crate) fn renewed(self, lot: &[u8; 32]) -> Self {
        Self {
            secret: format!("dws_{}", URL_SAFE_NO_PAD.encode(lot)),
            ..self
        }
    }
    /// The same secret for another address.
    #[must_use]
    pub(crate) fn moved(self, target: &Target) -> Self {
        Self {
            url: target.url.clone(),
            ..self
        }
    }
    pub(crate) fn seal(&self, ground: &Ground) -> Vec<u8> {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        ground.keys.seal(SEAL, &plain, &ground.chance)
    }
    pub(crate) fn open(ground: &Ground, sealed: &[u8]) -> Option<Self> {
        serde_json::from_slice(&ground.keys.open(SEAL, sealed)?).ok()
    }
    pub(crate) fn target(&self) -> Option<Target> {
        Target::parse(&self.url)
    }
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }
}

/// `webhook` or `syslog`.
pub(crate) const fn kind(target: &Target) -> &'static str {
    if target.is_lines() { "syslog" } else { "webhook" }
}

/// A name as it is kept.
pub(crate) fn check_name(typed: &str) -> Result<String, FieldError> {
    let name = ground::journal::clean(typed, MOST_NAME + 1);
    let fits = !name.is_empty() && name.chars().count() <= MOST_NAME;
    if fits {
        Ok(name)
    } else {
        Err(FieldError::new("name", Reason::FarEndNameInvalid))
    }
}

/// An address, taken apart.
pub(crate) fn check_url(typed: &str) -> Result<Target, FieldError> {
    Target::parse(typed).ok_or_else(|| FieldError::new("url", Reason::FarEndInvalid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_and_not_too_long() {
        assert_eq!(check_name("  SIEM\n of the group ").unwrap(), "SIEM  of the group");
        assert_eq!(check_name(&"é".repeat(60)).unwrap().chars().count(), 60);
        for bad in ["", "  ", &"é".repeat(61)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_is_new_each_time_and_stays_when_the_address_moves() {
        let target = Target::parse("https://siem.example.org/in?token=abc").unwrap();
        let lot = std::sync::atomic::AtomicU8::new(0);
        let chance = Chance::new(move |out| out.fill(lot.fetch_add(1, std::sync::atomic::Ordering::Relaxed)));
        let (one, other) = (Kept::new(&target, &chance), Kept::new(&target, &chance));
        assert!(one.secret() != other.secret() && one.secret().starts_with("dws_"));
        let moved = one.clone().moved(&Target::parse("https://other.example.org/").unwrap());
        assert_eq!(
            (moved.secret(), moved.target().unwrap().host.as_str()),
            (one.secret(), "other.example.org")
        );
    }
}
