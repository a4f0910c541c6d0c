//! Mail that a real relay takes and returns later: the report comes to our listener, the message's state is "came back", and the page shows it.
use crate::{
    delivery::free_port,
    mail_server::{Deed, Server},
    postfix::Postfix,
    recovery::ask,
};
use ground::config::Mail;
use kernel::Secret;
use std::time::Duration;
use world::{Browser, OWNER, World};

const NOBODY: &str = "550 5.1.1 <olive@northwind.example>: Recipient address rejected: User unknown";

/// Looks at the page until these words stand in it.
async fn until(browser: &Browser, path: &str, words: &str, postfix: &Postfix) -> String {
    let mut text = String::new();
    for _ in 0..150 {
        text = browser.get(path).await.text();
        if text.contains(words) {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no {words:?} on {path} after 15 s:\n{text}\n{}", postfix.log());
}

async fn with_relay(
    world: &World,
    postfix: &Postfix,
    bounces: u16,
) -> (tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let url = format!("smtp://127.0.0.1:{}?tls=none", postfix.port);
    world
        .restart_with(move |config| {
            config.mail = Some(Mail {
                url: Secret::new(url),
                from: "Doorward <door@northwind.example>".into(),
                bounces_listen: Some(([127, 0, 0, 1], bounces).into()),
            });
        })
        .await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let postman = world.postman();
    (stop, tokio::spawn(postman.run(async { drop(stopped.await) })))
}

world::stories! {
    async fn a_mail_that_a_relay_took_and_returned_is_known_as_come_back(world) {
        let (_, known) = world.with_owner_inside().await;
        let (next, bounces) = (Server::start().await, free_port());
        next.misbehave(Some(("RCPT", Deed::Say(NOBODY))));
        let name = "a mail that a relay took and returned";
        let Some(postfix) = Postfix::start(name, free_port(), next.at.port(), "door@northwind.example", bounces).await else {
            return;
        };
        let (stop, running) = with_relay(&world, &postfix, bounces).await;
        ask(&known, OWNER).await;
        let told = until(&known, "/reset", "The mail came back", &postfix).await;
        assert!(told.contains("User unknown"), "not in the server's own words: {told}");

        let messages = known.get("/app/settings/messages").await;
        assert!(messages.text().contains("came back") && messages.text().contains("User unknown"), "{}", messages.text());
        let list = known.get("/api/v1/messages?show=failed").await.json();
        let item = &list["items"][0];
        assert_eq!((item["state"].as_str(), item["can_resend"].as_bool()), (Some("bounced"), Some(false)), "{item}");
        let history = known.get(&format!("/app/settings/messages/{}", item["id"].as_str().unwrap())).await.text();
        let (taken, back) = (history.find("Taken"), history.find("Came back"));
        assert!(taken.is_some() && taken < back && history.contains("queued as"), "{history}");

        // The next one arrives, once, and nothing comes back.
        next.misbehave(None);
        ask(&known, OWNER).await;
        until(&known, "/reset", "took it", &postfix).await;
        for _ in 0..100 {
            if !next.got().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(next.got().len(), 1, "{}", postfix.log());
        assert!(next.got()[0].to.contains(OWNER));
        drop(stop);
        running.await.unwrap();
    }
}
