//! Sessions: how they lock, end, are seen and signed out; on the page and by the API.
use world::{Browser, Method, Person, Span, World};

const FIELDS: [&str; 2] = ["email", "password"];

async fn ids(browser: &Browser) -> Vec<String> {
    let list = browser.get("/api/v1/me/sessions").await.json();
    list["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|s| s["id"].as_str().expect("an id").to_owned())
        .collect()
}

/// Goes on with the password at the lock.
async fn unlock(browser: &Browser, next: &str, password: &str) -> world::Page {
    browser
        .post(&format!("/app/unlock?next={next}"), &[("password", password)])
        .await
}

async fn shared(world: &World, owner: &Person) -> Browser {
    let browser = world.browser();
    browser.get("/sign-in").await;
    let fields = [
        (FIELDS[0], owner.email.as_str()),
        (FIELDS[1], owner.password.as_str()),
        ("shared_device", "on"),
    ];
    assert_eq!(browser.post("/sign-in", &fields).await.code(), 303);
    browser
}

world::stories! {
    async fn after_thirty_minutes_away_the_session_locks_and_the_password_goes_on_where_it_was(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let token = browser.cookie("session");
        world.clock.advance(Span::minutes(30));
        let page = browser.get("/app/activity?kind=signed-in").await;
        assert_eq!(page.code(), 303);
        assert!(page.location().starts_with("/app/unlock?next="), "{}", page.location());
        let api = browser.get("/api/v1/me").await;
        assert_eq!((api.code(), api.problem().as_str()), (401, "locked"));
        let form = browser.get(page.location()).await;
        assert!(form.buttons().contains(&"Go on".to_owned()), "{:?}", form.buttons());
        assert!(form.label_of("password").is_some());
        let page = browser.post(page.location(), &[("password", &owner.password)]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/activity?kind=signed-in"), "{}", page.text());
        assert!(browser.is_signed_in().await);
        assert_ne!(browser.cookie("session"), token, "proving oneself again gives a new token");
    }

    async fn the_old_token_dies_at_unlock(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let old = browser.cookie("session").expect("a session");
        world.clock.advance(Span::minutes(31));
        browser.get("/app").await;
        assert_eq!(unlock(&browser, "/app", &owner.password).await.code(), 303);
        let other = world.browser();
        other.plant("session", &old);
        assert_eq!(other.get("/api/v1/me").await.problem(), "signed-out");
    }

    async fn at_most_a_minute_early_and_never_late(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::minutes(28) + Span::seconds(59));
        assert!(browser.is_signed_in().await, "locked more than a minute early");
        world.clock.advance(Span::minutes(30));
        assert!(!browser.is_signed_in().await, "30 minutes after it was last used it is still open");
    }

    async fn use_keeps_it_open_until_the_absolute_end(world) {
        let (_, browser) = world.with_owner_inside().await;
        for _ in 0..35 {
            world.clock.advance(Span::minutes(20));
            assert!(browser.is_signed_in().await);
        }
        world.clock.advance(Span::minutes(20));
        let page = browser.get("/app").await;
        assert_eq!(page.code(), 303, "open after 12 hours");
        assert!(page.location().starts_with("/sign-in?next="), "{}", page.location());
        assert_eq!(browser.get("/api/v1/me").await.problem(), "signed-out");
    }

    async fn a_lock_does_not_outlive_the_absolute_end(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::hours(12));
        let page = unlock(&browser, "/app", &owner.password).await;
        assert_eq!(page.code(), 303);
        assert!(page.location().starts_with("/sign-in"), "a session was unlocked after its end: {}", page.location());
        assert!(!browser.is_signed_in().await);
    }

    async fn a_wrong_password_at_the_lock_is_told_and_the_fifth_ends_the_session(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::minutes(31));
        for n in 1..5 {
            let page = unlock(&browser, "/app", "not this one at all").await;
            assert_eq!(page.code(), 422, "failure {n}");
            assert!(!page.alerts().is_empty());
        }
        unlock(&browser, "/app", "not this one at all").await;
        assert_eq!(browser.get("/api/v1/me").await.problem(), "signed-out");
        let page = unlock(&browser, "/app", &owner.password).await;
        assert_ne!(page.location(), "/app", "an ended session was unlocked");
        assert!(!browser.is_signed_in().await);
        owner.enter(&browser).await;
    }

    async fn failures_at_the_lock_count_in_the_lane_of_the_device(world) {
        let (owner, browser) = world.with_owner_inside().await;
        for _ in 0..2 {
            world.clock.advance(Span::minutes(31));
            for _ in 0..4 {
                unlock(&browser, "/app", "not this one at all").await;
            }
            browser.post("/sign-out", &[]).await;
            browser.get("/sign-in").await;
            browser.post("/sign-in", &[("email", &owner.email), ("password", "not this one either")]).await;
            if owner.sign_in(&browser).await.code() != 303 {
                return;
            }
            // A success sets the lane to nought: so the failures are made without one.
            world.clock.advance(Span::hours(25));
            owner.enter(&browser).await;
        }
        world.clock.advance(Span::minutes(31));
        for _ in 0..4 {
            unlock(&browser, "/app", "not this one at all").await;
        }
        browser.post("/sign-out", &[]).await;
        browser.get("/sign-in").await;
        for _ in 0..6 {
            browser.post("/sign-in", &[("email", &owner.email), ("password", "not this one either")]).await;
        }
        assert_eq!(owner.sign_in(&browser).await.code(), 429, "four at the lock and six at the door are ten");
    }

    async fn a_shared_device_ends_after_fifteen_minutes(world) {
        let owner = world.with_owner().await;
        let browser = shared(&world, &owner).await;
        world.clock.advance(Span::minutes(13) + Span::seconds(59));
        assert!(browser.is_signed_in().await);
        world.clock.advance(Span::minutes(15));
        assert_eq!(browser.get("/api/v1/me").await.problem(), "signed-out", "a shared device locks instead of ending");
    }

    async fn signing_out_on_a_shared_device_clears_caches_and_storage_but_never_cookies(world) {
        let owner = world.with_owner().await;
        let browser = shared(&world, &owner).await;
        let page = browser.post("/sign-out", &[]).await;
        let cleared = page.header("clear-site-data").unwrap_or_default();
        assert!(cleared.contains("\"cache\"") && cleared.contains("\"storage\""), "{cleared}");
        assert!(!cleared.contains("cookies") && !cleared.contains('*'), "{cleared}");
    }

    async fn a_shared_device_is_never_known(world) {
        let owner = world.with_owner().await;
        let browser = shared(&world, &owner).await;
        browser.post("/sign-out", &[]).await;
        browser.get("/sign-in").await;
        for _ in 0..11 {
            let page = browser.post("/sign-in", &[("email", &owner.email), ("password", "not this one at all")]).await;
            assert_eq!(page.code(), 422, "a shared device was told of a lock");
        }
    }

    async fn signing_out_ends_the_session_and_removes_its_cookie(world) {
        let (_, browser) = world.with_owner_inside().await;
        let token = browser.cookie("session").expect("a session");
        let page = browser.post("/sign-out", &[]).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in"));
        assert!(browser.cookie("session").is_none());
        assert!(browser.cookie("device").is_some(), "signing out forgot the device");
        browser.plant("session", &token);
        assert_eq!(browser.get("/api/v1/me").await.problem(), "signed-out");
        assert_eq!(browser.post("/sign-out", &[]).await.code(), 303, "signing out twice is no error");
    }

    async fn a_get_of_sign_out_does_nothing(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.get("/sign-out").await;
        assert_eq!((page.code(), page.header("allow")), (405, Some("POST")));
        assert!(browser.is_signed_in().await);
    }

    async fn every_session_is_listed_and_one_can_be_ended(world) {
        let (owner, here) = world.with_owner_inside().await;
        let there = world.browser_at(5).named("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36");
        owner.enter(&there).await;
        let list = here.get("/api/v1/me/sessions").await.json();
        let items = list["items"].as_array().expect("items");
        assert_eq!((items.len(), &list["next"]), (2, &serde_json::Value::Null), "{list}");
        let text = list.to_string();
        assert!(text.contains("Firefox") && text.contains("Chrome") && text.contains("127.0.0.5"), "{text}");
        let own = items.iter().find(|s| s["current"] == true || s["is_current"] == true).unwrap_or_else(|| panic!("which one is this? {list}"));
        let other = items.iter().find(|s| s["id"] != own["id"]).expect("the other");
        let page = here.ask(Method::DELETE, &format!("/api/v1/me/sessions/{}", other["id"].as_str().unwrap())).send().await;
        assert_eq!(page.code(), 204, "{}", page.body);
        assert!(!there.is_signed_in().await);
        assert!(here.is_signed_in().await);
        assert_eq!(ids(&here).await.len(), 1);
    }

    async fn all_others_can_be_signed_out_at_once(world) {
        let (owner, here) = world.with_owner_inside().await;
        let others = [world.browser_at(5), world.browser_at(6), world.browser_at(7)];
        for other in &others {
            owner.enter(other).await;
        }
        let page = here.ask(Method::DELETE, "/api/v1/me/sessions?others=true").send().await;
        assert_eq!(page.code(), 204, "{}", page.body);
        for other in &others {
            assert_eq!(other.get("/api/v1/me").await.code(), 401);
        }
        assert!(here.is_signed_in().await);
    }

    async fn a_session_that_is_not_ones_own_cannot_be_seen(world) {
        let (_, browser) = world.with_owner_inside().await;
        let unknown = "01936d2c-5b7e-7000-8000-000000000000";
        for id in [unknown, "x", "00000000-0000-0000-0000-000000000000"] {
            let page = browser.ask(Method::DELETE, &format!("/api/v1/me/sessions/{id}")).send().await;
            assert!(page.code() == 404 || page.code() == 400, "{id}: {}", page.code());
        }
        assert!(browser.is_signed_in().await);
    }

    async fn a_session_outlives_a_restart(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.restart().await;
        assert!(browser.is_signed_in().await);
    }

    async fn polls_are_no_activity(world) {
        let (_, browser) = world.with_owner_inside().await;
        for _ in 0..3 {
            world.clock.advance(Span::minutes(10));
            browser.ask(Method::GET, "/api/v1/me").header("doorward-poll", "1").send().await;
        }
        assert!(!browser.is_signed_in().await, "polls kept the session open");
    }

    async fn a_password_is_changed_with_the_current_one_and_all_other_sessions_end(world) {
        let (owner, here) = world.with_owner_inside().await;
        let there = world.browser_at(5);
        owner.enter(&there).await;
        let new = "another lantern under the mill";
        let change = async |current: &str, password: &str| here.post("/app/security/password", &[("current", current), ("password", password)]).await;
        let page = change("not the current one", new).await;
        assert_eq!(page.code(), 422);
        assert!(page.error_of("current").is_some() || !page.alerts().is_empty(), "{}", page.body);
        for bad in ["short", "", "northwind it northwind", &owner.password] {
            let page = change(&owner.password, bad).await;
            assert_eq!(page.code(), 422, "{bad:?}");
            assert!(page.error_of("password").is_some(), "{bad:?}: {}", page.body);
        }
        assert!(there.is_signed_in().await, "a refused change ended sessions");
        let token = here.cookie("session");
        assert_eq!(change(&owner.password, new).await.code(), 303);
        assert!(here.is_signed_in().await);
        assert_ne!(here.cookie("session"), token, "a change of password gives a new token");
        assert!(!there.is_signed_in().await, "another session outlived the change");
        assert_eq!(owner.sign_in(&world.browser_at(6)).await.code(), 422, "the old password still works");
        assert_eq!(world.browser_at(6).sign_in(&owner.email, new).await.code(), 303);
        let log = here.get("/api/v1/events?limit=200").await.json().to_string();
        assert!(log.contains("\"password-changed\"") && log.contains("\"password-change-refused\""), "{log}");
    }

    async fn wrong_current_passwords_count_in_the_lane_of_the_device(world) {
        let (owner, browser) = world.with_owner_inside().await;
        for _ in 0..10 {
            browser.post("/app/security/password", &[("current", "not the current one"), ("password", "another lantern under the mill")]).await;
        }
        let page = browser.post("/app/security/password", &[("current", &owner.password), ("password", "another lantern under the mill")]).await;
        assert_eq!(page.code(), 429, "{}", page.text());
        assert_eq!(owner.sign_in(&browser).await.code(), 429);
    }

    async fn what_happened_to_a_session_is_in_the_log(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::minutes(31));
        browser.get("/app").await;
        unlock(&browser, "/app", "not this one at all").await;
        unlock(&browser, "/app", &owner.password).await;
        browser.post("/sign-out", &[]).await;
        owner.enter(&browser).await;
        let log = browser.get("/api/v1/events?limit=200").await.json().to_string();
        for kind in ["signed-in", "unlock-refused", "session-unlocked", "signed-out"] {
            assert!(log.contains(&format!("\"{kind}\"")), "no {kind} in {log}");
        }
    }
}
