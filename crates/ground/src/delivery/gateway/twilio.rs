//! Twilio's HTTP shape, which others speak too: a form out, signed callbacks in.
//! Must never happen: a callback believed that the holder of the token did not sign.
use super::{Answer, Outcome, Text, ask, client, not_taken, one_line};
use crate::delivery::relay::{Address, decode};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Secret;
use serde::Deserialize;
use std::time::Duration;

/// A gateway of this shape.
pub(in crate::delivery) struct Twilio {
    client: reqwest::Client,
    origin: String,
    host: String,
    is_here: bool,
    account: String,
    token: Secret<String>,
    from: String,
}

/// What it answers: the message, or a problem.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Told {
    sid: Option<String>,
    status: Option<serde_json::Value>,
    code: Option<i64>,
    message: Option<String>,
}

impl Twilio {
    pub(super) fn new(parts: &Address, patience: Duration) -> Result<Self, String> {
        let from = parts
            .query
            .strip_prefix("from=")
            .ok_or("sms.url names no sender: ?from=+NUMBER")?;
        let scheme = if parts.is_loopback() { "http" } else { "https" };
        Ok(Self {
            client: client(parts, patience)?,
            origin: format!("{scheme}://{}", parts.authority()),
            host: parts.authority(),
            is_here: parts.is_loopback(),
            account: parts.user.clone().ok_or("sms.url names no account")?,
            token: Secret::new(parts.password.clone().ok_or("sms.url has no token")?),
            from: decode(from),
        })
    }

    pub(in crate::delivery) async fn send(&self, text: &Text<'_>) -> Outcome {
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", self.origin, self.account);
        let mut form = vec![("To", text.to), ("From", self.from.as_str()), ("Body", text.words)];
        // Twilio refuses a message whose callback it could never reach.
        if self.is_here || text.callback.starts_with("https://") {
            form.push(("StatusCallback", text.callback.as_str()));
        }
        let request = self
            .client
            .post(url)
            .basic_auth(&self.account, Some(self.token.expose()))
            .form(&form);
        match ask(request, false).await {
            Ok(answer) => self.outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    fn outcome(&self, answer: &Answer) -> Outcome {
        let told: Told = serde_json::from_str(&answer.body).unwrap_or_default();
        if (200..300).contains(&answer.status) {
            let status = told
                .status
                .as_ref()
                .and_then(|status| status.as_str())
                .unwrap_or("accepted");
            let said = one_line(&format!("{status} as {}", told.sid.unwrap_or_default()));
            let by = self.host.clone();
            return Outcome::Taken { by, said };
        }
        let words = told.message.unwrap_or_default();
        let code = told.code.map(|code| format!(" ({code})")).unwrap_or_default();
        not_taken(answer.status, one_line(&format!("{} {words}{code}", answer.status)))
    }

    /// Whether the holder of the token signed this callback: HMAC-SHA1 over the address and the sorted fields.
    pub(in crate::delivery) fn is_signed(&self, url: &str, fields: &[(String, String)], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else {
            return false;
        };
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.token.expose().as_bytes());
        hmac::verify(&key, signed_text(url, fields).as_bytes(), &signature).is_ok()
    }
}

fn signed_text(url: &str, fields: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort();
    sorted
        .iter()
        .fold(url.to_owned(), |text, (name, value)| text + name + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twilio(url: &str) -> Twilio {
        Twilio::new(&Address::parse(url).unwrap(), Duration::from_secs(1)).unwrap()
    }
    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_vector_of_their_documentation_verifies_and_nothing_else() {
        let twilio = twilio("twilio://AC1:12345@api.twilio.com?from=%2B14158675309");
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let told = fields(&[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]);
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert!(twilio.is_signed(url, &told, signature));
        let mut turned = told.clone();
        turned.reverse();
        assert!(
            twilio.is_signed(url, &turned, signature),
            "the order of the fields does not matter"
        );
        assert!(!twilio.is_signed("https://mycompany.com/myapp.php?foo=1", &told, signature));
        assert!(!twilio.is_signed(url, &told[1..], signature));
        for bad in ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "RSOYDt4T1cUTdK1PDd93/VVr8A=="] {
            assert!(!twilio.is_signed(url, &told, bad), "{bad}");
        }
        assert_eq!(
            (twilio.from.as_str(), twilio.origin.as_str()),
            ("+14158675309", "https://api.twilio.com")
        );
    }

    #[test]
    fn what_it_answers_is_told_in_its_own_words() {
        let twilio = twilio("twilio://AC1:t@127.0.0.1:8?from=+44123456789");
        let answer = |status, body: &str| {
            twilio.outcome(&Answer {
                status,
                body: body.into(),
            })
        };
        let (by, said) = ("127.0.0.1:8".to_owned(), "queued as SM1".to_owned());
        assert_eq!(
            answer(201, r#"{"sid":"SM1","status":"queued"}"#),
            Outcome::Taken { by, said }
        );
        let said = "400 The 'To' number is not valid (21211)".to_owned();
        let refused = answer(
            400,
            r#"{"code":21211,"message":"The 'To' number is not valid","status":400}"#,
        );
        assert_eq!(refused, Outcome::Refused { said });
        for status in [401, 429, 500, 503, 302] {
            assert!(matches!(answer(status, "<html>"), Outcome::Deferred { .. }), "{status}");
        }
    }
}
