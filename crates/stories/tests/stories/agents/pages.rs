//! The pages about agents and keys, as a person goes through them without script.
use super::owner;
use serde_json::json;
use world::{Browser, Method, Page, SoftAgent, Span, World};

const WORDS: &str = "Call 4417 first.\nThen approve.";

/// The key that the form makes with these fields over the usual ones.
async fn make(browser: &Browser, over: &[(&str, &str)]) -> Page {
    let usual = [
        ("uses", "50"),
        ("hours", "168"),
        ("approval", "each"),
        ("network", ""),
        ("os", ""),
        ("unseen_hours", "0"),
        ("note", "laptops"),
    ];
    let form = browser.get("/app/keys").await;
    let site = form
        .body
        .split("<select id=\"site_id\"")
        .nth(1)
        .and_then(|rest| rest.split("value=\"").nth(1)?.split('"').next());
    let mut fields = vec![("site_id", site.unwrap())];
    for (name, value) in usual {
        let value = over
            .iter()
            .find(|(known, _)| *known == name)
            .map_or(value, |(_, value)| value);
        fields.push((name, value));
    }
    browser.post("/app/keys", &fields).await
}

fn shown(page: &Page) -> String {
    let rest = page.body.split("data-copied>").nth(1).expect("a key is shown");
    rest.split('<').next().unwrap().to_owned()
}

async fn waiting(world: &World, key: &str, machine: &str) -> (SoftAgent, String) {
    let mut agent = world.soft_agent(machine);
    let paired = agent.pair(key).await;
    assert_eq!(paired.code(), 201, "{}", paired.body);
    let code = paired.json()["user_code"].as_str().unwrap().to_owned();
    (agent, code)
}

world::stories! {
    async fn a_key_is_made_shown_once_used_and_revoked_by_hand(world) {
        let browser = owner(&world).await;
        assert!(browser.get("/app/keys").await.text().contains("No installation keys yet"));
        let made = make(&browser, &[]).await;
        assert_eq!(made.code(), 200, "{}", made.text());
        let key = shown(&made);
        assert!(made.body.contains("/pair.sh | sudo sh"));
        let list = browser.get("/app/keys").await;
        assert!(!list.body.contains(&key) && list.body.contains(&key[..7]) && list.body.contains("0 of 50"), "{}", list.text());
        waiting(&world, &key, "till-1").await;
        assert!(browser.get("/app/keys").await.body.contains("1 of 50"));
        let one = list.links().into_iter().find(|link| link.starts_with("/app/keys/")).unwrap();
        let page = browser.get(&one).await;
        assert!(!page.body.contains(&key) && page.text().contains("Nobody was refused with this key"));
        assert_eq!(browser.post(&format!("{one}/revoke"), &[]).await.location(), "/app/keys?done=revoked");
        assert_eq!(world.soft_agent("till-2").pair(&key).await.code(), 403);
        let page = browser.get(&one).await;
        assert!(page.text().contains("127.0.0.1") && page.buttons().iter().all(|button| button != "Revoke the key"), "{}", page.text());
    }

    async fn a_wrong_key_is_told_at_its_fields(world) {
        let browser = owner(&world).await;
        for (field, value, at) in [
            ("uses", "0", "uses"),
            ("uses", "many", "uses"),
            ("uses", "10001", "uses"),
            ("network", "somewhere", "network"),
            ("approval", "pre-approved", "approval"),
        ] {
            let page = make(&browser, &[(field, value)]).await;
            assert_eq!(page.code(), 422, "{field}={value}: {}", page.text());
            assert!(page.body.contains(&format!("{at}-error")) || page.body.contains("class=\"err\""), "{field}={value}");
        }
        let short = make(&browser, &[("approval", "pre-approved"), ("hours", "24")]).await;
        assert_eq!(short.code(), 200, "{}", short.text());
        assert!(browser.get("/app/keys").await.text().contains("let in at once"));
    }

    async fn machines_are_found_let_in_and_turned_out_in_the_list(world) {
        let browser = owner(&world).await;
        let empty = browser.get("/app/agents").await;
        assert!(empty.heading() == "Agents" && empty.text().contains("No agents yet"), "{}", empty.text());
        let key = world.installation_key(&browser, &json!({})).await;
        let (mut one, _) = waiting(&world, &key, "HQ-LT-0417").await;
        let (two, _) = waiting(&world, &key, "LEEDS-SRV-02").await;
        let list = browser.get("/app/agents").await;
        assert!(list.text().contains("2 waiting for approval") && list.text().contains("Approve 2"), "{}", list.text());
        let found = browser.get("/app/agents?q=leeds&state=waiting").await;
        assert!(found.body.contains("LEEDS-SRV-02") && !found.body.contains("HQ-LT-0417"));
        assert!(browser.get("/app/agents?q=nothing").await.text().contains("No agent matches"));
        assert_eq!(browser.get("/app/agents?state=asleep").await.code(), 400);
        assert_eq!(browser.get("/app/agents?cursor=made-up").await.code(), 400);

        let none = browser.post("/app/agents/bulk", &[("act", "approve")]).await;
        assert!(none.code() == 422 && none.text().contains("Tick at least one"));
        let foreign = "01936d2c-5b7e-7000-8000-000000000000";
        let with_one = browser.post("/app/agents/bulk", &[("agent", one.id()), ("agent", foreign), ("act", "approve")]).await;
        assert_eq!((with_one.code(), one.state(&world).await.as_str()), (404, "waiting"));
        let done = browser.post("/app/agents/bulk", &[("agent", one.id()), ("act", "approve")]).await;
        assert_eq!(done.location(), "/app/agents?done=approve");
        browser.post("/app/agents/bulk", &[("agent", two.id()), ("act", "refuse")]).await;
        assert_eq!((one.state(&world).await.as_str(), two.state(&world).await.as_str()), ("active", "refused"));

        one.renew(&world).await;
        one.tell_all(&world).await;
        world.app().agents().flush().await;
        assert!(browser.get("/app/agents?state=online").await.body.contains("HQ-LT-0417"));
        assert!(!browser.get("/app/agents?state=offline").await.body.contains("HQ-LT-0417"));
        world.clock.advance(Span::minutes(3));
        let offline = browser.get("/app/agents?state=offline").await;
        assert!(offline.body.contains("HQ-LT-0417") && offline.text().contains("0 online"), "{}", offline.text());
        let again = browser.post("/app/agents/revoke", &[("agent", one.id()), ("act", "revoke")]).await;
        assert_eq!(again.location(), "/app/agents?done=revoke");
        assert_eq!(one.beat(&world).await.code() / 100, 4);
    }

    async fn one_agent_is_renamed_asked_for_a_key_and_its_history_is_there(world) {
        let browser = owner(&world).await;
        let agent = world.active_agent(&browser, "till <1>").await;
        let at = format!("/app/agents/{}", agent.id());
        let page = browser.get(&at).await;
        for words in ["till &#60;1&#62;", "Debian 12", "Agent let in", "Olive Owner", "Thumbprint"] {
            assert!(page.body.contains(words), "{words}");
        }
        let site = page.body.split("<select id=\"site_id\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1)?.split('"').next()).unwrap();
        let wrong = browser.post(&format!("{at}/change"), &[("name", ""), ("site_id", site)]).await;
        assert!(wrong.code() == 422 && wrong.error_of("name").is_some(), "{}", wrong.text());
        let saved = browser.post(&format!("{at}/change"), &[("name", "till 7"), ("site_id", site)]).await;
        assert_eq!(saved.location(), format!("{at}?done=saved"));
        assert!(browser.get("/app/agents?q=TILL+7").await.body.contains("till 7"));
        assert_eq!(browser.post(&format!("{at}/rotate"), &[]).await.code(), 303);
        assert!(browser.get(&at).await.text().contains("asked to change its key pair"));
        assert_eq!(browser.post(&format!("{at}/pick"), &[("keep", "first")]).await.code(), 409);
        assert_eq!(browser.post(&format!("{at}/refuse"), &[]).await.code(), 409);
        assert_eq!(browser.post(&format!("{at}/revoke"), &[]).await.location(), format!("{at}?done=revoked"));
        let over = browser.get(&at).await;
        assert!(over.text().contains("It is revoked") && !over.body.contains(&format!("{at}/revoke")), "{}", over.text());
        for path in ["/app/agents/01936d2c-5b7e-7000-8000-000000000000", "/app/agents/nothing", "/app/keys/nothing"] {
            assert_eq!(browser.get(path).await.code(), 404, "{path}");
        }
    }

    async fn a_code_leads_to_the_machine_and_ten_wrong_ones_to_a_wait(world) {
        let browser = owner(&world).await;
        browser.post("/app/agents/words", &[("words", WORDS)]).await;
        let key = world.installation_key(&browser, &json!({})).await;
        let (agent, code) = waiting(&world, &key, "till-1").await;
        assert!(browser.get("/pair").await.field("user_code").is_some());
        let found = browser.post("/pair", &[("user_code", &code.to_lowercase().replace('-', " "))]).await;
        assert!(found.code() == 200 && found.text().contains("till-1") && found.text().contains("Call 4417 first"), "{}", found.text());
        assert_eq!(found.buttons().iter().filter(|button| ["Approve", "Refuse"].contains(&button.as_str())).count(), 2);
        assert_eq!(agent.state(&world).await, "waiting");
        let done = browser.post("/pair", &[("user_code", &code), ("decision", "approve")]).await;
        assert_eq!((done.location(), agent.state(&world).await.as_str()), ("/pair?done=approve", "active"));
        for n in 0..10 {
            let wrong = browser.post("/pair", &[("user_code", &code), ("decision", "approve")]).await;
            assert!(wrong.code() == 422 && wrong.error_of("user_code").is_some(), "{n}: {}", wrong.text());
        }
        let (next, other) = waiting(&world, &key, "till-2").await;
        let shut = browser.post("/pair", &[("user_code", &other)]).await;
        assert!(shut.code() == 429 && shut.retry_after().is_some_and(|wait| wait > 0 && wait <= 600), "{}", shut.text());
        world.clock.advance(Span::minutes(11));
        let code = next.look(&world).await.json()["user_code"].as_str().unwrap().to_owned();
        let done = browser.post("/pair", &[("user_code", &code), ("decision", "refuse")]).await;
        assert_eq!((done.location(), next.state(&world).await.as_str()), ("/pair?done=refuse", "refused"));
    }

    async fn many_wrong_codes_at_once_are_counted_one_by_one(world) {
        let browser = owner(&world).await;
        let tries = (0..30).map(|_| {
            let browser = browser.clone();
            tokio::spawn(async move { browser.post("/pair", &[("user_code", "BBBB-BBBB")]).await.code() })
        });
        let mut answers = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            answers.push(one.await.unwrap());
        }
        let count = |code| answers.iter().filter(|told| **told == code).count();
        assert_eq!((count(422), count(429)), (10, 20), "{answers:?}");
    }

    async fn an_older_entry_stands_beside_the_new_one_and_gives_its_place(world) {
        let browser = owner(&world).await;
        let old = world.active_agent(&browser, "till-1").await;
        let key = world.installation_key(&browser, &json!({})).await;
        let (new, _) = waiting(&world, &key, "till-1").await;
        let at = format!("/app/agents/{}", new.id());
        let page = browser.get(&at).await;
        assert!(page.text().contains("Before and now") && page.buttons().contains(&"Approve in its place".to_owned()), "{}", page.text());
        let other = world.active_agent(&browser, "till-9").await;
        let wrong = browser.post(&format!("{at}/approve"), &[("replaces", other.id())]).await;
        assert_eq!((wrong.code(), new.state(&world).await.as_str()), (409, "waiting"));
        let done = browser.post(&format!("{at}/approve"), &[("replaces", old.id())]).await;
        assert_eq!(done.location(), format!("{at}?done=approved"));
        assert_eq!((new.state(&world).await.as_str(), old.state(&world).await.as_str()), ("active", "revoked"));
        let told = super::events(&browser, kernel::EventKind::AgentReplaced).await;
        assert_eq!(told.len(), 1);
    }

    async fn the_list_goes_on_page_by_page_and_says_when_it_changes(world) {
        let browser = owner(&world).await;
        let key = world.installation_key(&browser, &json!({"uses": 60, "approval": "pre-approved", "ends_at": (world.clock.now() + Span::hours(20)).rfc3339()})).await;
        for n in 0..51 {
            assert_eq!(world.soft_agent(&format!("till-{n:02}")).pair(&key).await.code(), 201);
        }
        let first = browser.get("/app/agents").await;
        let next = first.links().into_iter().find(|link| link.contains("cursor=")).expect("a next page");
        let second = browser.get(&next).await;
        assert!(first.body.contains("till-49") && !first.body.contains("till-50") && second.body.contains("till-50"));
        let page = browser.get("/api/v1/agents?limit=50").await.json();
        let rest = browser.get(&format!("/api/v1/agents?limit=50&cursor={}", page["next"].as_str().unwrap())).await.json();
        assert_eq!((page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (50, 1));
        let stream = browser.ask(Method::GET, "/app/agents/events").read_until("data: ", std::time::Duration::from_secs(20)).await;
        assert!(stream.contains("data: "), "{stream}");
    }
}
