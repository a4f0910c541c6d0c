//! The page of one event, and the same for programs.
use super::events;
use world::{OWNER, Span};

world::stories! {
    async fn an_event_has_a_page_with_its_reason_its_flow_and_what_stands_beside_it(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::minutes(11));
        for _ in 0..10 {
            browser.sign_in(OWNER, "surely not the right one").await;
        }
        world.clock.advance(Span::days(1));
        owner.enter(&browser).await;
        let locked = events(&browser, "kind=lane-locked").await;
        let id = locked[0]["id"].as_str().unwrap();
        let list = browser.get("/app/activity?kind=lane-locked").await;
        assert!(list.links().contains(&format!("/app/activity/{id}")), "{:?}", list.links());
        let page = browser.get(&format!("/app/activity/{id}")).await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Password entry locked"));
        let text = page.text();
        for wanted in ["What belongs to it", "Before and after", "Signed in", "Line "] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        let person = world.stored(OWNER).await.id;
        assert!(page.links().iter().any(|link| link == &format!("/app/activity?person={person}")), "{:?}", page.links());
        // Everything else of that day is no part of it.
        assert_eq!(text.matches("Set up the organisation").count(), 1, "{text}");
    }

    async fn an_event_is_proved_by_the_next_checkpoint(world) {
        let (_, browser) = world.with_owner_inside().await;
        let id = events(&browser, "limit=1").await[0]["id"].as_str().unwrap().to_owned();
        let before = browser.get(&format!("/api/v1/events/{id}")).await.json();
        assert!(before["signed_with"].is_null() && before["hash"].as_str().unwrap().len() == 64, "{before}");
        ground::journal::once(world.app().ground()).await.unwrap();
        let after = browser.get(&format!("/api/v1/events/{id}")).await.json();
        assert_eq!((&after["signed_with"], &after["hash"]), (&after["seq"], &before["hash"]), "{after}");
    }

    async fn an_event_that_is_not_there_or_not_theirs_to_see_is_not_found(world) {
        let (_, browser) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        let hers = world.browser_at(4);
        ana.enter(&hers).await;
        let id = events(&browser, "limit=1").await[0]["id"].as_str().unwrap().to_owned();
        for other in ["nothing", "01936d2c-5b7e-7000-8000-000000000000"] {
            assert_eq!(browser.get(&format!("/app/activity/{other}")).await.code(), 404, "{other}");
            assert_eq!(browser.get(&format!("/api/v1/events/{other}")).await.code(), 404, "{other}");
        }
        assert_eq!(hers.get(&format!("/app/activity/{id}")).await.code(), 403);
        assert_eq!(hers.get(&format!("/api/v1/events/{id}")).await.code(), 403);
        let elsewhere = format!("/api/v1/events/{id}?organisation=01936d2c-5b7e-7000-8000-000000000000");
        assert_eq!(browser.get(&elsewhere).await.code(), 404);
    }
}
