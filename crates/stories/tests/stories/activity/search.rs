//! Searching: by person, kind, answer, time and network, and each of them with each other.
use super::events;
use world::{PASSWORD, Span};

world::stories! {
    async fn a_search_by_network_finds_what_came_from_there_however_it_is_spelt(world) {
        let (owner, browser) = world.with_owner_inside().await;
        owner.enter(&world.browser_at(9)).await;
        for spelt in ["127.0.0.9", "::ffff:127.0.0.9"] {
            let found = events(&browser, &format!("network={spelt}&kind=signed-in")).await;
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0]["network"], "127.0.0.9");
        }
        let page = browser.get("/app/activity?network=127.0.0.9").await;
        assert!(page.code() == 200 && page.text().contains("Signed in"), "{}", page.text());
        let page = browser.get("/app/activity?network=the+office").await;
        assert_eq!((page.code(), page.error_of("network").is_some()), (422, true));
        assert_eq!(browser.get("/api/v1/events?network=127.0.0.0/8").await.code(), 400);
    }

    async fn filters_are_joined_and_a_page_goes_on_with_all_of_them(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        for n in 0..3 {
            ana.enter(&world.browser_at(10 + n)).await;
            owner.enter(&world.browser_at(10 + n)).await;
            world.browser_at(10 + n).sign_in(&ana.email, "surely not the right one").await;
            world.clock.advance(Span::minutes(1));
        }
        let ana_id = world.stored(&ana.email).await.id;
        let query = format!("person={ana_id}&outcome=allowed&kind=signed-in&limit=2");
        let first = browser.get(&format!("/api/v1/events?{query}")).await.json();
        assert_eq!(first["items"].as_array().unwrap().len(), 2, "{first}");
        let next = first["next"].as_str().unwrap();
        let rest = browser.get(&format!("/api/v1/events?{query}&cursor={next}")).await.json();
        assert_eq!((rest["items"].as_array().unwrap().len(), rest["next"].is_null()), (1, true), "{rest}");
        // A cursor belongs to its filters.
        let other = browser.get(&format!("/api/v1/events?person={ana_id}&cursor={next}")).await;
        assert_eq!(other.code(), 400);
        let none = events(&browser, &format!("person={ana_id}&network=127.0.0.99")).await;
        assert_eq!(none.len(), 0);
        assert_eq!(PASSWORD, ana.password);
    }
}
