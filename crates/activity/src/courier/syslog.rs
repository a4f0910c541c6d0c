//! Activity as syslog messages (RFC 5424) in frames that tell their length (RFC 6587, 3.4.1; RFC 5425, 4.3). Pure.
//! Must never happen: text of somebody's that ends a message or a parameter early.
use super::payload::{Parcel, hex};
use crate::{
    item::{self, Names},
    store::Chained,
};
use ground::journal::Checkpoint;
use kernel::Time;
use std::fmt::Write as _;

/// Log audit (13) times 8, with the severities of RFC 5424, 6.2.1.
const NOTICE: u8 = 13 * 8 + 5;
const WARNING: u8 = 13 * 8 + 4;
/// Names our structured data. 32473 stands for whoever has no number of their own (RFC 5612).
const EVENT: &str = "event@32473";
const CHECKPOINT: &str = "checkpoint@32473";

/// All of a parcel, each message in its frame.
pub(super) fn lines(host: &str, parcel: &Parcel) -> Vec<u8> {
    let mut all = Vec::new();
    let mut add = |message: String| {
        all.extend_from_slice(format!("{} {message}", message.len()).as_bytes());
    };
    if parcel.is_test {
        let head = head(NOTICE, parcel.at, host, "test");
        add(format!("{head} - \u{feff}A test: activity of Doorward arrives here."));
    }
    for event in parcel.events {
        add(message(host, event, parcel.names));
    }
    if let Some(checkpoint) = parcel.checkpoint {
        add(proof(host, checkpoint));
    }
    all
}

/// `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID`.
fn head(priority: u8, at: Time, host: &str, kind: &str) -> String {
    let micros = at.micros().rem_euclid(1_000_000);
    let at = Time::from_seconds(at.micros().div_euclid(1_000_000)).rfc3339();
    let at = at.trim_end_matches('Z');
    format!(
        "<{priority}>1 {at}.{micros:06}Z {} doorward - {}",
        token(host, 255),
        token(kind, 32)
    )
}

fn message(host: &str, event: &Chained, names: &Names) -> String {
    let row = &event.row;
    let is_stopped = row.outcome == "stopped";
    let priority = if is_stopped { WARNING } else { NOTICE };
    let mut text = head(priority, row.at, host, &row.kind);
    let id = |id: Option<kernel::PersonId>| id.map(|id| id.to_string()).unwrap_or_default();
    let parameters = [
        ("seq", row.seq.to_string()),
        ("id", row.id.to_string()),
        ("outcome", row.outcome.clone()),
        ("reason", row.reason.clone().unwrap_or_default()),
        ("actor", id(row.actor)),
        ("subject", id(row.subject)),
        ("network", row.network.clone()),
        ("device", row.device_label.clone()),
        ("count", row.count.to_string()),
        ("hash", hex(&event.hash)),
    ];
    data(&mut text, EVENT, &parameters);
    let line = item::line(row.clone(), names);
    let why = if line.why.is_empty() {
        String::new()
    } else {
        format!(" ({})", line.why)
    };
    let _ = write!(text, " \u{feff}{}: {}{why}", line.who, line.what);
    text
}

fn proof(host: &str, checkpoint: &Checkpoint) -> String {
    let mut text = head(NOTICE, checkpoint.at, host, "checkpoint");
    let parameters = [
        ("stream", checkpoint.stream.to_string()),
        ("seq", checkpoint.seq.to_string()),
        ("hash", hex(&checkpoint.hash)),
        ("at", checkpoint.at.micros().to_string()),
        ("key", hex(&checkpoint.key_id)),
        ("signature", hex(&checkpoint.signature)),
    ];
    data(&mut text, CHECKPOINT, &parameters);
    text.push_str(" \u{feff}The log up to this line is signed.");
    text
}

/// ` [ID name="value" …]`, without what is empty. In a value `"`, `\` and `]` are escaped (RFC 5424, 6.3.3).
fn data(text: &mut String, id: &str, parameters: &[(&str, String)]) {
    let _ = write!(text, " [{id}");
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(text, " {name}=\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\' | ']') {
                text.push('\\');
            }
            text.push(c);
        }
        text.push('"');
    }
    text.push(']');
}

/// A word of printable ASCII, cut to its length; a hyphen where nothing is left.
fn token(word: &str, most: usize) -> String {
    let kept: String = word.chars().filter(char::is_ascii_graphic).take(most).collect();
    if kept.is_empty() { "-".into() } else { kept }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::store::Row;
    use kernel::{EventId, OrganisationId, PersonId};
    use uuid::Uuid;

    pub(crate) fn event() -> Chained {
        let row = Row {
            seq: 3,
            id: EventId(Uuid::from_u128(3)),
            at: Time::from_micros(1_795_511_642_000_007),
            kind: "signed-in".into(),
            outcome: "allowed".into(),
            reason: None,
            count: 1,
            actor: Some(PersonId(Uuid::from_u128(1))),
            subject: Some(PersonId(Uuid::from_u128(1))),
            device_label: "a \"quoted\\ name]".into(),
            network: "203.0.113.7".into(),
            detail: String::new(),
        };
        Chained { row, hash: [3; 32] }
    }

    pub(crate) fn checkpoint() -> Checkpoint {
        Checkpoint {
            stream: Uuid::from_u128(1),
            seq: 3,
            hash: [3; 32],
            at: Time::from_seconds(1_795_511_690),
            key_id: vec![1, 2],
            signature: vec![255],
        }
    }

    #[test]
    fn every_message_tells_its_length_and_escapes_what_would_end_it() {
        let (events, checkpoint) = ([event()], checkpoint());
        let parcel = Parcel {
            id: Uuid::nil(),
            organisation: OrganisationId(Uuid::from_u128(1)),
            at: Time::from_seconds(1_795_511_700),
            is_test: false,
            events: &events,
            names: &Names::from([(PersonId(Uuid::from_u128(1)), "Zoë".into())]),
            checkpoint: Some(&checkpoint),
        };
        let bytes = lines("door.example.org", &parcel);
        let mut messages = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let space = rest.iter().position(|byte| *byte == b' ').unwrap();
            let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().unwrap();
            messages.push(String::from_utf8(rest[space + 1..space + 1 + length].to_vec()).unwrap());
            rest = &rest[space + 1 + length..];
        }
        let expected = "<109>1 2026-11-24T09:14:02.000007Z door.example.org doorward - signed-in [event@32473 seq=\"3\" \
                        id=\"00000000-0000-0000-0000-000000000003\" outcome=\"allowed\" \
                        actor=\"00000000-0000-0000-0000-000000000001\" subject=\"00000000-0000-0000-0000-000000000001\" \
                        network=\"203.0.113.7\" device=\"a \\\"quoted\\\\ name\\]\" count=\"1\" hash=\"";
        assert!(messages[0].starts_with(expected), "{}", messages[0]);
        assert!(messages[0].ends_with("\"] \u{feff}Zoë: Signed in"), "{}", messages[0]);
        assert!(
            messages[1].contains(" checkpoint [checkpoint@32473 stream=\""),
            "{}",
            messages[1]
        );
        assert_eq!(messages.len(), 2);
    }

    #[test]
    fn every_kind_of_event_is_a_name_that_syslog_takes() {
        for kind in kernel::EventKind::ALL {
            assert!(kind.id().len() <= 32 && kind.id().is_ascii(), "{}", kind.id());
        }
    }
}
