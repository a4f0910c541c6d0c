//! What the page truly knows about the mail: the same for every stranger, and all of it for a known device.
use crate::recovery::{NOBODY, ask, asked, resets, type_code};
use ground::config::Mail as MailServer;
use kernel::Secret;
use world::{OWNER, Page, Span};

/// The state of the mail, as the page shows it.
fn truth(page: &Page) -> String {
    page.text()
}

fn mail_server_that_is_down(config: &mut ground::config::Config) {
    config.mail = Some(MailServer {
        url: Secret::new("smtp://127.0.0.1:9?tls=none".to_owned()),
        from: "door@northwind.example".into(),
        bounces_listen: None,
    });
}

world::stories! {
    async fn strangers_get_the_same_for_any_address(world) {
        world.with_owner().await;
        let mut seen = Vec::new();
        for email in [OWNER, NOBODY] {
            let browser = world.browser_at(if email == OWNER { 80 } else { 81 });
            let mut told = Vec::new();
            for _ in 0..5 {
                let asked = ask(&browser, email).await;
                told.push(said(&asked, email));
                world.bring_mail().await;
                told.push(said(&browser.get("/reset").await, email));
                told.push(said(&browser.get("/forgot/state").await, email));
            }
            for code in ["0000-0000", "no code", "0000-0000"] {
                told.push(said(&type_code(&browser, code).await, email));
            }
            seen.push(told);
        }
        for (at, (known, unknown)) in seen[0].iter().zip(&seen[1]).enumerate() {
            assert_eq!(known, unknown, "answer {at} depends on the address");
        }
    }

    async fn a_known_device_hears_of_this_very_message(world) {
        let (_, known) = world.with_owner_inside().await;
        ask(&known, OWNER).await;
        let page = known.get("/reset").await;
        assert!(truth(&page).contains("about to leave"), "{}", truth(&page));
        world.bring_mail().await;
        world.clock.advance(Span::seconds(12));
        let page = known.get("/reset").await;
        assert!(truth(&page).contains("12 seconds ago"), "{}", truth(&page));
        let live = known.get("/forgot/state").await.json();
        assert!(live["words"].as_str().is_some_and(|words| words.contains("12 seconds ago")), "{live}");
        for _ in 0..3 {
            ask(&known, OWNER).await;
        }
        let page = known.get("/reset").await;
        assert!(!truth(&page).contains("is on its way"), "no mail was sent, and the page says so: {}", truth(&page));
    }

    async fn asking_for_the_state_is_no_activity(world) {
        let (_, known) = world.with_owner_inside().await;
        ask(&known, OWNER).await;
        for _ in 0..31 {
            world.clock.advance(Span::minutes(1));
            known.get("/forgot/state").await;
        }
        assert!(known.get("/app").await.location().starts_with("/app/unlock"), "polling kept the session open");
        assert_eq!(world.browser_at(9).get("/forgot/state").await.code(), 404);
    }

    async fn while_the_mail_server_is_down_the_page_says_so_and_the_mail_leaves_later(world) {
        let (_, known) = world.with_owner_inside().await;
        world.restart_with(mail_server_that_is_down).await;
        world.look_at_mail_server().await;
        ask(&known, OWNER).await;
        let turn = world.bring_mail().await;
        assert_eq!((turn.taken, turn.deferred), (0, 1));
        world.clock.advance(Span::minutes(5));
        let own = truth(&known.get("/reset").await);
        assert!(own.contains("has not taken it yet") && own.contains("5 minutes"), "{own}");
        let mut heard = Vec::new();
        for email in [OWNER, NOBODY] {
            let stranger = world.browser_at(90);
            ask(&stranger, email).await;
            let page = stranger.get("/reset").await;
            assert!(truth(&page).contains("mail server has not been answering"), "{}", truth(&page));
            assert!(!page.body.contains("127.0.0.1"), "strangers hear the server's own words");
            heard.push(page.body.replace(email, "X"));
        }
        assert_eq!(heard[0], heard[1]);
        assert!(known.is_signed_in().await, "others are held up by a mail server");
        world.restart().await;
        assert_eq!(resets(&world, OWNER).await.len(), 2, "a mail was lost, or left twice");
        world.look_at_mail_server().await;
    }

    async fn a_mail_whose_link_has_ended_is_not_sent_any_more(world) {
        let (_, known) = world.with_owner_inside().await;
        ask(&known, OWNER).await;
        world.clock.advance(Span::minutes(30));
        assert!(resets(&world, OWNER).await.is_empty());
    }

    async fn the_page_says_spam_and_whom_to_ask(world) {
        let (_, inside) = world.with_owner_inside().await;
        inside.post("/app/settings", &[("name", "Northwind IT"), ("contact", "Call Ida, 4417")]).await;
        let browser = world.browser_at(2);
        let mail = asked(&world, &browser, OWNER).await;
        let page = browser.get("/reset").await;
        assert!(page.text().contains("spam") && page.text().contains("Call Ida, 4417"), "{}", page.text());
        assert!(page.text().contains(OWNER), "the address as typed");
        assert!(mail.text.contains("Call Ida, 4417") && mail.html.contains("Call Ida, 4417"));
    }
}

/// All of an answer that a stranger can compare: status, headers without what differs for everybody, body without the address itself.
fn said(page: &Page, email: &str) -> String {
    let differs = ["set-cookie", "x-request-id", "date"];
    let headers: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| !differs.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    let names: Vec<&str> = page
        .set_cookies()
        .iter()
        .map(|cookie| cookie.split('=').next().unwrap_or_default())
        .collect();
    let body = page.body.replace(email, "X");
    format!("{} {headers:?} {names:?} {body}", page.code())
}
