//! The head of a request: its size, its method, and the line that the log keeps of it.
//! What must never happen: a query string in the log; it may hold the token of a link.
use super::Stop;
use axum::http::{Method, StatusCode};
use ground::client::Client;
use http::request::Parts;
use kernel::RequestId;
use std::time::Duration;

/// Most bytes of request target and headers together.
pub const HEAD_LIMIT: usize = 16 * 1024;
/// Most header lines.
pub const LINES_LIMIT: usize = 100;

/// The addresses that answer under every host name, for probes.
pub fn is_health(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics")
}

/// The server itself refuses heads that are larger still; this limit is answered with a page.
pub(super) fn check(parts: &Parts) -> Result<(), Stop> {
    let lines: usize = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    let target = parts.uri.path().len() + parts.uri.query().map_or(0, str::len);
    if lines + target > HEAD_LIMIT || parts.headers.len() > LINES_LIMIT {
        return Err(Stop::HeadTooLarge);
    }
    // CONNECT has no path that a route could match (RFC 9110, 9.3.6).
    if parts.method == Method::CONNECT {
        return Err(Stop::Connect);
    }
    Ok(())
}

/// What the log keeps of one request.
pub(super) struct Line<'a> {
    pub method: &'a Method,
    pub path: &'a str,
    pub status: StatusCode,
    pub client: Client,
    pub id: RequestId,
    pub took: Duration,
}

/// Counts requests by the first digit of their status, and how long they took.
pub(super) struct Meter {
    by_class: [metrics::Counter; 5],
    took: metrics::Histogram,
}

impl Meter {
    pub fn new() -> Self {
        let class = |class: &'static str| metrics::counter!("doorward_requests_total", "status" => class);
        Self {
            by_class: ["1xx", "2xx", "3xx", "4xx", "5xx"].map(class),
            took: metrics::histogram!("doorward_request_seconds"),
        }
    }

    pub fn count(&self, line: &Line<'_>) {
        let class = usize::from(line.status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = self.by_class.get(class) {
            counter.increment(1);
        }
        self.took.record(line.took.as_secs_f64());
        let Line {
            method,
            path,
            status,
            client,
            id,
            took,
        } = line;
        let (status, client) = (status.as_u16(), client.network());
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let path = path.get(..path.floor_char_boundary(500)).unwrap_or_default();
        if status >= 500 {
            tracing::warn!(target: "access", %id, %method, path, status, millis, client, "answered");
        } else if is_health(path) {
            tracing::debug!(target: "access", %id, %method, path, status, millis, client, "answered");
        } else {
            tracing::info!(target: "access", %id, %method, path, status, millis, client, "answered");
        }
    }
}
