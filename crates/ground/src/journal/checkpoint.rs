//! Checkpoints: "at this time this stream had this many lines and this hash", signed. And the newest of each stream, kept in the data folder.
//! Must never happen: a checkpoint over a chain that does not grow out of the one before it; the kept file going backwards, or half written.
use super::{Fault, KeyId, Signer, hex, line::Digest, line::micros};
use kernel::Time;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};
use uuid::Uuid;

/// A signed head of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The stream's id.
    pub stream: Uuid,
    /// Its last line then.
    pub seq: i64,
    /// The chain's hash with that line.
    #[serde(with = "hex::digest")]
    pub hash: Digest,
    /// When it was signed.
    #[serde(with = "micros")]
    pub at: Time,
    /// Names the key.
    #[serde(with = "hex::bytes")]
    pub key_id: Vec<u8>,
    /// Ed25519 over [`Checkpoint::signed_bytes`].
    #[serde(with = "hex::bytes")]
    pub signature: Vec<u8>,
}
crate::from_row!(Checkpoint {
    stream,
    seq,
    hash,
    at,
    key_id,
    signature
});

impl Checkpoint {
    /// Signs a head. INVARIANT: the caller has walked the chain up to it.
    pub fn sign(stream: Uuid, seq: i64, hash: Digest, at: Time, signer: &Signer) -> Self {
        let key_id: KeyId = signer.key_id();
        let mut checkpoint = Self {
            stream,
            seq,
            hash,
            at,
            key_id: key_id.to_vec(),
            signature: Vec::new(),
        };
        checkpoint.signature = signer.sign(&checkpoint.signed_bytes());
        checkpoint
    }
    /// What the signature is over: a label of its own, then fields of fixed length.
    pub fn signed_bytes(&self) -> Vec<u8> {
        self.bytes_under(b"doorward checkpoint 1\0")
    }
    /// The same under another label.
    pub(super) fn bytes_under(&self, label: &[u8]) -> Vec<u8> {
        let parts: [&[u8]; 5] = [
            label,
            self.stream.as_bytes(),
            &self.seq.to_be_bytes(),
            &self.hash,
            &self.at.micros().to_be_bytes(),
        ];
        parts.concat()
    }
}

/// The newest checkpoint of each stream as this node knows it: what shows that the store was cut or rewritten.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    newest: BTreeMap<Uuid, Checkpoint>,
}

impl Kept {
    /// Reads the data folder's file; nothing where there is none yet. Blocking.
    pub fn load(data_dir: &Path) -> Result<Self, Fault> {
        let path = kept_file(data_dir);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Fault::file(&path, &error)),
        };
        let kept: Self =
            serde_json::from_str(&text).map_err(|_| Fault::unreadable(&path, "it is not a list of checkpoints"))?;
        let is_sound = kept
            .newest
            .iter()
            .all(|(stream, checkpoint)| *stream == checkpoint.stream);
        if is_sound {
            Ok(kept)
        } else {
            Err(Fault::unreadable(&path, "a checkpoint stands at another stream"))
        }
    }
    /// Writes the file beside the old one and puts it in its place, readable by its owner alone. Blocking; durable on return.
    pub fn save(&self, data_dir: &Path) -> Result<(), Fault> {
        static SAVES: AtomicU64 = AtomicU64::new(0);
        let path = kept_file(data_dir);
        // Each save has a file of its own: one that was left running when the server stops must not meet the last one.
        let number = SAVES.fetch_add(1, Ordering::Relaxed);
        let beside = path.with_extension(format!("json.{}-{number}", std::process::id()));
        let write = || -> std::io::Result<()> {
            let mut options = fs::OpenOptions::new();
            options.create(true).write(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&beside)?;
            serde_json::to_writer(&mut file, self)?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            fs::File::open(data_dir)?.sync_all()
        };
        write().map_err(|error| Fault::file(&path, &error))
    }
    /// The newest of a stream.
    pub fn of(&self, stream: Uuid) -> Option<&Checkpoint> {
        self.newest.get(&stream)
    }
    /// The newest of every stream.
    pub fn all(&self) -> impl Iterator<Item = &Checkpoint> {
        self.newest.values()
    }
    /// Keeps it if it is newer than what is kept.
    pub fn keep(&mut self, checkpoint: Checkpoint) {
        if self.of(checkpoint.stream).is_none_or(|kept| kept.seq < checkpoint.seq) {
            self.newest.insert(checkpoint.stream, checkpoint);
        }
    }
}

/// Where a data folder keeps its newest checkpoints.
pub fn kept_file(data_dir: &Path) -> PathBuf {
    data_dir.join("checkpoints.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Trust, tests::key};

    #[test]
    fn a_signature_holds_for_its_own_checkpoint_and_key_only() {
        let (ours, theirs) = (key(1), key(2));
        let good = Checkpoint::sign(Uuid::nil(), 7, [3; 32], Time::from_seconds(9), &Signer(&ours));
        let trust = Trust::in_key(Signer(&ours).public_key());
        assert!(trust.verifies(&good));
        assert!(!Trust::in_key(Signer(&theirs).public_key()).verifies(&good));
        for bad in [
            Checkpoint { seq: 8, ..good.clone() },
            Checkpoint {
                hash: [4; 32],
                ..good.clone()
            },
            Checkpoint {
                at: Time::from_seconds(8),
                ..good.clone()
            },
            Checkpoint {
                stream: Uuid::from_u128(1),
                ..good.clone()
            },
            Checkpoint {
                signature: vec![0; 64],
                ..good.clone()
            },
            Checkpoint {
                signature: Vec::new(),
                ..good.clone()
            },
        ] {
            assert!(!trust.verifies(&bad), "{bad:?}");
        }
    }

    #[test]
    fn the_kept_file_comes_back_whole_and_never_goes_backwards() {
        let dir = std::env::temp_dir().join(format!("doorward-kept-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        assert_eq!(Kept::load(&dir).unwrap(), Kept::default());
        let pair = key(1);
        let at = |seq| Checkpoint::sign(Uuid::nil(), seq, [3; 32], Time::from_micros(1_234_567), &Signer(&pair));
        let mut kept = Kept::default();
        kept.keep(at(5));
        kept.keep(at(3));
        kept.save(&dir).unwrap();
        let read = Kept::load(&dir).unwrap();
        assert_eq!(read.of(Uuid::nil()).unwrap().seq, 5);
        assert_eq!(read, kept);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(kept_file(&dir)).unwrap().permissions()) & 0o777,
            0o600
        );
        fs::write(kept_file(&dir), "{}").unwrap();
        assert!(Kept::load(&dir).is_err());
        fs::remove_dir_all(&dir).unwrap();
    }
}
