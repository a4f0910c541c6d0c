//! What people were refused is told, with its reason and derivation: once a minute for a person and an action, and nobody can fill the log.
use super::with_role;
use serde_json::Value;
use world::{Browser, Span, World};

async fn told(browser: &Browser) -> Vec<Value> {
    let events = browser.get("/api/v1/events?kind=access-refused").await.json();
    events["items"].as_array().expect("a list").clone()
}

async fn sweep(world: &World) {
    doorward::janitor::sweep(world.app().ground())
        .await
        .expect("the store answers");
}

world::stories! {
    async fn a_refusal_is_an_event_with_its_reason_and_derivation(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ana, hers) = with_role(&world, "ana", "Technician").await;
        assert_eq!(hers.get("/app/policies").await.code(), 403);
        let events = told(&browser).await;
        assert_eq!(events.len(), 1);
        let event = &events[0];
        assert_eq!((event["outcome"].as_str(), event["reason"].as_str()), (Some("stopped"), Some("AZ-003")), "{event}");
        let detail = event["detail"].as_str().expect("a detail");
        for part in ["policies.see: ", "Technician has no “See policies”", "No access has no “See policies”"] {
            assert!(detail.contains(part), "{detail}");
        }
        let id = world.stored(&ana.email).await.id.to_string();
        assert!(event.to_string().contains(&id), "{event}");
    }

    async fn many_of_one_kind_are_one_event_a_minute_with_their_count(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (_, hers) = with_role(&world, "ana", "Technician").await;
        for _ in 0..10 {
            assert_eq!(hers.get("/api/v1/roles").await.code(), 403);
        }
        assert_eq!(hers.get("/app/policies").await.code(), 403);
        assert_eq!(told(&browser).await.len(), 2, "one for each action");
        sweep(&world).await;
        assert_eq!(told(&browser).await.len(), 2, "the minute is not over");
        world.clock.advance(Span::seconds(61));
        sweep(&world).await;
        let events = told(&browser).await;
        assert_eq!(events.len(), 3);
        assert_eq!((&events[0]["count"], &events[0]["reason"]), (&9.into(), &"AZ-003".into()), "{}", events[0]);
        world.clock.advance(Span::seconds(61));
        sweep(&world).await;
        assert_eq!(told(&browser).await.len(), 3, "told twice");
        // The next one is told at once, and stands for itself.
        assert_eq!(hers.get("/api/v1/roles").await.code(), 403);
        let events = told(&browser).await;
        assert_eq!((events.len(), &events[0]["count"]), (4, &1.into()));
    }

    async fn parallel_refusals_are_all_counted_and_one_is_told(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (_, hers) = with_role(&world, "ana", "Technician").await;
        let mut tasks = Vec::new();
        for _ in 0..20 {
            let tab = hers.clone();
            tasks.push(tokio::spawn(async move { tab.get("/api/v1/roles").await.code() }));
        }
        for task in tasks {
            assert_eq!(task.await.expect("no panic"), 403);
        }
        assert_eq!(told(&browser).await.len(), 1);
        world.clock.advance(Span::seconds(61));
        sweep(&world).await;
        let counts: Vec<i64> = told(&browser).await.iter().filter_map(|event| event["count"].as_i64()).collect();
        assert_eq!(counts, [19, 1]);
    }
}
