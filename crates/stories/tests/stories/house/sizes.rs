//! How long a file and a function may be, and which names say nothing.
use super::reading::{Function, Source, files, functions};

const FILE_FAILS: usize = 700;
const FILE_SMELLS: usize = 500;
const FUNCTION_FAILS: usize = 60;
const TEST_FAILS: usize = 100;

#[test]
fn no_file_is_longer_than_700_lines() {
    let mut too_long = Vec::new();
    for file in files(&[".rs", ".html", ".css", ".js", ".ts", ".mjs", ".sql", ".sh", ".py"]) {
        let lines = file.text.lines().count();
        if lines > FILE_FAILS {
            too_long.push(format!("{}: {lines} lines", file.path));
        } else if lines > FILE_SMELLS {
            eprintln!("smell: {} has {lines} lines", file.path);
        }
    }
    assert!(too_long.is_empty(), "split these files:\n{}", too_long.join("\n"));
}

#[test]
fn no_function_is_longer_than_60_lines() {
    let mut too_long = Vec::new();
    for file in files(&[".rs"]) {
        // A table of cases may be longer.
        let tests_from = tests_begin(&file);
        for Function { name, line, lines } in functions(&file.text) {
            let most = if line >= tests_from { TEST_FAILS } else { FUNCTION_FAILS };
            if lines > most {
                too_long.push(format!("{}:{line} {name}: {lines} lines", file.path));
            }
        }
    }
    assert!(too_long.is_empty(), "split these functions:\n{}", too_long.join("\n"));
}

/// The line from which on a file is tests.
fn tests_begin(file: &Source) -> usize {
    if file.path.contains("/tests/") || file.path.ends_with("/tests.rs") || file.path.contains("/benches/") {
        return 0;
    }
    file.text
        .lines()
        .position(|line| line.starts_with("#[cfg(test)]"))
        .unwrap_or(usize::MAX)
}

#[test]
fn no_file_or_crate_has_a_name_that_says_nothing() {
    let empty = [
        "utils", "util", "common", "helpers", "helper", "misc", "manager", "service", "shared", "stuff",
    ];
    let mut bad = Vec::new();
    for file in files(&[".rs", ".html", ".css", ".js", ".ts"]) {
        let parts = file.path.split(['/', '.']);
        if parts.into_iter().any(|part| empty.contains(&part)) {
            bad.push(file.path);
        }
    }
    assert!(bad.is_empty(), "say what lives there instead:\n{}", bad.join("\n"));
}

#[test]
fn every_source_file_says_at_its_head_what_lives_there() {
    let silent: Vec<String> = files(&[".rs"])
        .into_iter()
        .filter(|file| file.path.contains("/src/") && !file.text.trim().is_empty() && !file.text.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    assert!(silent.is_empty(), "these files have no head:\n{}", silent.join("\n"));
}

#[test]
fn nobody_writes_unsafe_code_or_leaves_work_undone() {
    let mut bad = Vec::new();
    for file in files(&[".rs"]) {
        let code = super::reading::code_only(&file.text);
        for (number, line) in code.lines().enumerate() {
            let words: Vec<&str> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '!')
                .collect();
            if words
                .iter()
                .any(|word| ["unsafe", "todo!", "unimplemented!"].contains(word))
            {
                bad.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn a_silenced_lint_gives_its_reason() {
    let mut bad = Vec::new();
    for file in files(&[".rs"]) {
        let code = super::reading::code_only(&file.text);
        for mark in ["#[allow(", "#![allow("] {
            bad.extend(
                code.match_indices(mark)
                    .map(|(at, _)| format!("{}:{}", file.path, code[..at].matches('\n').count() + 1)),
            );
        }
        for (at, _) in code.match_indices("[expect(") {
            let whole: String = code[at..].chars().take_while(|c| *c != ']').collect();
            if !whole.contains("reason") {
                bad.push(format!("{}:{}", file.path, code[..at].matches('\n').count() + 1));
            }
        }
    }
    assert!(
        bad.is_empty(),
        "use #[expect(…, reason = \"…\")] here:\n{}",
        bad.join("\n")
    );
}
