//! Coverage by enumeration: every route of the program stands in these lists, or the suite fails. A door that no list knows is a fault in itself.
use ground::RouteInfo;
use world::{Browser, Method, Page, World};

/// What a stranger is answered at a route that asks for a person.
enum Stranger {
    /// To the sign-in page, and back afterwards.
    ToTheDoor,
    /// 401 `signed-out`.
    Problem,
    /// The route is open to everybody.
    Open,
    /// The route is an agent's: without its proof nobody gets anything.
    Agent,
}

/// Every route, with what strangers get there. A new route fails the suite until it stands here.
const ROUTES: &[(&str, &str, Stranger)] = &[
    ("GET", "/api/v1/installation-keys", Stranger::Problem),
    ("POST", "/api/v1/installation-keys", Stranger::Problem),
    ("DELETE", "/api/v1/installation-keys/{id}", Stranger::Problem),
    ("GET", "/api/v1/installation-keys/{id}/refusals", Stranger::Problem),
    ("GET", "/api/v1/agents", Stranger::Problem),
    ("GET", "/api/v1/agents/{id}", Stranger::Problem),
    ("PATCH", "/api/v1/agents/{id}", Stranger::Problem),
    ("POST", "/api/v1/agents/{id}/approve", Stranger::Problem),
    ("POST", "/api/v1/agents/{id}/refuse", Stranger::Problem),
    ("POST", "/api/v1/agents/{id}/revoke", Stranger::Problem),
    ("POST", "/api/v1/agents/{id}/rotate", Stranger::Problem),
    ("POST", "/api/v1/agents/{id}/pick", Stranger::Problem),
    ("POST", "/api/v1/agents/bulk", Stranger::Problem),
    ("GET", "/pair.sh", Stranger::Open),
    ("GET", "/pair.ps1", Stranger::Open),
    ("GET", "/agents/{system}/{file}", Stranger::Open),
    ("POST", "/api/v1/agents/nonce", Stranger::Agent),
    ("POST", "/api/v1/agents/pair", Stranger::Agent),
    ("GET", "/api/v1/agents/self", Stranger::Agent),
    ("POST", "/api/v1/agents/token", Stranger::Agent),
    ("POST", "/api/v1/agents/heartbeat", Stranger::Agent),
    ("POST", "/api/v1/agents/rotate", Stranger::Agent),
    ("POST", "/api/v1/agents/unpair", Stranger::Agent),
    ("GET", "/app/agents", Stranger::ToTheDoor),
    ("GET", "/app/agents/events", Stranger::ToTheDoor),
    ("POST", "/app/agents/bulk", Stranger::ToTheDoor),
    ("POST", "/app/agents/revoke", Stranger::ToTheDoor),
    ("GET", "/app/agents/pair", Stranger::ToTheDoor),
    ("POST", "/app/agents/words", Stranger::ToTheDoor),
    ("GET", "/app/agents/{id}", Stranger::ToTheDoor),
    ("POST", "/app/agents/{id}/approve", Stranger::ToTheDoor),
    ("POST", "/app/agents/{id}/refuse", Stranger::ToTheDoor),
    ("POST", "/app/agents/{id}/revoke", Stranger::ToTheDoor),
    ("POST", "/app/agents/{id}/rotate", Stranger::ToTheDoor),
    ("POST", "/app/agents/{id}/pick", Stranger::ToTheDoor),
    ("POST", "/app/agents/{id}/change", Stranger::ToTheDoor),
    ("GET", "/app/keys", Stranger::ToTheDoor),
    ("POST", "/app/keys", Stranger::ToTheDoor),
    ("GET", "/app/keys/{id}", Stranger::ToTheDoor),
    ("POST", "/app/keys/{id}/revoke", Stranger::ToTheDoor),
    ("GET", "/pair", Stranger::ToTheDoor),
    ("POST", "/pair", Stranger::ToTheDoor),
    ("GET", "/", Stranger::Open),
    ("GET", "/setup", Stranger::Open),
    ("POST", "/setup", Stranger::Open),
    ("GET", "/sign-in", Stranger::Open),
    ("POST", "/sign-in", Stranger::Open),
    ("GET", "/sign-in/factor", Stranger::Open),
    ("POST", "/sign-in/factor", Stranger::Open),
    ("GET", "/sign-in/lost", Stranger::Open),
    ("GET", "/sign-in/device", Stranger::Open),
    ("POST", "/sign-in/device", Stranger::Open),
    ("GET", "/sign-in/device/state", Stranger::Open),
    ("GET", "/sign-in/device/events", Stranger::Open),
    ("GET", "/sign-in/password", Stranger::Open),
    ("POST", "/sign-in/password", Stranger::Open),
    ("GET", "/sign-in/enrol", Stranger::Open),
    ("POST", "/sign-in/enrol", Stranger::Open),
    ("POST", "/sign-in/passkey/start", Stranger::Open),
    ("POST", "/sign-in/passkey/finish", Stranger::Open),
    ("POST", "/sign-out", Stranger::Open),
    ("GET", "/help", Stranger::Open),
    ("GET", "/healthz", Stranger::Open),
    ("GET", "/readyz", Stranger::Open),
    ("GET", "/metrics", Stranger::Open),
    ("GET", "/api/v1/openapi.json", Stranger::Open),
    ("GET", "/forgot", Stranger::Open),
    ("POST", "/forgot", Stranger::Open),
    ("GET", "/forgot/state", Stranger::Open),
    ("GET", "/reset", Stranger::Open),
    ("POST", "/reset", Stranger::Open),
    ("GET", "/app/policies", Stranger::ToTheDoor),
    ("POST", "/app/policies/strict", Stranger::ToTheDoor),
    ("POST", "/app/policies/factors", Stranger::ToTheDoor),
    ("POST", "/app/policies/devices", Stranger::ToTheDoor),
    ("POST", "/app/policies/sessions", Stranger::ToTheDoor),
    ("POST", "/app/policies/networks", Stranger::ToTheDoor),
    ("POST", "/app/policies/passwords", Stranger::ToTheDoor),
    ("POST", "/app/policies/sms", Stranger::ToTheDoor),
    ("GET", "/api/v1/organisations/{id}/policy", Stranger::Problem),
    ("PUT", "/api/v1/organisations/{id}/policy", Stranger::Problem),
    ("GET", "/lost-factors", Stranger::Open),
    ("POST", "/lost-factors", Stranger::Open),
    ("POST", "/app/security/reviewed", Stranger::ToTheDoor),
    ("POST", "/api/v1/people/{id}/reset-factors", Stranger::Problem),
    ("POST", "/api/v1/people/{id}/unlock", Stranger::Problem),
    ("POST", "/api/v1/people/{id}/sign-out", Stranger::Problem),
    ("GET", "/not-me", Stranger::Open),
    ("POST", "/not-me", Stranger::Open),
    ("GET", "/email/confirm", Stranger::Open),
    ("POST", "/email/confirm", Stranger::Open),
    ("GET", "/email/undo", Stranger::Open),
    ("POST", "/email/undo", Stranger::Open),
    ("POST", "/app/security/email", Stranger::ToTheDoor),
    ("GET", "/assets/{name}", Stranger::Open),
    ("GET", "/favicon.ico", Stranger::Open),
    ("GET", "/logo", Stranger::Open),
    ("POST", "/app/security/name", Stranger::ToTheDoor),
    ("POST", "/app/security/language", Stranger::ToTheDoor),
    ("POST", "/app/security/password", Stranger::ToTheDoor),
    ("POST", "/app/security/sign-out", Stranger::ToTheDoor),
    ("POST", "/app/stay", Stranger::ToTheDoor),
    ("POST", "/app/settings/logo", Stranger::ToTheDoor),
    ("POST", "/app/settings/logo/remove", Stranger::ToTheDoor),
    ("GET", "/api/v1/events/export", Stranger::Problem),
    ("GET", "/app", Stranger::ToTheDoor),
    ("GET", "/app/unlock", Stranger::ToTheDoor),
    ("POST", "/app/unlock", Stranger::ToTheDoor),
    ("GET", "/app/security", Stranger::ToTheDoor),
    ("GET", "/app/activity", Stranger::ToTheDoor),
    ("GET", "/app/settings", Stranger::ToTheDoor),
    ("POST", "/app/settings", Stranger::ToTheDoor),
    ("GET", "/api/v1/me", Stranger::Problem),
    ("PATCH", "/api/v1/me", Stranger::Problem),
    ("GET", "/api/v1/me/sessions", Stranger::Problem),
    ("DELETE", "/api/v1/me/sessions", Stranger::Problem),
    ("DELETE", "/api/v1/me/sessions/{id}", Stranger::Problem),
    ("GET", "/api/v1/events", Stranger::Problem),
    ("GET", "/app/activity/{id}", Stranger::ToTheDoor),
    ("GET", "/app/activity/places", Stranger::ToTheDoor),
    ("POST", "/app/activity/places", Stranger::ToTheDoor),
    ("GET", "/app/activity/places/{id}", Stranger::ToTheDoor),
    ("POST", "/app/activity/places/{id}", Stranger::ToTheDoor),
    ("POST", "/app/activity/places/{id}/test", Stranger::ToTheDoor),
    ("POST", "/app/activity/places/{id}/switch", Stranger::ToTheDoor),
    ("POST", "/app/activity/places/{id}/secret", Stranger::ToTheDoor),
    ("POST", "/app/activity/places/{id}/remove", Stranger::ToTheDoor),
    ("POST", "/app/activity/retention", Stranger::ToTheDoor),
    ("GET", "/api/v1/events/stream", Stranger::Problem),
    ("GET", "/api/v1/events/retention", Stranger::Problem),
    ("PUT", "/api/v1/events/retention", Stranger::Problem),
    ("GET", "/api/v1/events/{id}", Stranger::Problem),
    ("GET", "/api/v1/webhooks", Stranger::Problem),
    ("POST", "/api/v1/webhooks", Stranger::Problem),
    ("GET", "/api/v1/webhooks/{id}", Stranger::Problem),
    ("PATCH", "/api/v1/webhooks/{id}", Stranger::Problem),
    ("DELETE", "/api/v1/webhooks/{id}", Stranger::Problem),
    ("POST", "/api/v1/webhooks/{id}/test", Stranger::Problem),
    ("POST", "/api/v1/webhooks/{id}/secret", Stranger::Problem),
    ("GET", "/api/v1/webhooks/{id}/deliveries", Stranger::Problem),
    ("GET", "/app/settings/messages", Stranger::ToTheDoor),
    ("GET", "/app/settings/messages/{id}", Stranger::ToTheDoor),
    ("POST", "/app/settings/messages/test", Stranger::ToTheDoor),
    ("POST", "/app/settings/messages/resend", Stranger::ToTheDoor),
    ("GET", "/api/v1/messages", Stranger::Problem),
    ("POST", "/api/v1/messages/bounces", Stranger::Problem),
    ("POST", "/delivery/twilio/status", Stranger::Open),
    ("GET", "/dev/outbox", Stranger::Open),
    ("GET", "/dev/outbox/{name}", Stranger::Open),
    ("POST", "/app/unlock/passkey/start", Stranger::ToTheDoor),
    ("POST", "/app/unlock/passkey/finish", Stranger::ToTheDoor),
    ("GET", "/app/step-up", Stranger::ToTheDoor),
    ("POST", "/app/step-up", Stranger::ToTheDoor),
    ("POST", "/app/step-up/passkey/start", Stranger::ToTheDoor),
    ("POST", "/app/step-up/passkey/finish", Stranger::ToTheDoor),
    ("GET", "/app/security/add", Stranger::ToTheDoor),
    ("POST", "/app/security/add", Stranger::ToTheDoor),
    ("POST", "/app/security/app", Stranger::ToTheDoor),
    ("GET", "/app/security/app/{id}", Stranger::ToTheDoor),
    ("POST", "/app/security/app/{id}", Stranger::ToTheDoor),
    ("GET", "/app/security/phone", Stranger::ToTheDoor),
    ("POST", "/app/security/phone", Stranger::ToTheDoor),
    ("GET", "/app/security/phone/{id}", Stranger::ToTheDoor),
    ("POST", "/app/security/phone/{id}", Stranger::ToTheDoor),
    ("GET", "/app/security/passkey", Stranger::ToTheDoor),
    ("GET", "/app/security/codes", Stranger::ToTheDoor),
    ("POST", "/app/security/codes", Stranger::ToTheDoor),
    ("GET", "/app/security/ways/{id}", Stranger::ToTheDoor),
    ("POST", "/app/security/ways/{id}", Stranger::ToTheDoor),
    ("POST", "/app/security/ways/{id}/remove", Stranger::ToTheDoor),
    ("GET", "/api/v1/me/authenticators", Stranger::Problem),
    ("GET", "/api/v1/me/authenticators/{id}", Stranger::Problem),
    ("DELETE", "/api/v1/me/authenticators/{id}", Stranger::Problem),
    ("PATCH", "/api/v1/me/authenticators/{id}", Stranger::Problem),
    ("POST", "/api/v1/me/authenticators/totp", Stranger::Problem),
    ("POST", "/api/v1/me/authenticators/recovery-codes", Stranger::Problem),
    ("POST", "/api/v1/me/authenticators/phone", Stranger::Problem),
    ("POST", "/api/v1/me/authenticators/passkeys", Stranger::Problem),
    ("POST", "/api/v1/me/authenticators/passkeys/finish", Stranger::Problem),
    ("POST", "/api/v1/me/authenticators/{id}/confirm", Stranger::Problem),
    ("GET", "/device-key", Stranger::Open),
    ("POST", "/app/security/devices/{id}/name", Stranger::ToTheDoor),
    ("POST", "/app/security/devices/{id}/move", Stranger::ToTheDoor),
    ("POST", "/app/security/devices/{id}/trust", Stranger::ToTheDoor),
    ("POST", "/app/security/devices/{id}/forget", Stranger::ToTheDoor),
    ("GET", "/app/security/approvals", Stranger::ToTheDoor),
    ("GET", "/app/security/approvals/events", Stranger::ToTheDoor),
    ("POST", "/app/security/approvals/{id}", Stranger::ToTheDoor),
    ("GET", "/app/devices", Stranger::ToTheDoor),
    ("POST", "/app/devices/answer", Stranger::ToTheDoor),
    ("POST", "/app/devices/revoke", Stranger::ToTheDoor),
    ("GET", "/api/v1/me/devices", Stranger::Problem),
    ("PUT", "/api/v1/me/devices", Stranger::Problem),
    ("DELETE", "/api/v1/me/devices/{id}", Stranger::Problem),
    ("GET", "/app/security/api-keys", Stranger::ToTheDoor),
    ("POST", "/app/security/api-keys", Stranger::ToTheDoor),
    ("POST", "/app/security/api-keys/{id}/end", Stranger::ToTheDoor),
    ("GET", "/api/v1/api-keys", Stranger::Problem),
    ("POST", "/api/v1/api-keys", Stranger::Problem),
    ("DELETE", "/api/v1/api-keys/{id}", Stranger::Problem),
    ("GET", "/app/roles", Stranger::ToTheDoor),
    ("GET", "/app/roles/new", Stranger::ToTheDoor),
    ("POST", "/app/roles/new", Stranger::ToTheDoor),
    ("GET", "/app/roles/{id}", Stranger::ToTheDoor),
    ("POST", "/app/roles/{id}", Stranger::ToTheDoor),
    ("POST", "/app/roles/{id}/remove", Stranger::ToTheDoor),
    ("POST", "/app/roles/groups", Stranger::ToTheDoor),
    ("GET", "/app/roles/groups/{id}", Stranger::ToTheDoor),
    ("POST", "/app/roles/groups/{id}", Stranger::ToTheDoor),
    ("GET", "/api/v1/permissions", Stranger::Problem),
    ("GET", "/api/v1/permissions/{name}/people", Stranger::Problem),
    ("GET", "/api/v1/roles", Stranger::Problem),
    ("POST", "/api/v1/roles", Stranger::Problem),
    ("PUT", "/api/v1/roles/{id}", Stranger::Problem),
    ("DELETE", "/api/v1/roles/{id}", Stranger::Problem),
    ("POST", "/api/v1/decisions", Stranger::Problem),
    ("GET", "/api/v1/groups", Stranger::Problem),
    ("POST", "/api/v1/groups", Stranger::Problem),
    ("GET", "/api/v1/groups/{id}", Stranger::Problem),
    ("PUT", "/api/v1/groups/{id}", Stranger::Problem),
    ("DELETE", "/api/v1/groups/{id}", Stranger::Problem),
    ("GET", "/app/organisation", Stranger::ToTheDoor),
    ("POST", "/app/organisation", Stranger::ToTheDoor),
    ("GET", "/api/v1/me/organisations", Stranger::Problem),
    ("GET", "/app/organisations", Stranger::ToTheDoor),
    ("POST", "/app/organisations", Stranger::ToTheDoor),
    ("GET", "/app/organisations/{id}", Stranger::ToTheDoor),
    ("POST", "/app/organisations/{id}/name", Stranger::ToTheDoor),
    ("POST", "/app/organisations/{id}/state", Stranger::ToTheDoor),
    ("POST", "/app/organisations/{id}/move", Stranger::ToTheDoor),
    ("POST", "/app/organisations/{id}/delete", Stranger::ToTheDoor),
    ("GET", "/app/settings/sites", Stranger::ToTheDoor),
    ("POST", "/app/settings/sites", Stranger::ToTheDoor),
    ("POST", "/app/settings/sites/{id}/name", Stranger::ToTheDoor),
    ("POST", "/app/settings/sites/{id}/remove", Stranger::ToTheDoor),
    ("GET", "/api/v1/organisations", Stranger::Problem),
    ("POST", "/api/v1/organisations", Stranger::Problem),
    ("GET", "/api/v1/organisations/{id}", Stranger::Problem),
    ("PATCH", "/api/v1/organisations/{id}", Stranger::Problem),
    ("DELETE", "/api/v1/organisations/{id}", Stranger::Problem),
    ("GET", "/api/v1/organisations/{id}/sites", Stranger::Problem),
    ("POST", "/api/v1/organisations/{id}/sites", Stranger::Problem),
    ("PATCH", "/api/v1/organisations/{id}/sites/{site}", Stranger::Problem),
    ("DELETE", "/api/v1/organisations/{id}/sites/{site}", Stranger::Problem),
    ("GET", "/invitation", Stranger::Open),
    ("POST", "/invitation", Stranger::Open),
    ("GET", "/app/join", Stranger::ToTheDoor),
    ("POST", "/app/join", Stranger::ToTheDoor),
    ("GET", "/app/people", Stranger::ToTheDoor),
    ("GET", "/app/people/export", Stranger::ToTheDoor),
    ("POST", "/app/people/bulk", Stranger::ToTheDoor),
    ("GET", "/app/people/invite", Stranger::ToTheDoor),
    ("POST", "/app/people/invite", Stranger::ToTheDoor),
    ("GET", "/app/people/{id}", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/change", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/roles", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/disable", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/enable", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/remove", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/unlock", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/sign-out", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/reset-factors", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/resend", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/withdraw", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/data", Stranger::ToTheDoor),
    ("POST", "/app/people/{id}/erase", Stranger::ToTheDoor),
    ("GET", "/api/v1/people", Stranger::Problem),
    ("POST", "/api/v1/people", Stranger::Problem),
    ("GET", "/api/v1/people/export", Stranger::Problem),
    ("POST", "/api/v1/people/bulk", Stranger::Problem),
    ("GET", "/api/v1/people/{id}", Stranger::Problem),
    ("PATCH", "/api/v1/people/{id}", Stranger::Problem),
    ("DELETE", "/api/v1/people/{id}", Stranger::Problem),
    ("POST", "/api/v1/people/{id}/resend", Stranger::Problem),
    ("POST", "/api/v1/people/{id}/data", Stranger::Problem),
    ("POST", "/api/v1/people/{id}/erase", Stranger::Problem),
];

/// A path that a request can be sent to.
fn concrete(path: &str) -> String {
    path.replace("{id}", "01936d2c-5b7e-7000-8000-000000000000")
        .replace("{site}", "01936d2c-5b7e-7000-8000-000000000000")
        .replace("{name}", "nothing")
        .replace("{*path}", "nothing")
}

fn is_unsafe(route: &RouteInfo) -> bool {
    !matches!(route.method, "GET" | "HEAD" | "OPTIONS")
}

/// Server-sent events go on for a minute.
fn is_stream(route: &RouteInfo) -> bool {
    ["/stream", "/approvals/events", "/agents/events"]
        .iter()
        .any(|end| route.path.ends_with(end))
}

async fn call(browser: &Browser, route: &RouteInfo) -> Page {
    let method: Method = route.method.parse().expect("a method");
    let ask = browser.ask(method, &concrete(route.path));
    if !is_unsafe(route) {
        return ask.send().await;
    }
    let is_api = route.path.starts_with("/api/");
    let ask = if is_api {
        ask.json(&serde_json::json!({}))
    } else {
        ask.form(&[])
    };
    ask.send().await
}

async fn signed_out(world: &World) {
    for route in world.routes() {
        let stranger = world.browser();
        let page = call(&stranger, &route).await;
        let at = format!("{} {}: {}", route.method, route.path, page.code());
        let (_, _, wanted) = ROUTES
            .iter()
            .find(|(method, path, _)| *method == route.method && *path == route.path)
            .expect("it stands in the list");
        match wanted {
            Stranger::ToTheDoor => {
                assert_eq!(page.code(), 303, "{at}");
                assert!(
                    page.location().starts_with("/sign-in?next="),
                    "{at} leads to {}",
                    page.location()
                );
                assert!(page.body.is_empty(), "{at} says something to strangers");
            }
            Stranger::Problem => assert_eq!((page.code(), page.problem().as_str()), (401, "signed-out"), "{at}"),
            Stranger::Open => assert!(
                route.who == "anyone" || route.who == "health" || route.path == "/sign-out",
                "{at}"
            ),
            Stranger::Agent => assert!(route.who == "agent" && [400, 401].contains(&page.code()), "{at}"),
        }
        assert!(page.code() < 500, "{at}");
    }
}

world::stories! {
    async fn every_route_stands_in_the_lists(world) {
        let routes = world.routes();
        let unknown: Vec<String> = routes
            .iter()
            .filter(|route| !ROUTES.iter().any(|(method, path, _)| *method == route.method && *path == route.path))
            .map(|route| format!("{} {} ({}, {})", route.method, route.path, route.action, route.who))
            .collect();
        assert!(unknown.is_empty(), "say in ROUTES what strangers get at:\n{}", unknown.join("\n"));
        let gone: Vec<String> = ROUTES
            .iter()
            .filter(|(method, path, _)| !routes.iter().any(|route| route.method == *method && route.path == *path))
            .map(|(method, path, _)| format!("{method} {path}"))
            .collect();
        assert!(gone.is_empty(), "these routes stand in ROUTES and not in the program:\n{}", gone.join("\n"));
    }

    async fn every_route_names_its_action_and_who_may_come(world) {
        let actions: Vec<&str> = kernel::Action::ALL.iter().map(|action| action.name()).collect();
        for route in world.routes() {
            assert!(!route.action.is_empty(), "{} {}", route.method, route.path);
            assert!(["anyone", "person", "locked person", "person without a factor", "agent", "health"].contains(&route.who), "{} {}: {}", route.method, route.path, route.who);
            if route.who.contains("person") {
                assert!(actions.contains(&route.action), "{} {}: {} is no permission", route.method, route.path, route.action);
            }
        }
    }

    async fn strangers_are_refused_at_every_route_for_people(world) {
        world.with_owner().await;
        signed_out(&world).await;
    }

    async fn every_unsafe_route_refuses_another_site(world) {
        let (_, browser) = world.with_owner_inside().await;
        for route in world.routes().iter().filter(|route| is_unsafe(route)) {
            let method: Method = route.method.parse().expect("a method");
            let path = concrete(route.path);
            let ask = || browser.ask(method.clone(), &path).form(&[]);
            for (what, ask) in [
                ("neither header", ask().without("origin")),
                ("another origin", ask().header("origin", "https://evil.example")),
                ("origin null", ask().header("origin", "null")),
                ("cross-site", ask().without("origin").header("sec-fetch-site", "cross-site")),
                ("same-site", ask().without("origin").header("sec-fetch-site", "same-site")),
            ] {
                let page = ask.send().await;
                assert_eq!(page.code(), 403, "{} {} with {what}: {}", route.method, route.path, page.text());
            }
        }
        assert!(browser.is_signed_in().await, "one of these was carried out");
    }

    async fn every_route_for_people_keeps_a_locked_session_out(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.clock.advance(world::Span::minutes(31));
        for route in world.routes().iter().filter(|route| route.who == "person") {
            let page = call(&browser, route).await;
            let at = format!("{} {}: {}", route.method, route.path, page.code());
            if route.path.starts_with("/api/") {
                assert_eq!((page.code(), page.problem().as_str()), (401, "locked"), "{at}");
            } else {
                assert_eq!(page.code(), 303, "{at}");
                assert!(page.location().starts_with("/app/unlock"), "{at} leads to {}", page.location());
            }
        }
    }

    async fn no_route_answers_another_organisation(world) {
        // There is one organisation before customers exist: another one's id must lead nowhere, at every route that takes it.
        let (_, browser) = world.with_owner_inside().await;
        for route in world.routes().iter().filter(|r| r.who == "person" && r.method == "GET" && r.path.starts_with("/api/")) {
            let path = format!("{}?organisation=01936d2c-5b7e-7000-8000-000000000000", concrete(route.path));
            let page = browser.get(&path).await;
            assert!([400, 403, 404].contains(&page.code()), "{path}: {} {}", page.code(), page.body);
        }
    }

    async fn every_get_changes_nothing(world) {
        let (_, browser) = world.with_owner_inside().await;
        let before = browser.get("/api/v1/events?limit=200").await.json();
        for route in world.routes().iter().filter(|route| route.method == "GET") {
            if is_stream(route) {
                let patience = std::time::Duration::from_secs(20);
                browser.ask(Method::GET, route.path).read_until("\n\n", patience).await;
                continue;
            }
            let page = browser.get(&concrete(route.path)).await;
            assert!(page.code() < 500, "{}: {}", route.path, page.code());
        }
        assert_eq!(browser.get("/api/v1/events?limit=200").await.json(), before, "a GET wrote an event");
        assert!(browser.is_signed_in().await);
    }

    async fn head_answers_like_get_without_a_body(world) {
        world.with_owner().await;
        let browser = world.browser();
        for path in ["/sign-in", "/healthz", "/no-such-path", "/api/v1/me"] {
            let (head, get) = (browser.ask(Method::HEAD, path).send().await, browser.get(path).await);
            assert_eq!((head.code(), head.bytes.len()), (get.code(), 0), "{path}");
        }
    }
}
