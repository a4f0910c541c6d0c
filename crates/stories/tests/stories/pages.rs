//! Every page: its headings, its frame, its headers, its answers when something is not there; and what the sign-in page weighs.
use world::{Browser, Method, Page, World};

/// The pages of a signed-in person with the headings that the surface promises.
const HOUSE: [(&str, &str); 4] = [
    ("/app/security", "My security"),
    ("/app/activity", "Activity"),
    ("/app/settings", "Settings"),
    ("/help", ""),
];

/// What stands on every page of ours.
fn is_well_made(page: &Page) {
    let lang = page.body.contains("<html lang=\"en\"");
    assert!(
        lang,
        "{}: no language in {}",
        page.path,
        &page.body[..page.body.len().min(200)]
    );
    assert!(
        !page.title().is_empty() && !page.heading().is_empty(),
        "{}: no title or heading",
        page.path
    );
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8"),
        "{}",
        page.path
    );
    for bad in ["<style", " style=", "onclick=", "javascript:", "<script>"] {
        assert!(!page.body.contains(bad), "{}: {bad}", page.path);
    }
    for address in page.loads() {
        assert!(
            address.starts_with('/') && !address.starts_with("//"),
            "{}: loads {address} from elsewhere",
            page.path
        );
    }
}

/// Every answer that a browser can be given, of each kind.
async fn every_kind(world: &World, browser: &Browser) -> Vec<Page> {
    let stranger = world.browser();
    vec![
        browser.get("/app").await,
        browser.get("/sign-in").await,
        stranger.get("/sign-in").await,
        stranger.get("/app").await,
        stranger.get("/no-such-path").await,
        stranger.ask(Method::PUT, "/sign-in").send().await,
        stranger.get("/api/v1/me").await,
        browser.get("/api/v1/me").await,
        stranger.get("/healthz").await,
        stranger
            .ask(Method::POST, "/sign-in")
            .without("origin")
            .form(&[("email", "a"), ("password", "b")])
            .send()
            .await,
        stranger
            .ask(Method::GET, "/sign-in")
            .header("host", "evil.example")
            .send()
            .await,
        stranger
            .ask(Method::POST, "/sign-in")
            .form(&[("email", &"x".repeat(3_000_000)), ("password", "b")])
            .send()
            .await,
        browser.get("/api/v1/events?cursor=x").await,
    ]
}

world::stories! {
    async fn every_page_of_the_house_has_its_heading_and_the_way_out(world) {
        let (_, browser) = world.with_owner_inside().await;
        for (path, heading) in HOUSE {
            let page = browser.get(path).await;
            assert_eq!(page.code(), 200, "{path}");
            is_well_made(&page);
            assert!(heading.is_empty() || page.heading() == heading, "{path}: {}", page.heading());
            if path.starts_with("/app") {
                assert!(page.buttons().contains(&"Sign out".to_owned()), "{path}: no way out in {:?}", page.buttons());
            }
        }
        is_well_made(&browser.get("/app").await);
    }

    async fn every_link_of_the_house_leads_somewhere(world) {
        let (_, browser) = world.with_owner_inside().await;
        let mut todo = vec!["/app".to_owned(), "/help".to_owned()];
        let mut seen = Vec::new();
        while let Some(path) = todo.pop() {
            let path = path.split('#').next().unwrap_or_default().to_owned();
            if path.is_empty() || seen.contains(&path) || seen.len() > 60 {
                continue;
            }
            let page = browser.visit(&path).await;
            assert_eq!(page.code(), 200, "{path} is linked and answers {}", page.code());
            seen.push(path);
            todo.extend(page.links().into_iter().filter(|link| link.starts_with('/')));
        }
        assert!(seen.len() >= 5, "{seen:?}");
    }

    async fn nothing_is_offered_that_does_not_exist_yet(world) {
        let (_, browser) = world.with_owner_inside().await;
        for path in ["/app/people", "/app/roles", "/app/policies", "/app/sso", "/app/agents", "/app/keys", "/forgot"] {
            let page = browser.get(path).await;
            let home = browser.get("/app").await;
            let is_linked = home.links().iter().any(|link| link.starts_with(path));
            assert!(page.code() == 200 || !is_linked, "{path} is in the menu and answers {}", page.code());
        }
    }

    async fn the_headers_stand_on_every_answer(world) {
        let (_, browser) = world.with_owner_inside().await;
        for page in every_kind(&world, &browser).await {
            let at = format!("{} {}", page.path, page.code());
            let csp = page.header("content-security-policy").unwrap_or_else(|| panic!("{at}: no CSP"));
            assert!(csp.contains("frame-ancestors 'none'") && csp.contains("default-src 'none'") && !csp.contains("unsafe"), "{at}: {csp}");
            for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"), ("cross-origin-opener-policy", "same-origin")] {
                assert_eq!(page.header(name), Some(value), "{at}: {name}");
            }
            assert_eq!(page.header("strict-transport-security"), None, "{at}: HSTS without https");
            assert_eq!(page.header("server"), None, "{at}");
            for name in ["access-control-allow-origin", "x-powered-by"] {
                assert_eq!(page.header(name), None, "{at}: {name}");
            }
        }
    }

    async fn what_is_personal_is_never_stored(world) {
        let (_, browser) = world.with_owner_inside().await;
        for path in ["/app", "/app/security", "/app/activity", "/app/settings", "/sign-in", "/api/v1/me", "/api/v1/events", "/api/v1/me/sessions"] {
            assert_eq!(browser.get(path).await.header("cache-control"), Some("no-store"), "{path}");
        }
    }

    async fn not_found_and_the_wrong_method_have_pages(world) {
        world.with_owner().await;
        let browser = world.browser();
        let page = browser.get("/no-such-path").await;
        assert_eq!(page.code(), 404);
        is_well_made(&page);
        let page = browser.ask(Method::DELETE, "/sign-in").send().await;
        assert_eq!(page.code(), 405);
        is_well_made(&page);
        let allow = page.header("allow").unwrap_or_default();
        assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
        for method in ["TRACE", "CONNECT", "PROPFIND", "BREW"] {
            let answer = world.raw_request(method, "/sign-in", "").await;
            assert!([400, 403, 404, 405, 501].contains(&answer.code), "{method}: {}", answer.code);
        }
    }

    async fn an_unknown_host_is_shown_the_right_address(world) {
        world.with_owner().await;
        let browser = world.browser();
        for host in ["evil.example", "127.0.0.1", "localhost", "localhost:1", "localhost.evil.example", "evil.example:80"] {
            let page = browser.ask(Method::GET, "/sign-in").header("host", host).send().await;
            assert_eq!(page.code(), 421, "{host}");
            is_well_made(&page);
            assert!(page.links().iter().any(|link| link.starts_with(world.origin())), "{host}: {:?}", page.links());
            assert!(!page.body.contains(host) || world.origin().contains(host), "{host} is reflected");
            assert!(page.set_cookies().is_empty(), "{host} was given a cookie");
        }
        for path in ["/healthz", "/readyz"] {
            assert_eq!(browser.ask(Method::GET, path).header("host", "10.0.0.7:8080").send().await.code(), 200, "{path}");
        }
    }

    async fn assets_are_hashed_compressed_and_cached_for_ever(world) {
        world.with_owner().await;
        let browser = world.browser();
        let page = browser.get("/sign-in").await;
        assert!(!page.loads().is_empty());
        for address in page.loads() {
            let asset = browser.ask(Method::GET, &address).header("accept-encoding", "gzip").send().await;
            assert_eq!(asset.code(), 200, "{address}");
            let caching = asset.header("cache-control").unwrap_or_default();
            assert!(caching.contains("immutable") && caching.contains("max-age=31536000"), "{address}: {caching}");
            if address.contains(".css") || address.contains(".js") {
                assert_eq!(asset.header("content-encoding"), Some("gzip"), "{address}");
                assert!(asset.header("vary").unwrap_or_default().to_lowercase().contains("accept-encoding"), "{address}");
            }
        }
        for path in ["/assets/", "/assets", "/assets/door.css", "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/nothing.0000.css"] {
            assert_eq!(world.raw_request("GET", path, "").await.code, 404, "{path}");
        }
    }

    async fn the_sign_in_page_weighs_at_most_thirty_kilobytes(world) {
        world.with_owner().await;
        let browser = world.browser();
        let page = browser.ask(Method::GET, "/sign-in").header("accept-encoding", "gzip").send().await;
        let mut weight = page.bytes.len();
        let mut parts = vec![format!("/sign-in {weight}")];
        // The page itself comes readable to the story; what it loads is asked for as a browser would.
        for address in browser.get("/sign-in").await.loads() {
            let asset = browser.ask(Method::GET, &address).header("accept-encoding", "gzip").send().await;
            weight += asset.bytes.len();
            parts.push(format!("{address} {}", asset.bytes.len()));
        }
        assert!(weight <= 30 * 1024, "{weight} bytes: {parts:?}");
    }

    async fn health_says_whether_the_process_and_the_store_are_well(world) {
        let browser = world.browser();
        for path in ["/healthz", "/readyz"] {
            let page = browser.get(path).await;
            assert_eq!(page.code(), 200, "{path}: {}", page.body);
            assert!(page.set_cookies().is_empty(), "{path}");
            assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        }
        let metrics = browser.get("/metrics").await;
        assert_eq!(metrics.code(), 200);
        assert!(metrics.body.contains("# TYPE"), "{}", metrics.body);
        let through_a_proxy = browser.ask(Method::GET, "/metrics").header("x-forwarded-for", "203.0.113.9").send().await;
        assert!([401, 403, 404].contains(&through_a_proxy.code()), "{}", through_a_proxy.code());
    }

    async fn every_answer_has_a_request_id_of_ours(world) {
        let browser = world.browser();
        let forged = browser.ask(Method::GET, "/healthz").header("x-request-id", "forged").send().await;
        assert_ne!(forged.header("x-request-id"), Some("forged"), "a sender chooses the id in our log");
        let first = browser.get("/sign-in").await;
        let second = browser.get("/sign-in").await;
        let id = |page: &Page| page.header("x-request-id").map(str::to_owned).expect("a request id");
        assert_ne!(id(&first), id(&second));
    }

    async fn the_latest_activity_and_the_devices_stand_on_home(world) {
        let (_, browser) = world.with_owner_inside().await;
        let home = browser.get("/app").await;
        let text = home.text();
        assert!(text.contains("Signed in") && text.contains("Firefox"), "{text}");
        assert!(home.body.contains("<svg"), "no chart");
    }

    async fn an_unknown_name_in_the_settings_is_refused_and_a_good_one_shows_at_the_door(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.get("/app/settings").await;
        assert!(page.field("contact").is_some(), "{}", page.body);
        let names = ["name", "organisation"];
        let name = names.into_iter().find(|name| page.field(name).is_some()).expect("a field for the organisation's name");
        let done = browser.post("/app/settings", &[(name, "Southwind <b>IT</b>"), ("contact", "Call the desk: 4417")]).await;
        assert_eq!(done.code(), 303, "{}", done.text());
        let door = world.browser().get("/sign-in").await;
        assert!(door.text().contains("Southwind <b>IT</b>"), "{}", door.text());
        assert!(door.body.contains("&lt;b&gt;") || door.body.contains("&#60;b&#62;"), "the name is not escaped");
    }
}
