//! What somebody typed into a field for a code, read however it is spelt. Its form says what it is. Pure.
//! For every place that takes a code. Must never happen: two spellings of one code that count as two; a code that is kept or told.
use kernel::Secret;
use unicode_normalization::UnicodeNormalization;

/// Longer than any spelling of a code; refused before it is read.
const MOST_BYTES: usize = 256;
/// Crockford's base32 (no I, L, O, U).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The noughts of the decimal digits that people's keyboards give beside ours (Unicode, general category Nd).
const NOUGHTS: [u32; 11] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0E50, 0x0ED0,
];

/// A code, read.
#[derive(Clone)]
pub enum Typed {
    /// Six digits: an authenticator app's.
    App(u32),
    /// Twice six digits: two codes of an app that follow each other, for one whose clock is wrong.
    Pair(u32, u32),
    /// Eight digits: a text message's.
    Text(Secret<String>),
    /// Sixteen letters and digits: a recovery code.
    Recovery(Secret<String>),
}

impl Typed {
    /// Reads it. None: it cannot be a code at all.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > MOST_BYTES {
            return None;
        }
        let plain: String = typed.nfkc().filter(|c| !is_decoration(*c)).map(digit).collect();
        let number = |part: &str| part.parse::<u32>().ok();
        let is_digits = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
        match (plain.len(), is_digits) {
            (6, true) => number(&plain).map(Self::App),
            (8, true) => Some(Self::Text(Secret::new(plain))),
            (12, true) => {
                let (first, second) = plain.split_at_checked(6)?;
                Some(Self::Pair(number(first)?, number(second)?))
            }
            (16, _) => read_recovery(&plain).map(|code| Self::Recovery(Secret::new(code))),
            _ => None,
        }
    }
}

/// Sixteen of Crockford's letters; O for 0, I and L for 1, in any case.
fn read_recovery(plain: &str) -> Option<String> {
    let read: String = plain
        .chars()
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let fits = read.len() == 16 && read.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then_some(read)
}

/// What people, forms and clipboards put around and between: spaces, dashes, marks without width.
fn is_decoration(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A decimal digit of another script as ours; anything else as it is.
fn digit(c: char) -> char {
    let code = u32::from(c);
    NOUGHTS
        .iter()
        .find_map(|nought| char::from_digit(code.checked_sub(*nought)?, 10))
        .unwrap_or(c)
}

/// 80 bits as sixteen of Crockford's letters.
pub(crate) fn recovery_code(bits: [u8; 10]) -> String {
    let all = bits.iter().fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
    (0..16_u32)
        .rev()
        .filter_map(|at| {
            let at = usize::try_from((all >> (5 * at)) & 31).ok()?;
            ALPHABET.get(at).map(|letter| char::from(*letter))
        })
        .collect()
}

/// In groups of four, with this between them.
pub(crate) fn grouped(text: &str, between: &str) -> String {
    let mut shown = String::with_capacity(text.len() * 2);
    for (n, letter) in text.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            shown.push_str(between);
        }
        shown.push(letter);
    }
    shown
}

#[cfg(test)]
mod tests;
