//! How all codes of one set are hashed: one salt, so that a code that is typed is hashed once and compared with all.
//! For recovery codes, whose 80 bits make a salt for each needless. Must never happen: a set without a salt of its own.
use super::{Error, HASH_BYTES, Hasher, Memory, NO_PEPPER, Parsed, SALT_BYTES, compute, peppered, written};
use crate::Password;

/// Cost, salt and pepper of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// A PHC string without its hash: `$argon2id$v=19$m=…,t=…,p=…$salt`.
    pub head: String,
    /// Which pepper goes in.
    pub pepper: i64,
}

impl Hasher {
    /// The recipe of a new set.
    pub(crate) fn recipe(&self, salt: &[u8; SALT_BYTES]) -> Recipe {
        let phc = written(self.cost(), salt, &[0; HASH_BYTES]);
        let head = phc
            .rsplit_once('$')
            .map_or_else(String::new, |(head, _)| head.to_owned());
        Recipe {
            head,
            pepper: self.keys.pepper().0,
        }
    }
    /// A code by the recipe of its set.
    pub(crate) fn digest(
        &self,
        code: &Password,
        recipe: &Recipe,
        memory: &mut Memory,
    ) -> Result<[u8; HASH_BYTES], Error> {
        // The hash of nothing in its place, so that one reader reads both.
        let parsed = Parsed::of(&format!("{}${}", recipe.head, "A".repeat(43)))?;
        let key = match recipe.pepper {
            NO_PEPPER => return Err(Error::NoPepper(NO_PEPPER)),
            id => Some(self.keys.pepper_of(id).ok_or(Error::NoPepper(id))?),
        };
        compute(&peppered(code, key)?, &parsed.salt, parsed.cost, memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Cost;
    use ground::keys::Keys;

    #[test]
    fn a_set_has_one_salt_and_each_code_its_hash() {
        let cost = Cost::new(64, 1, 1).unwrap();
        let hasher = Hasher::new(Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap(), cost);
        let mut memory = Memory::default();
        let mut of = |code: &str, salt| {
            let password = Password::parse(code).ok().unwrap();
            let recipe = hasher.recipe(&salt);
            hasher.digest(&password, &recipe, &mut memory).unwrap()
        };
        let (a, b) = ("ABCDEFGHJKMNPQRS", "ABCDEFGHJKMNPQRT");
        assert_eq!(of(a, [7; 16]), of(a, [7; 16]));
        assert_ne!(of(a, [7; 16]), of(b, [7; 16]));
        assert_ne!(of(a, [7; 16]), of(a, [8; 16]));
        let recipe = hasher.recipe(&[7; 16]);
        assert!(
            recipe.head.starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
            "{}",
            recipe.head
        );
        let lost = Recipe { pepper: 9, ..recipe };
        let code = Password::parse(a).ok().unwrap();
        assert_eq!(
            hasher.digest(&code, &lost, &mut Memory::default()),
            Err(Error::NoPepper(9))
        );
    }
}
