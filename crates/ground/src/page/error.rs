//! One page for every answer that is not what was asked for. The same bytes for the same input: an unknown path and a closed one look alike.
use super::{DoorShell, When, html};
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use kernel::{Reason, Span, Time};

/// What an error page can say besides its reason. Everything may be absent.
#[derive(Debug, Clone, Default)]
pub struct ErrorExtra {
    /// How long to wait before trying again; also becomes `Retry-After`.
    pub wait: Option<Span>,
    /// The exact time for the same.
    pub until: Option<Time>,
    /// The one right address, for 421.
    pub public_url: Option<String>,
    /// The number under which the server's log tells of a fault, for 500.
    pub request_id: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
    /// The methods that a route has, for 405: `GET, HEAD`.
    pub allow: Option<String>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    shell: DoorShell,
    status: u16,
    reason: Reason,
    wait: Option<String>,
    extra: &'a ErrorExtra,
}

fn heading(status: StatusCode) -> &'static str {
    match status.as_u16() {
        403 => "This is not allowed",
        404 => "There is nothing here",
        405 => "This address works differently",
        409 => "This cannot be done as things are",
        413 => "That is too large",
        421 => "This is another address",
        400 | 422 => "Something needs another look",
        429 => "Please wait a little",
        503 => "Not at this moment",
        _ => "Sorry, this did not work",
    }
}

/// The page for this status and reason, with `Retry-After` and `Allow` where they are known.
pub fn error_page(status: StatusCode, reason: Reason, extra: &ErrorExtra) -> Response {
    let shell = DoorShell {
        organisation: extra.organisation.clone(),
        contact: extra.contact.clone(),
        ..DoorShell::new(heading(status))
    };
    let page = ErrorPage {
        shell,
        status: status.as_u16(),
        reason,
        wait: extra.wait.map(Span::words),
        extra,
    };
    let mut response = html(status, page);
    if let Some(wait) = extra.wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait.seconds_up().max(1)));
    }
    if let Some(allow) = extra
        .allow
        .as_deref()
        .and_then(|methods| HeaderValue::from_str(methods).ok())
    {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::sample::check;

    fn page(status: StatusCode, reason: Reason, extra: &ErrorExtra) -> String {
        let shell = DoorShell {
            contact: extra.contact.clone(),
            ..DoorShell::new(heading(status))
        };
        let name = format!("error-{}", status.as_u16());
        check(
            &name,
            &ErrorPage {
                shell,
                status: status.as_u16(),
                reason,
                wait: extra.wait.map(Span::words),
                extra,
            },
        )
        .unwrap()
    }

    #[test]
    fn every_refusal_has_a_page_that_says_the_next_step() {
        let waits = ErrorExtra {
            wait: Some(Span::minutes(4)),
            until: Some(Time::from_seconds(1_795_511_642)),
            ..ErrorExtra::default()
        };
        let elsewhere = ErrorExtra {
            public_url: Some("https://access.northwind.example".into()),
            ..ErrorExtra::default()
        };
        let fault = ErrorExtra {
            request_id: Some("K7Q2MD".into()),
            contact: Some("help@northwind.example".into()),
            ..ErrorExtra::default()
        };
        let none = ErrorExtra::default();
        for (status, reason, extra, wanted) in [
            (403, Reason::AccessMissing, &none, "Ask an owner"),
            (404, Reason::RequestNotFound, &none, "There is nothing here"),
            (405, Reason::RequestMethod, &none, "works differently"),
            (413, Reason::RequestTooLarge, &none, "too large"),
            (
                421,
                Reason::RequestUnknownHost,
                &elsewhere,
                "href=\"https://access.northwind.example\"",
            ),
            (422, Reason::RequestRefused, &none, "another look"),
            (429, Reason::SignInLockedNetwork, &waits, "in 4 minutes, at <time"),
            (500, Reason::ServerFault, &fault, "K7Q2MD"),
            (503, Reason::StoreAway, &none, "database"),
        ] {
            let text = page(StatusCode::from_u16(status).unwrap(), reason, extra);
            assert!(text.contains(wanted) && text.contains(reason.id()), "{status}: {text}");
        }
    }

    #[test]
    fn the_answer_carries_what_programs_need() {
        let extra = ErrorExtra {
            wait: Some(Span::seconds(2)),
            allow: Some("GET, HEAD".into()),
            ..ErrorExtra::default()
        };
        let response = error_page(StatusCode::SERVICE_UNAVAILABLE, Reason::ServerBusy, &extra);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }
}
