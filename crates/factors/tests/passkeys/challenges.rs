//! What a passkey signs: never the same twice, and long enough that nobody has an answer ready (ASVS 6.7.2).
use factors::passkeys::Relying;
use std::collections::HashSet;

#[test]
fn of_ten_thousand_challenges_no_two_are_alike_and_each_has_256_bits() {
    let relying = Relying::new("door.example.org", "https://door.example.org").unwrap();
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let asked = relying.ask(&[]).unwrap().options;
        let challenge = asked["challenge"].as_str().unwrap().to_owned();
        assert!(challenge.len() >= 43, "{challenge}");
        assert!(seen.insert(challenge), "a challenge came twice");
    }
}
