//! Reads our own pages as text: enough of HTML to find headings, labels, fields and errors. Not a browser; e2e has a real one.

/// A piece of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// `<name …>`.
    Open(Tag),
    /// `</name>`.
    Close(String),
    /// What stands between, entities decoded.
    Text(String),
}

/// An opening tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tag {
    /// Its name in lower case.
    pub name: String,
    /// Its attributes in order, values decoded.
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute; empty where it stands without one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

const VOID: [&str; 9] = ["input", "meta", "link", "br", "hr", "img", "wbr", "path", "rect"];

/// Splits a page into its pieces.
pub fn read(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        if !text.is_empty() {
            pieces.push(Piece::Text(decode(text)));
        }
        let end = if tag.starts_with("<!--") {
            tag.find("-->").map(|i| i + 3)
        } else {
            end_of_tag(tag)
        };
        let Some(end) = end else { return pieces };
        let (tag, after) = tag.split_at(end);
        rest = after;
        let inner = tag
            .trim_start_matches('<')
            .trim_end_matches('>')
            .trim_end_matches('/')
            .trim();
        if let Some(name) = inner.strip_prefix('/') {
            pieces.push(Piece::Close(name.trim().to_ascii_lowercase()));
        } else if !inner.starts_with('!') {
            pieces.push(Piece::Open(open(inner)));
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(decode(rest)));
    }
    pieces
}

/// The position after the `>` that closes the tag, quotes respected.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (i, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(i + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    None
}

fn open(inner: &str) -> Tag {
    let (name, mut rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let key: String = rest.chars().take_while(|c| !c.is_whitespace() && *c != '=').collect();
        rest = &rest[key.len()..];
        let value = rest.strip_prefix('=').map_or("", |after| {
            let quote = after.chars().next().filter(|c| *c == '"' || *c == '\'');
            let (value, after) = match quote {
                Some(q) => after[1..].split_once(q).unwrap_or((&after[1..], "")),
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            };
            rest = after;
            value
        });
        attributes.push((key.to_ascii_lowercase(), decode(value)));
        if key.is_empty() {
            break;
        }
    }
    Tag {
        name: name.to_ascii_lowercase(),
        attributes,
    }
}

fn decode(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = rest.find(';').filter(|end| *end < 12) else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let name = &rest[1..end];
        let number = name.strip_prefix('#').and_then(|n| {
            n.strip_prefix(['x', 'X'])
                .map_or_else(|| n.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())
        });
        let known = [
            ("amp", '&'),
            ("lt", '<'),
            ("gt", '>'),
            ("quot", '"'),
            ("apos", '\''),
            ("nbsp", ' '),
            ("ensp", ' '),
        ];
        let c = number
            .and_then(char::from_u32)
            .or_else(|| known.iter().find(|(n, _)| *n == name).map(|(_, c)| *c));
        out.extend(c);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

/// Every opening tag.
pub fn tags(pieces: &[Piece]) -> impl Iterator<Item = &Tag> {
    pieces
        .iter()
        .filter_map(|piece| if let Piece::Open(tag) = piece { Some(tag) } else { None })
}

/// The text of each element that fits, white space folded.
pub fn texts(pieces: &[Piece], fits: impl Fn(&Tag) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if let Piece::Open(tag) = piece
            && fits(tag)
        {
            found.push(text_from(pieces, at, &tag.name));
        }
    }
    found
}

fn text_from(pieces: &[Piece], at: usize, name: &str) -> String {
    let mut depth = 0;
    let mut text = String::new();
    for piece in pieces.iter().skip(at) {
        match piece {
            Piece::Open(tag) if tag.name == name && !VOID.contains(&name) => depth += 1,
            Piece::Close(other) if other == name => depth -= 1,
            Piece::Text(words) => {
                text.push_str(words);
                text.push(' ');
            }
            _ => {}
        }
        if depth <= 0 {
            break;
        }
    }
    fold(&text)
}

/// White space folded to single blanks.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_with_its_attributes_entities_and_nesting() {
        let pieces = read(
            r#"<h1>Tom &amp; "Jo"</h1><div id=a><div>in</div> out</div><input name="e" value="a&#64;b" required><!-- <h1> -->"#,
        );
        assert_eq!(texts(&pieces, |t| t.name == "h1"), [r#"Tom & "Jo""#]);
        assert_eq!(texts(&pieces, |t| t.get("id") == Some("a")), ["in out"]);
        let field = tags(&pieces).find(|t| t.get("name") == Some("e")).expect("the field");
        assert_eq!((field.get("value"), field.get("required")), (Some("a@b"), Some("")));
    }
}
