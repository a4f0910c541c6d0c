//! Cases of the next step: what each fact changes, and what none of them ever may.
use super::*;
use AuthenticatorKind::{App, Passkey, Phone, RecoveryCodes};

fn kinds(list: &[AuthenticatorKind]) -> Kinds {
    list.iter().copied().collect()
}

/// Somebody with a right password, on a device that needs nothing, where the policy demands nothing.
fn facts(has: &[AuthenticatorKind], proved: &str) -> Facts {
    Facts {
        methods: Methods::from_text(proved),
        has: kinds(has),
        allowed: Kinds::ALL,
        demand: Demand::Nothing,
        is_away: false,
        is_mail_set_up: false,
        has_proved_mail: false,
        device: DeviceNeed::Nothing,
        is_device_verified: false,
        password: PasswordNeed::Nothing,
    }
}

fn factor(ways: &[AuthenticatorKind]) -> Step {
    Step::Factor { ways: kinds(ways) }
}

fn enrol(needs_mail: bool, passkey_only: bool) -> Step {
    Step::Enrol {
        needs_mail,
        passkey_only,
    }
}

/// Every combination of facts, some hundred thousand.
fn everything() -> Vec<Facts> {
    let mut all = Vec::new();
    for methods in 0..32u8 {
        let methods = Method::ALL
            .into_iter()
            .enumerate()
            .filter(|(n, _)| methods >> n & 1 == 1)
            .map(|(_, m)| m);
        let methods = methods.fold(Methods::NONE, Methods::with);
        for has in 0..16 {
            for allowed in [15, 13, 11, 5, 3] {
                for demand in [Demand::Nothing, Demand::Factor, Demand::Passkey] {
                    for device in [DeviceNeed::Nothing, DeviceNeed::Verify, DeviceNeed::Refused] {
                        for bits in 0..16u8 {
                            all.push(Facts {
                                methods,
                                has: Kinds::from_bits(has),
                                allowed: Kinds::from_bits(allowed),
                                demand,
                                is_away: bits & 1 != 0,
                                is_mail_set_up: bits & 2 != 0,
                                has_proved_mail: bits & 4 != 0,
                                device,
                                is_device_verified: bits & 8 != 0,
                                password: PasswordNeed::Nothing,
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

#[test]
fn a_password_alone_opens_only_where_there_is_no_factor_and_none_is_demanded() {
    assert_eq!(next_step(&facts(&[], "pwd")), Step::Open);
    assert_eq!(next_step(&facts(&[RecoveryCodes], "pwd")), Step::Open);
    assert_eq!(next_step(&facts(&[App], "pwd")), factor(&[App]));
    assert_eq!(
        next_step(&facts(&[Phone, RecoveryCodes], "pwd")),
        factor(&[Phone, RecoveryCodes])
    );
}

#[test]
fn each_kind_completes_a_password_and_none_stands_alone_but_a_passkey() {
    for proved in ["pwd otp", "pwd sms", "pwd hwk", "pwd rc", "hwk"] {
        assert_eq!(
            next_step(&facts(&[App, Phone, Passkey, RecoveryCodes], proved)),
            Step::Open,
            "{proved}"
        );
    }
    for proved in ["", "otp", "sms", "rc", "mail", "otp sms rc mail"] {
        assert_eq!(
            next_step(&facts(&[App, Phone, RecoveryCodes], proved)),
            Step::Begin,
            "{proved}"
        );
    }
}

#[test]
fn a_demand_without_a_factor_leads_to_enrolment_and_asks_for_a_mail_where_mail_is_set_up() {
    let demanded = Facts {
        demand: Demand::Factor,
        ..facts(&[], "pwd")
    };
    assert_eq!(next_step(&demanded), enrol(false, false));
    assert_eq!(
        next_step(&Facts {
            is_mail_set_up: true,
            ..demanded
        }),
        enrol(true, false)
    );
    assert_eq!(
        next_step(&Facts {
            is_mail_set_up: true,
            has_proved_mail: true,
            ..demanded
        }),
        enrol(false, false)
    );
    assert_eq!(
        next_step(&Facts {
            is_away: true,
            ..demanded
        }),
        enrol(true, false)
    );
    assert_eq!(
        next_step(&Facts {
            has: kinds(&[RecoveryCodes]),
            ..demanded
        }),
        enrol(false, false)
    );
    assert_eq!(
        next_step(&Facts {
            has: kinds(&[App]),
            methods: Methods::from_text("pwd otp"),
            ..demanded
        }),
        Step::Open
    );
}

#[test]
fn a_kind_that_is_not_allowed_proves_nothing_and_makes_nothing_easier() {
    let without_text = Facts {
        allowed: Kinds::ALL.without(Phone),
        ..facts(&[Phone], "pwd")
    };
    assert_eq!(next_step(&without_text), enrol(true, false), "a mail stands in for it");
    assert_eq!(
        next_step(&Facts {
            methods: Methods::from_text("pwd sms"),
            ..without_text
        }),
        enrol(true, false)
    );
    let with_codes = Facts {
        has: kinds(&[Phone, RecoveryCodes]),
        ..without_text
    };
    assert_eq!(next_step(&with_codes), factor(&[RecoveryCodes]));
    let by_code = Facts {
        methods: Methods::from_text("pwd rc"),
        ..with_codes
    };
    assert_eq!(next_step(&by_code), Step::Open);
    assert_eq!(
        next_step(&Facts {
            demand: Demand::Factor,
            ..by_code
        }),
        enrol(false, false)
    );
}

#[test]
fn where_a_passkey_is_demanded_whoever_has_one_uses_it_and_others_add_one() {
    let demanded = Facts {
        demand: Demand::Passkey,
        ..facts(&[App, Passkey], "pwd")
    };
    assert_eq!(next_step(&demanded), factor(&[Passkey]));
    assert_eq!(
        next_step(&Facts {
            methods: Methods::from_text("pwd otp"),
            ..demanded
        }),
        factor(&[Passkey])
    );
    assert_eq!(
        next_step(&Facts {
            methods: Methods::from_text("hwk"),
            ..demanded
        }),
        Step::Open
    );
    let app = Facts {
        has: kinds(&[App]),
        ..demanded
    };
    assert_eq!(next_step(&app), factor(&[App]), "first what they have");
    assert_eq!(
        next_step(&Facts {
            methods: Methods::from_text("pwd otp"),
            ..app
        }),
        enrol(false, true)
    );
    assert_eq!(
        next_step(&Facts {
            has: Kinds::NONE,
            is_mail_set_up: true,
            ..demanded
        }),
        enrol(true, true)
    );
}

#[test]
fn the_device_comes_last_and_a_mail_that_came_back_is_enough_for_it() {
    let unverified = Facts {
        device: DeviceNeed::Verify,
        ..facts(&[App], "pwd")
    };
    assert_eq!(next_step(&unverified), factor(&[App]));
    let proved = Facts {
        methods: Methods::from_text("pwd otp"),
        ..unverified
    };
    assert_eq!(next_step(&proved), Step::Device);
    assert_eq!(
        next_step(&Facts {
            is_device_verified: true,
            ..proved
        }),
        Step::Open
    );
    assert_eq!(
        next_step(&Facts {
            has_proved_mail: true,
            ..proved
        }),
        Step::Open
    );
    assert_eq!(
        next_step(&Facts {
            device: DeviceNeed::Refused,
            is_device_verified: true,
            ..proved
        }),
        Step::Waits
    );
}

#[test]
fn nothing_opens_without_what_it_needs() {
    for facts in everything() {
        let proved = counted(facts.methods, facts.allowed);
        let step = next_step(&facts);
        if step == Step::Open {
            assert!(
                proved.contains(Method::Password) || proved.contains(Method::Passkey),
                "{facts:?}"
            );
            assert!(!facts.has.has_factor() || proved.has_second_factor(), "{facts:?}");
            assert!(
                facts.demand != Demand::Passkey || proved.is_phishing_resistant(),
                "{facts:?}"
            );
            assert!(
                facts.demand != Demand::Factor || facts.has.and(facts.allowed).has_factor(),
                "{facts:?}"
            );
            assert!(facts.device != DeviceNeed::Refused, "{facts:?}");
            let is_verified = facts.is_device_verified || facts.has_proved_mail;
            assert!(facts.device != DeviceNeed::Verify || is_verified, "{facts:?}");
        }
        if let Step::Factor { ways } = step {
            assert!(
                !ways.is_empty() && ways.and(facts.has).and(facts.allowed) == ways,
                "{facts:?}"
            );
        }
    }
}

#[test]
fn a_stricter_policy_never_makes_the_door_wider() {
    for facts in everything().into_iter().filter(|facts| facts.demand == Demand::Nothing) {
        if next_step(&facts) == Step::Open {
            continue;
        }
        for demand in [Demand::Factor, Demand::Passkey] {
            assert_ne!(next_step(&Facts { demand, ..facts }), Step::Open, "{facts:?}");
        }
        let fewer = Facts {
            allowed: facts.allowed.without(Phone),
            ..facts
        };
        assert_ne!(next_step(&fewer), Step::Open, "{facts:?}");
    }
}

#[test]
fn nobody_adds_a_factor_to_an_account_that_has_one_without_proving_it_or_a_mail() {
    for facts in everything().into_iter().filter(|facts| facts.has.has_factor()) {
        if let Step::Enrol { needs_mail: false, .. } = next_step(&facts) {
            let proved = counted(facts.methods, facts.allowed);
            assert!(proved.has_second_factor() || facts.has_proved_mail, "{facts:?}");
        }
    }
}

#[test]
fn no_step_comes_again_once_it_is_taken() {
    for facts in everything() {
        let done = match next_step(&facts) {
            Step::Factor { ways } => {
                let way = ways.iter().next().unwrap();
                Facts {
                    methods: facts.methods.with(way.method()),
                    ..facts
                }
            }
            Step::Password { .. } => Facts {
                password: PasswordNeed::Nothing,
                ..facts
            },
            Step::Device => Facts {
                is_device_verified: true,
                ..facts
            },
            Step::Enrol { needs_mail: true, .. } => Facts {
                has_proved_mail: true,
                ..facts
            },
            Step::Enrol { passkey_only, .. } => {
                let kind = if passkey_only { Passkey } else { App };
                if !facts.allowed.contains(kind) {
                    continue;
                }
                Facts {
                    methods: facts.methods.with(kind.method()),
                    has: facts.has.with(kind),
                    ..facts
                }
            }
            Step::Begin | Step::Waits | Step::Open => continue,
        };
        assert_ne!(next_step(&done), next_step(&facts), "{facts:?}");
    }
}

#[test]
fn nothing_is_demanded_until_the_grace_is_over() {
    let at = Time::from_seconds;
    for (ends, now, wanted) in [
        (100, 99, Demand::Nothing),
        (100, 100, Demand::Factor),
        (100, 101, Demand::Factor),
    ] {
        assert_eq!(demand(Demand::Factor, at(ends), at(now)), wanted, "{ends} {now}");
    }
}

#[test]
fn only_an_account_without_a_factor_that_was_long_away_is_away() {
    let (now, day) = (Time::from_seconds(1_795_511_642), Span::days(1));
    assert!(
        !is_away(Kinds::NONE, None, now),
        "whoever was invited comes for the first time"
    );
    assert!(!is_away(Kinds::NONE, Some(now - day), now));
    assert!(is_away(Kinds::NONE, Some(now - AWAY_AFTER), now));
    assert!(is_away(kinds(&[RecoveryCodes]), Some(now - AWAY_AFTER), now));
    assert!(!is_away(kinds(&[App]), Some(now - AWAY_AFTER), now));
}

#[test]
fn words_for_tries_and_for_clocks() {
    assert_eq!(tries_left(2), "Three tries left.");
    assert_eq!(tries_left(4), "One try left.");
    assert_eq!(tries_left(9), "No tries left.");
    for (seconds, words) in [
        (-240, "about 4 minutes"),
        (60, "about a minute"),
        (45, "about 30 seconds"),
        (10, "about 30 seconds"),
        (100, "about 2 minutes"),
        (600, "about 10 minutes"),
    ] {
        assert_eq!(about(seconds), words, "{seconds}");
    }
}

#[test]
fn a_password_is_too_short_until_its_person_sets_a_longer_one_or_puts_it_off_in_time() {
    let (due, now) = (Time::from_seconds(1_000), Time::from_seconds(999));
    let longer = |can_wait| PasswordNeed::Longer { can_wait };
    for (length, put_off, at, wanted) in [
        (None, false, due, PasswordNeed::Nothing),
        (Some(15), false, due, PasswordNeed::Nothing),
        (Some(14), false, now, longer(true)),
        (Some(14), true, now, PasswordNeed::Nothing),
        (Some(14), false, due, longer(false)),
        (Some(14), true, due, longer(false)),
    ] {
        assert_eq!(
            password_need(length, 15, put_off, due, at),
            wanted,
            "{length:?} {put_off}"
        );
    }
}

#[test]
fn a_longer_password_is_the_last_step_and_changes_none_before_it() {
    for facts in everything() {
        let before = next_step(&facts);
        for can_wait in [false, true] {
            let password = PasswordNeed::Longer { can_wait };
            let wanted = match before {
                Step::Open => Step::Password { can_wait },
                step => step,
            };
            assert_eq!(next_step(&Facts { password, ..facts }), wanted, "{facts:?}");
        }
    }
}
