//! Installation keys as people see them: `DW-XXXX-XXXX-XXXX-XXXX-C`, 80 bits in Crockford's base32 and his check character, read however they are
//! spelt. Must never happen: a slip of the hand that reaches the server as another key; a key in a log (it has no Display).
use sha2::{Digest, Sha256};

/// Crockford's base32 (no I, L, O, U), and behind it the five characters that only a check can be.
const ALPHABET: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
const LENGTH: usize = 16;

/// A key whose check character is right.
#[derive(Clone, PartialEq, Eq)]
pub struct InstallationKey(u128);

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// It is not of the shape `DW-XXXX-XXXX-XXXX-XXXX-C`.
    Shape,
    /// A character is wrong or two changed places: the check character does not fit the others.
    Check,
}

impl InstallationKey {
    /// A key from 80 bits. None where its check character would mean something to a shell (one in nine): take other bits.
    pub fn new(bits: [u8; 10]) -> Option<Self> {
        let key = Self(bits.iter().fold(0, |all, byte| (all << 8) | u128::from(*byte)));
        key.check().is_ascii_alphanumeric().then_some(key)
    }

    /// Reads a key however it is spelt: any case, with or without `DW`, spaces and dashes, O for 0, I and L for 1.
    pub fn read(typed: &str) -> Result<Self, Slip> {
        if typed.len() > 100 {
            return Err(Slip::Shape);
        }
        let plain: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let body = if plain.chars().count() == LENGTH + 3 {
            plain.strip_prefix("DW")
        } else {
            Some(plain.as_str())
        };
        let mut values = body.ok_or(Slip::Shape)?.chars().map(value);
        let mut bits = 0_u128;
        for _ in 0..LENGTH {
            let five = values.next().flatten().filter(|five| *five < 32).ok_or(Slip::Shape)?;
            bits = (bits << 5) | u128::from(five);
        }
        let (check, rest) = (values.next().flatten().ok_or(Slip::Shape)?, values.next());
        if rest.is_some() {
            return Err(Slip::Shape);
        }
        if u128::from(check) == bits % 37 {
            Ok(Self(bits))
        } else {
            Err(Slip::Check)
        }
    }

    fn check(&self) -> char {
        let at = usize::try_from(self.0 % 37).unwrap_or(0);
        ALPHABET.get(at).map_or('0', |c| char::from(*c))
    }
    fn characters(&self) -> String {
        (0..LENGTH)
            .rev()
            .filter_map(|at| {
                ALPHABET
                    .get(usize::try_from((self.0 >> (5 * at)) & 31).ok()?)
                    .map(|c| char::from(*c))
            })
            .collect()
    }
    /// As it is shown, once: `DW-XXXX-XXXX-XXXX-XXXX-C`.
    pub fn reveal(&self) -> String {
        let all = self.characters();
        let group = |n: usize| all.get(4 * n..4 * n + 4).unwrap_or_default().to_owned();
        format!(
            "DW-{}-{}-{}-{}-{}",
            group(0),
            group(1),
            group(2),
            group(3),
            self.check()
        )
    }
    /// What tells keys apart in a list and opens nothing: `DW-7F3K-…-Q`.
    pub fn hint(&self) -> String {
        format!(
            "DW-{}-…-{}",
            self.characters().get(..4).unwrap_or_default(),
            self.check()
        )
    }
    /// Its 80 bits, for a keyed hash.
    pub fn bits(&self) -> [u8; 10] {
        let all = self.0.to_be_bytes();
        all.get(6..).and_then(|tail| tail.try_into().ok()).unwrap_or_default()
    }
    /// SHA-256 of the text that is shown: an agent signs it when it pairs.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.reveal()).into()
    }
}

impl std::fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InstallationKey({})", self.hint())
    }
}

/// What a character stands for, 0 to 36.
fn value(c: char) -> Option<u8> {
    let c = match c {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    let at = ALPHABET.iter().position(|known| char::from(*known) == c)?;
    u8::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some(seed: u8) -> InstallationKey {
        (seed..)
            .find_map(|n| InstallationKey::new([n, 1, 2, 3, 4, 5, 6, 7, 8, n]))
            .unwrap()
    }

    #[test]
    fn a_key_reads_back_in_every_spelling() {
        let key = some(1);
        let shown = key.reveal();
        assert_eq!(shown.len(), 24, "{shown}");
        let tail = shown.trim_start_matches("DW-").to_owned();
        for spelt in [
            shown.clone(),
            shown.to_lowercase(),
            tail.clone(),
            shown.replace('-', " "),
            tail.replace('-', ""),
            format!(" {shown}\n"),
        ] {
            assert_eq!(InstallationKey::read(&spelt), Ok(key.clone()), "{spelt}");
        }
        assert!(
            key.hint().starts_with(&shown[..7]) && key.hint().ends_with(&shown[23..]),
            "{}",
            key.hint()
        );
        assert!(!format!("{key:?}").contains(&tail[5..10]));
    }

    #[test]
    fn what_is_no_key_says_why() {
        for bad in [
            "",
            "DW-",
            "DW-7F3K",
            "DW-7F3K-7F3K-7F3K-7F3K-7F3K-Q",
            "hello world, this is",
            &"1".repeat(200),
        ] {
            assert_eq!(InstallationKey::read(bad), Err(Slip::Shape), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_character_or_two_changed_places_are_a_slip(bits: [u8; 10], at in 0_usize..17, to in 0_usize..32) {
            let Some(key) = InstallationKey::new(bits) else { return Ok(()) };
            let shown: Vec<char> = key.reveal().trim_start_matches("DW-").replace('-', "").chars().collect();
            let mut wrong = shown.clone();
            wrong[at] = char::from(ALPHABET[to]);
            if wrong != shown {
                prop_assert!(InstallationKey::read(&wrong.iter().collect::<String>()).is_err());
            }
            let mut turned = shown.clone();
            turned.swap(at.min(15), at.min(15) + 1);
            if turned != shown {
                prop_assert!(InstallationKey::read(&turned.iter().collect::<String>()).is_err());
            }
        }
    }
}
