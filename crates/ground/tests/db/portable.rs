//! The statements that were run can be listed, held to the subset and prepared on both engines.
use super::place::*;
use ground::db::{Error, Kind, Options, subset};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_statements_are_listed_once_with_their_kinds() {
    for (_place, store) in stores(&Options {
        record: true,
        ..small()
    })
    .await
    {
        for _ in 0..3 {
            store.write(|tx| count_failure(tx, "a", 1, 10)).await.unwrap();
            store.read(|view| find_lane(view, "a")).await.unwrap();
        }
        let lanes: Vec<_> = store
            .recorded()
            .into_iter()
            .filter(|seen| seen.sql.contains("lane"))
            .collect();
        assert_eq!(lanes.len(), 2);
        for seen in &lanes {
            assert_eq!(subset::faults(seen.sql), Vec::<String>::new());
            assert_eq!(store.prepare_check(seen.sql, &seen.kinds).await, Ok(()));
        }
        let kinds: Vec<_> = lanes.iter().map(|seen| seen.kinds.clone()).collect();
        assert!(kinds.contains(&vec![Kind::Text]) && kinds.contains(&vec![Kind::Text, Kind::Int, Kind::Int]));
        let wrong = store
            .prepare_check("SELECT nothing FROM lane WHERE name = ?1", &[Kind::Text])
            .await;
        assert!(matches!(wrong, Err(Error::Sql(_))), "{wrong:?}");
        let few = store
            .prepare_check("SELECT failures FROM lane WHERE name = ?1", &[])
            .await;
        assert!(few.is_err(), "{few:?}");
        // Preparing runs nothing.
        assert_eq!(store.prepare_check("DELETE FROM lane", &[]).await, Ok(()));
        assert_eq!(count(&store, "SELECT count(*) FROM lane").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_sorts_and_compares_alike() {
    for (_place, store) in stores(&small()).await {
        for (id, email) in (1..).zip(["b@x", "A@x", "ä@x", "a_@x", "B@x"]) {
            add_person(&store, ORG, id, email, false).await.unwrap();
        }
        let sorted = store
            .read(|view| view.all::<String>("SELECT email FROM person ORDER BY email COLLATE \"C\"", &[]))
            .await;
        assert_eq!(sorted.unwrap(), ["A@x", "B@x", "a_@x", "b@x", "ä@x"]);
        let like = "SELECT email FROM person WHERE email LIKE ?1 ESCAPE '\\'";
        assert_eq!(
            store
                .read(move |view| view.all::<String>(like, &[&"a\\_%"]))
                .await
                .unwrap(),
            ["a_@x"]
        );
        let none = "SELECT email FROM person WHERE (?1 IS NULL OR age = ?1) AND age IS NOT DISTINCT FROM ?1";
        assert_eq!(
            store
                .read(move |view| view.all::<String>(none, &[&None::<i64>]))
                .await
                .unwrap()
                .len(),
            5
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt;
    for (place, store) in stores(&small()).await {
        let Place::File(path) = &place else { continue };
        add_person(&store, ORG, 1, "ana@x", false).await.unwrap();
        for file in [
            path.clone(),
            path.with_extension("db-wal"),
            path.with_extension("db-shm"),
        ] {
            assert_eq!(
                std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
                0o600,
                "{}",
                file.display()
            );
        }
    }
}
