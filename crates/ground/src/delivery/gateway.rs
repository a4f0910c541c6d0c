//! Text messages to the far end: Twilio's HTTP shape, a signed webhook, or the outbox. For the postman.
//! Must never happen: a token in a log or a fault; a redirect followed with it; a message paid for twice because an answer was lost.
mod twilio;
mod webhook;

pub(super) use twilio::Twilio;
pub(super) use webhook::Webhook;

use super::{
    decide::{Outcome, one_line},
    relay::Address,
};
use kernel::{MessageId, Secret, Time};
use std::time::Duration;

/// What is sent.
pub(super) struct Text<'a> {
    pub id: MessageId,
    pub purpose: &'a str,
    pub to: &'a str,
    pub words: &'a str,
    pub at: Time,
    /// Where the gateway may tell what became of it.
    pub callback: String,
}

/// How text messages leave.
pub(super) enum Gateway {
    Outbox,
    Twilio(Twilio),
    Webhook(Webhook),
}

impl Gateway {
    /// Of `sms.url`; no answer is waited for longer than `patience`.
    pub(super) fn parse(url: Option<&Secret<String>>, patience: Duration) -> Result<Self, String> {
        let Some(url) = url else { return Ok(Self::Outbox) };
        let parts = Address::parse(url.expose()).ok_or("sms.url is no address")?;
        match parts.scheme {
            "twilio" => Twilio::new(&parts, patience).map(Self::Twilio),
            "webhook+https" | "webhook+http" => Webhook::new(&parts, patience).map(Self::Webhook),
            _ => Err("sms.url must begin with twilio:// or webhook+https://".into()),
        }
    }
}

/// A client for this gateway: no redirects, an end to everything, plain HTTP only towards this machine itself.
fn client(parts: &Address, patience: Duration) -> Result<reqwest::Client, String> {
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(patience / 2)
        .timeout(patience)
        .user_agent("Doorward");
    builder = if parts.is_loopback() {
        builder.no_proxy()
    } else {
        builder.https_only(true)
    };
    builder
        .build()
        .map_err(|error| format!("HTTPS cannot be used on this machine: {}", cause(&error)))
}

/// The innermost cause: the outer ones repeat the address, which may hold a token.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    if std::ptr::eq(inner, std::ptr::from_ref(error)) {
        return "the request failed".into();
    }
    one_line(&inner.to_string())
}

/// An answer: its status and the beginning of its body.
struct Answer {
    status: u16,
    body: String,
}

/// Sends, or says what came of not being able to. `is_known_twice`: the far end knows a second copy by its id.
async fn ask(request: reqwest::RequestBuilder, is_known_twice: bool) -> Result<Answer, Outcome> {
    let unsure = |error: &reqwest::Error| {
        let said = if error.is_timeout() {
            "no answer in time".into()
        } else {
            cause(error)
        };
        if is_known_twice || error.is_connect() || error.is_builder() {
            Outcome::Deferred { said }
        } else {
            Outcome::Unknown { said }
        }
    };
    let mut response = request.send().await.map_err(|error| unsure(&error))?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while body.len() < 16_384 {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            // The status alone says enough.
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(16_384);
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Answer { status, body })
}

/// What a status means where the message was not taken.
fn not_taken(status: u16, said: String) -> Outcome {
    match status {
        // A wrong token, too many requests, a fault over there, a redirect: no fault of this message.
        401 | 403 | 404 | 405 | 408 | 425 | 429 | 500.. | 300..=399 => Outcome::Deferred { said },
        _ => Outcome::Refused { said },
    }
}
