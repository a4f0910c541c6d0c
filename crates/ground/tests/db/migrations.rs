//! Migrations: one list, all or nothing, once; and every migration of the product.
use super::place::*;
use ground::db::{Engine, Error, Migration, Options, migrate, migrate_dry_run};

const fn step(id: i64, sql: &'static str) -> Migration {
    Migration {
        id,
        name: "step",
        sql,
        postgres_only: false,
    }
}

/// The product's own list, as its files say it: the comment at the head says which are for one engine.
fn product() -> &'static [Migration] {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let steps = files.iter().map(|file| {
        let sql: &'static str = std::fs::read_to_string(file).unwrap().leak();
        let id = file
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .split('_')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        Migration {
            id,
            name: "product",
            sql,
            postgres_only: sql.starts_with("-- PostgreSQL only"),
        }
    });
    steps.collect::<Vec<_>>().leak()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_products_migrations_run_on_both_and_can_be_tried_dry() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::new(engine).await else { return };
        let store = place.open(&small()).unwrap();
        let product = product();
        let all: Vec<i64> = product.iter().map(|step| step.id).collect();
        assert_eq!(migrate_dry_run(&store, product).await, Ok(all.clone()));
        assert_eq!(migrate_dry_run(&store, product).await, Ok(all.clone()));
        assert_eq!(migrate(&store, product).await, Ok(all));
        assert_eq!(migrate_dry_run(&store, product).await, Ok(vec![]));
        let next = store
            .read(|view| view.one::<[u8; 32]>("SELECT chain_next(?1, ?2)", &[&[1u8; 16], &[2u8; 32]]))
            .await;
        assert_eq!(next, Ok(ground::db::chain_next(&[1; 16], &[2; 32])));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_nodes_that_migrate_at_once_one_does_it() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::new(engine).await else { return };
        let few = Options {
            writers: 2,
            readers: 1,
            ..small()
        };
        let (a, b) = (place.open(&few).unwrap(), place.open(&few).unwrap());
        let (x, y) = tokio::join!(migrate(&a, TABLES), migrate(&b, TABLES));
        let mut both = [x.unwrap(), y.unwrap()];
        both.sort();
        assert_eq!(both, [vec![], vec![1, 2]]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_step_leaves_nothing_and_a_changed_one_is_refused() {
    static CHANGED: &[Migration] = &[step(1, "CREATE TABLE other (id BIGINT NOT NULL PRIMARY KEY);")];
    static BAD: &[Migration] = &[
        step(3, "CREATE TABLE half (id BIGINT NOT NULL PRIMARY KEY);"),
        step(4, "CREATE TABLE half (id BIGINT);"),
    ];
    static GOOD: &[Migration] = &[step(
        3,
        "CREATE TABLE half (id BIGINT NOT NULL PRIMARY KEY, at BIGINT); ALTER TABLE lane ADD COLUMN note TEXT NOT NULL DEFAULT '';
         ALTER TABLE lane RENAME COLUMN note TO remark; DROP TABLE half;",
    )];
    for (_place, store) in stores(&small()).await {
        assert!(matches!(migrate(&store, CHANGED).await, Err(Error::Refused(_))));
        let bad = migrate(&store, BAD).await;
        assert!(
            matches!(&bad, Err(Error::Sql(text)) if text.contains("migration 4")),
            "{bad:?}"
        );
        assert_eq!(migrate(&store, GOOD).await, Ok(vec![3]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_from_before_another_nodes_migration_is_made_anew() {
    static MORE: &[Migration] = &[step(5, "ALTER TABLE lane ADD COLUMN more BIGINT;")];
    for (place, node) in stores(&small()).await {
        let other = place.open(&Options { readers: 1, ..small() }).unwrap();
        node.write(|tx| count_failure(tx, "l", 1, 10)).await.unwrap();
        let everything = "SELECT * FROM lane";
        for _ in 0..6 {
            other
                .read(move |view| view.all::<String>(everything, &[]))
                .await
                .unwrap();
        }
        migrate(&node, MORE).await.unwrap();
        assert_eq!(
            other.read(move |view| view.all::<String>(everything, &[])).await,
            Ok(vec!["l".to_owned()])
        );
    }
}

#[tokio::test]
async fn strict_tables_refuse_a_wrong_type() {
    for (_place, store) in stores(&small()).await {
        let wrong = store
            .write(|tx| tx.run("INSERT INTO lane (name, failures) VALUES ('x', 'seven')", &[]))
            .await;
        assert!(wrong.is_err());
    }
}
