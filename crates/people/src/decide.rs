//! E-mail addresses: one canonical form for look-ups and counters, one skeleton against look-alikes. Pure.
use kernel::{FieldError, Reason};
use unicode_normalization::UnicodeNormalization;

/// An address in its three forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// As the person wrote it, trimmed: where mail goes.
    pub written: String,
    /// NFKC, case folded, the domain in ASCII by IDNA: what is looked up and counted.
    pub canonical: String,
    /// The canonical form's skeleton (UTS 39, 4): two addresses that look alike have the same.
    pub skeleton: String,
}

/// Brings an address into its forms, or says that it is none. Shape: `local@domain`, at most 254 bytes, no spaces, quotes or control characters.
pub fn canonical_email(text: &str) -> Result<Email, FieldError> {
    let refused = || FieldError::new("email", Reason::EmailInvalid);
    let written = text.trim();
    if written.len() > 254 || written.chars().any(char::is_control) {
        return Err(refused());
    }
    let folded = fold(written);
    let (local, domain) = folded.rsplit_once('@').ok_or_else(refused)?;
    let domain = idna::domain_to_ascii_strict(domain.trim_end_matches('.')).map_err(|_| refused())?;
    let is_local = (1..=64).contains(&local.len()) && !local.starts_with('-') && !local.chars().any(is_unfit);
    let is_domain = !domain.is_empty() && !domain.starts_with('[') && !domain.chars().any(is_unfit);
    if !is_local || !is_domain {
        return Err(refused());
    }
    let canonical = format!("{local}@{domain}");
    let skeleton = unicode_security::skeleton(&canonical).collect::<String>();
    Ok(Email {
        written: written.to_owned(),
        canonical,
        skeleton: fold(&skeleton),
    })
}

/// Text as lists sort and find it: the same for all spellings that a reader takes for one.
pub fn folded(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What finds this text anywhere in a folded column, for `LIKE … ESCAPE '\\'`. None where nothing was asked for.
pub fn pattern(typed: &str) -> Option<String> {
    let wanted: String = folded(typed)
        .chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c]))
        .collect();
    (!wanted.is_empty()).then(|| format!("%{wanted}%"))
}

/// Upper and then lower case folds what has several small forms (ſ, ß, dotless i) into one; NFKC before and after.
fn fold(text: &str) -> String {
    let upper: String = text.nfkc().collect::<String>().to_uppercase();
    upper.to_lowercase().nfkc().filter(|c| *c != '\u{307}').collect()
}

fn is_unfit(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '@' | '"' | '<' | '>' | '(' | ')' | ',' | ';' | ':' | '\\' | '[' | ']' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Option<String> {
        canonical_email(text).ok().map(|email| email.canonical)
    }

    #[test]
    fn spellings_of_one_address_are_one() {
        let twins = [
            "Mara@Northwind.Example",
            " mara@northwind.example ",
            "MARA@NORTHWIND.EXAMPLE.",
            "ｍara@northwind.example",
            "mara@ｎorthwind.example",
        ];
        for twin in twins {
            assert_eq!(canonical(twin).as_deref(), Some("mara@northwind.example"), "{twin}");
        }
        assert_eq!(
            canonical("kim@x.example"),
            canonical("\u{212a}im@x.example"),
            "the Kelvin sign"
        );
        assert_eq!(
            canonical("fish@x.example"),
            canonical("\u{fb01}sh@x.example"),
            "a ligature"
        );
        assert_eq!(
            canonical("sam@x.example"),
            canonical("\u{17f}am@x.example"),
            "the long s"
        );
        assert_eq!(
            canonical("ina@x.example"),
            canonical("\u{131}na@x.example"),
            "the dotless i"
        );
        assert_eq!(
            canonical("a@bücher.example").as_deref(),
            Some("a@xn--bcher-kva.example")
        );
    }

    #[test]
    fn what_looks_alike_has_one_skeleton() {
        let latin = canonical_email("paypal@x.example").unwrap();
        let cyrillic = canonical_email("p\u{430}yp\u{430}l@x.example").unwrap();
        assert_ne!(latin.canonical, cyrillic.canonical);
        assert_eq!(latin.skeleton, cyrillic.skeleton);
    }

    #[test]
    fn what_is_searched_for_is_folded_and_obeys_nobody() {
        assert_eq!(folded("  Zo\u{eb}   O\u{2019}NEIL "), "zo\u{eb} o\u{2019}neil");
        assert_eq!(pattern("Ana_50%"), Some("%ana\\_50\\%%".into()));
        assert_eq!(pattern(" \t "), None);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@x.example", "a".repeat(65));
        for bad in [
            "",
            " ",
            "mara",
            "@x.example",
            "mara@",
            "a b@x.example",
            "a@b@x.example",
            "a@x.example\r\nBcc: b@y.example",
            "a,b@x.example",
            "\"a\"@x.example",
            "-a@x.example",
            "a\u{0}@x.example",
            "a@[127.0.0.1]",
            &long,
        ] {
            assert_eq!(canonical(bad), None, "{bad:?}");
        }
    }
}
