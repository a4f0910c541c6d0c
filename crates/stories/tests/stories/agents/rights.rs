//! Who may do what with agents and keys: roles that reach one site, the separate rights to see, to let in, to revoke and to make keys, and ids of
//! other organisations (SECURITY.md S63).
use super::owner;
use kernel::{Scope, SiteId};
use serde_json::{Value, json};
use world::{Browser, Method, Page, SoftAgent, World};

async fn call(browser: &Browser, method: Method, path: &str, body: &Value) -> Page {
    browser.ask(method, path).json(body).send().await
}

async fn paired(world: &World, browser: &Browser, machine: &str, site: SiteId) -> SoftAgent {
    let key = world.installation_key(browser, &json!({"site_id": site})).await;
    let mut agent = world.soft_agent(machine);
    assert_eq!(agent.pair(&key).await.code(), 201);
    agent
}

/// The names of the agents that this person sees.
async fn seen(browser: &Browser) -> Vec<String> {
    let list = browser.get("/api/v1/agents").await;
    assert_eq!(list.code(), 200, "{}", list.body);
    let items = list.json()["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

/// Every way to do something about an agent, each with what it sends.
fn deeds(id: &str) -> Vec<(Method, String, Value)> {
    let at = |what: &str| format!("/api/v1/agents/{id}{what}");
    vec![
        (Method::POST, at("/approve"), json!({})),
        (Method::POST, at("/refuse"), json!({})),
        (Method::POST, at("/revoke"), json!({})),
        (Method::POST, at("/rotate"), json!({})),
        (Method::POST, at("/pick"), json!({"keep": "first"})),
        (Method::PATCH, at(""), json!({"name": "mine"})),
        (
            Method::POST,
            "/api/v1/agents/bulk".into(),
            json!({"do": "approve", "ids": [id]}),
        ),
        (
            Method::POST,
            "/api/v1/agents/bulk".into(),
            json!({"do": "revoke", "ids": [id]}),
        ),
    ]
}

world::stories! {
    async fn a_role_for_one_site_reaches_its_agents_and_no_others(world) {
        let owners = owner(&world).await;
        let (leeds, york) = (world.site("Leeds").await, world.site("York").await);
        let here = paired(&world, &owners, "leeds-1", leeds).await;
        let there = paired(&world, &owners, "york-1", york).await;
        let tess = world.person("tess").await;
        world.give_role_for(&tess, "Technician", Scope::Site(leeds)).await;
        let hers = world.browser();
        tess.enter(&hers).await;
        assert_eq!((seen(&owners).await.len(), seen(&hers).await), (2, vec!["leeds-1".to_owned()]));
        let list = hers.get("/app/agents").await;
        assert!(list.body.contains("leeds-1") && !list.body.contains("york-1") && !list.body.contains("York"), "{}", list.text());
        assert!(list.text().contains("1 waiting for approval"), "the figures tell of other sites: {}", list.text());
        for path in [format!("/api/v1/agents/{}", there.id()), format!("/app/agents/{}", there.id())] {
            assert_eq!(hers.get(&path).await.code(), 404, "{path}");
        }
        for (method, path, body) in deeds(there.id()) {
            let code = call(&hers, method, &path, &body).await.code();
            // To revoke is no right of hers anywhere.
            assert!(code == 404 || (code == 403 && path.ends_with("/revoke")), "{path}: {code}");
        }
        let both = json!({"do": "approve", "ids": [here.id(), there.id()]});
        assert_eq!(call(&hers, Method::POST, "/api/v1/agents/bulk", &both).await.code(), 404);
        assert_eq!((here.state(&world).await.as_str(), there.state(&world).await.as_str()), ("waiting", "waiting"));
        assert_eq!(hers.post(&format!("/app/agents/{}/approve", here.id()), &[]).await.code(), 303);
        let moved = call(&hers, Method::PATCH, &format!("/api/v1/agents/{}", here.id()), &json!({"site_id": york})).await;
        assert_eq!((moved.code(), moved.json()["errors"][0]["field"].clone()), (422, json!("site_id")));
        assert_eq!(there.state(&world).await, "waiting");
    }

    async fn to_see_is_not_to_let_in_and_to_let_in_is_not_to_revoke(world) {
        let owners = owner(&world).await;
        let site = world.site("Leeds").await;
        let agent = paired(&world, &owners, "till-1", site).await;
        let (help, home) = (world.browser(), world.home().await);
        world.member("hal", home, "Help desk").await.0.enter(&help).await;
        for (method, path, body) in deeds(agent.id()) {
            assert_eq!(call(&help, method, &path, &body).await.code(), 403, "{path}");
        }
        let page = help.get(&format!("/app/agents/{}", agent.id())).await;
        assert!(page.code() == 200 && page.text().contains("Your role does not let you") && page.buttons().iter().all(|words| words != "Approve"), "{}", page.text());
        assert_eq!([help.get("/pair").await.code(), help.get("/app/keys").await.code(), help.get("/app/agents/pair").await.code()], [403; 3]);
        assert_eq!(help.get("/api/v1/installation-keys").await.code(), 403);
        let tech = world.browser();
        world.member("tess", home, "Technician").await.0.enter(&tech).await;
        assert_eq!(call(&tech, Method::POST, &format!("/api/v1/agents/{}/approve", agent.id()), &json!({})).await.code(), 200);
        assert_eq!(call(&tech, Method::POST, &format!("/api/v1/agents/{}/revoke", agent.id()), &json!({})).await.code(), 403);
        assert_eq!(world.make_installation_key(&tech, &json!({})).await.code(), 403);
        assert_eq!(agent.state(&world).await, "active");
    }

    async fn an_agent_and_a_key_of_another_organisation_are_not_there(world) {
        let owners = owner(&world).await;
        let site = world.site("Leeds").await;
        let agent = paired(&world, &owners, "till-1", site).await;
        let keys = owners.get("/api/v1/installation-keys").await.json();
        let key = keys["items"][0]["id"].as_str().unwrap().to_owned();
        let code = agent.look(&world).await.json()["user_code"].as_str().unwrap().to_owned();
        let strange = world.elsewhere("Contoso").await;
        let theirs = world.browser();
        strange.owner.enter(&theirs).await;
        assert!(seen(&theirs).await.is_empty());
        for (method, path, body) in deeds(agent.id()) {
            assert_eq!(call(&theirs, method, &path, &body).await.code(), 404, "{path}");
        }
        for path in [format!("/api/v1/agents/{}", agent.id()), format!("/app/agents/{}", agent.id()), format!("/app/keys/{key}"), format!("/api/v1/installation-keys/{key}/refusals")] {
            assert_eq!(theirs.get(&path).await.code(), 404, "{path}");
        }
        assert_eq!(call(&theirs, Method::DELETE, &format!("/api/v1/installation-keys/{key}"), &json!({})).await.code(), 404);
        assert_eq!(theirs.post(&format!("/app/keys/{key}/revoke"), &[]).await.code(), 404);
        let wrong = theirs.post("/pair", &[("user_code", &code), ("decision", "approve")]).await;
        assert!(wrong.code() == 422 && !wrong.body.contains("till-1"), "{}", wrong.text());
        let foreign = json!({"site_id": site});
        assert!([404, 422].contains(&world.make_installation_key(&theirs, &foreign).await.code()));
        assert_eq!(agent.state(&world).await, "waiting");
        assert_eq!(call(&owners, Method::POST, &format!("/api/v1/agents/{}/approve", agent.id()), &json!({})).await.code(), 200);
    }

    async fn a_decision_asks_for_a_fresh_proof(world) {
        let owners = owner(&world).await;
        let site = world.site("Leeds").await;
        let agent = paired(&world, &owners, "till-1", site).await;
        world.clock.advance(world::Span::minutes(16));
        let told = call(&owners, Method::POST, &format!("/api/v1/agents/{}/approve", agent.id()), &json!({})).await;
        assert_eq!((told.code(), told.problem().as_str()), (401, "step-up-needed"));
        assert_eq!(world.make_installation_key(&owners, &json!({})).await.problem(), "step-up-needed");
        let page = owners.get(&format!("/app/agents/{}", agent.id())).await;
        assert!(page.links().iter().any(|link| link.starts_with("/app/step-up")) && page.buttons().iter().all(|words| words != "Approve"));
        for path in ["/app/agents", "/app/keys", "/pair"] {
            assert!(owners.get(path).await.links().iter().any(|link| link.starts_with("/app/step-up")), "{path}");
        }
        assert_eq!(agent.state(&world).await, "waiting");
    }
}
