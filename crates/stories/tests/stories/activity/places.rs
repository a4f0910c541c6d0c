//! Webhooks: signed, in order, retried, never into an inner network, with a log of what became of each.
use super::events;
use crate::text_gateway::Gateway;
use aws_lc_rs::hmac;
use serde_json::{Value, json};
use world::{Browser, Method, Span, World};

const TAKEN: &str = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
const FULL: &str = "HTTP/1.1 507 Insufficient Storage\r\ncontent-length: 7\r\nconnection: close\r\n\r\nno room";

/// A server whose operator has opened this machine to webhooks, with its owner inside.
async fn opened(world: &World) -> Browser {
    let (owner, browser) = world.with_owner_inside().await;
    world
        .restart_with(|config| config.activity_networks = vec!["127.0.0.0/8".parse().unwrap()])
        .await;
    owner.enter(&browser).await;
    browser
}

async fn made(browser: &Browser, url: &str) -> Value {
    let ask = browser.ask(Method::POST, "/api/v1/webhooks");
    let page = ask.json(&json!({"name": "SIEM", "url": url})).send().await;
    assert_eq!(page.code(), 201, "{}", page.body);
    page.json()
}

async fn deliveries(browser: &Browser, hook: &Value) -> Vec<Value> {
    let path = format!("/api/v1/webhooks/{}/deliveries", hook["id"].as_str().unwrap());
    browser.get(&path).await.json()["items"].as_array().unwrap().clone()
}

async fn state(browser: &Browser, hook: &Value) -> Value {
    browser
        .get(&format!("/api/v1/webhooks/{}", hook["id"].as_str().unwrap()))
        .await
        .json()
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let line = request
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name} in {request}"))
        .split_once(": ")
        .unwrap()
        .1
}

fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

fn seqs(request: &str) -> Vec<i64> {
    let value: Value = serde_json::from_str(body(request)).unwrap();
    value["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["seq"].as_i64().unwrap())
        .collect()
}

/// Everything that a place can do, and how long activity is kept.
pub async fn tour(world: &World, owner: &world::Person, browser: &Browser) {
    owner.enter(browser).await;
    let hook = made(browser, "https://siem.example.org/in").await;
    let path = format!("/api/v1/webhooks/{}", hook["id"].as_str().unwrap());
    let gone = made(browser, "https://siem.example.org/in").await;
    let removed = browser
        .ask(
            Method::DELETE,
            &format!("/api/v1/webhooks/{}", gone["id"].as_str().unwrap()),
        )
        .send()
        .await;
    assert_eq!(removed.code(), 204, "{}", removed.body);
    assert_eq!(browser.get("/api/v1/webhooks").await.code(), 200);
    assert_eq!(browser.get("/app/activity/places").await.code(), 200);
    let retention = browser
        .ask(Method::PUT, "/api/v1/events/retention")
        .json(&json!({"days": 30}))
        .send()
        .await;
    assert_eq!(retention.code(), 200, "{}", retention.body);
    // An inner address: it fails, and after a day what is too old is left out.
    let moved = browser
        .ask(Method::PATCH, &path)
        .json(&json!({"url": "https://127.0.0.1:9/"}))
        .send()
        .await;
    assert_eq!(moved.code(), 200, "{}", moved.body);
    assert_eq!(
        browser.ask(Method::POST, &format!("{path}/test")).send().await.code(),
        200
    );
    deliveries(browser, &hook).await;
    world.app().courier().turn().await.unwrap();
    world.clock.advance(Span::hours(25));
    world.app().courier().turn().await.unwrap();
    owner.enter(browser).await;
}

world::stories! {
    async fn what_happens_is_sent_signed_and_in_order(world) {
        let browser = opened(&world).await;
        let far_end = Gateway::start().await;
        far_end.says(TAKEN);
        let hook = made(&browser, &format!("http://{}/in?token=abc", far_end.at)).await;
        let secret = hook["secret"].as_str().unwrap().to_owned();
        assert_eq!(hook["place"], format!("http://{}", far_end.at), "what may be a secret is not told");
        browser.post("/app/security/name", &[("name", "Olive Again")]).await;
        assert_eq!(world.app().courier().turn().await.unwrap(), 1);
        let asked = far_end.asked();
        assert_eq!(asked.len(), 1);
        assert!(asked[0].starts_with("POST /in?token=abc HTTP/1.1\r\n"), "{}", asked[0]);
        let signed = format!("{}.{}", header(&asked[0], "doorward-timestamp"), body(&asked[0]));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
        let hex = tag.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(header(&asked[0], "doorward-signature"), format!("v1={hex}"));
        let kinds: Vec<Value> = serde_json::from_str::<Value>(body(&asked[0])).unwrap()["events"]
            .as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
        assert_eq!(kinds, ["webhook-made", "name-changed"], "what came before is not sent");
        let all = events(&browser, "limit=200").await;
        let told = all.iter().find(|event| event["kind"] == "webhook-made").unwrap();
        assert!(!told["detail"].as_str().unwrap().contains("abc"), "{told}");
        assert_eq!(world.app().courier().turn().await.unwrap(), 0, "nothing is sent twice");
        assert_eq!(state(&browser, &hook).await["state"], "works");
        let log = deliveries(&browser, &hook).await;
        assert_eq!((log.len(), &log[0]["outcome"], &log[0]["said"]), (1, &json!("delivered"), &json!("204")));
        assert_eq!(header(&asked[0], "idempotency-key"), log[0]["id"].as_str().unwrap());
    }

    async fn the_newest_checkpoint_is_sent_along_and_proves_the_events(world) {
        let browser = opened(&world).await;
        let far_end = Gateway::start().await;
        far_end.says(TAKEN);
        made(&browser, &format!("http://{}/", far_end.at)).await;
        ground::journal::once(world.app().ground()).await.unwrap();
        world.app().courier().turn().await.unwrap();
        let sent: Value = serde_json::from_str(body(&far_end.asked()[0])).unwrap();
        let last = sent["events"].as_array().unwrap().last().unwrap();
        assert_eq!((&sent["checkpoint"]["seq"], &sent["checkpoint"]["hash"]), (&last["seq"], &last["hash"]), "{sent}");
        assert!(!sent["checkpoint"]["signature"].as_str().unwrap().is_empty());
    }

    async fn what_is_not_taken_is_tried_again_for_a_day_and_then_left_out(world) {
        let browser = opened(&world).await;
        let far_end = Gateway::start().await;
        far_end.says(FULL);
        let hook = made(&browser, &format!("http://{}/", far_end.at)).await;
        assert_eq!(world.app().courier().turn().await.unwrap(), 0);
        assert_eq!(world.app().courier().turn().await.unwrap(), 0);
        assert_eq!(far_end.asked().len(), 1, "not before its time");
        let failing = state(&browser, &hook).await;
        assert_eq!((&failing["state"], &failing["said"]), (&json!("fails"), &json!("507 no room")));
        for hour in 1..=25 {
            world.clock.advance(Span::minutes(70));
            world.app().courier().turn().await.unwrap();
            assert!(far_end.asked().len() <= hour + 1, "{hour}");
        }
        let owner = world.browser();
        owner.sign_in(world::OWNER, world::PASSWORD).await;
        let log = deliveries(&owner, &hook).await;
        assert!(log.iter().any(|one| one["outcome"] == "left-out"), "{log:?}");
        assert_eq!(events(&owner, "kind=webhook-left-out").await.len(), 1, "told once");
        let page = owner.get("/app").await;
        assert!(page.text().contains("SIEM takes no activity"), "{}", page.text());
        far_end.says(TAKEN);
        world.clock.advance(Span::minutes(70));
        world.app().courier().turn().await.unwrap();
        let sent = seqs(far_end.asked().last().unwrap());
        let made_at = log.iter().filter_map(|one| one["last_seq"].as_i64()).min().unwrap();
        assert!(!sent.is_empty() && sent.iter().all(|seq| *seq > made_at), "{sent:?}");
        assert!(sent.windows(2).all(|pair| pair[1] == pair[0] + 1), "without a gap: {sent:?}");
        let later = world.browser();
        later.sign_in(world::OWNER, world::PASSWORD).await;
        assert_eq!(state(&later, &hook).await["state"], "works");
    }

    async fn an_inner_network_is_not_spoken_to(world) {
        let (_, browser) = world.with_owner_inside().await;
        let far_end = Gateway::start().await;
        far_end.says(TAKEN);
        let port = far_end.at.port();
        for url in [format!("https://127.0.0.1:{port}/"), format!("https://localhost:{port}/"), format!("http://127.0.0.1:{port}/"), format!("syslog+tcp://127.0.0.1:{port}"), "https://169.254.169.254/latest".into()] {
            let hook = made(&browser, &url).await;
            let path = format!("/api/v1/webhooks/{}", hook["id"].as_str().unwrap());
            let tested = browser.ask(Method::POST, &format!("{path}/test")).send().await.json();
            assert_eq!(tested["arrived"], false, "{url}");
            assert!(tested["said"].as_str().unwrap().contains("inner network"), "{url}: {tested}");
            let again = browser.ask(Method::POST, &format!("{path}/test")).send().await;
            assert_eq!((again.code(), again.retry_after()), (429, Some(10)), "{url}");
            assert_eq!(browser.ask(Method::DELETE, &path).send().await.code(), 204);
        }
        assert_eq!(far_end.asked().len(), 0);
        for bad in ["ftp://siem.example.org", "siem.example.org", "https://user:pass@siem.example.org/", ""] {
            let page = browser.ask(Method::POST, "/api/v1/webhooks").json(&json!({"name": "x", "url": bad})).send().await;
            assert_eq!((page.code(), &page.json()["errors"][0]["field"]), (422, &json!("url")), "{bad}");
        }
    }

    async fn the_page_makes_tests_changes_and_removes_a_place(world) {
        let browser = opened(&world).await;
        let far_end = Gateway::start().await;
        far_end.says(TAKEN);
        let url = format!("http://{}/in", far_end.at);
        let refused = browser.post("/app/activity/places", &[("name", ""), ("url", "nowhere")]).await;
        assert_eq!((refused.code(), refused.error_of("name").is_some(), refused.error_of("url").is_some()), (422, true, true));
        let page = browser.post("/app/activity/places", &[("name", "Group SIEM"), ("url", &url)]).await;
        assert_eq!(page.code(), 200);
        let secret = page.text().split_whitespace().find(|word| word.starts_with("dws_")).unwrap().to_owned();
        let here = page.links().into_iter().find(|link| link.starts_with("/app/activity/places/")).unwrap_or_else(|| {
            // The page's own forms name it.
            let at = page.body.find("/app/activity/places/").unwrap();
            page.body[at..].split('"').next().unwrap().trim_end_matches("/test").to_owned()
        });
        let shown = browser.get(&here).await;
        assert!(!shown.body.contains(&secret) && shown.heading() == "Group SIEM", "{}", shown.text());
        let tested = browser.post(&format!("{here}/test"), &[]).await;
        assert_eq!(browser.follow(tested).await.text().matches("The test arrived").count(), 1);
        assert!(far_end.asked()[0].contains("\"test\":true"));
        let renewed = browser.post(&format!("{here}/secret"), &[]).await;
        assert!(renewed.text().contains("dws_") && !renewed.body.contains(&secret), "{}", renewed.text());
        browser.post(&format!("{here}/switch"), &[("on", "off")]).await;
        assert_eq!(world.app().courier().turn().await.unwrap(), 0);
        browser.post(&format!("{here}/switch"), &[("on", "on")]).await;
        assert_eq!(world.app().courier().turn().await.unwrap(), 1, "what happened meanwhile is sent");
        let saved = browser.post(&here, &[("name", "Other"), ("url", "")]).await;
        assert_eq!(browser.follow(saved).await.heading(), "Other");
        let gone = browser.post(&format!("{here}/remove"), &[]).await;
        assert!(browser.follow(gone).await.text().contains("Nowhere yet"));
        assert_eq!(browser.get(&here).await.code(), 404);
        let told: Vec<String> = events(&browser, "limit=200").await.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect();
        assert_eq!(told.iter().filter(|kind| kind.starts_with("webhook-")).count(), 6, "{told:?}");
    }

    async fn two_nodes_never_deliver_the_same_twice(world) {
        let browser = opened(&world).await;
        let far_end = Gateway::start().await;
        far_end.says(TAKEN);
        made(&browser, &format!("http://{}/", far_end.at)).await;
        let couriers: Vec<_> = (0..8).map(|_| world.app().courier().clone()).collect();
        let turns: Vec<_> = couriers.into_iter().map(|courier| tokio::spawn(async move { courier.turn().await })).collect();
        let mut sent = 0;
        for turn in turns {
            sent += turn.await.unwrap().unwrap();
        }
        assert_eq!((sent, far_end.asked().len()), (1, 1));
    }

    async fn only_those_who_may_send_activity_away_see_where_it_goes(world) {
        let (_, browser) = world.with_owner_inside().await;
        let hook = made(&browser, "https://siem.example.org/in").await;
        let id = hook["id"].as_str().unwrap();
        let ana = world.person("ana").await;
        let hers = world.browser_at(4);
        ana.enter(&hers).await;
        for path in ["/app/activity/places", "/api/v1/webhooks", &format!("/api/v1/webhooks/{id}"), &format!("/app/activity/places/{id}")] {
            assert_eq!(hers.get(path).await.code(), 403, "{path}");
        }
        // A change asks for a fresh proof.
        world.clock.advance(Span::minutes(16));
        browser.get("/api/v1/me").await;
        let stale = browser.ask(Method::PATCH, &format!("/api/v1/webhooks/{id}")).json(&json!({"on": false})).send().await;
        assert_eq!((stale.code(), stale.problem().as_str()), (401, "step-up-needed"));
    }
}
