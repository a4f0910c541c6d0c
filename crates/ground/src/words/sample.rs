//! Holds what is written to people to files that somebody has read, a file for each language. For tests of every crate that writes letters.
//! With `DOORWARD_WRITE_DOCS=1` set, the files are written anew: then read what has changed.
use kernel::Language;
use std::path::Path;

/// Compares the text with the file of this language in the crate's folder `tests/letters`. Answers what to do where they differ.
pub fn hold(manifest_dir: &str, language: Language, text: &str) -> Result<(), String> {
    let folder = Path::new(manifest_dir).join("tests/letters");
    let file = folder.join(format!("{}.txt", language.tag()));
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    if std::env::var_os("DOORWARD_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(&folder).map_err(told)?;
        std::fs::write(&file, text).map_err(told)?;
    }
    if std::fs::read_to_string(&file).map_err(told)? == text {
        Ok(())
    } else {
        let file = file.display();
        Err(format!(
            "{file} says something else: write it with DOORWARD_WRITE_DOCS=1, and read it"
        ))
    }
}
