//! Recovery codes: ten of a set, each good once, void with the next set.
use crate::{
    place::{ANA, Place, on_both},
    scene::{app_of, attempt, by, confirm, events, mails, network, pass, prove, prover, refusal, ways},
};
use factors::{CodeProved, Prover, person_lock, recovery_codes};
use ground::{db::Error, journal};
use kernel::{AuthenticatorKind, EventKind, Kinds, Reason};
use std::collections::HashSet;

async fn make(place: &Place, prover: &Prover) -> Vec<String> {
    let codes = recovery_codes::draw(place.now(), &place.ground.chance);
    let shown = codes.shown();
    let hashed = codes.hash(prover, network()).await.unwrap();
    let (ground, by) = (place.ground.clone(), by(place));
    let kept = place.ground.store.write_holding(person_lock(ANA), move |tx| {
        let (made, events) = recovery_codes::replace(tx, &ground, &by, ANA, &hashed)?.unwrap();
        journal::append_all(tx, &events)?;
        Ok::<_, Error>(made)
    });
    assert_eq!(kept.await.unwrap().left, Some(10));
    shown
}

async fn left(place: &Place) -> u32 {
    let ways = ways(place).await;
    let set = ways.iter().find(|way| way.kind == AuthenticatorKind::RecoveryCodes);
    set.unwrap().left.unwrap()
}

#[test]
fn each_of_ten_codes_lets_in_once_and_the_last_three_warn() {
    on_both(async |place| {
        let prover = prover(&place);
        let codes = make(&place, &prover).await;
        assert_eq!((codes.len(), codes.iter().collect::<HashSet<_>>().len()), (10, 10));
        assert!(codes.iter().all(|code| code.len() == 19));
        assert_eq!(
            place.person(ANA).await.kinds,
            Kinds::NONE.with(AuthenticatorKind::RecoveryCodes)
        );
        for (n, code) in (1..).zip(&codes) {
            let typed = if n % 2 == 0 {
                code.to_lowercase().replace('-', " ")
            } else {
                code.clone()
            };
            pass(&place, &prover, &typed).await.unwrap();
            assert_eq!(ways(&place).await[0].has_few_left(), n >= 7, "after {n}");
            if n < 10 {
                assert_eq!(
                    refusal(prove(&prover, code, None).await).reason,
                    Reason::CodeWrong,
                    "spent"
                );
                assert_eq!(left(&place).await, 10 - n);
            }
        }
        assert_eq!(
            place.person(ANA).await.kinds,
            Kinds::NONE,
            "an empty set lets nobody in"
        );
        assert_eq!(events(&place, EventKind::RecoveryCodeUsed).await, 10);
        assert_eq!(mails(&place).await, 11);
    });
}

#[test]
fn a_new_set_voids_the_old_one_also_for_a_code_that_was_right_a_moment_ago() {
    on_both(async |place| {
        let prover = prover(&place);
        let old = make(&place, &prover).await;
        let right = attempt(prove(&prover, &old[0], None).await);
        let new = make(&place, &prover).await;
        assert_eq!(confirm(&place, right).await, Err(Reason::AuthenticatorGone));
        assert_eq!(refusal(prove(&prover, &old[1], None).await).reason, Reason::CodeWrong);
        pass(&place, &prover, &new[0]).await.unwrap();
        assert_eq!(place.count("SELECT count(*) FROM recovery_code_set").await, 1);
    });
}

#[test]
fn one_code_shown_twenty_times_at_once_lets_in_once() {
    on_both(async |place| {
        let prover = prover(&place);
        let codes = make(&place, &prover).await;
        // Ten at once are as many as are looked at before the set pauses.
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (place, prover, code) = (place.clone(), prover.clone(), codes[0].clone());
                tokio::spawn(async move {
                    match prove(&prover, &code, None).await {
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
        assert_eq!((winners, left(&place).await), (1, 9));
    });
}

#[test]
fn wrong_codes_pause_the_set_and_leave_the_app_alone() {
    on_both(async |place| {
        let prover = prover(&place);
        let phone = app_of(&place, ANA, 0).await;
        let codes = make(&place, &prover).await;
        let tasks: Vec<_> = (0..40)
            .map(|_| {
                let prover = prover.clone();
                tokio::spawn(async move { prove(&prover, "AAAA-BBBB-CCCC-DDDD", None).await })
            })
            .collect();
        let mut wrong = 0;
        for task in tasks {
            wrong += usize::from(matches!(task.await.unwrap(), CodeProved::Wrong(_)));
        }
        assert_eq!(wrong, 10);
        assert!(matches!(
            prove(&prover, &codes[0], None).await,
            CodeProved::Paused { .. }
        ));
        pass(&place, &prover, &phone.code(&place)).await.unwrap();
    });
}

#[test]
fn nothing_of_a_code_lies_open_in_the_store() {
    on_both(async |place| {
        let prover = prover(&place);
        let codes = make(&place, &prover).await;
        let (hashes, recipes): (Vec<Vec<u8>>, Vec<String>) = place
            .ground
            .store
            .read(|view| {
                let hashes = view.all("SELECT hash FROM recovery_code", &[])?;
                Ok::<_, Error>((hashes, view.all("SELECT recipe FROM recovery_code_set", &[])?))
            })
            .await
            .unwrap();
        assert_eq!((hashes.len(), recipes.len()), (10, 1), "one salt a set");
        assert!(recipes[0].starts_with("$argon2id$v=19$"));
        for code in codes {
            let plain = code.replace('-', "");
            assert!(
                hashes
                    .iter()
                    .all(|hash| hash.len() == 32
                        && !hash.windows(8).any(|w| plain.as_bytes().windows(8).any(|p| p == w)))
            );
        }
    });
}
