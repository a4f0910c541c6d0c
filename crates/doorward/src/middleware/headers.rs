//! The headers on every answer, errors too. A handler may say something stricter of its own; it cannot leave one out.
use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use kernel::RequestId;

/// No inline script, no inline style, nothing from elsewhere; pages carry no nonce, so that the same page has the same bytes.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), \
     publickey-credentials-create=(self), publickey-credentials-get=(self)";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(super) struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    pub fn new(is_https: bool) -> Self {
        let mut all = vec![
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(CONTENT_SECURITY_POLICY),
            ),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(PERMISSIONS),
            ),
            // Everything is personal unless its handler knows better: assets do.
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        if is_https {
            all.push((
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            ));
        }
        Self(all)
    }

    pub fn put_on(&self, response: &mut Response, id: RequestId) {
        let headers = response.headers_mut();
        for (name, value) in &self.0 {
            headers.entry(name.clone()).or_insert_with(|| value.clone());
        }
        if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
            headers.insert(REQUEST_ID, value);
        }
    }
}
