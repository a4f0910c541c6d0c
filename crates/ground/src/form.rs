//! Bodies, read strictly: unknown, missing or doubled fields are refused, never guessed. Bounded by the route's body limit.
use crate::{
    Ask, Failure, House,
    visitor::{self, Wants},
};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::StatusCode,
};
use kernel::{Act, Reason};
use serde::de::DeserializeOwned;
use std::convert::Infallible;

/// A form of a page (`application/x-www-form-urlencoded`), read but not yet opened: who is not let in hears that first.
pub struct Form<T>(Result<T, Failure>);
/// A body of the API (`application/json`), likewise.
pub struct Json<T>(Result<T, Failure>);

macro_rules! body {
    ($name:ident, $kind:literal, $read:expr) => {
        impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for $name<T> {
            type Rejection = Infallible;

            async fn from_request(request: Request, state: &S) -> Result<Self, Infallible> {
                let wants = visitor::wants(request.uri().path());
                Ok(Self(read(request, state, wants, $kind).await.and_then(|bytes| {
                    let read: Option<T> = $read(&bytes);
                    read.ok_or_else(|| Failure::plain(wants, StatusCode::BAD_REQUEST, Reason::RequestMalformed))
                })))
            }
        }

        impl<T> $name<T> {
            /// What was sent, where anyone may send it.
            pub fn open(self) -> Result<T, Failure> {
                self.0
            }
            /// What was sent by somebody who is let in: a stranger hears of the door, not of the form.
            pub async fn open_for<A: Act>(self, house: &House, ask: &Ask<A>) -> Result<T, Failure> {
                if self.0.is_err() {
                    house.admit(ask).await?;
                }
                self.0
            }
        }
    };
}

body!(Form, "application/x-www-form-urlencoded", |bytes: &Bytes| {
    serde_urlencoded::from_bytes(bytes).ok()
});
body!(Json, "application/json", |bytes: &Bytes| serde_json::from_slice(bytes)
    .ok());

/// A part of the path. What cannot be one is not there: 404.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> axum::extract::FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Failure> {
        let wants = visitor::wants(parts.uri.path());
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let absent = |_| Failure::plain(wants, StatusCode::NOT_FOUND, Reason::RequestNotFound);
        read.map(|axum::extract::Path(part)| Self(part)).map_err(absent)
    }
}

/// Whether a box was ticked. A box that was not is not sent at all; a script may also say so.
pub fn is_ticked(sent: Option<&str>) -> bool {
    sent.is_some_and(|word| {
        !matches!(
            word.trim().to_ascii_lowercase().as_str(),
            "" | "off" | "false" | "0" | "no"
        )
    })
}

async fn read<S: Send + Sync>(request: Request, state: &S, wants: Wants, kind: &str) -> Result<Bytes, Failure> {
    let is_kind = is_kind(&request, kind);
    let bytes = Bytes::from_request(request, state).await;
    let bytes = bytes.map_err(|e| Failure::plain(wants, e.status(), too_large(e.status())))?;
    if is_kind {
        return Ok(bytes);
    }
    Err(Failure::plain(
        wants,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Reason::RequestMalformed,
    ))
}

fn is_kind(request: &Request, kind: &str) -> bool {
    let sent = request
        .headers()
        .get(axum::http::header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    sent.split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case(kind)
}

fn too_large(status: StatusCode) -> Reason {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        Reason::RequestTooLarge
    } else {
        Reason::RequestMalformed
    }
}

/// A query string, read as strictly: 400 with a problem or a page.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> axum::extract::FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Failure> {
        let wants = visitor::wants(parts.uri.path());
        let malformed = |_| Failure::plain(wants, StatusCode::BAD_REQUEST, Reason::RequestMalformed);
        serde_urlencoded::from_str(parts.uri.query().unwrap_or_default())
            .map(Self)
            .map_err(malformed)
    }
}
