//! Sessions that were planted, revived, never ended, or kept people out.
use world::{Method, Span};

world::stories! {
    async fn s34_a_planted_session_cookie_is_never_signed_in(world) {
        let owner = world.with_owner().await;
        let browser = world.browser();
        let planted = "A".repeat(43);
        browser.plant("session", &planted);
        browser.get("/sign-in").await;
        let page = owner.sign_in(&browser).await;
        assert_eq!(page.code(), 303);
        let other = world.browser();
        other.plant("session", &planted);
        assert!(!other.is_signed_in().await, "the planted cookie was signed in");
        assert!(browser.is_signed_in().await);
    }

    async fn s34_of_several_copies_the_one_that_verifies_counts_and_the_rest_expire(world) {
        let (_, browser) = world.with_owner_inside().await;
        let token = browser.cookie("session").expect("a session");
        for stale in ["x", "", "A", &"B".repeat(43), &"C".repeat(500)] {
            let tab = world.browser();
            tab.plant("session", stale);
            tab.plant("session", &token);
            assert!(tab.is_signed_in().await, "a stale copy before the good one keeps the person out: {stale:?}");
            let tab = world.browser();
            tab.plant("session", &token);
            tab.plant("session", stale);
            assert!(tab.is_signed_in().await, "a stale copy after the good one keeps the person out: {stale:?}");
        }
    }

    async fn s35_a_session_ended_elsewhere_is_dead_at_once(world) {
        let (owner, here) = world.with_owner_inside().await;
        let there = world.browser();
        owner.enter(&there).await;
        here.ask(Method::DELETE, "/api/v1/me/sessions?others=true").send().await;
        assert_eq!(there.get("/api/v1/me").await.code(), 401);
        world.restart().await;
        assert_eq!(there.get("/api/v1/me").await.code(), 401, "a restart revived it");
        world.clock.advance(Span::minutes(-5));
        assert_eq!(there.get("/api/v1/me").await.code(), 401, "a clock set back revived it");
    }

    async fn s37_a_request_in_flight_does_not_revive_a_session(world) {
        let (owner, browser) = world.with_owner_inside().await;
        for _ in 0..20 {
            owner.enter(&browser).await;
            // Old enough that every request writes "last seen".
            world.clock.advance(Span::seconds(90));
            let token = browser.cookie("session").expect("a session");
            let tasks: Vec<_> = (0..20).map(|_| { let tab = browser.clone(); tokio::spawn(async move { tab.get("/app/activity").await.code() }) }).collect();
            browser.post("/sign-out", &[]).await;
            for task in tasks {
                task.await.expect("no panic");
            }
            let other = world.browser();
            other.plant("session", &token);
            assert_eq!(other.get("/api/v1/me").await.code(), 401);
        }
    }

    async fn s41_corrupt_and_duplicated_cookies_never_keep_anyone_out(world) {
        let owner = world.with_owner().await;
        let long = "z".repeat(3_000);
        for short in ["session", "device", "flow"] {
            for bad in ["", "x", "\u{e9}", "AAAA.BBBB.CCCC", long.as_str(), "%00", "\"quoted\""] {
                let browser = world.browser();
                browser.plant(short, bad);
                browser.plant(short, bad);
                let page = browser.visit("/app").await;
                assert_eq!((page.code(), page.heading().as_str()), (200, "Sign in"), "{short}={bad:.9}");
                let fields = [("email", owner.email.as_str()), ("password", owner.password.as_str())];
                let page = browser.post("/sign-in", &fields).await;
                assert_eq!(page.code(), 303, "{short}={bad:.9}: {}", page.text());
                let home = browser.follow(page).await;
                assert_eq!(home.code(), 200, "{short}={bad:.9}");
                assert!(home.redirects <= 2 && home.heading() != "Sign in", "{short}={bad:.9}: {}", home.heading());
            }
        }
    }

    async fn s75_the_sign_in_page_clears_a_dead_session(world) {
        let (_, browser) = world.with_owner_inside().await;
        let token = browser.cookie("session").expect("a session");
        world.clock.advance(Span::hours(13));
        for dead in [token.as_str(), "nonsense", ""] {
            let tab = world.browser();
            tab.plant("session", dead);
            let page = tab.get("/sign-in").await;
            let cleared = page.set_cookies().into_iter().find(|line| line.starts_with("doorward_session=;"));
            let cleared = cleared.unwrap_or_else(|| panic!("{dead:?} was not cleared: {:?}", page.set_cookies()));
            assert!(cleared.contains("Max-Age=0") && cleared.contains("HttpOnly") && cleared.contains("SameSite=Lax") && cleared.contains("Path=/"), "{cleared}");
            assert_eq!(page.header("cache-control"), Some("no-store"));
        }
    }
}
