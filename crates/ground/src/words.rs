//! What is said to people, in their language: one file of words for each language and subject under `web/languages`, built into the program.
//! For letters now, and for pages. A key stands whole in the source (`letter-hello`), so that a test can find who uses it.
//! Must never happen: a key without words in one of the languages; words that an argument turns into something else.
pub mod sample;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use kernel::{Language, Time};
use std::{borrow::Cow, sync::LazyLock};

/// A file of words of this language.
macro_rules! words {
    ($tag:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../web/languages/",
            $tag,
            "/letters.ftl"
        ))
    };
}

const fn source(language: Language) -> &'static str {
    match language {
        Language::English => words!("en"),
        Language::German => words!("de"),
        Language::French => words!("fr"),
        Language::Spanish => words!("es"),
        Language::Dutch => words!("nl"),
    }
}

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<Vec<(Language, Bundle)>> = LazyLock::new(|| {
    Language::ALL
        .iter()
        .map(|language| (*language, bundle(*language)))
        .collect()
});

fn bundle(language: Language) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // The marks of direction that Fluent puts round arguments would stand in subjects and break addresses.
    bundle.set_use_isolating(false);
    // What cannot be read, or stands twice, is found by a test.
    let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(read, _)| read);
    if bundle.add_resource(resource).is_err() {
        tracing::error!(language = language.tag(), "a key stands twice in the words");
    }
    bundle
}

/// What stands for an argument. Put in as it is: whoever writes HTML escapes the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// Text.
    Text(&'a str),
    /// A number, by which the words may choose their form.
    Number(i64),
}

impl<'a> From<&'a str> for Given<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}
impl<'a> From<&'a String> for Given<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Given<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
impl<'a> From<Given<'a>> for FluentValue<'a> {
    fn from(given: Given<'a>) -> Self {
        match given {
            Given::Text(text) => Self::String(Cow::Borrowed(text)),
            Given::Number(number) => Self::from(number),
        }
    }
}

/// The words of this key, with what is given put in. English where the language has none; the key itself where English has none either.
pub fn say(language: Language, key: &'static str, given: &[(&'static str, Given<'_>)]) -> String {
    let arguments: FluentArgs<'_> = given.iter().map(|(name, value)| (*name, *value)).collect();
    let spoken = |language: Language| {
        let (_, bundle) = BUNDLES.iter().find(|(own, _)| *own == language)?;
        let pattern = bundle.get_message(key)?.value()?;
        // An argument that is not given leaves its name in the words: a test finds it.
        Some(
            bundle
                .format_pattern(pattern, Some(&arguments), &mut Vec::new())
                .into_owned(),
        )
    };
    let found = spoken(language).or_else(|| spoken(Language::English));
    found.unwrap_or_else(|| key.to_owned())
}

/// A time as it is written in this language, to the minute, in UTC and saying so: "24 November 2026, 09:00 UTC".
pub fn moment(language: Language, at: Time) -> String {
    let Ok(at) = jiff::Timestamp::from_second(at.seconds()) else {
        return at.rfc3339();
    };
    let at = at.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    say(
        language,
        "letter-moment",
        &[
            ("day", i64::from(at.day()).into()),
            ("month", i64::from(at.month()).into()),
            ("year", i64::from(at.year()).into()),
            ("time", (&time).into()),
        ],
    )
}

#[cfg(test)]
mod tests;
