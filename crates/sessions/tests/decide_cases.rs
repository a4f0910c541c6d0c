//! What a session is worth, second by second.
use kernel::{Chance, OrganisationId, PersonId, Reason, SessionId, Span, Time};
use organisations::SessionPolicy;
use sessions::decide::{Session, Standing, judge};

const OPENED: Time = Time::from_seconds(1_000_000);

fn session() -> Session {
    let chance = Chance::new(|out| out.fill(3));
    Session {
        id: SessionId::new(OPENED, &chance),
        person: PersonId::new(OPENED, &chance),
        organisation: OrganisationId::new(OPENED, &chance),
        device: None,
        device_label: "Firefox on Linux".into(),
        network: "192.0.2.1".into(),
        is_shared: false,
        deployment_epoch: 1,
        opened_at: OPENED,
        seen_at: OPENED,
        proved_at: OPENED,
        methods: "pwd".into(),
        fresh: "pwd".into(),
        was_away: false,
        unlock_failures: 0,
        ended_at: None,
        ended_why: None,
    }
}

fn after(session: &Session, span: Span) -> Standing {
    judge(session, SessionPolicy::default(), 1, OPENED + span)
}

#[test]
fn it_locks_after_30_minutes_to_the_second() {
    assert!(matches!(after(&session(), Span::seconds(1_799)), Standing::Live { .. }));
    assert!(matches!(
        after(&session(), Span::seconds(1_800)),
        Standing::Locked { .. }
    ));
}

#[test]
fn it_ends_after_12_hours_however_busy() {
    let busy = Session {
        seen_at: OPENED + Span::seconds(43_190),
        ..session()
    };
    assert!(matches!(after(&busy, Span::seconds(43_199)), Standing::Live { .. }));
    assert_eq!(
        after(&busy, Span::hours(12)),
        Standing::Over {
            why: Reason::SessionOver,
            at: OPENED + Span::hours(12)
        }
    );
}

#[test]
fn on_a_shared_device_it_ends_after_15_idle_minutes() {
    let shared = Session {
        is_shared: true,
        ..session()
    };
    assert!(matches!(after(&shared, Span::seconds(899)), Standing::Live { .. }));
    assert_eq!(
        after(&shared, Span::minutes(15)),
        Standing::Over {
            why: Reason::SessionShared,
            at: OPENED + Span::minutes(15)
        }
    );
}

#[test]
fn a_strict_policy_acts_at_once_and_also_on_shared_devices() {
    let strict = SessionPolicy {
        lock_for: Span::minutes(5),
        end_for: Span::hours(1),
    };
    let shared = Session {
        is_shared: true,
        ..session()
    };
    assert!(matches!(
        judge(&shared, strict, 1, OPENED + Span::minutes(5)),
        Standing::Over { .. }
    ));
    assert!(matches!(
        judge(&session(), strict, 1, OPENED + Span::minutes(5)),
        Standing::Locked { .. }
    ));
}

#[test]
fn a_restore_ends_every_session() {
    assert!(matches!(
        judge(&session(), SessionPolicy::default(), 2, OPENED),
        Standing::Over {
            why: Reason::SessionRestored,
            ..
        }
    ));
}

#[test]
fn what_was_ended_stays_ended_with_its_reason_even_when_the_clock_steps_back() {
    let ended = Session {
        ended_at: Some(OPENED),
        ended_why: Some(Reason::SessionTooManyFailures.id().into()),
        ..session()
    };
    for span in [Span::seconds(-3_600), Span::ZERO, Span::hours(1)] {
        assert_eq!(
            after(&ended, span),
            Standing::Over {
                why: Reason::SessionTooManyFailures,
                at: OPENED
            }
        );
    }
}

#[test]
fn a_factor_is_asked_of_whoever_has_one_and_of_everybody_after_the_grace() {
    use kernel::{AuthenticatorKind as Kind, Kinds, Methods};
    use organisations::{Policies, Require};
    use sessions::decide::{FactorStanding as F, factor_standing};
    let app = Kinds::NONE.with(Kind::App);
    let codes = Kinds::NONE.with(Kind::RecoveryCodes);
    let mut policy = Policies::default().factors;
    let judge = |policy: &_, has, proved, hours| {
        factor_standing(
            policy,
            has,
            Methods::from_text(proved),
            Some(OPENED),
            OPENED + Span::hours(hours),
        )
    };
    let due_at = OPENED + Span::hours(24);
    assert_eq!(judge(&policy, Kinds::NONE, "pwd", 23), F::Grace { due_at });
    assert_eq!(judge(&policy, codes, "pwd", 23), F::Grace { due_at });
    assert_eq!(judge(&policy, Kinds::NONE, "pwd", 24), F::Lacking { has_one: false });
    assert_eq!(
        judge(&policy, Kinds::NONE, "pwd mail", 24),
        F::Lacking { has_one: false }
    );
    assert_eq!(judge(&policy, app, "pwd", 1), F::Lacking { has_one: true });
    assert_eq!(judge(&policy, app, "pwd otp", 900), F::Met);
    policy.require = Require::PhishingResistant;
    assert_eq!(judge(&policy, app, "pwd otp", 1), F::Grace { due_at });
    assert_eq!(judge(&policy, app, "pwd otp", 24), F::Lacking { has_one: false });
    assert_eq!(judge(&policy, app, "hwk", 24), F::Met);
    policy.require = Require::No;
    assert_eq!(judge(&policy, Kinds::NONE, "pwd", 900), F::Met);
    assert_eq!(judge(&policy, app, "pwd", 900), F::Lacking { has_one: true });
}

#[test]
fn grace_counts_from_the_first_sign_in_under_the_policy() {
    use sessions::decide::grace_ends_at;
    let hours = |n: i64| kernel::Time::from_seconds(n * 3600);
    for (from, since, or_from, grace, ends) in [
        // A first sign-in under the policy, now; and a session that was open before it came.
        (None, 100, 1000, 24, 1024),
        (None, 100, 100, 24, 124),
        (None, 100, 1000, 0, 1000),
        (Some(100), 100, 1000, 24, 124),
        (Some(150), 100, 1000, 336, 486),
        // The last sign-in was under another policy.
        (Some(99), 100, 1000, 24, 1024),
        (Some(99), 100, 100, 24, 124),
    ] {
        let mut policy = organisations::Policies::default().factors;
        (policy.since, policy.grace) = (hours(since), Span::hours(grace));
        let told = grace_ends_at(&policy, from.map(hours), hours(or_from));
        assert_eq!(told, hours(ends), "{from:?} {since} {or_from} {grace}");
    }
}
