//! What a new password must be. Pure: for set-up, change and reset. No rules of composition (ASVS 6.2.5): length, and that it cannot be guessed.
//! Must never happen: a refusal without its reason.
use crate::{Breached, Password};
use kernel::{Reason, Span};

mod context;
pub use context::Context;

/// Fewest characters where the password is the only factor (NIST SP 800-63B-4, 3.1.1.2).
pub const SHORTEST_ALONE: usize = 15;
/// Fewest characters where a second factor is required beside it.
pub const SHORTEST_WITH_FACTOR: usize = 8;
/// So long a password may stay that has become too short: policy asks for more since, or a second factor went. Counted from the first sign-in that
/// shows it.
pub const SHORT_FOR: Span = Span::days(7);
/// zxcvbn reads so many characters at a time: its cost grows with the length, and its arithmetic overflows beyond (21! sequences of matches).
const LOOKED_AT: usize = 20;
/// Fewer guesses than this and it falls to an offline search (Reason PW-005 tells the number).
const FEWEST_GUESSES_LOG10: f64 = 10.0;

/// The rules, with the list they look in.
pub struct Rules {
    breached: Breached,
}

impl Rules {
    /// Rules that look in this list.
    pub const fn new(breached: Breached) -> Self {
        Self { breached }
    }
    /// The password, if it may be set; else every reason why not, the most telling first.
    ///
    /// Costs some milliseconds for a long password.
    pub fn accept(&self, typed: &str, shortest: usize, context: &Context) -> Result<Password, Vec<Reason>> {
        let password = Password::parse(typed).map_err(|reason| vec![reason])?;
        let mut reasons = Vec::new();
        if password.characters() < shortest {
            reasons.push(match shortest {
                SHORTEST_ALONE => Reason::PasswordShort,
                SHORTEST_WITH_FACTOR => Reason::PasswordShortBeside,
                _ => Reason::PasswordShortPolicy,
            });
        }
        // A phrase of the list is no better with spaces between its words.
        let closed: String = password.text().split_whitespace().collect();
        if self.breached.contains(password.text()) || self.breached.contains(&closed) {
            reasons.push(Reason::PasswordCommon);
        }
        if context.makes_up(password.text()) {
            reasons.push(Reason::PasswordContext);
        }
        // What was said already makes it weak too; saying so would only be noise.
        if reasons.is_empty() && is_weak(password.text(), context) {
            reasons.push(Reason::PasswordWeak);
        }
        if reasons.is_empty() { Ok(password) } else { Err(reasons) }
    }
}

/// Whether no stretch of it is hard to guess: the whole is at least as hard as its hardest part, and repeating a weak part does not help.
fn is_weak(password: &str, context: &Context) -> bool {
    let characters: Vec<char> = password.chars().collect();
    let words: Vec<&str> = context.words().collect();
    characters
        .chunks(LOOKED_AT)
        .chain(characters.rchunks(LOOKED_AT).next())
        .all(|part| {
            let part: String = part.iter().collect();
            zxcvbn::zxcvbn(&part, &words).guesses_log10() < FEWEST_GUESSES_LOG10
        })
}

#[cfg(test)]
mod tests;
