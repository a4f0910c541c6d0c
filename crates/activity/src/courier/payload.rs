//! What a webhook is sent: JSON, signed over its moment and its body, with an id by which a second copy is known. Pure.
//! Must never happen: a body that could be sent again later, or to another, and still be taken for ours.
use crate::{
    item::{self, Item, Names},
    store::Chained,
};
use aws_lc_rs::hmac;
use ground::journal::Checkpoint;
use kernel::{OrganisationId, Time};
use serde::Serialize;
use std::fmt::Write as _;
use uuid::Uuid;

/// What is sent at once.
pub(super) struct Parcel<'a> {
    pub id: Uuid,
    pub organisation: OrganisationId,
    pub at: Time,
    pub is_test: bool,
    pub events: &'a [Chained],
    pub names: &'a Names,
    pub checkpoint: Option<&'a Checkpoint>,
}

#[derive(Serialize)]
struct Body<'a> {
    id: Uuid,
    organisation: Uuid,
    sent_at: String,
    test: bool,
    events: Vec<Sent>,
    checkpoint: Option<&'a Checkpoint>,
}

/// An event, and its hash in the chain: the hash of a checkpoint is that of the event of its `seq`.
#[derive(Serialize)]
struct Sent {
    #[serde(flatten)]
    item: Item,
    hash: String,
}

/// Headers and body.
pub(super) fn letter(parcel: &Parcel, secret: &str) -> (Vec<(&'static str, String)>, String) {
    let sent = |event: &Chained| Sent {
        item: item::item(event.row.clone(), parcel.names),
        hash: hex(&event.hash),
    };
    let body = Body {
        id: parcel.id,
        organisation: parcel.organisation.0,
        sent_at: parcel.at.rfc3339(),
        test: parcel.is_test,
        events: parcel.events.iter().map(sent).collect(),
        checkpoint: parcel.checkpoint,
    };
    let body = serde_json::to_string(&body).unwrap_or_default();
    let at = parcel.at.seconds().to_string();
    let headers = vec![
        ("idempotency-key", parcel.id.to_string()),
        ("doorward-signature", signature(secret, &at, &body)),
        ("doorward-timestamp", at),
    ];
    (headers, body)
}

/// `v1=` and the HMAC-SHA-256, in hexadecimal, over the timestamp, a full stop and the body.
fn signature(secret: &str, at: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    format!("v1={}", hex(tag.as_ref()))
}

/// Two digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::courier::syslog::tests::{checkpoint, event};

    #[test]
    fn the_signature_is_what_any_hmac_tool_says() {
        // printf '1795511642.{}' | openssl dgst -sha256 -hmac s3cret
        let expected = "v1=e00140661193727ab394b73221cbd5129df3c1d19ab77cdf8c54d660d76432b6";
        assert_eq!(signature("s3cret", "1795511642", "{}"), expected);
    }

    #[test]
    fn a_parcel_says_what_happened_and_what_proves_it() {
        let (events, checkpoint) = ([event()], checkpoint());
        let parcel = Parcel {
            id: Uuid::from_u128(7),
            organisation: OrganisationId(Uuid::from_u128(1)),
            at: Time::from_seconds(1_795_511_700),
            is_test: false,
            events: &events,
            names: &Names::new(),
            checkpoint: Some(&checkpoint),
        };
        let (headers, body) = letter(&parcel, "s3cret");
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(value["events"][0]["kind"], "signed-in");
        assert_eq!(value["events"][0]["hash"], "03".repeat(32));
        assert_eq!(value["checkpoint"]["hash"], value["events"][0]["hash"]);
        assert_eq!(
            (&value["sent_at"], &value["test"]),
            (&"2026-11-24T09:15:00Z".into(), &false.into())
        );
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["idempotency-key", "doorward-signature", "doorward-timestamp"]);
        assert!(headers.contains(&("doorward-signature", signature("s3cret", "1795511700", &body))));
    }
}
