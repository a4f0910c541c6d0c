//! A disk that can lose its power: an ext4 in an image file behind a loop device. What the device has been given is in the file; what only the
//! kernel's cache holds is not, as on a real disk when the power goes. For root only.
//! Must never happen: a cut that is no moment in time (half of it older than the rest); a mount that outlives its use.
use anyhow::{Context as _, Result, bail};
use std::{
    fs::{self, File},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Large enough for every store here.
const SIZE: u64 = 96 * 1024 * 1024;
/// The file system's block.
const BLOCK: usize = 4096;
/// A disk at rest is read unchanged twice long before that.
const TRIES: u32 = 200;

/// A mounted image. Unmounted when dropped.
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
}

impl Disk {
    /// A fresh one.
    pub fn make(image: PathBuf, mount: PathBuf) -> Result<Self> {
        File::create(&image)?.set_len(SIZE)?;
        run(
            "mkfs.ext4",
            &[
                "-q",
                "-F",
                "-b",
                "4096",
                "-E",
                "lazy_itable_init=0,lazy_journal_init=0",
                &image.display().to_string(),
            ],
        )?;
        Self::mount(image, mount)
    }
    /// One that is there: the journal is replayed, as after a power cut.
    pub fn mount(image: PathBuf, mount: PathBuf) -> Result<Self> {
        fs::create_dir_all(&mount)?;
        // The file system by itself writes nothing out for minutes: what is on the device was asked for by a sync, or by want of room.
        let (device, at) = (image.display().to_string(), mount.display().to_string());
        run("mount", &["-o", "loop,commit=300", &device, &at])?;
        Ok(Self { image, mount })
    }
    /// Where its files are.
    pub fn path(&self) -> &Path {
        &self.mount
    }
    /// Writes everything to the device.
    pub fn sync(&self) -> Result<()> {
        run("sync", &["-f", &self.mount.display().to_string()])
    }
    /// What is on the device at this moment. Nobody may be writing: it is read until two reads in a row are the same.
    pub fn cut(&self) -> Result<Vec<u8>> {
        let mut last = fs::read(&self.image)?;
        for _ in 0..TRIES {
            let now = fs::read(&self.image)?;
            if now == last {
                return Ok(now);
            }
            last = now;
        }
        bail!("the disk does not come to rest");
    }
    /// The blocks of the device that hold this file now.
    pub fn blocks(file: &Path) -> Result<Vec<usize>> {
        let said = Command::new("filefrag").args(["-v", "-b4096"]).arg(file).output()?;
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        // "   0:        0..     255:      34816..     35071:    256:"
        let extents = text.lines().filter_map(|line| {
            let (first, last) = line.split(':').nth(2)?.trim().split_once("..")?;
            Some(first.trim().parse::<usize>().ok()?..=last.trim().parse::<usize>().ok()?)
        });
        Ok(extents.flatten().collect())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // A file still open keeps it busy for a moment; lazily it goes when that is closed.
        if run("umount", &[&self.mount.display().to_string()]).is_err() {
            let _ = run("umount", &["-l", &self.mount.display().to_string()]);
        }
    }
}

/// Writes an image, with holes where there is nothing.
pub fn write_image(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::create(path)?;
    file.set_len(bytes.len() as u64)?;
    for (number, block) in (0_u64..).zip(bytes.chunks(BLOCK)) {
        if block.iter().any(|byte| *byte != 0) {
            file.seek(SeekFrom::Start(number * BLOCK as u64))?;
            file.write_all(block)?;
        }
    }
    Ok(())
}

/// Of these blocks, takes those over from a later moment that are chosen: a disk writes what waits in any order, and the power goes in between.
pub fn tear(cut: &mut [u8], later: &[u8], blocks: &[usize], mut is_chosen: impl FnMut() -> bool) -> usize {
    let mut torn = 0;
    for block in blocks {
        let range = block * BLOCK..(block + 1) * BLOCK;
        let (Some(old), Some(new)) = (cut.get_mut(range.clone()), later.get(range)) else {
            continue;
        };
        if *old != *new && is_chosen() {
            old.copy_from_slice(new);
            torn += 1;
        }
    }
    torn
}

/// Why there can be no such disk here, if there cannot.
pub fn why_not(folder: &Path) -> Option<String> {
    let who = Command::new("id").arg("-u").output().ok()?;
    if String::from_utf8_lossy(&who.stdout).trim() != "0" {
        return Some("only root may mount".into());
    }
    let tried = Disk::make(folder.join("try.img"), folder.join("try"));
    tried.err().map(|error| format!("{error:#}"))
}

/// Runs a program of the system.
pub fn run(program: &str, words: &[&str]) -> Result<()> {
    let said = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} does not start"))?;
    if said.status.success() {
        return Ok(());
    }
    bail!(
        "{program} ended with {}: {}",
        said.status,
        String::from_utf8_lossy(&said.stderr).trim()
    );
}
