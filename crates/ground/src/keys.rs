//! The keys of a deployment. One master key in a file outside the store; a data key and the pepper sealed under it in the store.
//! Must never happen: a key in a log, a store opened with another store's key, a master key made for a store that already has one.
mod programs;
mod store;

pub use programs::{ProgramSignature, ProgramSigner};

use crate::db::{self, Store};
use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Chance, Secret, Time};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key file could not be read or made.
    #[error("the master key file {path} cannot be used: {why}")]
    File { path: PathBuf, why: String },
    /// The store is sealed and the file is not there.
    #[error(
        "the master key file {path} is not there, and the store is sealed with the key of fingerprint {fingerprint}; put that file back"
    )]
    Missing { path: PathBuf, fingerprint: String },
    /// The store is sealed with another key.
    #[error(
        "the master key in {path} has the fingerprint {found}, but the store is sealed with the key of fingerprint {expected}; use that file"
    )]
    Other {
        path: PathBuf,
        found: String,
        expected: String,
    },
    /// A sealed secret does not open.
    #[error("the sealed secret {0} in the store does not open with the master key; the store is damaged")]
    Sealed(String),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] db::Error),
}

/// The keys, opened.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    data: Secret<[u8; 32]>,
    pepper: (i64, Secret<[u8; 32]>),
    journal: Ed25519KeyPair,
    programs: ProgramSigner,
    fingerprint: String,
}

impl Keys {
    /// Keys from their bytes, without a store or a file: for benches and tests of single parts.
    pub fn from_bytes(master: &[u8; 32], data: [u8; 32], pepper: [u8; 32]) -> Option<Self> {
        let journal = Ed25519KeyPair::from_seed_unchecked(&derive(master, "journal")).ok()?;
        let programs = program_signer(master)?;
        let fingerprint = hex(&fingerprint(master));
        Some(Self(Arc::new(Inner {
            data: Secret::new(data),
            pepper: (1, Secret::new(pepper)),
            journal,
            programs,
            fingerprint,
        })))
    }
    /// HMAC-SHA-256 under a key of its own for each purpose, such as `lane-address`.
    pub fn hmac(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        mac(&derive(self.0.data.expose(), purpose), bytes)
    }
    /// Seals bytes under a key of this purpose (AES-256-GCM-SIV, RFC 8452; a fresh nonce in front).
    pub fn seal(&self, purpose: &str, plain: &[u8], chance: &Chance) -> Vec<u8> {
        seal(&derive(self.0.data.expose(), purpose), purpose, plain, chance.bytes())
    }
    /// Opens what [`Keys::seal`] sealed for this purpose.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        open(&derive(self.0.data.expose(), purpose), purpose, sealed)
    }
    /// The pepper in use: its id, kept beside each hash, and its bytes.
    pub fn pepper(&self) -> (i64, &[u8; 32]) {
        (self.0.pepper.0, self.0.pepper.1.expose())
    }
    /// The pepper of this id, where it is known.
    pub fn pepper_of(&self, id: i64) -> Option<&[u8; 32]> {
        (self.0.pepper.0 == id).then(|| self.0.pepper.1.expose())
    }
    /// Signs checkpoints of the journal (Ed25519). The key is derived from the master key and never in the store.
    pub fn journal(&self) -> &Ed25519KeyPair {
        &self.0.journal
    }
    /// The public half of the journal's key.
    pub fn journal_public(&self) -> [u8; 32] {
        self.0.journal.public_key().as_ref().try_into().unwrap_or([0; 32])
    }
    /// Signs the programs that machines fetch from here. The key is derived from the master key, like that of the journal.
    pub fn programs(&self) -> &ProgramSigner {
        &self.0.programs
    }
    /// The master key's fingerprint, in hexadecimal.
    pub fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }
}

/// Opens the deployment's keys, and makes them when the store is empty.
pub async fn establish(store: &Store, file: &Path, now: Time, chance: &Chance) -> Result<Keys, Error> {
    let known = store.read(self::store::fingerprint).await?;
    let master = match (&known, read(file)?) {
        (_, Some(master)) => master,
        (None, None) => make(file, chance)?,
        (Some(print), None) => {
            return Err(Error::Missing {
                path: file.into(),
                fingerprint: hex(print),
            });
        }
    };
    let print = fingerprint(master.expose());
    let (data, pepper): ([u8; 32], [u8; 32]) = (chance.bytes(), chance.bytes());
    let sealed_data = seal(&derive(master.expose(), "data"), "data", &data, chance.bytes());
    let sealed_pepper = seal(&derive(master.expose(), "pepper"), "pepper", &pepper, chance.bytes());
    // Two nodes that start on an empty store at once: the first one's rows stay, both read them back.
    let fresh = self::store::Fresh {
        fingerprint: print.clone(),
        data: sealed_data,
        pepper: sealed_pepper,
        now,
    };
    let (stored_print, data, (pepper_id, pepper)) = store.write(move |tx| self::store::keep(tx, &fresh)).await?;
    if stored_print != print {
        return Err(Error::Other {
            path: file.into(),
            found: hex(&print),
            expected: hex(&stored_print),
        });
    }
    let opened = |name: &str, sealed: &[u8]| -> Result<[u8; 32], Error> {
        let plain = open(&derive(master.expose(), name), name, sealed).ok_or_else(|| Error::Sealed(name.into()))?;
        plain.try_into().map_err(|_| Error::Sealed(name.into()))
    };
    let (data, pepper) = (opened("data", &data)?, opened("pepper", &pepper)?);
    let unusable = |why: String| Error::File { path: file.into(), why };
    let journal = Ed25519KeyPair::from_seed_unchecked(&derive(master.expose(), "journal"))
        .map_err(|e| unusable(e.to_string()))?;
    let programs = program_signer(master.expose())
        .ok_or_else(|| unusable("no key to sign programs with follows from it".into()))?;
    Ok(Keys(Arc::new(Inner {
        data: Secret::new(data),
        pepper: (pepper_id, Secret::new(pepper)),
        journal,
        programs,
        fingerprint: hex(&print),
    })))
}

fn read(file: &Path) -> Result<Option<Secret<[u8; 32]>>, Error> {
    let fault = |why: String| Error::File { path: file.into(), why };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(fault(e.to_string())),
    };
    only_ours(file)?;
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| fault("it does not hold a key in base64".into()))?;
    let key = bytes
        .try_into()
        .map_err(|_| fault("the key in it is not 32 bytes long".into()))?;
    Ok(Some(Secret::new(key)))
}

/// A key that others can read is no key.
#[cfg(unix)]
fn only_ours(file: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(file).map(|m| m.permissions().mode()).unwrap_or_default();
    if mode.trailing_zeros() >= 6 {
        return Ok(());
    }
    let why = format!("its mode {:o} lets others read it; run chmod 600", mode & 0o777);
    Err(Error::File { path: file.into(), why })
}
#[cfg(not(unix))]
fn only_ours(_: &Path) -> Result<(), Error> {
    Ok(())
}

fn make(file: &Path, chance: &Chance) -> Result<Secret<[u8; 32]>, Error> {
    let fault = |e: std::io::Error| Error::File {
        path: file.into(),
        why: e.to_string(),
    };
    let key = Secret::new(chance.bytes::<32>());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(mut out) => {
            writeln!(out, "{}", STANDARD.encode(key.expose()))
                .and_then(|()| out.sync_all())
                .map_err(fault)?;
            Ok(key)
        }
        // Another process came first: its key counts.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            std::thread::sleep(std::time::Duration::from_millis(50));
            read(file)?.ok_or_else(|| fault(e))
        }
        Err(e) => Err(fault(e)),
    }
}

fn mac(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes);
    tag.as_ref().try_into().unwrap_or([0; 32])
}
/// A key for one purpose from a key for all (NIST SP 800-108, one block).
fn derive(key: &[u8; 32], purpose: &str) -> [u8; 32] {
    mac(key, format!("doorward/{purpose}").as_bytes())
}
fn program_signer(master: &[u8; 32]) -> Option<ProgramSigner> {
    ProgramSigner::from_secrets(|number| derive(master, &format!("programs/{number}")))
}
fn fingerprint(master: &[u8; 32]) -> Vec<u8> {
    Sha256::digest(derive(master, "fingerprint"))
        .iter()
        .take(8)
        .copied()
        .collect()
}
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
fn seal(key: &[u8; 32], purpose: &str, plain: &[u8], nonce: [u8; 12]) -> Vec<u8> {
    let mut out = plain.to_vec();
    let Ok(unbound) = UnboundKey::new(&AES_256_GCM_SIV, key) else {
        return Vec::new();
    };
    let sealing = LessSafeKey::new(unbound);
    if sealing
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_bytes()),
            &mut out,
        )
        .is_err()
    {
        return Vec::new();
    }
    [nonce.as_slice(), &out].concat()
}
fn open(key: &[u8; 32], purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(12)?;
    let opening = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, key).ok()?);
    let mut body = body.to_vec();
    let plain = opening
        .open_in_place(
            Nonce::assume_unique_for_key(nonce.try_into().ok()?),
            Aad::from(purpose.as_bytes()),
            &mut body,
        )
        .ok()?;
    Some(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_only() {
        let chance = Chance::new(|out| out.fill(9));
        let sealed = keys().seal("flow", b"hello", &chance);
        assert_eq!(keys().open("flow", &sealed).as_deref(), Some(b"hello".as_slice()));
        assert_eq!(keys().open("other", &sealed), None);
        let mut torn = sealed.clone();
        torn[14] ^= 1;
        assert_eq!(keys().open("flow", &torn), None);
        assert_eq!(keys().open("flow", &sealed[..5]), None);
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        assert_ne!(keys().hmac("a", b"x"), keys().hmac("b", b"x"));
    }
}
