//! A password as somebody typed it, brought into the one form that is compared and hashed.
//! For every form that takes a password. Must never happen: cutting, trimming or folding it, or letting it near a log.
use kernel::{Reason, Secret};
use unicode_normalization::UnicodeNormalization;

/// The most characters that a password has; a longer one is refused, never cut.
pub const LONGEST: usize = 128;
/// More bytes than 128 characters have in any form; refused before it is normalised, so that a megabyte costs nothing.
const MOST_BYTES: usize = 4_096;

/// A password in Unicode's form C (NIST SP 800-63B-4, 3.1.1.2): at most [`LONGEST`] code points, no NUL.
pub struct Password(Secret<String>);

impl Password {
    /// Takes what was typed, exactly but for the normal form.
    ///
    /// # Errors
    /// [`Reason::PasswordLong`] or [`Reason::PasswordCharacters`].
    pub fn parse(typed: &str) -> Result<Self, Reason> {
        if typed.len() > MOST_BYTES {
            return Err(Reason::PasswordLong);
        }
        if typed.contains('\0') {
            return Err(Reason::PasswordCharacters);
        }
        // Space for all of it at once: a string that grows leaves copies of the password behind.
        let mut normal = String::with_capacity(MOST_BYTES * 3);
        normal.extend(typed.nfc());
        let password = Self(Secret::new(normal));
        if password.characters() > LONGEST {
            Err(Reason::PasswordLong)
        } else {
            Ok(password)
        }
    }
    /// How many code points it has: each counts as one character.
    pub fn characters(&self) -> usize {
        self.text().chars().count()
    }
    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.text().is_empty()
    }
    /// The text, for the rules and the hash alone.
    pub(crate) fn text(&self) -> &str {
        self.0.expose()
    }
}

impl Clone for Password {
    fn clone(&self) -> Self {
        Self(Secret::new(self.text().to_owned()))
    }
}
