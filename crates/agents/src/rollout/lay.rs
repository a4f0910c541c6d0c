//! Lays this build's own agent into the data folder at the start of the server, so that machines like this one can fetch it.
//! Must never happen: half a program; a program that an operator put there replaced by ours.
use super::shelf::System;
use ground::Ground;
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// Beside what was laid: by which length and time it is known as ours.
const RECORD: &str = "laid";

/// Lays it, where an older one of ours lies there or none. Answers where from; none: nothing was to be done.
/// Beside the server's program lies `doorward-agent` in a package; where it does not, the server's own program is laid, which is the agent when it is
/// called by that name.
pub fn lay(ground: &Ground) -> io::Result<Option<PathBuf>> {
    let Some(system) = System::named(&format!("{}-{}", env::consts::OS, env::consts::ARCH)) else {
        return Ok(None);
    };
    let own = env::current_exe()?;
    let beside = own.with_file_name(system.file);
    let source = if beside.is_file() { beside } else { own };
    Ok(put(&source, &system.path(ground))?.then_some(source))
}

fn put(source: &Path, to: &Path) -> io::Result<bool> {
    let folder = to.parent().unwrap_or(Path::new("."));
    let record = folder.join(RECORD);
    let (ours, here) = (fs::read_to_string(&record).unwrap_or_default(), stamp(source)?);
    match stamp(to) {
        Ok(there) if there == here || !ours.lines().any(|line| line == there) => return Ok(false),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    fs::create_dir_all(folder)?;
    let new = folder.join("laid.new");
    // Left by a start that was cut off, or not there.
    let _ = fs::remove_file(&new);
    // One file under two names costs nothing; across two disks, or where the system forbids it, it is a copy.
    if fs::hard_link(source, &new).is_err() {
        copy(source, &new)?;
    }
    // First the record: a start that is cut off between the two leaves one of ours that is known as ours.
    let before = ours.lines().last().unwrap_or_default();
    fs::write(&record, format!("{before}\n{here}\n"))?;
    fs::rename(&new, to)?;
    Ok(true)
}

/// Length and time of a file: a program that was built again has others.
fn stamp(file: &Path) -> io::Result<String> {
    let meta = fs::metadata(file)?;
    let built = meta.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {}", meta.len(), built.as_nanos()))
}

fn copy(source: &Path, to: &Path) -> io::Result<()> {
    let (mut from, mut file) = (fs::File::open(source)?, fs::File::create(to)?);
    io::copy(&mut from, &mut file)?;
    file.set_modified(from.metadata()?.modified()?)?;
    file.sync_all()?;
    #[cfg(unix)]
    fs::set_permissions(to, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, removed at its end.
    struct Folder(PathBuf);
    impl Folder {
        fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("doorward-lay-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
        fn file(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }
    }
    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
    /// As an upgrade does it: a new file in the place of the old one.
    fn build(file: &Path, text: &str) {
        let new = file.with_extension("build");
        fs::write(&new, text).unwrap();
        fs::rename(&new, file).unwrap();
    }

    #[test]
    fn a_program_is_laid_once_and_again_when_it_is_another() {
        let folder = Folder::new("again");
        let (source, to) = (folder.file("program"), folder.file("agents/linux/program"));
        build(&source, "one");
        assert!(put(&source, &to).unwrap());
        assert!(!put(&source, &to).unwrap());
        build(&source, "the second");
        assert!(put(&source, &to).unwrap());
        assert_eq!(fs::read_to_string(&to).unwrap(), "the second");
        // Back to an older version, which is as old as it was.
        build(&source, "one");
        assert!(put(&source, &to).unwrap());
        assert_eq!(fs::read_to_string(&to).unwrap(), "one");
    }

    #[test]
    fn what_an_operator_put_there_stays() {
        let folder = Folder::new("stays");
        let (source, to) = (folder.file("program"), folder.file("agents/program"));
        build(&source, "ours");
        put(&source, &to).unwrap();
        build(&to, "theirs, for older systems");
        build(&source, "ours, newer");
        assert!(!put(&source, &to).unwrap());
        assert_eq!(fs::read_to_string(&to).unwrap(), "theirs, for older systems");
        fs::remove_file(&to).unwrap();
        assert!(put(&source, &to).unwrap());
    }

    #[test]
    fn a_copy_is_as_good_as_a_link() {
        let folder = Folder::new("copy");
        let (source, to) = (folder.file("program"), folder.file("copied"));
        build(&source, "ours");
        copy(&source, &to).unwrap();
        assert_eq!(stamp(&source).unwrap(), stamp(&to).unwrap());
    }
}
