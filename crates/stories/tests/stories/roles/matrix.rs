//! Generated from the list of routes: a missing permission is 403, another organisation is 404, whoever asks. A new route is held to it without
//! a word here.
use super::{make, send, with_role};
use ground::RouteInfo;
use kernel::{Action, Reach};
use serde_json::json;
use world::{Browser, Method, Page, World};

const NOBODY: &str = "01936d2c-5b7e-7000-8000-000000000000";

/// The routes for people about more than themselves.
fn guarded(world: &World) -> Vec<(RouteInfo, Action)> {
    let routes = world.routes().into_iter().filter(|route| route.who.contains("person"));
    let named = routes.filter_map(|route| Some((route, Action::from_name(route.action)?)));
    named.filter(|(_, action)| action.reach() != Reach::Own).collect()
}

fn concrete(path: &str, id: &str) -> String {
    path.replace("{id}", id).replace("{name}", "agents.see")
}

fn is_stream(route: &RouteInfo) -> bool {
    route.path.ends_with("/stream") || route.path.ends_with("/agents/events")
}

/// A request without anything in it.
async fn call(browser: &Browser, route: &RouteInfo, path: &str) -> Page {
    let method: Method = route.method.parse().expect("a method");
    let ask = browser.ask(method, path);
    let ask = match (route.method, route.path.starts_with("/api/")) {
        ("GET", _) => ask,
        (_, true) => ask.json(&json!({})),
        (_, false) => ask.form(&[]),
    };
    ask.send().await
}

/// What a refusal says why: its reason, or the words of the page.
fn is_lacking(page: &Page) -> bool {
    let lacks = ["AZ-003", "AZ-015", "AZ-016"];
    page.code() == 403 && lacks.iter().any(|id| page.body.contains(id))
}

async fn with_each_role(world: &World, roles: &[&'static str]) {
    let home = world.home().await.to_string();
    for role in roles {
        let (_, browser) = with_role(world, &role.to_lowercase().replace(' ', "-"), role).await;
        for (route, action) in guarded(world) {
            // An organisation in the path is entered before anything else is asked, so it has to be one's own.
            let id = if route.path.starts_with("/api/v1/organisations/{id}/") {
                home.as_str()
            } else {
                NOBODY
            };
            let is_allowed = roles::permissions(role).contains(action);
            // A stream goes on for a minute for whoever may see it; its own stories look at what comes.
            if is_allowed && is_stream(&route) {
                continue;
            }
            let page = call(&browser, &route, &concrete(route.path, id)).await;
            let at = format!(
                "{role}: {} {} ({}): {} {}",
                route.method,
                route.path,
                action.name(),
                page.code(),
                page.text()
            );
            assert_eq!(is_lacking(&page), !is_allowed, "{at}");
            assert!(page.code() < 500, "{at}");
        }
    }
}

world::stories! {
    async fn a_missing_permission_is_403_at_every_route_and_a_held_one_is_not(world) {
        world.with_owner().await;
        with_each_role(&world, &["Technician", "Help desk"]).await;
    }

    async fn whoever_only_looks_is_403_at_every_route_that_changes_something(world) {
        world.with_owner().await;
        with_each_role(&world, &["Auditor", "No access"]).await;
    }

    async fn an_administrator_is_let_in_at_every_route_but_those_of_owners(world) {
        world.with_owner().await;
        with_each_role(&world, &["Administrator"]).await;
    }

    async fn another_organisation_is_404_at_every_route_of_the_api_whoever_asks(world) {
        let (_, owner) = world.with_owner_inside().await;
        let (_, auditor) = with_role(&world, "audrey", "Auditor").await;
        let other = world.elsewhere("Fabrikam").await;
        let theirs = world.browser_at(9);
        other.owner.enter(&theirs).await;
        let home = world.home().await;
        for route in world.routes().iter().filter(|route| route.who.contains("person") && route.path.starts_with("/api/v1/")) {
            for (who, browser, foreign) in [("owner", &owner, other.organisation), ("auditor", &auditor, other.organisation), ("their owner", &theirs, home)] {
                let paths = if route.path.starts_with("/api/v1/organisations/{id}/") {
                    vec![concrete(route.path, &foreign.to_string())]
                } else {
                    vec![format!("{}?organisation={foreign}", concrete(route.path, NOBODY))]
                };
                for path in paths {
                    let page = call(browser, route, &path).await;
                    assert_eq!((page.code(), page.problem().as_str()), (404, "not-found"), "{who}: {} {path}: {}", route.method, page.body);
                }
            }
        }
        assert!(owner.is_signed_in().await && theirs.is_signed_in().await);
    }

    async fn what_belongs_to_another_organisation_is_not_there_at_any_route(world) {
        let (_, owner) = world.with_owner_inside().await;
        let other = world.elsewhere("Fabrikam").await;
        let theirs = world.browser_at(9);
        other.owner.enter(&theirs).await;
        let role = make(&theirs, "Theirs", &["agents.see"]).await;
        let group = send(&theirs, Method::POST, "/api/v1/groups", &json!({"name": "Theirs", "people": [other.person]})).await.json();
        let event = theirs.get("/api/v1/events?limit=1").await.json();
        let ids = [
            other.organisation.to_string(),
            other.site.to_string(),
            other.person.to_string(),
            role,
            group["id"].as_str().expect("an id").to_owned(),
            event["items"][0]["id"].as_str().expect("an id").to_owned(),
        ];
        let before = theirs.get("/api/v1/events?limit=200").await.json();
        for (route, _) in guarded(&world).iter().filter(|(route, _)| route.path.contains("{id}")) {
            for id in &ids {
                let page = call(&owner, route, &concrete(route.path, id)).await;
                let at = format!("{} {} with {id}: {} {}", route.method, route.path, page.code(), page.text());
                // A body without anything in it may be refused first; what is read is never shown, and nothing is done.
                let is_refused = if route.method == "GET" { page.code() == 404 } else { [400, 404, 415, 422].contains(&page.code()) };
                assert!(is_refused, "{at}");
                assert!(!page.body.contains("Fabrikam") && !page.body.contains("Theirs"), "{at}");
            }
        }
        assert_eq!(theirs.get("/api/v1/events?limit=200").await.json(), before, "something was done there");
        assert!(theirs.is_signed_in().await);
    }
}
