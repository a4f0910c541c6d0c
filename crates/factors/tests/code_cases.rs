//! Codes of apps, pauses and text messages: the pure decisions, case by case and as properties.
#![expect(clippy::unwrap_used, reason = "a broken case must stop at once, where it broke")]
use factors::decide::{
    State,
    app::{App, Drift, Found, LOOKED_AT, MOST_LEARNED, judge, resynchronise, step_at},
    pause::{self, MOST_IN_A_ROW, Run, TRIES},
    text::{self, A_DAY, AN_HOUR, Facts, ORGANISATION_AN_HOUR, Outcome, Sent},
};
use kernel::{Reason, Span, Time};
use proptest::prelude::*;

const NOW: Time = Time::from_seconds(1_800_000_000);
const PRESENT: i64 = 1_800_000_000 / 30;

/// Codes that differ for all steps of a test, so that no case is a chance hit.
fn code_at(step: i64) -> u32 {
    u32::try_from(step.rem_euclid(1_000_000)).unwrap()
}
fn app(drift: i64, last: i64) -> App {
    App {
        drift,
        last_step: PRESENT + last,
        burned: Vec::new(),
    }
}
/// Judges the code of the step that is so far from now.
fn at(app: &App, offset: i64) -> (Found, Option<Reason>) {
    let verdict = judge(app, code_at(PRESENT + offset), NOW, code_at);
    (verdict.outcome, verdict.reasons.first().copied())
}
fn right(offset: i64, drift: i64) -> (Found, Option<Reason>) {
    let step = PRESENT + offset;
    (Found::Right { step, drift }, None)
}
fn refused(drift: Option<Drift>, burn: Option<i64>, reason: Reason) -> (Found, Option<Reason>) {
    let burn = burn.map(|offset| PRESENT + offset);
    (Found::Wrong { drift, burn }, Some(reason))
}
#[expect(clippy::unnecessary_wraps, reason = "as the table wants it")]
fn slow(steps: i64) -> Option<Drift> {
    Some(Drift::Slow {
        by: Span::seconds(steps * 30),
    })
}

#[test]
fn a_code_of_one_step_round_the_drift_lets_in_and_teaches_one_step() {
    let long_ago = -1_000;
    for offset in -1..=1 {
        assert_eq!(at(&app(0, long_ago), offset), right(offset, offset));
    }
    for (drift, offset, learned) in [
        (-4, -5, -5),
        (-4, -4, -4),
        (-4, -3, -3),
        (6, 7, 7),
        (10, 11, 10),
        (-10, -11, -10),
        (10, 9, 9),
    ] {
        assert_eq!(
            at(&app(drift, long_ago), offset),
            right(offset, learned),
            "drift {drift}, code at {offset}"
        );
    }
    // Beyond what successes teach only a resynchronisation comes; from there it goes inwards alone.
    assert_eq!(at(&app(-15, long_ago), -16), right(-16, -15));
    assert_eq!(at(&app(-15, long_ago), -14), right(-14, -14));
}

#[test]
fn a_code_from_the_past_is_refused_and_says_how_slow_the_phone_is() {
    assert_eq!(at(&app(0, -1_000), -2), refused(slow(2), None, Reason::CodeSlow));
    assert_eq!(at(&app(0, -1_000), -8), refused(slow(8), None, Reason::CodeSlow));
    assert_eq!(at(&app(0, -1_000), -20), refused(slow(20), None, Reason::CodeSlow));
    assert_eq!(at(&app(0, -1_000), -21), refused(None, None, Reason::CodeWrong));
    assert_eq!(slow(8).unwrap().words(), "Your phone’s clock is about 4 minutes slow.");
}

#[test]
fn a_code_from_the_future_is_burned_and_called_fast_without_how_much() {
    for offset in [2, 8, 20] {
        assert_eq!(
            at(&app(0, -1_000), offset),
            refused(Some(Drift::Fast), Some(offset), Reason::CodeFast)
        );
    }
    assert_eq!(at(&app(0, -1_000), 21), refused(None, None, Reason::CodeWrong));
    assert!(!Drift::Fast.words().contains(char::is_numeric));
    // When its time comes it is spent.
    let burned = App {
        burned: vec![PRESENT],
        ..app(0, -1_000)
    };
    assert_eq!(at(&burned, 0), refused(None, None, Reason::CodeSpent));
    assert_eq!(at(&burned, 1), right(1, 1), "the others of the window are good");
}

#[test]
fn a_phone_whose_clock_was_set_right_is_told_so_and_its_code_never_comes_back() {
    assert_eq!(
        at(&app(-8, -1_000), 0),
        refused(Some(Drift::Changed), Some(0), Reason::CodeClockChanged)
    );
    assert_eq!(
        at(&app(8, -1_000), 0),
        refused(Some(Drift::Changed), None, Reason::CodeClockChanged)
    );
    assert_eq!(at(&app(-8, -1_000), -5), refused(slow(5), Some(-5), Reason::CodeSlow));
    assert_eq!(
        at(&app(8, -1_000), 5),
        refused(Some(Drift::Fast), None, Reason::CodeFast)
    );
}

#[test]
fn a_step_is_good_once_and_what_came_before_it_never() {
    assert_eq!(at(&app(0, 0), 0), refused(None, None, Reason::CodeSpent));
    assert_eq!(at(&app(0, 0), -1), refused(None, None, Reason::CodeSpent));
    assert_eq!(
        at(&app(0, 0), -8),
        refused(None, None, Reason::CodeSpent),
        "seen before the last success: not slow, old"
    );
    assert_eq!(at(&app(0, 0), 1), right(1, 1));
    assert_eq!(at(&app(0, 1), 0), refused(None, None, Reason::CodeSpent));
}

fn pair(app: &App, offset: i64) -> (Found, Option<Reason>) {
    let typed = (code_at(PRESENT + offset - 1), code_at(PRESENT + offset));
    let verdict = resynchronise(app, typed, NOW, code_at);
    (verdict.outcome, verdict.reasons.first().copied())
}

#[test]
fn two_codes_in_a_row_resynchronise_a_slow_or_fast_phone() {
    for offset in [-19, -8, -2, 0, 1, 8, 20] {
        assert_eq!(pair(&app(0, -1_000), offset), right(offset, offset), "{offset}");
    }
    for offset in [-20, 21, 40] {
        assert_eq!(
            pair(&app(0, -1_000), offset),
            refused(None, None, Reason::CodePairWrong),
            "{offset}"
        );
    }
    // The first may have been burned, for that is how its owner learned of it; the second must be fresh.
    let burned = |offset: i64| App {
        burned: vec![PRESENT + offset],
        ..app(0, -1_000)
    };
    assert_eq!(pair(&burned(7), 8), right(8, 8));
    assert_eq!(pair(&burned(8), 8), refused(None, None, Reason::CodeSpent));
}

#[test]
fn a_resynchronisation_never_takes_a_step_at_or_before_the_last_one_spent() {
    assert_eq!(pair(&app(0, -8), -8), refused(None, None, Reason::CodeSpent));
    assert_eq!(
        pair(&app(0, -9), -8),
        refused(None, None, Reason::CodeSpent),
        "its first code was spent"
    );
    assert_eq!(pair(&app(0, -10), -8), right(-8, -8));
    let swapped = resynchronise(&app(0, -1_000), (code_at(PRESENT), code_at(PRESENT - 1)), NOW, code_at);
    assert_eq!(swapped.reasons, [Reason::CodePairWrong]);
    let apart = resynchronise(&app(0, -1_000), (code_at(PRESENT), code_at(PRESENT + 2)), NOW, code_at);
    assert_eq!(apart.reasons, [Reason::CodePairWrong]);
}

proptest! {
    #[test]
    fn nothing_lets_in_but_an_unspent_step_within_one_of_the_drift(drift in -20_i64..=20, last in -60_i64..60, offset in -60_i64..60, burned in prop::collection::vec(-20_i64..40, 0..6)) {
        let app = App { burned: burned.iter().map(|step| PRESENT + step).collect(), ..app(drift, last) };
        if let (Found::Right { step, drift: learned }, _) = at(&app, offset) {
            prop_assert_eq!(step, PRESENT + offset);
            prop_assert!((offset - drift).abs() <= 1);
            prop_assert!(offset > last && !app.burned.contains(&step));
            prop_assert!((learned - drift).abs() <= 1);
            prop_assert!(learned.abs() <= MOST_LEARNED.max(drift.abs()));
        }
    }
    #[test]
    fn what_was_refused_as_too_early_never_lets_in_later(drift in -10_i64..=10, offset in -20_i64..=20, later in 0_i64..60) {
        let mut app = app(drift, -1_000);
        if let (Found::Wrong { burn, .. }, _) = at(&app, offset) {
            app.burned.extend(burn);
            let verdict = judge(&app, code_at(PRESENT + offset), NOW + Span::seconds(30 * later), code_at);
            let is_right = matches!(verdict.outcome, Found::Right { .. });
            prop_assert!(!is_right);
        }
    }
    #[test]
    fn a_pair_lets_in_only_within_twenty_steps_and_beyond_the_last_one_spent(last in -60_i64..60, offset in -60_i64..60) {
        if let (Found::Right { step, drift }, _) = pair(&app(0, last), offset) {
            prop_assert_eq!((step, drift), (PRESENT + offset, offset));
            prop_assert!(offset - 1 > last && offset.abs() <= LOOKED_AT);
        }
    }
    #[test]
    fn steps_follow_the_clock_at_any_time(seconds in any::<i32>()) {
        prop_assert_eq!(step_at(Time::from_seconds(i64::from(seconds))), i64::from(seconds).div_euclid(30));
    }
}

fn wrong(times: u32, now: Time) -> Run {
    (0..times).fold(Run::NONE, |run, _| pause::count(&run, now))
}

#[test]
fn ten_wrong_codes_in_a_row_pause_for_15_minutes_and_each_further_one_twice_as_long() {
    assert_eq!(pause::state(&wrong(TRIES - 1, NOW), NOW), State::Open);
    let (mut run, mut now) = (wrong(TRIES, NOW), NOW);
    for minutes in [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440] {
        let until = now + Span::minutes(minutes);
        assert_eq!(pause::state(&run, now), State::Locked(until));
        assert_eq!(pause::state(&run, until - Span::micros(1)), State::Locked(until));
        assert_eq!(pause::state(&run, until), State::Open, "one try at each end");
        now = until;
        run = pause::count(&run, now);
    }
    // No wait makes it forget: it is the codes in a row that count.
    assert_eq!(run.run, TRIES + 10);
}

#[test]
fn after_a_hundred_in_a_row_it_is_shut_until_a_reset() {
    let almost = Run {
        run: MOST_IN_A_ROW - 1,
        locked_until: Some(NOW),
        ..Run::NONE
    };
    assert_eq!(pause::state(&almost, NOW), State::Open);
    assert_eq!(
        pause::state(&pause::count(&almost, NOW), NOW + Span::days(4_000)),
        State::Shut
    );
    assert_eq!(pause::state(&Run::NONE, NOW), State::Open);
}

#[test]
fn a_try_that_was_another_apps_is_taken_back_and_others_stay() {
    let before = wrong(TRIES - 1, NOW);
    let after = pause::count(&before, NOW);
    assert_eq!(pause::refund(&after, &before, &after), before);
    let more = pause::count(
        &Run {
            locked_until: None,
            ..after
        },
        NOW,
    );
    assert_eq!(pause::refund(&more, &before, &after).run, TRIES);
    assert_eq!(
        pause::refund(&Run::NONE, &before, &after),
        Run::NONE,
        "a success came between"
    );
}

#[test]
fn the_end_of_a_pause_is_told_once() {
    let paused = wrong(TRIES, NOW);
    let until = NOW + Span::minutes(15);
    assert_eq!(paused.untold_end(NOW), None);
    assert_eq!(paused.untold_end(until), Some(until));
    let next = pause::count(&paused, until);
    assert_eq!(next.untold_end(until), None);
    assert!(pause::has_begun(&paused) && !pause::has_begun(&next));
}

fn sent(count: u32) -> Sent {
    Sent {
        count,
        first_at: Some(NOW - Span::minutes(50)),
    }
}

#[test]
fn a_message_may_be_asked_for_again_after_30_seconds_then_twice_as_long() {
    for (here, seconds) in [(1, 30), (2, 60), (3, 120), (4, 240), (5, 300), (9, 300)] {
        let facts = Facts {
            here,
            last_here: Some(NOW),
            ..Facts::default()
        };
        let at = NOW + Span::seconds(seconds);
        assert_eq!(text::send(&facts, at).outcome, Outcome::Send, "after {here}");
        let early = text::send(&facts, at - Span::micros(1));
        assert_eq!(
            (early.outcome, early.reasons),
            (Outcome::Refuse(Some(at)), vec![Reason::TextTooSoon])
        );
    }
}

#[test]
fn each_limit_is_told_with_the_time_of_its_end() {
    let none = Facts::default();
    let hour = Some(NOW + Span::minutes(10));
    let day = Some(NOW - Span::minutes(50) + Span::hours(24));
    for (facts, until, reason) in [
        (
            Facts {
                person: (sent(AN_HOUR), sent(AN_HOUR)),
                ..none
            },
            hour,
            Reason::TextTooMany,
        ),
        (
            Facts {
                person: (sent(0), sent(A_DAY)),
                ..none
            },
            day,
            Reason::TextTooMany,
        ),
        (
            Facts {
                number: (sent(AN_HOUR), sent(AN_HOUR)),
                ..none
            },
            hour,
            Reason::TextTooMany,
        ),
        (
            Facts {
                number: (sent(0), sent(A_DAY)),
                ..none
            },
            day,
            Reason::TextTooMany,
        ),
        (
            Facts {
                organisation: sent(ORGANISATION_AN_HOUR),
                ..none
            },
            hour,
            Reason::TextOrganisationLimit,
        ),
        (
            Facts {
                is_forbidden: true,
                is_country_refused: true,
                ..none
            },
            None,
            Reason::TextForbidden,
        ),
        (
            Facts {
                is_country_refused: true,
                ..none
            },
            None,
            Reason::TextCountry,
        ),
    ] {
        let verdict = text::send(&facts, NOW);
        assert_eq!(
            (verdict.outcome, verdict.reasons),
            (Outcome::Refuse(until), vec![reason]),
            "{facts:?}"
        );
    }
    let almost = Facts {
        person: (sent(AN_HOUR - 1), sent(A_DAY - 1)),
        number: (sent(AN_HOUR - 1), sent(A_DAY - 1)),
        organisation: sent(ORGANISATION_AN_HOUR - 1),
        ..none
    };
    assert_eq!(text::send(&almost, NOW).outcome, Outcome::Send);
}
