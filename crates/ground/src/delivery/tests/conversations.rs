//! The conversation with a mail server that refuses, defers, hangs or hangs up at every step.
use super::{
    office::{Office, office},
    server::{Deed, Server},
};
use crate::delivery::State;
use kernel::{MessageId, Span};
use mail_parser::MessageParser;

/// What becomes of a message when the server misbehaves at this step, and what is in its words.
async fn meet(office: &Office, server: &Server, step: &'static str, deed: Deed) -> (MessageId, State) {
    server.misbehave(Some((step, deed)));
    let id = office.post("ana@example.org").await;
    office.postman(&[server.at]).turn().await;
    server.misbehave(None);
    (id, office.state(id).await)
}

#[tokio::test]
async fn what_a_server_refuses_or_puts_off_is_told_in_its_own_words() {
    let (office, server) = (office().await, Server::start().await);
    for (step, words, state) in [
        ("MAIL", "451 4.7.1 later", "deferred"),
        ("MAIL", "550 5.7.1 not you", "refused"),
        ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", "deferred"),
        ("RCPT", "450 4.2.1 greylisted", "deferred"),
        ("RCPT", "550 5.1.1 <ana@example.org>: no such user", "refused"),
        ("DATA", "452 4.3.1 disk full", "deferred"),
        ("DATA", "554 5.5.1 no", "refused"),
        (".", "451 4.3.0 try again", "deferred"),
        (".", "554 5.7.1 spam", "refused"),
        ("greeting", "554 5.3.2 not today", "deferred"),
        ("greeting", "421 4.3.2 too busy", "deferred"),
        ("EHLO", "502 what", "deferred"),
    ] {
        let (id, met) = meet(&office, &server, step, Deed::Say(words)).await;
        assert_eq!(met.name(), state, "{step} {words}: {met:?}");
        assert!(met.said().contains(words), "{step} {words}: {met:?}");
        assert!(server.got().is_empty());
        office
            .store
            .write(move |tx| crate::delivery::store::bounce(tx, None, id, "cleared", kernel::Time::from_seconds(0)))
            .await
            .unwrap();
        office.advance(Span::minutes(1));
    }
    let senders: Vec<String> = server
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("MAIL FROM"))
        .collect();
    assert!(
        senders.iter().any(|line| line == "MAIL FROM:<door@example.org>"),
        "a server that will not have the special sender gets the plain one"
    );
}

#[tokio::test]
async fn a_server_that_hangs_hangs_up_or_drips_is_left_and_tried_again() {
    let (office, server) = (office().await, Server::start().await);
    for (step, deed, last) in [
        ("greeting", Deed::Hang, "deferred"),
        ("greeting", Deed::Drop, "deferred"),
        ("greeting", Deed::Drip(200), "deferred"),
        ("EHLO", Deed::Hang, "deferred"),
        ("MAIL", Deed::Hang, "deferred"),
        ("MAIL", Deed::Drop, "deferred"),
        ("RCPT", Deed::Hang, "deferred"),
        ("RCPT", Deed::Drip(200), "deferred"),
        ("RCPT", Deed::Drop, "deferred"),
        ("DATA", Deed::Hang, "deferred"),
        ("DATA", Deed::Drop, "deferred"),
        (".", Deed::Hang, "unknown"),
        (".", Deed::Drop, "unknown"),
        (".", Deed::Drip(200), "unknown"),
    ] {
        let before = server.got().len();
        let began = std::time::Instant::now();
        let (id, met) = meet(&office, &server, step, deed).await;
        assert!(
            began.elapsed() < std::time::Duration::from_secs(5),
            "{step} {deed:?} held us for {:?}",
            began.elapsed()
        );
        assert!(met.is_under_way(), "{step} {deed:?}: {met:?}");
        assert_eq!(office.history(id).await, [last], "{step} {deed:?}: {met:?}");
        assert_eq!(met.said().contains("may have been taken"), last == "unknown", "{met:?}");
        office.advance(Span::minutes(3));
        office.postman(&[server.at]).turn().await;
        assert_eq!(office.state(id).await.name(), "taken", "{step} {deed:?}");
        let copies = server.got().len() - before;
        assert_eq!(
            copies,
            if (step, deed) == (".", Deed::Drip(200)) { 2 } else { 1 },
            "{step} {deed:?}"
        );
    }
}

#[tokio::test]
async fn a_second_copy_after_a_lost_answer_is_known_as_one() {
    let (office, server) = (office().await, Server::start().await);
    let (id, met) = meet(&office, &server, ".", Deed::TakeThenDrop).await;
    assert!(met.said().contains("same Message-ID"), "{met:?}");
    office.postman(&[server.at]).turn().await;
    assert_eq!(server.got().len(), 1, "not at once");
    office.advance(Span::minutes(3));
    office.postman(&[server.at]).turn().await;
    let got = server.got();
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].message_id(), got[1].message_id());
    assert_eq!(got[0].mail, got[1].mail, "the same bytes");
    assert_eq!(office.history(id).await, ["unknown", "taken"]);
}

#[tokio::test]
async fn a_mail_arrives_whole_from_a_sender_of_its_own() {
    let (office, server) = (office().await, Server::start().await);
    let id = office.post("ana@example.org").await;
    let turn = office.postman(&[server.at]).turn().await;
    assert_eq!((turn.taken, turn.deferred), (1, 0));
    let State::Taken { by, said, .. } = office.state(id).await else {
        panic!("taken")
    };
    assert_eq!((by, said.as_str()), (server.at.to_string(), "250 2.0.0 queued as 4F1"));
    let got = server.got().remove(0);
    assert_eq!(got.from, format!("MAIL FROM:<door+{}@example.org>", id.0.simple()));
    assert_eq!(got.to, "RCPT TO:<ana@example.org>");
    let mail = MessageParser::default().parse(got.mail.as_bytes()).unwrap();
    assert_eq!(mail.subject(), Some("Your way back in"));
    assert!(
        mail.body_text(0).unwrap().contains("\r\n.\r\nEnd"),
        "a lone full stop is no end"
    );
    assert!(mail.body_html(0).unwrap().contains("SECRETLINK"));
    assert!(!office.is_kept(id).await, "what it said is erased once it was taken");
}

#[tokio::test]
async fn an_address_never_becomes_a_command() {
    let (office, server) = (office().await, Server::start().await);
    for to in [
        "ana@example.org\r\nRCPT TO:<evil@example.org>",
        "ana@example.org>\r\nDATA",
        "a b@example.org",
        "evil",
    ] {
        let id = office.post(to).await;
        office.postman(&[server.at]).turn().await;
        assert_eq!(office.state(id).await.name(), "refused", "{to:?}");
    }
    assert!(server.got().is_empty() && !server.lines().iter().any(|line| line.contains("evil")));
}

#[tokio::test]
async fn a_login_is_given_and_a_wrong_one_holds_the_mail_back() {
    let (office, server) = (office().await, Server::start().await);
    // \0user\0p@ss
    server.asks_for("AHVzZXIAcEBzcw==");
    let id = office.post("ana@example.org").await;
    office
        .postman_of(&format!("smtp://user:wrong@{}?tls=none", server.at))
        .turn()
        .await;
    let state = office.state(id).await;
    assert!(
        state.is_under_way() && state.said().contains("535 5.7.8 authentication failed"),
        "{state:?}"
    );
    office.advance(Span::minutes(1));
    office
        .postman_of(&format!("smtp://user:p%40ss@{}?tls=none", server.at))
        .turn()
        .await;
    assert_eq!(office.state(id).await.name(), "taken");
}

#[tokio::test]
async fn a_server_without_starttls_gets_neither_login_nor_mail() {
    let (office, server) = (office().await, Server::start().await);
    server.asks_for("AHVzZXIAcEBzcw==");
    let id = office.post("ana@example.org").await;
    office
        .postman_of(&format!("smtp://user:p%40ss@{}", server.at))
        .turn()
        .await;
    let state = office.state(id).await;
    assert!(
        state.is_under_way() && state.said().contains("does not offer STARTTLS"),
        "{state:?}"
    );
    assert!(
        !server
            .lines()
            .iter()
            .any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")),
        "{:?}",
        server.lines()
    );
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_gets_neither_login_nor_mail() {
    let (office, server) = (office().await, Server::start().await);
    server.offers_tls();
    let id = office.post("ana@example.org").await;
    office
        .postman_of(&format!("smtp://user:p%40ss@{}", server.at))
        .turn()
        .await;
    let state = office.state(id).await;
    assert!(
        state.is_under_way() && state.said().contains("invalid peer certificate"),
        "{state:?}"
    );
    let lines = server.lines();
    assert_eq!(lines.last().map(String::as_str), Some("STARTTLS"), "{lines:?}");
}

#[tokio::test]
async fn of_several_servers_the_next_one_helps_out() {
    let (office, dead, alive) = (office().await, Server::start().await, Server::start().await);
    dead.misbehave(Some(("greeting", Deed::Drop)));
    let id = office.post("ana@example.org").await;
    office.postman(&[dead.at, alive.at]).turn().await;
    assert_eq!(office.state(id).await.name(), "taken");
    assert_eq!((dead.got().len(), alive.got().len()), (0, 1));
}

#[tokio::test]
async fn many_messages_share_a_few_lines() {
    let (office, server) = (office().await, Server::start().await);
    for n in 0..60 {
        office.post(&format!("p{n}@example.org")).await;
    }
    assert_eq!(office.postman(&[server.at]).turn().await.taken, 60);
    assert!(server.connections() <= 4, "{}", server.connections());
}

#[tokio::test]
async fn a_refusal_does_not_spoil_the_line_for_the_next() {
    let (office, server) = (office().await, Server::start().await);
    server.misbehave(Some(("RCPT", Deed::Say("550 5.1.1 nobody"))));
    for n in 0..8 {
        office.post(&format!("p{n}@example.org")).await;
    }
    assert_eq!(office.postman(&[server.at]).turn().await.refused, 8);
    assert!(server.connections() <= 4);
}
