//! What the front itself refuses, and the page or problem for every error answer that came without one.
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Failure,
    config::PublicUrl,
    page::{ErrorExtra, error_page},
    visitor::Wants,
};
use hyper::body::Body as _;
use kernel::{Reason, RequestId};

/// Why a request never reached its handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It breaks the rules of HTTP.
    Malformed,
    /// It is for another host.
    UnknownHost,
    /// It came from another site, or does not say from where.
    CrossSite,
    /// Its head is too large.
    HeadTooLarge,
    /// Its body is too large.
    BodyTooLarge,
    /// Its body did not arrive in time.
    TooSlow,
    /// CONNECT: no proxy lives here.
    Connect,
    /// The handler panicked.
    Fault,
}

impl Stop {
    const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Connect => StatusCode::METHOD_NOT_ALLOWED,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
    const fn reason(self) -> Reason {
        match self {
            Self::Malformed => Reason::RequestMalformed,
            Self::UnknownHost => Reason::RequestUnknownHost,
            Self::CrossSite => Reason::RequestCrossSite,
            Self::HeadTooLarge | Self::BodyTooLarge => Reason::RequestTooLarge,
            Self::TooSlow => Reason::RequestTooSlow,
            Self::Connect => Reason::RequestMethod,
            Self::Fault => Reason::ServerFault,
        }
    }
}

/// The answer to a refused request.
pub(super) fn answer(stop: Stop, wants: Wants, url: &PublicUrl, id: RequestId) -> Response {
    let allow = (stop == Stop::Connect).then_some(HeaderValue::from_static("GET, HEAD"));
    let mut response = told(wants, stop.status(), stop.reason(), allow.as_ref(), url, id);
    if stop == Stop::BodyTooLarge {
        // The next request on this connection would stand behind the rest of the body (RFC 9110, 15.5.14). HTTP/2 has no such header: hyper
        // takes it away there.
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The router, the extractors and some handlers answer with a bare status: such an answer gets its page or problem here.
pub(super) fn dress(response: Response, wants: Wants, url: &PublicUrl, id: RequestId) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.headers().contains_key(header::CONTENT_TYPE) || !response.body().is_end_stream() {
        return response;
    }
    let allow = response.headers().get(header::ALLOW);
    let mut dressed = told(wants, status, reason_of(status), allow, url, id);
    for (name, value) in response.headers() {
        if name != header::ALLOW && name != header::CONTENT_LENGTH {
            dressed.headers_mut().append(name.clone(), value.clone());
        }
    }
    dressed
}

fn told(
    wants: Wants,
    status: StatusCode,
    reason: Reason,
    allow: Option<&HeaderValue>,
    url: &PublicUrl,
    id: RequestId,
) -> Response {
    let allowed = allow.and_then(|value| value.to_str().ok());
    match wants {
        Wants::Page => {
            let extra = ErrorExtra {
                public_url: (status == StatusCode::MISDIRECTED_REQUEST).then(|| url.as_str().to_owned()),
                request_id: status.is_server_error().then(|| id.to_string()),
                allow: allowed.map(str::to_owned),
                ..ErrorExtra::default()
            };
            error_page(status, reason, &extra)
        }
        Wants::Api => {
            let mut response = Failure::plain(wants, status, reason).into_response();
            if let Some(allow) = allow {
                response.headers_mut().insert(header::ALLOW, allow.clone());
            }
            response
        }
    }
}

fn reason_of(status: StatusCode) -> Reason {
    match status.as_u16() {
        401 => Reason::SessionNone,
        403 => Reason::AccessMissing,
        404 => Reason::RequestNotFound,
        405 => Reason::RequestMethod,
        408 => Reason::RequestTooSlow,
        413 => Reason::RequestTooLarge,
        421 => Reason::RequestUnknownHost,
        503 => Reason::ServerBusy,
        400..500 => Reason::RequestMalformed,
        _ => Reason::ServerFault,
    }
}
