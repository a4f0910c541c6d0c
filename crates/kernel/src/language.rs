//! The languages that people are written to in. A closed list: each has its words under `web/languages`, and a test holds that none is missing.

/// A language that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Language {
    /// What is spoken where nothing else is known.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Dutch.
    Dutch,
}

impl Language {
    /// Every language there is, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[Self::English, Self::German, Self::French, Self::Spanish, Self::Dutch];

    /// The tag in the store, the API and `lang` (BCP 47).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Dutch => "nl",
        }
    }
    /// What it calls itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Dutch => "Nederlands",
        }
    }
    /// From a tag of any region or script (RFC 5646, 2.1): `de`, `de-AT`, `FR-ca`. None where it is no tag, or of a language that we do not write.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let (primary, rest) = tag
            .split_once('-')
            .map_or((tag, None), |(first, rest)| (first, Some(rest)));
        let is_subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let is_tag = rest.is_none_or(|rest| rest.split('-').all(is_subtag));
        let spoken = |language: &&Self| language.tag().eq_ignore_ascii_case(primary);
        Self::ALL.iter().find(spoken).copied().filter(|_| is_tag)
    }
    /// The one that a browser likes best among ours (RFC 9110, 12.5.4); of two that it likes alike, the first. English where it names none.
    pub fn from_accepted(header: &str) -> Self {
        let mut best = (Self::default(), 0);
        for range in header.split(',') {
            let (tag, weight) = range
                .split_once(';')
                .map_or((range, "q=1"), |(tag, weight)| (tag, weight));
            let liked = Self::from_tag(tag.trim()).zip(thousandths(weight));
            if let Some((language, weight)) = liked.filter(|(_, weight)| *weight > best.1) {
                best = (language, weight);
            }
        }
        best.0
    }
}

/// A weight such as `q=0.8` (RFC 9110, 12.4.2), in thousandths; none where it is none.
fn thousandths(weight: &str) -> Option<u16> {
    let (name, value) = weight.trim().split_once('=')?;
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let is_weight = name.eq_ignore_ascii_case("q")
        && matches!(whole, "0" | "1")
        && part.len() <= 3
        && part.bytes().all(|b| b.is_ascii_digit());
    let number: u16 = format!("{whole}{part:0<3}").parse().ok()?;
    (is_weight && number <= 1_000).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_of_any_region_names_its_language() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(*language));
        }
        for (tag, language) in [
            ("de-AT", Language::German),
            ("DE", Language::German),
            ("de-CH-1996", Language::German),
            ("fr-Latn-CA", Language::French),
            ("es-419", Language::Spanish),
            ("nl-x-door", Language::Dutch),
        ] {
            assert_eq!(Language::from_tag(tag), Some(language), "{tag}");
        }
        for bad in [
            "",
            "-",
            "de-",
            "de--AT",
            "de_AT",
            "deu",
            "german",
            "Deutsch",
            "zh",
            "tlh",
            "de AT",
            " de",
            "de-äöü",
            "de-abcdefghi",
            "*",
        ] {
            assert_eq!(Language::from_tag(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_language_that_a_browser_likes_best_is_spoken() {
        for (header, language) in [
            ("", Language::English),
            ("*", Language::English),
            ("de", Language::German),
            ("de-AT,de;q=0.9,en;q=0.5", Language::German),
            ("en;q=0.5, nl;q=0.8", Language::Dutch),
            ("fr;q=0.8,es;q=0.8", Language::French),
            ("zh-CN,zh;q=0.9,es;q=0.4,*;q=0.1", Language::Spanish),
            ("zh-CN,zh;q=0.9", Language::English),
            ("de;q=0", Language::English),
            ("de;q=0,nl;q=0.001", Language::Dutch),
            ("de ; q=0.3 , fr ; Q=0.4", Language::French),
            ("de;q=1.5,fr;q=0.2", Language::French),
            ("de;q=0.1234,fr;q=x,es;q=0.1", Language::Spanish),
            ("de;level=1,nl", Language::Dutch),
            ("de;q=+1,de;q=,nl;q=1.", Language::Dutch),
            (",,;;q=1,\u{fffd}", Language::English),
        ] {
            assert_eq!(Language::from_accepted(header), language, "{header:?}");
        }
    }
}
