//! Lockout that cannot be turned on its owner: the three lanes, as seen from outside.
use world::{Browser, Engine, OWNER, PASSWORD, Page, Person, Span, World};

const WRONG: &str = "surely not the right one";

/// So many wrong passwords for this address from this browser; answers with the last answer.
async fn fail(browser: &Browser, email: &str, times: usize) -> Page {
    browser.get("/sign-in").await;
    let mut last = None;
    for _ in 0..times {
        last = Some(browser.post("/sign-in", &[("email", email), ("password", WRONG)]).await);
    }
    last.expect("at least one try")
}

/// An owner, the browser that is known to them, signed out.
async fn with_known_device(world: &World) -> (Person, Browser) {
    let (owner, browser) = world.with_owner_inside().await;
    browser.post("/sign-out", &[]).await;
    (owner, browser)
}

async fn kinds(world: &World, owner: &Person) -> Vec<String> {
    events(world, owner)
        .await
        .iter()
        .filter_map(|event| event["kind"].as_str().map(str::to_owned))
        .collect()
}

/// The whole log, newest first, seen from a browser at an address that no lane holds.
async fn events(world: &World, owner: &Person) -> Vec<serde_json::Value> {
    let browser = world.browser_at(200);
    owner.enter(&browser).await;
    browser.get("/api/v1/events?limit=200").await.json()["items"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

world::stories! {
    async fn a_known_device_locks_after_ten_failures_and_is_told_in_words(world) {
        let (owner, browser) = with_known_device(&world).await;
        assert_eq!(fail(&browser, OWNER, 9).await.code(), 422);
        fail(&browser, OWNER, 1).await;
        let locked = owner.sign_in(&browser).await;
        assert_eq!(locked.code(), 429, "the right password passed a lock: {}", locked.text());
        assert_eq!(locked.retry_after(), Some(15 * 60));
        assert!(locked.text().contains("15 minutes"), "{}", locked.text());
        world.clock.advance(Span::minutes(15) - Span::seconds(1));
        assert_eq!(owner.sign_in(&browser).await.retry_after(), Some(1));
        world.clock.advance(Span::seconds(1));
        assert_eq!(owner.sign_in(&browser).await.code(), 303);
    }

    async fn the_wait_of_a_known_device_doubles_up_to_a_day(world) {
        let (owner, browser) = with_known_device(&world).await;
        fail(&browser, OWNER, 10).await;
        for minutes in [15, 30, 60, 120, 240, 480, 960, 1440] {
            let locked = owner.sign_in(&browser).await;
            assert_eq!((locked.code(), locked.retry_after()), (429, Some(minutes * 60)));
            world.clock.advance(Span::minutes(minutes));
            if minutes < 1440 {
                fail(&browser, OWNER, 1).await;
            }
        }
    }

    async fn a_success_of_a_known_device_sets_its_count_to_nought(world) {
        let (owner, browser) = with_known_device(&world).await;
        for _ in 0..3 {
            fail(&browser, OWNER, 9).await;
            owner.enter(&browser).await;
            browser.post("/sign-out", &[]).await;
        }
    }

    async fn a_run_is_forgotten_after_a_day_without_failure(world) {
        let (owner, browser) = with_known_device(&world).await;
        fail(&browser, OWNER, 9).await;
        world.clock.advance(Span::hours(24) + Span::seconds(1));
        fail(&browser, OWNER, 9).await;
        assert_eq!(owner.sign_in(&browser).await.code(), 303);
    }

    async fn strangers_lock_only_strangers_and_cannot_tell(world) {
        let (owner, known) = with_known_device(&world).await;
        let stranger = world.browser_at(2);
        let wrong = fail(&stranger, OWNER, 10).await;
        let locked = owner.sign_in(&stranger).await;
        assert_eq!(locked.code(), 422, "a stranger got in, or was told: {}", locked.text());
        assert_eq!(locked.body, wrong.body, "a locked answer differs from a wrong password");
        assert_eq!(locked.header("retry-after"), None);
        let other = world.browser_at(3);
        assert_eq!(owner.sign_in(&other).await.code(), 422, "the lane is of the address, not of the network");
        assert_eq!(owner.sign_in(&known).await.code(), 303, "strangers locked the owner out");
    }

    async fn a_known_devices_success_opens_the_door_for_strangers_again(world) {
        let (owner, known) = with_known_device(&world).await;
        fail(&world.browser_at(2), OWNER, 10).await;
        owner.enter(&known).await;
        assert_eq!(owner.sign_in(&world.browser_at(3)).await.code(), 303);
    }

    async fn a_strangers_success_resets_nothing(world) {
        let owner = world.with_owner().await;
        fail(&world.browser_at(2), OWNER, 9).await;
        owner.enter(&world.browser_at(3)).await;
        fail(&world.browser_at(4), OWNER, 1).await;
        assert_eq!(owner.sign_in(&world.browser_at(5)).await.code(), 422, "the stranger's success set the count to nought");
        world.clock.advance(Span::minutes(15));
        assert_eq!(owner.sign_in(&world.browser_at(5)).await.code(), 303);
    }

    async fn after_a_release_strangers_have_exactly_one_try(world) {
        let owner = world.with_owner().await;
        fail(&world.browser_at(2), OWNER, 10).await;
        world.clock.advance(Span::minutes(15));
        fail(&world.browser_at(2), OWNER, 1).await;
        assert_eq!(owner.sign_in(&world.browser_at(3)).await.code(), 422);
        world.clock.advance(Span::minutes(30) - Span::seconds(1));
        assert_eq!(owner.sign_in(&world.browser_at(3)).await.code(), 422);
        world.clock.advance(Span::seconds(1));
        assert_eq!(owner.sign_in(&world.browser_at(3)).await.code(), 303);
    }

    async fn a_hundred_failures_of_strangers_shut_the_password_until_another_way_in_is_used(world) {
        let (owner, known) = with_known_device(&world).await;
        for round in 0..10 {
            fail(&world.browser_at(10 + round), OWNER, 10).await;
            world.clock.advance(Span::hours(49));
        }
        for _ in 0..2 {
            assert_eq!(owner.sign_in(&world.browser_at(30)).await.code(), 422, "the password opens for strangers after 100 failures");
            world.clock.advance(Span::days(3));
        }
        owner.enter(&known).await;
        assert_eq!(owner.sign_in(&world.browser_at(31)).await.code(), 303);
    }

    async fn a_hundred_failures_in_a_row_make_a_device_unknown(world) {
        let (owner, known) = with_known_device(&world).await;
        for _ in 0..10 {
            fail(&known, OWNER, 10).await;
            world.clock.advance(Span::hours(49));
        }
        let kinds = kinds(&world, &owner).await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "device-no-longer-known").count(), 1, "{kinds:?}");
        let wrong = fail(&known, OWNER, 11).await;
        assert_eq!(wrong.code(), 422, "a device that is no longer known is told of locks");
    }

    async fn a_network_is_shut_for_strangers_after_sixty_failures_over_all_addresses(world) {
        let (owner, known) = with_known_device(&world).await;
        let near = world.browser_at(7);
        for n in 0..60 {
            let page = fail(&near, &format!("person{n}@elsewhere.example"), 1).await;
            assert_eq!(page.code(), 422, "try {n}");
        }
        let mut answers = Vec::new();
        for email in [OWNER, "nobody@elsewhere.example"] {
            let page = world.browser_at(7).sign_in(email, PASSWORD).await;
            assert_eq!((page.code(), page.retry_after()), (429, Some(15 * 60)), "{email}: {}", page.text());
            answers.push(page.body.replace(email, "X"));
        }
        assert_eq!(answers[0], answers[1], "the answer depends on the address");
        assert_eq!(owner.sign_in(&world.browser_at(8)).await.code(), 303, "another network is held back");
        // The known device's own network is another one here; what counts is that a known device never sees the lane.
        assert_eq!(owner.sign_in(&known).await.code(), 303);
        world.clock.advance(Span::minutes(15));
        assert_eq!(owner.sign_in(&world.browser_at(7)).await.code(), 303);
    }

    async fn a_known_device_on_a_shut_network_gets_in(world) {
        let (owner, known) = with_known_device(&world).await;
        for n in 0..60 {
            fail(&world.browser_at(1), &format!("person{n}@elsewhere.example"), 1).await;
        }
        assert_eq!(world.browser_at(1).sign_in(OWNER, PASSWORD).await.code(), 429);
        assert_eq!(owner.sign_in(&known).await.code(), 303, "a network lane holds a known device back");
    }

    async fn on_a_shut_network_tries_cost_the_store_no_write_and_are_told_together(world) {
        let (owner, known) = with_known_device(&world).await;
        for n in 0..60 {
            fail(&world.browser_at(7), &format!("person{n}@elsewhere.example"), 1).await;
        }
        world.clock.advance(Span::minutes(2));
        let near = world.browser_at(7);
        near.get("/sign-in").await;
        let refused = |email: &'static str| {
            let near = near.clone();
            async move { near.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await }
        };
        // The first of a minute writes its line.
        assert_eq!(refused(OWNER).await.code(), 429);
        let told = world.told_to_the_operator("strangers-refused").await;
        let store = world.app().ground().store.clone();
        let before = store.mark();
        for n in 0..40 {
            let email = if n % 2 == 0 { OWNER } else { "nobody@elsewhere.example" };
            assert_eq!(refused(email).await.code(), 429);
        }
        assert_eq!(world.told_to_the_operator("strangers-refused").await, told);
        assert!(world.engine() == Engine::Postgres || before.is_some() && store.mark() == before, "a refusal was a write");
        world.clock.advance(Span::minutes(1));
        assert_eq!(refused(OWNER).await.code(), 429);
        assert_eq!(world.told_to_the_operator("strangers-refused").await, told + 41, "the refusals of that minute, and this one");
        assert_eq!(owner.sign_in(&known).await.code(), 303);
        world.clock.advance(Span::minutes(15));
        assert_eq!(owner.sign_in(&near).await.code(), 303);
    }

    async fn a_networks_failures_are_forgotten_after_a_quarter_of_an_hour(world) {
        world.with_owner().await;
        for n in 0..59 {
            fail(&world.browser_at(7), &format!("person{n}@elsewhere.example"), 1).await;
        }
        world.clock.advance(Span::minutes(15) + Span::seconds(1));
        fail(&world.browser_at(7), "another@elsewhere.example", 2).await;
        assert_eq!(world.browser_at(7).sign_in(OWNER, PASSWORD).await.code(), 303);
    }

    async fn a_lock_survives_a_restart(world) {
        let (owner, browser) = with_known_device(&world).await;
        fail(&browser, OWNER, 10).await;
        world.restart().await;
        assert_eq!(owner.sign_in(&browser).await.code(), 429);
    }

    async fn the_end_of_a_lock_is_an_event_dated_when_it_ended(world) {
        let (owner, browser) = with_known_device(&world).await;
        fail(&browser, OWNER, 10).await;
        let ended = world.clock.now() + Span::minutes(15);
        world.clock.advance(Span::hours(3));
        owner.enter(&browser).await;
        let events = events(&world, &owner).await;
        let locked = events.iter().find(|e| e["kind"] == "lane-locked").unwrap_or_else(|| panic!("no lock in {events:?}"));
        assert!(locked["reason"].as_str().is_some(), "{locked}");
        let released = events.iter().find(|e| e["kind"] == "lane-released").unwrap_or_else(|| panic!("no release in {events:?}"));
        assert_eq!(released["at"].as_str(), Some(ended.rfc3339().as_str()), "{released}");
    }

    async fn nobody_can_fill_the_log_of_an_organisation(world) {
        let owner = world.with_owner().await;
        let before = events(&world, &owner).await.len();
        for n in 0..40 {
            fail(&world.browser_at(50), &format!("person{n}@elsewhere.example"), 1).await;
        }
        let after = events(&world, &owner).await;
        assert!(after.len() <= before + 3, "40 refusals of strangers made {} events", after.len() - before);
    }
}
