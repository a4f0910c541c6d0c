//! The journal's own key: signs checkpoints here, verifies them anywhere. For the journal, the keys of the ground and `doorward audit verify`.
//! Must never happen: the private key in the store or in a file beside it; a key believed because the file that is checked brought it along.
use super::{Checkpoint, Cut, Fault};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// Names a key: the first 8 bytes of the SHA-256 of the public key.
pub type KeyId = [u8; 8];

/// Signs checkpoints (Ed25519, RFC 8032), with the key that the master key yields for the journal.
#[derive(Clone, Copy)]
pub struct Signer<'k>(pub &'k Ed25519KeyPair);

impl Signer<'_> {
    /// Signs the bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
    /// The key that others need to verify.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().try_into().unwrap_or([0; 32]))
    }
    /// Names the key.
    pub fn key_id(&self) -> KeyId {
        self.public_key().id()
    }
}

/// A public key of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Names the key.
    pub fn id(&self) -> KeyId {
        let mut id = KeyId::default();
        for (to, from) in id.iter_mut().zip(digest(&SHA256, &self.0).as_ref()) {
            *to = *from;
        }
        id
    }
    /// A line of `journal.pub`.
    pub fn line(&self) -> String {
        format!("ed25519 {}\n", super::hex::write(&self.0))
    }
    fn parse(line: &str) -> Option<Self> {
        let bytes = super::hex::read(line.trim().strip_prefix("ed25519 ")?.trim())?;
        bytes.try_into().ok().map(Self)
    }
}

/// The keys that are believed. A master key that was rotated leaves its journal key here, so that old checkpoints still verify.
#[derive(Debug, Clone, Default)]
pub struct Trust(Vec<PublicKey>);

impl Trust {
    /// Believes this one.
    pub fn in_key(key: PublicKey) -> Self {
        Self(vec![key])
    }
    /// Believes this one as well.
    #[must_use]
    pub fn and(mut self, key: PublicKey) -> Self {
        if !self.0.contains(&key) {
            self.0.push(key);
        }
        self
    }
    /// Whether no key is believed at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The keys of a file: a line each, `ed25519` and 64 hexadecimal digits; empty lines and lines from `#` on are skipped.
    pub fn from_file(path: &Path) -> Result<Self, Fault> {
        let text = std::fs::read_to_string(path).map_err(|error| Fault::file(path, &error))?;
        let mut trust = Self::default();
        for line in text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let key = PublicKey::parse(line).ok_or_else(|| Fault::unreadable(path, "a line is not `ed25519 HEX`"))?;
            trust = trust.and(key);
        }
        if trust.is_empty() {
            Err(Fault::unreadable(path, "no key is in it"))
        } else {
            Ok(trust)
        }
    }
    /// The keys that a data folder believes: its `journal.pub`; none where there is no such file.
    pub fn of_data_dir(data_dir: &Path) -> Result<Self, Fault> {
        let path = public_key_file(data_dir);
        if path.exists() {
            Self::from_file(&path)
        } else {
            Ok(Self::default())
        }
    }
    /// Whether one of the keys made this checkpoint's signature.
    pub fn verifies(&self, checkpoint: &Checkpoint) -> bool {
        self.made(checkpoint, &checkpoint.signed_bytes())
    }
    /// Whether one of the keys made this cut's signature.
    pub fn verifies_cut(&self, cut: &Cut) -> bool {
        self.made(&cut.0, &cut.signed_bytes())
    }
    fn made(&self, checkpoint: &Checkpoint, bytes: &[u8]) -> bool {
        self.0
            .iter()
            .filter(|key| key.id().as_slice() == checkpoint.key_id.as_slice())
            .any(|key| {
                UnparsedPublicKey::new(&ED25519, key.0)
                    .verify(bytes, &checkpoint.signature)
                    .is_ok()
            })
    }
}

/// Where a data folder keeps the public keys.
pub fn public_key_file(data_dir: &Path) -> PathBuf {
    data_dir.join("journal.pub")
}

/// Adds the key to the data folder's `journal.pub`, unless it is there. Blocking.
pub fn publish_key(data_dir: &Path, key: PublicKey) -> Result<Trust, Fault> {
    let trust = Trust::of_data_dir(data_dir)?;
    if trust.0.contains(&key) {
        return Ok(trust);
    }
    let path = public_key_file(data_dir);
    let add = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        file.write_all(key.line().as_bytes())?;
        file.sync_all()
    };
    add().map_err(|error| Fault::file(&path, &error))?;
    Ok(trust.and(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_key_survives_its_file_and_is_written_once() {
        let dir = std::env::temp_dir().join(format!("doorward-journal-pub-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (one, two) = (PublicKey([1; 32]), PublicKey([2; 32]));
        publish_key(&dir, one).unwrap();
        publish_key(&dir, one).unwrap();
        publish_key(&dir, two).unwrap();
        assert_eq!(Trust::of_data_dir(&dir).unwrap().0, [one, two]);
        std::fs::write(public_key_file(&dir), "rsa 00").unwrap();
        assert!(Trust::of_data_dir(&dir).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
