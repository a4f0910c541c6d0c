//! The pages of installation keys, rendered from samples and held to the rules of the house.
use super::*;

fn key(state: KeyState) -> KeyLine {
    KeyLine {
        id: InstallationKeyId(Uuid::from_u128(7)),
        hint: "DW-7F3K-…-Q".into(),
        site: "Head office".into(),
        state,
        used: 3,
        uses: 50,
        ends_at: NOW,
        is_preapproved: state == KeyState::Spent,
        limits: "198.51.100.0/24, Windows".into(),
        unseen_hours: 8,
        note: "laptops <new>".into(),
        made_by: "Mara Okafor".into(),
        made_at: NOW,
        revoked_at: (state == KeyState::Revoked).then_some(NOW),
    }
}

fn keys(keys: Vec<KeyLine>, errors: Errors, is_fresh: bool) -> KeysPage {
    KeysPage {
        shell: shell("Installation keys", Entry::InstallationKeys),
        notice: None,
        errors,
        keys,
        next: None,
        first: Some("/app/keys".into()),
        sites: vec![("s1".into(), "Head office".into())],
        typed: KeyTyped::default(),
        is_fresh,
    }
}

#[test]
fn keys_are_listed_with_their_uses_and_made_after_a_fresh_proof() {
    let all = [KeyState::Good, KeyState::Spent, KeyState::Ended, KeyState::Revoked]
        .map(key)
        .to_vec();
    let text = sample::check("installation-keys", &keys(all, Errors::none(), true)).unwrap();
    for wanted in [
        "3 of 50",
        "Can be used",
        "All uses taken",
        "Ended",
        "Revoked",
        "laptops &#60;new&#62;",
        "<option value=\"168\" selected>",
        "name=\"unseen_hours\"",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    let text = sample::check("installation-keys-none", &keys(Vec::new(), Errors::none(), false)).unwrap();
    assert!(
        text.contains("No installation keys yet") && text.contains("needs=factor") && !text.contains("name=\"uses\"")
    );
    let mut errors = Errors::none();
    for field in [
        "uses",
        "network",
        "approval",
        "site_id",
        "ends_at",
        "os",
        "unseen_hours",
        "note",
    ] {
        errors.push(field, Reason::RequestRefused);
    }
    let text = sample::check("installation-keys-wrong", &keys(Vec::new(), errors, true)).unwrap();
    assert!(text.contains("uses-error") && text.contains("network-error"));
}

#[test]
fn a_key_is_shown_once_and_what_was_refused_with_it_is_told() {
    let made = KeyMadePage {
        shell: shell("Your new installation key", Entry::InstallationKeys),
        key: "DW-7F3K-9QRT-2M4N-XYZ0-Q".into(),
        line: key(KeyState::Good),
        commands: card(true),
    };
    let text = sample::check("installation-key-made", &made).unwrap();
    assert!(text.contains("DW-7F3K-9QRT-2M4N-XYZ0-Q") && text.contains("with this key it is let in at once"));
    assert_eq!(
        text.matches("9QRT").count(),
        1,
        "a key in a command would stand in a history"
    );
    let refusal = RefusalLine {
        why: "The key has ended. <s>".into(),
        network: "203.0.113.7".into(),
        count: 41,
        first_at: NOW,
        last_at: NOW,
    };
    let page = |state, is_fresh| KeyPage {
        shell: shell("DW-7F3K-…-Q", Entry::InstallationKeys),
        notice: None,
        key: key(state),
        refusals: vec![refusal.clone()],
        is_fresh,
    };
    let text = sample::check("installation-key", &page(KeyState::Good, true)).unwrap();
    assert!(text.contains("The key has ended. &#60;s&#62;") && text.contains(">41<") && text.contains("/revoke\""));
    assert!(
        !sample::check("installation-key-stale", &page(KeyState::Good, false))
            .unwrap()
            .contains("/revoke\"")
    );
    assert!(
        !sample::check("installation-key-revoked", &page(KeyState::Revoked, true))
            .unwrap()
            .contains("/revoke\"")
    );
}
