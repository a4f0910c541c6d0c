//! How long activity is kept: what is older goes at a checkpoint, and what is left still verifies, on the spot and in an export.
use super::events;
use ground::journal;
use serde_json::json;
use world::{Method, Span, World};

async fn is_whole(world: &World) -> journal::Audit {
    let app = world.app();
    let ground = app.ground();
    let (trust, _) = journal::known(ground).await.unwrap();
    journal::audit_store(&ground.store, &trust, &ground.config.data_dir)
        .await
        .unwrap()
}

world::stories! {
    async fn old_activity_goes_at_a_checkpoint_and_the_rest_still_verifies(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let ground = world.app().ground().clone();
        let set = browser.ask(Method::PUT, "/api/v1/events/retention").json(&json!({"days": 30})).send().await;
        assert_eq!((set.code(), &set.json()["days"]), (200, &json!(30)), "{}", set.body);
        journal::once(&ground).await.unwrap();
        world.clock.advance(Span::days(20));
        owner.enter(&browser).await;
        journal::once(&ground).await.unwrap();
        activity::cut_old(&ground).await.unwrap();
        let before = events(&browser, "limit=200").await;
        assert!(before.iter().any(|event| event["kind"] == "owner-created"), "nothing goes before its time");
        world.clock.advance(Span::days(11));
        owner.enter(&browser).await;
        journal::once(&ground).await.unwrap();
        activity::cut_old(&ground).await.unwrap();
        let after = events(&browser, "limit=200").await;
        assert!(!after.iter().any(|event| event["kind"] == "owner-created"), "{after:?}");
        assert_eq!(after.iter().filter(|event| event["kind"] == "activity-cut").count(), 1);
        let audit = is_whole(&world).await;
        assert!(audit.is_whole, "{:?}", audit.lines);
        activity::cut_old(&ground).await.unwrap();
        assert_eq!(events(&browser, "limit=200").await.len(), after.len(), "a second time does nothing");
        // An export begins behind the cut and verifies offline.
        let file = world.folder().join("activity.jsonl");
        std::fs::write(&file, browser.get("/api/v1/events/export").await.bytes).unwrap();
        let (trust, _) = journal::known(&ground).await.unwrap();
        let audit = journal::audit_file(&file, &trust).unwrap();
        assert!(audit.is_whole, "{:?}", audit.lines);
        // The next minute signs on.
        owner.enter(&world.browser_at(3)).await;
        journal::once(&ground).await.unwrap();
        assert!(is_whole(&world).await.is_whole);
    }

    async fn days_are_thirty_to_seven_years_and_a_change_is_told(world) {
        let (_, browser) = world.with_owner_inside().await;
        assert_eq!(browser.get("/api/v1/events/retention").await.json()["days"], 400);
        for days in [json!(29), json!(2558), json!(-1), json!(0)] {
            let page = browser.ask(Method::PUT, "/api/v1/events/retention").json(&json!({"days": days})).send().await;
            assert_eq!((page.code(), &page.json()["errors"][0]["reason"]), (422, &json!("AC-005")), "{days}");
        }
        let refused = browser.post("/app/activity/retention", &[("days", "for ever")]).await;
        assert_eq!((refused.code(), refused.value_of("days").as_deref()), (422, Some("for ever")));
        let saved = browser.post("/app/activity/retention", &[("days", "90")]).await;
        assert_eq!(browser.follow(saved).await.value_of("days").as_deref(), Some("90"));
        browser.post("/app/activity/retention", &[("days", "90")]).await;
        let told = events(&browser, "kind=retention-changed").await;
        assert_eq!((told.len(), &told[0]["detail"]), (1, &json!("400 days before, 90 days now")));
    }
}
