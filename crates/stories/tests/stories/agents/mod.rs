//! Agents: how machines are paired and let in, how each proves who it is, and how a copy is told from its original.
//! Must never happen: a machine that works without a person's word, or one identity on two machines that nobody is told of.
mod clones;
mod forged;
mod heartbeat;
mod identity;
mod lifecycle;
mod pages;
mod program;
mod ratchet;
mod refusals;
mod rights;
mod rollout;
mod security;
pub mod tour;

use kernel::{EventKind, Reason};
use serde_json::Value;
use world::{Browser, OWNER, PASSWORD, Page, Person, World};

/// The owner, in a browser that proved a second factor, so that keys may be made and agents decided about.
async fn owner(world: &World) -> Browser {
    let owner = world.with_owner().await;
    world.entered_with_app(&owner).await
}

/// The same owner again, after the first browser's session has ended.
async fn back(world: &World) -> Browser {
    let owner = Person {
        name: "Olive Owner".into(),
        email: OWNER.into(),
        password: PASSWORD.into(),
    };
    world.entered_with_app(&owner).await
}

/// The status and the reason of an answer to an agent.
fn told(page: &Page) -> (u16, String) {
    let reason = page.json()["reason"].as_str().unwrap_or_default().to_owned();
    (page.code(), reason)
}

fn refused(status: u16, reason: Reason) -> (u16, String) {
    (status, reason.id().to_owned())
}

/// What the log tells of this kind, newest first.
async fn events(browser: &Browser, kind: EventKind) -> Vec<Value> {
    let list = browser
        .get(&format!("/api/v1/events?limit=200&kind={}", kind.id()))
        .await;
    assert_eq!(list.code(), 200, "{}", list.body);
    list.json()["items"].as_array().cloned().unwrap_or_default()
}
