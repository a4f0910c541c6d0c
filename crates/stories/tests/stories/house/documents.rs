//! Documents that are generated or that name tests: they fail here when they are stale.
//! `DOORWARD_WRITE_DOCS=1 cargo test -p stories house::documents` writes them anew.
use super::reading::{files, root};
use kernel::Reason;
use std::fmt::Write as _;

/// Compares a generated document with what is in the folder, or writes it.
fn hold(path: &str, wanted: &str) {
    let file = root().join(path);
    if std::env::var_os("DOORWARD_WRITE_DOCS").is_some() {
        std::fs::write(&file, wanted).expect("the document can be written");
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "{path} is stale: write it with DOORWARD_WRITE_DOCS=1 cargo test -p stories house::documents"
    );
}

/// What each area of reasons is about, in the order of the document.
fn area(id: &str) -> &'static str {
    match id.get(..2).unwrap_or_default() {
        "SI" => "Signing in",
        "SU" => "Set-up",
        "PE" => "People and organisations",
        "OG" => "Customers and sites",
        "PW" => "Passwords",
        "SE" => "Sessions",
        "AZ" => "Authorisation",
        "AK" => "API keys",
        "HT" => "Requests and the server",
        "DE" => "Devices",
        "PK" => "Passkeys",
        "CD" => "Codes of apps, text messages and recovery codes",
        "PO" => "Policies",
        "LO" => "Lost second factors",
        "AC" => "Activity",
        "AG" => "Agents and installation keys",
        "RC" => "Getting back in",
        "MA" | "DL" | "ML" => "Mail and text messages",
        _ => "",
    }
}

#[test]
fn the_list_of_reasons_is_fresh_and_every_reason_is_in_it() {
    let mut text = String::from(
        "# Reasons\n\nEvery refusal, and every grant, names at least one of these. The id is stable: pages, the API (`reason`), the activity log and\n\
         support tickets all use it. Generated from `crates/kernel/src/reason.rs`.\n",
    );
    let mut last = "";
    for reason in Reason::ALL {
        let about = area(reason.id());
        assert!(
            !about.is_empty(),
            "{} belongs to no area: name it in `area`",
            reason.id()
        );
        if about != last {
            let _ = write!(
                text,
                "\n## {about}\n\n| id | the person reads | the administrator reads | next step |\n| --- | --- | --- | --- |\n"
            );
            last = about;
        }
        let cell = |words: &str| words.replace('|', "\\|");
        let (id, person, admin, next) = (
            reason.id(),
            cell(reason.person()),
            cell(reason.admin()),
            cell(reason.next()),
        );
        let _ = writeln!(text, "| `{id}` | {person} | {admin} | {next} |");
    }
    hold("docs/reasons.md", &text);
}

#[test]
fn lock_files_name_no_mirror_of_a_registry() {
    let cargo = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock is committed");
    for line in cargo.lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(
            line, "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
            "only crates.io"
        );
    }
    let npm =
        std::fs::read_to_string(root().join("e2e/package-lock.json")).expect("e2e/package-lock.json is committed");
    assert!(
        !npm.contains("\"resolved\""),
        "e2e/package-lock.json names where packages were fetched from"
    );
}

#[test]
fn every_line_of_asvs_toml_names_a_test_that_exists() {
    let text = std::fs::read_to_string(root().join("docs/asvs.toml")).expect("docs/asvs.toml");
    let sources: String = files(&[".rs", ".spec.ts"]).into_iter().map(|file| file.text).collect();
    let mut lines = 0;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '[']) {
            continue;
        }
        let (id, tests) = line
            .split_once('=')
            .unwrap_or_else(|| panic!("docs/asvs.toml:{}: id = tests", number + 1));
        let id = id.trim().trim_matches('"');
        assert!(
            id.split('.').count() == 3,
            "docs/asvs.toml:{}: {id} is no ASVS line",
            number + 1
        );
        let names: Vec<&str> = tests.split('"').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "docs/asvs.toml:{}: {id} names no test", number + 1);
        for name in names {
            let last = name.rsplit("::").next().unwrap_or(name);
            let exists = sources.contains(&format!("fn {last}(")) || sources.contains(&format!("'{last}'"));
            assert!(exists, "docs/asvs.toml:{}: there is no test {name}", number + 1);
        }
        lines += 1;
    }
    assert!(lines > 20, "docs/asvs.toml covers {lines} lines only");
}

#[test]
fn documents_link_only_to_files_that_exist() {
    let mut bad = Vec::new();
    for file in files(&[".md"]) {
        let folder = root().join(&file.path);
        let folder = folder.parent().expect("a file lies in a folder");
        for (at, _) in file.text.match_indices("](") {
            let target: String = file.text[at + 2..]
                .chars()
                .take_while(|c| !matches!(c, ')' | '#' | ' '))
                .collect();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !folder.join(&target).exists() {
                bad.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert!(bad.is_empty(), "these links lead nowhere:\n{}", bad.join("\n"));
}
