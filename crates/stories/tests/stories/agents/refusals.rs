//! What is refused with an installation key: added up for the administrator, told at most once a minute.
//! Must never happen: a refusal that is lost, or a stranger who fills the log.
use super::{events, owner, refused, told};
use kernel::{EventKind, Reason};
use serde_json::{Value, json};
use world::{Browser, Span, World};

/// What was refused with a key, the last one first: network, cause and count.
async fn refusals(browser: &Browser, key: &str) -> Vec<(Value, Value, Value)> {
    let list = browser.get(&format!("/api/v1/installation-keys/{key}/refusals")).await;
    assert_eq!(list.code(), 200, "{}", list.body);
    let items = list.json()["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| (item["network"].clone(), item["reason"].clone(), item["count"].clone()))
        .collect()
}

async fn tries(world: &World, key: &str, count: usize, reason: Reason) {
    for n in 0..count {
        let late = world.soft_agent(&format!("late-{n}"));
        assert_eq!(told(&late.try_pair(key).await), refused(403, reason));
    }
}

world::stories! {
    async fn refusals_are_added_up_by_network_and_cause_and_told_once_a_minute(world) {
        let browser = owner(&world).await;
        let made = world.make_installation_key(&browser, &json!({"uses": 1})).await.json();
        let (key, id) = (made["key"].as_str().unwrap(), made["id"].as_str().unwrap());
        assert_eq!(world.soft_agent("till-1").pair(key).await.code(), 201);
        tries(&world, key, 3, Reason::InstallationKeySpent).await;
        let one = json!("127.0.0.1");
        let spent = json!(Reason::InstallationKeySpent.id());
        assert_eq!(refusals(&browser, id).await, [(one.clone(), spent.clone(), json!(3))]);
        let seen = events(&browser, EventKind::PairingRefused).await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        // From another network it is a line of its own, and within the same minute no event.
        let elsewhere = world.soft_agent("late-9").at(&world, 2);
        assert_eq!(told(&elsewhere.try_pair(key).await), refused(403, Reason::InstallationKeySpent));
        assert_eq!(refusals(&browser, id).await.len(), 2);
        assert_eq!(events(&browser, EventKind::PairingRefused).await.len(), 1);
        world.clock.advance(Span::minutes(2));
        tries(&world, key, 2, Reason::InstallationKeySpent).await;
        assert_eq!(events(&browser, EventKind::PairingRefused).await.len(), 2);
        assert_eq!(refusals(&browser, id).await[0], (one, spent, json!(5)));
    }

    async fn a_key_that_nobody_made_leaves_no_event_and_no_line(world) {
        let browser = owner(&world).await;
        let made = world.make_installation_key(&browser, &json!({})).await.json();
        tries(&world, "DW-0000-0000-0000-0000-0", 3, Reason::InstallationKeyUnknown).await;
        assert!(events(&browser, EventKind::PairingRefused).await.is_empty());
        assert!(refusals(&browser, made["id"].as_str().unwrap()).await.is_empty());
    }

    async fn many_refusals_at_once_are_counted_one_by_one_and_told_once(world) {
        let browser = owner(&world).await;
        let made = world.make_installation_key(&browser, &json!({"os": "windows"})).await.json();
        let (key, id) = (made["key"].as_str().unwrap().to_owned(), made["id"].as_str().unwrap());
        let mut calls = Vec::new();
        for n in 0..12 {
            let (key, agent) = (key.clone(), world.soft_agent(&format!("late-{n}")));
            calls.push(tokio::spawn(async move { agent.try_pair(&key).await.code() }));
        }
        let mut count = 0;
        for call in calls {
            // More at once than are served: none of these was counted.
            let code = call.await.expect("no panic");
            assert!([403, 503].contains(&code), "{code}");
            count += i32::from(code == 403);
        }
        let system = json!(Reason::InstallationKeySystem.id());
        assert_eq!(refusals(&browser, id).await, [(json!("127.0.0.1"), system, json!(count))]);
        assert_eq!(events(&browser, EventKind::PairingRefused).await.len(), 1);
        let keys = browser.get("/api/v1/installation-keys").await.json();
        assert_eq!(keys["items"][0]["used"], json!(0), "a refusal is no use");
    }
}
