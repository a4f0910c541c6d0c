//! Each page in each of its states, held to the rules of the house.
use super::*;
use ground::page::sample::check;
use kernel::Reason;

fn shell(title: &str) -> DoorShell {
    DoorShell::new(title).of(
        "Northwind IT",
        None,
        "the help desk, help@northwind.example or +44 113 496 0000",
    )
}

fn factor(way: Way, others: &[Way]) -> FactorPage {
    FactorPage {
        shell: shell("Confirm it is you"),
        email: "mara@northwind.example".into(),
        way,
        others: others.to_vec(),
        takes_passkey: false,
        phone: None,
        texted: None,
        notice: None,
        drifted: None,
        errors: Errors::none(),
    }
}

#[test]
fn the_factor_page_asks_for_a_code_and_lists_every_other_way() {
    let page = FactorPage {
        phone: Some("•••• 4417".into()),
        takes_passkey: true,
        ..factor(Way::App, &[Way::Text, Way::Recovery])
    };
    let text = check("factor", &page).unwrap();
    for wanted in [
        "name=\"code\"",
        "autocomplete=\"one-time-code\"",
        "inputmode=\"numeric\"",
        ">Confirm</button>",
        "name=\"send\"",
        "Send a text message to •••• 4417 instead",
        "Use a recovery code",
        "I have lost my phone",
        "Use a passkey",
        "Signing in as mara@northwind.example",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
}

#[test]
fn a_slow_clock_is_told_with_the_time_that_the_code_was_right_for() {
    let page = FactorPage {
        drifted: Some(Drifted {
            title: "Your phone’s clock is about 4 minutes slow".into(),
            right_at: Some(Time::from_seconds(1_795_511_642)),
            left: "Three tries left.".into(),
        }),
        phone: Some("•••• 4417".into()),
        ..factor(Way::App, &[Way::Text, Way::Recovery])
    };
    let text = check("factor-slow", &page).unwrap();
    assert!(
        text.contains("about 4 minutes slow") && text.contains("That code was right for <time"),
        "{text}"
    );
    assert!(
        text.contains("Three tries left.") && text.contains("aria-invalid=\"true\""),
        "{text}"
    );
    let fast = FactorPage {
        drifted: Some(Drifted {
            title: "Your phone’s clock is fast".into(),
            right_at: None,
            left: "One try left.".into(),
        }),
        ..factor(Way::App, &[])
    };
    assert!(!check("factor-fast", &fast).unwrap().contains("was right for"));
}

#[test]
fn the_factor_page_renders_in_its_other_states() {
    let wrong = FactorPage {
        notice: Some(Notice::refused(Reason::SignInTooManyCodes)),
        ..factor(Way::Recovery, &[Way::App])
    };
    check("factor-wrong", &wrong).unwrap();
    let mut errors = Errors::none();
    errors.push("code", Reason::SignInFieldMissing);
    check(
        "factor-empty",
        &FactorPage {
            errors,
            ..factor(Way::App, &[])
        },
    )
    .unwrap();
    let unsent = FactorPage {
        phone: Some("•••• 4417".into()),
        ..factor(Way::Text, &[])
    };
    assert!(check("factor-unsent", &unsent).unwrap().contains("Send a text message"));
    let texted = FactorPage {
        texted: Some(Texted {
            hint: "•••• 4417".into(),
            words: "Sent a moment ago.".into(),
            is_bad: false,
        }),
        ..unsent
    };
    check("factor-texted", &texted).unwrap();
    let passkey = FactorPage {
        takes_passkey: true,
        ..factor(Way::Passkey, &[])
    };
    let text = check("factor-passkey", &passkey).unwrap();
    assert!(
        !text.contains("name=\"code\"") && text.contains("needs JavaScript"),
        "{text}"
    );
}

#[test]
fn a_lost_phone_is_told_every_way_there_is() {
    let page = LostPage {
        shell: shell("Lost phone"),
        ways: vec![Way::Text, Way::Recovery],
        has_passkey: true,
        organisation: "Northwind IT".into(),
    };
    let text = check("lost", &page).unwrap();
    assert!(
        text.contains("way=recovery") && text.contains("way=text") && text.contains("the help desk"),
        "{text}"
    );
    check(
        "lost-nothing",
        &LostPage {
            ways: Vec::new(),
            has_passkey: false,
            shell: DoorShell::new("Lost phone"),
            ..page
        },
    )
    .unwrap();
}

#[test]
fn the_device_page_renders_in_each_of_its_states() {
    let page = |state, digits: Option<&str>| DevicePage {
        shell: shell("Confirm this device"),
        email: "mara@northwind.example".into(),
        state,
        why: Reason::DeviceKeyMissing,
        digits: digits.map(Into::into),
        notice: None,
        errors: Errors::none(),
    };
    let text = check("device", &page(DeviceState::Asks, Some("47"))).unwrap();
    assert!(
        text.contains(">Confirm this device</button>")
            && text.contains("name=\"code\"")
            && text.contains("47")
            && text.contains("has lost what we knew it by"),
        "{text}"
    );
    check("device-mail", &page(DeviceState::Asks, None)).unwrap();
    assert!(
        check("device-ready", &page(DeviceState::Ready, None))
            .unwrap()
            .contains(">Go on</button>")
    );
    check("device-denied", &page(DeviceState::Denied, None)).unwrap();
    let text = check("device-waits", &page(DeviceState::Waits, None)).unwrap();
    assert!(text.contains("data-live") && text.contains("/live"), "{text}");
    let text = check("device-refused", &page(DeviceState::Refused, None)).unwrap();
    assert!(
        !text.contains("data-live"),
        "a page that is final would be opened again and again"
    );
}

#[test]
fn the_enrolment_renders_at_each_stage() {
    let page = |stage, takes_passkey| EnrolPage {
        shell: shell("Add a second factor"),
        email: "mara@northwind.example".into(),
        organisation: "Northwind IT".into(),
        stage,
        takes_passkey,
        notice: None,
        errors: Errors::none(),
    };
    check("enrol-mail", &page(EnrolStage::Mail, false)).unwrap();
    check("enrol-choose", &page(EnrolStage::Choose { takes_app: true }, true)).unwrap();
    check("enrol-passkey", &page(EnrolStage::Choose { takes_app: false }, true)).unwrap();
    let stage = EnrolStage::App {
        qr: "<svg viewBox=\"0 0 1 1\" role=\"img\" aria-label=\"QR\"><path d=\"M0 0h1v1H0z\"/></svg>".into(),
        secret: "ABCD EFGH".into(),
        uri: "otpauth://totp/x?secret=ABCDEFGH".into(),
    };
    let text = check("enrol-app", &page(stage, true)).unwrap();
    assert!(
        text.contains("<svg") && text.contains("ABCD EFGH") && text.contains(">Confirm</button>"),
        "{text}"
    );
    let over = OverPage {
        shell: shell("Sign in again"),
        notice: Notice::refused(Reason::SignInTooManyCodes),
        action: "/sign-in?next=%2Fapp%2Factivity".into(),
    };
    check("over", &over).unwrap();
}

#[test]
fn a_longer_password_can_be_put_off_only_while_the_page_says_so() {
    let page = |waits_until, errors| LongerPage {
        shell: shell("Set a longer password"),
        email: "mara@northwind.example".into(),
        organisation: "Northwind IT".into(),
        shortest: 15,
        waits_until,
        errors,
    };
    let until = Time::from_seconds(1_795_511_642);
    let text = check("longer", &page(Some(until), Errors::none())).unwrap();
    assert!(
        text.contains("at least 15 characters") && text.contains("name=\"later\""),
        "{text}"
    );
    let mut errors = Errors::none();
    errors.push("password", Reason::PasswordShortPolicy);
    let text = check("longer-now", &page(None, errors)).unwrap();
    assert!(
        !text.contains("name=\"later\"") && text.contains("password-error"),
        "{text}"
    );
}
