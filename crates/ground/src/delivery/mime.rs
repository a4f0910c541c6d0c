//! A letter as bytes (RFC 5322, MIME): the same bytes at each try, for real mail, for tests and for the development outbox.
//! Must never happen: a header, a recipient or a command that came out of somebody's address, name or words.
use super::{Body, decide::one_line};
use kernel::{MessageId, Time};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use std::time::{Duration, SystemTime};

/// A mail, ready to be handed over.
pub(super) struct Mail {
    /// The envelope's sender of this message alone, so that a bounce tells which one came back.
    pub sender: Address,
    /// The plain sender, for servers that do not take the other.
    pub plain_sender: Address,
    /// The one recipient.
    pub to: Address,
    pub bytes: Vec<u8>,
}

/// Makes the bytes; or says why nobody can be written to.
pub(super) fn compose(from: &Mailbox, to: &str, id: MessageId, at: Time, body: &Body) -> Result<Mail, String> {
    let to = recipient(to)?;
    let message_id = format!("<{}@{}>", id.0.simple(), from.email.domain());
    let sent_at = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(at.seconds()).unwrap_or(0));
    let headers = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(one_line(&body.subject))
        .message_id(Some(message_id))
        .date(sent_at)
        // RFC 3834: no vacation notice is to answer; the second says the same to Exchange.
        .raw_header(fixed("Auto-Submitted", "auto-generated"))
        .raw_header(fixed("X-Auto-Response-Suppress", "All"));
    let plain = SinglePart::plain(body.text.clone());
    let message = if body.html.is_empty() {
        headers.singlepart(plain)
    } else {
        // A boundary of its own choosing would make each try another message.
        let both = MultiPart::alternative().boundary(format!("=_{}", id.0.simple()));
        headers.multipart(both.singlepart(plain).singlepart(SinglePart::html(body.html.clone())))
    };
    let message = message.map_err(|error| format!("the message cannot be written: {error}"))?;
    Ok(Mail {
        sender: bounce_address(&from.email, id),
        plain_sender: from.email.clone(),
        to,
        bytes: message.formatted(),
    })
}

fn fixed(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// An address that can stand in a command: checked, its domain in ASCII (IDNA).
fn recipient(to: &str) -> Result<Address, String> {
    let broken = || "this is no address that mail can be sent to".to_owned();
    if to.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(broken());
    }
    let (local, domain) = to.rsplit_once('@').ok_or_else(broken)?;
    let domain = idna::domain_to_ascii(domain).map_err(|_| broken())?;
    Address::new(local, domain).map_err(|_| broken())
}

/// `door+ID@example.org`. The plain address where that would be longer than an address may be (RFC 5321, 4.5.3.1.1).
fn bounce_address(from: &Address, id: MessageId) -> Address {
    let local = format!("{}+{}", from.user(), id.0.simple());
    if local.len() > 64 {
        return from.clone();
    }
    Address::new(local, from.domain()).unwrap_or_else(|_| from.clone())
}

/// The message that an address such as `door+ID@example.org` is about.
pub(super) fn message_of(address: &str) -> Option<MessageId> {
    let (local, _) = address.rsplit_once('@')?;
    let (_, id) = local.rsplit_once('+')?;
    (id.len() == 32).then(|| id.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::{MessageParser, MimeHeaders};
    use uuid::Uuid;

    fn id() -> MessageId {
        MessageId(Uuid::from_u128(0x0193_6d2c_5b7e_7000_8000_0000_0000_0001))
    }
    fn from() -> Mailbox {
        "Doorward <door@example.org>".parse().unwrap()
    }
    fn made(to: &str, subject: &str, text: &str, html: &str) -> Result<Mail, String> {
        let body = Body {
            subject: subject.into(),
            text: text.into(),
            html: html.into(),
        };
        compose(&from(), to, id(), Time::from_seconds(1_795_511_642), &body)
    }

    #[test]
    fn a_letter_is_read_back_as_it_was_written() {
        let (text, html) = ("Grüße,\nhttps://door.example.org/reset?token=abc\n.\n", "<p>Grüße</p>");
        let mail = made("ana@example.org", "Neues Paßwort — ä", text, html).unwrap();
        let read = MessageParser::default().parse(&mail.bytes).unwrap();
        assert_eq!(read.subject(), Some("Neues Paßwort — ä"));
        assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n"), text);
        assert_eq!(read.body_html(0).unwrap().replace("\r\n", "\n"), html);
        assert_eq!(read.message_id(), Some("01936d2c5b7e70008000000000000001@example.org"));
        assert_eq!(read.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
        assert_eq!(read.date().unwrap().to_timestamp(), 1_795_511_642);
        assert_eq!(
            read.from().unwrap().first().unwrap().address(),
            Some("door@example.org")
        );
        assert_eq!(read.to().unwrap().first().unwrap().address(), Some("ana@example.org"));
        assert!(read.content_type().unwrap().subtype() == Some("alternative"));
        assert!(mail.bytes.is_ascii(), "a server without 8BITMIME takes it too");
        assert!(mail.bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
        assert_eq!(
            made("ana@example.org", "Neues Paßwort — ä", text, html).unwrap().bytes,
            mail.bytes
        );
    }

    #[test]
    fn nothing_in_a_letter_becomes_a_header_or_a_recipient() {
        let subject = "Hello\r\nBcc: evil@example.org\r\n\r\nbody";
        let mail = made(
            "ana@example.org",
            subject,
            "x\r\n.\r\nMAIL FROM:<evil@example.org>\r\n",
            "",
        )
        .unwrap();
        let read = MessageParser::default().parse(&mail.bytes).unwrap();
        assert!(read.bcc().is_none() && read.header_raw("Bcc").is_none());
        assert_eq!(read.subject(), Some("Hello Bcc: evil@example.org body"));
        for to in [
            "",
            "ana",
            "@example.org",
            "ana@",
            "ana@example.org\r\nRCPT TO:<evil@example.org>",
            "ana@example.org>\r\nDATA",
            "a b@example.org",
            "ana@exam ple.org",
            "ana@example.org,evil@example.org",
            "<ana@example.org>",
            "ana@example.org\0",
            "ana@@example.org",
            "ana@[127.0.0.1",
            "Ana <ana@example.org>",
            "ana\t@example.org",
        ] {
            assert!(made(to, "x", "x", "").is_err(), "{to:?}");
        }
        for to in [
            "-oQ/tmp@example.org",
            "o'neill@example.org",
            "ana+x@example.org",
            "ana@bücher.example",
            "дана@example.org",
        ] {
            let mail = made(to, "x", "x", "").unwrap();
            assert!(!mail.to.to_string().contains(['\r', '\n', '<', '>', ' ']), "{to:?}");
        }
        assert_eq!(
            made("ana@bücher.example", "x", "x", "").unwrap().to.domain(),
            "xn--bcher-kva.example"
        );
    }

    #[test]
    fn a_bounce_tells_which_message_came_back() {
        let mail = made("ana@example.org", "x", "x", "").unwrap();
        assert_eq!(
            mail.sender.to_string(),
            "door+01936d2c5b7e70008000000000000001@example.org"
        );
        assert_eq!(message_of(mail.sender.as_ref()), Some(id()));
        for other in [
            "door@example.org",
            "door+x@example.org",
            "door+@example.org",
            "",
            "+",
            "a+01936d2c5b7e7000800000000000000g@x",
        ] {
            assert_eq!(message_of(other), None, "{other:?}");
        }
        let long: Address = format!("{}@example.org", "d".repeat(40)).parse().unwrap();
        assert_eq!(bounce_address(&long, id()), long);
    }
}
