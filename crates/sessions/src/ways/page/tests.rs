//! The pages of one's ways to sign in, rendered from samples: for whoever changes a template.
use super::*;
use ground::page::{Entry, sample};
use kernel::{Action, PersonId, Reason};

fn shell(title: &str) -> HouseShell {
    HouseShell {
        title: title.into(),
        here: Entry::Security,
        person: "Mara Okafor".into(),
        role: "Owner".into(),
        organisation: "Northwind IT".into(),
        may: [Action::ReadEvents, Action::SeeSettings].into_iter().collect(),
        has_others: false,
        locks_in: 1800,
        ends_in: 43_200,
    }
}

const NOW: Time = Time::from_seconds(1_795_511_642);

fn id() -> AuthenticatorId {
    "01935d4c-8a10-7000-8000-0123456789ab".parse().unwrap()
}

fn found(kind: AuthenticatorKind, name: &str, hint: &str, left: Option<u32>) -> Authenticator {
    Authenticator {
        id: id(),
        person: PersonId(id().0),
        kind,
        name: name.into(),
        hint: hint.into(),
        made_at: NOW - Span::days(200),
        confirmed_at: Some(NOW - Span::days(200)),
        used_at: Some(NOW - Span::hours(2)),
        reviewed_at: if kind == AuthenticatorKind::Phone {
            NOW - Span::days(200)
        } else {
            NOW
        },
        paused_until: None,
        is_shut: false,
        left,
        drift_seconds: 0,
    }
}

#[test]
fn the_card_shows_the_strongest_first_and_what_to_mind() {
    use AuthenticatorKind as Kind;
    let ways = vec![
        found(Kind::RecoveryCodes, "", "", Some(2)),
        found(Kind::Phone, "Phone", "•••• 4417", None),
        found(Kind::App, "Phone app", "", None),
        found(Kind::Passkey, "ThinkPad X1", "", None),
    ];
    let card = WaysCard::of(ways, Kinds::ALL, None, NOW).to_string();
    let at = |what: &str| card.find(what).unwrap_or_else(|| panic!("{what} is missing in {card}"));
    assert!(at("Passkey") < at("Authenticator app") && at("Authenticator app") < at("Text message"));
    assert!(card.contains("strongest") && card.contains("review") && card.contains("few left"));
    assert!(card.contains("2 of 10 left") && card.contains("•••• 4417"));
}

#[test]
fn a_kind_that_policy_forbids_is_said_to_be_of_no_use() {
    let ways = vec![found(AuthenticatorKind::Phone, "Phone", "•••• 4417", None)];
    let allowed = Kinds::ALL.without(AuthenticatorKind::Phone);
    assert!(
        WaysCard::of(ways, allowed, None, NOW)
            .to_string()
            .contains("not accepted here")
    );
}

#[test]
fn nothing_yet_says_what_a_passkey_is_good_for_and_until_when() {
    let card = WaysCard::of(Vec::new(), Kinds::ALL, Some(NOW + Span::hours(20)), NOW).to_string();
    assert!(card.contains("Only your password so far") && card.contains("Your organisation asks for one"));
}

fn add(needs_mail: bool, proof: Option<String>) -> AddPage {
    AddPage {
        shell: shell("Add a way to sign in"),
        notice: Some(Notice::refused(Reason::SessionFactorNeeded)),
        due_at: None,
        offers: Kinds::ALL.without(AuthenticatorKind::Phone),
        needs_mail,
        is_mailed: false,
        proof,
        email: "mara@northwind.example".into(),
    }
}

#[test]
fn one_chooses_among_what_counts() {
    let text = sample::check("ways-add", &add(false, None)).unwrap();
    assert!(text.contains("Add a passkey") && text.contains("Add an app") && !text.contains("Add a phone"));
}

#[test]
fn whoever_was_away_confirms_by_mail_first() {
    let text = sample::check("ways-add-mail", &add(true, None)).unwrap();
    assert!(text.contains("Send the link") && !text.contains("Add a passkey"));
    let text = sample::check("ways-add-proof", &add(true, Some("abc".into()))).unwrap();
    assert!(text.contains("name=\"proof\" value=\"abc\""));
}

#[test]
fn an_app_is_added_by_picture_or_secret() {
    let page = AppPage {
        shell: shell("Add an authenticator app"),
        notice: Some(Notice::refused(Reason::CodeWrong)),
        errors: Errors::none(),
        id: id(),
        qr: "<svg viewBox=\"0 0 9 9\"></svg>".into(),
        secret: "ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567".into(),
        uri: "otpauth://totp/Northwind%20IT:mara?secret=ABCD".into(),
        name: String::new(),
    };
    let text = sample::check("ways-app", &page).unwrap();
    assert!(text.contains("ABCD EFGH") && text.contains("autocomplete=\"one-time-code\""));
}

#[test]
fn phones_are_added_with_a_word_of_warning() {
    let page = PhonePage {
        shell: shell("Add a phone"),
        notice: None,
        errors: Errors::none(),
        number: "+44 7700 900123".into(),
    };
    let text = sample::check("ways-phone", &page).unwrap();
    assert!(text.contains("Weaker than the other ways") && text.contains("autocomplete=\"tel\""));
    let page = PhoneCodePage {
        shell: shell("Confirm the phone"),
        notice: None,
        errors: Errors::none(),
        id: id(),
        hint: "•••• 0123".into(),
        state: "Your provider took it 3 s ago.".into(),
    };
    let text = sample::check("ways-phone-code", &page).unwrap();
    assert!(text.contains("Use an authenticator app instead") && text.contains("Send it again"));
}

#[test]
fn passkeys_say_that_they_need_a_script() {
    let page = PasskeyPage {
        shell: shell("Add a passkey"),
        name: "Firefox on Linux".into(),
    };
    let text = sample::check("ways-passkey", &page).unwrap();
    assert!(text.contains("data-passkey-missing>This needs JavaScript") && text.contains("data-passkey=\"add\""));
}

#[test]
fn recovery_codes_are_kept_by_a_button() {
    let page = CodesPage {
        shell: shell("Recovery codes"),
        notice: None,
        codes: vec!["ABCD-EFGH-JKMN-PQRS".into(); 10],
        sealed: "sealed".into(),
        replaces: true,
        email: "mara@northwind.example".into(),
    };
    let text = sample::check("ways-codes", &page).unwrap();
    assert_eq!(text.matches("ABCD-EFGH-JKMN-PQRS").count(), 10);
    assert!(text.contains("I have kept them") && text.contains("earlier codes end"));
}

#[test]
fn one_way_has_its_facts_a_name_and_a_way_out() {
    let way = Way::of(
        &found(AuthenticatorKind::App, "Phone app", "", None),
        Kinds::ALL,
        true,
        NOW,
    );
    let page = WayPage {
        shell: shell("Authenticator app"),
        notice: None,
        errors: Errors::none(),
        way,
        name: "Phone app".into(),
    };
    let text = sample::check("ways-one", &page).unwrap();
    assert!(text.contains("Clock in step") && text.contains("/remove\""));
}
