//! People as others see them, told from outside: invited, joined, changed, kept out, removed, erased; and who may do what to whom.
mod erasure;
mod invitations;
mod lists;
mod members;
mod security;
pub mod tour;

use serde_json::{Value, json};
use world::{Browser, Method, PASSWORD, Page, Person, World};

/// The subject of the mail that invites to the owner's organisation.
pub const INVITED: &str = "Join Northwind IT";
/// An id that nothing has.
pub const NOBODY: &str = "01936d2c-5b7e-7000-8000-000000000000";

/// A call of the API with a body.
pub async fn call(browser: &Browser, method: Method, path: &str, body: &Value) -> Page {
    browser.ask(method, path).json(body).send().await
}

/// Invites somebody, with these roles over everything.
pub async fn invite(browser: &Browser, email: &str, roles: &[String]) -> Page {
    let roles: Vec<Value> = roles.iter().map(|role| json!({"role_id": role})).collect();
    let body = json!({"email": email, "name": "Ines Ivers", "roles": roles});
    call(browser, Method::POST, "/api/v1/people", &body).await
}

/// The id of a role of the owner's organisation.
pub async fn role(world: &World, name: &str) -> String {
    let home = world.home().await;
    world.role_of(home, name).await.to_string()
}

/// The link in the newest mail that invites this address to the owner's organisation.
pub async fn link(world: &World, email: &str) -> String {
    let mails = world.mail_to(email, INVITED).await;
    let last = mails.last().unwrap_or_else(|| panic!("no invitation to {email}"));
    last.path(world, "/invitation")
}

/// Invites somebody and joins as they would: the person, and their id.
pub async fn newcomer(world: &World, browser: &Browser, email: &str, roles: &[&str]) -> (Person, String) {
    let mut ids = Vec::new();
    for name in roles {
        ids.push(role(world, name).await);
    }
    let page = invite(browser, email, &ids).await;
    assert_eq!(page.code(), 201, "{}", page.body);
    let id = page.json()["id"].as_str().unwrap().to_owned();
    let page = join(world, &link(world, email).await).await;
    assert_eq!((page.code(), page.location()), (303, "/sign-in"), "{}", page.text());
    let person = Person {
        name: "Ines Ivers".into(),
        email: email.into(),
        password: PASSWORD.into(),
    };
    (person, id)
}

/// Fills in the form that the link opens.
pub async fn join(world: &World, link: &str) -> Page {
    let fields = [("name", "Ines Ivers"), ("password", PASSWORD)];
    world.browser().post(link, &fields).await
}

/// The kinds of the newest events.
pub async fn kinds(browser: &Browser) -> Vec<String> {
    let events = browser.get("/api/v1/events?limit=30").await.json();
    let items = events["items"].as_array().expect("a list").clone();
    items
        .iter()
        .map(|item| item["kind"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Somebody of the owner's organisation with this built-in role, signed in.
pub async fn with_role(world: &World, name: &str, role: &'static str) -> (Person, Browser) {
    let person = world.person(name).await;
    world.give_role(&person, role).await;
    let browser = world.browser();
    person.enter(&browser).await;
    (person, browser)
}
