//! Policies that come from the organisation above, and what a change would do before it is saved.
use super::{at, here, send};
use crate::policies::put;
use organisations::Require;
use serde_json::{Value, json};
use world::{Method, Span, World};

fn people(answer: &Value) -> Vec<&str> {
    let people = answer["stops"]["people"].as_array().expect("a list");
    people
        .iter()
        .map(|person| person["email"].as_str().expect("an address"))
        .collect()
}

async fn with_people(world: &World, names: &[&str]) {
    for name in names {
        world.person(name).await;
    }
}

world::stories! {
    async fn the_strictest_of_both_holds_and_says_where_it_comes_from(world) {
        let (_, browser) = world.with_owner_inside().await;
        let own = here(&browser).await;
        let contoso = world.customer(&browser, "Contoso").await;
        let policy = format!("{}/policy", at(contoso));
        assert_eq!(put(&browser, &json!({"devices": {"limit": 3}, "sessions": {"lock_minutes": 20}, "sms": {"allowed": false}})).await.code(), 200);
        let told = browser.get(&policy).await.json();
        assert_eq!(told["devices"]["limit"], json!({"value": 3, "from": own, "locked": true}));
        assert_eq!(told["devices"]["trust_days"], json!({"value": 30, "from": "default", "locked": false}));
        assert_eq!(told["sms"]["allowed"], json!({"value": false, "from": own, "locked": true}));
        // Stricter is the customer's own to say; looser is not.
        let changed = send(&browser, Method::PUT, &policy, &json!({"devices": {"limit": 2}})).await;
        assert_eq!(changed.json()["devices"]["limit"], json!({"value": 2, "from": contoso.to_string(), "locked": false}), "{}", changed.body);
        for (body, field) in [
            (json!({"devices": {"limit": 4}}), "devices.limit"),
            (json!({"sessions": {"lock_minutes": 21}}), "sessions.lock_minutes"),
            (json!({"sms": {"allowed": true}}), "sms.allowed"),
            (json!({"factors": {"require": "no"}}), "factors.require"),
        ] {
            if field == "factors.require" {
                assert_eq!(put(&browser, &json!({"factors": {"require": "yes"}})).await.code(), 200);
            }
            let page = send(&browser, Method::PUT, &policy, &body).await;
            let error = page.json()["errors"][0].clone();
            assert_eq!((page.code(), error["field"].as_str(), error["reason"].as_str()), (422, Some(field), Some("PO-015")), "{}", page.body);
        }
        // What is loosened above does not loosen what the customer set.
        assert_eq!(put(&browser, &json!({"devices": {"limit": 9}})).await.code(), 200);
        assert_eq!(browser.get(&policy).await.json()["devices"]["limit"]["value"], 2);
        assert_eq!(put(&browser, &json!({"devices": {"limit": 1}})).await.code(), 200);
        assert_eq!(browser.get(&policy).await.json()["devices"]["limit"], json!({"value": 1, "from": own, "locked": true}));
    }

    async fn a_value_from_above_acts_at_once_on_the_customers_people(world) {
        let (_, browser) = world.with_owner_inside().await;
        let contoso = world.customer(&browser, "Contoso").await;
        world.set_policy_of(contoso, |values| values.require = Some(Require::No)).await;
        let (cora, hers) = (world.person_at(contoso, "cora", "Owner").await, world.browser());
        cora.enter(&hers).await;
        world.clock.advance(Span::minutes(10));
        assert_eq!(put(&browser, &json!({"sessions": {"lock_minutes": 5}})).await.code(), 200);
        assert!(hers.get("/app").await.location().starts_with("/app/unlock"));
        let page = world.browser();
        cora.enter(&page).await;
        let page = page.get("/app/policies").await;
        assert!(page.text().contains("Northwind IT has set “5”"), "{}", page.text());
    }

    async fn a_dry_run_names_whom_a_change_stops_and_changes_nothing(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let path = crate::policies::address(&browser).await;
        let dry = format!("{path}?dry_run=true");
        let before = browser.get(&path).await.json();
        with_people(&world, &["ana", "ben", "cy"]).await;
        let ben = world.person("ben2").await;
        world.with_app(&ben).await;
        world.disable(&world::Person { name: "cy".into(), email: "cy@northwind.example".into(), password: String::new() }).await;
        let contoso = world.customer(&browser, "Contoso").await;
        world.set_policy_of(contoso, |values| values.require = Some(Require::No)).await;
        world.person_at(contoso, "cora", "Owner").await;
        let now = json!({"factors": {"require": "yes", "grace_hours": 0}});
        let page = send(&browser, Method::PUT, &dry, &now).await;
        assert_eq!(page.code(), 200, "{}", page.body);
        let answer = page.json();
        let mut stopped = people(&answer);
        stopped.sort_unstable();
        assert_eq!(stopped, ["ana@northwind.example", "ben@northwind.example", "cora@contoso.example", &owner.email], "{answer}");
        assert_eq!(answer["stops"]["agents"], json!([]));
        assert_eq!(answer["counts"], json!({"people": 4, "at_once": 4, "agents": 0}));
        let cora = answer["stops"]["people"].as_array().unwrap().iter().find(|one| one["email"] == "cora@contoso.example").unwrap();
        assert_eq!((&cora["organisations"], &cora["reason"]), (&json!(["Contoso"]), &json!("SE-017")));
        // Whoever is stopped in several is one person.
        let both = answer["stops"]["people"].as_array().unwrap().iter().find(|one| one["email"] == owner.email.as_str()).unwrap();
        assert_eq!(both["organisations"], json!(["Northwind IT", "Contoso"]));
        // With grace they are named with the day.
        let later = send(&browser, Method::PUT, &dry, &json!({"factors": {"require": "phishing-resistant"}})).await.json();
        assert_eq!((&later["counts"]["people"], &later["counts"]["at_once"]), (&json!(5), &json!(0)), "{later}");
        assert!(people(&later).contains(&ben.email.as_str()));
        for (body, code) in [(json!({"devices": {"limit": 1}}), 200), (json!({"devices": {"limit": 0}}), 422), (json!({"x": 1}), 400)] {
            let page = send(&browser, Method::PUT, &dry, &body).await;
            assert_eq!(page.code(), code, "{body}: {}", page.body);
        }
        assert_eq!(send(&browser, Method::PUT, &format!("{path}?dry_run=maybe"), &now).await.code(), 400);
        assert_eq!(browser.get(&path).await.json(), before, "a dry run changed something");
    }

    async fn networks_and_devices_are_looked_at_too(world) {
        let (_, browser) = world.with_owner_inside().await;
        let dry = format!("{}?dry_run=true", crate::policies::address(&browser).await);
        let (ana, hers) = (world.person("ana").await, world.browser_at(9));
        ana.enter(&hers).await;
        world.person("ben").await;
        let networks = json!({"networks": {"people": ["127.0.0.1/32"]}});
        let answer = send(&browser, Method::PUT, &dry, &networks).await.json();
        assert_eq!(people(&answer), [ana.email.as_str()], "{answer}");
        assert_eq!(answer["stops"]["people"][0]["reason"], "AZ-004");
        // Whoever has signed in on a device before goes on using it.
        let answer = send(&browser, Method::PUT, &dry, &json!({"devices": {"mode": "approved"}})).await.json();
        assert_eq!(people(&answer), ["ben@northwind.example"], "{answer}");
    }

    async fn the_page_shows_whom_it_stops_before_it_saves(world) {
        let (_, browser) = world.with_owner_inside().await;
        with_people(&world, &["ana"]).await;
        let typed = [("factors.require", "yes"), ("factors.grace_hours", "0"), ("totp", "on"), ("passkey", "on"), ("phone", "on"), ("recovery-codes", "on"), ("factors.aaguids", "")];
        let page = browser.post("/app/policies/factors", &typed).await;
        assert_eq!(page.code(), 200, "{}", page.text());
        assert!(page.text().contains("This stops 2 people and 0 agents: at once."), "{}", page.text());
        assert!(page.text().contains("ana@northwind.example"));
        let policy = crate::policies::address(&browser).await;
        assert_eq!(browser.get(&policy).await.json()["factors"]["require"]["value"], "no", "it was saved at once");
        // The same form once more, as the page has it.
        let mut again: Vec<(&str, &str)> = typed.to_vec();
        again.push(("sure", "yes"));
        for (name, value) in typed {
            assert!(page.body.contains(&format!("name=\"{name}\" value=\"{value}\"")), "{name}: {}", page.body);
        }
        assert_eq!(browser.post("/app/policies/factors", &again).await.location(), "/app/policies?done");
        let strict = world.browser();
        assert_eq!(strict.sign_in(world::OWNER, world::PASSWORD).await.location(), "/sign-in/enrol");
    }

    async fn the_strict_profile_shows_it_too_and_keeps_what_is_stricter_above(world) {
        let (_, browser) = world.with_owner_inside().await;
        let contoso = world.customer(&browser, "Contoso").await;
        world.set_policy_of(contoso, |values| values.require = Some(Require::No)).await;
        assert_eq!(put(&browser, &json!({"sessions": {"end_minutes": 60}})).await.code(), 200);
        browser.post("/app/organisation", &[("organisation", &contoso.to_string())]).await;
        let page = browser.post("/app/policies/strict", &[("on", "yes")]).await;
        assert_eq!(page.code(), 200);
        assert!(page.text().contains("This stops 1 person"), "{}", page.text());
        assert_eq!(browser.post("/app/policies/strict", &[("on", "yes"), ("sure", "yes")]).await.code(), 303);
        let told = browser.get(&format!("{}/policy", at(contoso))).await.json();
        assert_eq!((&told["sessions"]["end_minutes"]["value"], &told["sessions"]["lock_minutes"]["value"]), (&json!(60), &json!(15)));
    }
}
