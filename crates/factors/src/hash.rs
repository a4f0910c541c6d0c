//! Hashes of passwords: argon2id over a peppered password, kept as a PHC string with the pepper's id beside it.
//! For the pool, which alone computes them. Must never happen: a hash whose cost an outsider chose, or a comparison that stops early.
use crate::Password;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as B64};
use ground::keys::Keys;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

mod bcrypt;
mod foreign;
mod recipe;
use foreign::Foreign;
pub use recipe::Recipe;

/// The pepper's id of a hash that was taken over from elsewhere, before its first renewal.
pub const NO_PEPPER: i64 = 0;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Why a hash could not be computed or compared: always a failure of ours, never of the one who typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The stored text is no argon2id PHC string.
    #[error("a stored password hash cannot be read: {0}")]
    Malformed(&'static str),
    /// The stored hash asks for more than we are willing to pay.
    #[error("a stored password hash asks for a cost beyond the limit")]
    TooCostly,
    /// The pepper it was made with is not among the keys.
    #[error("a stored password hash was made with pepper {0}, which is not among the keys")]
    NoPepper(i64),
    /// The library refused.
    #[error("argon2 refused: {0}")]
    Argon2(String),
    /// The pool has stopped, or the work panicked.
    #[error("the hashing pool has stopped")]
    Stopped,
}

/// What a hash costs: memory in KiB, passes over it, lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// OWASP's first choice for argon2id, and our least: 19 MiB, 2 passes, 1 lane.
    pub const OWASP: Self = Self {
        memory: 19_456,
        passes: 2,
        lanes: 1,
    };
    /// Beyond it a hash is refused, wherever it comes from: 1 GiB of memory written in all.
    const MOST_WORK: i64 = 1_048_576;
    const MOST_MEMORY: u32 = 262_144;
    const MOST_LANES: u32 = 16;

    /// A cost that argon2 allows and that is below our limits.
    pub fn new(memory: u32, passes: u32, lanes: u32) -> Option<Self> {
        let cost = Self { memory, passes, lanes };
        let is_allowed = Params::new(memory, passes, lanes, Some(HASH_BYTES)).is_ok();
        let is_bearable = memory <= Self::MOST_MEMORY && lanes <= Self::MOST_LANES && cost.work() <= Self::MOST_WORK;
        (is_allowed && is_bearable).then_some(cost)
    }
    /// A cost of ours that takes about as long as a foreign hash of so much work, in KiB written.
    fn of_work(work: i64) -> Result<Self, Error> {
        let passes = (work.max(8) + i64::from(Self::OWASP.memory) - 1) / i64::from(Self::OWASP.memory);
        let memory = work.max(8) / passes;
        let narrow = |n: i64| u32::try_from(n).map_err(|_| Error::TooCostly);
        Self::new(narrow(memory)?, narrow(passes)?, 1).ok_or(Error::TooCostly)
    }
    /// KiB written in all: what orders costs, and what the store keeps beside each hash.
    pub fn work(self) -> i64 {
        i64::from(self.memory).saturating_mul(i64::from(self.passes))
    }
    fn params(self) -> Result<Params, Error> {
        Params::new(self.memory, self.passes, self.lanes, Some(HASH_BYTES)).map_err(|e| Error::Argon2(e.to_string()))
    }
}

/// A hash as the store has it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash {
    /// PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, or one that [`StoredHash::taken_over`] reads.
    pub phc: String,
    /// Which pepper went in; [`NO_PEPPER`] for a hash taken over from elsewhere.
    pub pepper: i64,
}

impl StoredHash {
    /// A hash that another system made: argon2, bcrypt, scrypt or PBKDF2, of a bearable cost. It is made anew when its owner signs in.
    ///
    /// # Errors
    /// It is of another kind, broken, or asks for more than we are willing to pay.
    pub fn taken_over(text: &str) -> Result<Self, Error> {
        let foreign = Foreign::of(text.trim())?;
        foreign.cost()?;
        Ok(Self {
            phc: foreign.written(),
            pepper: NO_PEPPER,
        })
    }
    /// Its kind, such as `bcrypt`.
    pub fn kind(&self) -> &str {
        self.phc.split('$').nth(1).unwrap_or_default()
    }
    /// What it costs to compare with; of a foreign hash, what takes as long.
    pub fn cost(&self) -> Result<Cost, Error> {
        match self.pepper {
            NO_PEPPER => Foreign::of(&self.phc)?.cost(),
            _ => Ok(Parsed::of(&self.phc)?.cost),
        }
    }
}

/// The memory of one thread, kept between hashes: fresh pages cost nearly as much as the hash itself.
#[derive(Default)]
pub(crate) struct Memory(Vec<Block>);

impl Memory {
    fn of(&mut self, params: &Params) -> &mut [Block] {
        let blocks = params.block_count();
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::new());
        }
        &mut self.0
    }
    /// Gives back what a costlier hash than ours needed.
    pub(crate) fn keep(&mut self, cost: Cost) {
        let blocks = usize::try_from(cost.memory).unwrap_or(usize::MAX);
        if self.0.len() > blocks {
            self.0.truncate(blocks);
            self.0.shrink_to_fit();
        }
    }
}

/// Makes and compares hashes at one cost with the deployment's peppers.
#[derive(Clone)]
pub(crate) struct Hasher {
    keys: Keys,
    cost: Cost,
}

impl Hasher {
    pub(crate) const fn new(keys: Keys, cost: Cost) -> Self {
        Self { keys, cost }
    }
    /// What a new hash costs.
    pub(crate) const fn cost(&self) -> Cost {
        self.cost
    }
    /// Hashes a password with the pepper in use.
    pub(crate) fn hash(
        &self,
        password: &Password,
        salt: [u8; SALT_BYTES],
        memory: &mut Memory,
    ) -> Result<StoredHash, Error> {
        let (pepper, key) = self.keys.pepper();
        let out = compute(&peppered(password, Some(key))?, &salt, self.cost, memory)?;
        Ok(StoredHash {
            phc: written(self.cost, &salt, &out),
            pepper,
        })
    }
    /// Whether the password is the one that the hash was made of.
    pub(crate) fn verify(&self, password: &Password, stored: &StoredHash, memory: &mut Memory) -> Result<bool, Error> {
        if stored.pepper == NO_PEPPER {
            return Foreign::of(&stored.phc)?.is_of(password.text().as_bytes(), memory);
        }
        let parsed = Parsed::of(&stored.phc)?;
        let key = self
            .keys
            .pepper_of(stored.pepper)
            .ok_or(Error::NoPepper(stored.pepper))?;
        let out = compute(&peppered(password, Some(key))?, &parsed.salt, parsed.cost, memory)?;
        Ok(bool::from(out.as_slice().ct_eq(parsed.hash.as_slice())))
    }
    /// Pays for a hash of this cost and lets nobody in: what an unknown address is answered with.
    pub(crate) fn pay(&self, password: &Password, cost: Cost, memory: &mut Memory) -> Result<(), Error> {
        let (_, key) = self.keys.pepper();
        let out = compute(&peppered(password, Some(key))?, &[0; SALT_BYTES], cost, memory)?;
        std::hint::black_box(out);
        Ok(())
    }
    /// Whether a hash should be made anew at the next sign-in: weaker than the setting, or with another pepper.
    pub(crate) fn needs_rehash(&self, stored: &StoredHash) -> bool {
        stored.pepper != self.keys.pepper().0
            || stored
                .cost()
                .is_ok_and(|cost| cost.work() < self.cost.work() || cost.memory < self.cost.memory)
    }
}

/// HMAC-SHA-256 of the password under the pepper; without one the password itself, as other systems hash it.
fn peppered(password: &Password, pepper: Option<&[u8; 32]>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let text = password.text().as_bytes();
    let Some(key) = pepper else {
        return Ok(Zeroizing::new(text.to_vec()));
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|e| Error::Argon2(e.to_string()))?;
    mac.update(text);
    Ok(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
}

fn compute(input: &[u8], salt: &[u8], cost: Cost, memory: &mut Memory) -> Result<[u8; HASH_BYTES], Error> {
    let params = cost.params()?;
    let blocks = memory.of(&params);
    let mut out = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(input, salt, &mut out, blocks)
        .map_err(|e| Error::Argon2(e.to_string()))?;
    Ok(out)
}

fn written(cost: Cost, salt: &[u8], out: &[u8]) -> String {
    let Cost { memory, passes, lanes } = cost;
    format!(
        "$argon2id$v=19$m={memory},t={passes},p={lanes}${}${}",
        B64.encode(salt),
        B64.encode(out)
    )
}

/// The parts of a PHC string.
struct Parsed {
    cost: Cost,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Parsed {
    /// Reads what [`written`] writes, with any salt of 8 to 64 bytes; the order of the parameters is the PHC string format's.
    fn of(phc: &str) -> Result<Self, Error> {
        let parts: Vec<&str> = phc.split('$').collect();
        let ["", "argon2id", "v=19", params, salt, hash] = parts.as_slice() else {
            return Err(Error::Malformed("not argon2id of version 19"));
        };
        let numbers: Vec<u32> = params
            .split(',')
            .zip(["m=", "t=", "p="])
            .filter_map(|(param, name)| param.strip_prefix(name)?.parse().ok())
            .collect();
        let ([memory, passes, lanes], 3) = (numbers.as_slice(), params.split(',').count()) else {
            return Err(Error::Malformed("its parameters are not m, t and p"));
        };
        let cost = Cost::new(*memory, *passes, *lanes).ok_or(Error::TooCostly)?;
        let salt = B64
            .decode(salt)
            .map_err(|_| Error::Malformed("its salt is not base64"))?;
        let hash = B64
            .decode(hash)
            .map_err(|_| Error::Malformed("its hash is not base64"))?;
        if !(8..=64).contains(&salt.len()) || hash.len() != HASH_BYTES {
            return Err(Error::Malformed("its salt or hash is of an unexpected length"));
        }
        Ok(Self { cost, salt, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost {
        memory: 64,
        passes: 1,
        lanes: 1,
    };

    fn hasher(pepper: u8) -> Hasher {
        Hasher::new(Keys::from_bytes(&[1; 32], [2; 32], [pepper; 32]).unwrap(), CHEAP)
    }
    fn password(text: &str) -> Password {
        Password::parse(text).ok().unwrap()
    }
    fn matches(stored: &str, typed: &str) -> bool {
        let mut memory = Memory::default();
        let hash = hasher(3).hash(&password(stored), [7; 16], &mut memory).unwrap();
        hasher(3).verify(&password(typed), &hash, &mut memory).unwrap()
    }

    #[test]
    fn a_password_matches_itself_to_the_letter() {
        assert!(matches("correct horse battery", "correct horse battery"));
        assert!(!matches("correct horse battery", "correct horse battery "));
        assert!(!matches("correct horse battery", " correct horse battery"));
        assert!(!matches("correct horse battery", "Correct horse battery"));
    }

    #[test]
    fn canonical_twins_are_one_password_and_compatible_twins_are_two() {
        assert!(matches("caf\u{e9} au lait, please", "cafe\u{301} au lait, please"));
        assert!(!matches("of\u{fb01}ce hours are over", "office hours are over"));
    }

    #[test]
    fn the_last_of_128_characters_counts() {
        let long: String = "abcdefgh".repeat(16);
        let mut other = long.clone();
        other.pop();
        other.push('X');
        assert!(matches(&long, &long));
        assert!(!matches(&long, &other));
        assert!(!matches(
            &"\u{1f511}".repeat(128),
            &format!("{}\u{1f512}", "\u{1f511}".repeat(127))
        ));
    }

    #[test]
    fn too_long_is_refused_and_never_cut() {
        use kernel::Reason;
        assert!(Password::parse(&"\u{e9}".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"a".repeat(129)).err(), Some(Reason::PasswordLong));
        assert_eq!(
            Password::parse(&"a".repeat(1_000_000)).err(),
            Some(Reason::PasswordLong)
        );
        assert_eq!(Password::parse("with\0nul").err(), Some(Reason::PasswordCharacters));
    }

    #[test]
    fn a_hash_is_worth_nothing_without_its_pepper() {
        let mut memory = Memory::default();
        let hash = hasher(3)
            .hash(&password("correct horse battery"), [7; 16], &mut memory)
            .unwrap();
        assert!(
            !hasher(4)
                .verify(&password("correct horse battery"), &hash, &mut memory)
                .unwrap()
        );
        let lost = StoredHash { pepper: 9, ..hash };
        assert_eq!(
            hasher(3).verify(&password("x"), &lost, &mut memory),
            Err(Error::NoPepper(9))
        );
    }

    #[test]
    fn a_foreign_hash_verifies_without_pepper_and_wants_renewal() {
        let mut memory = Memory::default();
        let out = compute(b"taken over", &[5; 16], CHEAP, &mut memory).unwrap();
        let foreign = StoredHash {
            phc: written(CHEAP, &[5; 16], &out),
            pepper: NO_PEPPER,
        };
        assert!(
            hasher(3)
                .verify(&password("taken over"), &foreign, &mut memory)
                .unwrap()
        );
        assert!(hasher(3).needs_rehash(&foreign));
        let ours = hasher(3).hash(&password("taken over"), [7; 16], &mut memory).unwrap();
        assert!(!hasher(3).needs_rehash(&ours));
        let raised = Hasher::new(Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap(), Cost::OWASP);
        assert!(raised.needs_rehash(&ours));
    }

    #[test]
    fn reads_the_reference_implementation() {
        // `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32`
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let stored = StoredHash {
            phc: phc.into(),
            pepper: NO_PEPPER,
        };
        let mut memory = Memory::default();
        assert!(hasher(3).verify(&password("password"), &stored, &mut memory).unwrap());
        memory.keep(CHEAP);
        assert_eq!(memory.0.len(), 64);
    }

    #[test]
    fn costs_beyond_the_limit_and_broken_strings_are_refused() {
        let tail = "c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        for (head, expected) in [
            ("$argon2id$v=19$m=4194304,t=1,p=1$", Error::TooCostly),
            ("$argon2id$v=19$m=65536,t=4000000000,p=1$", Error::TooCostly),
            ("$argon2id$v=19$m=1,t=1,p=1$", Error::TooCostly),
            (
                "$argon2id$v=19$m=65536,t=2$",
                Error::Malformed("its parameters are not m, t and p"),
            ),
            (
                "$argon2id$v=19$m=65536,t=2,p=1,x=2$",
                Error::Malformed("its parameters are not m, t and p"),
            ),
            (
                "$argon2i$v=19$m=65536,t=2,p=1$",
                Error::Malformed("not argon2id of version 19"),
            ),
            ("", Error::Malformed("not argon2id of version 19")),
        ] {
            assert_eq!(Parsed::of(&format!("{head}{tail}")).err(), Some(expected), "{head}");
        }
    }
}
