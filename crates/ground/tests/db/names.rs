//! Constraints by name, values that come back, and what is refused, alike on both engines.
use super::place::*;
use ground::db::{Engine, Error, Result, Rule};
use kernel::{OrganisationId, PersonId, Time};
use uuid::Uuid;

type Everything = (
    OrganisationId,
    PersonId,
    String,
    bool,
    Option<i64>,
    Option<Vec<u8>>,
    Time,
    bool,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_constraint_has_the_same_name_on_both() {
    for (_place, store) in stores(&small()).await {
        add_person(&store, ORG, 1, "ana@x", false).await.unwrap();
        let (a, b) = (Uuid::from_u128(8), Uuid::from_u128(9));
        let founders =
            "INSERT INTO person (organisation, id, email, made_at) VALUES (?1, ?2, 'c@x', 0), (?1, ?3, 'd@x', 0)";
        let email = "INSERT INTO person (organisation, id, email, made_at) VALUES (?1, ?2, ?3, 5)";
        let device = "INSERT INTO device (organisation, id, person) VALUES (?1, ?2, ?3)";
        let got = [
            add_person(&store, ORG, 2, "ana@x", false).await,
            add_person(&store, ORG, 1, "ben@x", false).await,
            store.write(move |tx| tx.run_one(founders, &[&ORG, &a, &b])).await,
            store
                .write(move |tx| tx.run_one(email, &[&ORG, &a, &"x".repeat(300)]))
                .await,
            store
                .write(move |tx| tx.run_one(email, &[&ORG, &a, &None::<String>]))
                .await,
            store.write(move |tx| tx.run_one(device, &[&ORG, &a, &b])).await,
        ];
        let foreign = if store.engine() == Engine::Sqlite {
            ""
        } else {
            "device_person"
        };
        let want = [
            (Rule::Unique, "person_email"),
            (Rule::Unique, "person_pkey"),
            (Rule::Unique, "person_one_founder"),
            (Rule::Check, "person_email_is_short"),
            (Rule::NotNull, "person.email"),
            (Rule::ForeignKey, foreign),
        ];
        for (got, (rule, name)) in got.into_iter().zip(want) {
            assert_eq!(
                got,
                Err(Error::Broken {
                    rule,
                    name: name.into()
                }),
                "{:?}",
                store.engine()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_in_attempt_commits_its_event() {
    for (_place, store) in stores(&small()).await {
        add_person(&store, ORG, 1, "ana@x", false).await.unwrap();
        let kept = store.write(|tx| {
            let again = "INSERT INTO person (organisation, id, email, made_at) VALUES (?1, ?2, 'ana@x', 5)";
            let tried: Result<()> = tx.attempt(|tx| {
                append(tx, ORG, &[1; 32])?;
                // Inside, another one: both are savepoints.
                let inner: Result<()> = tx.attempt(|tx| tx.run_one(again, &[&ORG, &Uuid::from_u128(7)]));
                assert!(inner.is_err());
                tx.run_one(again, &[&ORG, &Uuid::from_u128(7)])
            });
            assert!(tried.is_err_and(|e| e.is_broken("person_email")));
            append(tx, ORG, &[2; 32])
        });
        assert_eq!(kept.await, Ok(1));
        assert_eq!(store.read(|view| verify(view, ORG)).await, Ok(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_swallowed_error_undoes_all_and_is_told() {
    for (_place, store) in stores(&small()).await {
        add_person(&store, ORG, 1, "ana@x", false).await.unwrap();
        let sql = "INSERT INTO person (organisation, id, email, made_at) VALUES (?1, ?2, ?3, 5)";
        let swallowed: Result<()> = store
            .write(move |tx| {
                tx.run_one(sql, &[&ORG, &Uuid::from_u128(2), &"ghost@x"])?;
                let _ = tx.run_one(sql, &[&ORG, &Uuid::from_u128(3), &"ana@x"]);
                Ok(())
            })
            .await;
        assert!(swallowed.is_err_and(|e| e.is_broken("person_email")));
        assert_eq!(count(&store, "SELECT count(*) FROM person").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_value_comes_back_as_what_it_was() {
    for (_place, store) in stores(&small()).await {
        let (id, at) = (PersonId(Uuid::from_u128(1)), Time::from_micros(1_795_511_642_000_001));
        let sql =
            "INSERT INTO person (organisation, id, email, is_owner, photo, made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        store
            .write(move |tx| tx.run_one(sql, &[&ORG, &id, &"änne@x", &true, &vec![0u8, 255], &at]))
            .await
            .unwrap();
        let sql = "SELECT organisation, id, email, is_owner, age, photo, made_at, made_at = ?1 FROM person WHERE is_owner = ?2";
        let back = store
            .read(move |view| view.one::<Everything>(sql, &[&at, &true]))
            .await
            .unwrap();
        assert_eq!(
            back,
            (
                ORG,
                id,
                "änne@x".to_owned(),
                true,
                None::<i64>,
                Some(vec![0u8, 255]),
                at,
                true
            )
        );
        let wrong = store
            .read(|view| view.one::<i64>("SELECT email FROM person", &[]))
            .await;
        assert_eq!(wrong, Err(Error::Shape("0: text as i64".into())));
        let none = store.read(|view| view.one::<i64>("SELECT age FROM person", &[])).await;
        assert_eq!(none, Err(Error::Shape("0: nothing as i64".into())));
        let missing = store
            .read(|view| view.maybe::<Lane>("SELECT failures AS n FROM lane", &[]))
            .await;
        assert_eq!(missing, Ok(None));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_refusals_are_not_called_faults_of_the_engine() {
    for (_place, store) in stores(&small()).await {
        add_person(&store, ORG, 1, "ana@x", false).await.unwrap();
        let written = store
            .read(|view| view.maybe::<String>("DELETE FROM person WHERE made_at = 5 RETURNING email", &[]))
            .await;
        assert!(matches!(written, Err(Error::Refused(_))), "{written:?}");
        let nul = store
            .write(|tx| tx.run("UPDATE person SET email = ?1", &[&"a\0b"]))
            .await;
        assert!(matches!(nul, Err(Error::Refused(_))), "{nul:?}");
        let few = store
            .write(|tx| tx.run("UPDATE person SET email = ?1 WHERE made_at = ?2", &[&"a"]))
            .await;
        assert!(matches!(few, Err(Error::Refused(_))), "{few:?}");
        let wrong = store
            .read(|view| view.one::<i64>("SELECT nothing FROM nowhere", &[]))
            .await;
        assert!(matches!(wrong, Err(Error::Sql(_))), "{wrong:?}");
        let rows = store
            .write(|tx| tx.run_one("UPDATE person SET age = 1 WHERE made_at = 77", &[]))
            .await;
        assert_eq!(rows, Err(Error::Rows { expected: "1", got: 0 }));
        assert_eq!(count(&store, "SELECT count(*) FROM person").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_sees_one_snapshot() {
    for (_place, store) in stores(&small()).await {
        let writer = store.clone();
        let runtime = tokio::runtime::Handle::current();
        let seen = store.read(move |view| {
            let before: i64 = view.one("SELECT count(*) FROM person", &[])?;
            runtime.block_on(add_person(&writer, ORG, 1, "ana@x", false))?;
            Ok::<_, Error>((before, view.one::<i64>("SELECT count(*) FROM person", &[])?))
        });
        assert_eq!(seen.await, Ok((0, 0)));
        assert_eq!(count(&store, "SELECT count(*) FROM person").await, 1);
    }
}
