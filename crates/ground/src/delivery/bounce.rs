//! Mail that comes back (RFC 3464): what it says about which message. For the bounces' listener and the API.
//! Must never happen: a vacation notice, or mail of a stranger, taken for a failure.
use super::decide::one_line;
use mail_parser::{MessageParser, MimeHeaders as _};

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// The message will not arrive; otherwise it is only late.
    pub is_final: bool,
    /// In the reporting server's own words.
    pub said: String,
}

/// Reads a report; none where this is something else.
pub(super) fn read(mail: &[u8]) -> Option<Report> {
    let parsed = MessageParser::default().parse(mail)?;
    let status = parsed.parts.iter().find(|part| {
        let kind = part.content_type();
        kind.is_some_and(|kind| kind.ctype() == "message" && kind.subtype() == Some("delivery-status"))
    });
    if let Some(part) = status {
        return read_status(&String::from_utf8_lossy(part.contents()));
    }
    // Servers that report in their own way still name whom they could not reach.
    parsed.header_raw("X-Failed-Recipients")?;
    let subject = parsed.subject().unwrap_or("returned").to_owned();
    Some(Report {
        is_final: true,
        said: one_line(&subject),
    })
}

/// The fields of the recipient: `Action`, `Status`, `Diagnostic-Code`, folded or not.
fn read_status(text: &str) -> Option<Report> {
    let unfolded = text.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let field = |name: &str| {
        let lines = unfolded.lines().filter_map(|line| line.split_once(':'));
        let mut found = lines.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let action = field("action")?.to_ascii_lowercase();
    let is_final = match action.as_str() {
        "failed" => true,
        "delayed" => false,
        _ => return None,
    };
    let diagnostic = field("diagnostic-code").unwrap_or_default();
    // `smtp; 550 5.1.1 …`: what stands before the semicolon is the kind of code.
    let words = diagnostic
        .split_once(';')
        .map_or(diagnostic.as_str(), |(_, words)| words.trim());
    let status = field("status").unwrap_or_default();
    let said = if words.is_empty() { status } else { words.to_owned() };
    Some(Report {
        is_final,
        said: one_line(&said),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTFIX: &str = "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\nSubject: Undelivered Mail Returned to Sender\r\n\
        To: door+01936d2c5b7e70008000000000000001@example.org\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=\"B/x\"\r\n\r\n\
        --B/x\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\r\n\
        --B/x\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
        Reporting-MTA: dns; mx.example.org\r\nX-Postfix-Queue-ID: 4F1\r\n\r\n\
        Final-Recipient: rfc822; nobody@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.net\r\n\
        Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.net>: Recipient address\r\n    rejected: User unknown\r\n\r\n\
        --B/x\r\nContent-Type: message/rfc822\r\n\r\nSubject: Reset\r\n\r\nx\r\n--B/x--\r\n";

    #[test]
    fn a_report_of_postfix_is_told_in_its_own_words() {
        let report = read(POSTFIX.as_bytes()).unwrap();
        assert!(report.is_final);
        assert_eq!(
            report.said,
            "550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown"
        );
        let late = read(POSTFIX.replace("Action: failed", "Action: delayed").as_bytes()).unwrap();
        assert!(!late.is_final);
    }

    #[test]
    fn what_is_no_report_of_failure_says_nothing() {
        let vacation = "Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nAction: failed\r\n";
        for other in [vacation, "", "\r\n\r\n", "Subject: 550 failed\r\n\r\nStatus: 5.0.0\r\n"] {
            assert_eq!(read(other.as_bytes()), None, "{other:?}");
        }
        assert_eq!(
            read(POSTFIX.replace("Action: failed", "Action: delivered").as_bytes()),
            None
        );
        let own_way = "Subject: Mail delivery failed\r\nX-Failed-Recipients: a@b.example\r\n\r\nx";
        assert_eq!(read(own_way.as_bytes()).unwrap().said, "Mail delivery failed");
    }
}
