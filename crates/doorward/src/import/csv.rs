//! A list of people as a table (RFC 4180): what spreadsheets and other systems write. Commas or semicolons, quotes, any line ends.
//! Must never happen: a column that is silently not read; a password in clear that is taken.
use super::{Entry, Untaken};

/// The columns that are known; the first is needed.
const COLUMNS: [&str; 6] = ["email", "name", "roles", "language", "disabled", "password_hash"];

/// The people of a table, or what is wrong with the whole of it.
pub(super) fn read(text: &str) -> Result<Vec<Result<Entry, Untaken>>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let separator = if first.contains(';') && !first.contains(',') {
        ';'
    } else {
        ','
    };
    let mut records = records(text, separator)?.into_iter();
    let (_, head) = records.next().ok_or("the file is empty")?;
    let columns: Vec<String> = head.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    check(&columns)?;
    Ok(records.map(|(line, fields)| entry(&columns, line, fields)).collect())
}

fn check(columns: &[String]) -> Result<(), String> {
    for (n, column) in columns.iter().enumerate() {
        if !COLUMNS.contains(&column.as_str()) {
            return Err(format!(
                "its column {column:?} is not known; the first line names some of {}",
                COLUMNS.join(", ")
            ));
        }
        if columns.iter().take(n).any(|before| before == column) {
            return Err(format!("its column {column:?} stands twice"));
        }
    }
    if columns.iter().any(|column| column == "email") {
        Ok(())
    } else {
        Err(format!(
            "it has no column \"email\"; the first line names some of {}",
            COLUMNS.join(", ")
        ))
    }
}

fn entry(columns: &[String], line: usize, fields: Vec<String>) -> Result<Entry, Untaken> {
    let place = format!("line {line}");
    if fields.len() != columns.len() {
        let why = format!("it has {} fields, and the first line {}", fields.len(), columns.len());
        return Err(Untaken { place, why });
    }
    let mut entry = Entry {
        place,
        ..Entry::default()
    };
    for (column, value) in columns.iter().zip(fields) {
        let value = value.trim().to_owned();
        match column.as_str() {
            "email" => entry.email = value,
            "name" => entry.name = value,
            "language" => entry.language = value,
            "password_hash" => entry.hash = Some(value).filter(|hash| !hash.is_empty()),
            "roles" => {
                let roles = value.split([';', '|']).map(str::trim).filter(|role| !role.is_empty());
                entry.roles = roles.map(str::to_owned).collect();
            }
            _ => {
                entry.is_disabled = match value.to_ascii_lowercase().as_str() {
                    "" | "no" | "false" | "0" => false,
                    "yes" | "true" | "1" => true,
                    _ => {
                        let why = format!("disabled is {value:?}, and not yes or no");
                        return Err(Untaken {
                            place: entry.place,
                            why,
                        });
                    }
                };
            }
        }
    }
    Ok(entry)
}

/// The records with the line that each begins on; empty lines are left out.
fn records(text: &str, separator: char) -> Result<Vec<(usize, Vec<String>)>, String> {
    let mut all = Vec::new();
    let (mut line, mut begun) = (1, 1);
    let (mut fields, mut field) = (Vec::new(), String::new());
    let (mut is_quoted, mut was_quoted) = (false, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if is_quoted => is_quoted = false,
            c if is_quoted => field.push(c),
            '"' if field.is_empty() && !was_quoted => (is_quoted, was_quoted) = (true, true),
            '"' => {
                return Err(format!(
                    "line {line} has a quote in the middle of a field; write it twice, within quotes"
                ));
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                fields.push(std::mem::take(&mut field));
                let record = std::mem::take(&mut fields);
                if was_quoted || record.len() > 1 || record.iter().any(|field| !field.is_empty()) {
                    all.push((begun, record));
                }
                (begun, was_quoted) = (line, false);
            }
            c if c == separator => {
                fields.push(std::mem::take(&mut field));
                was_quoted = false;
            }
            c => field.push(c),
        }
    }
    if is_quoted {
        return Err(format!("the quote of the record on line {begun} is never closed"));
    }
    if !field.is_empty() || !fields.is_empty() || was_quoted {
        fields.push(field);
        all.push((begun, fields));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(text: &str) -> Vec<Entry> {
        read(text).unwrap().into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn a_table_is_read_with_either_separator_quotes_and_any_line_ends() {
        for text in [
            "email,name\nana@x.example,\"Ana \"\"the\nfirst\"\"\"\n\nben@x.example,Ben",
            "\u{feff}EMAIL;Name\r\nana@x.example;\"Ana \"\"the\nfirst\"\"\"\r\nben@x.example;Ben\r\n",
        ] {
            let read = people(text);
            let names: Vec<&str> = read.iter().map(|entry| entry.name.as_str()).collect();
            assert_eq!(names, ["Ana \"the\nfirst\"", "Ben"]);
            assert_eq!(read[0].place, "line 2");
        }
    }

    #[test]
    fn every_column_is_read_in_any_order() {
        let text = "password_hash,disabled,roles,language,email\n$2b$x,Yes,Technician; Auditor,de,ana@x.example\n,,,,ben@x.example";
        let read = people(text);
        assert_eq!(read[0].hash.as_deref(), Some("$2b$x"));
        assert_eq!(
            (read[0].roles.as_slice(), read[0].language.as_str()),
            (&["Technician".to_owned(), "Auditor".to_owned()][..], "de")
        );
        assert!(read[0].is_disabled && !read[1].is_disabled && read[1].hash.is_none() && read[1].roles.is_empty());
    }

    #[test]
    fn a_table_that_cannot_be_understood_is_refused_as_a_whole() {
        for (text, told) in [
            ("", "empty"),
            ("name\nAna", "no column \"email\""),
            ("email,password\na@x.example,secret", "\"password\" is not known"),
            ("email,email\na@x.example,b@x.example", "stands twice"),
            ("email,name\na@x.example,\"Ana", "never closed"),
            ("email,name\na@x.example,A\"na", "quote in the middle"),
        ] {
            let refused = read(text).expect_err(text);
            assert!(refused.contains(told), "{text:?}: {refused}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_understood_is_told_by_its_number() {
        let read = read("email,disabled\na@x.example\nb@x.example,perhaps\nc@x.example,no").unwrap();
        let told: Vec<String> = read
            .iter()
            .filter_map(|entry| entry.as_ref().err())
            .map(Untaken::told)
            .collect();
        assert_eq!(told.len(), 2);
        assert!(
            told[0].starts_with("line 2: it has 1 fields") && told[1].starts_with("line 3: disabled is"),
            "{told:?}"
        );
    }
}
