//! Every template is rendered by a test of its crate from sample values, so that a page cannot break unseen.
use super::reading::{Source, files};

/// What stands in tests: whole files below `tests/`, and what follows `#[cfg(test)]` elsewhere.
fn test_part(file: &Source) -> &str {
    if file.path.contains("/tests/") || file.path.ends_with("/tests.rs") {
        return &file.text;
    }
    file.text.find("#[cfg(test)]").map_or("", |at| &file.text[at..])
}

/// The structs that render this template.
fn structs_of(name: &str, sources: &[&Source]) -> Vec<String> {
    let mark = format!("path = \"{name}\"");
    let mut found = Vec::new();
    for source in sources {
        for (at, _) in source.text.match_indices(&mark) {
            let rest = &source.text[at..];
            if let Some(at) = rest.find("struct ") {
                found.push(
                    rest[at + 7..]
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect(),
                );
            }
        }
    }
    found
}

#[test]
fn every_template_is_rendered_in_a_test() {
    let sources = files(&[".rs"]);
    let templates: Vec<Source> = files(&[".html", ".xml", ".txt"])
        .into_iter()
        .filter(|f| f.path.contains("/templates/"))
        .collect();
    let mut bad = Vec::new();
    for template in &templates {
        let Some((home, name)) = template.path.split_once("/templates/") else {
            continue;
        };
        let of_crate: Vec<&Source> = sources
            .iter()
            .filter(|file| file.path.starts_with(&format!("{home}/")))
            .collect();
        let structs = structs_of(name, &of_crate);
        let is_part = templates
            .iter()
            .any(|other| other.text.contains(&format!("\"{name}\"")));
        if structs.is_empty() && !is_part {
            bad.push(format!("{}: nothing renders it", template.path));
        }
        // A part is rendered with every page that it is part of.
        if name.starts_with("part/") {
            continue;
        }
        for name in structs {
            let is_tested = of_crate.iter().any(|file| test_part(file).contains(&name));
            if !is_tested {
                bad.push(format!("{}: no test renders {name}", template.path));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn no_template_has_inline_style_or_script() {
    let mut bad = Vec::new();
    // Letters carry their style inside: no mail program fetches a style sheet, and no policy of ours stands over them.
    let is_page = |path: &str| path.contains("/templates/") && !path.contains("letter");
    for template in files(&[".html"]).into_iter().filter(|f| is_page(&f.path)) {
        for (number, line) in template.text.lines().enumerate() {
            let has_script = line.contains("<script") && !line.contains("src=");
            let has_handler = [" onclick=", " onload=", " onsubmit=", " onchange=", "javascript:"]
                .iter()
                .any(|mark| line.contains(mark));
            if line.contains(" style=") || line.contains("<style") || has_script || has_handler {
                bad.push(format!("{}:{}: {}", template.path, number + 1, line.trim()));
            }
        }
    }
    assert!(
        bad.is_empty(),
        "the content security policy forbids these:\n{}",
        bad.join("\n")
    );
}
