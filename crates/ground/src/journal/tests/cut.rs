//! Old lines that went: the rest verifies, on the spot and exported, and nobody can take lines away from the front by hand.
use super::*;
use crate::journal::cut::Shears;

async fn cut_to(store: &Store, kept: &Kept, seed: u8, before: i64) -> Result<Option<i64>, Fault> {
    let pair = key(seed);
    let trust = Trust::in_key(Signer(&pair).public_key());
    let shears = Shears {
        store,
        trust: &trust,
        kept,
        signer: Signer(&pair),
        now: START + Span::hours(1),
    };
    let told = |_| event(ORGANISATION, 100);
    shears.cut(ORGANISATION, START + Span::seconds(before), told).await
}

async fn places(store: &Store) -> Vec<i64> {
    store
        .read(|view| {
            view.all(
                "SELECT seq FROM event WHERE stream = ?1 ORDER BY seq",
                &[&stream_id(ORGANISATION)],
            )
        })
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_cut_at_a_checkpoint_and_what_is_left_verifies() {
    for (engine, store) in stores().await {
        let mut kept = signed_store(&store).await;
        // Line 8 is the first that is young enough, and the checkpoints stand at 5 and 9.
        assert_eq!(cut_to(&store, &kept, 1, 8).await.unwrap(), Some(5), "{engine}");
        assert_eq!(places(&store).await, [6, 7, 8, 9, 10], "{engine}");
        assert_eq!(broken_at(&store, &kept).await, None, "{engine}");
        assert_eq!(
            cut_to(&store, &kept, 1, 8).await.unwrap(),
            None,
            "{engine}: nothing more to cut"
        );
        // The next minute signs on, on this node and on one that knows nothing or only what is gone.
        append_some(&store, ORGANISATION, 11..=12).await;
        assert_eq!(sign(&store, &mut kept, 1).await, [], "{engine}");
        assert_eq!(sign(&store, &mut Kept::default(), 1).await, [], "{engine}");
        assert_eq!(broken_at(&store, &kept).await, None, "{engine}");
        let text = exported::export(&store, &kept, None, |_| true).await;
        assert!(
            matches!(exported::check(&text, 1).unwrap(), Answer::Whole(found) if found.events == 7),
            "{engine}"
        );
        assert_eq!(
            cut_to(&store, &kept, 1, 200).await.unwrap(),
            Some(12),
            "{engine}: all of it"
        );
        assert_eq!(places(&store).await, [13], "{engine}: but the line that tells of it");
        assert_eq!(broken_at(&store, &kept).await, None, "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_kept_an_older_checkpoint_goes_on_behind_the_cut() {
    for (engine, store) in stores().await {
        let mut old = Kept::default();
        append_some(&store, ORGANISATION, 1..=2).await;
        assert_eq!(sign(&store, &mut old, 1).await, [], "{engine}");
        let mut kept = old.clone();
        append_some(&store, ORGANISATION, 3..=6).await;
        assert_eq!(sign(&store, &mut kept, 1).await, [], "{engine}");
        assert_eq!(cut_to(&store, &kept, 1, 50).await.unwrap(), Some(6), "{engine}");
        assert_eq!(sign(&store, &mut old, 1).await, [], "{engine}");
        assert_eq!(old.of(stream_id(ORGANISATION)).unwrap().seq, 7, "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_taken_away_by_hand_are_missed_and_a_cut_by_hand_is_not_believed() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        run(
            &store,
            &["DELETE FROM event WHERE seq <= 5 AND stream = (SELECT stream FROM chain ORDER BY stream DESC LIMIT 1)"],
        )
        .await;
        assert_eq!(broken_at(&store, &kept).await.map(|(_, seq)| seq), Some(1), "{engine}");
        // The checkpoint itself, passed off as a cut.
        run(
            &store,
            &["INSERT INTO journal_cut (stream, seq, hash, at, key_id, signature) SELECT stream, seq, hash, at, key_id, signature FROM checkpoint WHERE seq = 5"],
        )
        .await;
        assert_eq!(
            broken_at(&store, &kept).await,
            Some((stream_id(ORGANISATION), 5)),
            "{engine}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_hold_is_not_cut_and_stays_as_evidence() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        run(&store, &["UPDATE event SET network = '198.51.100.1' WHERE seq = 3"]).await;
        let fault = cut_to(&store, &kept, 1, 8).await.unwrap_err();
        assert!(matches!(fault, Fault::Broken(broken) if broken.seq == 3), "{engine}");
        assert_eq!(places(&store).await.len(), 9, "{engine}");
    }
}
