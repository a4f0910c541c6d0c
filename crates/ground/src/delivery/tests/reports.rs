//! Bounces that come to the listener.
use super::office::{office, offices};
use crate::delivery::{Postman, State, lmtp};
use kernel::MessageId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Says all this to the listener; what it answers.
async fn say(at: std::net::SocketAddr, words: &str) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn report(id: MessageId, action: &str) -> String {
    format!(
        "LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<door+{}@example.org>\r\nDATA\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n.\r\nQUIT\r\n",
        id.0.simple()
    )
}

#[tokio::test]
async fn a_bounce_is_told_of_the_message_that_came_back() {
    for office in offices().await {
        let ground = office.ground(|_| {});
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let serving = tokio::spawn(lmtp::serve(ground.clone(), listener));
        let (id, other) = (
            office.post("ana@example.org").await,
            office.post("bo@example.org").await,
        );
        assert!(say(at, &report(id, "failed")).await.contains("250 2.0.0 ok"));
        assert_eq!(
            office.state(id).await,
            State::Queued,
            "what was never sent cannot come back"
        );
        Postman::new(&ground).unwrap().turn().await;
        say(at, &report(id, "delayed")).await;
        assert!(matches!(office.state(id).await, State::Taken { said, .. } if said.contains("no such user")));
        for _ in 0..2 {
            say(at, &report(id, "failed")).await;
        }
        assert!(matches!(office.state(id).await, State::Bounced { said, .. } if said == "550 5.1.1 no such user"));
        assert_eq!(office.history(id).await, ["taken", "delayed", "bounced"]);
        assert_eq!(office.state(other).await.name(), "taken");
        serving.abort();
    }
}

#[tokio::test]
async fn the_listener_takes_mail_for_our_own_messages_only() {
    let office = office().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let serving = tokio::spawn(lmtp::serve(office.ground(|_| {}), listener));
    for to in [
        "ana@example.org",
        "door+01936d2c5b7e70008000000000000001@example.org",
        "door+x@example.org",
        "<",
        "",
    ] {
        let answer = say(
            at,
            &format!("LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<{to}>\r\nDATA\r\nQUIT\r\n"),
        )
        .await;
        assert!(
            answer.contains("550 5.1.1") && answer.contains("503 5.5.1"),
            "{to}: {answer}"
        );
    }
    let id = office.post("ana@example.org").await;
    let large = format!(
        "LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<door+{}@example.org>\r\nDATA\r\n{}",
        id.0.simple(),
        "x\r\n".repeat(400_000)
    );
    let mut stream = TcpStream::connect(at).await.unwrap();
    let _ = stream.write_all(large.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(
        say(at, "HELP\r\nNOOP\r\nVRFY root\r\nQUIT\r\n")
            .await
            .contains("502 5.5.2"),
        "it still listens"
    );
    assert_eq!(office.state(id).await, State::Queued);
    serving.abort();
}
