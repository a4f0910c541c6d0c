//! The checker itself is checked: it must see each kind of loss, and nothing where nothing was lost.
use super::*;

fn sign_in(token: &str) -> Deed {
    Deed::SignIn {
        password: "one".into(),
        token: Some(token.into()),
        replaces: None,
    }
}

fn seen(name: &str, live: &[&str], tested: &[&str], events: &[(&'static str, u64)]) -> Seen {
    let set = |tokens: &[&str]| tokens.iter().map(|token| (*token).to_owned()).collect::<BTreeSet<_>>();
    Seen {
        name: name.into(),
        password: "one".into(),
        tested: set(tested),
        live: set(live),
        sessions: live.len(),
        events: events.iter().copied().collect(),
    }
}

fn signed_in(tokens: &[&str]) -> Worlds {
    let mut worlds = Worlds::new("Ana", "one");
    for token in tokens {
        worlds.acknowledged(&sign_in(token)).unwrap();
    }
    worlds
}

#[test]
fn an_acknowledged_session_that_is_gone_is_lost() {
    let mut worlds = signed_in(&["a", "b"]);
    let wrong = worlds
        .settle(&seen("Ana", &["a"], &["a", "b"], &[("signed-in", 2)]))
        .unwrap_err();
    assert!(wrong.iter().any(|line| line.starts_with("lost: session")), "{wrong:?}");
}

#[test]
fn an_ended_session_that_works_is_revived() {
    let mut worlds = signed_in(&["a", "b"]);
    worlds
        .acknowledged(&Deed::EndOne {
            by: "a".into(),
            token: "b".into(),
        })
        .unwrap();
    let wrong = worlds
        .settle(&seen(
            "Ana",
            &["a", "b"],
            &["a", "b"],
            &[("signed-in", 2), ("session-ended", 1)],
        ))
        .unwrap_err();
    assert!(wrong.iter().any(|line| line.starts_with("revived")), "{wrong:?}");
}

#[test]
fn a_deed_without_an_answer_may_have_been_done_or_not() {
    let mut worlds = signed_in(&["a"]);
    worlds.unknown(&Deed::Rename {
        by: "a".into(),
        name: "Bea".into(),
    });
    let events = [("signed-in", 1), ("name-changed", 1)];
    assert_eq!(worlds.clone().settle(&seen("Bea", &["a"], &["a"], &events)), Ok(()));
    assert_eq!(
        worlds.clone().settle(&seen("Ana", &["a"], &["a"], &events[..1])),
        Ok(())
    );
    // Half of it is neither: the name without its line in the log.
    assert!(
        worlds
            .clone()
            .settle(&seen("Bea", &["a"], &["a"], &events[..1]))
            .is_err()
    );
    assert!(worlds.settle(&seen("Cleo", &["a"], &["a"], &events)).is_err());
}

#[test]
fn a_password_changed_without_an_answer_ended_all_sessions_or_none() {
    let mut worlds = signed_in(&["a", "b"]);
    worlds.unknown(&Deed::ChangePassword {
        by: "a".into(),
        current: "one".into(),
        password: "two".into(),
        token: None,
    });
    let both = ["a", "b"];
    let old = seen("Ana", &both, &both, &[("signed-in", 2)]);
    assert_eq!(worlds.clone().settle(&old), Ok(()));
    let new = Seen {
        password: "two".into(),
        sessions: 1,
        ..seen("Ana", &[], &both, &[("signed-in", 2), ("password-changed", 1)])
    };
    assert_eq!(worlds.clone().settle(&new), Ok(()));
    let half = Seen {
        password: "two".into(),
        sessions: 2,
        ..seen("Ana", &["b"], &both, &[("signed-in", 2), ("password-changed", 1)])
    };
    assert!(worlds.settle(&half).is_err());
}

#[test]
fn a_line_too_few_or_too_many_in_the_log_is_seen() {
    for count in [0, 2] {
        let mut worlds = signed_in(&["a"]);
        assert!(
            worlds
                .settle(&seen("Ana", &["a"], &["a"], &[("signed-in", count)]))
                .is_err()
        );
    }
}

#[test]
fn what_was_seen_is_believed_and_the_next_round_begins_from_it() {
    let mut worlds = signed_in(&["a", "b"]);
    assert!(
        worlds
            .settle(&seen("Zoe", &["b"], &["a", "b"], &[("signed-in", 2)]))
            .is_err()
    );
    assert_eq!(worlds.settle(&seen("Zoe", &["b"], &["a", "b"], &[])), Ok(()));
}

#[test]
fn an_acknowledgement_that_no_world_allows_is_told() {
    let mut worlds = signed_in(&["a"]);
    assert!(
        worlds
            .acknowledged(&Deed::Rename {
                by: "x".into(),
                name: "Bea".into()
            })
            .is_err()
    );
    assert!(
        worlds
            .acknowledged(&Deed::SignIn {
                password: "wrong".into(),
                token: Some("b".into()),
                replaces: None
            })
            .is_err()
    );
}

#[test]
fn an_old_password_is_remembered_once_it_surely_no_longer_opens() {
    let mut worlds = signed_in(&["a"]);
    let change = Deed::ChangePassword {
        by: "a".into(),
        current: "one".into(),
        password: "two".into(),
        token: Some("b".into()),
    };
    let mut unsure = worlds.clone();
    unsure.unknown(&change);
    assert_eq!((unsure.old_password(), unsure.passwords().len()), (None, 2));
    worlds.acknowledged(&change).unwrap();
    assert_eq!(worlds.old_password().as_deref(), Some("one"));
    assert_eq!(worlds.surely_ended(), ["a"]);
}
