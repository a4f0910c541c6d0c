//! Organisations: customers and sites, going over to them, what they inherit, how they end.
mod ending;
mod inherited;
mod sites;
mod switch;
pub mod tour;
mod tree;

use world::{Browser, Method, Page};

/// Sends JSON.
pub async fn send(browser: &Browser, method: Method, path: &str, body: &serde_json::Value) -> Page {
    browser.ask(method, path).json(body).send().await
}

/// The address of an organisation.
pub fn at(id: impl std::fmt::Display) -> String {
    format!("/api/v1/organisations/{id}")
}

/// The kinds of events in an organisation's log, oldest first.
pub async fn kinds(browser: &Browser, organisation: impl std::fmt::Display) -> Vec<String> {
    let page = browser
        .get(&format!("/api/v1/events?limit=200&organisation={organisation}"))
        .await;
    assert_eq!(page.code(), 200, "{}", page.body);
    let items = page.json()["items"].as_array().cloned().unwrap_or_default();
    let kinds = items
        .iter()
        .map(|item| item["kind"].as_str().unwrap_or_default().to_owned());
    let mut kinds: Vec<String> = kinds.collect();
    kinds.reverse();
    kinds
}

/// The organisation that a browser's session speaks for.
pub async fn here(browser: &Browser) -> String {
    let me = browser.get("/api/v1/me").await;
    assert_eq!(me.code(), 200, "{}", me.body);
    me.json()["organisation"]["id"].as_str().unwrap_or_default().to_owned()
}
