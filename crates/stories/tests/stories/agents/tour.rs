//! Everything that is done with agents and their keys, once, for the statements: on pages, by the API, by agents, by the minute's sweep.
use serde_json::json;
use world::{AgentKey, Browser, Method, Person, Scope, Span, World};

/// Keys and pages of somebody whose role is limited to one site.
async fn limited(world: &World, site: &str) {
    let person: Person = world.person("tess").await;
    world
        .give_role_for(&person, "Administrator", Scope::Site(site.parse().unwrap()))
        .await;
    let browser = world.browser();
    person.enter(&browser).await;
    for path in [
        "/app/agents",
        "/app/keys",
        "/api/v1/agents",
        "/api/v1/installation-keys",
        "/app",
    ] {
        assert_eq!(browser.get(path).await.code(), 200, "{path}");
    }
}

async fn pages(browser: &Browser, agent: &str, key: &str) {
    for path in [
        "/app/agents?q=till&state=active",
        "/api/v1/agents?q=till&state=active&online=true&limit=1",
        "/api/v1/agents?online=false",
        "/app/keys",
        "/api/v1/installation-keys",
        "/app/agents/pair",
        "/pair",
        "/app",
        &format!("/app/agents/{agent}"),
        &format!("/app/keys/{key}"),
        &format!("/api/v1/installation-keys/{key}/refusals"),
    ] {
        assert_eq!(browser.get(path).await.code(), 200, "{path}");
    }
}

/// The tour.
pub async fn tour(world: &World) {
    let person = world.person("pat").await;
    world.give_role(&person, "Administrator").await;
    let browser = world.entered_with_app(&person).await;
    let made = world
        .make_installation_key(&browser, &json!({"unseen_hours": 2}))
        .await
        .json();
    let (key, key_id) = (
        made["key"].as_str().unwrap().to_owned(),
        made["id"].as_str().unwrap().to_owned(),
    );
    let site = made["site_id"].as_str().unwrap().to_owned();
    let mut agent = world.soft_agent("till-1");
    let waits = agent.pair(&key).await.json();
    let code = waits["user_code"].as_str().unwrap().to_owned();
    browser.post("/pair", &[("user_code", "BBBB-BBBB")]).await;
    browser.post("/pair", &[("user_code", &code)]).await;
    world.clock.advance(Span::minutes(11));
    assert_eq!(agent.state(world).await, "waiting");
    world.soft_agent("till-2").try_pair("DW-0000-0000-0000-0000-0").await;
    let mut twin = agent.clone();
    let other = world.installation_key(&browser, &json!({})).await;
    assert_eq!(twin.pair(&other).await.code(), 409);
    assert_eq!(agent.decide(&browser, "approve").await.code(), 200);
    let rename = browser.ask(Method::PATCH, &format!("/api/v1/agents/{}", agent.id()));
    assert_eq!(rename.json(&json!({"name": "Front desk"})).send().await.code(), 200);
    assert_eq!(agent.renew(world).await.code(), 200);
    assert_eq!(agent.tell_all(world).await.code(), 204);
    world.app().agents().flush().await;
    pages(&browser, agent.id(), &key_id).await;
    assert_eq!(
        browser
            .post("/app/agents/words", &[("words", "Call 4417 first.")])
            .await
            .code(),
        303
    );
    let own = browser.get("/api/v1/me").await.json()["organisation"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let look = browser.ask(Method::PUT, &format!("/api/v1/organisations/{own}/policy?dry_run=true"));
    assert_eq!(
        look.json(&json!({"networks": {"agents": ["203.0.113.0/24"]}}))
            .send()
            .await
            .code(),
        200
    );
    limited(world, &site).await;
    assert_eq!(agent.decide(&browser, "rotate").await.code(), 200);
    let next = AgentKey::new();
    assert_eq!(agent.lose_a_rotation(world, &next).await.code(), 204);
    agent.key = next;
    assert_eq!(agent.renew(world).await.code(), 200);
    copies(world, &browser, &mut agent).await;
    // A machine that is installed anew, in the place of its old entry.
    let mut anew = world.soft_agent("till-1");
    assert_eq!(anew.pair(&key).await.code(), 201);
    anew.decide_with(&browser, "approve", &json!({"replaces": agent.id()}))
        .await;
    let bulk = browser
        .ask(Method::POST, "/api/v1/agents/bulk")
        .json(&json!({"ids": [anew.id()], "do": "revoke"}));
    let done = bulk.send().await.code();
    assert!([200, 204].contains(&done), "{done}");
    ends(world, &browser, &key).await;
    let revoke = browser
        .ask(Method::DELETE, &format!("/api/v1/installation-keys/{key_id}"))
        .send()
        .await;
    assert_eq!(revoke.code(), 204);
}

/// A copy, and what a person picks.
async fn copies(world: &World, browser: &Browser, agent: &mut world::SoftAgent) {
    let mut copy = agent.clone();
    assert_eq!(
        (agent.renew(world).await.code(), copy.renew(world).await.code()),
        (200, 503)
    );
    assert_eq!(agent.renew(world).await.code(), 403);
    assert_eq!(
        agent
            .decide_with(browser, "pick", &json!({"keep": "first"}))
            .await
            .code(),
        200
    );
    assert_eq!(agent.renew(world).await.code(), 200);
}

/// Agents that end by themselves or by their own word.
async fn ends(world: &World, browser: &Browser, key: &str) {
    let mut own = world.soft_agent("till-7");
    assert_eq!(own.pair(key).await.code(), 201);
    assert_eq!(own.with_key(world, "unpair").json(&json!({})).send().await.code(), 204);
    let mut short = world.soft_agent("till-8");
    assert_eq!(short.pair(key).await.code(), 201);
    assert_eq!(short.decide(browser, "approve").await.code(), 200);
    let mut waits = world.soft_agent("till-9");
    assert_eq!(waits.pair(key).await.code(), 201);
}
