//! The little that has to be known of SQL's spelling to look at its words. For `faults` alone.
//! Must never happen: the inside of a literal or a comment taken for a statement.

/// A piece of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword or a plain name, as it is spelt.
    Word(String),
    /// A name in double quotes, without them.
    Quoted(String),
    /// A literal in single quotes; what is in it does not matter.
    Text,
    /// `?1`
    Parameter,
    /// Anything else; `->`, `::` and `==` in one piece, and `->>` as the first.
    Sign(String),
}

impl Token {
    /// Whether it is this word, given in upper case.
    pub(super) fn is(&self, upper: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(upper))
    }
    pub(super) fn is_sign(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(own) if own == sign)
    }
}

/// The pieces, in order; comments fall away.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut all = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' => (Some(Token::Text), quoted(rest, '\'')),
            '"' => {
                let length = quoted(rest, '"');
                (
                    Some(Token::Quoted(
                        rest.get(..length).unwrap_or(rest).trim_matches('"').to_owned(),
                    )),
                    length,
                )
            }
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '?' if rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => (
                Some(Token::Parameter),
                1 + run(rest.get(1..).unwrap_or_default(), |c| c.is_ascii_digit()),
            ),
            c if c.is_alphanumeric() || c == '_' => {
                let length = run(rest, |c| c.is_alphanumeric() || c == '_');
                (Some(Token::Word(rest.get(..length).unwrap_or(rest).to_owned())), length)
            }
            c => {
                let length = if ["->", "::", "=="].iter().any(|sign| rest.starts_with(sign)) {
                    2
                } else {
                    c.len_utf8()
                };
                (Some(Token::Sign(rest.get(..length).unwrap_or(rest).to_owned())), length)
            }
        };
        all.extend(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    all
}

/// The length of a literal with both its quotes; a doubled quote begins the next one, which does no harm here.
fn quoted(rest: &str, quote: char) -> usize {
    rest.char_indices()
        .skip(1)
        .find(|(_, c)| *c == quote)
        .map_or(rest.len(), |(at, _)| at + 1)
}

fn run(rest: &str, is_part: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !is_part(c)).unwrap_or(rest.len())
}
