//! Copies: the ratchet against the whole server. What is one machine goes on whatever happens to its answers; what is two is noticed.
use super::{refused, told};
use kernel::{EventKind, Reason};
use serde_json::json;
use world::{Browser, SoftAgent, Span, World};

async fn with_token(world: &World) -> (Browser, SoftAgent) {
    let browser = super::owner(world).await;
    let mut agent = world.active_agent(&browser, "desk-1").await;
    for _ in 0..3 {
        assert_eq!(agent.renew(world).await.code(), 200);
    }
    (browser, agent)
}

/// How many events of a kind there are.
async fn count(browser: &Browser, kind: EventKind) -> usize {
    let events = browser.get(&format!("/api/v1/events?kind={}", kind.id())).await.json();
    events["items"].as_array().map_or(0, Vec::len)
}

world::stories! {
    async fn lost_answers_and_restarts_are_no_forks(world) {
        let (browser, mut agent) = with_token(&world).await;
        for _ in 0..4 {
            let (one, other) = (agent.lose_a_token(&world).await, agent.lose_a_token(&world).await);
            assert_eq!((one.code(), other.code()), (200, 200));
            assert_eq!(one.json()["ratchet"], other.json()["ratchet"], "the same answer again");
        }
        world.restart().await;
        assert_eq!(agent.renew(&world).await.code(), 200);
        assert_eq!((agent.renew(&world).await.code(), agent.beat(&world).await.code()), (200, 200));
        assert_eq!(count(&browser, EventKind::AgentCopied).await, 0);
    }

    async fn parallel_calls_of_one_attempt_get_one_answer(world) {
        let (browser, mut agent) = with_token(&world).await;
        agent.attempt = Some(world::drawn());
        let calls = (0..12).map(|_| {
            let (mut agent, world) = (agent.clone(), world.clone());
            tokio::spawn(async move { agent.lose_a_token(&world).await })
        });
        let mut values = Vec::new();
        for call in calls.collect::<Vec<_>>() {
            let page = call.await.unwrap();
            assert_eq!(page.code(), 200, "{}", page.body);
            values.push(page.json()["ratchet"].clone());
        }
        values.dedup();
        assert_eq!(values.len(), 1, "{values:?}");
        assert_eq!(agent.renew(&world).await.code(), 200);
        assert_eq!(count(&browser, EventKind::AgentCopied).await, 0);
    }

    async fn a_copy_on_another_machine_is_refused_and_the_paired_one_goes_on(world) {
        let (browser, mut agent) = with_token(&world).await;
        let mut copy = agent.copied_to("desk-2");
        assert_eq!(agent.renew(&world).await.code(), 200);
        assert_eq!(told(&copy.renew(&world).await), refused(403, Reason::AgentIsCopied));
        assert_eq!(told(&copy.renew(&world).await), refused(403, Reason::AgentIsCopied));
        assert_eq!((agent.beat(&world).await.code(), agent.renew(&world).await.code()), (200, 200));
        assert_eq!(count(&browser, EventKind::AgentCopied).await, 1);
    }

    async fn a_copy_that_comes_first_loses_to_the_paired_machine_and_its_token_dies(world) {
        let (browser, mut agent) = with_token(&world).await;
        let mut copy = agent.copied_with_its_machine_id("desk-2");
        assert_eq!((copy.renew(&world).await.code(), copy.beat(&world).await.code()), (200, 200));
        assert_eq!(agent.renew(&world).await.code(), 200);
        assert_eq!(told(&copy.beat(&world).await), refused(401, Reason::AgentTokenOver));
        assert_eq!(told(&copy.renew(&world).await), refused(403, Reason::AgentIsCopied));
        // The answer that made the difference may be lost, too.
        assert_eq!((agent.beat(&world).await.code(), agent.renew(&world).await.code()), (200, 200));
        assert_eq!(count(&browser, EventKind::AgentCopied).await, 1);
    }

    async fn the_answer_that_tells_the_paired_machine_apart_may_be_lost(world) {
        let (_, mut agent) = with_token(&world).await;
        let mut copy = agent.copied_to("desk-2");
        assert_eq!(copy.renew(&world).await.code(), 200);
        let first = agent.lose_a_token(&world).await;
        assert_eq!(first.code(), 200, "{}", first.body);
        assert_eq!(agent.renew(&world).await.json()["ratchet"], first.json()["ratchet"]);
        assert_eq!(agent.renew(&world).await.code(), 200);
    }

    async fn two_copies_of_which_neither_is_the_paired_machine_are_set_aside_until_somebody_picks(world) {
        let (browser, agent) = with_token(&world).await;
        let (mut one, mut other) = (agent.copied_to("desk-2"), agent.copied_to("desk-3"));
        assert_eq!(one.renew(&world).await.code(), 200);
        assert_eq!(told(&other.renew(&world).await), refused(403, Reason::AgentIsCloned));
        for page in [one.beat(&world).await, one.renew(&world).await, other.renew(&world).await] {
            assert_eq!(told(&page), refused(403, Reason::AgentIsCloned));
        }
        assert_eq!((one.state(&world).await.as_str(), one.look(&world).await.json()["reason"].clone()), ("cloned", json!(Reason::AgentIsCloned.id())));
        let picked = one.decide_with(&browser, "pick", &json!({"keep": "second"})).await;
        assert_eq!(picked.code(), 200, "{}", picked.body);
        assert_eq!(told(&one.renew(&world).await), refused(403, Reason::AgentIsCopied));
        assert_eq!((other.renew(&world).await.code(), other.beat(&world).await.code()), (200, 200));
        assert_eq!(told(&one.renew(&world).await), refused(403, Reason::AgentIsCopied));
    }

    async fn a_copy_with_the_same_marks_is_found_out_while_its_original_lives(world) {
        let (browser, mut agent) = with_token(&world).await;
        let mut copy = agent.clone();
        assert_eq!(agent.renew(&world).await.code(), 200);
        let page = copy.renew(&world).await;
        assert_eq!(told(&page), refused(503, Reason::AgentInDoubt));
        assert_eq!(page.header("retry-after"), Some("150"));
        world.clock.advance(Span::seconds(60));
        copy.attempt = None;
        assert_eq!(copy.renew(&world).await.header("retry-after"), Some("90"), "another attempt waits no longer");
        assert_eq!(told(&agent.beat(&world).await), refused(403, Reason::AgentIsCloned));
        assert_eq!(told(&copy.renew(&world).await), refused(403, Reason::AgentIsCloned));
        assert_eq!(count(&browser, EventKind::AgentCopied).await, 1);
        let picked = agent.decide_with(&browser, "pick", &json!({"keep": "first"})).await;
        assert_eq!(picked.code(), 200, "{}", picked.body);
        assert_eq!(told(&agent.beat(&world).await), refused(401, Reason::AgentTokenOver));
        assert_eq!(told(&copy.renew(&world).await), refused(403, Reason::AgentIsCopied));
        assert_eq!((agent.renew(&world).await.code(), agent.beat(&world).await.code()), (200, 200));
    }

    async fn a_machine_that_was_put_back_to_a_snapshot_goes_on_after_a_short_wait(world) {
        let (browser, mut agent) = with_token(&world).await;
        let snapshot = agent.clone();
        for _ in 0..3 {
            agent.renew(&world).await;
        }
        let later = agent;
        let mut agent = snapshot.clone();
        // What was signed before it was put back comes late, and proves nothing.
        assert_eq!(told(&agent.renew(&world).await), refused(503, Reason::AgentInDoubt));
        assert_eq!(later.beat(&world).await.code(), 200);
        world.clock.advance(Span::seconds(150));
        assert_eq!((agent.renew(&world).await.code(), agent.beat(&world).await.code()), (200, 200));
        assert_eq!((count(&browser, EventKind::AgentRestored).await, count(&browser, EventKind::AgentCopied).await), (1, 0));
        // And a second time to the same snapshot.
        let mut agent = snapshot;
        assert_eq!(told(&agent.renew(&world).await), refused(503, Reason::AgentInDoubt));
        world.clock.advance(Span::seconds(151));
        assert_eq!((agent.renew(&world).await.code(), agent.renew(&world).await.code()), (200, 200));
    }

    async fn a_machine_that_lost_its_value_but_not_its_key_is_an_old_state_as_well(world) {
        let (_, agent) = with_token(&world).await;
        let mut bare = agent.clone();
        (bare.ratchet, bare.attempt) = (None, None);
        assert_eq!(told(&bare.renew(&world).await), refused(503, Reason::AgentInDoubt));
        world.clock.advance(Span::seconds(150));
        assert_eq!(bare.renew(&world).await.code(), 200);
        let mut made_up = agent;
        for bad in ["1.9.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "", "7"] {
            made_up.ratchet = Some(bad.into());
            assert_eq!(told(&made_up.renew(&world).await), refused(401, Reason::AgentValueUnknown), "{bad}");
        }
    }

    async fn a_server_that_was_put_back_takes_the_values_that_it_forgot(world) {
        let (browser, mut agent) = with_token(&world).await;
        let store = world.app().ground().store.clone();
        let forgot: ground::db::Result<u64> = store.write(|tx| tx.run("UPDATE agent_ratchet SET step = 1", &[])).await;
        assert_eq!(forgot.unwrap(), 1);
        assert_eq!(told(&agent.beat(&world).await), refused(401, Reason::AgentTokenOver));
        assert_eq!((agent.renew(&world).await.code(), agent.beat(&world).await.code()), (200, 200));
        assert_eq!(count(&browser, EventKind::AgentCopied).await, 0);
    }
}
