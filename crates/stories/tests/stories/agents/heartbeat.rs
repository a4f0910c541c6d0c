//! Heartbeats: what an agent says of itself, gathered and written in batches, and agents that end because nobody saw them.
use super::{refused, told};
use agent_wire::HeartbeatRequest;
use kernel::{EventKind, Reason};
use serde_json::json;
use std::collections::BTreeSet;
use world::{Browser, SoftAgent, Span, World};

async fn with_token(world: &World, machine: &str) -> (Browser, SoftAgent) {
    let browser = super::owner(world).await;
    let mut agent = world.active_agent(&browser, machine).await;
    assert_eq!(agent.renew(world).await.code(), 200);
    (browser, agent)
}

async fn flush(world: &World) {
    world.app().agents().flush().await;
}

world::stories! {
    async fn an_inventory_is_asked_for_once_and_again_when_it_changed(world) {
        let (browser, mut agent) = with_token(&world, "desk-1").await;
        let hash = |hash: &str| HeartbeatRequest { inventory_hash: hash.into(), ..HeartbeatRequest::default() };
        assert_eq!(agent.beat_with(&world, &hash("one")).await.json(), json!({"do": "inventory"}));
        let whole = HeartbeatRequest { inventory: Some(agent.inventory.clone()), clock_millis: Some(-42_000), ..hash("one") };
        assert_eq!(agent.beat_with(&world, &whole).await.code(), 204);
        flush(&world).await;
        assert_eq!(agent.beat_with(&world, &hash("one")).await.code(), 204);
        assert_eq!(agent.beat_with(&world, &hash("two")).await.json(), json!({"do": "inventory"}));
        agent.inventory.system = "Debian 13\n\u{202e}evil".into();
        assert_eq!(agent.beat_with(&world, &HeartbeatRequest { inventory: Some(agent.inventory.clone()), ..hash("two") }).await.code(), 204);
        // A heartbeat without an inventory, a moment later, takes nothing of it away.
        assert_eq!(agent.beat_with(&world, &HeartbeatRequest { clock_millis: Some(-42_000), ..hash("two") }).await.json(), json!({"do": "inventory"}));
        flush(&world).await;
        let seen = agent.seen_by(&browser).await;
        assert!(seen.body.contains("Debian 13evil"), "{}", seen.body);
        assert_eq!(seen.json()["clock_millis"], json!(-42_000));
        assert_eq!(agent.beat_with(&world, &hash("two")).await.code(), 204);
    }

    async fn an_agent_is_online_for_two_heartbeats(world) {
        let (browser, agent) = with_token(&world, "desk-1").await;
        let online = async || agent.seen_by(&browser).await.json()["online"].clone();
        assert_eq!(online().await, json!(false));
        agent.beat(&world).await;
        flush(&world).await;
        assert_eq!(online().await, json!(true));
        world.clock.advance(Span::seconds(129));
        assert_eq!(online().await, json!(true));
        world.clock.advance(Span::seconds(2));
        assert_eq!(online().await, json!(false));
    }

    async fn the_last_state_wins_and_many_are_written_together(world) {
        let (browser, first) = with_token(&world, "desk-1").await;
        let mut agents = vec![first];
        for n in 2..6 {
            let mut agent = world.active_agent(&browser, &format!("desk-{n}")).await;
            agent.renew(&world).await;
            agents.push(agent);
        }
        for millis in [1, 2, 3] {
            for agent in &agents {
                agent.beat_with(&world, &HeartbeatRequest { clock_millis: Some(millis), ..HeartbeatRequest::default() }).await;
            }
        }
        flush(&world).await;
        for agent in &agents {
            assert_eq!(agent.seen_by(&browser).await.json()["clock_millis"], json!(3));
        }
    }

    async fn an_agent_that_calls_far_too_often_is_told_so_and_takes_nobodys_place(world) {
        let (browser, agent) = with_token(&world, "desk-1").await;
        let mut codes = BTreeSet::new();
        for _ in 0..260 {
            codes.insert(agent.beat(&world).await.code());
        }
        assert_eq!(codes, BTreeSet::from([200, 429]));
        assert_eq!(browser.get("/api/v1/me").await.code(), 200);
        world.clock.advance(Span::seconds(130));
        assert_eq!(agent.beat(&world).await.code(), 200);
    }

    async fn f23_all_come_back_at_once_and_people_see_nothing_of_it(world) {
        let (browser, agent) = with_token(&world, "desk-1").await;
        let calls: Vec<_> = (0..1_200).map(|n| {
            let (agent, world) = (if n % 2 == 0 { agent.clone() } else { world.soft_agent("nobody") }, world.clone());
            tokio::spawn(async move { agent.look(&world).await.code() })
        }).collect();
        for _ in 0..10 {
            assert_eq!(browser.get("/api/v1/events").await.code(), 200);
        }
        let mut codes = BTreeSet::new();
        for call in calls {
            codes.insert(call.await.unwrap());
        }
        assert!(codes.is_subset(&BTreeSet::from([200, 401, 429, 503])), "{codes:?}");
    }

    async fn agents_of_a_key_for_short_lived_machines_end_by_themselves_and_are_told_together(world) {
        let browser = super::owner(&world).await;
        let key = world.installation_key(&browser, &json!({"unseen_hours": 2})).await;
        let mut agents = Vec::new();
        for n in 0..3 {
            let mut agent = world.soft_agent(&format!("vdi-{n}"));
            assert_eq!(agent.pair(&key).await.code(), 201);
            assert_eq!(agent.decide(&browser, "approve").await.code(), 200);
            agents.push(agent);
        }
        world.clock.advance(Span::minutes(119));
        agents[0].renew(&world).await;
        agents[0].beat(&world).await;
        flush(&world).await;
        world.clock.advance(Span::minutes(2));
        world.app().agents().sweep().await.unwrap();
        assert_eq!(agents[0].state(&world).await, "active");
        for agent in &agents[1..] {
            let page = agent.look(&world).await.json();
            assert_eq!((&page["state"], &page["reason"]), (&json!("revoked"), &json!(Reason::AgentUnseen.id())));
        }
        let browser = super::back(&world).await;
        let events = browser.get(&format!("/api/v1/events?kind={}", EventKind::AgentEnded.id())).await.json();
        assert_eq!((events["items"].as_array().map(Vec::len), &events["items"][0]["count"]), (Some(1), &json!(2)), "{events}");
    }

    async fn an_agent_that_waits_for_seven_days_ends_and_gives_its_use_back(world) {
        let browser = super::owner(&world).await;
        let key = world.installation_key(&browser, &json!({"uses": 1, "ends_at": (world.clock.now() + Span::days(30)).rfc3339()})).await;
        let mut agent = world.soft_agent("desk-1");
        assert_eq!(agent.pair(&key).await.code(), 201);
        world.clock.advance(Span::days(7) - Span::minutes(1));
        world.app().agents().sweep().await.unwrap();
        assert_eq!(agent.state(&world).await, "waiting");
        world.clock.advance(Span::minutes(1));
        world.app().agents().sweep().await.unwrap();
        let page = agent.look(&world).await.json();
        assert_eq!((&page["state"], &page["reason"]), (&json!("refused"), &json!(Reason::AgentWaitedTooLong.id())));
        let mut next = world.soft_agent("desk-2");
        assert_eq!(next.pair(&key).await.code(), 201, "its use was not given back");
        world.clock.advance(Span::days(31));
        world.app().agents().sweep().await.unwrap();
        assert_eq!(told(&agent.look(&world).await), refused(401, Reason::AgentUnknown));
    }

    async fn a_refused_call_is_told_at_once_and_then_by_the_hour(world) {
        let (browser, agent) = with_token(&world, "desk-1").await;
        agent.decide(&browser, "revoke").await;
        for _ in 0..20 {
            agent.beat(&world).await;
        }
        let events = async || browser.get(&format!("/api/v1/events?kind={}", EventKind::AgentStopped.id())).await.json();
        let told = events().await;
        assert_eq!((told["items"].as_array().map(Vec::len), &told["items"][0]["count"]), (Some(1), &json!(1)), "{told}");
        world.clock.advance(Span::minutes(61));
        world.app().agents().sweep().await.unwrap();
        let browser = super::back(&world).await;
        let told = browser.get(&format!("/api/v1/events?kind={}", EventKind::AgentStopped.id())).await.json();
        assert_eq!((told["items"].as_array().map(Vec::len), &told["items"][0]["count"]), (Some(2), &json!(19)), "{told}");
    }
}
