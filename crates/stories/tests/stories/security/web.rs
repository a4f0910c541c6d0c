//! Headers believed from anyone, redirects that lead away, forged lines, frames.
use super::WRONG;
use world::{Method, OWNER, PASSWORD, Span};

/// What `next` must never be followed to.
const ELSEWHERE: [&str; 34] = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "/%2f%2fevil.example",
    "/%2Fevil.example",
    "https://evil.example",
    "http://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//evil.example@localhost",
    "@evil.example",
    "evil.example",
    ".evil.example",
    "//localhost@evil.example",
    "/\tevil.example",
    "\t//evil.example",
    " //evil.example",
    "/\r\nLocation: https://evil.example",
    "%0d%0aLocation:%20https://evil.example",
    "/app//evil.example",
    "/app/../..//evil.example",
    "/app/%2e%2e//evil.example",
    "//evil.example/%2e%2e",
    "/app\u{0}",
    "/sign-out",
];

fn is_own_path(location: &str, origin: &str) -> bool {
    let path = location.strip_prefix(origin).unwrap_or(location);
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.starts_with("/\\")
        && !path.contains("evil")
        && !path.chars().any(char::is_control)
}

world::stories! {
    async fn s69_forwarding_headers_of_untrusted_peers_count_for_nothing(world) {
        let owner = world.with_owner().await;
        let many = vec!["203.0.113.7"; 100].join(", ");
        let long = "9".repeat(5_000);
        for n in 0..62 {
            let browser = world.browser_at(40);
            browser.get("/sign-in").await;
            let address = format!("203.0.113.{n}");
            let value = match n % 5 { 0 => "a", 1 => many.as_str(), 2 => long.as_str(), _ => address.as_str() };
            let ask = browser.ask(Method::POST, "/sign-in").header("x-forwarded-for", value).header("x-real-ip", &address).header("forwarded", &format!("for={address}")).header("x-forwarded-proto", "https");
            ask.form(&[("email", &format!("p{n}@elsewhere.example")), ("password", WRONG)]).send().await;
        }
        let ask = world.browser_at(40);
        ask.get("/sign-in").await;
        let page = ask.ask(Method::POST, "/sign-in").header("x-forwarded-for", "198.51.100.1").form(&[("email", OWNER), ("password", PASSWORD)]).send().await;
        assert_eq!(page.code(), 429, "another X-Forwarded-For dodges the limit");
        let browser = world.browser_at(41);
        browser.get("/sign-in").await;
        browser.ask(Method::POST, "/sign-in").header("x-forwarded-for", "203.0.113.77").form(&[("email", &owner.email), ("password", &owner.password)]).send().await;
        let log = browser.get("/api/v1/events?limit=200").await.json().to_string();
        assert!(log.contains("127.0.0.41") && !log.contains("203.0.113"), "{log}");
    }

    async fn s69_a_trusted_proxy_is_believed_and_its_client_is_what_counts(world) {
        world.restart_with(|config| config.trusted_proxies = vec!["127.0.0.99".parse().expect("a network")]).await;
        let owner = world.with_owner().await;
        let browser = world.browser_at(99);
        browser.get("/sign-in").await;
        let ask = browser.ask(Method::POST, "/sign-in").header("x-forwarded-for", "198.51.100.66, 203.0.113.5");
        assert_eq!(ask.form(&[("email", &owner.email), ("password", &owner.password)]).send().await.code(), 303);
        let log = browser.get("/api/v1/events?limit=200").await.json().to_string();
        assert!(log.contains("203.0.113.5") && !log.contains("198.51.100.66"), "the last untrusted address is the client: {log}");
    }

    async fn s72_next_never_leads_away(world) {
        let owner = world.with_owner().await;
        for next in ELSEWHERE {
            let browser = world.browser();
            let query = reqwest::Url::parse_with_params("http://x/sign-in", [("next", next)]).expect("a query");
            let path = format!("/sign-in?{}", query.query().unwrap_or_default());
            let form = browser.get(&path).await;
            assert!(form.code() == 200 || form.code() == 400, "{next:?}: {}", form.code());
            let page = browser.post(&path, &[("email", &owner.email), ("password", &owner.password)]).await;
            if page.code() == 303 {
                assert!(is_own_path(page.location(), world.origin()), "{next:?} leads to {}", page.location());
            }
            let signed_in = browser.get(&path).await;
            if signed_in.code() == 303 {
                assert!(is_own_path(signed_in.location(), world.origin()), "{next:?} leads to {}", signed_in.location());
            }
            world.clock.advance(Span::minutes(31));
            let unlock = browser.post(&path.replace("/sign-in", "/app/unlock"), &[("password", &owner.password)]).await;
            if unlock.code() == 303 {
                assert!(is_own_path(unlock.location(), world.origin()), "{next:?} leads to {}", unlock.location());
            }
        }
    }

    async fn s73_a_line_break_in_a_name_forges_nothing(world) {
        let (_, browser) = world.with_owner_inside().await;
        let odd = "Mozilla/5.0 \"quoted\" \\u2028 {\"kind\":\"owner-created\"}";
        let tab = world.browser().named(odd);
        tab.sign_in(OWNER, PASSWORD).await;
        for name in ["a\r\nb", "a\nb", "a\u{1b}[2Jb", "a\u{2028}b", "a\u{0}b", "a\u{85}b"] {
            let page = browser.ask(Method::PATCH, "/api/v1/me").json(&serde_json::json!({"name": name})).send().await;
            assert_eq!(page.code(), 422, "{name:?}: {}", page.body);
        }
        let log = browser.get("/api/v1/events?limit=200").await.json();
        let created = log["items"].as_array().unwrap().iter().filter(|e| e["kind"] == "owner-created").count();
        assert_eq!(created, 1, "{log}");
        let page = browser.get("/app/activity").await;
        assert_eq!(page.code(), 200);
    }

    async fn s74_no_answer_can_be_framed_or_runs_inline_script(world) {
        let (_, browser) = world.with_owner_inside().await;
        for route in world.routes().iter().filter(|route| route.method == "GET") {
            let page = browser.get(&route.path.replace("{id}", "x").replace("{name}", "x").replace("{*path}", "x")).await;
            let csp = page.header("content-security-policy").unwrap_or_default();
            assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe-"), "{}: {csp}", route.path);
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{}", route.path);
            let html = page.header("content-type").unwrap_or_default().starts_with("text/html");
            assert!(!html || !page.body.contains("<script>"), "{}", route.path);
        }
    }
}
