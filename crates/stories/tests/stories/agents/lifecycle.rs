//! An agent's life beside what happens to it: waits, codes, outages, suspension, a machine that is installed anew, keys of short-lived machines.
use super::{back, events, owner, refused, told};
use kernel::{EventKind, Reason};
use serde_json::json;
use world::{AgentKey, Engine, SoftAgent, Span, World};

/// A machine that was paired with a key of this wish and let in, with a token.
async fn let_in(world: &World, browser: &world::Browser, machine: &str, wish: &serde_json::Value) -> SoftAgent {
    let key = world.installation_key(browser, wish).await;
    let mut agent = world.soft_agent(machine);
    assert_eq!(agent.pair(&key).await.code(), 201);
    assert_eq!(agent.decide(browser, "approve").await.code(), 200);
    assert_eq!(agent.renew(world).await.code(), 200);
    agent
}

async fn sweep(world: &World) {
    world.app().agents().flush().await;
    world.app().agents().sweep().await.expect("the store answers");
}

world::stories! {
    async fn a_machine_waits_powerless_until_somebody_lets_it_in(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({})).await;
        let mut agent = world.soft_agent("till-1");
        let paired = agent.pair(&key).await;
        assert_eq!((paired.code(), paired.json()["state"].clone()), (201, json!("waiting")));
        assert!(paired.json()["verification_uri"].as_str().is_some_and(|uri| uri == format!("{}/pair", world.origin())));
        assert_eq!(told(&agent.renew(&world).await), refused(403, Reason::AgentIsWaiting));
        assert_eq!(agent.beat(&world).await.code(), 401);
        assert_eq!(agent.lose_a_rotation(&world, &AgentKey::new()).await.code(), 401);
        assert_eq!(agent.state(&world).await, "waiting");
        assert_eq!(agent.decide(&browser, "approve").await.code(), 200);
        assert_eq!(agent.decide(&browser, "approve").await.code(), 200, "the same decision again");
        assert_eq!(agent.decide(&browser, "refuse").await.code(), 409);
        assert_eq!((agent.state(&world).await.as_str(), agent.renew(&world).await.code()), ("active", 200));
        assert!([200, 204].contains(&agent.beat(&world).await.code()));
        let told = events(&browser, EventKind::AgentApproved).await;
        assert_eq!(told.len(), 1, "{told:?}");
    }

    async fn the_short_code_is_the_same_for_ten_minutes_and_then_another(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({})).await;
        let mut agent = world.soft_agent("till-1");
        let first = agent.pair(&key).await.json()["user_code"].as_str().unwrap().to_owned();
        let code = async || agent.look(&world).await.json()["user_code"].as_str().unwrap().to_owned();
        assert_eq!(code().await, first);
        world.clock.advance(Span::minutes(9));
        assert_eq!(code().await, first);
        world.clock.advance(Span::minutes(2));
        let second = code().await;
        assert_ne!(second, first);
        assert_eq!(code().await, second);
        if world.engine() == Engine::Postgres {
            let node = world.second_node().await;
            assert_eq!(agent.clone().towards(node).look(&world).await.json()["user_code"], json!(second));
        }
        world.restart().await;
        assert_eq!(code().await, second);
    }

    async fn a_server_that_was_off_for_days_ends_no_machine_before_it_could_come_back(world) {
        let browser = owner(&world).await;
        let mut agent = let_in(&world, &browser, "vdi-1", &json!({"unseen_hours": 2})).await;
        let mut gone = let_in(&world, &browser, "vdi-2", &json!({"unseen_hours": 2})).await;
        for one in [&agent, &gone] {
            one.beat(&world).await;
        }
        world.app().agents().flush().await;
        // The server is off for two days, and the janitor comes as soon as it is on.
        world.clock.advance(Span::days(2));
        world.restart().await;
        sweep(&world).await;
        world.clock.advance(Span::minutes(2));
        sweep(&world).await;
        assert_eq!(agent.renew(&world).await.code(), 200);
        agent.beat(&world).await;
        world.clock.advance(Span::minutes(30));
        sweep(&world).await;
        assert_eq!(agent.state(&world).await, "active");
        assert_eq!(told(&gone.renew(&world).await), refused(403, Reason::AgentUnseen));
        let browser = back(&world).await;
        assert_eq!(events(&browser, EventKind::AgentEnded).await.len(), 1);
    }

    async fn a_machine_installed_anew_is_offered_as_the_successor_of_its_old_entry(world) {
        let browser = owner(&world).await;
        let mut old = let_in(&world, &browser, "till-1", &json!({})).await;
        let renamed = browser.ask(world::Method::PATCH, &format!("/api/v1/agents/{}", old.id())).json(&json!({"name": "Front desk"})).send().await;
        assert_eq!(renamed.code(), 200, "{}", renamed.body);
        let key = world.installation_key(&browser, &json!({})).await;
        let (mut new, mut stranger) = (world.soft_agent("till-1"), world.soft_agent("till-2"));
        assert_eq!((new.pair(&key).await.code(), stranger.pair(&key).await.code()), (201, 201));
        assert_eq!(new.seen_by(&browser).await.json()["successor_of"], json!(old.id()));
        assert_eq!(stranger.seen_by(&browser).await.json()["successor_of"], json!(null));
        let approved = new.decide_with(&browser, "approve", &json!({"replaces": old.id()})).await;
        assert_eq!(approved.code(), 200, "{}", approved.body);
        let seen = new.seen_by(&browser).await.json();
        assert_eq!((&seen["state"], &seen["name"]), (&json!("active"), &json!("Front desk")));
        assert_eq!(old.seen_by(&browser).await.json()["state"], json!("revoked"));
        assert_eq!(told(&old.beat(&world).await).0, 403);
        assert_eq!(old.renew(&world).await.code(), 403);
        assert_eq!(new.renew(&world).await.code(), 200);
        assert_eq!(events(&browser, EventKind::AgentReplaced).await.len(), 1);
    }

    async fn whoever_is_out_stays_out_and_pairs_anew_only_with_a_key_of_its_own(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({})).await;
        let mut agent = world.soft_agent("till-1");
        agent.pair(&key).await;
        agent.decide(&browser, "approve").await;
        agent.renew(&world).await;
        assert_eq!(agent.decide(&browser, "revoke").await.code(), 200);
        assert_eq!(agent.decide(&browser, "approve").await.code(), 409);
        let again = agent.try_pair(&key).await;
        assert!(again.code() != 201 || again.json()["state"] == json!("revoked"), "{}", again.body);
        assert_eq!(agent.renew(&world).await.code(), 403);
        let mut anew = agent.clone();
        (anew.key, anew.id, anew.ratchet, anew.token) = (AgentKey::new(), None, None, None);
        assert_eq!(anew.pair(&key).await.json()["state"], json!("waiting"));
        assert_ne!(anew.id, agent.id);
    }

    async fn a_preapproved_key_lets_in_at_once_and_only_within_its_bounds(world) {
        let browser = owner(&world).await;
        for (wish, code) in [
            (json!({"approval": "pre-approved"}), 422),
            (json!({"approval": "pre-approved", "network": "127.0.0.2/32"}), 201),
            (json!({"approval": "pre-approved", "ends_at": (world.clock.now() + Span::hours(25)).rfc3339()}), 422),
            (json!({"approval": "pre-approved", "ends_at": (world.clock.now() + Span::hours(24)).rfc3339()}), 201),
            (json!({"uses": 0}), 422),
            (json!({"uses": 10_001}), 422),
            (json!({"ends_at": (world.clock.now() + Span::minutes(30)).rfc3339()}), 422),
            (json!({"ends_at": (world.clock.now() + Span::days(366)).rfc3339()}), 422),
            (json!({"network": "127.0.0.1.5"}), 422),
            (json!({"os": "beos"}), 422),
            (json!({"secret": "mine"}), 400),
        ] {
            let made = world.make_installation_key(&browser, &wish).await;
            assert_eq!(made.code(), code, "{wish}: {}", made.body);
        }
        let key = world.installation_key(&browser, &json!({"approval": "pre-approved", "network": "127.0.0.2/32", "os": "linux"})).await;
        let outside = world.soft_agent("till-1");
        assert_eq!(told(&outside.try_pair(&key).await), refused(403, Reason::InstallationKeyNetwork));
        let mut windows = world.soft_agent("till-3").at(&world, 2);
        windows.inventory.os = "windows".into();
        assert_eq!(told(&windows.try_pair(&key).await), refused(403, Reason::InstallationKeySystem));
        let mut inside = world.soft_agent("till-2").at(&world, 2);
        let paired = inside.pair(&key).await;
        assert_eq!((paired.code(), paired.json()["state"].clone(), paired.json()["user_code"].clone()), (201, json!("active"), json!(null)));
        assert_eq!(inside.renew(&world).await.code(), 200);
    }

    async fn a_suspended_organisation_stops_its_agents_and_loses_none(world) {
        let browser = owner(&world).await;
        let mut agent = let_in(&world, &browser, "till-1", &json!({})).await;
        let home = world.home().await;
        let store = world.app().ground().store.clone();
        let now = world.clock.now();
        let suspend = move |at: Option<kernel::Time>| {
            let store = store.clone();
            async move { store.write(move |tx| tx.run_one("UPDATE organisation SET suspended_at = ?2 WHERE id = ?1", &[&home, &at])).await.unwrap() }
        };
        suspend(Some(now)).await;
        assert_eq!(told(&agent.beat(&world).await), refused(403, Reason::OrganisationShut));
        assert_eq!(told(&agent.renew(&world).await), refused(403, Reason::OrganisationShut));
        suspend(None).await;
        assert!([200, 204].contains(&agent.beat(&world).await.code()));
        assert_eq!(agent.renew(&world).await.code(), 200);
    }

    async fn a_machine_whose_system_was_installed_anew_is_offered_as_the_successor(world) {
        let browser = owner(&world).await;
        let old = let_in(&world, &browser, "till-1", &json!({})).await;
        let key = world.installation_key(&browser, &json!({})).await;
        // The same board and disk, another system on it.
        let mut new = world.soft_agent("till-1");
        new.marks.machine.clone_from(&world::marks_of("another system").machine);
        // And the same system, copied into other hardware: that is another machine.
        let mut copied = world.soft_agent("till-2");
        copied.marks.machine.clone_from(&old.marks.machine);
        assert_eq!((new.pair(&key).await.code(), copied.pair(&key).await.code()), (201, 201));
        assert_eq!(new.seen_by(&browser).await.json()["successor_of"], json!(old.id()));
        assert_eq!(copied.seen_by(&browser).await.json()["successor_of"], json!(null));
        let page = copied.decide_with(&browser, "approve", &json!({"replaces": old.id()})).await;
        assert_eq!(page.code(), 409, "{}", page.body);
        assert_eq!(old.state(&world).await, "active");
    }

    async fn a_site_with_agents_stays_and_one_with_nothing_but_ended_keys_may_go(world) {
        let browser = owner(&world).await;
        let (home, site) = (world.home().await, world.site("Harbour").await);
        let remove = async |browser: &world::Browser| {
            let path = format!("/api/v1/organisations/{home}/sites/{site}");
            browser.ask(world::Method::DELETE, &path).send().await.code()
        };
        let made = world.make_installation_key(&browser, &json!({"site_id": site})).await.json();
        assert_eq!(remove(&browser).await, 409, "a key that lives");
        let mut agent = world.soft_agent("till-1");
        assert_eq!(agent.pair(made["key"].as_str().unwrap()).await.code(), 201);
        let revoked = browser.ask(world::Method::DELETE, &format!("/api/v1/installation-keys/{}", made["id"].as_str().unwrap())).send().await;
        assert_eq!(revoked.code(), 204);
        assert_eq!(remove(&browser).await, 409, "a machine that waits");
        assert_eq!(agent.decide(&browser, "approve").await.code(), 200);
        assert_eq!(remove(&browser).await, 409, "a machine at work");
        assert_eq!(agent.decide(&browser, "revoke").await.code(), 200);
        assert_eq!(remove(&browser).await, 204);
        assert_eq!(agent.seen_by(&browser).await.code(), 200, "its entry stays");
        assert_eq!(browser.get("/api/v1/agents").await.code(), 200);
        assert_eq!(browser.get("/app/agents").await.code(), 200);
        assert_eq!(browser.get(&format!("/app/agents/{}", agent.id())).await.code(), 200);
        assert_eq!(browser.get("/app/keys").await.code(), 200);
    }
}
