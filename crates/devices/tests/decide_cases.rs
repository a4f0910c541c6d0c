//! What a device is worth at the door, case by case.
use devices::{
    DeviceStanding, Need, Shown, decide,
    decide::{Place, beyond_limit, in_order, moved, ordered_as, wait_after},
    judge,
};
use kernel::{DeviceId, Method, Methods, Reason, Span, Time};
use organisations::Mode;
use uuid::Uuid;

const PASSWORD: Methods = Methods::only(Method::Password);

fn device(n: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(n))
}

fn known(shown: Shown) -> DeviceStanding {
    DeviceStanding {
        device: Some(device(1)),
        shown,
        is_trusted: true,
        is_revoked: false,
        is_approved: true,
    }
}

#[test]
fn what_was_shown_follows_from_the_key_that_is_kept_and_the_one_that_was_proved() {
    let (a, b) = (&[1_u8][..], &[2_u8][..]);
    for (kept, proved, is_fresh, shown) in [
        (None, None, false, Shown::Cookie),
        (None, Some(a), false, Shown::Cookie),
        (Some(a), None, false, Shown::Missing),
        (Some(a), Some(a), false, Shown::Proven),
        (Some(a), Some(a), true, Shown::Proven),
        (Some(a), Some(b), false, Shown::OtherKey),
        (Some(a), Some(b), true, Shown::Missing),
    ] {
        assert_eq!(
            Shown::of(kept, proved, is_fresh),
            shown,
            "{kept:?} {proved:?} {is_fresh}"
        );
    }
    for shown in [
        Shown::Nothing,
        Shown::Cookie,
        Shown::Missing,
        Shown::Proven,
        Shown::OtherKey,
    ] {
        assert_eq!(Shown::from_name(shown.name()), Some(shown));
    }
}

#[test]
fn in_an_administrators_place_the_mailbox_lets_a_device_in() {
    let shut_out = DeviceStanding {
        is_trusted: false,
        is_revoked: true,
        is_approved: false,
        ..known(Shown::Proven)
    };
    for (standing, methods, wanted) in [
        (DeviceStanding::STRANGER, PASSWORD, Need::Verify),
        (DeviceStanding::STRANGER, PASSWORD.with(Method::Passkey), Need::Verify),
        (shut_out, PASSWORD, Need::Verify),
        (known(Shown::OtherKey), PASSWORD, Need::Verify),
        (DeviceStanding::STRANGER, PASSWORD.with(Method::Mail), Need::Nothing),
    ] {
        assert_eq!(decide::expected(&standing, methods).outcome, wanted, "{standing:?}");
    }
}

#[test]
fn each_policy_wants_its_own_of_each_device() {
    use Need::{Nothing, Notify, Refused, Verify};
    let (stranger, cookie, proven) = (DeviceStanding::STRANGER, known(Shown::Cookie), known(Shown::Proven));
    let (missing, other) = (known(Shown::Missing), known(Shown::OtherKey));
    let lapsed = DeviceStanding {
        is_trusted: false,
        ..proven
    };
    let revoked = DeviceStanding {
        is_trusted: false,
        is_revoked: true,
        ..proven
    };
    let shut_out = DeviceStanding {
        is_trusted: false,
        is_revoked: true,
        is_approved: false,
        ..proven
    };
    let admitted = DeviceStanding { device: None, ..cookie };
    for (name, standing, off, notify, verify, approved) in [
        ("a stranger", stranger, Nothing, Notify, Verify, Refused),
        ("by cookie", cookie, Nothing, Nothing, Nothing, Nothing),
        ("proven", proven, Nothing, Nothing, Nothing, Nothing),
        ("key missing", missing, Nothing, Verify, Verify, Verify),
        ("another key", other, Verify, Verify, Verify, Refused),
        ("trust lapsed", lapsed, Nothing, Nothing, Verify, Verify),
        ("trust taken away", revoked, Nothing, Notify, Verify, Verify),
        ("shut out", shut_out, Nothing, Notify, Verify, Refused),
        ("just admitted", admitted, Nothing, Notify, Nothing, Nothing),
    ] {
        for (mode, need) in [
            (Mode::Off, off),
            (Mode::Notify, notify),
            (Mode::Verify, verify),
            (Mode::Approved, approved),
        ] {
            let verdict = judge(mode, &standing, PASSWORD, false);
            assert_eq!(verdict.outcome, need, "{name} under {mode:?}");
            assert_eq!(
                need == Nothing,
                verdict.reasons.is_empty(),
                "{name} under {mode:?} names its reason"
            );
        }
    }
}

#[test]
fn the_first_sign_in_of_all_is_neither_told_nor_verified_but_waits_for_an_administrator_where_policy_says_so() {
    for (mode, need) in [
        (Mode::Off, Need::Nothing),
        (Mode::Notify, Need::Nothing),
        (Mode::Verify, Need::Nothing),
        (Mode::Approved, Need::Refused),
    ] {
        assert_eq!(judge(mode, &DeviceStanding::STRANGER, PASSWORD, true).outcome, need);
    }
}

#[test]
fn an_answer_from_the_mailbox_verifies_a_new_device_but_never_one_with_another_key() {
    let mailed = PASSWORD.with(Method::Mail);
    assert_eq!(
        judge(Mode::Verify, &DeviceStanding::STRANGER, mailed, false).outcome,
        Need::Nothing
    );
    assert_eq!(
        judge(Mode::Verify, &known(Shown::Missing), mailed, false).outcome,
        Need::Nothing
    );
    let alarm = judge(Mode::Verify, &known(Shown::OtherKey), mailed, false);
    assert_eq!(
        (alarm.outcome, alarm.reasons),
        (Need::Verify, vec![Reason::DeviceOtherKey])
    );
}

#[test]
fn the_order_is_the_persons_then_trust_then_use() {
    let place = |rank, is_trusted, used| Place {
        rank,
        is_trusted,
        used_at: Time::from_seconds(used),
    };
    let mut devices = vec![
        ("old and untrusted", place(None, false, 1)),
        ("new and untrusted", place(None, false, 9)),
        ("old and trusted", place(None, true, 2)),
        ("new and trusted", place(None, true, 8)),
        ("second", place(Some(2), false, 0)),
        ("first", place(Some(1), false, 0)),
    ];
    in_order(&mut devices, |(_, place)| *place);
    let names: Vec<_> = devices.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "first",
            "second",
            "new and trusted",
            "old and trusted",
            "new and untrusted",
            "old and untrusted"
        ]
    );
}

#[test]
fn beyond_the_limit_are_the_last_ones_but_never_the_one_that_has_just_come() {
    let order = [1, 2, 3, 4, 5];
    for (limit, new, gone) in [
        (5, 5, vec![]),
        (4, 5, vec![4]),
        (4, 1, vec![5]),
        (3, 5, vec![4, 3]),
        (1, 3, vec![5, 4, 2, 1]),
        (0, 3, vec![5, 4, 2, 1]),
        (100, 3, vec![]),
    ] {
        assert_eq!(
            beyond_limit(&order, limit, |line| *line == new),
            gone,
            "limit {limit}, new {new}"
        );
    }
}

#[test]
fn a_device_is_put_before_or_behind_another() {
    let order: Vec<DeviceId> = [1, 2, 3].map(device).to_vec();
    let ids = |order: Option<Vec<DeviceId>>| order.map(|ids| ids.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>());
    assert_eq!(ids(moved(&order, device(3), device(1), false)), Some(vec![3, 1, 2]));
    assert_eq!(ids(moved(&order, device(1), device(2), true)), Some(vec![2, 1, 3]));
    assert_eq!(ids(moved(&order, device(1), device(3), true)), Some(vec![2, 3, 1]));
    for (moving, beside) in [(1, 1), (9, 1), (1, 9)] {
        assert_eq!(moved(&order, device(moving), device(beside), true), None);
    }
}

#[test]
fn an_order_names_each_of_ones_devices_at_most_once() {
    let present: Vec<DeviceId> = [1, 2, 3].map(device).to_vec();
    let asked = |ids: &[u128]| {
        let asked: Vec<DeviceId> = ids.iter().copied().map(device).collect();
        ordered_as(&asked, &present).map(|ids| ids.iter().map(|id| id.0.as_u128()).collect::<Vec<_>>())
    };
    assert_eq!(asked(&[3, 1, 2]), Some(vec![3, 1, 2]));
    assert_eq!(asked(&[3]), Some(vec![3, 1, 2]));
    assert_eq!(asked(&[]), Some(vec![1, 2, 3]));
    assert_eq!(asked(&[1, 1]), None);
    assert_eq!(asked(&[4]), None);
}

#[test]
fn after_ten_wrong_answers_in_a_row_the_waits_double() {
    for (run, wait) in [
        (1, None),
        (9, None),
        (10, Some(Span::minutes(15))),
        (11, Some(Span::minutes(30))),
        (12, Some(Span::hours(1))),
        (30, Some(Span::hours(24))),
        (i64::MAX, None),
    ] {
        assert_eq!(wait_after(run), wait, "{run}");
    }
}

#[test]
fn whoever_has_to_verify_a_device_is_told_why_in_words_that_are_true() {
    let lapsed = DeviceStanding {
        is_trusted: false,
        ..known(Shown::Proven)
    };
    let revoked = DeviceStanding {
        is_revoked: true,
        ..lapsed
    };
    for (standing, why) in [
        (DeviceStanding::STRANGER, Reason::DeviceNew),
        (lapsed, Reason::DeviceTrustEnded),
        (revoked, Reason::DeviceTrustEnded),
        (known(Shown::Missing), Reason::DeviceKeyMissing),
        (known(Shown::OtherKey), Reason::DeviceOtherKey),
    ] {
        let verdict = judge(Mode::Verify, &standing, PASSWORD, false);
        assert_eq!(
            (verdict.outcome, verdict.reasons),
            (Need::Verify, vec![why]),
            "{standing:?}"
        );
    }
}
