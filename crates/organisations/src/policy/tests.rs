//! Cases of policies: what holds by which values, and what is refused.
use super::*;
use kernel::Reason;

fn change(json: serde_json::Value) -> Change {
    serde_json::from_value(json).unwrap()
}

fn refused(json: serde_json::Value) -> Vec<(&'static str, &'static str)> {
    let errors = change(json).apply(&Values::default()).unwrap_err();
    errors.iter().map(|error| (error.field, error.reason)).collect()
}

#[test]
fn without_values_the_products_defaults_hold() {
    let policies = Policies::default();
    assert_eq!(policies.factors.require, Require::Yes);
    assert_eq!(policies.factors.grace, Span::hours(24));
    assert_eq!(policies.factors.allowed, Kinds::ALL);
    assert_eq!(policies.devices.mode, Mode::Notify);
    assert_eq!(
        (policies.devices.trust_for, policies.devices.limit),
        (Span::days(30), 10)
    );
    assert_eq!(policies.sessions, SessionPolicy::default());
    assert!(policies.sms.allowed && policies.sms.allows("+447700900123"));
    assert!(policies.networks.lets_person_in("203.0.113.9") && policies.aaguids.is_empty());
}

#[test]
fn stored_values_out_of_range_are_brought_into_it() {
    let odd = Values {
        grace_hours: Some(-5),
        trust_days: Some(0),
        limit: Some(1_000_000),
        min_length: Some(1),
        ..Values::default()
    };
    let policies = Policies::of(odd, Time::default());
    assert_eq!(policies.factors.grace, Span::ZERO);
    assert_eq!(
        (policies.devices.trust_for, policies.devices.limit),
        (Span::days(1), 100)
    );
    assert_eq!(policies.passwords.min_length, 8);
}

#[test]
fn each_value_is_checked_and_the_refusal_names_its_field() {
    use serde_json::json;
    for (json, field, reason) in [
        (
            json!({"factors": {"require": "maybe"}}),
            "factors.require",
            Reason::PolicyRequireInvalid,
        ),
        (
            json!({"factors": {"grace_hours": -1}}),
            "factors.grace_hours",
            Reason::PolicyGraceInvalid,
        ),
        (
            json!({"factors": {"grace_hours": 337}}),
            "factors.grace_hours",
            Reason::PolicyGraceInvalid,
        ),
        (
            json!({"factors": {"allowed": []}}),
            "factors.allowed",
            Reason::PolicyKindsInvalid,
        ),
        (
            json!({"factors": {"allowed": ["recovery-codes"]}}),
            "factors.allowed",
            Reason::PolicyKindsInvalid,
        ),
        (
            json!({"factors": {"allowed": ["totp", "carrier pigeon"]}}),
            "factors.allowed",
            Reason::PolicyKindsInvalid,
        ),
        (
            json!({"factors": {"aaguids": ["yubikey"]}}),
            "factors.aaguids",
            Reason::PolicyModelsInvalid,
        ),
        (
            json!({"devices": {"mode": "ON"}}),
            "devices.mode",
            Reason::PolicyModeInvalid,
        ),
        (
            json!({"devices": {"trust_days": 0}}),
            "devices.trust_days",
            Reason::PolicyTrustInvalid,
        ),
        (
            json!({"devices": {"trust_days": 366}}),
            "devices.trust_days",
            Reason::PolicyTrustInvalid,
        ),
        (
            json!({"devices": {"limit": 0}}),
            "devices.limit",
            Reason::PolicyLimitInvalid,
        ),
    ] {
        assert_eq!(refused(json.clone()), [(field, reason.id())], "{json}");
    }
}

#[test]
fn each_list_and_number_is_checked_and_the_refusal_names_its_field() {
    use serde_json::json;
    for (json, field, reason) in [
        (
            json!({"devices": {"limit": 101}}),
            "devices.limit",
            Reason::PolicyLimitInvalid,
        ),
        (
            json!({"sessions": {"lock_minutes": 4}}),
            "sessions.lock_minutes",
            Reason::PolicyLockInvalid,
        ),
        (
            json!({"sessions": {"lock_minutes": 1441}}),
            "sessions.lock_minutes",
            Reason::PolicyLockInvalid,
        ),
        (
            json!({"sessions": {"end_minutes": 59}}),
            "sessions.end_minutes",
            Reason::PolicyEndInvalid,
        ),
        (
            json!({"sessions": {"end_minutes": 43_201}}),
            "sessions.end_minutes",
            Reason::PolicyEndInvalid,
        ),
        (
            json!({"networks": {"people": ["10.0.0.0/33"]}}),
            "networks.people",
            Reason::PolicyNetworksInvalid,
        ),
        (
            json!({"networks": {"agents": ["the office"]}}),
            "networks.agents",
            Reason::PolicyNetworksInvalid,
        ),
        (
            json!({"passwords": {"min_length": 7}}),
            "passwords.min_length",
            Reason::PolicyLengthInvalid,
        ),
        (
            json!({"passwords": {"min_length": 65}}),
            "passwords.min_length",
            Reason::PolicyLengthInvalid,
        ),
        (
            json!({"sms": {"countries": ["Britain"]}}),
            "sms.countries",
            Reason::PolicyCountriesInvalid,
        ),
        (
            json!({"sms": {"countries": ["ZZ"]}}),
            "sms.countries",
            Reason::PolicyCountriesInvalid,
        ),
        (
            json!({"sms": {"countries": ["+0"]}}),
            "sms.countries",
            Reason::PolicyCountriesInvalid,
        ),
    ] {
        assert_eq!(refused(json.clone()), [(field, reason.id())], "{json}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nothing_of_it_holds() {
    let wrong = refused(serde_json::json!({
        "factors": {"require": "x"}, "devices": {"limit": 0}, "sessions": {"lock_minutes": 1}, "sms": {"allowed": false}
    }));
    assert_eq!(wrong.len(), 3);
}

#[test]
fn unknown_fields_and_other_types_are_not_read() {
    for text in [
        r#"{"factor": {}}"#,
        r#"{"factors": {"requires": "yes"}}"#,
        r#"{"factors": {"require": true}}"#,
        r#"{"devices": {"limit": "10"}}"#,
        r#"{"devices": {"limit": 1.5}}"#,
        r#"{"sms": {"allowed": "yes"}}"#,
        r#"{"factors": {"require": {"value": "yes", "from": "default", "locked": false}}}"#,
        r#"{"factors": null}"#,
        r#"{"factors": ["no", 0]}"#,
    ] {
        assert!(serde_json::from_str::<Change>(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_not_named_stays_and_null_gives_a_value_back() {
    let own = Values {
        require: Some(Require::No),
        limit: Some(3),
        ..Values::default()
    };
    let new = change(serde_json::json!({"factors": {"grace_hours": 0}, "devices": {"limit": null}}));
    let new = new.apply(&own).unwrap();
    assert_eq!(
        (new.require, new.grace_hours, new.limit),
        (Some(Require::No), Some(0), None)
    );
    let told: Vec<String> = own.differences(&new).iter().map(Difference::told).collect();
    assert_eq!(told, ["factors.grace_hours: default → 0", "devices.limit: 3 → default"]);
    assert!(own.differences(&own).is_empty());
}

#[test]
fn a_policy_that_nobody_can_meet_is_refused() {
    use serde_json::json;
    let nobody = [("factors.allowed", Reason::PolicyNobodyMeets.id())];
    let phishing = json!({"factors": {"require": "phishing-resistant", "allowed": ["totp"]}});
    assert_eq!(refused(phishing), nobody);
    let no_texts = json!({"factors": {"allowed": ["phone", "recovery-codes"]}, "sms": {"allowed": false}});
    assert_eq!(refused(no_texts), nobody);
}

#[test]
fn grace_begins_anew_only_where_more_is_asked_for() {
    use AuthenticatorKind::{App, Passkey, Phone};
    let with = |require, kinds: &[AuthenticatorKind]| {
        let values = Values {
            require: Some(require),
            allowed: Some(kinds.iter().copied().collect()),
            ..Values::default()
        };
        Policies::of(values, Time::default())
    };
    let all = [App, Passkey, Phone];
    for (old, new, anew) in [
        (with(Require::No, &all), with(Require::Yes, &all), true),
        (with(Require::Yes, &all), with(Require::PhishingResistant, &all), true),
        (with(Require::Yes, &all), with(Require::Yes, &[App]), true),
        (with(Require::No, &all), with(Require::No, &[App]), false),
        (with(Require::Yes, &[App]), with(Require::Yes, &all), false),
        (with(Require::PhishingResistant, &all), with(Require::Yes, &all), false),
    ] {
        assert_eq!(is_stricter(&old, &new), anew, "{old:?} {new:?}");
    }
}

#[test]
fn only_what_is_allowed_and_strong_enough_counts() {
    use AuthenticatorKind::{App, Passkey, Phone, RecoveryCodes};
    let has = |kinds: &[AuthenticatorKind]| kinds.iter().copied().collect::<Kinds>();
    let policies = |require, sms| {
        let values = Values {
            require: Some(require),
            sms_allowed: Some(sms),
            ..Values::default()
        };
        Policies::of(values, Time::default()).factors
    };
    for (require, sms, kinds, is_met) in [
        (Require::No, true, &[][..], true),
        (Require::Yes, true, &[], false),
        (Require::Yes, true, &[RecoveryCodes], false),
        (Require::Yes, true, &[App], true),
        (Require::Yes, true, &[Phone], true),
        (Require::Yes, false, &[Phone], false),
        (Require::PhishingResistant, true, &[App, Phone, RecoveryCodes], false),
        (Require::PhishingResistant, true, &[Passkey], true),
    ] {
        assert_eq!(
            policies(require, sms).is_met_by(has(kinds)),
            is_met,
            "{require:?} {sms} {kinds:?}"
        );
    }
    let factors = policies(Require::Yes, true);
    let late = FactorPolicy {
        since: Time::from_seconds(100),
        ..factors
    };
    for (from, counts) in [(1, 100), (200, 200)] {
        let end = late.due_at(Time::from_seconds(from));
        assert_eq!(end, Time::from_seconds(counts) + Span::hours(24), "{from}");
    }
}

#[test]
fn a_password_alone_has_15_characters_and_8_beside_a_second_factor() {
    let app = Kinds::NONE.with(AuthenticatorKind::App);
    let policies = |require, min_length| {
        let values = Values {
            require: Some(require),
            min_length,
            ..Values::default()
        };
        Policies::of(values, Time::default())
    };
    for (require, min_length, has, shortest) in [
        (Require::Yes, None, Kinds::NONE, 15),
        (Require::Yes, None, app, 8),
        (Require::No, None, app, 15),
        (Require::PhishingResistant, None, app, 15),
        (Require::Yes, Some(12), app, 12),
        (Require::Yes, Some(12), Kinds::NONE, 15),
        (Require::Yes, Some(20), Kinds::NONE, 20),
    ] {
        assert_eq!(
            policies(require, min_length).shortest_password(has),
            shortest,
            "{require:?} {min_length:?}"
        );
    }
}

#[test]
fn the_strict_profile_is_one_switch() {
    let own = Values {
        limit: Some(3),
        require: Some(Require::No),
        ..Values::default()
    };
    assert!(!own.is_strict());
    let strict = own.with_strict_profile();
    assert!(strict.is_strict());
    let policies = Policies::of(strict.clone(), Time::default());
    assert_eq!(policies.sessions.lock_for, Span::minutes(15));
    assert_eq!(policies.sessions.end_for, Span::hours(12));
    assert_eq!(policies.factors.require, Require::PhishingResistant);
    assert!(!policies.sms.allowed && !policies.factors.allowed.contains(AuthenticatorKind::Phone));
    let loose = strict.without_strict_profile();
    assert_eq!((loose.require, loose.limit, loose.is_strict()), (None, Some(3), false));
}

#[test]
fn networks_and_countries_let_in_what_they_name() {
    let values = change(serde_json::json!({
        "networks": {"people": ["203.0.113.0/24", "2001:db8::/32", "203.0.113.0/24"]},
        "sms": {"countries": ["gb", "US", "+49"]}
    }));
    let values = values.apply(&Values::default()).unwrap();
    assert_eq!(values.people.as_ref().map(Vec::len), Some(2));
    let policies = Policies::of(values, Time::default());
    for (network, comes_in) in [
        ("203.0.113.7", true),
        ("203.0.114.7", false),
        ("2001:db8::1", true),
        ("", false),
    ] {
        assert_eq!(policies.networks.lets_person_in(network), comes_in, "{network}");
    }
    for (number, gets_one) in [
        ("+447700900123", true),
        ("+12025550123", true),
        ("+12425550123", false),
        ("+4930123456", true),
        ("+33123456789", false),
    ] {
        assert_eq!(policies.sms.allows(number), gets_one, "{number}");
    }
}
