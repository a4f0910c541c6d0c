//! Telephone numbers, brought into the one form of ITU-T E.164: `+447700900123`. Pure.
//! For whoever adds a phone. Must never happen: two spellings of one number; a number without its country, which would be somebody else's elsewhere.
use kernel::Reason;
use unicode_normalization::UnicodeNormalization;

/// Digits that a number has at least and at most, its calling code among them (E.164, section 6.2.1).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Longer than any spelling of a number.
const MOST_BYTES: usize = 100;
/// Calling codes whose national numbers keep their first nought (Italy, San Marino, Vatican; Gabon, Congo, Côte d'Ivoire, Benin).
const KEEPS_NOUGHT: [&str; 6] = ["+39", "+378", "+241", "+242", "+225", "+229"];

/// A number in the form of E.164.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// Reads a number however it is spelt, with its calling code behind `+` or `00`.
    ///
    /// # Errors
    /// [`Reason::PhoneNoCountry`] or [`Reason::PhoneInvalid`].
    pub fn read(typed: &str) -> Result<Self, Reason> {
        if typed.len() > MOST_BYTES {
            return Err(Reason::PhoneInvalid);
        }
        let mut plain: String = typed.nfkc().filter(|c| !is_decoration(*c)).collect();
        // "+44 (0) 7700 900123": the nought in brackets is for those who call from within.
        plain = plain.replacen("(0)", "", 1);
        plain.retain(|c| !matches!(c, '(' | ')'));
        let digits = match (plain.strip_prefix('+'), plain.strip_prefix("00")) {
            (Some(digits), _) | (None, Some(digits)) => digits,
            _ if !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit()) => return Err(Reason::PhoneNoCountry),
            _ => return Err(Reason::PhoneInvalid),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Reason::PhoneInvalid);
        }
        let number = format!("+{digits}");
        let code = organisations::calling_code(&number).ok_or(Reason::PhoneInvalid)?;
        let national = number.get(code.len()..).unwrap_or_default();
        // In the plans of +1 and +7 a code may be followed by a nought that counts; their numbers have ten digits, no more and no less.
        let is_of_ten = code.starts_with("+1") || code.starts_with("+7");
        let keeps_nought = is_of_ten || KEEPS_NOUGHT.contains(&code);
        let national = national.strip_prefix('0').filter(|_| !keeps_nought).unwrap_or(national);
        let length = code.len() - 1 + national.len();
        let fits = if is_of_ten {
            length == 11
        } else {
            DIGITS.contains(&length)
        };
        let has_trunk_left = !keeps_nought && national.starts_with('0');
        if !fits || has_trunk_left {
            return Err(Reason::PhoneInvalid);
        }
        Ok(Self(format!("{code}{national}")))
    }
    /// A number from the store, which was read before.
    pub(crate) const fn stored(number: String) -> Self {
        Self(number)
    }
    /// `+447700900123`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// What is shown of it: the last four digits.
    pub fn hint(&self) -> String {
        let at = self.0.len().saturating_sub(4);
        format!("•••• {}", self.0.get(at..).unwrap_or_default())
    }
}

/// What people put between: spaces, dashes, dots, slashes, marks without width.
fn is_decoration(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_of_a_number_is_one() {
        for spelling in [
            "+447700900123",
            "+44 7700 900123",
            " +44 (0) 7700 900-123 ",
            "+44(0)7700.900.123",
            "0044 7700 900123",
            "+4407700900123",
            "+44/7700/900123",
            "＋４４ ７７００ ９００１２３",
            "\u{202a}+44\u{a0}7700\u{2011}900123\u{202c}",
        ] {
            assert_eq!(
                Number::read(spelling).unwrap().as_str(),
                "+447700900123",
                "{spelling:?}"
            );
        }
        for (typed, number) in [
            ("+1 (202) 555-0143", "+12025550143"),
            ("+39 06 1234 5678", "+390612345678"),
            ("+49 (0)151 23456789", "+4915123456789"),
            ("+7 701 234 5678", "+77012345678"),
            ("+1 876 555 0143", "+18765550143"),
        ] {
            assert_eq!(Number::read(typed).unwrap().as_str(), number, "{typed}");
        }
        assert_eq!(Number::read("+447700900123").unwrap().hint(), "•••• 0123");
    }

    #[test]
    fn a_number_needs_its_country_and_nothing_else() {
        for typed in ["07700 900123", "7700900123", "202-555-0143", "0"] {
            assert_eq!(Number::read(typed).err(), Some(Reason::PhoneNoCountry), "{typed}");
        }
        for typed in [
            "",
            "+",
            "00",
            "+44",
            "+440",
            "++447700900123",
            "+44 7700 900123 ext 5",
            "tel:+447700900123",
            "+999 12345678",
            "+0 7700900123",
            "+1 202 555 014",
            "+1 202 555 01433",
            "+44 77009001234567",
            "not a number",
            "+44\u{0}7700900123",
        ] {
            assert_eq!(Number::read(typed).err(), Some(Reason::PhoneInvalid), "{typed:?}");
        }
        assert_eq!(Number::read(&"+".repeat(10_000)).err(), Some(Reason::PhoneInvalid));
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_the_same_again(typed in "[+0-9 ()./-]{0,24}") {
            if let Ok(number) = Number::read(&typed) {
                let again = Number::read(number.as_str());
                prop_assert_eq!(again, Ok(number));
            }
        }
        #[test]
        fn nothing_that_is_typed_breaks_the_reading(typed in ".{0,120}") {
            let _ = Number::read(&typed);
        }
    }
}
