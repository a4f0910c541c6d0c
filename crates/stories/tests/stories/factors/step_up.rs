//! Step-up and unlock: fresh for 15 minutes, with what the person has, in the lanes that sign-in counts in. ASVS 7.5.1, 7.5.3, 7.2.4.
use world::{Method, SoftPasskey, Span};

const DELICATE: &str = "/app/security/passkey";

world::stories! {
    async fn a_sign_in_is_fresh_for_15_minutes_to_the_second(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::seconds(899));
        assert_eq!(browser.get(DELICATE).await.code(), 200);
        world.clock.advance(Span::seconds(1));
        let page = browser.get(DELICATE).await;
        assert_eq!(page.location(), "/app/step-up?next=%2Fapp%2Fsecurity%2Fpasskey&needs=factor");
        let page = browser.ask(Method::POST, "/api/v1/me/authenticators/totp").send().await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"));
    }

    async fn it_gives_the_session_a_new_token_and_leads_on(world) {
        let (owner, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::minutes(16));
        let before = browser.cookie("session").unwrap();
        let page = browser.get(DELICATE).await;
        let page = browser.post(page.location(), &[("password", &owner.password)]).await;
        assert_eq!((page.code(), page.location()), (303, DELICATE), "{}", page.text());
        let after = browser.cookie("session").unwrap();
        assert_ne!(before, after);
        assert_eq!(browser.get(DELICATE).await.code(), 200);
        let old = world.browser();
        old.plant("session", &before);
        assert!(!old.is_signed_in().await, "the old token still counts");
    }

    async fn next_leads_only_to_a_path_of_this_server(world) {
        let (owner, browser) = world.with_owner_inside().await;
        for bad in ["//evil.example", "https://evil.example/", "/%5Cevil.example"] {
            let at = format!("/app/step-up?next={bad}");
            let page = browser.post(&at, &[("password", &owner.password)]).await;
            assert_eq!((page.code(), page.location()), (303, "/app/security"), "{bad}");
        }
    }

    async fn wrong_passwords_count_in_the_lane_of_the_device(world) {
        let (owner, browser) = world.with_owner_inside().await;
        for _ in 0..10 {
            let page = browser.post("/app/step-up", &[("password", "not the password at all")]).await;
            assert_eq!(page.code(), 422);
            assert!(!page.alerts().is_empty());
        }
        let page = browser.post("/app/step-up", &[("password", &owner.password)]).await;
        assert_eq!(page.code(), 429, "{}", page.text());
        assert!(page.retry_after().is_some());
        assert!(browser.is_signed_in().await, "ten wrong passwords at step-up end no session");
    }

    async fn an_empty_form_says_what_is_missing(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.post("/app/step-up", &[]).await;
        assert_eq!(page.code(), 422);
        assert!(page.error_of("password").is_some(), "{}", page.text());
    }

    async fn the_page_asks_only_for_what_the_person_has(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let page = browser.get("/app/step-up").await;
        assert!(page.field("password").is_some() && page.field("code").is_none(), "{}", page.text());
        let app = world.with_app(&owner).await;
        let page = browser.get("/app/step-up?needs=factor&next=/app").await;
        assert!(page.field("password").is_none() && page.field("code").is_some(), "{}", page.text());
        let page = browser.post("/app/step-up?needs=factor&next=/app", &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
    }

    async fn a_passkey_steps_up_and_unlocks(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let mut soft = SoftPasskey::new(world.origin());
        assert_eq!(browser.add_passkey(&mut soft).await.code(), 201);
        world.clock.advance(Span::minutes(16));
        assert_eq!(browser.get(DELICATE).await.code(), 303);
        let page = browser.step_up_with(&mut soft).await;
        assert_eq!(page.code(), 200, "{}", page.text());
        assert_eq!(browser.get(DELICATE).await.code(), 200);
        world.clock.advance(Span::minutes(31));
        assert_eq!(browser.get("/api/v1/me").await.problem(), "locked", "{}", owner.email);
        let page = browser.unlock_with(&mut soft).await;
        assert_eq!(page.code(), 200, "{}", page.text());
        assert!(browser.is_signed_in().await);
    }

    async fn a_code_unlocks_and_five_wrong_ones_end_the_session(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let app = world.with_app(&owner).await;
        browser.post("/app/step-up?next=/app", &[("code", &app.code(world.clock.now()))]).await;
        world.clock.advance(Span::minutes(31));
        let page = browser.post("/app/unlock", &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
        world.clock.advance(Span::minutes(31));
        for left in [4, 3, 2, 1] {
            let page = browser.post("/app/unlock", &[("code", &app.wrong_code(world.clock.now()))]).await;
            assert_eq!(page.code(), 422);
            assert!(page.text().contains(&format!("{left} tr")), "{left}: {}", page.text());
        }
        let page = browser.post("/app/unlock", &[("code", &app.wrong_code(world.clock.now()))]).await;
        assert!(page.location().starts_with("/sign-in"), "{} {}", page.code(), page.text());
    }

    async fn what_cannot_be_a_code_costs_no_try_and_fills_no_log(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let app = world.with_app(&owner).await;
        browser.post("/app/step-up?next=/app", &[("code", &app.code(world.clock.now()))]).await;
        world.clock.advance(Span::minutes(31));
        for _ in 0..8 {
            assert_eq!(browser.post("/app/unlock", &[("code", "no code")]).await.code(), 422);
        }
        assert_eq!(browser.post("/app/unlock", &[("code", &app.code(world.clock.now()))]).await.code(), 303);
        let events = browser.get("/api/v1/events?kind=unlock-refused").await.json();
        assert_eq!(events["items"].as_array().unwrap().len(), 0, "{events}");
    }

    async fn the_log_tells_of_each_confirmation(world) {
        let (owner, browser) = world.with_owner_inside().await;
        browser.post("/app/step-up", &[("password", "not the password at all")]).await;
        browser.post("/app/step-up", &[("password", &owner.password)]).await;
        let events = browser.get("/api/v1/events?limit=10").await.json();
        let kinds: Vec<&str> = events["items"].as_array().unwrap().iter().filter_map(|event| event["kind"].as_str()).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "stepped-up").count(), 1, "{kinds:?}");
        assert_eq!(kinds.iter().filter(|kind| **kind == "step-up-refused").count(), 1, "{kinds:?}");
    }
}
