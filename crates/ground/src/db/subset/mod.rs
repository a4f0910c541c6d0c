//! The portable subset, as a check: what both engines take alike. For the test that holds every statement of the product to it.
//! It names what is known to differ by its words; what depends on types (truth compared with 1, an ambiguous column, the order of text
//! or of NULLs) is for preparing on both engines, and for the suite that runs on both.
mod words;

use words::{Token, tokens};

/// Words that mean something else on the other engine, or nothing; and what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("ILIKE", "fold the case in Rust to a second column"),
    ("GLOB", "LIKE … ESCAPE"),
    ("REGEXP", "LIKE … ESCAPE"),
    ("SIMILAR", "LIKE … ESCAPE"),
    ("LOWER", "fold the case in Rust: SQLite knows ASCII only"),
    ("UPPER", "fold the case in Rust: SQLite knows ASCII only"),
    ("INSTR", "split in Rust"),
    ("STRPOS", "split in Rust"),
    ("GREATEST", "CASE WHEN"),
    ("LEAST", "CASE WHEN"),
    ("GROUP_CONCAT", "string_agg(x, ',' ORDER BY …)"),
    ("IFNULL", "coalesce"),
    ("IIF", "CASE WHEN"),
    ("NVL", "coalesce"),
    ("TYPEOF", "a type that is declared"),
    ("CURRENT_TIMESTAMP", "the time as a parameter"),
    ("CURRENT_DATE", "the time as a parameter"),
    ("NOW", "the time as a parameter"),
    ("DATETIME", "the time as a parameter"),
    ("STRFTIME", "the time as a parameter"),
    ("UNIXEPOCH", "the time as a parameter"),
    ("INTERVAL", "microseconds"),
    ("EXTRACT", "microseconds"),
    ("RANDOM", "chance as a parameter"),
    ("ROWID", "a column that is declared"),
    ("LAST_INSERT_ROWID", "RETURNING"),
    ("OFFSET", "a cursor: (at, id) > (?1, ?2)"),
    ("ANY", "IN (?1, ?2) or a loop in the closure"),
    ("ARRAY", "IN (?1, ?2) or a loop in the closure"),
    ("UNNEST", "a loop in the closure"),
    ("LATERAL", "a subquery"),
    ("TRUNCATE", "DELETE"),
    ("INTEGER", "BIGINT"),
    ("INT", "BIGINT"),
    ("SMALLINT", "BIGINT"),
    ("SERIAL", "an id made in Rust"),
    ("BIGSERIAL", "an id made in Rust"),
    ("IDENTITY", "an id made in Rust"),
    ("NUMERIC", "BIGINT"),
    ("REAL", "BIGINT"),
    ("TIMESTAMP", "BIGINT in microseconds"),
    ("TIMESTAMPTZ", "BIGINT in microseconds"),
    ("VARCHAR", "TEXT"),
    ("BLOB", "BYTEA"),
    ("JSONB", "TEXT, parsed in Rust"),
    ("JSON", "TEXT, parsed in Rust"),
];

/// Pairs of words that must not follow each other.
const PAIRS: &[(&str, &str, &str)] = &[
    ("INSERT", "OR", "ON CONFLICT … DO NOTHING"),
    ("UPDATE", "OR", "ON CONFLICT … DO UPDATE"),
    ("REPLACE", "INTO", "ON CONFLICT … DO UPDATE"),
    ("FOR", "UPDATE", "write_holding(Lock…)"),
    ("FOR", "SHARE", "write_holding(Lock…)"),
    ("DISTINCT", "ON", "GROUP BY or a window"),
    ("ALTER", "COLUMN", "a new table"),
    ("ADD", "CONSTRAINT", "a new table"),
    ("INDEX", "CONCURRENTLY", "CREATE INDEX"),
];

/// Signs of one engine alone.
const SIGNS: &[(&str, &str)] = &[
    ("->", "TEXT, parsed in Rust"),
    ("::", "CAST(… AS …)"),
    ("==", "="),
    ("`", "a plain name"),
    ("[", "a plain name"),
    ("?", "?1: every parameter has its number"),
    ("$", "?1"),
];

/// What in this statement differs between the engines, each with what to write instead. Empty: nothing that is known.
pub fn faults(sql: &str) -> Vec<String> {
    let tokens = tokens(sql);
    let mut faults = Vec::new();
    let mut say = |what: &str, instead: &str| faults.push(format!("{what}: write {instead}"));
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let next = tokens.get(at + 1);
        match token {
            Token::Word(word) => in_word(word, next, &mut say),
            Token::Quoted(name) if name != "C" => say(&format!("\"{name}\""), "a plain name, or '…' for text"),
            Token::Sign(sign) => {
                if let Some((_, instead)) = SIGNS.iter().find(|(known, _)| known == sign) {
                    say(sign, instead);
                }
                if sign == "*" && before.is_none_or(opens_a_list) {
                    say("*", "every column by its name");
                }
            }
            _ => {}
        }
        if let (Some(before), Token::Text) = (before, token)
            && ["X", "E", "B", "U"].iter().any(|prefix| before.is(prefix))
        {
            say("a prefixed literal", "a parameter");
        }
    }
    in_shape(&tokens, &mut say);
    faults
}

fn in_word(word: &str, next: Option<&Token>, say: &mut impl FnMut(&str, &str)) {
    let upper = word.to_ascii_uppercase();
    let is_call = next.is_some_and(|next| next.is_sign("("));
    if let Some((known, instead)) = WORDS.iter().find(|(known, _)| *known == upper) {
        say(known, instead);
    }
    if let Some((_, second, instead)) = PAIRS
        .iter()
        .find(|(first, second, _)| *first == upper && next.is_some_and(|next| next.is(second)))
    {
        say(&format!("{upper} {second}"), instead);
    }
    if is_call && upper.starts_with("JSON") {
        say(word, "TEXT, parsed in Rust");
    }
    if word != upper && word != word.to_ascii_lowercase() {
        say(word, "names in lower case");
    }
}

/// What needs more than the neighbours: parentheses, and what follows later.
fn in_shape(tokens: &[Token], say: &mut impl FnMut(&str, &str)) {
    let mut open: Vec<&Token> = Vec::new();
    let is_change = tokens
        .first()
        .is_some_and(|first| first.is("DELETE") || first.is("UPDATE"));
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        let next = rest.first();
        let is_call = next.is_some_and(|next| next.is_sign("("));
        if token.is_sign("(") {
            open.push(at.checked_sub(1).and_then(|at| tokens.get(at)).unwrap_or(token));
        } else if token.is_sign(")") {
            open.pop();
        } else if token.is_sign(",") && open.last().is_some_and(|call| call.is("MAX") || call.is("MIN")) {
            say("max or min of several", "CASE WHEN");
        } else if is_call && (token.is("SUM") || token.is("AVG")) && !open.iter().any(|call| call.is("CAST")) {
            say("a bare sum or avg", "CAST(sum(x) AS BIGINT)");
        } else if token.is("LIKE") && !rest.iter().take(4).any(|later| later.is("ESCAPE")) {
            say("LIKE without ESCAPE", "LIKE ?1 ESCAPE '\\'");
        } else if token.is("LIMIT") && is_change && open.is_empty() {
            say("LIMIT in a DELETE or UPDATE", "WHERE id IN (SELECT … LIMIT ?1)");
        } else if token.is("IS") {
            let value = if next.is_some_and(|next| next.is("NOT")) {
                rest.get(1)
            } else {
                next
            };
            if matches!(value, Some(Token::Parameter)) {
                say("IS with a parameter", "IS NOT DISTINCT FROM ?1");
            }
        }
    }
}

/// Whether a `*` behind this token stands for columns, not for a product or `count(*)`.
fn opens_a_list(before: &Token) -> bool {
    ["SELECT", "RETURNING", "DISTINCT", "ALL"]
        .iter()
        .any(|word| before.is(word))
        || before.is_sign(",")
        || before.is_sign(".")
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn what_is_portable_passes() {
        for sql in [
            "INSERT INTO lane (kind, run) VALUES (?1, 1) ON CONFLICT (kind) DO UPDATE SET run = lane.run + excluded.run RETURNING run",
            "SELECT email, count(*) FROM person WHERE (at, id) > (?1, ?2) AND (?3 IS NULL OR age = ?3) GROUP BY email ORDER BY email COLLATE \"C\" LIMIT ?4",
            "SELECT CAST(coalesce(sum(n * 2), 0) AS BIGINT) FROM lane WHERE note LIKE ?1 ESCAPE '\\' AND ends_at IS NOT DISTINCT FROM ?2",
            "DELETE FROM code WHERE id IN (SELECT id FROM code ORDER BY at LIMIT ?1) -- SELECT * is not meant\n RETURNING person",
            "SELECT max(at), min(at) FROM event WHERE ended_at IS NULL AND NOT is_owner AND detail <> 'ILIKE ?; it''s *'",
            "UPDATE person SET name = p.name FROM (SELECT id, name FROM other) p WHERE p.id = person.id",
        ] {
            assert_eq!(faults(sql), Vec::<String>::new(), "{sql}");
        }
    }

    #[test]
    fn each_difference_is_named() {
        for (sql, word) in [
            ("SELECT * FROM person", "*"),
            ("DELETE FROM a WHERE id = ?1 RETURNING *", "*"),
            ("SELECT p.* FROM person p", "*"),
            ("SELECT sum(n) FROM a", "sum"),
            ("SELECT max(a, b) FROM a", "max"),
            ("SELECT id FROM a WHERE b IS ?1", "IS"),
            ("SELECT id FROM a WHERE b IS NOT ?1", "IS"),
            ("SELECT id FROM a WHERE b LIKE ?1", "LIKE"),
            ("SELECT id FROM a WHERE b ILIKE ?1", "ILIKE"),
            ("SELECT lower(b) FROM a", "LOWER"),
            ("INSERT OR IGNORE INTO a (b) VALUES (?1)", "INSERT OR"),
            ("SELECT id FROM a FOR UPDATE", "FOR UPDATE"),
            ("DELETE FROM a WHERE b = ?1 LIMIT 1", "LIMIT"),
            ("SELECT id FROM a LIMIT 1 OFFSET 10", "OFFSET"),
            ("SELECT id FROM a WHERE b = ANY(?1)", "ANY"),
            ("SELECT b ->> 'x' FROM a", "->"),
            ("SELECT json_extract(b, '$.x') FROM a", "json_extract"),
            ("SELECT \"name\" FROM a", "\"name\""),
            ("SELECT x'00ff'", "literal"),
            ("SELECT b::text FROM a", "::"),
            ("SELECT id FROM a WHERE b = ?", "?"),
            ("SELECT current_timestamp FROM a", "CURRENT_TIMESTAMP"),
            ("SELECT now() FROM a", "NOW"),
            ("SELECT personId FROM a", "personId"),
        ] {
            let found = faults(sql);
            assert!(found.iter().any(|fault| fault.contains(word)), "{sql}: {found:?}");
        }
    }
}
