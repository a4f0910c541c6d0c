//! The body is read before the handler runs, whole and bounded, so that no handler ever meets a slow, endless or lying sender.
use super::Stop;
use axum::{body::Body, http::header};
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::time::Duration;

/// Most bytes of a body, where its route says nothing else.
pub const BODY_LIMIT: usize = 64 * 1024;
/// Routes that take more: an uploaded picture with its multipart frame.
const LARGER: &[(&str, usize)] = &[("/app/settings/logo", 128 * 1024)];
/// A body must have arrived after this long.
const READ_FOR: Duration = Duration::from_secs(20);
/// So much of what is too large is read and dropped: a sender that is cut off in the middle would never see our answer.
const DROP_MOST: usize = 4 * 1024 * 1024;

fn limit(path: &str) -> usize {
    LARGER
        .iter()
        .find(|(larger, _)| *larger == path)
        .map_or(BODY_LIMIT, |(_, limit)| *limit)
}

pub(super) async fn read(parts: &Parts, body: Body) -> Result<Bytes, Stop> {
    let limit = limit(parts.uri.path());
    let declared = body.size_hint().lower();
    let is_too_large = usize::try_from(declared).map_or(true, |declared| declared > limit);
    // Who waits for "100 Continue" has not sent anything yet (RFC 9110, 10.1.1).
    let waits = parts.headers.contains_key(header::EXPECT);
    if is_too_large && (waits || declared > DROP_MOST as u64) {
        return Err(Stop::BodyTooLarge);
    }
    tokio::time::timeout(READ_FOR, gather(body, limit))
        .await
        .map_err(|_| Stop::TooSlow)?
}

async fn gather(mut body: Body, limit: usize) -> Result<Bytes, Stop> {
    let (mut kept, mut arrived) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Stop::Malformed)?.into_data() else {
            continue;
        };
        arrived = arrived.saturating_add(data.len());
        if arrived <= limit {
            kept.extend_from_slice(&data);
        } else if arrived > DROP_MOST {
            break;
        }
    }
    if arrived > limit {
        Err(Stop::BodyTooLarge)
    } else {
        Ok(kept.freeze())
    }
}
