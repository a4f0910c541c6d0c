//! Hashes that other systems made, in the spellings that they export: argon2, bcrypt, scrypt, PBKDF2. They are compared with until their owner
//! signs in, and then made anew as ours. Must never happen: a cost that an export chose beyond our limits; memory taken before it was bounded.
use super::{Cost, Error, Memory, bcrypt::bcrypt};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{
    Engine,
    alphabet::BCRYPT,
    engine::{GeneralPurpose, general_purpose::NO_PAD, general_purpose::STANDARD_NO_PAD as B64},
};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

const BCRYPT_B64: GeneralPurpose = GeneralPurpose::new(&BCRYPT, NO_PAD);
/// Longer hashes are no hashes of passwords; shorter ones are guessed.
const LENGTHS: std::ops::RangeInclusive<usize> = 16..=128;
const MOST_SALT: usize = 128;

/// What PBKDF2 iterates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

/// What is to be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Recipe {
    Argon2 {
        algorithm: Algorithm,
        version: Version,
        cost: Cost,
    },
    Bcrypt {
        rounds: u32,
    },
    Scrypt {
        log_n: u8,
        r: u32,
        p: u32,
    },
    Pbkdf2 {
        digest: Digest,
        iterations: u32,
    },
}

/// A foreign hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foreign {
    recipe: Recipe,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Foreign {
    /// Reads one: PHC strings (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`, `$scrypt$ln=…,r=…,p=…$salt$hash`, `$pbkdf2-sha256$i=…$salt$hash`), the
    /// crypt form of bcrypt (`$2b$12$…`), and PBKDF2 as passlib (`$pbkdf2-sha256$29000$…`) and Django (`pbkdf2_sha256$600000$salt$hash`) write it.
    pub(super) fn of(text: &str) -> Result<Self, Error> {
        if text.len() > 1_000 {
            return Err(Error::Malformed("it is too long"));
        }
        let parts: Vec<&str> = text.split('$').collect();
        match parts.as_slice() {
            ["", kind @ ("argon2id" | "argon2i" | "argon2d"), rest @ ..] => argon2(kind, rest),
            ["", "2a" | "2b" | "2y", rounds, rest] => bcrypt_of(rounds, rest),
            ["", "scrypt", params, salt, hash] => scrypt_of(params, salt, hash),
            ["", kind, iterations, salt, hash] if kind.starts_with("pbkdf2") => {
                let iterations = iterations.strip_prefix("i=").unwrap_or(iterations);
                // Some say the length, too; the hash itself says it better.
                let iterations = iterations.split(',').next().unwrap_or_default();
                pbkdf2_of(kind, iterations, bytes(salt)?, hash)
            }
            // Django's salt is text, as it stands.
            [kind, iterations, salt, hash] if kind.starts_with("pbkdf2_") => {
                pbkdf2_of(&kind.replace('_', "-"), iterations, salt.as_bytes().to_vec(), hash)
            }
            _ => Err(Error::Malformed("it is none of argon2, bcrypt, scrypt or PBKDF2")),
        }
    }

    fn new(recipe: Recipe, salt: Vec<u8>, hash: Vec<u8>) -> Result<Self, Error> {
        if !LENGTHS.contains(&hash.len()) || salt.is_empty() || salt.len() > MOST_SALT {
            return Err(Error::Malformed("its salt or hash is of an unexpected length"));
        }
        Ok(Self { recipe, salt, hash })
    }

    /// What takes about as long as it, as a cost of ours. The factors are measured, per KiB of argon2id.
    pub(super) fn cost(&self) -> Result<Cost, Error> {
        let work = match self.recipe {
            Recipe::Argon2 { cost, .. } => return Ok(cost),
            Recipe::Bcrypt { rounds } => 125_i64.checked_shl(rounds).unwrap_or(i64::MAX),
            Recipe::Scrypt { log_n, r, p } => {
                let kib = (i64::from(r) * i64::from(p))
                    .checked_shl(u32::from(log_n))
                    .unwrap_or(i64::MAX)
                    / 8;
                kib.saturating_mul(6)
            }
            Recipe::Pbkdf2 { digest, iterations } => {
                let (size, thousandths) = match digest {
                    Digest::Sha1 => (20, 350),
                    Digest::Sha256 => (32, 400),
                    Digest::Sha512 => (64, 1_600),
                };
                let blocks = i64::try_from(self.hash.len().div_ceil(size)).unwrap_or(i64::MAX);
                i64::from(iterations).saturating_mul(blocks).saturating_mul(thousandths) / 1_000
            }
        };
        Cost::of_work(work)
    }

    /// As it is kept: it reads back as itself.
    pub(super) fn written(&self) -> String {
        let (salt, hash) = (B64.encode(&self.salt), B64.encode(&self.hash));
        match self.recipe {
            Recipe::Argon2 {
                algorithm,
                version,
                cost,
            } => {
                let (version, Cost { memory, passes, lanes }) = (u32::from(version), cost);
                format!(
                    "${}$v={version}$m={memory},t={passes},p={lanes}${salt}${hash}",
                    algorithm.as_str()
                )
            }
            Recipe::Bcrypt { rounds } => {
                let (salt, hash) = (BCRYPT_B64.encode(&self.salt), BCRYPT_B64.encode(&self.hash));
                format!("$2b${rounds:02}${salt}{hash}")
            }
            Recipe::Scrypt { log_n, r, p } => format!("$scrypt$ln={log_n},r={r},p={p}${salt}${hash}"),
            Recipe::Pbkdf2 { digest, iterations } => {
                let digest = match digest {
                    Digest::Sha1 => "pbkdf2",
                    Digest::Sha256 => "pbkdf2-sha256",
                    Digest::Sha512 => "pbkdf2-sha512",
                };
                format!("${digest}$i={iterations}${salt}${hash}")
            }
        }
    }

    /// Whether this password was hashed. Refuses what is too costly before it takes memory or time.
    pub(super) fn is_of(&self, password: &[u8], memory: &mut Memory) -> Result<bool, Error> {
        self.cost()?;
        let mut out = vec![0; self.hash.len()];
        match self.recipe {
            Recipe::Argon2 {
                algorithm,
                version,
                cost,
            } => {
                let refused = |error: argon2::Error| Error::Argon2(error.to_string());
                let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(out.len())).map_err(refused)?;
                let blocks = memory.of(&params);
                Argon2::new(algorithm, version, params)
                    .hash_password_into_with_memory(password, &self.salt, &mut out, blocks)
                    .map_err(refused)?;
            }
            Recipe::Bcrypt { rounds } => {
                let salt = self.salt.as_slice().try_into();
                let salt = salt.map_err(|_| Error::Malformed("its salt is of an unexpected length"))?;
                out.clear();
                out.extend(bcrypt(rounds, salt, password).iter().take(self.hash.len()));
            }
            Recipe::Scrypt { log_n, r, p } => {
                let refused = || Error::Malformed("its parameters are none of scrypt");
                let params = scrypt::Params::new(log_n, r, p).map_err(|_| refused())?;
                scrypt::scrypt(password, &self.salt, &params, &mut out).map_err(|_| refused())?;
            }
            Recipe::Pbkdf2 { digest, iterations } => {
                let (salt, out) = (self.salt.as_slice(), out.as_mut_slice());
                match digest {
                    Digest::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, out),
                    Digest::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, out),
                    Digest::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, out),
                }
            }
        }
        Ok(bool::from(out.as_slice().ct_eq(&self.hash)))
    }
}

/// Bytes in base64 of the usual alphabet, padded or not; passlib writes `.` for `+`.
fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    B64.decode(text.trim_end_matches('=').replace('.', "+"))
        .map_err(|_| Error::Malformed("its salt or hash is not base64"))
}

/// `name=number` parameters, all of them and no others, in this order.
fn numbers<const N: usize>(params: &str, names: [&str; N]) -> Result<[u32; N], Error> {
    let given: Vec<&str> = params.split(',').collect();
    let mut read = [0; N];
    for ((place, name), param) in read.iter_mut().zip(names).zip(&given) {
        let number = param.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        let number = number.and_then(|number| number.parse().ok());
        *place = number.ok_or(Error::Malformed("its parameters are not those of its kind"))?;
    }
    if given.len() == N {
        Ok(read)
    } else {
        Err(Error::Malformed("its parameters are not those of its kind"))
    }
}

fn argon2(kind: &str, rest: &[&str]) -> Result<Foreign, Error> {
    let algorithm = match kind {
        "argon2i" => Algorithm::Argon2i,
        "argon2d" => Algorithm::Argon2d,
        _ => Algorithm::Argon2id,
    };
    // Without a version it is of the first one.
    let (version, params, salt, hash) = match rest {
        ["v=19", params, salt, hash] => (Version::V0x13, params, salt, hash),
        ["v=16", params, salt, hash] | [params, salt, hash] => (Version::V0x10, params, salt, hash),
        _ => return Err(Error::Malformed("its parts are not those of argon2")),
    };
    let [memory, passes, lanes] = numbers(params, ["m", "t", "p"])?;
    let cost = Cost::new(memory, passes, lanes).ok_or(Error::TooCostly)?;
    let recipe = Recipe::Argon2 {
        algorithm,
        version,
        cost,
    };
    let salt = bytes(salt)?;
    if salt.len() < 8 {
        return Err(Error::Malformed("its salt or hash is of an unexpected length"));
    }
    Foreign::new(recipe, salt, bytes(hash)?)
}

fn bcrypt_of(rounds: &str, rest: &str) -> Result<Foreign, Error> {
    let rounds = rounds.parse::<u32>().ok().filter(|rounds| (4..=31).contains(rounds));
    let rounds = rounds.ok_or(Error::Malformed("its cost is none of bcrypt"))?;
    let (salt, hash) = rest
        .split_at_checked(22)
        .filter(|(_, hash)| hash.len() == 31)
        .ok_or(Error::Malformed("its salt or hash is of an unexpected length"))?;
    // Some write stray bits at the end of the salt; they mean nothing.
    let read = |text: &str| {
        let lenient = GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));
        let bytes = lenient.decode(text);
        bytes.map_err(|_| Error::Malformed("its salt or hash is not bcrypt's base64"))
    };
    Foreign::new(Recipe::Bcrypt { rounds }, read(salt)?, read(hash)?)
}

fn scrypt_of(params: &str, salt: &str, hash: &str) -> Result<Foreign, Error> {
    let [log_n, r, p] = numbers(params, ["ln", "r", "p"])?;
    let log_n = u8::try_from(log_n).ok().filter(|log_n| (1..=24).contains(log_n));
    let (Some(log_n), 1..=64, 1..=64) = (log_n, r, p) else {
        return Err(Error::TooCostly);
    };
    // It takes all its memory at once.
    if (128 * i64::from(r)) << log_n > i64::from(Cost::MOST_MEMORY) * 1_024 {
        return Err(Error::TooCostly);
    }
    Foreign::new(Recipe::Scrypt { log_n, r, p }, bytes(salt)?, bytes(hash)?)
}

fn pbkdf2_of(kind: &str, iterations: &str, salt: Vec<u8>, hash: &str) -> Result<Foreign, Error> {
    let digest = match kind {
        "pbkdf2" | "pbkdf2-sha1" => Digest::Sha1,
        "pbkdf2-sha256" => Digest::Sha256,
        "pbkdf2-sha512" => Digest::Sha512,
        _ => return Err(Error::Malformed("it is PBKDF2 over an unknown hash")),
    };
    let iterations = iterations.parse().ok().filter(|iterations| *iterations > 0);
    let iterations = iterations.ok_or(Error::Malformed("its iterations are no number"))?;
    Foreign::new(Recipe::Pbkdf2 { digest, iterations }, salt, bytes(hash)?)
}

#[cfg(test)]
mod tests;
