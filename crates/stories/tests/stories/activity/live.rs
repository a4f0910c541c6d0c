//! Events as they happen.
use super::events;
use std::time::Duration;
use world::{Browser, Span};

/// Reads a stream until it has said something that begins with `id:`; with what was read.
pub async fn first_message(browser: &Browser, place: &str) -> String {
    let ask = browser
        .ask(world::Method::GET, "/api/v1/events/stream")
        .header("accept", "text/event-stream");
    let ask = if place.is_empty() {
        ask
    } else {
        ask.header("last-event-id", place)
    };
    ask.read_until(":\n\n", Duration::from_secs(20)).await
}

world::stories! {
    async fn an_event_comes_in_as_it_happens_with_its_place_in_the_log(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let (reader, other) = (browser.clone(), world.browser_at(8));
        let reading = tokio::spawn(async move {
            let ask = reader.ask(world::Method::GET, "/api/v1/events/stream?kind=signed-in").header("accept", "text/event-stream");
            ask.read_until("data: {", Duration::from_secs(20)).await
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
        owner.enter(&other).await;
        let text = reading.await.unwrap();
        let last = &events(&browser, "kind=signed-in&limit=1").await[0];
        assert!(text.contains(&format!("id: {}\n", last["seq"])), "{text}");
        assert!(!text.contains("owner-created"), "what happened before is not told: {text}");
    }

    async fn a_reader_that_was_away_goes_on_where_it_was(world) {
        let (_, browser) = world.with_owner_inside().await;
        let ask = browser.ask(world::Method::GET, "/api/v1/events/stream").header("accept", "text/event-stream");
        let text = ask.header("last-event-id", "0").read_until("signed-in", Duration::from_secs(20)).await;
        assert!(text.contains("id: 1\n") && text.contains("owner-created"), "{text}");
    }

    async fn a_stream_ends_when_the_reader_may_not_read_any_more(world) {
        let (_, browser) = world.with_owner_inside().await;
        let reader = browser.clone();
        let reading = tokio::spawn(async move {
            let ask = reader.ask(world::Method::GET, "/api/v1/events/stream").header("accept", "text/event-stream");
            ask.read_until("never said", Duration::from_secs(20)).await
        });
        tokio::time::sleep(Duration::from_millis(500)).await;
        // The session locks; the stream is no use of it.
        world.clock.advance(Span::minutes(31));
        let began = std::time::Instant::now();
        reading.await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(10), "it went on for {:?}", began.elapsed());
        assert_eq!(browser.get("/api/v1/events/stream").await.problem(), "locked");
    }

    async fn what_a_stream_cannot_do_is_refused(world) {
        let (_, browser) = world.with_owner_inside().await;
        for query in ["limit=1", "cursor=x", "to=2026-01-01", "kind=nothing", "format=csv", "colour=red"] {
            let page = browser.get(&format!("/api/v1/events/stream?{query}")).await;
            assert_eq!(page.code(), 400, "{query}");
        }
        let ana = world.person("ana").await;
        let hers = world.browser_at(4);
        ana.enter(&hers).await;
        assert_eq!(hers.get("/api/v1/events/stream").await.code(), 403);
    }
}
