//! Syslog: RFC 5424 messages in frames of RFC 6587, over TCP within a network that the operator has opened.
use serde_json::json;
use tokio::{io::AsyncReadExt, net::TcpListener};
use world::{Method, World};

/// Takes one connection and reads it to its end.
async fn collector() -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reading = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    });
    (port, reading)
}

/// The messages of the frames.
fn messages(mut text: &str) -> Vec<String> {
    let mut found = Vec::new();
    while let Some((length, rest)) = text.split_once(' ') {
        let (message, after) = rest.split_at(length.parse().unwrap());
        found.push(message.to_owned());
        text = after;
    }
    assert!(text.is_empty(), "{text}");
    found
}

async fn opened(world: &World) -> world::Browser {
    let (owner, browser) = world.with_owner_inside().await;
    world
        .restart_with(|config| config.activity_networks = vec!["127.0.0.1".parse().unwrap()])
        .await;
    owner.enter(&browser).await;
    browser
}

world::stories! {
    async fn activity_arrives_as_syslog_with_its_checkpoint(world) {
        let browser = opened(&world).await;
        let (port, reading) = collector().await;
        let sent = json!({"name": "Log host", "url": format!("syslog+tcp://127.0.0.1:{port}")});
        let made = browser.ask(Method::POST, "/api/v1/webhooks").json(&sent).send().await.json();
        assert_eq!((&made["kind"], made.get("secret")), (&json!("syslog"), None));
        browser.post("/app/security/name", &[("name", "Olive \"the\\owl\"]")]).await;
        ground::journal::once(world.app().ground()).await.unwrap();
        assert_eq!(world.app().courier().turn().await.unwrap(), 1);
        let messages = messages(&reading.await.unwrap());
        let kinds: Vec<&str> = messages.iter().map(|message| message.split(' ').nth(5).unwrap()).collect();
        assert_eq!(kinds, ["webhook-made", "name-changed", "checkpoint"]);
        assert!(messages[1].starts_with("<109>1 20") && messages[1].contains(" localhost doorward - name-changed [event@32473 seq=\""), "{}", messages[1]);
        assert!(messages[1].contains("network=\"127.0.0.1\"") && messages[1].contains("] \u{feff}"), "{}", messages[1]);
        assert!(messages[2].contains("[checkpoint@32473 stream=\"") && messages[2].contains("signature=\""), "{}", messages[2]);
    }

    async fn a_log_host_that_is_away_gets_everything_when_it_is_back(world) {
        let browser = opened(&world).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let sent = json!({"name": "Log host", "url": format!("syslog+tcp://127.0.0.1:{port}")});
        browser.ask(Method::POST, "/api/v1/webhooks").json(&sent).send().await;
        assert_eq!(world.app().courier().turn().await.unwrap(), 0);
        browser.post("/app/security/name", &[("name", "Olive Again")]).await;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let reading = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            text
        });
        world.clock.advance(world::Span::minutes(1));
        assert_eq!(world.app().courier().turn().await.unwrap(), 1);
        assert_eq!(messages(&reading.await.unwrap()).len(), 2);
    }
}
