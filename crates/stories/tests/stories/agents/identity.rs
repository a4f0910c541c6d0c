//! Whose call it is: what an agent proves, what its token is good for, and what nobody gets with either. (S03, S06–S09, S51, and RFC 9449.)
use super::{refused, told};
use agent_wire::{
    HeartbeatRequest, VERSION_HEADER,
    proof::{Claims, Dpop, encode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{EventKind, Reason};
use serde_json::{Value, json};
use world::{AgentKey, Browser, Method, Page, SoftAgent, Span, World, drawn};

/// An agent with a token, and the browser of an owner.
async fn with_token(world: &World) -> (Browser, SoftAgent) {
    let browser = super::owner(world).await;
    let mut agent = world.active_agent(&browser, "desk-1").await;
    assert_eq!(agent.renew(world).await.code(), 200);
    (browser, agent)
}

async fn beat_proved(agent: &SoftAgent, proof: &str) -> Page {
    let token = format!("DPoP {}", agent.token.as_deref().unwrap());
    let ask = agent
        .ask("heartbeat")
        .header("dpop", proof)
        .header("authorization", &token);
    ask.json(&json!({})).send().await
}

/// A proof with a header of one's own under the agent's key is not to be had from the library, so it is put together from one of its own.
fn with_header(agent: &SoftAgent, claims: &impl Claims, header: &Value) -> String {
    let signed = agent.key.sign(claims);
    let (_, rest) = signed.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

world::stories! {
    async fn an_agent_gets_a_token_and_is_heard_with_it(world) {
        let (browser, agent) = with_token(&world).await;
        let beat = agent.tell_all(&world).await;
        assert_eq!(beat.code(), 204, "{}", beat.body);
        assert_eq!(beat.header("doorward-agent-oldest"), Some("0.1.0"));
        world.app().agents().flush().await;
        let seen = agent.seen_by(&browser).await.json();
        assert_eq!((&seen["state"], &seen["online"]), (&json!("active"), &json!(true)), "{seen}");
    }

    async fn s51_a_token_of_an_agent_opens_no_door_of_people_and_the_other_way_round(world) {
        let (browser, agent) = with_token(&world).await;
        let token = agent.token.clone().unwrap();
        for route in world.routes().iter().filter(|route| route.who.contains("person") && route.path.starts_with("/api/")) {
            let path = route.path.replace("{id}", agent.id());
            for scheme in ["Bearer", "DPoP"] {
                let ask = agent.ask("self");
                drop(ask);
                let ask = world.browser().ask(route.method.parse().unwrap(), &path).header("authorization", &format!("{scheme} {token}"));
                let page = ask.header("dpop", &agent.key.sign(&agent.dpop(&world, "heartbeat", true))).json(&json!({})).send().await;
                assert_eq!(page.code(), 401, "{scheme} at {} {path}: {}", route.method, page.body);
            }
        }
        let key = world.program_of(&browser, &["own.see"]).await;
        for route in world.routes().iter().filter(|route| route.who == "agent") {
            let with_key = key.ask(route.method.parse().unwrap(), route.path).header(VERSION_HEADER, "0.1.0").json(&json!({})).send().await;
            let with_session = browser.ask(route.method.parse().unwrap(), route.path).header(VERSION_HEADER, "0.1.0").json(&json!({})).send().await;
            for page in [with_key, with_session] {
                assert!(route.path.ends_with("nonce") || [400, 401].contains(&page.code()), "{} {}: {}", route.path, page.code(), page.body);
            }
        }
    }

    async fn s06_a_proof_that_was_edited_or_signed_by_another_is_none(world) {
        let (_, agent) = with_token(&world).await;
        let claims = || agent.dpop(&world, "heartbeat", true);
        let good = agent.key.sign(&claims());
        let parts: Vec<&str> = good.split('.').collect();
        let jwk = serde_json::to_value(&agent.key.public).unwrap();
        let none = json!({"typ": "dpop+jwt", "alg": "none", "jwk": jwk}).to_string();
        let other = AgentKey::new();
        for (what, proof) in [
            ("cut", format!("{}.{}.", parts[0], parts[1])),
            ("none", format!("{}.{}.", URL_SAFE_NO_PAD.encode(none), parts[1])),
            ("hmac", with_header(&agent, &claims(), &json!({"typ": "dpop+jwt", "alg": "HS256", "jwk": jwk}))),
            ("another's key in the header", with_header(&agent, &claims(), &json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": other.public}))),
            ("another kind", with_header(&agent, &claims(), &json!({"typ": "jwt", "alg": "EdDSA", "jwk": jwk}))),
            ("critical", with_header(&agent, &claims(), &json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk, "crit": ["x"]}))),
            ("a private key", with_header(&agent, &claims(), &json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": jwk["x"], "d": "AA"}}))),
            ("nothing", String::new()),
        ] {
            let page = beat_proved(&agent, &proof).await;
            assert_eq!(told(&page), refused(401, Reason::AgentProofWrong), "{what}");
            assert_eq!(page.header("www-authenticate"), Some("DPoP algs=\"EdDSA\""), "{what}");
        }
        assert_eq!(beat_proved(&agent, &good).await.code(), 200, "an inventory is asked for");
    }

    async fn a_proof_is_of_one_call_one_token_and_one_minute_and_counts_once(world) {
        let (_, agent) = with_token(&world).await;
        let good = agent.dpop(&world, "heartbeat", true);
        let at = |seconds: i64| Dpop { iat: good.iat + seconds, jti: drawn(), ..good.clone() };
        for (what, claims, wanted) in [
            ("another call", Dpop { htu: agent.address("rotate"), ..at(0) }, Reason::AgentProofWrong),
            ("another server", Dpop { htu: good.htu.replace("localhost", "evil.example"), ..at(0) }, Reason::AgentProofWrong),
            ("another method", Dpop { htm: "GET".into(), ..at(0) }, Reason::AgentProofWrong),
            ("another token", Dpop { ath: Some(encode(&[7; 32])), ..at(0) }, Reason::AgentProofWrong),
            ("no token", Dpop { ath: None, ..at(0) }, Reason::AgentProofWrong),
            ("no number", Dpop { jti: String::new(), ..at(0) }, Reason::AgentProofWrong),
            ("old", at(-61), Reason::AgentClock),
            ("of the future", at(61), Reason::AgentClock),
        ] {
            assert_eq!(told(&beat_proved(&agent, &agent.key.sign(&claims)).await), refused(401, wanted), "{what}");
        }
        for seconds in [-60, 0, 60] {
            assert_eq!(beat_proved(&agent, &agent.key.sign(&at(seconds))).await.code(), 200, "{seconds}");
        }
        let once = agent.key.sign(&at(0));
        assert_eq!(beat_proved(&agent, &once).await.code(), 200);
        assert_eq!(told(&beat_proved(&agent, &once).await), refused(401, Reason::AgentProofAgain));
    }

    async fn s08_a_token_under_another_agents_key_is_refused_and_told(world) {
        let (browser, agent) = with_token(&world).await;
        let mut thief = world.active_agent(&browser, "desk-2").await;
        thief.token.clone_from(&agent.token);
        assert_eq!(told(&thief.beat(&world).await), refused(401, Reason::AgentTokenOther));
        assert_eq!(told(&thief.unpair(&world).await), refused(401, Reason::AgentTokenOther));
        let events = browser.get(&format!("/api/v1/events?kind={}", EventKind::AgentStopped.id())).await.json();
        assert_eq!(events["items"][0]["reason"], json!(Reason::AgentTokenOther.id()), "{events}");
        assert_eq!(agent.state(&world).await, "active");
        // And an assertion in another's name, with one's own key.
        let mut claims = thief.assertion(&world);
        (claims.iss, claims.sub) = (agent.id().to_owned(), agent.id().to_owned());
        let mut body = thief.token_body(&world);
        body["client_assertion"] = json!(thief.key.sign(&claims));
        assert_eq!(told(&thief.with_key(&world, "token").json(&body).send().await), refused(401, Reason::AgentProofWrong));
    }

    async fn s51_an_assertion_is_for_this_server_young_and_counts_once(world) {
        let (_, agent) = with_token(&world).await;
        let good = agent.assertion(&world);
        let send = async |claims: &agent_wire::proof::Assertion| {
            let mut body = agent.token_body(&world);
            body["client_assertion"] = json!(agent.key.sign(claims));
            agent.with_key(&world, "token").json(&body).send().await
        };
        let with = |change: fn(&mut agent_wire::proof::Assertion)| {
            let mut claims = agent_wire::proof::Assertion { jti: drawn(), ..good.clone() };
            change(&mut claims);
            claims
        };
        for (what, claims, wanted) in [
            ("another audience", with(|claims| claims.aud = "https://other.example/api/v1/agents/token".into()), Reason::AgentProofWrong),
            ("another call", with(|claims| claims.aud = claims.aud.replace("token", "heartbeat")), Reason::AgentProofWrong),
            ("another subject", with(|claims| claims.sub = "01936d2c-5b7e-7000-8000-000000000000".into()), Reason::AgentProofWrong),
            ("over", with(|claims| claims.exp = claims.iat), Reason::AgentClock),
            ("too long", with(|claims| claims.exp = claims.iat + 301), Reason::AgentClock),
            ("old", with(|claims| (claims.iat, claims.exp) = (claims.iat - 90, claims.iat + 60)), Reason::AgentClock),
        ] {
            assert_eq!(told(&send(&claims).await), refused(401, wanted), "{what}");
        }
        let once = with(|_| {});
        assert_eq!(send(&once).await.code(), 200);
        assert_eq!(told(&send(&once).await), refused(401, Reason::AgentProofAgain));
        let mut body = agent.token_body(&world);
        body["client_assertion_type"] = json!("urn:ietf:params:oauth:client-assertion-type:saml2-bearer");
        assert_eq!(agent.with_key(&world, "token").json(&body).send().await.code(), 400);
    }

    async fn a_token_ends_after_ten_minutes_and_nothing_else_is_one(world) {
        let (_, mut agent) = with_token(&world).await;
        world.clock.advance(Span::seconds(599));
        assert_eq!(agent.beat(&world).await.code(), 200);
        world.clock.advance(Span::seconds(1));
        assert_eq!(told(&agent.beat(&world).await), refused(401, Reason::AgentTokenOver));
        let ended = agent.token.clone().unwrap();
        for bad in ["", "dwa_", "dwk_aaaa", "abc", agent.ratchet.clone().unwrap().as_str(), &ended[..ended.len() - 4]] {
            agent.token = Some(bad.to_owned());
            assert_eq!(told(&agent.beat(&world).await), refused(401, Reason::AgentTokenOver), "{bad}");
        }
        agent.token = None;
        assert_eq!(told(&agent.beat(&world).await), refused(401, Reason::AgentTokenMissing));
        assert_eq!(told(&agent.ask("heartbeat").json(&json!({})).send().await), refused(401, Reason::AgentProofMissing));
    }

    async fn s03_nothing_secret_stands_in_an_address_and_every_call_names_a_version(world) {
        let (_, agent) = with_token(&world).await;
        let token = agent.token.clone().unwrap();
        for call in ["self", "heartbeat", "token", "rotate", "unpair", "nonce", "pair"] {
            let method = if call == "self" { Method::GET } else { Method::POST };
            let ask = |path: &str| world.browser().ask(method.clone(), path).without_cookies().header(VERSION_HEADER, "0.1.0").json(&json!({}));
            let path = format!("/api/v1/agents/{call}");
            let page = ask(&format!("{path}?access_token={token}")).send().await;
            assert_eq!(told(&page), refused(400, Reason::AgentAddress), "{call}");
            for version in ["", "new", "0", "x.y.z"] {
                let page = ask(&path).header(VERSION_HEADER, version).send().await;
                assert_eq!(told(&page), refused(400, Reason::AgentVersionMissing), "{call} {version}");
            }
            assert_eq!(told(&ask(&path).header(VERSION_HEADER, "0.0.9").send().await), refused(400, Reason::AgentTooOld), "{call}");
            let without = world.browser().ask(method.clone(), &path).json(&json!({})).send().await;
            assert_eq!(told(&without), refused(400, Reason::AgentVersionMissing), "{call}");
        }
    }

    async fn a_revoked_agent_is_out_at_its_next_call_on_every_node(world) {
        let (browser, agent) = with_token(&world).await;
        assert_eq!(agent.beat(&world).await.code(), 200);
        assert_eq!(agent.decide(&browser, "revoke").await.code(), 200);
        assert_eq!(agent.beat(&world).await.code(), 403);
        assert_eq!(agent.state(&world).await, "revoked");
        assert_eq!(agent.clone().renew(&world).await.code(), 403);
        if world.engine() == world::Engine::Postgres {
            let elsewhere = agent.clone().towards(world.second_node().await);
            assert_eq!(elsewhere.beat(&world).await.code(), 403);
        }
    }

    async fn s09_only_an_agent_itself_gives_its_identity_back(world) {
        let (browser, agent) = with_token(&world).await;
        let thief = AgentKey::new();
        let mut other = agent.clone();
        other.key = thief;
        for page in [
            agent.ask("unpair").json(&json!({})).send().await,
            agent.ask("unpair").json(&json!({"agent_id": agent.id()})).send().await,
            other.unpair(&world).await,
            other.with_key(&world, "unpair").json(&json!({})).send().await,
            // The key alone, as a copy without the newest token has it.
            agent.with_key(&world, "unpair").json(&json!({})).send().await,
        ] {
            assert_eq!(page.code(), 401, "{}", page.body);
        }
        assert_eq!(agent.state(&world).await, "active");
        assert_eq!((agent.unpair(&world).await.code(), agent.unpair(&world).await.code()), (204, 204), "the answer was lost");
        assert_eq!(told(&agent.beat(&world).await), refused(403, Reason::AgentIsUnpaired));
        assert_eq!(agent.look(&world).await.json()["reason"], json!(Reason::AgentIsUnpaired.id()));
        let events = browser.get(&format!("/api/v1/events?kind={}", EventKind::AgentUnpaired.id())).await.json();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
    }

    async fn a_key_is_changed_by_both_and_a_lost_answer_loses_no_agent(world) {
        let (browser, mut agent) = with_token(&world).await;
        let (next, stranger) = (AgentKey::new(), AgentKey::new());
        let good = agent.rotation(&world, &next);
        for (field, value) in [("by_new", json!(good["by_old"])), ("by_old", json!(good["by_new"])), ("public_key", json!(stranger.public))] {
            let mut bad = good.clone();
            bad[field] = value;
            let page = agent.with_token(&world, "rotate").json(&bad).send().await;
            assert_eq!(told(&page), refused(401, Reason::AgentProofWrong), "{field}");
        }
        // The answer is lost, and it comes again; another new key after it does not.
        for _ in 0..2 {
            assert_eq!(agent.lose_a_rotation(&world, &next).await.code(), 204);
        }
        assert_eq!(told(&agent.lose_a_rotation(&world, &stranger).await), refused(401, Reason::AgentTokenOver));
        assert_eq!(told(&agent.beat(&world).await), refused(401, Reason::AgentTokenOver));
        assert_eq!(told(&agent.look(&world).await), refused(401, Reason::AgentUnknown));
        agent.key = next;
        assert_eq!(agent.state(&world).await, "active");
        assert_eq!((agent.renew(&world).await.code(), agent.beat(&world).await.code()), (200, 200));
        let events = browser.get(&format!("/api/v1/events?kind={}", EventKind::AgentRotated.id())).await.json();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(1), "{events}");
        // Nobody takes another agent's key for their own.
        let mut other = world.active_agent(&browser, "desk-2").await;
        other.renew(&world).await;
        assert_eq!(told(&other.lose_a_rotation(&world, &agent.key).await), refused(409, Reason::AgentKeyTaken));
    }

    async fn whoever_asks_it_to_change_its_key_is_heard_at_the_next_heartbeat(world) {
        let (browser, mut agent) = with_token(&world).await;
        agent.tell_all(&world).await;
        assert_eq!(agent.decide(&browser, "rotate").await.code(), 200);
        assert_eq!(agent.tell_all(&world).await.json(), json!({"do": "rotate"}));
        let next = AgentKey::new();
        assert_eq!(agent.lose_a_rotation(&world, &next).await.code(), 204);
        agent.key = next;
        agent.renew(&world).await;
        assert_eq!(agent.tell_all(&world).await.code(), 204);
    }

    async fn agents_come_from_the_networks_that_policy_names_and_of_no_organisation_that_is_shut(world) {
        let (browser, mut agent) = with_token(&world).await;
        world.set_policy(|values| values.agents = Some(vec!["203.0.113.0/24".parse().unwrap()])).await;
        for page in [agent.beat(&world).await, agent.look(&world).await, agent.clone().renew(&world).await] {
            assert_eq!(told(&page), refused(403, Reason::AgentNetwork));
        }
        world.set_policy(|values| values.agents = Some(vec!["127.0.0.0/8".parse().unwrap()])).await;
        assert_eq!((agent.renew(&world).await.code(), agent.beat(&world).await.code()), (200, 200));
        drop(browser);
    }

    async fn a_policys_dry_run_names_the_agents_that_it_would_stop(world) {
        let (browser, agent) = with_token(&world).await;
        agent.beat(&world).await;
        world.app().agents().flush().await;
        let own = browser.get("/api/v1/me").await.json()["organisation"]["id"].as_str().unwrap().to_owned();
        let tried = async |networks: &Value| {
            let path = format!("/api/v1/organisations/{own}/policy?dry_run=true");
            browser.ask(Method::PUT, &path).json(&json!({"networks": {"agents": networks}})).send().await
        };
        let page = tried(&json!(["203.0.113.0/24"])).await;
        assert_eq!((page.code(), &page.json()["stops"]["agents"]), (200, &json!([agent.id()])), "{}", page.body);
        assert_eq!(tried(&json!(["127.0.0.0/8"])).await.json()["stops"]["agents"], json!([]));
        let look = browser.post("/app/policies/networks", &[("networks.people", ""), ("networks.agents", "203.0.113.0/24")]).await;
        assert!(look.text().contains("This stops 0 people and 1 agent: at once.") && look.text().contains("desk-1"), "{}", look.text());
        assert_eq!(agent.beat(&world).await.code(), 200, "nothing is saved yet");
    }

    async fn a_stranger_with_a_good_proof_of_an_unknown_key_hears_no_more_than_that(world) {
        let stranger = world.soft_agent("desk-9");
        assert_eq!(told(&stranger.look(&world).await), refused(401, Reason::AgentUnknown));
        assert_eq!(told(&stranger.with_key(&world, "token").json(&json!({})).send().await), refused(401, Reason::AgentUnknown));
    }

    async fn bodies_are_read_strictly(world) {
        let (_, agent) = with_token(&world).await;
        for bad in [json!({"clock_millis": "1"}), json!({"inventory_hash": 7}), json!({"state": "active"}), json!({"inventory": {"mac": "x"}}), json!("x")] {
            let page = agent.with_token(&world, "heartbeat").json(&bad).send().await;
            assert_eq!(page.code(), 400, "{bad}: {}", page.body);
        }
        let marks = json!({"machine": "readable", "hardware": []});
        let mut body = agent.token_body(&world);
        body["marks"] = marks;
        assert_eq!(agent.with_key(&world, "token").json(&body).send().await.code(), 400);
        assert_eq!(agent.beat_with(&world, &HeartbeatRequest::default()).await.code(), 200);
    }
}
