//! Cases and properties of the ratchet: a world of machines that copy themselves, lose answers and are put back, against the decision alone.
use super::*;
use proptest::prelude::*;

const NOW: Time = Time::from_seconds(1_795_511_642);

fn at(anchoring: i64, step: i64) -> Place {
    Place { anchoring, step }
}
fn known(newest: Place) -> Known {
    Known {
        newest,
        attempt: b"got it".to_vec(),
        ..Known::default()
    }
}
fn comes(place: Place, attempt: &[u8]) -> Presented {
    Presented {
        place: Some(place),
        attempt: attempt.to_vec(),
        matches: true,
        holder_matches: true,
        is_picked: true,
        is_known: false,
    }
}
fn marked(presented: Presented, matches: bool, holder_matches: bool) -> Presented {
    Presented {
        matches,
        holder_matches,
        ..presented
    }
}

#[test]
fn each_value_gives_the_next_one() {
    let first = Known {
        newest: at(1, 0),
        ..Known::default()
    };
    let nothing = Presented {
        place: None,
        ..comes(at(0, 0), b"a")
    };
    assert_eq!(decide(&first, &nothing, NOW), Verdict::Next(at(1, 1)));
    assert_eq!(
        decide(&known(at(1, 1)), &comes(at(1, 1), b"b"), NOW),
        Verdict::Next(at(1, 2))
    );
    assert_eq!(
        decide(&known(at(4, 9)), &comes(at(4, 9), b""), NOW),
        Verdict::Next(at(4, 10))
    );
}

#[test]
fn a_lost_reply_gets_the_same_answer_again() {
    assert_eq!(
        decide(&known(at(1, 8)), &comes(at(1, 7), b"got it"), NOW),
        Verdict::Again
    );
    let without = Known {
        attempt: Vec::new(),
        ..known(at(1, 1))
    };
    let nothing = Presented {
        place: None,
        ..comes(at(0, 0), b"")
    };
    assert_eq!(decide(&without, &nothing, NOW), Verdict::Again);
    // Also that of a new anchoring, whose value before is of another one.
    let anew = Known {
        from: at(1, 3),
        fork: Fork::Restored,
        ..known(at(2, 1))
    };
    assert_eq!(decide(&anew, &comes(at(1, 3), b"got it"), NOW), Verdict::Again);
    assert_ne!(decide(&anew, &comes(at(1, 3), b"another"), NOW), Verdict::Again);
}

#[test]
fn whoever_alone_is_the_paired_machine_goes_on() {
    let row = known(at(1, 8));
    for old in [
        comes(at(1, 7), b"another"),
        comes(at(1, 2), b"got it"),
        Presented {
            place: None,
            ..comes(at(0, 0), b"x")
        },
    ] {
        assert_eq!(
            decide(&row, &marked(old.clone(), true, false), NOW),
            Verdict::Anew(at(2, 1), Why::Copied)
        );
        assert_eq!(
            decide(&row, &marked(old.clone(), false, true), NOW),
            Verdict::Refuse { is_new: true }
        );
        assert_eq!(decide(&row, &marked(old.clone(), false, false), NOW), Verdict::Aside);
        let again = Presented {
            is_known: true,
            ..marked(old, false, true)
        };
        assert_eq!(decide(&row, &again, NOW), Verdict::Refuse { is_new: false });
    }
}

#[test]
fn two_that_look_alike_wait_until_the_newest_shows_itself_or_does_not() {
    let row = known(at(1, 8));
    let old = comes(at(1, 5), b"another");
    assert_eq!(
        decide(&row, &old, NOW),
        Verdict::Wait {
            begins: true,
            left: WAITS_FOR
        }
    );
    let waits = Known {
        fork: Fork::Waits,
        fork_place: at(1, 5),
        fork_at: NOW,
        ..row
    };
    let later = NOW + Span::seconds(100);
    for attempt in [b"another".as_slice(), b"a third"] {
        let left = Span::seconds(50);
        assert_eq!(
            decide(&waits, &comes(at(1, 5), attempt), later),
            Verdict::Wait { begins: false, left }
        );
    }
    assert_eq!(
        decide(&waits, &comes(at(1, 8), b"c"), later),
        Verdict::Aside,
        "the newest is alive"
    );
    let over = NOW + WAITS_FOR;
    assert_eq!(decide(&waits, &old, over), Verdict::Anew(at(2, 1), Why::Restored));
    // A third machine in between takes nothing over.
    let third = marked(comes(at(1, 2), b"d"), false, true);
    assert_eq!(decide(&waits, &third, later), Verdict::Refuse { is_new: false });
}

#[test]
fn a_token_of_the_newest_value_proves_it_only_if_it_was_used_after_the_doubt_began() {
    let waits = Known {
        fork: Fork::Waits,
        fork_at: NOW,
        ..known(at(1, 8))
    };
    assert!(proves(&waits, at(1, 8), NOW + Span::seconds(30)));
    assert!(!proves(&waits, at(1, 8), NOW - Span::seconds(1)) && !proves(&waits, at(1, 8), NOW + Span::seconds(1)));
    assert!(!proves(&waits, at(1, 7), NOW + Span::seconds(30)));
    assert!(!proves(&known(at(1, 8)), at(1, 8), NOW + Span::seconds(30)));
}

#[test]
fn after_a_machine_was_put_back_its_later_state_is_a_second_machine_until_it_is_told_apart() {
    let row = Known {
        fork: Fork::Restored,
        from: at(1, 3),
        ..known(at(2, 4))
    };
    assert_eq!(
        decide(&row, &comes(at(1, 8), b"x"), NOW),
        Verdict::Wait {
            begins: true,
            left: WAITS_FOR
        }
    );
    let waits = Known {
        fork: Fork::Waits,
        fork_place: at(1, 8),
        fork_at: NOW,
        ..row.clone()
    };
    assert_eq!(
        decide(&waits, &comes(at(2, 4), b"y"), NOW + Span::seconds(60)),
        Verdict::Aside
    );
    assert_eq!(
        decide(&waits, &comes(at(1, 8), b"z"), NOW + WAITS_FOR),
        Verdict::Anew(at(3, 1), Why::Restored)
    );
    // Whoever was found to be a copy has no such second chance.
    let copied = Known {
        fork: Fork::None,
        ..row
    };
    assert_eq!(
        decide(&copied, &comes(at(1, 8), b"x"), NOW),
        Verdict::Refuse { is_new: true }
    );
}

#[test]
fn a_server_that_was_put_back_takes_what_it_had_given_and_forgotten() {
    assert_eq!(
        decide(&known(at(1, 3)), &comes(at(1, 9), b"x"), NOW),
        Verdict::Anew(at(2, 1), Why::Behind)
    );
    assert_eq!(
        decide(&known(at(1, 3)), &comes(at(4, 2), b"x"), NOW),
        Verdict::Anew(at(5, 1), Why::Behind)
    );
}

#[test]
fn what_a_person_picked_holds_and_the_other_stays_out() {
    for keep in [Keep::First, Keep::Second] {
        let row = Known {
            fork: Fork::None,
            fork_place: at(1, 5),
            picked: Some(keep),
            ..known(at(1, 8))
        };
        let (first, second) = (
            decide(&row, &comes(at(1, 8), b"a"), NOW),
            decide(&row, &comes(at(1, 5), b"b"), NOW),
        );
        let kept = Verdict::Anew(at(2, 1), Why::Picked);
        let out = Verdict::Refuse { is_new: false };
        assert_eq!(
            (first, second),
            if keep == Keep::First { (kept, out) } else { (out, kept) }
        );
        assert_eq!(Keep::from_name(keep.name()), Some(keep));
        for place in [at(1, 8), at(1, 5)] {
            let third = Presented {
                is_picked: false,
                ..comes(place, b"c")
            };
            assert_eq!(decide(&row, &third, NOW), out, "a third machine");
        }
    }
    for (fork, name) in Fork::ALL {
        assert_eq!((fork.name(), Fork::from_name(name)), (name, fork));
    }
}

/// What the store does with a verdict.
fn commit(known: &mut Known, presented: &Presented, verdict: Verdict, now: Time) {
    let place = presented.place.unwrap_or(Place {
        step: 0,
        ..known.newest
    });
    match verdict {
        Verdict::Next(next) => (known.newest, known.attempt) = (next, presented.attempt.clone()),
        Verdict::Anew(next, why) => {
            let fork = match why {
                Why::Restored | Why::Behind => Fork::Restored,
                Why::Copied => Fork::Refused,
                Why::Picked => Fork::None,
            };
            *known = Known {
                newest: next,
                attempt: presented.attempt.clone(),
                from: place,
                fork,
                ..Known::default()
            };
        }
        Verdict::Wait { begins: true, .. } => (known.fork, known.fork_place, known.fork_at) = (Fork::Waits, place, now),
        _ => {}
    }
}

/// A disk.
#[derive(Debug, Clone, Default)]
struct Disk {
    value: Option<Place>,
    attempt: Option<Vec<u8>>,
}

proptest! {
    /// One machine whatever happens to its answers and to the power: it never waits, is never refused, and its values only grow.
    #[test]
    fn one_machine_that_loses_answers_is_never_a_fork(lost in prop::collection::vec(any::<bool>(), 1..60)) {
        let mut row = Known { newest: at(1, 0), ..Known::default() };
        let mut disk = Disk::default();
        for (n, is_lost) in lost.into_iter().enumerate() {
            let attempt = disk.attempt.get_or_insert_with(|| n.to_be_bytes().to_vec()).clone();
            let presented = Presented { place: disk.value, attempt, matches: true, holder_matches: true, is_picked: true, is_known: false };
            let verdict = decide(&row, &presented, NOW);
            prop_assert!(matches!(verdict, Verdict::Next(_) | Verdict::Again), "{verdict:?}");
            commit(&mut row, &presented, verdict, NOW);
            if !is_lost {
                prop_assert!(disk.value.is_none_or(|old| old < row.newest));
                disk = Disk { value: Some(row.newest), attempt: None };
            }
        }
    }

    /// A copy and its original, in any order of calls and lost answers: before either has had three tokens more, both cannot have gone on unseen.
    #[test]
    fn a_copy_never_goes_on_beside_its_original_unseen(before in 0_i64..20, calls in prop::collection::vec((any::<bool>(), any::<bool>()), 12..40), is_same in any::<bool>()) {
        let newest = at(1, before);
        let mut row = Known { newest, ..Known::default() };
        let value = (before > 0).then_some(newest);
        let mut disks = [Disk { value, attempt: None }, Disk { value, attempt: None }];
        let mut holder = 0;
        let mut went_on = [0, 0];
        for (n, (is_second, is_lost)) in calls.into_iter().enumerate() {
            let who = usize::from(is_second);
            let attempt = disks[who].attempt.get_or_insert_with(|| vec![u8::try_from(n).unwrap(), u8::from(is_second)]).clone();
            // The second machine is the copy; it has the same marks or others.
            let matches = |who: usize| is_same || who == 0;
            let presented = Presented { place: disks[who].value, attempt, matches: matches(who), holder_matches: matches(holder), is_picked: false, is_known: false };
            let verdict = decide(&row, &presented, NOW);
            commit(&mut row, &presented, verdict, NOW);
            match verdict {
                Verdict::Next(_) | Verdict::Anew(..) => {
                    holder = who;
                    if !is_lost { disks[who] = Disk { value: Some(row.newest), attempt: None }; went_on[who] += 1; }
                    if matches!(verdict, Verdict::Anew(..)) { prop_assert!(who == 0); return Ok(()) }
                }
                Verdict::Again => if !is_lost { disks[who] = Disk { value: Some(row.newest), attempt: None }; went_on[who] += 1; },
                Verdict::Refuse { .. } => { prop_assert!(who == 1); return Ok(()) }
                Verdict::Wait { .. } | Verdict::Aside => { prop_assert!(is_same || verdict != Verdict::Aside); return Ok(()) }
            }
            prop_assert!(went_on[0] < 2 || went_on[1] < 2, "both went on: {went_on:?}");
        }
    }
}
