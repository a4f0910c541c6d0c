//! The words of `web/languages` and the sources that say them: no key without a reader, and no reader without a key.
//! That every language has every key is held where they are read, in `ground::words`.
use super::reading::{files, literals};
use std::collections::BTreeSet;

/// The keys of the English files; every other language has the same.
fn keys() -> BTreeSet<String> {
    let english = files(&[".ftl"])
        .into_iter()
        .filter(|file| file.path.starts_with("web/languages/en/"));
    let text: String = english.map(|file| file.text).collect();
    let lines = text.lines().filter(|line| !line.starts_with([' ', '#', '-']));
    lines
        .filter_map(|line| line.split_once(" ="))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// Every literal of the product that is shaped like a key of letters.
fn said() -> BTreeSet<String> {
    let is_key = |text: &String| {
        let rest = text.strip_prefix("letter-");
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
    };
    let sources = files(&[".rs"]).into_iter().filter(|file| file.path.contains("/src/"));
    let own = sources.filter(|file| !file.path.ends_with("/tests.rs"));
    own.flat_map(|file| literals(file.text.split("#[cfg(test)]").next().unwrap_or_default()))
        .map(|(_, text)| text)
        .filter(is_key)
        .collect()
}

#[test]
fn every_key_is_said_and_everything_said_has_its_key() {
    let (keys, said) = (keys(), said());
    assert!(keys.len() > 30, "the reader finds {} keys only", keys.len());
    let unused: Vec<&String> = keys.difference(&said).collect();
    assert!(unused.is_empty(), "nobody says these: {unused:?}");
    let missing: Vec<&String> = said.difference(&keys).collect();
    assert!(missing.is_empty(), "these have no words: {missing:?}");
}
