//! Codes by text message: numbers verified first, codes bound to their request, limits that hold under parallel asks.
use crate::{
    place::{ANA, BEN, Place, on_both},
    scene::{HOME, attempt, by, confirm, events, mails, prove, prover, refusal},
};
use factors::{
    CodeProved, CodeRefusal, person_lock,
    text::{self, Draw, Sent, Unsent},
};
use ground::{db::Error, delivery::State, journal};
use kernel::{AuthenticatorId, AuthenticatorKind, Chance, Deployment, EventKind, Kinds, PersonId, Reason, Span};
use organisations::TextPolicy;

const HERE: [u8; 32] = [1; 32];
const THERE: [u8; 32] = [2; 32];
const NUMBER: &str = "+44 (0)7700 900123";

fn policy(countries: &[&str]) -> TextPolicy {
    TextPolicy {
        allowed: true,
        countries: countries.iter().map(ToString::to_string).collect(),
    }
}

async fn add(
    place: &Place,
    person: PersonId,
    number: &'static str,
    policy: TextPolicy,
) -> Result<AuthenticatorId, Reason> {
    let (ground, now) = (place.ground.clone(), place.now());
    let added = place.ground.store.write_holding(person_lock(person), move |tx| {
        text::add(tx, &ground, person, number, &policy, now)
    });
    added.await.unwrap()
}

/// Sends a code that the test chose: these eight digits.
async fn send(
    place: &Place,
    person: PersonId,
    phone: AuthenticatorId,
    request: [u8; 32],
    code: u64,
) -> Result<Sent, Unsent> {
    send_under(place, person, phone, request, code, policy(&[])).await
}
async fn send_under(
    place: &Place,
    person: PersonId,
    phone: AuthenticatorId,
    request: [u8; 32],
    code: u64,
    policy: TextPolicy,
) -> Result<Sent, Unsent> {
    let (ground, by) = (place.ground.clone(), by(place));
    let real = ground.chance.clone();
    let chosen = Chance::new(move |out| {
        if out.len() == 8 {
            out.copy_from_slice(&code.to_le_bytes());
        } else {
            real.fill(out);
        }
    });
    let draw = Draw::new(by.at, &chosen);
    let sent = place.ground.store.write_holding(person_lock(person), move |tx| {
        let answer = text::send(tx, &ground, &by, person, phone, &request, &policy, &draw)?;
        if let Ok((_, events)) = &answer {
            journal::append_all(tx, events)?;
        }
        Ok::<_, Error>(answer.map(|(sent, _)| sent))
    });
    sent.await.unwrap()
}

async fn verify(
    place: &Place,
    phone: AuthenticatorId,
    request: [u8; 32],
    typed: &'static str,
) -> Result<(), CodeRefusal> {
    let (ground, by) = (place.ground.clone(), by(place));
    let verified = place.ground.store.write_holding(person_lock(ANA), move |tx| {
        let answer = text::confirm(tx, &ground, &by, ANA, phone, &request, typed)?;
        if let Ok((_, events)) = &answer {
            journal::append_all(tx, events)?;
        }
        Ok::<_, Error>(answer.map(drop))
    });
    verified.await.unwrap()
}

/// A verified phone of Ana's, an hour later.
async fn phone(place: &Place) -> AuthenticatorId {
    let id = add(place, ANA, NUMBER, policy(&[])).await.unwrap();
    send(place, ANA, id, [9; 32], 11_112_222).await.unwrap();
    verify(place, id, [9; 32], "1111 2222").await.unwrap();
    place.pass(90_000);
    id
}

#[test]
fn a_number_gets_codes_for_sign_in_only_once_it_was_verified() {
    on_both(async |place| {
        let prover = prover(&place);
        let id = add(&place, ANA, NUMBER, policy(&["GB"])).await.unwrap();
        let sent = send(&place, ANA, id, HERE, 12_345_678).await.unwrap();
        assert_eq!(
            (sent.hint.as_str(), sent.ends_at),
            ("•••• 0123", place.now() + Span::minutes(5))
        );
        assert_eq!(sent.again_at, place.now() + Span::seconds(30));
        let early = refusal(prove(&prover, "12345678", Some(HERE)).await);
        assert_eq!(
            early.reason,
            Reason::CodeKindAbsent,
            "an unverified number proves nothing"
        );
        assert_eq!(place.person(ANA).await.kinds, Kinds::NONE);
        assert_eq!(
            verify(&place, id, HERE, "87654321").await.unwrap_err().reason,
            Reason::CodeWrong
        );
        assert_eq!(
            verify(&place, id, THERE, "12345678").await.unwrap_err().reason,
            Reason::CodeMessageOver
        );
        verify(&place, id, HERE, "1234 5678").await.unwrap();
        assert_eq!(
            place.person(ANA).await.kinds,
            Kinds::NONE.with(AuthenticatorKind::Phone)
        );
        assert_eq!(
            (events(&place, EventKind::AuthenticatorAdded).await, mails(&place).await),
            (1, 1)
        );
    });
}

#[test]
fn the_number_and_the_code_lie_sealed_and_the_message_binds_the_code_to_this_address() {
    on_both(async |place| {
        let id = add(&place, ANA, NUMBER, policy(&[])).await.unwrap();
        send(&place, ANA, id, HERE, 12_345_678).await.unwrap();
        let rows: Vec<(Vec<u8>, Vec<u8>)> = place
            .ground
            .store
            .read(|view| view.all("SELECT authenticator.sealed, text_code.hash FROM authenticator JOIN text_code ON text_code.authenticator = authenticator.id", &[]))
            .await
            .unwrap();
        for (sealed, hash) in rows {
            assert!(!String::from_utf8_lossy(&sealed).contains("7700900123"));
            assert!(hash.len() == 32 && !String::from_utf8_lossy(&hash).contains("12345678"));
        }
        let sealed: Vec<u8> = place
            .ground
            .store
            .read(|view| view.one("SELECT sealed FROM message WHERE kind = 'text'", &[]))
            .await
            .unwrap();
        let text = String::from_utf8(place.ground.keys.open("message", &sealed).unwrap()).unwrap();
        assert!(
            text.contains("12345678 is your code for O.") && text.contains("@door.example.org #12345678"),
            "{text}"
        );
    });
}

#[test]
fn a_code_is_good_for_its_own_request_for_five_minutes_and_once() {
    on_both(async |place| {
        let (prover, id) = (prover(&place), phone(&place).await);
        send(&place, ANA, id, HERE, 12_345_678).await.unwrap();
        for request in [Some(THERE), None] {
            let elsewhere = refusal(prove(&prover, "12345678", request).await);
            assert_eq!(elsewhere.reason, Reason::CodeMessageOver);
        }
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (place, prover) = (place.clone(), prover.clone());
                tokio::spawn(async move {
                    match prove(&prover, "1234-5678", Some(HERE)).await {
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
        assert_eq!(
            refusal(prove(&prover, "12345678", Some(HERE)).await).reason,
            Reason::CodeMessageOver
        );
        send(&place, ANA, id, THERE, 87_654_321).await.unwrap();
        place.pass(300);
        assert_eq!(
            refusal(prove(&prover, "87654321", Some(THERE)).await).reason,
            Reason::CodeMessageOver
        );
    });
}

#[test]
fn a_message_may_be_asked_for_again_a_little_later_and_both_codes_are_good() {
    on_both(async |place| {
        let (prover, id) = (prover(&place), phone(&place).await);
        send(&place, ANA, id, HERE, 11_111_111).await.unwrap();
        let soon = send(&place, ANA, id, HERE, 22_222_222).await.unwrap_err();
        assert_eq!(
            (soon.reason, soon.again_at),
            (Reason::TextTooSoon, Some(place.now() + Span::seconds(30)))
        );
        place.pass(30);
        let second = send(&place, ANA, id, HERE, 22_222_222).await.unwrap();
        assert_eq!(second.again_at, place.now() + Span::seconds(60));
        let now = place.now();
        let state = place
            .ground
            .store
            .read(move |view| text::state(view, Deployment, &HERE, now))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (state.state, state.again_at, state.is_bad),
            (Some(State::Queued), second.again_at, false)
        );
        // The first one was only slow on its way.
        confirm(&place, attempt(prove(&prover, "11111111", Some(HERE)).await))
            .await
            .unwrap();
        assert_eq!(
            refusal(prove(&prover, "22222222", Some(HERE)).await).reason,
            Reason::CodeMessageOver,
            "its request is done with"
        );
        assert_eq!(events(&place, EventKind::TextSent).await, 3);
    });
}

#[test]
fn of_thirty_who_ask_at_once_a_person_gets_six_messages() {
    on_both(async |place| {
        let id = phone(&place).await;
        let tasks: Vec<_> = (0..30_u8)
            .map(|n| {
                let place = place.clone();
                tokio::spawn(async move { send(&place, ANA, id, [n + 100; 32], u64::from(n)).await })
            })
            .collect();
        let mut sent = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => sent += 1,
                Err(unsent) => assert_eq!(
                    (unsent.reason, unsent.again_at),
                    (Reason::TextTooMany, Some(place.now() + Span::hours(1)))
                ),
            }
        }
        assert_eq!(sent, 6);
    });
}

#[test]
fn a_number_has_its_limit_whoever_asks_and_removing_the_phone_does_not_begin_anew() {
    on_both(async |place| {
        let mut sent = 0_u8;
        for round in 0..10_u8 {
            let person = if round % 2 == 0 { ANA } else { BEN };
            let id = add(&place, person, NUMBER, policy(&[])).await.unwrap();
            sent += u8::from(send(&place, person, id, [round; 32], 1).await.is_ok());
            let ground = place.ground.clone();
            let by = by(&place);
            let gone = place.ground.store.write_holding(person_lock(person), move |tx| {
                factors::authenticators::remove(tx, &ground, &by, person, id).map(drop)
            });
            gone.await.unwrap();
        }
        assert_eq!(sent, 6, "of one number in an hour");
    });
}

#[test]
fn an_organisation_has_its_limit() {
    on_both(async |place| {
        let id = phone(&place).await;
        let now = place.now();
        let filled = place.ground.store.write(move |tx| {
            for n in 0..200_u128 {
                let (row, other) = (uuid::Uuid::from_u128(n), PersonId(uuid::Uuid::from_u128(7_000 + n)));
                tx.run_one(
                    "INSERT INTO text_sent (id, person, number_key, organisation, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                    &[&row, &other, &n.to_le_bytes(), &HOME, &now],
                )?;
            }
            Ok::<_, Error>(())
        });
        filled.await.unwrap();
        let over = send(&place, ANA, id, HERE, 1).await.unwrap_err();
        assert_eq!(
            (over.reason, over.again_at),
            (Reason::TextOrganisationLimit, Some(now + Span::hours(1)))
        );
    });
}

#[test]
fn policy_says_whether_and_to_which_countries() {
    on_both(async |place| {
        let forbidden = TextPolicy {
            allowed: false,
            countries: Vec::new(),
        };
        assert_eq!(
            add(&place, ANA, NUMBER, forbidden.clone()).await,
            Err(Reason::TextForbidden)
        );
        assert_eq!(
            add(&place, ANA, NUMBER, policy(&["FR", "+1"])).await,
            Err(Reason::TextCountry)
        );
        assert_eq!(
            add(&place, ANA, "+1 242 555 0143", policy(&["US"])).await,
            Err(Reason::TextCountry),
            "the Bahamas are not the US"
        );
        assert_eq!(
            add(&place, ANA, "07700 900123", policy(&[])).await,
            Err(Reason::PhoneNoCountry)
        );
        assert_eq!(add(&place, ANA, "+44 12", policy(&[])).await, Err(Reason::PhoneInvalid));
        // A policy that became stricter later stops what was verified before.
        let id = phone(&place).await;
        for (policy, reason) in [
            (forbidden, Reason::TextForbidden),
            (policy(&["FR"]), Reason::TextCountry),
        ] {
            let unsent = send_under(&place, ANA, id, HERE, 1, policy).await.unwrap_err();
            assert_eq!((unsent.reason, unsent.again_at), (reason, None));
        }
        let foreign = send(&place, BEN, id, HERE, 1).await.unwrap_err();
        assert_eq!(
            foreign.reason,
            Reason::AuthenticatorGone,
            "somebody else's phone is nobody's"
        );
    });
}

#[test]
fn wrong_codes_over_many_requests_pause_the_phone() {
    on_both(async |place| {
        let (prover, id) = (prover(&place), phone(&place).await);
        for n in 0..10_u8 {
            let reason = refusal(prove(&prover, "00000000", Some([n; 32])).await).reason;
            assert_eq!(reason, Reason::CodeMessageOver);
        }
        send(&place, ANA, id, HERE, 12_345_678).await.unwrap();
        assert!(matches!(
            prove(&prover, "12345678", Some(HERE)).await,
            CodeProved::Paused { .. }
        ));
    });
}
