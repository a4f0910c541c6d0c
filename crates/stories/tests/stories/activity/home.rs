//! Home: four figures, the chart, what needs the reader, the latest activity. Each of them true.
use world::{OWNER, Span, World};

/// The figure under this word, with what stands below it.
fn figure(page: &world::Page, name: &str) -> (String, String) {
    let pieces = world::html::read(&page.body);
    let cards = world::html::texts(&pieces, |tag| tag.get("class") == Some("card stat"));
    let card = cards
        .iter()
        .find(|card| card.starts_with(name))
        .unwrap_or_else(|| panic!("no {name} in {cards:?}"));
    let rest = card.trim_start_matches(name).trim();
    let (figure, below) = rest.split_once(' ').unwrap();
    (figure.to_owned(), below.to_owned())
}

async fn fail(world: &World, at: u8, email: &str, times: usize) {
    let browser = world.browser_at(at);
    browser.get("/sign-in").await;
    for _ in 0..times {
        browser
            .post(
                "/sign-in",
                &[("email", email), ("password", "surely not the right one")],
            )
            .await;
    }
}

world::stories! {
    async fn the_figures_say_what_is_so(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        world.person("ben").await;
        let page = browser.get("/app").await;
        assert_eq!(figure(&page, "People").0, "3");
        assert_eq!(figure(&page, "Signed in now"), ("1".into(), "on 1 device".into()));
        assert_eq!(figure(&page, "With two factors").0, "0");
        assert_eq!(figure(&page, "Sign-ins stopped"), ("0".into(), "last 24 hours".into()));
        world.with_app(&ana).await;
        owner.enter(&world.browser_at(2)).await;
        fail(&world, 5, OWNER, 3).await;
        world.clock.advance(Span::minutes(2));
        doorward::janitor::sweep(world.app().ground()).await.unwrap();
        let page = browser.get("/app").await;
        assert_eq!(figure(&page, "Signed in now"), ("1".into(), "on 2 devices".into()));
        assert_eq!(figure(&page, "With two factors"), ("33".into(), "% 2 people to go".into()));
        assert_eq!(figure(&page, "Sign-ins stopped").0, "3");
        world.disable(&ana).await;
        let page = browser.get("/app").await;
        assert_eq!(figure(&page, "With two factors"), ("0".into(), "% 2 people to go".into()));
    }

    async fn what_needs_the_reader_stands_there_and_goes_when_it_is_over(world) {
        let (_, browser) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        assert!(browser.get("/app").await.text().contains("Nothing needs you now."));
        fail(&world, 6, &ana.email, 11).await;
        let page = browser.get("/app").await;
        let text = page.text();
        assert!(text.contains("ana is locked out") && text.contains("10 wrong passwords from a device that is not known"), "{text}");
        let id = world.stored(&ana.email).await.id;
        assert!(page.links().contains(&format!("/app/activity?person={id}")), "{:?}", page.links());
        world.clock.advance(Span::minutes(16));
        browser.get("/app").await;
        assert!(browser.get("/app").await.text().contains("Nothing needs you now."));
    }

    async fn whoever_may_not_read_the_activity_sees_their_own_devices(world) {
        let (_, _) = world.with_owner_inside().await;
        let ana = world.person("ana").await;
        let hers = world.browser_at(4);
        ana.enter(&hers).await;
        let text = hers.get("/app").await.text();
        assert!(text.contains("Your signed-in devices") && !text.contains("Needs you") && !text.contains("Latest activity"), "{text}");
    }

    async fn the_chart_counts_the_days_that_are_over_and_today_as_it_goes_on(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let counts = |page: &world::Page| {
            let pieces = world::html::read(&page.body);
            let table = world::html::texts(&pieces, |tag| tag.name == "tr");
            table.into_iter().filter(|row| row.contains(" Nov ") && !row.ends_with(" 0 0") && row.split(' ').count() == 4).collect::<Vec<_>>()
        };
        assert_eq!(counts(&browser.get("/app").await), ["24 Nov 1 0"]);
        world.clock.advance(Span::days(1));
        owner.enter(&browser).await;
        for _ in 0..2 {
            assert_eq!(counts(&browser.get("/app").await), ["24 Nov 1 0", "25 Nov 1 0"]);
        }
        owner.enter(&world.browser_at(2)).await;
        assert_eq!(counts(&browser.get("/app").await), ["24 Nov 1 0", "25 Nov 2 0"]);
        world.clock.advance(Span::days(1));
        owner.enter(&browser).await;
        assert_eq!(counts(&browser.get("/app").await), ["24 Nov 1 0", "25 Nov 2 0", "26 Nov 1 0"]);
    }
}
