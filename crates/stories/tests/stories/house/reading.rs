//! Reads the sources of the workspace as text: which files there are, and where each function begins and ends.
//! A rough reader, not a compiler: it knows comments, strings and braces, and that is enough for counting lines.
use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("crates/stories lies two folders below the root")
        .to_path_buf()
}

/// One file of the sources.
pub struct Source {
    /// The path from the root, with slashes.
    pub path: String,
    pub text: String,
}

/// Folders that hold what was made or fetched, not what was written.
const NOT_OURS: [&str; 8] = [
    "target",
    "node_modules",
    ".git",
    "doorward-data",
    "test-results",
    "playwright-report",
    "vendor",
    ".ci-cache",
];

/// Every file below the root whose name ends in one of these, in order of path.
pub fn files(endings: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                if !NOT_OURS.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let path = path
                    .strip_prefix(&root)
                    .expect("below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        !found.is_empty(),
        "no file ends in {endings:?}: the reader looks in the wrong place"
    );
    found
}

/// The same text with every comment and every string and character literal blanked; lines stay where they are.
pub fn code_only(text: &str) -> String {
    blanked(text, true)
}

/// The same text with every comment blanked; lines stay where they are.
pub fn without_comments(text: &str) -> String {
    blanked(text, false)
}

fn blanked(text: &str, literals_too: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let (end, is_literal) = match (c, chars.get(at + 1)) {
            ('/', Some('/')) => (line_comment(&chars, at), false),
            ('/', Some('*')) => (block_comment(&chars, at), false),
            ('r', Some('"' | '#')) if !is_word(&chars, at) => (raw_string(&chars, at), true),
            ('"', _) => (quoted(&chars, at, '"'), true),
            ('\'', _) if is_char_literal(&chars, at) => (quoted(&chars, at, '\''), true),
            _ => (at, true),
        };
        let stays = end == at || (is_literal && !literals_too);
        let end = end.max(at + 1);
        out.extend(
            chars
                .iter()
                .take(end)
                .skip(at)
                .map(|c| if stays || *c == '\n' { *c } else { ' ' }),
        );
        at = end;
    }
    out
}

fn is_word(chars: &[char], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| chars.get(before))
        .is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

fn line_comment(chars: &[char], at: usize) -> usize {
    (at..chars.len())
        .find(|i| chars.get(*i) == Some(&'\n'))
        .unwrap_or(chars.len())
}

fn block_comment(chars: &[char], at: usize) -> usize {
    (at + 2..chars.len())
        .find(|i| chars.get(*i) == Some(&'*') && chars.get(i + 1) == Some(&'/'))
        .map_or(chars.len(), |i| i + 2)
}

/// `r"…"` or `r#"…"#`; anything else that begins with an `r` is left alone.
fn raw_string(chars: &[char], at: usize) -> usize {
    let hashes = chars.iter().skip(at + 1).take_while(|c| **c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let closes = |i: usize| (1..=hashes).all(|n| chars.get(i + n) == Some(&'#'));
    (at + 2 + hashes..chars.len())
        .find(|i| chars.get(*i) == Some(&'"') && closes(*i))
        .map_or(chars.len(), |i| i + 1 + hashes)
}

fn quoted(chars: &[char], at: usize, quote: char) -> usize {
    let mut i = at + 1;
    while let Some(&c) = chars.get(i) {
        match c {
            '\\' => i += 2,
            c if c == quote => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// Tells `'a'` and `'\n'` from the lifetime `'a`.
fn is_char_literal(chars: &[char], at: usize) -> bool {
    chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')
}

/// The string literals of a Rust file with the line each begins on; escapes and continued lines as the compiler reads them.
pub fn literals(text: &str) -> Vec<(usize, String)> {
    let code: Vec<char> = without_comments(text).chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&c) = code.get(at) {
        let end = match (c, code.get(at + 1)) {
            ('r', Some('"' | '#')) if !is_word(&code, at) => raw_string(&code, at),
            ('"', _) => quoted(&code, at, '"'),
            ('\'', _) if is_char_literal(&code, at) => quoted(&code, at, '\''),
            _ => at,
        };
        if end > at && c != '\'' {
            let whole: String = code[at..end].iter().collect();
            let inner = whole.trim_start_matches('r').trim_matches('#');
            let inner = inner
                .strip_prefix('"')
                .and_then(|inner| inner.strip_suffix('"'))
                .unwrap_or(inner);
            found.push((line, if c == 'r' { inner.to_owned() } else { unescaped(inner) }));
        }
        let end = end.max(at + 1);
        line += code[at..end].iter().filter(|c| **c == '\n').count();
        at = end;
    }
    found
}

fn unescaped(inner: &str) -> String {
    let mut out = String::new();
    let mut rest = inner.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\\', Some('\n')) => while rest.next_if(|c| c.is_whitespace()).is_some() {},
            ('\\', Some(_)) => out.extend(rest.next()),
            _ => out.push(c),
        }
    }
    out
}

/// A function: its name, the line it begins on, and how many lines it takes.
pub struct Function {
    pub name: String,
    pub line: usize,
    pub lines: usize,
}

/// Every function of a Rust file, nested ones too.
pub fn functions(text: &str) -> Vec<Function> {
    let code = code_only(text);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let name: String = code[at + 3..]
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if name.is_empty() {
            continue;
        }
        if let Some(end) = body_end(&code[at..]) {
            let line = code[..at].matches('\n').count() + 1;
            let lines = code[at..=at + end].matches('\n').count() + 1;
            found.push(Function { name, line, lines });
        }
    }
    found
}

/// Where the body that follows closes; none where there is only a signature.
fn body_end(code: &str) -> Option<usize> {
    let (mut braces, mut others) = (0_i32, 0_i32);
    for (i, c) in code.char_indices() {
        match c {
            '(' | '[' => others += 1,
            ')' | ']' => others -= 1,
            ';' if braces == 0 && others == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces == 0 && others == 0 {
                    return Some(i);
                }
                if braces < 0 {
                    return None;
                }
            }
            _ => {}
        }
    }
    None
}

#[test]
fn the_reader_knows_strings_comments_and_lifetimes() {
    let text = "fn a<'x>(s: &'x str) -> char {\n  // }\n  let _ = \"}\\\"}\";\n  let _ = r#\"}\"#;\n  '}'\n}\nfn b();\nfn c() {}\n";
    let found: Vec<(String, usize, usize)> = functions(text).into_iter().map(|f| (f.name, f.line, f.lines)).collect();
    assert_eq!(found, [("a".to_owned(), 1, 6), ("c".to_owned(), 8, 1)]);
}
