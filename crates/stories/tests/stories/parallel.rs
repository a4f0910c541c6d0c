//! Races: what must stay exact when everything comes at once, on one node and on two. On PostgreSQL these find what SQLite cannot show.
use world::{Browser, Engine, Method, ORGANISATION, OWNER, PASSWORD, Page, World};

const WRONG: &str = "surely not the right one";

/// The same request from each browser, all at once.
async fn all_at_once(browsers: Vec<Browser>, path: &str, fields: &[(&'static str, &'static str)]) -> Vec<Page> {
    let mut tasks = Vec::new();
    for browser in browsers {
        let (path, fields) = (path.to_owned(), fields.to_vec());
        tasks.push(tokio::spawn(async move { browser.post(&path, &fields).await }));
    }
    let mut pages = Vec::new();
    for task in tasks {
        pages.push(task.await.expect("no panic in a browser"));
    }
    pages
}

fn count(pages: &[Page], code: u16) -> usize {
    pages.iter().filter(|page| page.code() == code).count()
}

/// How often the password was truly compared for this person: what the lanes have counted.
async fn owners(world: &World) -> usize {
    let browser = world.browser_at(9);
    let page = browser.sign_in(OWNER, PASSWORD).await;
    usize::from(page.code() == 303)
}

world::stories! {
    async fn two_setups_at_once_make_one_owner(world) {
        let mut browsers = Vec::new();
        let path = world.setup_path().await.expect("no owner yet");
        for _ in 0..8 {
            browsers.push(world.browser());
        }
        if world.engine() == Engine::Postgres {
            let node = world.second_node().await;
            browsers = browsers.iter().enumerate().map(|(n, b)| if n % 2 == 0 { b.clone() } else { b.towards(node) }).collect();
        }
        let pages = all_at_once(browsers, &path, &[("organisation", ORGANISATION), ("name", "Olive"), ("email", OWNER), ("password", PASSWORD)]).await;
        assert_eq!((count(&pages, 303), count(&pages, 404)), (1, 7), "{:?}", pages.iter().map(Page::code).collect::<Vec<_>>());
        assert_eq!(owners(&world).await, 1);
    }

    async fn a_session_that_was_ended_is_refused_by_the_very_next_request_also_while_it_is_asked_for_all_the_time(world) {
        let (owner, here) = world.with_owner_inside().await;
        for round in 0..15 {
            let there = world.browser_at(2);
            owner.enter(&there).await;
            let id = there.get("/api/v1/me").await.json()["session"].as_str().expect("an id").to_owned();
            let asking: Vec<_> = (0..4).map(|_| { let tab = there.clone(); tokio::spawn(async move { while tab.get("/api/v1/me").await.code() == 200 {} }) }).collect();
            for _ in 0..round {
                assert_eq!(there.get("/api/v1/me").await.code(), 200);
            }
            let ended = here.ask(Method::DELETE, &format!("/api/v1/me/sessions/{id}")).send().await;
            let after = there.get("/api/v1/me").await;
            assert_eq!((ended.code(), after.code()), (204, 401), "round {round}");
            for task in asking {
                task.await.expect("no panic");
            }
        }
    }

    async fn of_two_hundred_parallel_tries_of_a_known_device_exactly_ten_are_counted(world) {
        let (owner, known) = world.with_owner_inside().await;
        known.post("/sign-out", &[]).await;
        known.get("/sign-in").await;
        let pages = all_at_once(vec![known.clone(); 200], "/sign-in", &[("email", OWNER), ("password", WRONG)]).await;
        let tried = count(&pages, 422);
        let (locked, busy) = (count(&pages, 429), count(&pages, 503));
        assert_eq!(tried + locked + busy, 200);
        assert!(tried <= 10, "{tried} tries were compared");
        if busy == 0 {
            assert_eq!(tried, 10);
        }
        assert!(pages.iter().filter(|page| page.code() == 503).all(|page| page.retry_after().is_some()));
        for _ in tried..10 {
            known.post("/sign-in", &[("email", OWNER), ("password", WRONG)]).await;
        }
        assert_eq!(owner.sign_in(&known).await.code(), 429, "fewer than ten were counted");
    }

    async fn two_nodes_count_in_one_lane(world) {
        if world.engine() == Engine::Sqlite {
            return;
        }
        let (owner, known) = world.with_owner_inside().await;
        let node = world.second_node().await;
        known.post("/sign-out", &[]).await;
        known.get("/sign-in").await;
        let browsers = (0..100).map(|n| if n % 2 == 0 { known.clone() } else { known.towards(node) }).collect();
        let pages = all_at_once(browsers, "/sign-in", &[("email", OWNER), ("password", WRONG)]).await;
        let tried = count(&pages, 422);
        assert!(tried <= 10, "{tried} tries were compared on two nodes");
        assert_eq!(owner.sign_in(&known.towards(node)).await.code(), 429);
        assert_eq!(owner.sign_in(&known).await.code(), 429);
    }

    async fn a_session_is_one_on_two_nodes_and_ends_on_both(world) {
        if world.engine() == Engine::Sqlite {
            return;
        }
        let (_, here) = world.with_owner_inside().await;
        let node = world.second_node().await;
        let there = here.towards(node);
        assert!(there.is_signed_in().await);
        let token = here.cookie("session").expect("a session");
        there.post("/sign-out", &[]).await;
        here.plant("session", &token);
        assert!(!here.is_signed_in().await, "signed out on one node, open on the other");
    }

    async fn parallel_right_passwords_of_a_known_device_do_not_lock_each_other_out(world) {
        let (owner, known) = world.with_owner_inside().await;
        let pages = all_at_once(vec![known.clone(); 30], "/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        let (came_in, busy) = (count(&pages, 303), count(&pages, 503));
        assert_eq!(came_in + busy, 30, "{:?}", pages.iter().map(Page::code).collect::<Vec<_>>());
        assert!(came_in > 0);
        owner.enter(&known).await;
    }

    async fn the_last_of_many_signings_out_leaves_nothing_open(world) {
        let (owner, browser) = world.with_owner_inside().await;
        for _ in 0..5 {
            owner.enter(&browser).await;
            let token = browser.cookie("session").expect("a session");
            let mut tasks = Vec::new();
            for n in 0..20 {
                let tab = browser.clone();
                let path = if n % 3 == 0 { "/app/security" } else { "/api/v1/me" };
                tasks.push(tokio::spawn(async move { tab.ask(Method::GET, path).send().await.code() }));
            }
            browser.post("/sign-out", &[]).await;
            for task in tasks {
                task.await.expect("no panic");
            }
            let other = world.browser();
            other.plant("session", &token);
            assert_eq!(other.get("/api/v1/me").await.code(), 401, "a request in flight revived the session");
        }
    }

    async fn the_chain_of_events_has_no_gap_after_parallel_sign_ins(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let mut tasks = Vec::new();
        for n in 10..22 {
            let (owner, other) = (owner.clone(), world.browser_at(n));
            tasks.push(tokio::spawn(async move { owner.sign_in(&other).await.code() }));
        }
        let mut came_in = 0;
        for task in tasks {
            came_in += usize::from(task.await.expect("no panic") == 303);
        }
        let log = browser.get("/api/v1/events?kind=signed-in&limit=200").await.json();
        assert_eq!(log["items"].as_array().unwrap().len(), came_in + 1, "each sign-in is one event");
    }
}
