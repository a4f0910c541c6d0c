//! Exported files: whole, filtered, touched.
use super::*;

pub(super) async fn export(store: &Store, kept: &Kept, from: Option<Time>, shown: impl Fn(&Line) -> bool) -> String {
    let pair = key(1);
    let trust = Trust::in_key(Signer(&pair).public_key());
    let mut export = Export::begin(store, trust, kept, ORGANISATION, from).await.unwrap();
    let mut text = export.first_line();
    loop {
        let lines = export.next().await.unwrap();
        if lines.is_empty() {
            break;
        }
        for line in lines {
            let is_shown = shown(&line);
            text += &Export::file_line(line, is_shown);
        }
    }
    text + &export.last_line(START, &Signer(&pair))
}

pub(super) fn check(text: &str, seed: u8) -> Result<Answer, Fault> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!(
        "doorward-export-{}-{}.jsonl",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, text).unwrap();
    let answer = verify_file(&path, &Trust::in_key(Signer(&key(seed)).public_key()));
    std::fs::remove_file(&path).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_verifies_offline_whole_filtered_and_from_a_time_on() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        store.write(|tx| erase(tx, ORGANISATION, 2)).await.unwrap();
        let whole = check(&export(&store, &kept, None, |_| true).await, 1).unwrap();
        let expected = Verified {
            streams: 1,
            events: 9,
            erased: 1,
            checkpoints: 1,
            ..Verified::default()
        };
        assert_eq!(whole, Answer::Whole(expected), "{engine}");
        let filtered = export(&store, &kept, None, |line| line.seq % 3 == 0).await;
        assert!(!filtered.contains("number 4"), "{engine}: what is left out is not told");
        let expected = Verified {
            streams: 1,
            events: 3,
            left_out: 6,
            checkpoints: 1,
            ..Verified::default()
        };
        assert_eq!(check(&filtered, 1).unwrap(), Answer::Whole(expected), "{engine}");
        let late = export(&store, &kept, Some(START + Span::seconds(8)), |line| {
            line.at >= START + Span::seconds(8)
        })
        .await;
        let expected = Verified {
            streams: 1,
            events: 2,
            left_out: 2,
            checkpoints: 1,
            ..Verified::default()
        };
        assert_eq!(
            check(&late, 1).unwrap(),
            Answer::Whole(expected),
            "{engine}: from the checkpoint before it"
        );
        assert!(
            matches!(check(&late, 2).unwrap(), Answer::Broken(_)),
            "{engine}: another key"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_was_touched_fails_and_names_the_line() {
    let (_, store) = stores().await.remove(0);
    let kept = signed_store(&store).await;
    let good = export(&store, &kept, None, |line| line.seq != 4).await;
    let lines: Vec<&str> = good.lines().collect();
    let rebuilt = |lines: &[&str]| lines.join("\n") + "\n";
    let broken = |text: &str| match check(text, 1) {
        Ok(Answer::Broken(broken)) => broken.seq,
        other => panic!("{other:?}"),
    };
    for seq in 1..=9_usize {
        // Every line edited, left out, doubled or moved behind the next one.
        let place = i64::try_from(seq).unwrap();
        let mut edited = lines.clone();
        let other = edited[seq]
            .replace("number", "nothing")
            .replace("\"digest\":\"", "\"digest\":\"00");
        edited[seq] = &other;
        assert_eq!(broken(&rebuilt(&edited)), place, "edited {seq}");
        let mut without = lines.clone();
        without.remove(seq);
        let shown = if seq == 9 { 9 } else { place };
        assert_eq!(broken(&rebuilt(&without)), shown, "left out {seq}");
        let mut doubled = lines.clone();
        doubled.insert(seq, lines[seq]);
        assert_eq!(broken(&rebuilt(&doubled)), place + 1, "doubled {seq}");
        let mut moved = lines.clone();
        moved.swap(seq, seq + 1);
        assert_eq!(broken(&rebuilt(&moved)), place, "moved {seq}");
    }
    assert_eq!(broken(&rebuilt(&lines[..10])), 10, "the checkpoint cut off");
    assert_eq!(broken(&(good.clone() + "{}\n")), 10, "something behind the end");
    assert_eq!(
        broken(&good.replace("\"count\":1,", "\"count\":1,\"note\":1,")),
        1,
        "a field that is not ours"
    );
    assert!(matches!(check("", 1), Err(Fault::Unreadable { .. })));
    assert!(matches!(check("hello\n", 1), Err(Fault::Unreadable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_a_store_that_was_changed_does_not_come_to_its_end() {
    for (engine, store) in stores().await {
        let kept = signed_store(&store).await;
        run(&store, &["UPDATE event SET detail = 'nothing' WHERE seq = 7"]).await;
        let trust = Trust::in_key(Signer(&key(1)).public_key());
        let mut export = Export::begin(&store, trust, &kept, ORGANISATION, None).await.unwrap();
        assert!(
            matches!(export.next().await, Err(Fault::Broken(broken)) if broken.seq == 7),
            "{engine}"
        );
    }
}
