//! What a command says: results on stdout, complaints on stderr, a line each.
use std::io::{self, Write};

/// A result. Fails where nobody reads any more.
pub(super) fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// A result as JSON.
pub(super) fn say_json(value: &serde_json::Value) -> io::Result<()> {
    say(&format!("{value:#}"))
}

/// One line on stderr: what, why, what to do.
pub(super) fn complain(words: &str) {
    let line: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Where stderr is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "doorward: {line}");
}

/// Rows under their headings, in columns as wide as they need.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let all: Vec<Vec<&str>> = std::iter::once(headings.to_vec())
        .chain(rows.iter().map(|row| row.iter().map(String::as_str).collect()))
        .collect();
    let width = |column: usize| {
        all.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |row: &Vec<&str>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_stand_under_their_headings() {
        let rows = vec![
            vec!["ana".to_owned(), "Österreich".to_owned()],
            vec!["benedikt".to_owned(), String::new()],
        ];
        assert_eq!(
            super::table(&["NAME", "PLACE"], &rows),
            "NAME      PLACE\nana       Österreich\nbenedikt"
        );
    }
}
