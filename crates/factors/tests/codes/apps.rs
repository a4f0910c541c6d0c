//! Authenticator apps: set up, right and wrong codes, clocks that are off, steps that are spent once.
use crate::{
    place::{ANA, BEN, on_both},
    scene::{
        Phone, app_of, attempt, confirm, events, first_code, gate, mails, network, pass, prove, prover, refusal, start,
        ways,
    },
};
use factors::{CodeProved, Drift, app};
use kernel::{AuthenticatorKind, Deployment, EventKind, Kinds, Reason, Span, Time};
use std::{collections::HashSet, process::Command};

#[test]
fn an_app_is_set_up_with_its_first_code_and_told_of() {
    on_both(async |place| {
        let begun = start(&place, ANA).await;
        let ground = place.ground.clone();
        let again = place
            .ground
            .store
            .read(move |view| app::pending(view, &ground, Deployment, ANA, begun.id));
        assert_eq!(
            again.await.unwrap().unwrap().secret,
            begun.secret,
            "a page that is loaded anew shows the same"
        );
        assert_eq!(
            place.person(ANA).await.kinds,
            Kinds::NONE,
            "before its first code it is nothing"
        );
        let phone = Phone {
            id: begun.id,
            secret: begun.secret,
            off: 0,
        };
        let wrong = first_code(&place, ANA, phone.id, &phone.wrong(&place))
            .await
            .unwrap_err();
        assert_eq!(wrong.reason, Reason::CodeWrong);
        first_code(&place, ANA, phone.id, &phone.code(&place)).await.unwrap();
        assert_eq!(place.person(ANA).await.kinds, Kinds::NONE.with(AuthenticatorKind::App));
        let ways = ways(&place).await;
        assert_eq!(
            (ways.len(), ways[0].name.as_str(), ways[0].drift_seconds),
            (1, "Authenticator app", 0)
        );
        assert_eq!(
            (events(&place, EventKind::AuthenticatorAdded).await, mails(&place).await),
            (1, 1)
        );
        let (ground, id) = (place.ground.clone(), phone.id);
        let gone = place
            .ground
            .store
            .read(move |view| app::pending(view, &ground, Deployment, ANA, id));
        assert!(gone.await.unwrap().is_none(), "the secret is not shown again");
        let spent = first_code(&place, ANA, phone.id, &phone.code(&place))
            .await
            .unwrap_err();
        assert_eq!(spent.reason, Reason::CodeEnrolmentOver);
        // The code of the enrolment is spent, and sign-in judges alike.
        let prover = prover(&place);
        assert_eq!(
            refusal(prove(&prover, &phone.code(&place), None).await).reason,
            Reason::CodeSpent
        );
        place.pass(30);
        pass(&place, &prover, &phone.code(&place)).await.unwrap();
    });
}

#[test]
fn somebody_elses_enrolment_and_one_of_long_ago_cannot_be_confirmed() {
    on_both(async |place| {
        let begun = start(&place, ANA).await;
        let phone = Phone {
            id: begun.id,
            secret: begun.secret,
            off: 0,
        };
        let foreign = first_code(&place, BEN, phone.id, &phone.code(&place))
            .await
            .unwrap_err();
        assert_eq!(foreign.reason, Reason::CodeEnrolmentOver);
        place.pass(3_600);
        let late = first_code(&place, ANA, phone.id, &phone.code(&place))
            .await
            .unwrap_err();
        assert_eq!(late.reason, Reason::CodeEnrolmentOver);
        // Of many that are begun the newest three live.
        let mut all = Vec::new();
        for _ in 0..5 {
            place.pass(1);
            all.push(start(&place, ANA).await.id);
        }
        assert_eq!(place.count("SELECT count(*) FROM authenticator").await, 3);
    });
}

#[test]
fn ten_wrong_first_codes_end_an_enrolment() {
    on_both(async |place| {
        let begun = start(&place, ANA).await;
        let phone = Phone {
            id: begun.id,
            secret: begun.secret,
            off: 0,
        };
        for _ in 0..10 {
            assert_eq!(
                first_code(&place, ANA, phone.id, &phone.wrong(&place))
                    .await
                    .unwrap_err()
                    .reason,
                Reason::CodeWrong
            );
        }
        let over = first_code(&place, ANA, phone.id, &phone.code(&place))
            .await
            .unwrap_err();
        assert_eq!(over.reason, Reason::CodeEnrolmentOver);
    });
}

#[test]
fn a_hundred_secrets_have_160_bits_each_are_distinct_and_never_lie_open() {
    on_both(async |place| {
        let mut seen = HashSet::new();
        for _ in 0..100 {
            let begun = start(&place, ANA).await;
            let plain = begun.secret.replace(' ', "");
            assert_eq!(plain.len(), 32, "160 bits");
            let bytes = totp_rs::Secret::try_from_base32(&plain).unwrap();
            let sealed: Vec<Vec<u8>> = place
                .ground
                .store
                .read(|view| view.all("SELECT sealed FROM authenticator WHERE sealed IS NOT NULL", &[]))
                .await
                .unwrap();
            for row in sealed {
                assert!(
                    !row.windows(8)
                        .any(|part| bytes.as_ref().windows(8).any(|other| part == other))
                );
            }
            assert!(seen.insert(plain));
        }
    });
}

#[test]
fn zbarimg_reads_our_picture_and_finds_the_very_address() {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has("zbarimg") {
        eprintln!("skipped: zbarimg is not installed, so nothing was held against another program's eyes");
        return;
    }
    on_both(async |place| {
        let begun = start(&place, ANA).await;
        let file = std::env::temp_dir().join(format!("doorward-qr-{}.pgm", std::process::id()));
        std::fs::write(&file, pgm(&begun.qr_svg)).unwrap();
        let said = Command::new("zbarimg")
            .args(["--quiet", "--raw"])
            .arg(&file)
            .output()
            .unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(String::from_utf8_lossy(&said.stdout).trim_end(), begun.uri);
        assert!(begun.uri.contains(&begun.secret.replace(' ', "")));
    });
}

/// Paints the one path of our picture, eight dots a square.
fn pgm(svg: &str) -> Vec<u8> {
    let between = |from: &str, to: &str| svg.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    let size: usize = between("viewBox=\"0 0 ", " ").parse().unwrap();
    let dots = size * 8;
    let mut picture = vec![255_u8; dots * dots];
    for run in between("<path d=\"", "\"").split('z').filter(|run| !run.is_empty()) {
        let (at, long) = run.strip_prefix('M').unwrap().split_once('h').unwrap();
        let (x, y) = at.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let long: usize = long.split_once('v').unwrap().0.parse().unwrap();
        for row in y * 8..(y + 1) * 8 {
            picture[row * dots + x * 8..row * dots + (x + long) * 8].fill(0);
        }
    }
    [format!("P5\n{dots} {dots}\n255\n").into_bytes(), picture].concat()
}

#[test]
fn a_phone_of_any_spelling_and_half_a_minute_off_gets_in() {
    on_both(async |place| {
        let prover = prover(&place);
        let mut phone = app_of(&place, ANA, -25).await;
        for spelling in ["A", " A ", "B C", "B-C", "B\u{a0}C\n"] {
            place.pass(30);
            let code = phone.code(&place);
            let typed = spelling
                .replace('A', &code)
                .replace('B', &code[..3])
                .replace('C', &code[3..]);
            pass(&place, &prover, &typed).await.unwrap();
        }
        let full_width: String = {
            place.pass(60);
            phone
                .code(&place)
                .chars()
                .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap())
                .collect()
        };
        pass(&place, &prover, &full_width).await.unwrap();
        // Its clock drifts on, a step at a time, and is followed.
        for steps in 1..=9 {
            phone.off = -30 * steps;
            place.pass(90);
            pass(&place, &prover, &phone.code(&place)).await.unwrap();
        }
        assert_eq!(ways(&place).await[0].drift_seconds, -270);
    });
}

#[test]
fn a_slow_phone_is_explained_and_two_codes_in_a_row_let_it_in() {
    on_both(async |place| {
        let prover = prover(&place);
        let mut phone = app_of(&place, ANA, 0).await;
        place.pass(600);
        phone.off = -240;
        let refused = refusal(prove(&prover, &phone.code(&place), None).await);
        assert_eq!(refused.reason, Reason::CodeSlow);
        let by = Span::minutes(4);
        assert_eq!(refused.drift, Some(Drift::Slow { by }));
        let two = phone.pair(&place);
        let right = attempt(prove(&prover, &two, None).await);
        confirm(&place, right).await.unwrap();
        assert_eq!(ways(&place).await[0].drift_seconds, -240);
        assert_eq!(events(&place, EventKind::AppResynchronised).await, 1);
        assert_eq!(refusal(prove(&prover, &two, None).await).reason, Reason::CodeSpent);
        place.pass(30);
        pass(&place, &prover, &phone.code(&place)).await.unwrap();
    });
}

#[test]
fn a_fast_phones_code_is_burned_and_is_not_good_when_its_time_comes() {
    on_both(async |place| {
        let prover = prover(&place);
        let mut phone = app_of(&place, ANA, 0).await;
        place.pass(600);
        phone.off = 240;
        let early = phone.code(&place);
        let refused = refusal(prove(&prover, &early, None).await);
        assert_eq!((refused.reason, refused.drift), (Reason::CodeFast, Some(Drift::Fast)));
        place.pass(240);
        assert_eq!(refusal(prove(&prover, &early, None).await).reason, Reason::CodeSpent);
        // The code that it showed, and the next one: it is let in, and learned.
        let two = phone.pair(&place);
        pass(&place, &prover, &two).await.unwrap();
        assert_eq!(ways(&place).await[0].drift_seconds, 240);
    });
}

#[test]
fn of_twenty_who_show_one_code_at_once_one_gets_in() {
    on_both(async |place| {
        let prover = prover(&place);
        let phone = app_of(&place, ANA, 0).await;
        let code = phone.code(&place);
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                let (place, prover) = (place.clone(), prover.clone());
                // Every other way of spelling it.
                let typed = if n % 2 == 0 {
                    code.clone()
                } else {
                    format!(" {} {}", &code[..3], &code[3..])
                };
                tokio::spawn(async move {
                    match prove(&prover, &typed, None).await {
                        CodeProved::Right(attempt) => confirm(&place, attempt).await.is_ok(),
                        _ => false,
                    }
                })
            })
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += usize::from(task.await.unwrap());
        }
        assert_eq!(winners, 1);
    });
}

#[test]
fn of_200_wrong_codes_at_once_ten_are_looked_at_whatever_their_challenge() {
    on_both(async |place| {
        let prover = prover(&place);
        let phone = app_of(&place, ANA, 0).await;
        let tasks: Vec<_> = (0..200_u32)
            .map(|n| {
                let (prover, request) = (prover.clone(), [u8::try_from(n % 250).unwrap(); 32]);
                let typed = phone.wrong(&place);
                tokio::spawn(async move { prove(&prover, &typed, Some(request)).await })
            })
            .collect();
        let (mut wrong, mut paused) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                CodeProved::Wrong(_) => wrong += 1,
                CodeProved::Paused { reason, until } => {
                    assert_eq!(
                        (reason, until),
                        (Reason::CodePaused, Some(place.now() + Span::minutes(15)))
                    );
                    paused += 1;
                }
                _ => panic!("a wrong code was right"),
            }
        }
        assert_eq!((wrong, paused), (10, 190));
        assert_eq!(events(&place, EventKind::CodeRefused).await, 10);
        assert_eq!(events(&place, EventKind::AuthenticatorPaused).await, 1);
        assert_eq!(
            mails(&place).await,
            2,
            "one of the enrolment, one that somebody tries codes"
        );
        // The right code does not get past the pause; another node or a restart knows of it, for it stands in the store.
        let other_node = crate::scene::prover(&place);
        assert!(matches!(
            prove(&other_node, &phone.code(&place), None).await,
            CodeProved::Paused { .. }
        ));
        place.pass(900);
        pass(&place, &other_node, &phone.code(&place)).await.unwrap();
        assert_eq!(events(&place, EventKind::AuthenticatorReleased).await, 1);
        // A success sets it to nought.
        for _ in 0..9 {
            assert_eq!(
                refusal(prove(&prover, &phone.wrong(&place), None).await).reason,
                Reason::CodeWrong
            );
        }
        place.pass(30);
        pass(&place, &prover, &phone.code(&place)).await.unwrap();
    });
}

#[test]
fn each_pause_has_one_try_at_its_end_and_after_a_hundred_it_is_shut() {
    on_both(async |place| {
        let prover = prover(&place);
        let phone = app_of(&place, ANA, 0).await;
        for _ in 0..10 {
            prove(&prover, &phone.wrong(&place), None).await;
        }
        for minutes in [15, 30, 60, 120] {
            let CodeProved::Paused { until, .. } = prove(&prover, &phone.wrong(&place), None).await else {
                panic!("not paused");
            };
            assert_eq!(until, Some(place.now() + Span::minutes(minutes)));
            place.pass(minutes * 60);
            assert_eq!(
                refusal(prove(&prover, &phone.wrong(&place), None).await).reason,
                Reason::CodeWrong
            );
        }
        for _ in 0..86 {
            place.pass(86_400);
            prove(&prover, &phone.wrong(&place), None).await;
        }
        place.pass(86_400);
        let shut = prove(&prover, &phone.code(&place), None).await;
        let is_shut = matches!(
            shut,
            CodeProved::Paused {
                reason: Reason::CodeShut,
                until: None
            }
        );
        assert!(is_shut && ways(&place).await[0].is_shut);
    });
}

#[test]
fn the_end_of_a_pause_is_told_by_the_sweep_dated_when_it_ended() {
    on_both(async |place| {
        let prover = prover(&place);
        let phone = app_of(&place, ANA, 0).await;
        for _ in 0..10 {
            prove(&prover, &phone.wrong(&place), None).await;
        }
        let until = place.now() + Span::minutes(15);
        place.pass(7_200);
        for _ in 0..2 {
            let (ground, now) = (place.ground.clone(), place.now());
            let swept = place
                .ground
                .store
                .write(move |tx| factors::authenticators::sweep(tx, &ground, now));
            swept.await.unwrap();
        }
        let at: Vec<Time> = place
            .ground
            .store
            .read(|view| view.all("SELECT at FROM event WHERE kind = 'authenticator-released'", &[]))
            .await
            .unwrap();
        assert_eq!(at, [until]);
    });
}

#[test]
fn with_two_apps_the_code_of_either_counts_and_the_other_is_not_blamed() {
    on_both(async |place| {
        let prover = prover(&place);
        let first = app_of(&place, ANA, 0).await;
        let second = app_of(&place, ANA, 0).await;
        for _ in 0..12 {
            place.pass(30);
            pass(&place, &prover, &second.code(&place)).await.unwrap();
        }
        place.pass(30);
        pass(&place, &prover, &first.code(&place)).await.unwrap();
        let found = ways(&place).await;
        assert_eq!(found[1].name, "Authenticator app 2");
        assert!(found.iter().all(|way| way.paused_until.is_none()));
    });
}

#[test]
fn a_removed_app_lets_nobody_in_not_even_with_a_code_that_was_right_a_moment_ago() {
    on_both(async |place| {
        let prover = prover(&place);
        let phone = app_of(&place, ANA, 0).await;
        let right = attempt(prove(&prover, &phone.code(&place), None).await);
        let remove = |person| {
            let (ground, by, id) = (place.ground.clone(), crate::scene::by(&place), phone.id);
            let lock = factors::person_lock(person);
            place.ground.store.write_holding(lock, move |tx| {
                let gone = factors::authenticators::remove(tx, &ground, &by, person, id)?;
                let events = gone.map(|(_, events)| events);
                ground::journal::append_all(tx, events.as_deref().unwrap_or_default())?;
                Ok::<_, ground::db::Error>(events.is_some())
            })
        };
        assert!(!remove(BEN).await.unwrap(), "it is not theirs");
        assert!(remove(ANA).await.unwrap());
        assert_eq!(confirm(&place, right).await, Err(Reason::AuthenticatorGone));
        place.pass(30);
        let gone = refusal(prove(&prover, &phone.code(&place), None).await);
        assert_eq!(gone.reason, Reason::CodeKindAbsent);
        assert_eq!(place.person(ANA).await.kinds, Kinds::NONE);
        assert_eq!(
            (
                events(&place, EventKind::AuthenticatorRemoved).await,
                mails(&place).await
            ),
            (1, 2)
        );
    });
}

#[test]
fn a_gate_that_says_no_and_a_kind_that_policy_does_not_allow_let_nobody_in() {
    on_both(async |place| {
        let prover = prover(&place);
        let phone = app_of(&place, ANA, 0).await;
        let code = phone.code(&place);
        let shut = prover.prove_code(network(), ANA, &code, |_| Ok(None)).await.unwrap();
        assert!(matches!(shut, CodeProved::Nothing));
        let other = prover
            .prove_code(network(), ANA, &code, |_| Ok(Some(gate(BEN, None))))
            .await
            .unwrap();
        assert!(matches!(other, CodeProved::Nothing), "a gate for somebody else is none");
        let only_keys = |_: &mut ground::db::Tx| {
            let mut gate = gate(ANA, None);
            gate.allowed = Kinds::NONE.with(AuthenticatorKind::Passkey);
            Ok(Some(gate))
        };
        let refused = refusal(prover.prove_code(network(), ANA, &code, only_keys).await.unwrap());
        assert_eq!(refused.reason, Reason::CodeKindAbsent);
        pass(&place, &prover, &code).await.unwrap();
    });
}
