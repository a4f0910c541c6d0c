//! Exact under parallel tries, on both engines.
use super::place::*;
use ground::db::Error;
use kernel::OrganisationId;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_parallel_tries_exactly_10_are_counted() {
    for (_place, store) in stores(&small()).await {
        let s = store.clone();
        let seen = together(200, move |_| {
            let s = s.clone();
            async move { s.write(|tx| count_failure(tx, "ana", 1, 10)).await.unwrap() }
        })
        .await;
        let mut numbers: Vec<i64> = seen.iter().flatten().map(|lane| lane.failures).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
        let end = store.read(|view| find_lane(view, "ana")).await.unwrap();
        assert_eq!(
            end,
            Some(Lane {
                failures: 10,
                locked_until: Some(901)
            })
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_code_has_one_winner() {
    for (_place, store) in stores(&small()).await {
        let sql = "INSERT INTO code (hash, person, ends_at) VALUES (?1, ?2, 9)";
        store
            .write(move |tx| tx.run_one(sql, &[&[1u8, 2, 3], &Uuid::from_u128(5)]))
            .await
            .unwrap();
        let won = together(200, move |_| {
            let s = store.clone();
            async move { s.write(|tx| claim_code(tx, &[1, 2, 3], 1)).await.unwrap() }
        })
        .await;
        assert_eq!(won.iter().flatten().count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_chain_that_200_begin_at_once_has_no_gap() {
    for (_place, store) in stores(&small()).await {
        let s = store.clone();
        together(200, move |_| {
            let s = s.clone();
            async move { s.write(|tx| append(tx, ORG, &[7; 32])).await.unwrap() }
        })
        .await;
        assert_eq!(store.read(|view| verify(view, ORG)).await, Ok(200));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_read_under_a_lock_is_not_lost() {
    for (_place, store) in stores(&small()).await {
        store
            .write(|tx| tx.run_one("INSERT INTO lane (name, failures) VALUES ('n', 0)", &[]))
            .await
            .unwrap();
        let s = store.clone();
        together(200, move |_| {
            let s = s.clone();
            async move {
                let lock = ground::db::Lock::on("lane", b"n");
                let count = s.write_holding(lock, |tx| {
                    let lane = find_lane(tx, "n")?.unwrap();
                    tx.run_one(
                        "UPDATE lane SET failures = ?1 WHERE name = 'n'",
                        &[&(lane.failures + 1)],
                    )
                });
                count.await.unwrap();
            }
        })
        .await;
        assert_eq!(
            store.read(|view| find_lane(view, "n")).await.unwrap().unwrap().failures,
            200
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_owner_stays() {
    for (_place, store) in stores(&small()).await {
        for round in 0..20 {
            let org = OrganisationId(Uuid::from_u128(1000 + round));
            add_person(&store, org, 1, "a@x", true).await.unwrap();
            add_person(&store, org, 2, "b@x", true).await.unwrap();
            let s = store.clone();
            together(2, move |i| {
                let (s, me) = (s.clone(), Uuid::from_u128(i as u128 + 1));
                async move {
                    let leave = s.write_holding(owners_of(org), move |tx| {
                        let owners: i64 = tx.one(
                            "SELECT count(*) FROM person WHERE organisation = ?1 AND is_owner",
                            &[&org],
                        )?;
                        if owners > 1 {
                            let sql = "UPDATE person SET is_owner = FALSE WHERE organisation = ?1 AND id = ?2";
                            tx.run_one(sql, &[&org, &me])?;
                        }
                        Ok::<_, Error>(())
                    });
                    leave.await.unwrap();
                }
            })
            .await;
            let left = store.read(move |view| {
                view.one::<i64>(
                    "SELECT count(*) FROM person WHERE organisation = ?1 AND is_owner",
                    &[&org],
                )
            });
            assert_eq!(left.await, Ok(1));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_take_rows_crosswise_both_succeed_in_the_end() {
    for (_place, store) in stores(&small()).await {
        store
            .write(|tx| tx.run("INSERT INTO lane (name, failures) VALUES ('a', 0), ('b', 0)", &[]))
            .await
            .unwrap();
        let s = store.clone();
        together(4, move |i| {
            let (s, names) = (s.clone(), if i % 2 == 0 { ["a", "b"] } else { ["b", "a"] });
            async move {
                let both = s.write(move |tx| {
                    for name in names {
                        tx.run_one("UPDATE lane SET failures = failures + 1 WHERE name = ?1", &[&name])?;
                    }
                    Ok::<_, Error>(())
                });
                both.await.unwrap();
            }
        })
        .await;
        assert_eq!(count(&store, "SELECT CAST(sum(failures) AS BIGINT) FROM lane").await, 8);
    }
}
