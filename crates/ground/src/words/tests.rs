//! Every key in every language, read and spoken.
use super::*;
use std::collections::{BTreeMap, BTreeSet};

/// Every key of a file with the arguments that its words take.
fn keys(language: Language) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut found = BTreeMap::new();
    let mut key = "";
    for line in source(language).lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            assert!(
                found.insert(name, BTreeSet::new()).is_none(),
                "{name} stands twice in {language:?}"
            );
            key = name;
        }
        let names = line.split('$').skip(1);
        let end = |rest: &'static str| {
            rest.split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap_or_default()
        };
        found.entry(key).or_default().extend(names.map(end));
    }
    found.remove("");
    found
}

fn formatted(language: Language, key: &str, number: i64) -> String {
    let bundle = bundle(language);
    let names = keys(language).remove(key).unwrap();
    let text = |name: &str| !["day", "month", "year", "minutes", "hours", "days", "left"].contains(&name);
    let value = |name| {
        if text(name) {
            FluentValue::from("Mara")
        } else {
            FluentValue::from(number)
        }
    };
    let arguments: FluentArgs<'_> = names.into_iter().map(|name| (name, value(name))).collect();
    let mut errors = Vec::new();
    let pattern = bundle.get_message(key).unwrap().value().unwrap();
    let words = bundle
        .format_pattern(pattern, Some(&arguments), &mut errors)
        .into_owned();
    assert!(errors.is_empty(), "{key} in {language:?}: {errors:?}");
    words
}

#[test]
fn every_key_has_words_in_every_language_with_the_same_arguments() {
    let english = keys(Language::English);
    assert!(english.len() > 30, "the reader finds {} keys only", english.len());
    for language in Language::ALL {
        if let Err((_, errors)) = FluentResource::try_new(source(*language).to_owned()) {
            panic!("{language:?} cannot be read: {errors:?}");
        }
        assert_eq!(keys(*language), english, "{language:?}");
        for (key, number) in english.keys().flat_map(|key| [(key, 1), (key, 2), (key, 30)]) {
            let words = formatted(*language, key, number);
            let is_clean = !words.trim().is_empty() && !words.contains(['{', '}', '$', '\n']) && !words.contains("  ");
            assert!(is_clean, "{key} in {language:?}: {words:?}");
        }
    }
}

#[test]
fn keys_begin_with_the_name_of_their_file() {
    for key in keys(Language::English).keys() {
        assert!(key.starts_with("letter-"), "{key}");
    }
}

#[test]
fn no_mark_of_direction_stands_round_an_argument() {
    let email = "mara@northwind.example";
    for language in Language::ALL {
        let words = say(*language, "letter-email-changed-line", &[("email", email.into())]);
        assert!(
            words.contains(&format!(" {email}")) && !words.contains(['\u{2068}', '\u{2069}']),
            "{words:?}"
        );
    }
}

#[test]
fn what_is_given_is_put_in_as_it_is() {
    let hello = |name: &str| say(Language::English, "letter-hello", &[("name", name.into())]);
    assert_eq!(hello("{ $name } { letter-time }"), "Hello { $name } { letter-time },");
}

#[test]
fn a_time_is_written_as_each_language_writes_it() {
    let written = |text: &str| {
        Language::ALL
            .iter()
            .map(|l| moment(*l, Time::parse_rfc3339(text).unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        written("2026-11-24T09:00:59Z"),
        [
            "24 November 2026, 09:00 UTC",
            "24. November 2026 um 09:00 Uhr (UTC)",
            "24 novembre 2026 à 09:00 (UTC)",
            "24 de noviembre de 2026, 09:00 h (UTC)",
            "24 november 2026 om 09:00 uur (UTC)",
        ]
    );
    assert_eq!(
        written("2027-03-01T23:05:00+02:00"),
        [
            "1 March 2027, 21:05 UTC",
            "1. März 2027 um 21:05 Uhr (UTC)",
            "1er mars 2027 à 21:05 (UTC)",
            "1 de marzo de 2027, 21:05 h (UTC)",
            "1 maart 2027 om 21:05 uur (UTC)",
        ]
    );
}

#[test]
fn a_number_chooses_its_form() {
    let ends = |language, minutes: i64| say(language, "letter-reset-ends", &[("minutes", minutes.into())]);
    assert_eq!(ends(Language::English, 1), "Link and code work once, for 1 minute.");
    assert_eq!(ends(Language::English, 30), "Link and code work once, for 30 minutes.");
    assert_eq!(
        ends(Language::German, 1),
        "Link und Code gelten 1 Minute lang und nur einmal."
    );
    assert!(ends(Language::Dutch, 30).ends_with("30 minuten."));
}
