//! The development outbox: a transport like the others, whose far end is a folder. For trying things out, and for tests.
//! Must never happen: a file that is read half written; two messages under one name; an address that leads out of the folder.
use super::Kind;
use kernel::{Span, Time};
use std::{
    fs, io,
    io::Write as _,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// What a file is called before it is whole. Nothing else begins with a dot.
const UNFINISHED: &str = ".unfinished-";

/// Writes a message; its file's name is `TIME-mail-ADDRESS.eml` or `TIME-sms-NUMBER.txt`.
pub(super) fn write(folder: &Path, now: Time, kind: Kind, to: &str, bytes: &[u8]) -> io::Result<String> {
    // Names are given one after the other, so that messages of one moment to one address do not meet.
    static NAMING: Mutex<()> = Mutex::new(());
    let _naming = NAMING.lock().unwrap_or_else(PoisonError::into_inner);
    make_folder(folder)?;
    let mut at = now;
    let mut name = name(at, kind, to);
    while folder.join(&name).try_exists()? {
        at = at + Span::micros(1);
        name = self::name(at, kind, to);
    }
    let unfinished = folder.join(format!("{UNFINISHED}{name}"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(&name))?;
    Ok(name)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn name(at: Time, kind: Kind, to: &str) -> String {
    let time = at.rfc3339().replace(['-', ':', 'Z'], "");
    let micros = at.micros().rem_euclid(1_000_000);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '+' | '_' | '-');
    let to: String = to.chars().take(80).map(|c| if is_plain(c) { c } else { '_' }).collect();
    match kind {
        Kind::Mail => format!("{time}.{micros:06}Z-mail-{to}.eml"),
        Kind::Text => format!("{time}.{micros:06}Z-sms-{to}.txt"),
    }
}

/// The newest messages, as file names.
pub(super) fn list(folder: &Path, most: usize) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.truncate(most);
    Ok(names)
}

/// One message of the folder; none where no file of this very name is in it.
pub(super) fn read(folder: &Path, name: &str) -> io::Result<Option<Vec<u8>>> {
    if !list(folder, usize::MAX)?.iter().any(|known| known == name) {
        return Ok(None);
    }
    fs::read(folder.join(name)).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("doorward-outbox-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn each_message_has_a_name_of_its_own_that_stays_in_the_folder() {
        let folder = folder("names");
        let now = Time::from_micros(1_795_511_642_000_007);
        let first = write(&folder, now, Kind::Mail, "ana@example.org", b"one").unwrap();
        let second = write(&folder, now, Kind::Mail, "ana@example.org", b"two").unwrap();
        let text = write(&folder, now, Kind::Text, "+441234567890", b"12345678").unwrap();
        let odd = write(&folder, now, Kind::Mail, "../../etc/pass wd\r\n@example.org", b"x").unwrap();
        assert_eq!(first, "20261124T091402.000007Z-mail-ana@example.org.eml");
        assert_eq!(second, "20261124T091402.000008Z-mail-ana@example.org.eml");
        assert_eq!(text, "20261124T091402.000007Z-sms-+441234567890.txt");
        assert_eq!(odd, "20261124T091402.000007Z-mail-.._.._etc_pass_wd__@example.org.eml");
        assert_eq!(list(&folder, 10).unwrap().len(), 4);
        assert_eq!(read(&folder, &second).unwrap().as_deref(), Some(b"two".as_slice()));
        for bad in ["", ".", "..", "../x", "nothing", "/etc/passwd"] {
            assert_eq!(read(&folder, bad).unwrap(), None, "{bad:?}");
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_message_that_is_being_written_is_not_there_yet() {
        let folder = folder("unfinished");
        make_folder(&folder).unwrap();
        fs::write(folder.join(".unfinished-x.eml"), b"half").unwrap();
        assert!(list(&folder, 10).unwrap().is_empty());
        assert!(list(&folder.join("none"), 10).unwrap().is_empty());
        fs::remove_dir_all(&folder).unwrap();
    }
}
