//! Text messages by a webhook of the operator's own: JSON, signed, with an id by which a second copy is known.
use super::{Outcome, Text, ask, client, not_taken, one_line};
use crate::{delivery::relay::Address, keys};
use aws_lc_rs::hmac;
use kernel::{Secret, Time};
use serde_json::json;
use std::time::Duration;

/// A webhook; its secret is the password in the address.
pub(in crate::delivery) struct Webhook {
    client: reqwest::Client,
    url: String,
    host: String,
    secret: Option<Secret<String>>,
}

impl Webhook {
    pub(super) fn new(parts: &Address, patience: Duration) -> Result<Self, String> {
        let scheme = parts.scheme.trim_start_matches("webhook+");
        if scheme == "http" && !parts.is_loopback() {
            return Err("sms.url: a webhook on another machine needs webhook+https://".into());
        }
        let query = if parts.query.is_empty() {
            String::new()
        } else {
            format!("?{}", parts.query)
        };
        Ok(Self {
            client: client(parts, patience)?,
            url: format!("{scheme}://{}{}{query}", parts.authority(), parts.path),
            host: parts.authority(),
            secret: parts.password.clone().map(Secret::new),
        })
    }

    pub(in crate::delivery) async fn send(&self, text: &Text<'_>, now: Time) -> Outcome {
        let body = json!({
            "id": text.id.to_string(),
            "purpose": text.purpose,
            "to": text.to,
            "text": text.words,
            "at": text.at.rfc3339(),
        })
        .to_string();
        let at = now.seconds().to_string();
        let mut request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("idempotency-key", text.id.to_string())
            .header("doorward-timestamp", &at);
        if let Some(secret) = &self.secret {
            request = request.header("doorward-signature", signature(secret, &at, &body));
        }
        match ask(request.body(body), true).await {
            Ok(answer) if (200..300).contains(&answer.status) => Outcome::Taken {
                by: self.host.clone(),
                said: format!("{}", answer.status),
            },
            Ok(answer) => not_taken(answer.status, one_line(&format!("{} {}", answer.status, answer.body))),
            Err(outcome) => outcome,
        }
    }
}

/// `v1=` and the HMAC-SHA-256, in hexadecimal, over the timestamp, a full stop and the body.
fn signature(secret: &Secret<String>, at: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
    format!("v1={}", keys::hex(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_what_any_hmac_tool_says() {
        // printf '1795511642.{}' | openssl dgst -sha256 -hmac s3cret
        let secret = Secret::new("s3cret".to_owned());
        assert_eq!(
            signature(&secret, "1795511642", "{}"),
            "v1=e00140661193727ab394b73221cbd5129df3c1d19ab77cdf8c54d660d76432b6"
        );
    }

    #[test]
    fn plain_http_reaches_this_machine_only() {
        let webhook = |url: &str| {
            let parts = Address::parse(url).unwrap();
            Webhook::new(&parts, Duration::from_secs(1)).map(|webhook| webhook.url)
        };
        assert_eq!(
            webhook("webhook+https://:s@sms.example/in?a=1").unwrap(),
            "https://sms.example/in?a=1"
        );
        assert_eq!(
            webhook("webhook+http://127.0.0.1:9/in").unwrap(),
            "http://127.0.0.1:9/in"
        );
        assert!(webhook("webhook+http://sms.example/in").is_err());
    }
}
