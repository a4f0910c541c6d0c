//! What makes it hard to tell a copy from its original: copies made at bad moments, calls at once and on two nodes, machines and servers that were put
//! back to an earlier state, a third machine.
use super::{events, owner, refused, told};
use kernel::{EventKind, Reason};
use serde_json::{Value, json};
use world::{Browser, Engine, Page, SoftAgent, Span, World, drawn, marks_of};

/// A paired agent with this many tokens behind it.
async fn running(world: &World, tokens: usize) -> (Browser, SoftAgent) {
    let browser = owner(world).await;
    let mut agent = world.active_agent(&browser, "till-1").await;
    for _ in 0..tokens {
        renewed(world, &mut agent).await;
    }
    (browser, agent)
}

async fn renewed(world: &World, agent: &mut SoftAgent) {
    let page = agent.renew(world).await;
    assert_eq!(page.code(), 200, "{}", page.body);
}

async fn stays_out(world: &World, agent: &mut SoftAgent, reason: Reason) {
    assert_eq!(told(&agent.renew(world).await), refused(403, reason));
}

async fn works(world: &World, agent: &SoftAgent) {
    let page = agent.beat(world).await;
    assert!([200, 204].contains(&page.code()), "{} {}", page.code(), page.body);
}

fn is_in_doubt(page: &Page) {
    assert_eq!(told(page), refused(503, Reason::AgentInDoubt));
    assert!(
        page.retry_after().is_some_and(|after| (1..=150).contains(&after)),
        "{:?}",
        page.retry_after()
    );
}

/// Of two machines that both seem the right one each has come; now both are out until somebody picks.
async fn both_are_out(world: &World, browser: &Browser, first: &mut SoftAgent, second: &mut SoftAgent) {
    assert_eq!(first.seen_by(browser).await.json()["state"], json!("cloned"));
    for agent in [first, second] {
        assert_eq!(told(&agent.beat(world).await), refused(403, Reason::AgentIsCloned));
        stays_out(world, agent, Reason::AgentIsCloned).await;
    }
    assert_eq!(events(browser, EventKind::AgentCopied).await.len(), 1);
}

async fn pick(agent: &SoftAgent, browser: &Browser, keep: &str) -> u16 {
    agent.decide_with(browser, "pick", &json!({"keep": keep})).await.code()
}

world::stories! {
    async fn a_copy_made_right_after_pairing_is_seen_as_well(world) {
        let (_, mut agent) = running(&world, 0).await;
        let mut copy = agent.copied_to("till-2");
        renewed(&world, &mut agent).await;
        stays_out(&world, &mut copy, Reason::AgentIsCopied).await;
        renewed(&world, &mut agent).await;
        works(&world, &agent).await;
    }

    async fn a_copy_made_between_a_call_and_its_answer_is_seen_with_the_next_token(world) {
        let (_, mut agent) = running(&world, 2).await;
        let lost = agent.lose_a_token(&world).await;
        assert_eq!(lost.code(), 200);
        let mut copy = agent.copied_to("till-2");
        // Both hold the same attempt, and get the same answer; but only one of them the next.
        renewed(&world, &mut agent).await;
        renewed(&world, &mut copy).await;
        assert_eq!(agent.ratchet, copy.ratchet);
        renewed(&world, &mut agent).await;
        stays_out(&world, &mut copy, Reason::AgentIsCopied).await;
    }

    async fn two_machines_that_both_look_right_are_set_aside_until_somebody_picks(world) {
        let (browser, mut agent) = running(&world, 3).await;
        let mut copy = agent.clone();
        renewed(&world, &mut agent).await;
        works(&world, &agent).await;
        is_in_doubt(&copy.renew(&world).await);
        works(&world, &agent).await;
        world.clock.advance(Span::seconds(60));
        // The original's heartbeat tells that it is alive beside the other.
        assert_eq!(told(&agent.beat(&world).await), refused(403, Reason::AgentIsCloned));
        both_are_out(&world, &browser, &mut agent, &mut copy).await;
        assert_eq!(pick(&agent, &browser, "first").await, 200);
        assert_eq!(told(&agent.beat(&world).await).0, 401, "a token from before the pick");
        renewed(&world, &mut agent).await;
        works(&world, &agent).await;
        stays_out(&world, &mut copy, Reason::AgentIsCopied).await;
        renewed(&world, &mut agent).await;
        assert_eq!(events(&browser, EventKind::AgentPicked).await.len(), 1);
    }

    async fn whoever_is_picked_goes_on_and_the_other_does_not(world) {
        let (browser, mut agent) = running(&world, 3).await;
        let mut copy = agent.clone();
        renewed(&world, &mut agent).await;
        is_in_doubt(&copy.renew(&world).await);
        world.clock.advance(Span::seconds(100));
        stays_out(&world, &mut agent, Reason::AgentIsCloned).await;
        both_are_out(&world, &browser, &mut agent, &mut copy).await;
        assert_eq!(pick(&agent, &browser, "second").await, 200);
        stays_out(&world, &mut agent, Reason::AgentIsCopied).await;
        renewed(&world, &mut copy).await;
        works(&world, &copy).await;
        stays_out(&world, &mut agent, Reason::AgentIsCopied).await;
        renewed(&world, &mut copy).await;
        assert_eq!(copy.seen_by(&browser).await.json()["state"], json!("active"));
        assert_eq!(pick(&agent, &browser, "first").await, 409, "there is nothing to pick any more");
    }

    async fn a_machine_that_was_put_back_to_a_snapshot_goes_on_after_a_wait(world) {
        let (browser, mut agent) = running(&world, 2).await;
        let mut snapshot = agent.clone();
        for _ in 0..3 {
            renewed(&world, &mut agent).await;
        }
        works(&world, &agent).await;
        let page = snapshot.renew(&world).await;
        is_in_doubt(&page);
        // It asks again, also as a new process with another attempt: the wait is the same one.
        world.clock.advance(Span::seconds(100));
        snapshot.attempt = None;
        is_in_doubt(&snapshot.renew(&world).await);
        world.clock.advance(Span::seconds(51));
        renewed(&world, &mut snapshot).await;
        works(&world, &snapshot).await;
        renewed(&world, &mut snapshot).await;
        assert_eq!(events(&browser, EventKind::AgentRestored).await.len(), 1);
        assert!(events(&browser, EventKind::AgentCopied).await.is_empty());
        // What it was before is a copy from now on, if it ever comes: it looks the same, so somebody has to pick.
        assert_eq!(told(&agent.beat(&world).await).0, 401);
        is_in_doubt(&agent.renew(&world).await);
        world.clock.advance(Span::seconds(30));
        assert_eq!(told(&snapshot.beat(&world).await), refused(403, Reason::AgentIsCloned));
        both_are_out(&world, &browser, &mut agent, &mut snapshot).await;
    }

    async fn a_proof_from_before_the_doubt_proves_nothing_however_late_it_comes(world) {
        let (browser, mut agent) = running(&world, 2).await;
        let mut snapshot = agent.clone();
        renewed(&world, &mut agent).await;
        let early = agent.with_token(&world, "heartbeat").json(&json!({}));
        world.clock.advance(Span::seconds(20));
        is_in_doubt(&snapshot.renew(&world).await);
        world.clock.advance(Span::seconds(20));
        assert!([200, 204].contains(&early.send().await.code()));
        assert_eq!(agent.seen_by(&browser).await.json()["state"], json!("active"));
        world.clock.advance(Span::seconds(131));
        renewed(&world, &mut snapshot).await;
    }

    async fn many_calls_at_once_with_one_attempt_are_one(world) {
        let (_, mut agent) = running(&world, 2).await;
        agent.attempt = Some(drawn());
        let node = if world.engine() == Engine::Postgres { world.second_node().await } else { world.addresses()[0] };
        let mut calls = Vec::new();
        for n in 0..12 {
            let mut one = if n % 2 == 0 { agent.clone() } else { agent.clone().towards(node) };
            let world = world.clone();
            calls.push(tokio::spawn(async move { one.lose_a_token(&world).await }));
        }
        let mut answers: Vec<Value> = Vec::new();
        for call in calls {
            let page = call.await.expect("no panic");
            assert_eq!(page.code(), 200, "{}", page.body);
            answers.push(page.json());
        }
        assert!(answers.iter().all(|answer| answer["ratchet"] == answers[0]["ratchet"]), "{answers:?}");
        agent.keep(&answers[0]);
        renewed(&world, &mut agent).await;
        works(&world, &agent).await;
    }

    async fn of_two_copies_that_come_at_once_one_at_most_gets_the_next_value(world) {
        let (_, agent) = running(&world, 2).await;
        for _ in 0..5 {
            let mut calls = Vec::new();
            for n in 0..6 {
                let mut one = if n == 0 { agent.clone() } else { agent.copied_to(&format!("till-{n}")) };
                let world = world.clone();
                calls.push(tokio::spawn(async move { (one.renew(&world).await.code(), one) }));
            }
            let mut given = Vec::new();
            for call in calls {
                let (code, one) = call.await.expect("no panic");
                assert!([200, 403, 503].contains(&code), "{code}");
                if code == 200 {
                    given.push(one);
                }
            }
            let mut living = 0;
            for one in &given {
                living += usize::from([200, 204].contains(&one.beat(&world).await.code()));
            }
            assert!(living <= 1, "{living} machines work with one identity");
        }
    }

    async fn a_restart_of_the_server_in_the_middle_is_no_copy(world) {
        let (_, mut agent) = running(&world, 2).await;
        agent.lose_a_token(&world).await;
        world.restart().await;
        renewed(&world, &mut agent).await;
        works(&world, &agent).await;
        world.restart().await;
        works(&world, &agent).await;
        renewed(&world, &mut agent).await;
    }

    async fn a_server_that_was_put_back_takes_its_agents_as_they_are(world) {
        let (browser, mut agent) = running(&world, 2).await;
        let store = world.app().ground().store.clone();
        for _ in 0..4 {
            renewed(&world, &mut agent).await;
        }
        // As a backup from before would have it.
        store.write(|tx| tx.run("UPDATE agent_ratchet SET step = 1", &[])).await.unwrap();
        assert_eq!(told(&agent.beat(&world).await).0, 401);
        renewed(&world, &mut agent).await;
        works(&world, &agent).await;
        store.write(|tx| tx.run("DELETE FROM agent_ratchet", &[])).await.unwrap();
        renewed(&world, &mut agent).await;
        works(&world, &agent).await;
        renewed(&world, &mut agent).await;
        assert!(events(&browser, EventKind::AgentCopied).await.is_empty());
    }

    async fn a_new_network_card_a_new_name_and_a_new_disk_are_no_other_machine(world) {
        let (browser, mut agent) = running(&world, 2).await;
        let mut snapshot = agent.clone();
        renewed(&world, &mut agent).await;
        snapshot.inventory.hostname = "renamed".into();
        snapshot.inventory.addresses = vec!["10.9.9.9".into()];
        // One of its marks is still the same: the board, though the disk is new.
        let other = marks_of("elsewhere");
        snapshot.marks.hardware = vec![agent.marks.hardware[0].clone(), other.hardware[0].clone()];
        snapshot.marks.hardware.sort();
        is_in_doubt(&snapshot.renew(&world).await);
        world.clock.advance(Span::seconds(151));
        renewed(&world, &mut snapshot).await;
        assert!(events(&browser, EventKind::AgentCopied).await.is_empty());
    }

    async fn a_third_machine_changes_nothing_of_what_two_are_picked_by(world) {
        let (browser, mut agent) = running(&world, 3).await;
        let (mut copy, mut third) = (agent.clone(), agent.copied_to("till-9"));
        renewed(&world, &mut agent).await;
        is_in_doubt(&copy.renew(&world).await);
        stays_out(&world, &mut third, Reason::AgentIsCopied).await;
        world.clock.advance(Span::seconds(30));
        stays_out(&world, &mut agent, Reason::AgentIsCloned).await;
        stays_out(&world, &mut third, Reason::AgentIsCloned).await;
        assert_eq!(pick(&agent, &browser, "second").await, 200);
        // The third has the same value on its disk, but it is not the machine that was picked.
        stays_out(&world, &mut third, Reason::AgentIsCopied).await;
        renewed(&world, &mut copy).await;
        works(&world, &copy).await;
    }
}
