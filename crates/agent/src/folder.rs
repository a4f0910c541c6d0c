//! The state folder: what an agent keeps on its disk. 0700, its files 0600; each is replaced whole and durably (write, sync, rename, sync).
//! Must never happen: half a file after a crash; a private key that another account of the machine can read.
use crate::say::{Done, Fault};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Whom the agent belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The server's address.
    pub server: String,
    /// Its id there; none until the first answer came.
    pub agent_id: Option<Uuid>,
    /// The name that was asked for.
    pub name: Option<String>,
    /// Whether `ca.pem` names the authorities that count.
    pub has_ca: bool,
}

/// The newest value of the ratchet, and the attempt that is under way with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratchet {
    /// The value; none before the first token.
    pub value: Option<String>,
    /// Stored before the call, gone with its answer.
    pub attempt: Option<String>,
}

/// An image that pairs when it first starts as another machine.
#[derive(Serialize, Deserialize)]
pub struct FirstBoot {
    /// The key, as it was given.
    pub installation_key: String,
    /// What told the image's own machine from others.
    pub marks: agent_wire::Marks,
}

const IDENTITY: &str = "agent.json";
const RATCHET: &str = "ratchet.json";
const FIRST_BOOT: &str = "first-boot.json";
/// The private key (PKCS#8).
pub const KEY: &str = "key";
/// The next one, while it takes the place of the other.
pub const NEXT_KEY: &str = "key.next";
/// Certificates of the authorities that count.
pub const CA: &str = "ca.pem";
const LOCK: &str = "lock";
const ALL: [&str; 6] = [RATCHET, NEXT_KEY, KEY, CA, FIRST_BOOT, IDENTITY];

/// The folder.
pub struct Folder(PathBuf);

/// Held while something is read, asked and written: two processes of one agent are one.
pub struct Held(#[expect(dead_code, reason = "the lock ends with it")] File);

impl Folder {
    /// The folder, made where it is not there.
    pub fn make(path: &Path) -> Done<Self> {
        let folder = Self(path.into());
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path).map_err(|e| folder.fault("make", "", &e))?;
        folder.only_ours()?;
        Ok(folder)
    }
    /// The folder as it is; its files need not be there.
    pub fn at(path: &Path) -> Self {
        Self(path.into())
    }

    /// A folder that others may look into is no place for a key: it is closed to them, unless it is a folder of theirs.
    #[cfg(unix)]
    fn only_ours(&self) -> Done {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&self.0)
            .map_err(|e| self.fault("read", "", &e))?
            .permissions()
            .mode();
        if mode.trailing_zeros() >= 6 {
            return Ok(());
        }
        if !self.holds_only_ours()? {
            let words = "is open to others and holds files of theirs; name a folder of the agent's own with --state";
            return Err(Fault::failed(format!("{} {words}", self.0.display())));
        }
        fs::set_permissions(&self.0, fs::Permissions::from_mode(0o700))
            .map_err(|e| self.fault("close to others", "", &e))
    }
    /// Whether nothing lies in it but what an agent keeps.
    #[cfg(unix)]
    fn holds_only_ours(&self) -> Done<bool> {
        let mut names = fs::read_dir(&self.0)
            .map_err(|e| self.fault("read", "", &e))?
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        Ok(names.all(|name| name == LOCK || ALL.contains(&name.strip_suffix(".new").unwrap_or(&name))))
    }
    /// Folders of all programs' data can be read by every account there, and what lies in them inherits that.
    #[cfg(windows)]
    fn only_ours(&self) -> Done {
        let closed = std::process::Command::new("icacls")
            .arg(&self.0)
            .args([
                "/inheritance:r",
                "/grant:r",
                "*S-1-5-18:(OI)(CI)F",
                "*S-1-5-32-544:(OI)(CI)F",
                "/q",
            ])
            .output()
            .map_err(|e| self.fault("close to others", "", &e))?;
        if closed.status.success() {
            return Ok(());
        }
        Err(Fault::failed(format!(
            "could not close {} to others; run it as an administrator",
            self.0.display()
        )))
    }

    fn fault(&self, verb: &str, name: &str, why: &std::io::Error) -> Fault {
        let hint = if why.kind() == ErrorKind::PermissionDenied {
            "; run it as root, or name another folder with --state"
        } else {
            ""
        };
        Fault::failed(format!("could not {verb} {}: {why}{hint}", self.0.join(name).display()))
    }

    /// Waits until no other process works on this agent.
    pub fn hold(&self) -> Done<Held> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options
            .open(self.0.join(LOCK))
            .map_err(|e| self.fault("open", LOCK, &e))?;
        file.lock().map_err(|e| self.fault("lock", LOCK, &e))?;
        Ok(Held(file))
    }

    /// A file's content; none where it is not there.
    pub fn read(&self, name: &str) -> Done<Option<Vec<u8>>> {
        let mut bytes = Vec::new();
        match File::open(self.0.join(name)).and_then(|mut file| file.read_to_end(&mut bytes)) {
            Ok(_) => Ok(Some(bytes)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.fault("read", name, &e)),
        }
    }
    /// Replaces a file. INVARIANT: once this is answered the content is on the disk, and never was half of it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Done {
        let new = self.0.join(format!("{name}.new"));
        let written = (|| {
            let mut options = OpenOptions::new();
            options.create_new(true).write(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            // What a crash left behind may have another mode.
            let _ = fs::remove_file(&new);
            let mut file = options.open(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, self.0.join(name))?;
            self.sync()
        })();
        written.map_err(|e| self.fault("write", name, &e))
    }
    /// Takes a file away.
    pub fn remove(&self, name: &str) -> Done {
        match fs::remove_file(self.0.join(name)).and_then(|()| self.sync()) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(self.fault("remove", name, &e)),
            _ => Ok(()),
        }
    }
    /// Names one file after another, in the place of whatever had the name.
    pub fn rename(&self, from: &str, to: &str) -> Done {
        let renamed = fs::rename(self.0.join(from), self.0.join(to)).and_then(|()| self.sync());
        renamed.map_err(|e| self.fault("rename", from, &e))
    }
    /// Windows has no folders to sync: what they hold stands in its journal.
    fn sync(&self) -> std::io::Result<()> {
        if cfg!(windows) {
            Ok(())
        } else {
            File::open(&self.0)?.sync_all()
        }
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> Done<Option<T>> {
        let Some(bytes) = self.read(name)? else { return Ok(None) };
        let read = serde_json::from_slice(&bytes);
        let damaged = || {
            format!(
                "{} is damaged; take the folder away and pair the machine anew",
                self.0.join(name).display()
            )
        };
        read.map(Some).map_err(|_| Fault::failed(damaged()))
    }
    fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Done {
        let bytes = serde_json::to_vec(value).map_err(|e| Fault::failed(e.to_string()))?;
        self.write(name, &bytes)
    }

    /// Whom it belongs to.
    pub fn identity(&self) -> Done<Option<Identity>> {
        self.json(IDENTITY)
    }
    /// Keeps whom it belongs to.
    pub fn keep_identity(&self, identity: &Identity) -> Done {
        self.write_json(IDENTITY, identity)
    }
    /// The ratchet.
    pub fn ratchet(&self) -> Done<Ratchet> {
        Ok(self.json(RATCHET)?.unwrap_or_default())
    }
    /// Keeps it, durably.
    pub fn keep_ratchet(&self, ratchet: &Ratchet) -> Done {
        self.write_json(RATCHET, ratchet)
    }
    /// What an image waits for.
    pub fn first_boot(&self) -> Done<Option<FirstBoot>> {
        self.json(FIRST_BOOT)
    }
    /// Keeps what an image waits for.
    pub fn keep_first_boot(&self, boot: &FirstBoot) -> Done {
        self.write_json(FIRST_BOOT, boot)
    }
    /// The image has become a machine: the installation key goes.
    pub fn end_first_boot(&self) -> Done {
        self.remove(FIRST_BOOT)
    }
    /// Everything goes; whom it belongs to goes last, so that what was interrupted can be done again.
    pub fn wipe(&self) -> Done {
        ALL.into_iter().try_for_each(|name| self.remove(name))
    }
}

#[cfg(test)]
mod tests;
