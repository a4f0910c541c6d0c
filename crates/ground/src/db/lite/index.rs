//! Which state of the file is the present one, told without asking SQLite: by the head of the write-ahead log's index, the `-shm` file beside
//! the database. For answers that are kept in memory and hold only until the next commit, whoever makes it.
//! Must never happen: a mark that stays the same over a commit; this file closed while a connection of ours is open.
use crate::db::Mark;
use std::{
    ffi::OsString,
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

/// The head of the index stands there twice (sqlite.org/walformat.html, 2.1).
const HEAD: usize = 48;
/// The version of the format that this reads, in the byte order of the machine.
const VERSION: [u8; 4] = 3_007_000_u32.to_ne_bytes();
/// Where the head says that the index is in use.
const IN_USE_AT: usize = 12;

/// INVARIANT: one of these is held by every thread of the store beyond its connection, so that it is closed after the last of them. POSIX gives
/// up all locks of a process on a file when the process closes any handle of it (fcntl(2)), also those that SQLite's connections hold.
pub(in crate::db) struct Index {
    path: PathBuf,
    file: OnceLock<File>,
    opening: Mutex<()>,
}

impl Index {
    pub(super) fn of(database: &Path) -> Self {
        let mut path = OsString::from(database);
        path.push("-shm");
        Self {
            path: path.into(),
            file: OnceLock::new(),
            opening: Mutex::default(),
        }
    }

    /// INVARIANT: a mark names one state, and whoever reads it after a commit was acknowledged reads that commit's or a later one. SQLite writes
    /// the head, second copy first, after the log is on the disk and before COMMIT returns; the head holds a count of commits, the length of
    /// the log, its salts and a checksum over all of it. While it is being written the copies differ, and then this says nothing. A file that is
    /// mapped by others and read here is one and the same page cache.
    pub(in crate::db) fn mark(&self) -> Option<Mark> {
        let mut heads = [0; 2 * HEAD];
        self.file()?.read_exact_at(&mut heads, 0).ok()?;
        let (first, second) = heads.split_first_chunk::<HEAD>()?;
        let is_whole = first.as_slice() == second && first.starts_with(&VERSION);
        let is_in_use = first.get(IN_USE_AT).is_some_and(|byte| *byte == 1);
        (is_whole && is_in_use).then_some(Mark(*first))
    }

    fn file(&self) -> Option<&File> {
        if let Some(file) = self.file.get() {
            return Some(file);
        }
        // Opened by one only: a second handle would have to be closed again.
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if self.file.get().is_none() {
            // It cannot be there yet only before the first connection has read something.
            let file = File::open(&self.path).ok()?;
            let _ = self.file.set(file);
        }
        self.file.get()
    }
}
