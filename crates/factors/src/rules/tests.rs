//! The rules against the rows of ASVS 6.2 and NIST SP 800-63B-4, 3.1.1.2.
use super::*;

fn reasons(typed: &str) -> Vec<Reason> {
    let rules = Rules::new(Breached::built_in().unwrap());
    let context = Context::new("Northwind Traders", "Ana Muster", "ana.muster@mail.northwind.example");
    rules.accept(typed, SHORTEST_ALONE, &context).err().unwrap_or_default()
}

#[test]
fn there_are_no_rules_of_composition() {
    for typed in [
        "correct horse battery staple",
        "wobbly kettle under moss",
        "a d q m z e k s",
        "582640917385264",
        "p q z t 7 m , .",
        "\u{1f600}\u{1f981}\u{1f355}\u{1f680}\u{1f3b8}\u{1f40c}\u{1f33b}\u{1f511}\u{1f4a1}\u{1f9ca}\u{1f996}\u{1f94c}\u{1fa81}\u{1f6f6}\u{1f9f5}",
        "der schnelle braune Fuchs sprang",
        "\u{441}\u{438}\u{43d}\u{438}\u{439} \u{447}\u{430}\u{439}\u{43d}\u{438}\u{43a} \u{43f}\u{43e}\u{434} \u{434}\u{443}\u{431}\u{43e}\u{43c}",
    ] {
        assert_eq!(reasons(typed), [], "{typed}");
    }
}

#[test]
fn length_counts_characters_from_15_to_128() {
    assert_eq!(reasons("kettle moss wbl"), []);
    assert_eq!(reasons("kettle moss wb"), [Reason::PasswordShort]);
    let emoji = "\u{1f600}\u{1f981}\u{1f355}\u{1f680}";
    assert_eq!(
        reasons(emoji),
        [Reason::PasswordShort],
        "four characters, whatever their bytes"
    );
    let sentence = "wobbly kettles sing under mossy stones whenever seven quiet foxes paint the harbour green and nobody asks them why it rains so";
    let longest: String = sentence.chars().chain("ab".chars().cycle()).take(128).collect();
    assert_eq!(reasons(&longest), []);
    assert_eq!(reasons(&format!("{longest}x")), [Reason::PasswordLong]);
}

#[test]
fn what_attackers_try_first_is_refused_and_says_so() {
    for typed in [
        "123456",
        "password",
        "Password1",
        "qwertyuiop",
        "iloveyou",
        "LETMEIN",
        "dragon",
        "football",
        "monkey",
        "abc123",
    ] {
        let found = reasons(typed);
        assert!(
            found.contains(&Reason::PasswordCommon) && found.contains(&Reason::PasswordShort),
            "{typed}: {found:?}"
        );
    }
    assert_eq!(reasons("1qaz2wsx3edc4rfv"), [Reason::PasswordCommon]);
}

#[test]
fn what_is_little_more_than_context_words_is_refused_and_says_so() {
    for typed in [
        "Northwind2026!!",
        "northwind traders 2026",
        "NorthwindTraders1",
        "ana.muster!!!!!!",
        "anamusteranamuster",
        "Ana Muster 2026",
        "ana.muster@mail.northwind.example",
        "n0rthw1nd2026!!!",
        "doorward-doorward",
        "D00rward2026!?!",
        "mail.northwind.1",
        "!!!!!!!!!!!!muster",
    ] {
        assert_eq!(reasons(typed), [Reason::PasswordContext], "{typed}");
    }
}

#[test]
fn a_context_word_in_a_password_of_its_own_is_allowed() {
    for typed in [
        "banana boats on the moon",
        "northwind kettle mossy foxes",
        "muster 7 wobbly purple kettles",
    ] {
        assert_eq!(reasons(typed), [], "{typed}");
    }
}

#[test]
fn what_is_guessed_quickly_is_weak() {
    for typed in [
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "qwertyuiopasdfgh",
        "passwordpassword",
        "123456789012345",
        "               ",
        "24-11-2026 aaaaaaaaa",
    ] {
        let found = reasons(typed);
        assert!(
            found == [Reason::PasswordWeak] || found.contains(&Reason::PasswordCommon),
            "{typed}: {found:?}"
        );
    }
}

#[test]
fn nul_is_refused_by_its_own_reason_and_everything_else_may_be_typed() {
    assert_eq!(reasons("wobbly\0kettle mossy"), [Reason::PasswordCharacters]);
    assert_eq!(reasons("wobbly\tkettle\u{a0}mossy\u{200d}fox"), []);
}

#[test]
fn unknown_names_forbid_nothing() {
    let context = Context::new("", "", "");
    assert_eq!(context.words().collect::<Vec<_>>(), ["doorward"]);
    assert!(!context.makes_up("wobbly kettle"));
    assert!(!context.makes_up(""));
}

#[test]
fn the_longest_password_is_looked_at_quickly() {
    let rules = Rules::new(Breached::built_in().unwrap());
    let context = Context::new("Northwind Traders", "Ana Muster", "ana@northwind.example");
    let began = std::time::Instant::now();
    for typed in [
        "p4$$w0rd".repeat(16),
        "1a@4s$5".repeat(18),
        "2026".repeat(32),
        "qwsedrftgyhujikolp".repeat(7),
        "a1".repeat(64),
    ] {
        let _ = rules.accept(&typed, SHORTEST_ALONE, &context);
    }
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

#[test]
fn a_short_password_hears_how_long_it_must_be() {
    let rules = Rules::new(Breached::built_in().unwrap());
    let context = Context::new("", "", "");
    for (shortest, reason) in [
        (SHORTEST_ALONE, Reason::PasswordShort),
        (SHORTEST_WITH_FACTOR, Reason::PasswordShortBeside),
        (20, Reason::PasswordShortPolicy),
    ] {
        let refused = rules.accept("zq7vKx2", shortest, &context).err().unwrap();
        assert!(refused.contains(&reason), "{shortest}: {refused:?}");
    }
}
