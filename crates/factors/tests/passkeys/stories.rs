use crate::{
    desk::{Desk, SESSION},
    place::{ANA, BEN, ORIGIN, on_both, on_both_at},
    soft_passkey::SoftPasskey,
};
use kernel::{AuthenticatorKind, Reason};
use serde_json::json;
use uuid::Uuid;

/// Why it was refused; a proof that should not be ends the story.
fn refused<T>(answer: Result<T, Reason>) -> Reason {
    answer.err().expect("a refusal")
}

#[test]
fn a_passkey_is_added_signs_in_and_proves_again() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        let id = desk.enrol(ANA, &mut key).await.unwrap();
        assert!(at.person(ANA).await.kinds.contains(AuthenticatorKind::Passkey));
        assert_eq!(desk.sign_in(&mut key).await, Ok(ANA));
        assert_eq!(
            desk.sign_in(&mut key).await,
            Ok(ANA),
            "a second time, with its counter moved on"
        );
        let started = desk.start_confirm(ANA).await.unwrap();
        let proof = desk.finish_confirm(ANA, SESSION, key.get(&started)).await.unwrap();
        assert_eq!(proof.authenticator(), id);
        assert_eq!(proof.name(), "Firefox on Linux");
        desk.confirm(proof).await.unwrap();
        assert_eq!(at.count("SELECT sign_count FROM passkey").await, 4);
        assert_eq!(at.count("SELECT used_at FROM authenticator").await, at.now().micros());
        assert_eq!(at.count("SELECT count(*) FROM passkey_ceremony").await, 0);
    });
}

#[test]
fn a_synchronised_passkey_without_a_counter_works_as_often_as_it_is_asked() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at), SoftPasskey::new(ORIGIN));
        (key.counts, key.is_synchronised) = (false, true);
        desk.enrol(ANA, &mut key).await.unwrap();
        for _ in 0..3 {
            assert_eq!(desk.sign_in(&mut key).await, Ok(ANA));
        }
    });
}

#[test]
fn the_question_demands_what_we_want_of_a_key() {
    on_both(|at| async move {
        let desk = Desk::new(at);
        let asked = desk.start_enrol(ANA, &[]).await.unwrap()["publicKey"].clone();
        assert_eq!(asked["rp"], json!({ "name": "Doorward", "id": "door.example.org" }));
        let selection = &asked["authenticatorSelection"];
        assert_eq!(selection["residentKey"], "required");
        assert_eq!(selection["requireResidentKey"], true);
        assert_eq!(selection["userVerification"], "required");
        assert_eq!(asked["attestation"], "none");
        assert_eq!(asked["timeout"], 300_000);
        let asked = desk.start_enrol(ANA, &[Uuid::from_u128(7)]).await.unwrap()["publicKey"].clone();
        assert_eq!(asked["attestation"], "direct");
        let asked = desk.start_sign_in().await["publicKey"].clone();
        assert_eq!(asked["rpId"], "door.example.org");
        assert_eq!(asked["userVerification"], "required");
        assert_eq!(
            asked["allowCredentials"],
            json!([]),
            "so that nothing tells whose keys there are"
        );
        assert!(asked["challenge"].as_str().unwrap().len() >= 43, "256 bits");
    });
}

#[test]
fn an_answer_for_another_origin_or_relying_party_proves_nothing() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut key).await.unwrap();
        for origin in [
            "https://door.example.org.evil.example",
            "https://evil.example",
            "http://door.example.org",
            "https://door.example.org:8443",
            "https://sub.door.example.org",
        ] {
            key.origin = origin.into();
            assert_eq!(desk.sign_in(&mut key).await, Err(Reason::PasskeyOtherSite), "{origin}");
            let mut new = SoftPasskey::new(origin);
            assert_eq!(
                desk.enrol(ANA, &mut new).await,
                Err(Reason::PasskeyOtherSite),
                "{origin}"
            );
        }
        key.origin = ORIGIN.into();
        key.relying = Some("evil.example".into());
        assert_eq!(desk.sign_in(&mut key).await, Err(Reason::PasskeyOtherSite));
        key.relying = None;
        assert_eq!(desk.sign_in(&mut key).await, Ok(ANA));
        assert_eq!(at.count("SELECT count(*) FROM authenticator").await, 1);
    });
}

#[test]
fn an_answer_counts_once_and_for_five_minutes() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut key).await.unwrap();
        let body = key.get(&desk.start_sign_in().await);
        let proof = desk.finish_sign_in(body.clone()).await.unwrap();
        desk.confirm(proof).await.unwrap();
        assert_eq!(refused(desk.finish_sign_in(body.clone()).await), Reason::PasskeyEnded);
        // Nor does it answer another question.
        let mut moved = body;
        moved["ceremony"] = desk.start_sign_in().await["ceremony"].clone();
        assert_eq!(refused(desk.finish_sign_in(moved).await), Reason::PasskeyWrong);

        let started = desk.start_sign_in().await;
        at.pass(301);
        assert_eq!(
            refused(desk.finish_sign_in(key.get(&started)).await),
            Reason::PasskeyEnded
        );
        let started = desk.start_enrol(ANA, &[]).await.unwrap();
        let body = SoftPasskey::new(ORIGIN).create(&started);
        desk.finish_enrol(ANA, body.clone(), &[]).await.unwrap();
        assert_eq!(desk.finish_enrol(ANA, body, &[]).await, Err(Reason::PasskeyEnded));
    });
}

#[test]
fn of_many_who_show_one_answer_at_once_one_gets_in() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut key).await.unwrap();
        let body = key.get(&desk.start_sign_in().await);
        let tries: Vec<_> = (0..20)
            .map(|_| {
                let (desk, body) = (desk.clone(), body.clone());
                tokio::spawn(async move { desk.finish_sign_in(body).await.is_ok() })
            })
            .collect();
        let mut won = 0;
        for one in tries {
            won += u32::from(one.await.unwrap());
        }
        assert_eq!(won, 1);
    });
}

#[test]
fn a_counter_that_went_back_is_refused_and_told() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut key).await.unwrap();
        let mut copy = key.clone();
        assert_eq!(desk.sign_in(&mut key).await, Ok(ANA));
        assert_eq!(desk.sign_in(&mut copy).await, Err(Reason::PasskeyCounterWrong));
        assert_eq!(
            at.count("SELECT count(*) FROM event WHERE kind = 'passkey-counter-back'")
                .await,
            1
        );
        assert_eq!(
            at.count("SELECT count(*) FROM message").await,
            2,
            "its owner is told, as of the new passkey"
        );
        assert_eq!(desk.sign_in(&mut key).await, Ok(ANA), "the newer one goes on");
        // Two right answers with one counter, judged side by side: the commit lets one through.
        let mut twin = key.clone();
        let (one, two) = (desk.start_sign_in().await, desk.start_sign_in().await);
        let first = desk.finish_sign_in(key.get(&one)).await.unwrap();
        let second = desk.finish_sign_in(twin.get(&two)).await.unwrap();
        assert!(desk.confirm(first).await.is_ok());
        assert_eq!(desk.confirm(second).await, Err(Reason::PasskeyCounterWrong));
    });
}

#[test]
fn without_user_verification_nothing_is_added_and_nobody_gets_in() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        key.verifies = false;
        assert_eq!(desk.enrol(ANA, &mut key).await, Err(Reason::PasskeyUnverified));
        key.verifies = true;
        desk.enrol(ANA, &mut key).await.unwrap();
        key.verifies = false;
        assert_eq!(desk.sign_in(&mut key).await, Err(Reason::PasskeyUnverified));
        let started = desk.start_confirm(ANA).await.unwrap();
        let answer = desk.finish_confirm(ANA, SESSION, key.get(&started)).await;
        assert_eq!(refused(answer), Reason::PasskeyUnverified);
    });
}

#[test]
fn a_question_is_answered_by_its_person_and_session_alone() {
    on_both(|at| async move {
        let desk = Desk::new(at.clone());
        let (mut anas, mut bens) = (SoftPasskey::new(ORIGIN), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut anas).await.unwrap();
        desk.enrol(BEN, &mut bens).await.unwrap();
        assert_eq!(desk.sign_in(&mut bens).await, Ok(BEN));
        // Another session, another person, another purpose: the question is not theirs, and stays for its owner.
        let started = desk.start_confirm(ANA).await.unwrap();
        let body = anas.get(&started);
        assert_eq!(
            refused(desk.finish_confirm(ANA, b"another", body.clone()).await),
            Reason::PasskeyEnded
        );
        assert_eq!(
            refused(desk.finish_confirm(BEN, SESSION, body.clone()).await),
            Reason::PasskeyEnded
        );
        assert_eq!(refused(desk.finish_sign_in(body.clone()).await), Reason::PasskeyEnded);
        assert!(desk.finish_confirm(ANA, SESSION, body).await.is_ok());
        // Ben's key answers Ana's question.
        let mut started = desk.start_confirm(ANA).await.unwrap();
        started["publicKey"]["allowCredentials"] = json!([]);
        let answer = desk.finish_confirm(ANA, SESSION, bens.get(&started)).await;
        assert_eq!(refused(answer), Reason::PasskeyUnknown);
        // A key row moved to another person does not open there.
        at.run("UPDATE passkey SET person = (SELECT id FROM person WHERE email = 'ben@b.example')")
            .await;
        assert_eq!(desk.sign_in(&mut anas).await, Err(Reason::PasskeyUnknown));
    });
}

#[test]
fn an_unknown_or_unreadable_passkey_is_refused() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut key).await.unwrap();
        let started = desk.start_sign_in().await;
        let good = key.get(&started);
        for broken in [
            json!(null),
            json!({}),
            json!("x"),
            json!({ "id": 7 }),
            json!([good["credential"]]),
        ] {
            let body = json!({ "ceremony": desk.start_sign_in().await["ceremony"], "credential": broken });
            assert_eq!(refused(desk.finish_sign_in(body).await), Reason::PasskeyWrong);
        }
        let mut other = good.clone();
        other["credential"]["rawId"] = json!("AAAA");
        assert_eq!(refused(desk.finish_sign_in(other).await), Reason::PasskeyUnknown);
        let mut torn = key.get(&desk.start_sign_in().await);
        torn["credential"]["response"]["signature"] = good["credential"]["response"]["signature"].clone();
        assert_eq!(refused(desk.finish_sign_in(torn).await), Reason::PasskeyWrong);
        // Nobody said who they are, and the key does not say it either.
        let mut silent = key.get(&desk.start_sign_in().await);
        silent["credential"]["response"]["userHandle"] = json!(null);
        assert_eq!(refused(desk.finish_sign_in(silent).await), Reason::PasskeyUnknown);
        at.run("DELETE FROM authenticator").await;
        assert_eq!(
            at.count("SELECT count(*) FROM passkey").await,
            0,
            "it goes with its line"
        );
        assert_eq!(desk.sign_in(&mut key).await, Err(Reason::PasskeyUnknown));
        assert_eq!(desk.start_confirm(ANA).await, Err(Reason::PasskeyNone));
    });
}

#[test]
fn who_was_disabled_signed_out_or_lost_the_passkey_meanwhile_does_not_get_in() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut key).await.unwrap();
        let proof = desk.finish_sign_in(key.get(&desk.start_sign_in().await)).await.unwrap();
        at.run("UPDATE person SET epoch = epoch + 1").await;
        assert_eq!(desk.confirm(proof).await, Err(Reason::SignInMoved));
        let proof = desk.finish_sign_in(key.get(&desk.start_sign_in().await)).await.unwrap();
        at.run("UPDATE person SET disabled_at = 1").await;
        assert_eq!(desk.confirm(proof).await, Err(Reason::SignInMoved));
        assert_eq!(desk.sign_in(&mut key).await, Err(Reason::PasskeyUnknown));
        at.run("UPDATE person SET disabled_at = NULL").await;
        let proof = desk.finish_sign_in(key.get(&desk.start_sign_in().await)).await.unwrap();
        at.run("DELETE FROM authenticator").await;
        assert_eq!(desk.confirm(proof).await, Err(Reason::PasskeyUnknown));
    });
}

#[test]
fn a_key_is_added_once_of_an_allowed_model_and_only_where_it_stays() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        let ours = 0xcb69_481e_8ff7_4039_93ec_0a27_29a1_54a8;
        let list = [Uuid::from_u128(ours)];
        let started = desk.start_enrol(ANA, &list).await.unwrap();
        let answer = desk.finish_enrol(ANA, key.create(&started), &list).await;
        assert_eq!(answer, Err(Reason::PasskeyModelForbidden));
        key.model = ours;
        let started = desk.start_enrol(ANA, &list).await.unwrap();
        let body = key.create(&started);
        desk.finish_enrol(ANA, body.clone(), &list).await.unwrap();
        assert_eq!(desk.sign_in(&mut key).await, Ok(ANA));
        let name = at
            .ground
            .store
            .read(|view| view.one::<String>("SELECT name FROM authenticator", &[]));
        assert_eq!(name.await.unwrap(), "YubiKey 5");

        let mut thin = SoftPasskey::new(ORIGIN);
        thin.keeps = false;
        assert_eq!(desk.enrol(ANA, &mut thin).await, Err(Reason::PasskeyNotKept));
        // One id, twice: whoever comes second is refused, and nothing of it stays.
        let (mut first, mut second) = (SoftPasskey::new(ORIGIN), SoftPasskey::new(ORIGIN));
        (first.next_id, second.next_id) = (Some(vec![7; 32]), Some(vec![7; 32]));
        desk.enrol(ANA, &mut first).await.unwrap();
        assert_eq!(desk.enrol(BEN, &mut second).await, Err(Reason::PasskeyTaken));
        assert_eq!(at.count("SELECT count(*) FROM authenticator").await, 2);
        assert!(at.person(BEN).await.kinds.is_empty());
    });
}

#[test]
fn a_person_has_at_most_twenty_passkeys() {
    on_both(|at| async move {
        let desk = Desk::new(at);
        let late = desk.start_enrol(ANA, &[]).await.unwrap();
        for _ in 0..20 {
            desk.enrol(ANA, &mut SoftPasskey::new(ORIGIN)).await.unwrap();
        }
        assert_eq!(desk.start_enrol(ANA, &[]).await, Err(Reason::PasskeyTooMany));
        // The question from before gave way to newer ones.
        let body = SoftPasskey::new(ORIGIN).create(&late);
        let answer = desk.finish_enrol(ANA, body, &[]).await;
        assert!(matches!(answer, Err(Reason::PasskeyTooMany | Reason::PasskeyEnded)));
    });
}

#[test]
fn ceremonies_are_capped_for_a_network_and_ended_ones_go() {
    on_both(|at| async move {
        let (desk, mut key) = (Desk::new(at.clone()), SoftPasskey::new(ORIGIN));
        desk.enrol(ANA, &mut key).await.unwrap();
        let first = desk.start_sign_in().await;
        at.pass(1);
        for _ in 0..505 {
            desk.start_sign_in().await;
        }
        assert_eq!(at.count("SELECT count(*) FROM passkey_ceremony").await, 500);
        let last = desk.start_sign_in().await;
        assert_eq!(
            refused(desk.finish_sign_in(key.get(&first)).await),
            Reason::PasskeyEnded
        );
        assert!(desk.finish_sign_in(key.get(&last)).await.is_ok());
        at.pass(600);
        for _ in 0..6 {
            desk.start_sign_in().await;
        }
        assert_eq!(at.count("SELECT count(*) FROM passkey_ceremony").await, 6);
    });
}

#[test]
fn a_server_without_a_name_has_no_passkeys_and_says_so() {
    on_both_at("http://127.0.0.1:8080", |at| async move {
        let desk = Desk::new(at);
        assert!(!desk.passkeys.is_available());
        assert_eq!(desk.start_enrol(ANA, &[]).await, Err(Reason::PasskeyUnavailable));
        assert_eq!(desk.start_confirm(ANA).await, Err(Reason::PasskeyUnavailable));
    });
}

#[test]
fn a_server_on_localhost_has_passkeys() {
    on_both_at("http://localhost:8080", |at| async move {
        let (desk, mut key) = (Desk::new(at), SoftPasskey::new("http://localhost:8080"));
        desk.enrol(ANA, &mut key).await.unwrap();
        assert_eq!(desk.sign_in(&mut key).await, Ok(ANA));
        key.origin = "http://localhost:8081".into();
        assert_eq!(desk.sign_in(&mut key).await, Err(Reason::PasskeyOtherSite));
    });
}
