//! The rules of an organisation's values, pure.
use kernel::{FieldError, Reason, Span};

/// How long sessions of an organisation last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Locks after so long without use (5 min–24 h).
    pub lock_for: Span,
    /// Ends after so long in all (1 h–30 d).
    pub end_for: Span,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            lock_for: Span::minutes(30),
            end_for: Span::hours(12),
        }
    }
}

impl SessionPolicy {
    /// From the stored minutes; what is not set is the default, what is out of range is brought into it.
    pub fn from_minutes(lock: Option<i64>, end: Option<i64>) -> Self {
        let default = Self::default();
        Self {
            lock_for: lock.map_or(default.lock_for, |m| Span::minutes(m.clamp(5, 24 * 60))),
            end_for: end.map_or(default.end_for, |m| Span::minutes(m.clamp(60, 30 * 24 * 60))),
        }
    }
}

/// A name of 1 to 100 characters on one line, trimmed.
pub fn check_name(field: &'static str, name: &str, reason: Reason) -> Result<String, FieldError> {
    let name = name.trim();
    let length = name.chars().count();
    let fits = (1..=100).contains(&length) && !name.chars().any(is_breaking);
    if fits {
        Ok(name.to_owned())
    } else {
        Err(FieldError::new(field, reason))
    }
}

/// What the door says about whom to ask: at most 200 characters on one line, trimmed; may be empty.
pub fn check_contact(contact: &str) -> Result<String, FieldError> {
    let contact = contact.trim();
    let fits = contact.chars().count() <= 200 && !contact.chars().any(is_breaking);
    if fits {
        Ok(contact.to_owned())
    } else {
        Err(FieldError::new("contact", Reason::ContactInvalid))
    }
}

/// Control characters, line and paragraph separators, and marks that turn the direction of a whole line.
fn is_breaking(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A logo: PNG, JPEG or WebP by its first bytes, at most 64 KB. Answers the media type.
pub fn check_logo(bytes: &[u8]) -> Result<&'static str, FieldError> {
    let refused = || FieldError::new("logo", Reason::LogoInvalid);
    if bytes.len() > 64 * 1024 {
        return Err(refused());
    }
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok("image/png"),
        [0xff, 0xd8, 0xff, ..] => Ok("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok("image/webp"),
        _ => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_stay_within_their_range() {
        let odd = SessionPolicy::from_minutes(Some(1), Some(1_000_000));
        assert_eq!(
            odd,
            SessionPolicy {
                lock_for: Span::minutes(5),
                end_for: Span::days(30)
            }
        );
        assert_eq!(SessionPolicy::from_minutes(None, None), SessionPolicy::default());
    }

    #[test]
    fn names_are_one_line_of_1_to_100_characters() {
        let check = |name: &str| check_name("name", name, Reason::NameInvalid);
        assert_eq!(check("  Northwind IT ").unwrap(), "Northwind IT");
        let long = "a".repeat(101);
        for bad in ["", "   ", "a\nb", "a\u{2028}b", "a\u{202e}b", "a\u{0}b", &long] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_logo_is_known_by_its_first_bytes() {
        assert_eq!(check_logo(b"\x89PNG\r\n\x1a\nrest").unwrap(), "image/png");
        assert!(check_logo(b"<svg onload=alert(1)>").is_err());
        assert!(check_logo(b"").is_err());
        let mut large = b"\x89PNG\r\n\x1a\n".to_vec();
        large.resize(64 * 1024 + 1, 0);
        assert!(check_logo(&large).is_err());
    }
}
