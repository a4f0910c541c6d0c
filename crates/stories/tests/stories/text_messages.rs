//! Text messages by a gateway that fails in every way (F12): none is paid for twice, what the gateway tells later counts only with its signature.
use crate::text_gateway::{Gateway, HANGS};
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ground::{
    config::Sms,
    delivery::{Patience, Purpose, State, TextMessage},
};
use kernel::{MessageId, OrganisationId, Secret};
use std::time::{Duration, Instant};
use world::{Browser, Method, OWNER, Page, Span, World};

const TAKEN: &str =
    "HTTP/1.1 201 Created\r\ncontent-length: 33\r\nconnection: close\r\n\r\n{\"sid\":\"SM77\",\"status\":\"queued\" }";
const PATIENCE: Patience = Patience {
    open: Duration::from_secs(3),
    command: Duration::from_secs(3),
    data: Duration::from_secs(3),
    gateway: Duration::from_millis(1_500),
};

async fn by(world: &World, url: String) {
    world
        .restart_with(move |config| config.sms = Some(Sms { url: Secret::new(url) }))
        .await;
}

/// Puts a code for this phone into the queue, as whoever sends codes does.
async fn code(world: &World, organisation: OrganisationId) -> MessageId {
    let ground = world.app().ground().clone();
    let message = TextMessage {
        id: MessageId::new(ground.now(), &ground.chance),
        to: "+441234567890".into(),
        organisation: Some(organisation),
        person: None,
        asked_by: None,
        purpose: Purpose::Code,
        text: "12345678 is your code".into(),
        at: ground.now(),
        ends_at: Some(ground.now() + Span::minutes(10)),
    };
    let id = message.id;
    let within = ground.clone();
    let posted = ground
        .store
        .write(move |tx| ground::delivery::post_text(tx, &within, &message));
    posted.await.unwrap();
    id
}

async fn state(world: &World, id: MessageId) -> State {
    let store = world.app().ground().store.clone();
    let found = store.read(move |view| ground::delivery::state(view, id)).await;
    found.unwrap().expect("such a message")
}

async fn organisation(browser: &Browser) -> OrganisationId {
    let me = browser.get("/api/v1/me").await.json();
    me["organisation"]["id"].as_str().unwrap().parse().unwrap()
}

/// Twilio's signature: HMAC-SHA1 over the address and the sorted fields.
fn signed(token: &str, url: &str, fields: &[(&str, &str)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let text = sorted
        .iter()
        .fold(url.to_owned(), |text, (name, value)| text + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

/// A callback as the gateway sends it: no browser, no cookie, no origin.
async fn call_back(world: &World, path: &str, fields: &[(&str, &str)], signature: &str) -> Page {
    world
        .browser_at(77)
        .ask(Method::POST, path)
        .without("origin")
        .without_cookies()
        .form(fields)
        .header("x-twilio-signature", signature)
        .send()
        .await
}

async fn history(browser: &Browser, id: MessageId) -> String {
    browser.get(&format!("/app/settings/messages/{id}")).await.text()
}

world::stories! {
    async fn f12_what_a_gateway_tells_later_counts_once_and_only_with_its_signature(world) {
        let (_, inside) = world.with_owner_inside().await;
        let gateway = Gateway::start().await;
        gateway.says(TAKEN);
        by(&world, format!("twilio://AC1:t0ken@{}?from=%2B441111111111", gateway.at)).await;
        let id = code(&world, organisation(&inside).await).await;
        assert_eq!(world.bring_mail().await.taken, 1);
        let asked = gateway.asked().remove(0);
        let (_, form) = asked.split_once("\r\n\r\n").unwrap();
        assert!(form.contains("To=%2B441234567890") && form.contains("Body=12345678+is+your+code"), "{form}");

        let path = format!("/delivery/twilio/status?message={id}");
        let url = format!("{}{path}", world.origin());
        let failed = [("MessageSid", "SM77"), ("MessageStatus", "undelivered"), ("ErrorCode", "30003")];
        let good = signed("t0ken", &url, &failed);
        let forged = signed("another", &url, &failed);
        let moved = signed("t0ken", "https://elsewhere.example/delivery", &failed);
        let touched = [("MessageSid", "SM77"), ("MessageStatus", "delivered"), ("ErrorCode", "30003")];
        for (fields, signature) in [(&failed, forged.as_str()), (&failed, &moved), (&touched, &good), (&failed, ""), (&failed, "x")] {
            let page = call_back(&world, &path, fields, signature).await;
            assert_eq!(page.code(), 403, "{signature:?}");
        }
        // A signature of one message is none of another's.
        let other = code(&world, organisation(&inside).await).await;
        assert_eq!(world.bring_mail().await.taken, 1);
        let page = call_back(&world, &format!("/delivery/twilio/status?message={other}"), &failed, &good).await;
        assert_eq!(page.code(), 403);
        for message in [id, other] {
            assert_eq!(state(&world, message).await.name(), "taken");
        }

        assert_eq!(call_back(&world, &path, &failed, &good).await.code(), 204);
        let after = state(&world, id).await;
        assert!(after.name() == "bounced" && after.said() == "undelivered (30003)", "{after:?}");
        let told = history(&inside, id).await;
        // The same again, and a late "delivered", change nothing.
        let late = [("MessageSid", "SM77"), ("MessageStatus", "delivered")];
        for (fields, signature) in [(&failed[..], good.clone()), (&late[..], signed("t0ken", &url, &late))] {
            assert_eq!(call_back(&world, &path, fields, &signature).await.code(), 204);
            world.clock.advance(Span::seconds(1));
        }
        assert_eq!((state(&world, id).await, history(&inside, id).await), (after, told));
        assert_eq!(gateway.asked().len(), 2, "a callback sends nothing");
        assert!(inside.get("/app/settings/messages").await.text().contains("undelivered (30003)"));
    }

    async fn f12_a_gateway_that_fails_is_tried_again_but_no_message_is_paid_for_twice(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let gateway = Gateway::start().await;
        by(&world, format!("twilio://AC1:t0ken@{}?from=%2B441111111111", gateway.at)).await;
        let postman = world.postman_with(PATIENCE);
        let of = organisation(&inside).await;
        for answer in [
            "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        ] {
            let before = gateway.asked().len();
            gateway.says(answer);
            let id = code(&world, of).await;
            postman.turn().await;
            assert_eq!(state(&world, id).await.name(), "deferred", "{answer}");
            postman.turn().await;
            assert_eq!(gateway.asked().len(), before + 1, "it is left alone at first");
            gateway.says(TAKEN);
            world.clock.advance(Span::seconds(20));
            postman.turn().await;
            postman.turn().await;
            assert_eq!((state(&world, id).await.name(), gateway.asked().len()), ("taken", before + 2), "{answer}");
        }
        // No answer: it may have been taken, so it is not sent again, and it says so.
        for lost in [HANGS, ""] {
            let before = gateway.asked().len();
            gateway.says(lost);
            let id = code(&world, of).await;
            let began = Instant::now();
            let same = postman.clone();
            let turn = tokio::spawn(async move { same.turn().await });
            owner.enter(&world.browser_at(3)).await;
            turn.await.unwrap();
            assert!(began.elapsed() < Duration::from_secs(5), "nobody waits longer than that for a text message");
            let told = state(&world, id).await;
            assert!(told.name() == "given-up" && told.said().contains("may have been taken"), "{told:?}");
            gateway.says(TAKEN);
            world.clock.advance(Span::minutes(5));
            postman.turn().await;
            assert_eq!(gateway.asked().len(), before + 1, "{lost:?} was paid for twice");
        }
    }

    async fn f12_a_webhook_is_signed_and_a_second_try_carries_the_same_key(world) {
        let (_, inside) = world.with_owner_inside().await;
        let gateway = Gateway::start().await;
        by(&world, format!("webhook+http://:s3cret@{}/in", gateway.at)).await;
        let postman = world.postman_with(PATIENCE);
        gateway.says(HANGS);
        let id = code(&world, organisation(&inside).await).await;
        postman.turn().await;
        assert_eq!(state(&world, id).await.name(), "deferred");
        gateway.says("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        world.clock.advance(Span::seconds(20));
        assert_eq!(postman.turn().await.taken, 1);
        let asked = gateway.asked();
        assert_eq!(asked.len(), 2);
        let mut bodies = Vec::new();
        for request in &asked {
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default();
            assert_eq!(header("idempotency-key"), id.to_string());
            let key = hmac::Key::new(hmac::HMAC_SHA256, b"s3cret");
            let tag = hmac::sign(&key, format!("{}.{body}", header("doorward-timestamp")).as_bytes());
            let hex = tag.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
            assert_eq!(header("doorward-signature"), format!("v1={hex}"));
            assert!(!request.contains("s3cret") && !request.contains(OWNER));
            bodies.push(body);
        }
        assert_eq!(bodies[0], bodies[1]);
    }
}
