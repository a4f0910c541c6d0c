//! A letter as somebody would get it, for the tests that hold every letter to a file: to Mara Okafor, from Northwind IT. For every crate that
//! writes letters.
use crate::{
    letters::{self, Envelope, From, Words},
    store::Person,
};
use ground::{delivery::Purpose, words::sample};
use kernel::{Language, MessageId, Time};

/// Some day at 09:14 (UTC).
pub const AT: Time = Time::from_seconds(1_795_511_642);

/// Subject and text of these letters in one text.
pub fn written(language: Language, letters: &[Words]) -> String {
    let from = From {
        organisation: "Northwind IT".into(),
        contact: "help@northwind.example".into(),
        public_url: "https://door.example.org".into(),
    };
    let person = Person {
        name: "Mara Okafor".into(),
        language,
        ..Person::nobody()
    };
    let write = |words: &Words| {
        let envelope = Envelope {
            id: MessageId(uuid::Uuid::nil()),
            to: None,
            asked_by: None,
            purpose: Purpose::Notice,
            at: AT,
            ends_at: None,
        };
        let letter = letters::write(&from, &person, words, envelope);
        format!("== {}\n\n{}\n", letter.subject, letter.text)
    };
    letters.iter().map(write).collect()
}

/// Holds these letters to the files of the crate, in every language. Answers what to do where they differ.
pub fn hold(manifest_dir: &str, letters: impl Fn(Language) -> Vec<Words>) -> Result<(), String> {
    for language in Language::ALL {
        sample::hold(manifest_dir, *language, &written(*language, &letters(*language)))?;
    }
    Ok(())
}
