//! Holds rendered pages to the rules of the house. For tests: each capability renders its pages from sample contexts and hands them here.
//! With `DOORWARD_PREVIEW=folder` set, the pages are also written there, to be looked at.
use askama::Template;
use std::collections::HashSet;

/// Elements without an end tag (HTML, 13.1.2).
const VOID: &[&str] = &["meta", "link", "img", "input", "br", "hr"];

/// Renders the page and checks what every page must keep. Answers the page, or what is wrong with it.
pub fn check(name: &str, page: &impl Template) -> Result<String, String> {
    let text = page.render().map_err(|error| format!("{name}: {error}"))?;
    keep(name, &text)?;
    let mut faults = Vec::new();
    let tags = tags(&text);
    faults.extend(balance(&tags));
    faults.extend(references(&tags));
    for tag in &tags {
        let lower = tag.to_ascii_lowercase();
        if lower.contains(" style=") || lower.starts_with("style") {
            faults.push(format!("the content policy forbids styles in a page: <{tag}>"));
        }
        if lower.starts_with("script") && !lower.contains(" src=")
            || lower.contains(" on") && lower.contains("=\"javascript")
            || has_handler(&lower)
        {
            faults.push(format!("the content policy forbids scripts in a page: <{tag}>"));
        }
    }
    for (what, times) in [
        ("<html lang=\"", 1),
        ("<main ", 1),
        ("<h1>", 1),
        ("<title>", 1),
        ("</head>", 1),
    ] {
        // A drawing has titles of its own.
        let looked_at = if what == "<title>" {
            text.split("</head>").next().unwrap_or_default()
        } else {
            &text
        };
        let found = looked_at.matches(what).count();
        if found != times {
            faults.push(format!("{what} stands {found} times instead of {times}"));
        }
    }
    if faults.is_empty() {
        Ok(text)
    } else {
        Err(format!("{name}:\n{}", faults.join("\n")))
    }
}

/// Writes the page where somebody wants to look at it.
fn keep(name: &str, text: &str) -> Result<(), String> {
    let Some(folder) = std::env::var_os("DOORWARD_PREVIEW") else {
        return Ok(());
    };
    let path = std::path::Path::new(&folder).join(format!("{name}.html"));
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The insides of all tags: `a href="/"`, `/a`.
fn tags(text: &str) -> Vec<&str> {
    let starts = text.split('<').skip(1);
    starts
        .filter_map(|rest| rest.split_once('>'))
        .map(|(tag, _)| tag)
        .filter(|tag| !tag.starts_with('!'))
        .collect()
}

fn element(tag: &str) -> &str {
    tag.split([' ', '\n', '/']).next().unwrap_or_default()
}

/// Every element that begins also ends, in the right order.
fn balance(tags: &[&str]) -> Vec<String> {
    let mut open = Vec::new();
    for tag in tags {
        if let Some(end) = tag.strip_prefix('/') {
            match open.pop() {
                Some(begun) if begun == end => {}
                begun => return vec![format!("</{end}> ends {begun:?}")],
            }
        } else if !tag.ends_with('/') && !VOID.contains(&element(tag)) {
            open.push(element(tag));
        }
    }
    open.iter().map(|element| format!("<{element}> does not end")).collect()
}

fn value<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {attribute}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

fn has_handler(tag: &str) -> bool {
    tag.split([' ', '\n']).any(|attribute| {
        let name = attribute.split('=').next().unwrap_or_default();
        attribute.contains('=') && name.starts_with("on") && name.chars().all(|c| c.is_ascii_lowercase())
    })
}

/// Ids are unique, what refers to an id finds it, and every input is named by a label.
fn references(tags: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids = HashSet::new();
    for id in tags.iter().filter_map(|tag| value(tag, "id")) {
        if !ids.insert(id) {
            faults.push(format!("the id {id} stands twice"));
        }
    }
    let labelled: HashSet<_> = tags
        .iter()
        .filter(|tag| element(tag) == "label")
        .filter_map(|tag| value(tag, "for"))
        .collect();
    for tag in tags {
        for attribute in ["for", "aria-describedby", "aria-labelledby", "popovertarget"] {
            let wanted = value(tag, attribute)
                .unwrap_or_default()
                .split(' ')
                .filter(|id| !id.is_empty());
            faults.extend(
                wanted
                    .filter(|id| !ids.contains(id))
                    .map(|id| format!("{attribute} leads to {id}, which is not there")),
            );
        }
        let is_input =
            matches!(element(tag), "input" | "select") && !tag.contains("type=\"hidden\"") && !tag.contains(" hidden");
        let is_boxed = tag.contains("type=\"checkbox\"");
        if is_input && !is_boxed && !value(tag, "id").is_some_and(|id| labelled.contains(id)) {
            faults.push(format!("no label names <{tag}>"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_the_rules_is_found() {
        assert!(balance(&tags("<p><b>x</p></b>")).len() == 1);
        assert!(balance(&tags("<p><br><path d=\"\"/></p>")).is_empty());
        assert!(references(&tags("<i id=\"a\"></i><i id=\"a\"></i>")).len() == 1);
        assert!(references(&tags("<input id=\"a\"><label for=\"b\"></label>")).len() == 2);
        assert!(has_handler("a onclick=\"x\"") && !has_handler("a data-on=\"x\" href=\"/one\""));
    }
}
