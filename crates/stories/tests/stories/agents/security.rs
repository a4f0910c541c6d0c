//! Faults of systems like ours, where agents and their keys are concerned, each as a test from outside. (S03–S07, S10, S63; what is missing of
//! S03, S06, S08, S09 and S51 stands with the proofs of calls.)
use super::{owner, refused, told};
use kernel::Reason;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use world::{AgentKey, Browser, Engine, Method, Page, SoftAgent, World};

/// All agents that this browser's person sees.
async fn agents(browser: &Browser) -> Vec<Value> {
    let list = browser.get("/api/v1/agents?limit=200").await;
    assert_eq!(list.code(), 200, "{}", list.body);
    list.json()["items"].as_array().cloned().unwrap_or_default()
}

async fn keys(browser: &Browser) -> Vec<Value> {
    let list = browser.get("/api/v1/installation-keys?limit=200").await;
    assert_eq!(list.code(), 200, "{}", list.body);
    list.json()["items"].as_array().cloned().unwrap_or_default()
}

/// Pairs all of these at once, on two nodes where there are two; the answers.
async fn at_once(world: &World, all: Vec<SoftAgent>, key: &str) -> Vec<Page> {
    let node = if world.engine() == Engine::Postgres {
        world.second_node().await
    } else {
        world.addresses()[0]
    };
    let mut calls = Vec::new();
    for (n, agent) in all.into_iter().enumerate() {
        let agent = if n % 2 == 0 { agent } else { agent.towards(node) };
        let key = key.to_owned();
        calls.push(tokio::spawn(async move { agent.try_pair(&key).await }));
    }
    let mut pages = Vec::new();
    for call in calls {
        pages.push(call.await.expect("no panic"));
    }
    pages
}

async fn refused_when(agent: &SoftAgent, key: &str, what: &str, change: impl Fn(&mut Value)) {
    let mut body = agent.pairing(key, &agent.nonce().await);
    change(&mut body);
    let page = agent.ask("pair").json(&body).send().await;
    assert!(
        [400, 401, 422].contains(&page.code()),
        "{what}: {} {}",
        page.code(),
        page.body
    );
}

world::stories! {
    async fn s04_of_fifty_machines_at_once_exactly_as_many_are_paired_as_the_key_has_uses(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({"uses": 5})).await;
        let pages = at_once(&world, (0..50).map(|n| world.soft_agent(&format!("till-{n}"))).collect(), &key).await;
        let mut counts = [0, 0, 0];
        for page in &pages {
            match page.code() {
                201 => counts[0] += 1,
                // More at once than are served: none of these was counted.
                503 => counts[2] += 1,
                _ => {
                    assert_eq!(told(page), refused(403, Reason::InstallationKeySpent));
                    counts[1] += 1;
                }
            }
        }
        assert!(counts[0] == 5 && counts[1] + counts[2] == 45, "{counts:?}");
        assert_eq!(agents(&browser).await.len(), 5);
        assert_eq!(keys(&browser).await[0]["used"], json!(5));
    }

    async fn one_machine_that_pairs_many_times_at_once_is_one_agent_and_one_use(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({"uses": 2})).await;
        let agent = world.soft_agent("till-1");
        let pages = at_once(&world, vec![agent.clone(); 20], &key).await;
        let ids: BTreeSet<String> = pages.iter().map(|page| {
            assert_eq!(page.code(), 201, "{}", page.body);
            format!("{} {}", page.json()["agent_id"], page.json()["user_code"])
        }).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!((agents(&browser).await.len(), &keys(&browser).await[0]["used"]), (1, &json!(1)));
    }

    async fn s04_a_key_that_is_spent_over_revoked_or_unknown_pairs_nobody_and_an_answer_that_was_lost_comes_again(world) {
        let browser = owner(&world).await;
        let soon = (world.clock.now() + world::Span::hours(2)).rfc3339();
        let key = world.installation_key(&browser, &json!({"uses": 1, "ends_at": soon})).await;
        let mut first = world.soft_agent("till-1");
        assert_eq!(first.pair(&key).await.code(), 201);
        let late = world.soft_agent("till-2");
        assert_eq!(told(&late.try_pair(&key).await), refused(403, Reason::InstallationKeySpent));
        let made = world.make_installation_key(&browser, &json!({})).await.json();
        let (other, id) = (made["key"].as_str().unwrap().to_owned(), made["id"].as_str().unwrap().to_owned());
        let mut second = world.soft_agent("till-3");
        assert_eq!(second.pair(&other).await.code(), 201);
        assert_eq!(browser.ask(Method::DELETE, &format!("/api/v1/installation-keys/{id}")).send().await.code(), 204);
        assert_eq!(told(&late.try_pair(&other).await), refused(403, Reason::InstallationKeyRevoked));
        // Whoever was paired already hears the same again.
        for (agent, key) in [(&first, &key), (&second, &other)] {
            let again = agent.try_pair(key).await;
            assert_eq!((again.code(), again.json()["agent_id"].as_str()), (201, agent.id.as_deref()), "{}", again.body);
        }
        world.clock.advance(world::Span::hours(3));
        assert_eq!(told(&late.try_pair(&key).await), refused(403, Reason::InstallationKeyEnded));
        assert_eq!(told(&late.try_pair("DW-0000-0000-0000-0000-0").await), refused(403, Reason::InstallationKeyUnknown));
    }

    async fn a_refused_agent_gives_its_use_back_once_whoever_refuses_it_how_often(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({"uses": 3})).await;
        let mut agent = world.soft_agent("till-1");
        let mut other = world.soft_agent("till-2");
        assert_eq!((agent.pair(&key).await.code(), other.pair(&key).await.code()), (201, 201));
        let mut calls = Vec::new();
        for n in 0..12 {
            let (agent, browser, world) = (agent.clone(), browser.clone(), world.clone());
            calls.push(tokio::spawn(async move {
                match n % 3 {
                    0 => agent.with_key(&world, "unpair").json(&json!({})).send().await.code(),
                    _ => agent.decide(&browser, "refuse").await.code(),
                }
            }));
        }
        for call in calls {
            let code = call.await.expect("no panic");
            // An agent that gives back what was taken from it a moment ago hears that it was refused.
            assert!([200, 204, 403, 409].contains(&code), "{code}");
        }
        assert_eq!(keys(&browser).await[0]["used"], json!(1));
        // It stays out, also when it pairs again with what it has.
        let again = agent.try_pair(&key).await;
        assert!(again.code() != 201 || again.json()["state"] != json!("active"), "{}", again.body);
        assert_eq!(keys(&browser).await[0]["used"], json!(1));
    }

    async fn of_an_approval_and_a_refusal_at_once_one_counts(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({"uses": 50})).await;
        for round in 0..6 {
            let mut agent = world.soft_agent(&format!("till-{round}"));
            assert_eq!(agent.pair(&key).await.code(), 201);
            let mut calls = Vec::new();
            for what in ["approve", "refuse", "approve", "refuse"] {
                let (agent, browser) = (agent.clone(), browser.clone());
                calls.push(tokio::spawn(async move { (what, agent.decide(&browser, what).await.code()) }));
            }
            let mut done = BTreeSet::new();
            for call in calls {
                let (what, code) = call.await.expect("no panic");
                assert!([200, 409].contains(&code), "{what}: {code}");
                if code == 200 {
                    done.insert(what);
                }
            }
            assert_eq!(done.len(), 1, "both were told that they had decided");
            let state = if done.contains("approve") { "active" } else { "refused" };
            assert_eq!(agent.state(&world).await, state);
        }
        let used = keys(&browser).await[0]["used"].as_u64().unwrap();
        let living = agents(&browser).await.iter().filter(|agent| agent["state"] == json!("active")).count();
        assert_eq!(used, u64::try_from(living).unwrap());
    }

    async fn s05_no_page_and_no_list_ever_shows_a_key_or_a_token_again(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({"note": "for the tills"})).await;
        let key_id = keys(&browser).await[0]["id"].as_str().unwrap().to_owned();
        let mut agent = world.active_agent(&browser, "till-1").await;
        agent.renew(&world).await;
        let (token, value) = (agent.token.clone().unwrap(), agent.ratchet.clone().unwrap());
        // What the hint shows is the first group and the check character.
        let canaries = [key[8..].to_owned(), key[8..].replace('-', ""), token, value];
        let mut browsers = vec![browser];
        for role in ["Administrator", "Technician", "Help desk", "Auditor"] {
            let person = world.person(&role.to_lowercase().replace(' ', "-")).await;
            world.give_role(&person, role).await;
            browsers.push(world.entered_with_app(&person).await);
        }
        let routes = world.routes();
        for browser in &browsers {
            for route in routes.iter().filter(|route| route.method == "GET" && !route.path.contains("stream") && !route.path.contains("/events")) {
                for id in [agent.id(), &key_id] {
                    let page = browser.get(&route.path.replace("{id}", id).replace("{*path}", "x").replace("{name}", "x")).await;
                    for canary in &canaries {
                        assert!(!page.body.contains(canary.as_str()), "{} tells a secret", route.path);
                    }
                }
            }
            let log = browser.get("/api/v1/events?limit=200").await;
            assert!(canaries.iter().all(|canary| !log.body.contains(canary.as_str())));
        }
    }

    async fn s06_a_pairing_whose_proof_is_not_its_own_makes_no_row(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({})).await;
        let other_key = world.installation_key(&browser, &json!({})).await;
        let (agent, thief) = (world.soft_agent("till-1"), AgentKey::new());
        let with_nonce = agent.pairing(&key, &agent.nonce().await);
        let signed = with_nonce["proof"].as_str().unwrap().to_owned();
        let [head, body, tail]: [&str; 3] = signed.split('.').collect::<Vec<_>>().try_into().unwrap();
        let none = agent_wire::proof::encode(br#"{"typ":"doorward-pairing+jwt","alg":"none"}"#);
        for (what, proof) in [
            ("no signature", format!("{head}.{body}.")),
            ("alg none", format!("{none}.{body}.")),
            ("alg none with a signature", format!("{none}.{body}.{tail}")),
            ("an edited payload", format!("{head}.{}.{tail}", agent_wire::proof::encode(br#"{"nonce":"x","key_hash":"y"}"#))),
            ("nothing", String::new()),
            ("a proof of a call", agent.key.sign(&agent.dpop(&world, "pair", false))),
        ] {
            refused_when(&agent, &key, what, |body| body["proof"] = json!(proof)).await;
        }
        refused_when(&agent, &key, "another's key", |body| body["public_key"] = json!(thief.public)).await;
        refused_when(&agent, &key, "signed for another installation key", |body| body["installation_key"] = json!(other_key)).await;
        refused_when(&agent, &key, "a private key", |body| body["public_key"]["d"] = json!("AAAA")).await;
        for low in ["AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "7P_______________________________________38"] {
            refused_when(&agent, &key, "a key that signs everything", |body| body["public_key"]["x"] = json!(low)).await;
        }
        for nonce in ["", "made-up", &"A".repeat(75)] {
            let page = agent.ask("pair").json(&agent.pairing(&key, nonce)).send().await;
            assert_eq!(told(&page), refused(401, Reason::AgentNonceOver), "{nonce}");
        }
        world.clock.advance(world::Span::minutes(6));
        let page = agent.ask("pair").json(&with_nonce).send().await;
        assert_eq!(told(&page), refused(401, Reason::AgentNonceOver));
        assert_eq!(agents(&browser).await, Vec::<Value>::new());
        assert!(keys(&browser).await.iter().all(|key| key["used"] == json!(0)));
    }

    async fn s07_what_an_agent_says_of_itself_decides_nothing(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({})).await;
        let mut first = world.soft_agent("till-1");
        first.name = Some("Domain controller".into());
        assert_eq!(first.pair(&key).await.code(), 201);
        let agent = world.soft_agent("till-2");
        for (field, value) in [("state", json!("active")), ("agent_id", json!(first.id())), ("site_id", json!(first.id())), ("organisation", json!(first.id())), ("approved", json!(true))] {
            refused_when(&agent, &key, field, |body| body[field] = value.clone()).await;
            refused_when(&agent, &key, field, |body| body["facts"][field] = value.clone()).await;
        }
        let mut second = world.soft_agent("till-2");
        second.name = Some("Domain controller\u{202e}\r\n\u{1b}[31m<script>".into());
        second.inventory.hostname = "<img src=x>\u{0}".into();
        let paired = second.pair(&key).await;
        if paired.code() == 201 {
            assert_ne!(second.id, first.id);
            let page = browser.get("/app/agents").await;
            assert!(!page.body.contains("<script>") && !page.body.contains("<img src=x") && !page.body.contains('\u{202e}') && !page.body.contains('\u{1b}'));
        } else {
            assert_eq!(paired.code(), 422, "{}", paired.body);
        }
        assert_eq!(first.state(&world).await, "waiting");
    }

    async fn s10_keys_and_codes_are_never_alike_at_one_moment_over_restarts(world) {
        let mut browser = owner(&world).await;
        let (mut texts, mut codes) = (Vec::new(), BTreeSet::new());
        for _ in 0..5 {
            for n in 0..20 {
                let key = world.installation_key(&browser, &json!({})).await;
                if n % 4 == 0 {
                    let paired = world.soft_agent(&format!("till-{}", texts.len())).try_pair(&key).await;
                    codes.insert(paired.json()["user_code"].as_str().expect("a code").to_owned());
                }
                texts.push(key);
            }
            world.restart().await;
            browser = super::back(&world).await;
        }
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 100);
        assert_eq!(codes.len(), 25);
        assert!(codes.iter().all(|code| code.len() == 9 && code.chars().all(|c| c == '-' || "BCDFGHJKLMNPQRSTVWXZ".contains(c))), "{codes:?}");
        // At one moment all else is drawn: no place of the text stands still.
        for at in [3, 4, 5, 6, 8, 9, 13, 14, 18, 19, 20, 21] {
            let seen: BTreeSet<_> = texts.iter().filter_map(|text| text.chars().nth(at)).collect();
            assert!(seen.len() > 12, "at {at}: {seen:?}");
        }
    }

    async fn s63_what_is_another_organisations_is_not_there_one_by_one_or_in_bulk(world) {
        let browser = owner(&world).await;
        let mut mine = world.soft_agent("till-1");
        let key = world.installation_key(&browser, &json!({})).await;
        mine.pair(&key).await;
        let elsewhere = world.elsewhere("Contoso").await;
        let theirs_browser = world.entered_with_app(&elsewhere.owner).await;
        let their_key = world.installation_key(&theirs_browser, &json!({})).await;
        let their_key_id = keys(&theirs_browser).await[0]["id"].as_str().unwrap().to_owned();
        let mut theirs = world.soft_agent("till-1");
        assert_eq!(theirs.pair(&their_key).await.code(), 201);
        // The same key pair at both: the first one keeps it, and hears nothing of it.
        let moved = mine.try_pair(&their_key).await;
        assert!([403, 409].contains(&moved.code()) && !moved.body.contains(mine.id()), "{}", moved.body);
        for (method, path) in [
            ("GET", format!("/api/v1/agents/{}", theirs.id())),
            ("PATCH", format!("/api/v1/agents/{}", theirs.id())),
            ("GET", format!("/api/v1/installation-keys/{their_key_id}/refusals")),
            ("DELETE", format!("/api/v1/installation-keys/{their_key_id}")),
            ("POST", format!("/api/v1/agents/{}/approve", theirs.id())),
            ("POST", format!("/api/v1/agents/{}/refuse", theirs.id())),
            ("POST", format!("/api/v1/agents/{}/revoke", theirs.id())),
            ("POST", format!("/api/v1/agents/{}/rotate", theirs.id())),
            ("POST", format!("/api/v1/agents/{}/pick", theirs.id())),
        ] {
            let body = if path.ends_with("pick") { json!({"keep": "first"}) } else { json!({}) };
            let ask = browser.ask(method.parse().unwrap(), &path);
            let page = if method == "GET" || method == "DELETE" { ask.send().await } else { ask.json(&body).send().await };
            assert_eq!(page.code(), 404, "{method} {path}: {}", page.body);
        }
        for what in ["approve", "refuse", "revoke"] {
            let wish = json!({"ids": [mine.id(), theirs.id()], "do": what});
            let page = browser.ask(Method::POST, "/api/v1/agents/bulk").json(&wish).send().await;
            assert_eq!(page.code(), 404, "{what}: {}", page.body);
        }
        let page = browser.ask(Method::POST, &format!("/api/v1/agents/{}/approve", mine.id())).json(&json!({"replaces": theirs.id()})).send().await;
        assert!([404, 422].contains(&page.code()), "{}", page.body);
        let page = browser.ask(Method::POST, "/api/v1/installation-keys").json(&json!({"site_id": elsewhere.site})).send().await;
        assert!([404, 422].contains(&page.code()), "{}", page.body);
        let page = browser.ask(Method::PATCH, &format!("/api/v1/agents/{}", mine.id())).json(&json!({"site_id": elsewhere.site})).send().await;
        assert!([404, 422].contains(&page.code()), "{}", page.body);
        assert_eq!((mine.state(&world).await.as_str(), theirs.state(&world).await.as_str()), ("waiting", "waiting"));
        assert_eq!(agents(&browser).await.len(), 1);
    }

    async fn whoever_may_only_let_in_revokes_nobody_by_letting_another_in_its_place(world) {
        let browser = owner(&world).await;
        let mut old = world.active_agent(&browser, "till-1").await;
        assert_eq!(old.renew(&world).await.code(), 200);
        let person = world.person("tess").await;
        world.give_role(&person, "Technician").await;
        let technician = world.entered_with_app(&person).await;
        assert_eq!(old.decide(&technician, "revoke").await.code(), 403);
        let key = world.installation_key(&browser, &json!({})).await;
        let mut new = world.soft_agent("till-1");
        assert_eq!(new.pair(&key).await.code(), 201);
        let page = new.decide_with(&technician, "approve", &json!({"replaces": old.id()})).await;
        assert_eq!(page.code(), 403, "{}", page.body);
        assert_eq!((old.state(&world).await.as_str(), new.state(&world).await.as_str()), ("active", "waiting"));
        assert_eq!(technician.ask(Method::POST, "/api/v1/installation-keys").json(&json!({})).send().await.code(), 403);
        let bulk = json!({"ids": [old.id()], "do": "revoke"});
        assert_eq!(technician.ask(Method::POST, "/api/v1/agents/bulk").json(&bulk).send().await.code(), 403);
        assert_eq!(new.decide(&technician, "approve").await.code(), 200);
        assert_eq!(old.state(&world).await, "active");
    }

    async fn a_program_that_may_only_see_agents_decides_nothing_one_by_one_or_in_bulk(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({})).await;
        let mut agent = world.soft_agent("till-1");
        assert_eq!(agent.pair(&key).await.code(), 201);
        let program = world.program_of(&browser, &["agents.see"]).await;
        assert_eq!(program.get("/api/v1/agents").await.json()["items"].as_array().map(Vec::len), Some(1));
        for what in ["approve", "refuse", "revoke"] {
            let page = program.post(&format!("/api/v1/agents/{}/{what}", agent.id()), &json!({})).await;
            assert_eq!(page.code(), 403, "{what}: {}", page.body);
            let page = program.post("/api/v1/agents/bulk", &json!({"ids": [agent.id()], "do": what})).await;
            assert_eq!(page.code(), 403, "{what} in bulk: {}", page.body);
        }
        assert_eq!(program.post("/api/v1/installation-keys", &json!({})).await.code(), 403);
        assert_eq!(agent.state(&world).await, "waiting");
    }
}
