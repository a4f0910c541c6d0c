//! The arithmetic of the lanes, case by case and as properties.
use factors::decide::{
    Answer, Counted, Facts, Kind, LONGEST_WAIT, Lane, MOST_IN_ALL, NETWORK_TRIES, Report, State, TRIES, WINDOW, count,
    refund, report, reserve, reset, state, untold_end,
};
use kernel::{Reason, Span, Time};
use proptest::prelude::*;

const START: Time = Time::from_seconds(1_800_000_000);

fn failed(kind: Kind, times: u32, lane: Lane, now: Time) -> Lane {
    (0..times).fold(lane, |lane, _| count(kind, &lane, now))
}
fn fresh(kind: Kind, times: u32) -> Lane {
    failed(kind, times, Lane::default(), START)
}
fn try_once(kind: Kind, lane: &Lane, now: Time) -> Option<Lane> {
    (state(kind, lane, now) == State::Open).then(|| count(kind, lane, now))
}

#[test]
fn nine_failures_leave_a_lane_open_and_the_tenth_locks_it_for_15_minutes() {
    for kind in [Kind::Device, Kind::Address] {
        assert_eq!(state(kind, &fresh(kind, TRIES - 1), START), State::Open);
        assert_eq!(
            state(kind, &fresh(kind, TRIES), START),
            State::Locked(START + Span::minutes(15))
        );
    }
}

#[test]
fn each_release_has_one_try_and_each_wait_is_twice_the_last_up_to_a_day() {
    let minutes = [15, 30, 60, 120, 240, 480, 960, 1440];
    let (mut lane, mut now) = (fresh(Kind::Address, TRIES), START);
    for (n, wait) in minutes.into_iter().enumerate() {
        let until = now + Span::minutes(wait);
        assert_eq!(state(Kind::Address, &lane, now), State::Locked(until), "wait {n}");
        assert_eq!(try_once(Kind::Address, &lane, until - Span::micros(1)), None);
        now = until;
        lane = try_once(Kind::Address, &lane, now).expect("one try per release");
    }
    // The longest wait is a day without failure, and so forgets the run; the total goes on towards its end.
    assert_eq!((lane.run, lane.total), (1, TRIES + 8));
}

#[test]
fn a_run_is_forgotten_a_day_after_the_last_failure_and_the_total_is_not() {
    let lane = fresh(Kind::Address, TRIES - 1);
    let next_day = count(Kind::Address, &lane, START + Span::hours(24));
    assert_eq!((next_day.run, next_day.total), (1, TRIES));
    let same_day = count(Kind::Address, &lane, START + Span::hours(24) - Span::micros(1));
    assert_eq!(same_day.run, TRIES);
    let locked = fresh(Kind::Address, TRIES);
    assert_eq!(count(Kind::Address, &locked, START + Span::hours(23)).run, TRIES + 1);
    assert_eq!(count(Kind::Address, &locked, START + Span::hours(24)).run, 1);
}

#[test]
fn a_hundred_in_all_shut_the_address_and_end_the_trust_in_a_device() {
    for kind in [Kind::Device, Kind::Address] {
        let almost = Lane {
            total: MOST_IN_ALL - 1,
            failed_at: START,
            ..Lane::default()
        };
        assert_eq!(state(kind, &almost, START), State::Open);
        let shut = count(kind, &almost, START);
        assert_eq!(state(kind, &shut, START + Span::days(4_000)), State::Shut);
        assert_eq!(state(kind, &reset(&shut, START).0, START), State::Open);
    }
    let busy = Lane {
        total: 5_000,
        ..Lane::default()
    };
    assert_eq!(state(Kind::Network, &busy, START), State::Open);
}

#[test]
fn sixty_failures_in_15_minutes_lock_a_network_and_fewer_never_do() {
    let lane = fresh(Kind::Network, NETWORK_TRIES - 1);
    assert_eq!(state(Kind::Network, &lane, START), State::Open);
    let locked = count(Kind::Network, &lane, START + WINDOW - Span::micros(1));
    assert!(matches!(
        state(Kind::Network, &locked, START + WINDOW),
        State::Locked(_)
    ));
    let new_window = count(Kind::Network, &lane, START + WINDOW);
    assert_eq!((new_window.run, new_window.window_at), (1, START + WINDOW));
}

#[test]
fn a_network_waits_twice_as_long_each_time_and_starts_anew_after_a_quiet_day() {
    let (mut lane, mut now) = (Lane::default(), START);
    for minutes in [15, 30, 60, 120, 240, 480, 960, 1440] {
        lane = failed(Kind::Network, NETWORK_TRIES, lane, now);
        let until = now + Span::minutes(minutes);
        assert_eq!(state(Kind::Network, &lane, now), State::Locked(until));
        now = until;
    }
    lane = failed(Kind::Network, NETWORK_TRIES, lane, now + Span::hours(24));
    assert_eq!(lane.locked_until, Some(now + Span::hours(24) + Span::minutes(15)));
}

#[test]
fn a_known_device_passes_neither_address_nor_network() {
    let verdict = reserve(&Facts::KnownDevice(fresh(Kind::Device, 3)), START);
    assert_eq!(verdict.outcome.answer, Answer::Try { left: 6 });
    assert_eq!(
        verdict.outcome.counted.iter().map(|c| c.kind).collect::<Vec<_>>(),
        [Kind::Device]
    );
}

#[test]
fn every_refusal_names_its_lane_its_end_and_its_reason() {
    let quarter = Some(START + Span::minutes(15));
    let (address, network) = (fresh(Kind::Address, TRIES), fresh(Kind::Network, NETWORK_TRIES));
    let shut = Lane {
        total: MOST_IN_ALL,
        ..Lane::default()
    };
    let open = Lane::default();
    let cases = [
        (
            Facts::KnownDevice(fresh(Kind::Device, TRIES)),
            Kind::Device,
            quarter,
            Reason::SignInLockedDevice,
        ),
        (
            Facts::Stranger { address, network: open },
            Kind::Address,
            quarter,
            Reason::SignInLockedStranger,
        ),
        (
            Facts::Stranger {
                address: shut,
                network: open,
            },
            Kind::Address,
            None,
            Reason::SignInShut,
        ),
        (
            Facts::Stranger { address: open, network },
            Kind::Network,
            quarter,
            Reason::SignInLockedNetwork,
        ),
        // The network's answer is alike for all addresses, locked ones too.
        (
            Facts::Stranger { address, network },
            Kind::Network,
            quarter,
            Reason::SignInLockedNetwork,
        ),
    ];
    for (facts, lane, until, reason) in cases {
        let verdict = reserve(&facts, START);
        assert_eq!(verdict.outcome.answer, Answer::Refused { lane, until }, "{facts:?}");
        assert_eq!(verdict.reasons, [reason], "{facts:?}");
    }
}

#[test]
fn a_locked_address_counts_in_the_network_like_any_other_and_a_locked_network_counts_nothing() {
    let counted = |address, network| {
        reserve(&Facts::Stranger { address, network }, START)
            .outcome
            .counted
            .iter()
            .map(|c| c.kind)
            .collect::<Vec<_>>()
    };
    let open = Lane::default();
    assert_eq!(counted(open, open), [Kind::Network, Kind::Address]);
    assert_eq!(counted(fresh(Kind::Address, TRIES), open), [Kind::Network]);
    assert_eq!(counted(open, fresh(Kind::Network, NETWORK_TRIES)), []);
}

#[test]
fn a_success_takes_its_own_lock_back_and_leaves_the_locks_of_others() {
    for (kind, times) in [(Kind::Address, TRIES - 1), (Kind::Network, NETWORK_TRIES - 1)] {
        let before = fresh(kind, times);
        let after = count(kind, &before, START + Span::seconds(1));
        let ours = Counted { kind, before, after };
        assert!(ours.has_locked());
        assert_eq!(refund(kind, &after, &ours), before);

        let early = fresh(kind, times - 1);
        let mine = Counted {
            kind,
            before: early,
            after: count(kind, &early, START),
        };
        let theirs = count(kind, &mine.after, START + Span::seconds(1));
        let left = refund(kind, &theirs, &mine);
        assert_eq!((left.run, left.locked_until), (times, theirs.locked_until));
    }
}

#[test]
fn a_refund_after_a_reset_or_in_a_new_window_takes_nothing_from_others() {
    let before = fresh(Kind::Address, 4);
    let ours = Counted {
        kind: Kind::Address,
        before,
        after: count(Kind::Address, &before, START),
    };
    let (nought, _) = reset(&ours.after, START);
    assert_eq!(refund(Kind::Address, &nought, &ours), nought);
    let before = fresh(Kind::Network, 4);
    let ours = Counted {
        kind: Kind::Network,
        before,
        after: count(Kind::Network, &before, START),
    };
    let later = count(Kind::Network, &ours.after, START + WINDOW);
    assert_eq!(refund(Kind::Network, &later, &ours), later);
}

#[test]
fn the_end_of_a_lock_is_told_once_and_dated_when_it_ended() {
    let lane = fresh(Kind::Device, TRIES);
    let until = START + Span::minutes(15);
    assert_eq!(untold_end(&lane, until - Span::micros(1)), None);
    assert_eq!(untold_end(&lane, until + Span::hours(3)), Some(until));
    assert_eq!(
        untold_end(
            &Lane {
                is_end_told: true,
                ..lane
            },
            until
        ),
        None
    );
    assert_eq!(
        reset(&lane, START + Span::minutes(1)).1,
        Some(START + Span::minutes(1)),
        "a reset ends it early"
    );
    assert_eq!(reset(&lane, until + Span::hours(3)).1, Some(until));
    assert_eq!(reset(&Lane::default(), START).1, None);
}

#[test]
fn the_first_refusal_in_a_minute_is_told_at_once_and_the_others_together() {
    let none = Report {
        unreported: 0,
        reported_at: Time::from_micros(0),
    };
    let (one, tell) = report(none, 1, START);
    assert_eq!(tell, Some(1));
    let (two, tell) = report(one, 1, START + Span::seconds(1));
    assert_eq!(tell, None);
    let (three, tell) = report(two, 1, START + Span::seconds(59));
    assert_eq!((three.unreported, tell), (2, None));
    assert_eq!(report(three, 1, START + Span::minutes(1)).1, Some(3));
    assert_eq!(
        report(three, 1, START - Span::hours(1)).1,
        Some(3),
        "a clock set back does not silence the log"
    );
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Wait(i64),
    Fail,
    Succeed,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_i64..200_000).prop_map(Step::Wait),
        (0_i64..30).prop_map(Step::Wait),
        Just(Step::Fail),
        Just(Step::Fail),
        Just(Step::Fail),
        Just(Step::Succeed),
    ];
    prop::collection::vec(step, 0..300)
}

proptest! {
    #[test]
    fn no_wait_exceeds_a_day_and_no_run_exceeds_its_tries_without_one(steps in steps()) {
        for kind in Kind::ALL {
            let most = if kind == Kind::Network { NETWORK_TRIES } else { TRIES };
            let (mut lane, mut now, mut since_lock) = (Lane::default(), START, 0);
            for step in &steps {
                match step {
                    Step::Wait(seconds) => now = now + Span::seconds(*seconds),
                    Step::Succeed => {}
                    Step::Fail => if let Some(next) = try_once(kind, &lane, now) {
                        let has_locked = next.locked_until != lane.locked_until && next.locked_until.is_some_and(|t| t > now);
                        since_lock = if has_locked { 0 } else { since_lock + 1 };
                        if next.run == 1 && !has_locked { since_lock = 1; }
                        prop_assert!(since_lock < most);
                        if let Some(until) = next.locked_until { prop_assert!(until - now <= LONGEST_WAIT); }
                        lane = next;
                    },
                }
            }
        }
    }

    #[test]
    fn a_success_leaves_the_lane_exactly_as_it_was(steps in steps(), gap in 0_i64..200_000) {
        for kind in Kind::ALL {
            let (mut lane, mut now) = (Lane::default(), START);
            for step in &steps {
                match step {
                    Step::Wait(seconds) => now = now + Span::seconds(*seconds),
                    Step::Fail => lane = try_once(kind, &lane, now).unwrap_or(lane),
                    Step::Succeed => if let Some(after) = try_once(kind, &lane, now) {
                        let counted = Counted { kind, before: lane, after };
                        let back = refund(kind, &after, &counted);
                        let later = now + Span::seconds(gap);
                        prop_assert_eq!(state(kind, &back, later), state(kind, &lane, later));
                        prop_assert_eq!(back.total, lane.total);
                        // Nobody who succeeds comes nearer to a lock by it.
                        let (a, b) = (count(kind, &back, later), count(kind, &lane, later));
                        prop_assert!(a.run <= b.run && a.locked_until <= b.locked_until);
                        lane = back;
                    },
                }
            }
        }
    }

    #[test]
    fn a_reset_forgets_everything(times in 0_u32..150) {
        for kind in Kind::ALL {
            let mut lane = Lane::default();
            let mut now = START;
            for _ in 0..times {
                now = now + Span::hours(25);
                lane = try_once(kind, &lane, now).unwrap_or(lane);
            }
            let (nought, _) = reset(&lane, now);
            prop_assert_eq!(state(kind, &nought, now), State::Open);
            prop_assert_eq!(count(kind, &nought, now).run, 1);
        }
    }
}
