//! Who may do what: roles and groups by API and pages, what holds of giving them, "Why?", and what is told of refusals.
mod customers;
mod giving;
mod groups;
mod matrix;
mod pages;
mod refusals;
mod rules;
mod why;

use kernel::Scope;
use serde_json::{Value, json};
use world::{Browser, Method, Page, Person, World};

/// Sends JSON.
async fn send(browser: &Browser, method: Method, path: &str, body: &Value) -> Page {
    browser.ask(method, path).json(body).send().await
}

/// Makes a role by the API; answers its id.
async fn make(browser: &Browser, name: &str, permissions: &[&str]) -> String {
    let page = send(
        browser,
        Method::POST,
        "/api/v1/roles",
        &json!({"name": name, "permissions": permissions}),
    )
    .await;
    assert_eq!(page.code(), 201, "{}", page.body);
    page.json()["id"].as_str().expect("an id").to_owned()
}

/// Somebody of the owner's organisation with this built-in role, signed in.
async fn with_role(world: &World, name: &str, role: &'static str) -> (Person, Browser) {
    let person = world.person(name).await;
    world.give_role(&person, role).await;
    let browser = world.browser();
    person.enter(&browser).await;
    (person, browser)
}

/// The details of the events of a kind, newest first.
async fn details(browser: &Browser, kind: &str) -> Vec<String> {
    let events = browser.get(&format!("/api/v1/events?kind={kind}")).await.json();
    let items = events["items"].as_array().expect("a list").clone();
    let detail = |item: &Value| item["detail"].as_str().unwrap_or_default().to_owned();
    items.iter().map(detail).collect()
}

/// Runs every statement of roles, for the test that looks at them all.
pub async fn tour(world: &World, browser: &Browser) {
    let home = world.home().await;
    let (site, customer) = (
        world.site("Tour site").await,
        world.bare_customer("Tour customer").await,
    );
    let role = make(browser, "Tour guide", &["agents.see"]).await;
    let path = format!("/api/v1/roles/{role}");
    let body = json!({"name": "Tour guides", "permissions": ["agents.pair"]});
    assert_eq!(send(browser, Method::PUT, &path, &body).await.code(), 200);
    let person = world.person("tourist").await;
    let id = world.stored(&person.email).await.id;
    let group = json!({"name": "Tour", "people": [id], "roles": [{"role_id": role, "scope": format!("site:{site}")}]});
    let made = send(browser, Method::POST, "/api/v1/groups", &group).await;
    assert_eq!(made.code(), 201, "{}", made.body);
    let group = format!("/api/v1/groups/{}", made.json()["id"].as_str().expect("an id"));
    for path in [
        "/app/roles",
        "/api/v1/groups",
        &group,
        &format!("/app/roles/{role}"),
        "/app/roles?can=tourist&do=agents.pair&on=",
        "/app/roles?do=agents.pair&who=yes",
    ] {
        assert_eq!(browser.get(path).await.code(), 200, "{path}");
    }
    assert_eq!(
        send(browser, Method::PUT, &group, &json!({"name": "Tourists"}))
            .await
            .code(),
        200
    );
    assert_eq!(send(browser, Method::DELETE, &group, &json!({})).await.code(), 204);
    assert_eq!(send(browser, Method::DELETE, &path, &json!({})).await.code(), 204);
    let held = [
        ("Technician", Scope::Site(site)),
        ("Auditor", Scope::Customer(customer)),
    ];
    assert!(world.set_roles(home, id, &held).await.is_ok());
    assert!(world.set_roles(home, id, &[]).await.is_ok());
    assert!(world.set_roles(home, id, &held).await.is_ok());
    world.end_membership(customer, id).await.expect("it ends");
    world.last_owner_in(id).await;
    world.rights().await;
    let tourist = world.browser();
    person.enter(&tourist).await;
    for _ in 0..2 {
        assert_eq!(tourist.get("/api/v1/events").await.code(), 403);
    }
    world.drop_rights(customer, Scope::Site(site), vec![id]).await;
}
