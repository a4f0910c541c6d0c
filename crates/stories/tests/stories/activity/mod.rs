//! The activity log as people and programs have it: searched, one event at a time, live, exported, sent elsewhere, cut, and what Home says of it.
mod home;
mod live;
mod one;
mod places;
mod retention;
mod search;
mod syslog;

use serde_json::Value;
use world::Browser;

/// The events of a query, newest first.
async fn events(browser: &Browser, query: &str) -> Vec<Value> {
    let page = browser.get(&format!("/api/v1/events?{query}")).await;
    assert_eq!(page.code(), 200, "{query}: {}", page.body);
    page.json()["items"].as_array().unwrap().clone()
}

/// The tour's part of the statements that belong here.
pub async fn tour(world: &world::World, owner: &world::Person, browser: &Browser) {
    places::tour(world, owner, browser).await;
    for filter in ["network=127.0.0.1", "kind=signed-in&outcome=allowed"] {
        events(browser, filter).await;
    }
    let id = events(browser, "limit=1").await[0]["id"].as_str().unwrap().to_owned();
    for path in [format!("/app/activity/{id}"), format!("/api/v1/events/{id}")] {
        assert_eq!(browser.get(&path).await.code(), 200, "{path}");
    }
    live::first_message(browser, "").await;
}

/// What is old goes, and an organisation that is gone is forgotten. At the end of the tour: it takes the first lines away.
pub async fn last_tour(world: &world::World) {
    let ground = world.app().ground().clone();
    activity::cut_old(&ground).await.unwrap();
    let home = kernel::Organisation(world.stored(world::OWNER).await.home_organisation);
    let forgotten = ground
        .store
        .write(move |tx| activity::forget_organisation(tx, home))
        .await;
    forgotten.unwrap();
}
