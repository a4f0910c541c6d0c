//! The list of passwords that attackers try first, as a filter: 18 bits a password, no false negative, one false positive in 65,536.
//! For the rules, and for the tool that builds the file. Must never happen: a list entry that is not refused.
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use xorf::{BinaryFuse16, Descriptor, DmaSerializable, Filter};

const BUILT_IN: &[u8] = include_bytes!("../data/breached.filter");
/// First bytes of a file, so that another file is told from ours: name and version of the format.
const MAGIC: &[u8; 8] = b"dwbreac1";
const HEAD: usize = MAGIC.len() + Descriptor::DMA_LEN;

/// Why a filter file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is another kind of file, or torn.
    #[error("this is not a filter of breached passwords, or it is damaged; make one with make-breached-filter")]
    Malformed,
    /// It could not be built.
    #[error("the filter could not be built: {0}")]
    Build(&'static str),
}

/// The filter, in memory.
pub struct Breached(BinaryFuse16);

impl Breached {
    /// The list that comes with the program (data/README.md says where it is from).
    pub fn built_in() -> Result<Self, Error> {
        Self::from_bytes(BUILT_IN)
    }
    /// From the bytes of a file that [`Breached::build`] made: an operator's own, longer list.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (head, body) = bytes.split_at_checked(HEAD).ok_or(Error::Malformed)?;
        let fields = head.strip_prefix(MAGIC.as_slice()).ok_or(Error::Malformed)?;
        let descriptor = described(fields).ok_or(Error::Malformed)?;
        let fingerprints: Box<[u16]> = body
            .as_chunks::<2>()
            .0
            .iter()
            .copied()
            .map(u16::from_le_bytes)
            .collect();
        // INVARIANT: a look-up touches at most index count + 2 segments; with this many fingerprints none is out of bounds.
        let needed = u64::from(descriptor.segment_count_length) + 2 * u64::from(descriptor.segment_length);
        let is_whole = body.len() % 2 == 0 && u64::try_from(fingerprints.len()) == Ok(needed) && needed > 0;
        if is_whole {
            Ok(Self(BinaryFuse16 {
                descriptor,
                fingerprints,
            }))
        } else {
            Err(Error::Malformed)
        }
    }
    /// Whether the whole password is on the list, in whatever case its letters are.
    pub fn contains(&self, password: &str) -> bool {
        self.0.contains(&key(password))
    }
    /// The bytes of a filter of these passwords.
    pub fn build<'a>(passwords: impl Iterator<Item = &'a str>) -> Result<Vec<u8>, Error> {
        let keys: BTreeSet<u64> = passwords.filter(|p| !p.is_empty()).map(key).collect();
        let keys: Vec<u64> = keys.into_iter().collect();
        let filter = BinaryFuse16::try_from(&keys).map_err(Error::Build)?;
        let mut bytes = MAGIC.to_vec();
        let mut head = [0; Descriptor::DMA_LEN];
        filter.dma_copy_descriptor_to(&mut head);
        bytes.extend(head);
        bytes.extend(filter.fingerprints.iter().flat_map(|f| f.to_le_bytes()));
        Ok(bytes)
    }
}

/// Reads the descriptor; its parts must agree with each other, for xorf believes them.
fn described(fields: &[u8]) -> Option<Descriptor> {
    let seed = u64::from_le_bytes(fields.get(..8)?.try_into().ok()?);
    let number = |at: usize| fields.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let (segment_length, segment_length_mask, segment_count_length) = (number(8)?, number(12)?, number(16)?);
    let is_sound = segment_length.is_power_of_two()
        && segment_length - 1 == segment_length_mask
        && segment_count_length > 0
        && segment_count_length % segment_length == 0;
    is_sound.then_some(Descriptor {
        seed,
        segment_length,
        segment_length_mask,
        segment_count_length,
    })
}

/// A password's place in the filter: the first bytes of the digest of its folded text.
fn key(password: &str) -> u64 {
    let folded: String = password.nfc().flat_map(char::to_lowercase).collect();
    Sha256::digest(folded)
        .iter()
        .take(8)
        .fold(0, |key, byte| key << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_is_found_whatever_its_case() {
        let list = ["Password", "123456", "stra\u{df}e 1", "cafe\u{301}"];
        let filter = Breached::from_bytes(&Breached::build(list.into_iter()).unwrap()).unwrap();
        for word in ["password", "PASSWORD", "123456", "Stra\u{df}e 1", "caf\u{e9}"] {
            assert!(filter.contains(word), "{word}");
        }
        assert!(!filter.contains("correct horse battery staple"));
    }

    #[test]
    fn the_built_in_list_has_what_attackers_try_and_hardly_anything_else() {
        let filter = Breached::built_in().unwrap();
        for word in [
            "123456",
            "password",
            "qwertyuiop",
            "letmein",
            "iloveyou",
            "1q2w3e4r5t",
            "trustno1",
            "Dragon",
        ] {
            assert!(filter.contains(word), "{word}");
        }
        let wrong = (0..100_000)
            .filter(|n| filter.contains(&format!("not on the list {n}")))
            .count();
        assert!(wrong <= 10, "{wrong} false positives in 100,000");
    }

    #[test]
    fn a_torn_or_foreign_file_is_refused() {
        let good = Breached::build(["a", "b", "c"].into_iter()).unwrap();
        assert!(Breached::from_bytes(&good).is_ok());
        assert!(Breached::from_bytes(b"").is_err());
        assert!(Breached::from_bytes(&good[..good.len() - 1]).is_err());
        assert!(Breached::from_bytes(&good[..good.len() - 2]).is_err());
        for at in (0..8).chain(16..HEAD) {
            let mut torn = good.clone();
            torn[at] ^= 0x40;
            assert!(Breached::from_bytes(&torn).is_err(), "byte {at}");
        }
    }
}
