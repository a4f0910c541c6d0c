//! Reading codes: cases, and what must hold of anything.
use super::*;
use proptest::prelude::*;

fn words(typed: &str) -> String {
    match Typed::read(typed) {
        None => "nothing".into(),
        Some(Typed::App(code)) => format!("app {code:06}"),
        Some(Typed::Pair(first, second)) => format!("pair {first:06} {second:06}"),
        Some(Typed::Text(code)) => format!("text {}", code.expose()),
        Some(Typed::Recovery(code)) => format!("recovery {}", code.expose()),
    }
}

#[test]
fn every_spelling_of_a_code_is_the_same_code() {
    for spelling in [
        "123456",
        " 123456",
        "123 456",
        "123-456",
        "123\u{a0}456\n",
        "\t1 2 3 4 5 6\r\n",
        "１２３４５６",
        "１２３　４５６",
        "\u{202a}123456\u{202c}",
        "123\u{2009}456\u{feff}",
        "١٢٣٤٥٦",
        "۱۲۳۴۵۶",
        "१२३४५६",
        "123\u{2013}456",
        "\u{200e}12\u{200b}34\u{2060}56",
    ] {
        assert_eq!(words(spelling), "app 123456", "{spelling:?}");
    }
    assert_eq!(words("000001"), "app 000001");
    assert_eq!(words("12 34 56 78"), "text 12345678");
    assert_eq!(words("00000000"), "text 00000000");
    assert_eq!(words("123 456 654 321"), "pair 123456 654321");
    assert_eq!(words("000001000002"), "pair 000001 000002");
    assert_eq!(words("abcd-efgh-jkmn-pqrs"), "recovery ABCDEFGHJKMNPQRS");
    assert_eq!(words("oIlO oooo IIII llll"), "recovery 0110000011111111");
    assert_eq!(words("1234-5678-9012-3456"), "recovery 1234567890123456");
}

#[test]
fn what_cannot_be_a_code_is_nothing() {
    for other in [
        "",
        " ",
        "12345",
        "1234567",
        "123456789",
        "12345a",
        "+12345",
        "-12345 ",
        "1e5000",
        "abcd-efgh-jkmn-pqr",
        "abcd-efgh-jkmn-pqru",
        "abcd-efgh-jkmn-pqr\u{e9}",
        "1234567890123",
        "\u{0}123456\u{1}7",
        "½½½½½½",
    ] {
        assert_eq!(words(other), "nothing", "{other:?}");
    }
    assert_eq!(words(&" ".repeat(10_000)), "nothing");
    assert_eq!(words(&"1".repeat(10_000)), "nothing");
}

#[test]
fn codes_are_shown_in_groups_of_four() {
    assert_eq!(grouped("ABCDEFGHJKMNPQRS", "-"), "ABCD-EFGH-JKMN-PQRS");
    assert_eq!(recovery_code([0; 10]), "0000000000000000");
    assert_eq!(recovery_code([255; 10]), "ZZZZZZZZZZZZZZZZ");
    assert_eq!(recovery_code([0, 0, 0, 0, 0, 0, 0, 0, 0, 33]), "0000000000000011");
}

proptest! {
    #[test]
    fn nothing_that_is_typed_breaks_the_reading(typed in ".{0,300}") {
        let _ = Typed::read(&typed);
    }
    #[test]
    fn a_code_of_an_app_is_read_back_whatever_stands_between(code in 0_u32..1_000_000, gaps in prop::collection::vec(prop::sample::select(vec!["", " ", "-", "\u{200b}", "\u{3000}"]), 7)) {
        let digits = format!("{code:06}");
        let typed: String = gaps.iter().zip(digits.chars().map(Some).chain([None])).flat_map(|(gap, c)| gap.chars().chain(c)).collect();
        prop_assert_eq!(words(&typed), format!("app {:06}", code));
    }
    #[test]
    fn a_recovery_code_is_read_back_as_it_is_shown(bits in any::<[u8; 10]>()) {
        let code = recovery_code(bits);
        prop_assert_eq!(words(&grouped(&code, "-").to_lowercase()), format!("recovery {}", code));
    }
}
