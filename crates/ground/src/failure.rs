//! What becomes of a request that did not go through: one place that makes refusals and errors into pages or problem details.
//! What is said outside never contains what is said inside.
use crate::{Refusal, Visitor, db, page, visitor::Wants};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{FieldError, Problem, Reason, RequestId, Span};

/// An answer that is not what was asked for. Boxed: handlers return it in `Result`.
pub struct Failure(Box<Inner>);

struct Inner {
    wants: Wants,
    status: StatusCode,
    reason: Reason,
    slug: &'static str,
    errors: Vec<FieldError>,
    retry_after: Option<Span>,
    goes_to: Option<String>,
    cookies: Vec<HeaderValue>,
    request: Option<RequestId>,
}

impl Failure {
    /// This status, for this reason.
    pub fn new(visitor: &Visitor, status: StatusCode, reason: Reason) -> Self {
        let mut failure = Self::plain(visitor.wants, status, reason);
        failure.0.request = visitor.request;
        failure
    }
    /// The same where there is no visitor yet.
    pub fn plain(wants: Wants, status: StatusCode, reason: Reason) -> Self {
        let slug = slug(status);
        Self(Box::new(Inner {
            wants,
            status,
            reason,
            slug,
            errors: Vec::new(),
            retry_after: None,
            goes_to: None,
            cookies: Vec::new(),
            request: None,
        }))
    }
    /// Nobody was let in: to the door (pages), or 401/403 (API).
    pub fn refused(visitor: &Visitor, refusal: Refusal) -> Self {
        let next = if crate::routes::is_safe(&visitor.method) {
            visitor.path.as_str()
        } else {
            "/app"
        };
        let to = |path: &str| Some(format!("{path}?next={}", encode(next)));
        match refusal {
            Refusal::SignedOut(reason) => {
                let mut failure = Self::new(visitor, StatusCode::UNAUTHORIZED, reason);
                failure.0.slug = if visitor.is_half_in() {
                    "factor-needed"
                } else {
                    "signed-out"
                };
                failure.0.goes_to = to("/sign-in");
                failure
            }
            Refusal::Locked => {
                let mut failure = Self::new(visitor, StatusCode::UNAUTHORIZED, Reason::SessionIdle);
                failure.0.slug = "locked";
                failure.0.goes_to = to("/app/unlock");
                failure
            }
            Refusal::FactorNeeded(None) => {
                let mut failure = Self::new(visitor, StatusCode::UNAUTHORIZED, Reason::SessionFactorNeeded);
                failure.0.slug = "factor-needed";
                failure.0.goes_to = Some("/app/security/add?required".to_owned());
                failure
            }
            Refusal::FactorNeeded(Some(freshness)) => {
                let mut failure = Self::new(visitor, StatusCode::UNAUTHORIZED, Reason::StepUpFactorWanted);
                failure.0.slug = "factor-needed";
                failure.0.goes_to = to("/app/step-up").map(|to| format!("{to}&needs={}", freshness.name()));
                failure
            }
            Refusal::NotThere => Self::new(visitor, StatusCode::NOT_FOUND, Reason::RequestNotFound),
            Refusal::StepUp(freshness) => {
                let mut failure = Self::new(visitor, StatusCode::UNAUTHORIZED, Reason::StepUpNeeded);
                failure.0.slug = "step-up-needed";
                // What was sent is gone, so the person comes back to the page that it was sent from.
                let back = if crate::routes::is_safe(&visitor.method) {
                    next.to_owned()
                } else {
                    visitor.came_from().unwrap_or_else(|| "/app/security".to_owned())
                };
                let needs = freshness.name();
                failure.0.goes_to = Some(format!("/app/step-up?next={}&needs={needs}", encode(&back)));
                failure
            }
            Refusal::Forbidden(reasons) => Self::forbidden(visitor, &reasons),
            Refusal::Stopped(stopped) => Self::forbidden(visitor, &stopped.reasons),
        }
    }
    fn forbidden(visitor: &Visitor, reasons: &[Reason]) -> Self {
        let reason = reasons.first().copied().unwrap_or(Reason::AccessMissing);
        Self::new(visitor, StatusCode::FORBIDDEN, reason)
    }
    /// A fault of ours, told in the log only.
    pub fn fault(visitor: &Visitor) -> Self {
        Self::new(visitor, StatusCode::INTERNAL_SERVER_ERROR, Reason::ServerFault)
    }
    /// More work than can be taken: 503, with the time after which to try again.
    pub fn busy(visitor: &Visitor, reason: Reason, wait: Span) -> Self {
        Self::new(visitor, StatusCode::SERVICE_UNAVAILABLE, reason).retry_after(wait)
    }
    /// The store did not do it. Says whether waiting helps; never what went wrong inside.
    pub fn store(visitor: &Visitor, error: &db::Error) -> Self {
        use db::Error as E;
        let (reason, wait) = match error {
            E::Busy | E::Contended => (Reason::ServerBusy, Some(Span::seconds(2))),
            E::Away(_) | E::Unknown | E::Full => (Reason::StoreAway, Some(Span::seconds(5))),
            _ => (Reason::ServerFault, None),
        };
        tracing::error!(%error, path = %visitor.path.split('?').next().unwrap_or_default(), "the store did not do what was asked");
        let status = if wait.is_some() {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        let mut failure = Self::new(visitor, status, reason);
        failure.0.retry_after = wait;
        failure
    }
    /// With what is wrong field by field.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }
    /// With the time after which to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: Span) -> Self {
        self.0.retry_after = Some(wait);
        self
    }
    /// With a cookie to set or remove.
    #[must_use]
    pub fn with_cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        self.0.cookies.extend(cookie);
        self
    }
}

fn slug(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "malformed",
        401 => "signed-out",
        403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        409 => "conflict",
        413 => "too-large",
        421 => "unknown-host",
        422 => "invalid",
        429 => "too-many-tries",
        503 => "unavailable",
        _ => "fault",
    }
}

fn title(slug: &str) -> &'static str {
    match slug {
        "malformed" => "The request could not be understood",
        "signed-out" => "Not signed in",
        "locked" => "The session is locked",
        "factor-needed" => "A second factor is needed",
        "step-up-needed" => "Confirm again that it is you",
        "forbidden" => "Not allowed",
        "not-found" => "Not found",
        "method-not-allowed" => "Method not allowed",
        "conflict" => "The data does not allow this",
        "too-large" => "Too large",
        "unknown-host" => "Unknown host",
        "invalid" => "A field is wrong",
        "too-many-tries" => "Too many tries",
        "unavailable" => "Not available at this moment",
        _ => "A fault of the server",
    }
}

/// Percent-encodes what stands in a query value.
pub fn encode(text: &str) -> String {
    serde_urlencoded::to_string([("", text)])
        .map(|pair| pair.trim_start_matches('=').to_owned())
        .unwrap_or_default()
}

/// Says in the answer after which time to try again, a second at least.
pub fn retry_after(response: &mut Response, wait: Span) {
    let seconds = HeaderValue::from(wait.seconds_up().max(1));
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
}

/// A problem as an answer (RFC 9457).
pub fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(problem)).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let inner = *self.0;
        let request_id = inner
            .request
            .filter(|_| inner.status.is_server_error())
            .map(|id| id.to_string());
        let extra = page::ErrorExtra {
            wait: inner.retry_after,
            request_id,
            ..Default::default()
        };
        let mut response = match (inner.wants, &inner.goes_to) {
            (Wants::Page, Some(to)) => page::see_other(to),
            (Wants::Page, None) => page::error_page(inner.status, inner.reason, &extra),
            (Wants::Api, _) => {
                let mut told = Problem::new(inner.status.as_u16(), inner.slug, title(inner.slug), inner.reason);
                told.errors = inner.errors;
                problem(&told)
            }
        };
        if let Some(wait) = inner.retry_after {
            retry_after(&mut response, wait);
        }
        let headers = response.headers_mut();
        if inner.wants == Wants::Api && inner.status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 15.5.2. A browser asks nobody for a Bearer token.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        for cookie in inner.cookies {
            headers.append(header::SET_COOKIE, cookie);
        }
        response
    }
}
