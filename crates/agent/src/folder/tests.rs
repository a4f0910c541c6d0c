//! Cases of the state folder.
use super::*;

/// A folder of its own, gone with the test.
pub struct Place(PathBuf);

impl Place {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("doorward-agent-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }
}
impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_is_kept_comes_back_and_what_is_wiped_does_not() {
    let place = Place::new("kept");
    let folder = Folder::make(&place.0).unwrap();
    assert_eq!(folder.identity().unwrap(), None);
    assert_eq!(folder.ratchet().unwrap(), Ratchet::default());
    let identity = Identity {
        server: "https://door.example".into(),
        agent_id: None,
        name: None,
        has_ca: false,
    };
    folder.keep_identity(&identity).unwrap();
    let ratchet = Ratchet {
        value: Some("1.2.abc".into()),
        attempt: Some("x".into()),
    };
    folder.keep_ratchet(&ratchet).unwrap();
    assert_eq!(
        (folder.identity().unwrap(), folder.ratchet().unwrap()),
        (Some(identity), ratchet)
    );
    folder.wipe().unwrap();
    folder.wipe().unwrap();
    assert_eq!(
        (folder.identity().unwrap(), folder.ratchet().unwrap()),
        (None, Ratchet::default())
    );
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new("mode");
    fs::create_dir_all(&place.0).unwrap();
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o755)).unwrap();
    let folder = Folder::make(&place.0).unwrap();
    folder.write(KEY, b"secret").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&place.0), mode(&place.0.join(KEY))), (0o700, 0o600));
}

#[cfg(unix)]
#[test]
fn a_folder_of_others_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new("theirs");
    fs::create_dir_all(&place.0).unwrap();
    fs::write(place.0.join("letter"), "theirs").unwrap();
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Folder::make(&place.0).is_err());
    assert_eq!(fs::metadata(&place.0).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn a_damaged_file_is_said_and_nothing_is_taken_from_it() {
    let place = Place::new("damaged");
    let folder = Folder::make(&place.0).unwrap();
    folder.write(RATCHET, b"{\"value\":").unwrap();
    let Err(Fault::Failed(words)) = folder.ratchet() else {
        panic!("it was taken")
    };
    assert!(words.contains("ratchet.json is damaged"), "{words}");
}

#[test]
fn two_processes_of_one_agent_work_one_after_the_other() {
    let place = Place::new("held");
    let folder = Folder::make(&place.0).unwrap();
    let held = folder.hold().unwrap();
    let file = OpenOptions::new().write(true).open(place.0.join("lock")).unwrap();
    assert!(file.try_lock().is_err(), "two held it");
    drop(held);
    file.try_lock().unwrap();
}
