//! Too much of everything: passwords, bodies, heads, sign-ins at once, failures at once.
use super::{WRONG, try_in};
use std::time::{Duration, Instant};
use world::{Method, OWNER, PASSWORD, Span, World};

world::stories! {
    async fn s78_a_huge_password_is_refused_before_any_hash(world) {
        world.with_owner().await;
        let browser = world.browser();
        browser.get("/sign-in").await;
        for (size, code) in [(129, 422), (2_000, 422), (60_000, 422), (1_000_000, 413), (10_000_000, 413)] {
            let long = "x".repeat(size);
            let mut quickest = Duration::MAX;
            for _ in 0..3 {
                let ask = browser.ask(Method::POST, "/sign-in").form(&[("email", OWNER), ("password", &long)]);
                let began = Instant::now();
                let page = ask.send().await;
                quickest = quickest.min(began.elapsed());
                assert_eq!(page.code(), code, "{size}");
                assert!(page.body.contains("</html>") && page.body.len() < 60_000, "{size}: no page, or the password came back");
            }
            assert!(quickest < Duration::from_millis(50), "{size} took {quickest:?}");
        }
        assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 303, "a huge password was counted as a try");
    }

    async fn s78_who_listens_only_after_sending_hears_that_it_was_too_much(world) {
        world.with_owner().await;
        let origin = world.origin();
        let host = origin.trim_start_matches("http://");
        let head = format!("POST /sign-in HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n");
        for size in [1_000_000, 10_000_000] {
            let mut whole = format!("{head}Content-Length: {size}\r\n\r\n").into_bytes();
            whole.extend(std::iter::repeat_n(b'x', size));
            let mut chunks = format!("{head}Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n").into_bytes();
            chunks.extend(std::iter::repeat_n(b'x', size));
            chunks.extend_from_slice(b"\r\n0\r\n\r\n");
            for sent in [whole, chunks] {
                let answer = world.raw(&sent).await;
                assert_eq!((answer.code, answer.header("connection")), (413, Some("close")), "{size}");
                assert!(answer.body.contains("</html>"), "{size}: {}", answer.body);
            }
        }
    }

    async fn s79_no_route_takes_an_endless_body(world) {
        let (_, browser) = world.with_owner_inside().await;
        let cookies = browser.jar(|jar| jar.header("/", world.clock.now())).expect("cookies");
        let origin = world.origin();
        let host = origin.trim_start_matches("http://");
        for route in world.routes().iter().filter(|route| route.method != "GET") {
            let path = route.path.replace("{id}", "01936d2c-5b7e-7000-8000-000000000000");
            let kind = if path.starts_with("/api/") { "application/json" } else { "application/x-www-form-urlencoded" };
            let head = format!("{} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {cookies}\r\nContent-Type: {kind}\r\n", route.method);
            let lying = world.raw(format!("{head}Content-Length: 100000000\r\n\r\nx=").as_bytes()).await;
            assert!([400, 401, 404, 413, 204, 303].contains(&lying.code), "{} {path} with a huge length: {}", route.method, lying.code);
            let mut endless = format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
            for _ in 0..300 {
                endless.extend_from_slice(b"4000\r\n");
                endless.extend(std::iter::repeat_n(b'a', 0x4000));
                endless.extend_from_slice(b"\r\n");
            }
            let answer = world.raw(&endless).await;
            assert!([0, 400, 401, 404, 413, 204, 303].contains(&answer.code), "{} {path} with endless chunks: {}", route.method, answer.code);
            assert!(answer.code != 200, "{} {path}", route.method);
            // Sign-out may have ended the session: the next route needs one again.
            if !browser.is_signed_in().await {
                return s79_rest(&world).await;
            }
        }
    }

    async fn s79_long_heads_are_refused(world) {
        world.with_owner().await;
        for head in [format!("X-Long: {}\r\n", "a".repeat(200_000)), "X-Many: a\r\n".repeat(5_000), format!("Cookie: {}\r\n", "a=b; ".repeat(50_000))] {
            let answer = world.raw_request("GET", "/sign-in", &head).await;
            assert!([0, 400, 431].contains(&answer.code), "{}", answer.code);
        }
        let answer = world.raw_request("GET", &format!("/{}", "a".repeat(100_000)), "").await;
        assert!([0, 400, 404, 414, 431].contains(&answer.code), "{}", answer.code);
        assert_eq!(world.browser().get("/sign-in").await.code(), 200, "the server is well afterwards");
    }

    async fn s82_a_flood_of_sign_ins_is_answered_and_sessions_stay_quick(world) {
        let (_, browser) = world.with_owner_inside().await;
        let mut tasks = Vec::new();
        for n in 0..500_u32 {
            let stranger = world.browser_at(100 + u8::try_from(n % 100).unwrap());
            tasks.push(tokio::spawn(async move { try_in(&stranger, &format!("p{n}@elsewhere.example"), WRONG).await }));
        }
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let began = Instant::now();
            assert_eq!(browser.get("/api/v1/me").await.code(), 200);
            slowest = slowest.max(began.elapsed());
        }
        for task in tasks {
            let page = task.await.expect("no panic");
            assert!([422, 429, 503].contains(&page.code()), "{}", page.code());
            assert!(page.code() != 503 || page.retry_after().is_some());
        }
        assert!(slowest < Duration::from_secs(5), "a session check took {slowest:?}");
        assert!(browser.is_signed_in().await);
    }

    async fn s85_no_failure_is_lost_among_parallel_ones(world) {
        let (owner, known) = world.with_owner_inside().await;
        known.post("/sign-out", &[]).await;
        known.get("/sign-in").await;
        for round in 0..2 {
            let tasks: Vec<_> = (0..60).map(|_| { let tab = known.clone(); tokio::spawn(async move { tab.post("/sign-in", &[("email", OWNER), ("password", WRONG)]).await.code() }) }).collect();
            let mut tried = 0;
            for task in tasks {
                tried += usize::from(task.await.expect("no panic") == 422);
            }
            assert!(tried <= if round == 0 { 10 } else { 1 }, "round {round}: {tried}");
            let page = owner.sign_in(&known).await;
            assert_eq!(page.code(), 429, "round {round}");
            world.clock.advance(Span::seconds(page.retry_after().expect("a wait")));
        }
    }
}

/// The routes after sign-out, asked for without a session: they must refuse as early.
async fn s79_rest(world: &World) {
    let origin = world.origin();
    let host = origin.trim_start_matches("http://");
    for route in world.routes().iter().filter(|route| route.method != "GET") {
        let path = route.path.replace("{id}", "01936d2c-5b7e-7000-8000-000000000000");
        let head = format!(
            "{} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\nx",
            route.method
        );
        let answer = world.raw(head.as_bytes()).await;
        assert!(
            [400, 401, 404, 413, 415, 303].contains(&answer.code),
            "{} {path}: {}",
            route.method,
            answer.code
        );
    }
}
