//! Mail straight to the recipients' servers, by a name server that answers real questions and mail servers that misbehave by script.
use super::{
    dns::Dns,
    office::{Office, office},
    server::{Deed, Server},
};
use crate::delivery::{Postman, State};
use kernel::{MessageId, Span};

/// The postman who asks this name server, and takes servers on this machine for servers of others.
fn postman(office: &Office, dns: &Dns, port: u16) -> Postman {
    office.postman_of(&format!("mx://door.example.org:{port}?dns={}&private=yes", dns.at))
}

async fn sent(office: &Office, postman: &Postman, to: &str) -> (MessageId, State) {
    let id = office.post(to).await;
    postman.turn().await;
    (id, office.state(id).await)
}

#[tokio::test]
async fn mail_goes_to_the_exchangers_in_their_order_and_to_the_next_when_one_is_away() {
    let (office, dns) = (office().await, Dns::start().await);
    let first = Server::start_at("127.0.0.2:0").await;
    let port = first.at.port();
    let second = Server::start_at(&format!("127.0.0.3:{port}")).await;
    for (preference, name, address) in [(20, "b", "127.0.0.3"), (10, "a", "127.0.0.2"), (5, "dead", "127.0.0.4")] {
        dns.mx("example.net", preference, &format!("{name}.example.net"));
        dns.a(&format!("{name}.example.net"), address);
    }
    let postman = postman(&office, &dns, port);
    let (_, state) = sent(&office, &postman, "ana@example.net").await;
    let State::Taken { by, said, .. } = state else {
        panic!("{state:?}")
    };
    assert_eq!(by, format!("a.example.net [127.0.0.2]:{port} without TLS"));
    assert_eq!(said, "250 2.0.0 queued as 4F1");
    assert!(first.lines().iter().any(|line| line == "EHLO door.example.org"));
    for deed in [
        ("greeting", Deed::Drop),
        ("greeting", Deed::Say("554 5.3.2 not today")),
        ("RCPT", Deed::Say("450 4.2.1 greylisted")),
        ("DATA", Deed::Drop),
    ] {
        let before = second.got().len();
        first.misbehave(Some(deed));
        let (_, state) = sent(&office, &postman, "ana@example.net").await;
        assert_eq!((state.name(), second.got().len()), ("taken", before + 1), "{deed:?}");
    }
    // No for good is the word of all of them.
    first.misbehave(Some(("RCPT", Deed::Say("550 5.1.1 <ana@example.net>: no such user"))));
    let before = second.got().len();
    let (_, state) = sent(&office, &postman, "ana@example.net").await;
    assert!(
        state.name() == "refused" && state.said().contains("no such user"),
        "{state:?}"
    );
    assert_eq!(second.got().len(), before);
    assert_eq!((first.got().len(), second.got().len()), (1, 4), "each message once");
}

#[tokio::test]
async fn what_the_dns_says_decides_whether_there_is_a_way() {
    let (office, dns, server) = (office().await, Dns::start().await, Server::start().await);
    dns.a("implicit.example", "127.0.0.1");
    dns.mx("null.example", 0, "");
    dns.name("nothing.example");
    dns.mx("dangling.example", 10, "gone.dangling.example");
    let postman = postman(&office, &dns, server.at.port());
    for (to, state, words) in [
        ("ana@implicit.example", "taken", "queued as 4F1"),
        ("ana@null.example", "refused", "null MX"),
        ("ana@nowhere.example", "refused", "knows no domain nowhere.example"),
        ("ana@nothing.example", "refused", "neither a mail server nor an address"),
        ("ana@dangling.example", "refused", "have no address"),
        ("ana@127.0.0.1", "refused", "names a machine"),
        ("ana@[127.0.0.1]", "refused", ""),
    ] {
        let (_, met) = sent(&office, &postman, to).await;
        assert_eq!(met.name(), state, "{to}: {met:?}");
        assert!(met.said().contains(words), "{to}: {met:?}");
    }
    assert_eq!(server.got().len(), 1);
}

#[tokio::test]
async fn silence_of_the_dns_is_no_refusal_and_the_look_tells_of_it() {
    let (office, dns, server) = (office().await, Dns::start().await, Server::start().await);
    dns.a("example.net", "127.0.0.1");
    dns.breaks(true);
    let postman = postman(&office, &dns, server.at.port());
    let (id, state) = sent(&office, &postman, "ana@example.net").await;
    assert!(
        state.is_under_way() && state.said().contains("the DNS did not answer for example.net"),
        "{state:?}"
    );
    postman.minute().await;
    assert!(!office.store.read(crate::delivery::probe).await.unwrap().is_up);
    dns.breaks(false);
    office.advance(Span::minutes(1));
    postman.minute().await;
    let probe = office.store.read(crate::delivery::probe).await.unwrap();
    assert!(probe.is_up && probe.place == "the recipients' own servers", "{probe:?}");
    assert_eq!(postman.turn().await.taken, 1);
    assert_eq!(office.history(id).await, ["deferred", "taken"]);
}

#[tokio::test]
async fn nobodys_dns_leads_us_into_an_inner_network() {
    let (office, dns, server) = (office().await, Dns::start().await, Server::start().await);
    for (domain, address) in [
        ("a.example", "127.0.0.1"),
        ("b.example", "10.0.0.1"),
        ("c.example", "169.254.169.254"),
    ] {
        dns.mx(domain, 10, &format!("mx.{domain}"));
        dns.a(&format!("mx.{domain}"), address);
        let open = office.postman_of(&format!("mx://door.example.org:{}?dns={}", server.at.port(), dns.at));
        let (_, state) = sent(&office, &open, &format!("ana@{domain}")).await;
        assert!(
            state.name() == "refused" && state.said().contains("inner networks"),
            "{state:?}"
        );
    }
    let open = office.postman_of(&format!("mx://door.example.org:{}?dns={}", server.at.port(), dns.at));
    let (_, state) = sent(&office, &open, "ana@localhost").await;
    assert_eq!(state.name(), "refused", "{state:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_domain_whose_servers_hang_keeps_no_other_waiting() {
    let (office, dns) = (office().await, Dns::start().await);
    let slow = Server::start_at("127.0.0.2:0").await;
    let good = Server::start_at(&format!("127.0.0.3:{}", slow.at.port())).await;
    dns.a("slow.example", "127.0.0.2");
    dns.a("good.example", "127.0.0.3");
    slow.misbehave(Some(("greeting", Deed::Drip(200))));
    let postman = postman(&office, &dns, slow.at.port());
    let mut waiting = Vec::new();
    for n in 0..40 {
        waiting.push(office.post(&format!("p{n}@slow.example")).await);
    }
    let good_id = office.post("ana@good.example").await;
    let began = std::time::Instant::now();
    let turn = tokio::spawn(async move { postman.turn().await });
    while office.state(good_id).await.name() != "taken" {
        assert!(began.elapsed().as_secs() < 5, "{:?}", office.state(good_id).await);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let turn = turn.await.unwrap();
    assert_eq!((turn.taken, turn.deferred), (1, 40));
    assert_eq!(good.got().len(), 1);
    assert!(
        slow.connections() <= 4,
        "a closed door is not knocked at for each message: {}",
        slow.connections()
    );
    for id in waiting {
        assert!(office.state(id).await.is_under_way());
    }
}

#[tokio::test]
async fn messages_to_one_domain_share_lines_and_questions() {
    let (office, dns, server) = (office().await, Dns::start().await, Server::start().await);
    dns.a("example.net", "127.0.0.1");
    let postman = postman(&office, &dns, server.at.port());
    for n in 0..60 {
        office.post(&format!("p{n}@example.net")).await;
    }
    assert_eq!(postman.turn().await.taken, 60);
    assert_eq!(server.got().len(), 60);
    assert!(server.connections() <= 12, "{}", server.connections());
    assert!(dns.asked().len() <= 36, "{}", dns.asked().len());
}

#[tokio::test]
async fn tls_is_used_where_it_is_offered_whatever_the_certificate_and_where_it_fails_mail_still_goes() {
    let (office, dns, server) = (office().await, Dns::start().await, Server::start().await);
    dns.a("example.net", "127.0.0.1");
    let postman = postman(&office, &dns, server.at.port());
    server.offers_tls();
    let (_, state) = sent(&office, &postman, "ana@example.net").await;
    assert!(
        matches!(&state, State::Taken { by, .. } if !by.contains("TLS")),
        "{state:?}"
    );
    server.misbehave(Some(("STARTTLS", Deed::Say("454 4.7.0 TLS not available"))));
    let (_, state) = sent(&office, &postman, "bo@example.net").await;
    assert!(
        matches!(&state, State::Taken { by, .. } if by.ends_with("without TLS")),
        "{state:?}"
    );
    let private: Vec<bool> = server.got().iter().map(|got| got.is_private).collect();
    assert_eq!(private, [true, false]);
}
