//! SQL stands in `store.rs` and nowhere else, in the portable subset that both engines take alike.
use super::reading::{Source, files, without_comments};

/// Whether this file may hold SQL: a capability's store room, the store itself, the journal, the list of migrations.
fn may_hold_sql(path: &str) -> bool {
    let in_store_room = path.ends_with("store.rs") || path.contains("/src/store/");
    let is_ground = path.starts_with("crates/ground/src/db/") || path.starts_with("crates/ground/src/journal/");
    let is_test = path.contains("/tests/") || path.starts_with("crates/world/") || path.starts_with("crates/stories/");
    let is_around = path.starts_with("bench/")
        || path.starts_with("fault/")
        || path.starts_with("crates/bench/")
        || path.starts_with("crates/fault/");
    in_store_room || is_ground || is_test || is_around
}

fn statements(file: &Source) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in without_comments(&file.text).lines().enumerate() {
        for start in [
            "\"SELECT ",
            "\"INSERT INTO ",
            "\"UPDATE ",
            "\"DELETE FROM ",
            "\"CREATE ",
            "\"WITH ",
            "\"DROP TABLE ",
        ] {
            if line.contains(start) {
                found.push((number + 1, line.trim().to_owned()));
            }
        }
    }
    found
}

#[test]
fn sql_stands_only_in_store_rooms() {
    let mut bad = Vec::new();
    for file in files(&[".rs"]).into_iter().filter(|file| !may_hold_sql(&file.path)) {
        bad.extend(
            statements(&file)
                .into_iter()
                .map(|(line, text)| format!("{}:{line}: {text}", file.path)),
        );
    }
    assert!(bad.is_empty(), "move this SQL into a store.rs:\n{}", bad.join("\n"));
}

/// What a migration must not say, with what to write instead. (The words of statements are checked by the store's own list.)
const NOT_PORTABLE: [(&str, &str); 14] = [
    ("INSERT OR ", "ON CONFLICT … DO …"),
    ("SELECT *", "name the columns"),
    ("RETURNING *", "name the columns"),
    (" ILIKE ", "a folded second column and LIKE"),
    (" OFFSET ", "a cursor over (time, id)"),
    ("FOR UPDATE", "write_holding(Lock …)"),
    ("= ANY", "IN with fixed places, or a loop"),
    ("json_extract", "parse JSON in Rust"),
    ("->>", "parse JSON in Rust"),
    ("current_timestamp", "a bound Time"),
    ("now()", "a bound Time"),
    ("group_concat", "string_agg(x, ',' ORDER BY …)"),
    ("greatest(", "CASE"),
    ("AUTOINCREMENT", "an id made by us"),
];

/// Every statement of the product: path, line, text.
pub fn all_statements() -> Vec<(String, usize, String)> {
    let is_room = |path: &str| path.contains("/src/") && (path.ends_with("/store.rs") || path.contains("/store/"));
    let mut found = Vec::new();
    for file in files(&[".rs"]).into_iter().filter(|file| is_room(&file.path)) {
        let own = file.text.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, text) in super::reading::literals(own) {
            let first = text.split_whitespace().next().unwrap_or_default();
            if ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(&first) {
                found.push((file.path.clone(), line, text));
            }
        }
    }
    assert!(found.len() > 30, "the reader finds {} statements only", found.len());
    found
}

#[test]
fn every_statement_keeps_to_the_portable_subset() {
    let mut bad = Vec::new();
    for (path, line, text) in all_statements() {
        bad.extend(
            ground::db::subset::faults(&text)
                .into_iter()
                .map(|fault| format!("{path}:{line}: {fault}")),
        );
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn migrations_keep_to_the_portable_subset() {
    let mut bad = Vec::new();
    for file in files(&[".sql"])
        .into_iter()
        .filter(|file| file.path.starts_with("migrations/"))
    {
        for (number, line) in without_comments(&file.text).lines().enumerate() {
            for (word, instead) in NOT_PORTABLE {
                if line.contains(word) {
                    bad.push(format!("{}:{}: {word:?}: write {instead}", file.path, number + 1));
                }
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn no_statement_is_put_together_from_values() {
    let mut bad = Vec::new();
    for file in files(&[".rs"])
        .into_iter()
        .filter(|file| file.path.ends_with("/store.rs"))
    {
        for (number, line) in file.text.lines().enumerate() {
            let is_made = line.contains("format!(")
                && ["SELECT ", "INSERT ", "UPDATE ", "DELETE "]
                    .iter()
                    .any(|word| line.contains(word));
            if is_made {
                bad.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    assert!(
        bad.is_empty(),
        "a statement is one literal with bound values:\n{}",
        bad.join("\n")
    );
}
