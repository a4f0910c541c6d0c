//! Text messages to gateways that answer by script.
use super::{
    gateway::{Gateway, HANGS},
    office::{Office, office},
};
use crate::delivery::State;
use kernel::{MessageId, Span};
use tokio::net::TcpListener;

async fn send(office: &Office, url: &str) -> (MessageId, State) {
    let id = office.post_text("+441234567890").await;
    office.texting(url).turn().await;
    (id, office.state(id).await)
}

#[tokio::test]
async fn twilio_is_asked_in_its_own_shape_and_believed_in_its_own_words() {
    let (office, gateway) = (office().await, Gateway::start().await);
    let url = format!("twilio://AC1:to%3Aken@{}?from=%2B441111111111", gateway.at);
    gateway.says("HTTP/1.1 201 Created\r\ncontent-length: 34\r\nconnection: close\r\n\r\n{\"sid\":\"SM77\",\"status\":\"accepted\"}");
    let (id, state) = send(&office, &url).await;
    assert!(
        matches!(&state, State::Taken { said, .. } if said == "accepted as SM77"),
        "{state:?}"
    );
    let asked = gateway.asked().remove(0);
    assert!(
        asked.starts_with("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1"),
        "{asked}"
    );
    // AC1:to:ken
    assert!(asked.contains("authorization: Basic QUMxOnRvOmtlbg=="), "{asked}");
    assert!(
        asked.contains("To=%2B441234567890&From=%2B441111111111&Body=12345678+is+your+code"),
        "{asked}"
    );
    assert!(
        asked.contains(&format!(
            "StatusCallback=http%3A%2F%2Flocalhost%3A8080%2Fdelivery%2Ftwilio%2Fstatus%3Fmessage%3D{id}"
        )),
        "{asked}"
    );
    for (answer, wanted) in [
        (
            "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "deferred",
        ),
        (
            "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "deferred",
        ),
        (
            "HTTP/1.1 307 Over there\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            "deferred",
        ),
        (
            "HTTP/1.1 400 Bad\r\ncontent-length: 33\r\nconnection: close\r\n\r\n{\"code\":21211,\"message\":\"invalid\"}",
            "refused",
        ),
    ] {
        gateway.says(answer);
        let (_, state) = send(&office, &url).await;
        assert_eq!(state.name(), wanted, "{answer}: {state:?}");
        office.advance(Span::minutes(10));
    }
}

#[tokio::test]
async fn a_lost_answer_never_costs_a_second_message() {
    let (office, gateway) = (office().await, Gateway::start().await);
    let url = format!("twilio://AC1:token@{}?from=%2B441111111111", gateway.at);
    for (count, lost) in [(1, ""), (2, HANGS)] {
        gateway.says(lost);
        let (id, state) = send(&office, &url).await;
        assert!(
            matches!(&state, State::GivenUp { said, .. } if said.contains("may have been taken")),
            "{state:?}"
        );
        office.advance(Span::minutes(2));
        office.texting(&url).turn().await;
        assert_eq!(
            (gateway.asked().len(), office.history(id).await),
            (count, vec!["unknown".to_owned()])
        );
        assert!(!format!("{state:?}").contains("token"));
    }
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let office = office().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (_, state) = send(&office, &format!("twilio://AC1:t0ken@{free}?from=%2B441111111111")).await;
    assert!(
        matches!(&state, State::Deferred { said, .. } if !said.contains("t0ken")),
        "{state:?}"
    );
}

#[tokio::test]
async fn a_webhook_is_signed_and_may_be_asked_twice() {
    let (office, gateway) = (office().await, Gateway::start().await);
    let url = format!("webhook+http://:s3cret@{}/in?x=1", gateway.at);
    gateway.says("");
    let (id, state) = send(&office, &url).await;
    assert_eq!(state.name(), "deferred", "{state:?}");
    gateway.says("HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    office.advance(Span::seconds(20));
    office.texting(&url).turn().await;
    assert_eq!(office.state(id).await.name(), "taken");
    let asked = gateway.asked();
    assert_eq!(asked.len(), 2);
    for request in asked {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert!(
            head.starts_with("POST /in?x=1 HTTP/1.1") && head.contains(&format!("idempotency-key: {id}")),
            "{head}"
        );
        let header = |name: &str| {
            head.lines()
                .find_map(|line| line.strip_prefix(&format!("{name}: ")))
                .unwrap()
                .to_owned()
        };
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"s3cret");
        let tag = aws_lc_rs::hmac::sign(&key, format!("{}.{body}", header("doorward-timestamp")).as_bytes());
        assert_eq!(
            header("doorward-signature"),
            format!("v1={}", crate::keys::hex(tag.as_ref()))
        );
        let told: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            (told["to"].as_str(), told["text"].as_str()),
            (Some("+441234567890"), Some("12345678 is your code"))
        );
        assert!(!head.contains("s3cret"));
    }
}
