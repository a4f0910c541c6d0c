//! Mail without a relay (`mail.url = "mx://…"`): the whole server asks a name server that speaks DNS, and hands over to the mailbox's own mail
//! server, a real one. What cannot be delivered is told to its owner in words.
use crate::{
    delivery::{by, free_port},
    mail_server::Server,
    name_server::Dns,
    postfix::Postfix,
    recovery::{NEW, ask, set},
};
use std::time::Duration;
use world::{Mail, OWNER, PASSWORD, Span};

const DOMAIN: &str = "northwind.example";

fn straight(dns: &Dns, port: u16) -> String {
    format!("mx://door.{DOMAIN}:{port}?dns={}&private=yes", dns.at)
}

world::stories! {
    async fn the_link_comes_straight_to_the_mailboxs_own_server_and_leads_back_in(world) {
        let (_, known) = world.with_owner_inside().await;
        // What the real server takes it hands on here, where a story can read it.
        let (mailbox, dns, port) = (Server::start().await, Dns::start().await, free_port());
        let name = "mail goes straight to a real mail server";
        let Some(postfix) = Postfix::start(name, port, mailbox.at.port(), "nobody@relay.example.org", free_port()).await else {
            return;
        };
        // The one that is preferred is away today.
        for (preference, exchanger, address) in [(10, "mx1", "127.0.0.9"), (20, "mx2", "127.0.0.1")] {
            dns.mx(DOMAIN, preference, &format!("{exchanger}.{DOMAIN}"));
            dns.a(&format!("{exchanger}.{DOMAIN}"), address);
        }
        world.restart_with(by(straight(&dns, port))).await;
        known.post("/sign-out", &[]).await;
        ask(&known, OWNER).await;
        let turn = world.bring_mail().await;
        assert_eq!((turn.taken, turn.deferred), (1, 0), "{}", postfix.log());
        let told = known.get("/reset").await.text();
        assert!(told.contains("took it") && told.contains("spam"), "{told}");
        for _ in 0..150 {
            if !mailbox.got().is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let got = mailbox.got();
        assert_eq!(got.len(), 1, "{}", postfix.log());
        assert!(dns.asked().contains(&format!("{DOMAIN} MX")), "{:?}", dns.asked());
        assert!(got[0].mail.contains("by relay.example.org (Postfix)"), "{}", got[0].mail);
        let mail = Mail::read(got[0].mail.as_bytes());
        assert_eq!(mail.to, [OWNER]);
        let link = mail.path(&world, "/reset");
        let browser = world.browser_at(5);
        assert_eq!(set(&browser, &link, NEW).await.location(), "/sign-in");
        assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 422);
        assert_eq!(browser.sign_in(OWNER, NEW).await.code(), 303);
    }

    async fn a_domain_that_takes_no_mail_is_told_to_its_owner_and_a_silent_dns_is_waited_for(world) {
        let (_, known) = world.with_owner_inside().await;
        let (server, dns) = (Server::start().await, Dns::start().await);
        dns.breaks(true);
        world.restart_with(by(straight(&dns, server.at.port()))).await;
        ask(&known, OWNER).await;
        let postman = world.postman();
        assert_eq!(postman.turn().await.deferred, 1);
        let told = known.get("/reset").await.text();
        assert!(told.contains("has not taken it yet") && told.contains("the DNS did not answer"), "{told}");

        dns.breaks(false);
        dns.mx(DOMAIN, 0, "");
        world.clock.advance(Span::minutes(2));
        postman.turn().await;
        let told = known.get("/reset").await.text();
        assert!(told.contains("null MX"), "not in words: {told}");
        let stranger = world.browser_at(60);
        ask(&stranger, OWNER).await;
        let told = stranger.get("/reset").await;
        assert!(told.text().contains("If there is an account") && !told.body.contains("null MX"), "{}", told.text());
        assert_eq!((server.connections(), server.got().len()), (0, 0));
    }
}
