//! Whatever somebody with the whole database in hand does to it shows.
use super::*;

const HEAD_AT_8: &str = "UPDATE chain SET seq = 8, hash = (SELECT hash FROM event WHERE seq = 8) WHERE seq = 9";

/// What is done, how, and the line that must be named.
const CASES: &[(&str, &[&str], i64)] = &[
    (
        "a field edited",
        &["UPDATE event SET detail = 'nothing' WHERE seq = 7"],
        7,
    ),
    (
        "an outcome edited",
        &["UPDATE event SET outcome = 'stopped' WHERE seq = 6"],
        6,
    ),
    ("a count edited", &["UPDATE event SET count = 2 WHERE seq = 9"], 9),
    ("a time edited", &["UPDATE event SET at = at + 1 WHERE seq = 7"], 7),
    (
        "the reason put in",
        &["UPDATE event SET reason = 'SI-001' WHERE seq = 7"],
        7,
    ),
    (
        "the stored digest edited",
        &["UPDATE event SET digest = (SELECT digest FROM event WHERE seq = 6) WHERE seq = 7"],
        7,
    ),
    (
        "the stored hash edited",
        &["UPDATE event SET hash = (SELECT hash FROM event WHERE seq = 6) WHERE seq = 7"],
        7,
    ),
    ("a line deleted", &["DELETE FROM event WHERE seq = 7"], 7),
    (
        "a line deleted and the rest moved up",
        &[
            "DELETE FROM event WHERE seq = 7",
            "UPDATE event SET seq = seq - 1 WHERE seq = 8",
            "UPDATE event SET seq = seq - 1 WHERE seq = 9",
        ],
        7,
    ),
    (
        "two lines swapped",
        &[
            "UPDATE event SET seq = 0 WHERE seq = 7",
            "UPDATE event SET seq = 7 WHERE seq = 8",
            "UPDATE event SET seq = 8 WHERE seq = 0",
        ],
        7,
    ),
    ("a line put in front", &["UPDATE event SET seq = 0 WHERE seq = 9"], 9),
    ("the last line deleted", &["DELETE FROM event WHERE seq = 9"], 9),
    (
        "the last line cut off cleanly",
        &["DELETE FROM event WHERE seq = 9", HEAD_AT_8],
        9,
    ),
    (
        "the same, and its checkpoint",
        &[
            "DELETE FROM event WHERE seq = 9",
            HEAD_AT_8,
            "DELETE FROM checkpoint WHERE seq = 9",
        ],
        9,
    ),
    ("the head deleted", &["DELETE FROM chain WHERE seq = 9"], 1),
    (
        "the stream deleted whole",
        &[
            "DELETE FROM chain WHERE seq = 9",
            "DELETE FROM checkpoint WHERE seq IN (5, 9)",
            "DELETE FROM event WHERE stream = (SELECT stream FROM event WHERE seq = 9)",
        ],
        1,
    ),
    ("the head set back", &[HEAD_AT_8], 9),
    (
        "a checkpoint's signature edited",
        &["UPDATE checkpoint SET signature = key_id WHERE seq = 5"],
        5,
    ),
    (
        "a checkpoint of another hash",
        &["UPDATE checkpoint SET hash = (SELECT hash FROM event WHERE seq = 6) WHERE seq = 5"],
        5,
    ),
    (
        "a line erased that still tells something",
        &["UPDATE event SET salt = NULL, erased = digest, actor = NULL, subject = NULL, device = NULL WHERE seq = 7"],
        7,
    ),
    (
        "a line that says it was erased, with another digest",
        &[
            "UPDATE event SET salt = NULL, erased = digest, actor = NULL, subject = NULL, device = NULL, device_label = '', network = '', detail = '' WHERE seq = 7",
        ],
        7,
    ),
];

const COPY: &[&str] = &[
    "CREATE TABLE chain_copy AS SELECT * FROM chain",
    "CREATE TABLE event_copy AS SELECT * FROM event",
    "CREATE TABLE checkpoint_copy AS SELECT * FROM checkpoint",
];
const BACK: &[&str] = &[
    "DELETE FROM chain",
    "DELETE FROM event",
    "DELETE FROM checkpoint",
    "INSERT INTO chain SELECT * FROM chain_copy",
    "INSERT INTO event SELECT * FROM event_copy",
    "INSERT INTO checkpoint SELECT * FROM checkpoint_copy",
];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_in_the_store_shows_at_its_line() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        run(&store, COPY).await;
        for (what, statements, seq) in CASES {
            assert_eq!(broken_at(&store, &kept).await, None, "{engine}, before: {what}");
            run(&store, statements).await;
            let expected = Some((stream_id(ORGANISATION), *seq));
            assert_eq!(broken_at(&store, &kept).await, expected, "{engine}: {what}");
            run(&store, BACK).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_rewritten_with_care_still_differs_from_its_checkpoint_and_is_not_signed_again() {
    for (engine, store) in stores().await {
        let mut kept = signed_store(&store).await;
        // Somebody with the whole database in hand makes every digest and hash anew from line 6 on.
        store
            .write(|tx| {
                let stream = stream_id(ORGANISATION);
                let mut last = store::line(tx, stream, 5)?.unwrap().hash;
                for mut line in store::lines(tx, stream, 5, 9, 10)? {
                    line.detail = "as if".into();
                    line.digest = line.computed_digest().unwrap();
                    line.hash = crate::db::chain_next(&last, &line.digest);
                    last = line.hash;
                    tx.run_one(
                        "UPDATE event SET detail = ?3, digest = ?4, hash = ?5 WHERE stream = ?1 AND seq = ?2",
                        &[&stream, &line.seq, &line.detail, &line.digest, &line.hash],
                    )?;
                }
                tx.run_one("UPDATE chain SET hash = ?2 WHERE stream = ?1", &[&stream, &last])
            })
            .await
            .unwrap();
        assert_eq!(
            broken_at(&store, &kept).await,
            Some((stream_id(ORGANISATION), 9)),
            "{engine}"
        );
        let before = kept.clone();
        assert_eq!(sign(&store, &mut kept, 1).await.len(), 1, "{engine}");
        append_some(&store, ORGANISATION, 10..=10).await;
        assert_eq!(sign(&store, &mut kept, 1).await.len(), 1, "{engine}");
        assert_eq!(kept, before, "{engine}: what is kept outside stays as it was");
        run(&store, &["DELETE FROM checkpoint WHERE seq = 9"]).await;
        assert_eq!(
            broken_at(&store, &kept).await,
            Some((stream_id(ORGANISATION), 9)),
            "{engine}: without the stored checkpoint"
        );
    }
}
