//! What does not look like a code, and names.
use crate::{
    place::{ANA, BEN, on_both},
    scene::{app_of, by, events, prove, prover, refusal, ways},
};
use factors::{authenticators, person_lock};
use ground::{db::Error, journal};
use kernel::{EventKind, PersonId, Reason};

#[test]
fn what_cannot_be_a_code_is_not_counted() {
    on_both(async |place| {
        let prover = prover(&place);
        app_of(&place, ANA, 0).await;
        for typed in ["", "12345", "1234567", "hello", "+12345", "123456\u{0}7"] {
            assert_eq!(
                refusal(prove(&prover, typed, None).await).reason,
                Reason::CodeMalformed,
                "{typed:?}"
            );
        }
        assert_eq!(
            place.count("SELECT CAST(sum(run) AS BIGINT) FROM authenticator").await,
            0
        );
        for typed in ["12345678", "ABCD-EFGH-JKMN-PQRS"] {
            assert_eq!(
                refusal(prove(&prover, typed, None).await).reason,
                Reason::CodeKindAbsent,
                "{typed:?}"
            );
        }
        assert_eq!(events(&place, EventKind::CodeRefused).await, 0);
    });
}

#[test]
fn a_name_is_one_line_and_only_its_owner_changes_it() {
    on_both(async |place| {
        let phone = app_of(&place, ANA, 0).await;
        let rename = |person: PersonId, name: &'static str| {
            let (ground, by, id) = (place.ground.clone(), by(&place), phone.id);
            place.ground.store.write_holding(person_lock(person), move |tx| {
                let answer = authenticators::rename(tx, &ground, &by, person, id, name)?;
                if let Some(Ok((_, events))) = &answer {
                    journal::append_all(tx, events)?;
                }
                Ok::<_, Error>(answer.map(|answer| answer.map(drop)))
            })
        };
        assert_eq!(rename(BEN, "Mine").await.unwrap(), None);
        for bad in ["", "  ", "a\nb", "a\u{202e}b"] {
            assert_eq!(
                rename(ANA, bad).await.unwrap(),
                Some(Err(Reason::AuthenticatorNameInvalid))
            );
        }
        assert_eq!(rename(ANA, " Work phone ").await.unwrap(), Some(Ok(())));
        assert_eq!(ways(&place).await[0].words(), "Authenticator app “Work phone”");
        assert_eq!(events(&place, EventKind::AuthenticatorRenamed).await, 1);
    });
}
