//! Words that have to do with the person and the organisation: the first that somebody who knows them would try (ASVS 6.2.11).
//! Must never happen: a word so short that it forbids honest passwords.
use unicode_normalization::UnicodeNormalization;

/// Shorter words are in half of all sentences.
const SHORTEST_WORD: usize = 3;
/// This much beside the words, after padding is taken off, makes a password of its own.
const ENOUGH_BESIDE: usize = 8;
const PRODUCT: &str = "doorward";

/// The context words of one person, folded; longest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context(Vec<String>);

impl Context {
    /// From the names of the organisation and the person and the e-mail address, as far as they are known (else empty).
    pub fn new(organisation: &str, person: &str, email: &str) -> Self {
        let mut words = vec![PRODUCT.to_owned(), folded(email)];
        for name in [organisation, person] {
            words.extend(parts(name));
            words.push(parts(name).concat());
        }
        let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
        words.push(folded(local));
        words.extend(parts(local));
        words.push(parts(local).concat());
        // The last label (`com`, `org`) tells nothing of anybody.
        let registered = domain.rsplit_once('.').map_or(domain, |(labels, _)| labels);
        words.extend(parts(registered));
        words.push(folded(domain));
        words.retain(|word| word.chars().count() >= SHORTEST_WORD);
        words.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
        words.dedup();
        Self(words)
    }
    /// The words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
    /// Whether the password is little more than these words: `<organisation>2026`, `<local part>!!!!`, twice the name.
    pub fn makes_up(&self, password: &str) -> bool {
        let plain = folded(password);
        let spelt = [plain.clone(), unmasked(&plain, 'i'), unmasked(&plain, 'l')];
        spelt
            .iter()
            .any(|text| self.beside(text).is_some_and(|rest| rest < ENOUGH_BESIDE))
    }
    /// How much there is beside the words; none where no word is in it.
    fn beside(&self, text: &str) -> Option<usize> {
        let mut rest = text.to_owned();
        let mut is_found = false;
        for word in &self.0 {
            if rest.contains(word.as_str()) {
                is_found = true;
                // A space keeps the two sides from making a new word.
                rest = rest.replace(word.as_str(), " ");
            }
        }
        is_found.then(|| without_padding(&rest))
    }
}

fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

fn parts(name: &str) -> Vec<String> {
    folded(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Letters behind their usual masks: `n0rthw1nd` is `northwind`. A one may stand for two letters.
fn unmasked(text: &str, one: char) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' | '|' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Characters that are more than padding: no space, and no character that only repeats the one before it.
fn without_padding(rest: &str) -> usize {
    let mut before = None;
    rest.chars()
        .filter(|c| !c.is_whitespace())
        .filter(|c| before.replace(*c) != Some(*c))
        .count()
}
