//! The root certificates of the makers of passkeys, which the operator puts into `data_dir/passkey-roots`. With them a policy's list of models is
//! proved by attestation (WebAuthn Level 3, section 6.5.4); without them it rests on what each passkey says of itself.
//! Must never happen: a file that cannot be read passed over, and a list taken for proved that is not.
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use webauthn_rs::prelude::AttestationCaList;

/// The folder within `data_dir`.
pub const FOLDER: &str = "passkey-roots";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Whom we believe what a passkey is. Empty: nobody.
#[derive(Debug, Clone, Default)]
pub struct Roots(AttestationCaList);

/// Why the roots could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// The folder or a file.
    #[error("{path} cannot be read: {source}", path = path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Not what it should be.
    #[error("{path} holds no certificate in PEM, or a broken one", path = path.display())]
    NoCertificate {
        /// Which.
        path: PathBuf,
    },
}

impl Roots {
    /// The certificates in every file of the data folder's `passkey-roots` that ends in `.pem`. No folder: none.
    pub fn read(data_dir: &Path) -> Result<Self, RootsError> {
        let folder = data_dir.join(FOLDER);
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| RootsError::Unreadable { path, source }
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(&folder)(error)),
        };
        let mut roots = Self::default();
        for entry in entries {
            let path = entry.map_err(unreadable(&folder))?.path();
            if path.extension().is_some_and(|end| end == "pem") {
                let text = fs::read_to_string(&path).map_err(unreadable(&path))?;
                roots.take(&text).ok_or(RootsError::NoCertificate { path })?;
            }
        }
        Ok(roots)
    }
    /// Takes the certificates of one file. None: there is none, or a broken one.
    pub fn take(&mut self, pem: &str) -> Option<()> {
        let certificates = pem
            .split_inclusive(END)
            .filter_map(|part| part.get(part.find(BEGIN)?..));
        let mut found = None;
        for certificate in certificates {
            let one = AttestationCaList::try_from(certificate.as_bytes()).ok()?;
            self.0.union(&one);
            found = Some(());
        }
        found
    }
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub(super) fn list(&self) -> AttestationCaList {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_is_no_root_and_a_broken_file_is_an_error_that_names_it() {
        let folder = std::env::temp_dir().join(format!("doorward-roots-{}", std::process::id()));
        assert!(Roots::read(&folder).unwrap().is_empty());
        let inside = folder.join(FOLDER);
        fs::create_dir_all(&inside).unwrap();
        fs::write(inside.join("README.txt"), "not looked at").unwrap();
        assert_eq!(Roots::read(&folder).unwrap().count(), 0);
        for text in ["", "x", &format!("{BEGIN}\nAAAA\n{END}\n"), BEGIN] {
            fs::write(inside.join("maker.pem"), text).unwrap();
            let error = Roots::read(&folder).unwrap_err().to_string();
            assert!(error.contains("maker.pem"), "{text}: {error}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
