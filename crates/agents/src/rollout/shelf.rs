//! The programs that lie in the data folder, `agents/SYSTEM-ARCH/`: which there are, their digests and signatures. What was signed once is remembered for
//! as long as the file is the same.
use base64::{Engine, engine::general_purpose::STANDARD};
use ground::{
    Ground,
    keys::{ProgramSignature, ProgramSigner},
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::SystemTime,
};

/// A system that agents run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct System {
    /// The folder's name, and the address's: `linux-x86_64`.
    pub(crate) name: &'static str,
    /// The program's file.
    pub(crate) file: &'static str,
}

const fn system(name: &'static str, file: &'static str) -> System {
    System { name, file }
}

/// Every system that there is a program for, or may be.
pub(crate) const SYSTEMS: [System; 6] = [
    system("linux-x86_64", "doorward-agent"),
    system("linux-aarch64", "doorward-agent"),
    system("windows-x86_64", "doorward-agent.exe"),
    system("windows-aarch64", "doorward-agent.exe"),
    system("macos-x86_64", "doorward-agent"),
    system("macos-aarch64", "doorward-agent"),
];

impl System {
    /// Back from its name. Nothing else is ever made into a path.
    pub(crate) fn named(name: &str) -> Option<Self> {
        SYSTEMS.into_iter().find(|system| system.name == name)
    }
    /// Where its program lies.
    pub(crate) fn path(self, ground: &Ground) -> PathBuf {
        ground.config.data_dir.join("agents").join(self.name).join(self.file)
    }
}

/// Whether there is a program for this system.
pub(crate) fn has_program(ground: &Ground, system: System) -> bool {
    system.path(ground).is_file()
}

/// What a program is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    /// Bytes.
    pub(crate) length: u64,
    /// SHA-256, hexadecimal.
    pub(crate) digest: String,
    /// Over the whole file.
    pub(crate) signature: ProgramSignature,
    modified: Option<SystemTime>,
}

/// The shelf, with what is remembered of it.
#[derive(Clone)]
pub(crate) struct Shelf {
    ground: Ground,
    known: Arc<Mutex<BTreeMap<System, Signed>>>,
}

impl Shelf {
    pub(crate) fn new(ground: Ground) -> Self {
        Self {
            ground,
            known: Arc::default(),
        }
    }
    /// What it stands on.
    pub(crate) fn ground(&self) -> &Ground {
        &self.ground
    }
    /// What the program of this system is known by; none where there is none. Reads the whole file where it changed: not for an async thread.
    pub(crate) fn look(&self, system: System) -> io::Result<Option<Signed>> {
        let path = system.path(&self.ground);
        let meta = match fs::metadata(&path) {
            Ok(meta) if meta.is_file() => meta,
            Ok(_) => return Ok(None),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        let is_same = |known: &&Signed| known.length == meta.len() && known.modified == meta.modified().ok();
        if let Some(known) = self
            .known
            .lock()
            .ok()
            .and_then(|known| known.get(&system).filter(is_same).cloned())
        {
            return Ok(Some(known));
        }
        let signed = self.signed(fs::File::open(&path)?)?;
        if let Ok(mut known) = self.known.lock() {
            known.insert(system, signed.clone());
        }
        Ok(Some(signed))
    }
    /// Reads a program once and in pieces: it may be large, and many machines may ask for it at once.
    fn signed(&self, mut file: fs::File) -> io::Result<Signed> {
        let modified = file.metadata()?.modified().ok();
        let (mut digest, mut to_sign, mut length) = (Sha256::new(), ProgramSigner::reader(), 0);
        let mut piece = vec![0; 64 * 1024];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            let bytes = piece.get(..read).unwrap_or_default();
            digest.update(bytes);
            to_sign.update(bytes);
            length += read as u64;
        }
        let signature = self.ground.keys.programs().sign(to_sign);
        Ok(Signed {
            length,
            digest: digest
                .finalize()
                .iter()
                .fold(String::new(), |text, byte| format!("{text}{byte:02x}")),
            signature: signature.ok_or_else(|| io::Error::other("the program could not be signed"))?,
            modified,
        })
    }
}

/// The public key that programs are signed with: a `SubjectPublicKeyInfo` in base64 (RFC 5480), as it stands between the lines of a PEM file.
pub fn signature_key(ground: &Ground) -> String {
    STANDARD.encode(ground.keys.programs().public_key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_systems_become_paths() {
        assert_eq!(
            System::named("linux-x86_64").map(|system| system.file),
            Some("doorward-agent")
        );
        for bad in ["", "..", "../..", "linux-x86_64/..", "LINUX-X86_64", "linux"] {
            assert_eq!(System::named(bad), None, "{bad}");
        }
    }
}
