//! The body is read before the handler runs, whole and bounded, so that no handler ever meets a slow, endless or lying sender.
use super::Stop;
use axum::{body::Body, http::header};
use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Most bytes of a body, where its route says nothing else.
pub const BODY_LIMIT: usize = 64 * 1024;
/// Routes that take more: an uploaded picture with its multipart frame.
const LARGER: &[(&str, usize)] = &[("/app/settings/logo", 128 * 1024)];
/// A body must have arrived after this long.
const READ_FOR: Duration = Duration::from_secs(20);
/// So much of what is too large is read and dropped after it was answered, and for so long: a sender that is cut off in the middle, and many
/// look for an answer only when they have sent everything, would never see it.
const DROP_MOST: usize = 16 * 1024 * 1024;
const DROP_FOR: Duration = Duration::from_secs(10);
/// Who sends nothing for this long has done with it.
const SILENT_FOR: Duration = Duration::from_secs(1);
/// Bodies that are read away at once. Beyond it they are cut off: nobody keeps the server busy with what it will not take.
const DROPPING_MOST: usize = 64;

/// Reads bodies, and reads away behind the answer what is too large. One for the server.
pub(super) struct Reader {
    dropping: Arc<Semaphore>,
}

fn limit(path: &str) -> usize {
    LARGER
        .iter()
        .find(|(larger, _)| *larger == path)
        .map_or(BODY_LIMIT, |(_, limit)| *limit)
}

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            dropping: Arc::new(Semaphore::new(DROPPING_MOST)),
        }
    }

    /// INVARIANT: what is too large is answered at once, and nothing of it is kept.
    pub(super) async fn read(&self, parts: &Parts, body: Body) -> Result<Bytes, Stop> {
        let limit = limit(parts.uri.path());
        let declared = body.size_hint().lower();
        if usize::try_from(declared).map_or(true, |declared| declared > limit) {
            // Who waits for "100 Continue" has not sent anything yet, and shall not (RFC 9110, 10.1.1).
            if !parts.headers.contains_key(header::EXPECT) {
                self.read_away(body);
            }
            return Err(Stop::BodyTooLarge);
        }
        tokio::time::timeout(READ_FOR, self.gather(body, limit))
            .await
            .map_err(|_| Stop::TooSlow)?
    }

    async fn gather(&self, mut body: Body, limit: usize) -> Result<Bytes, Stop> {
        let mut kept = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Stop::Malformed)?.into_data() else {
                continue;
            };
            if kept.len() + data.len() > limit {
                self.read_away(body);
                return Err(Stop::BodyTooLarge);
            }
            kept.extend_from_slice(&data);
        }
        Ok(kept.freeze())
    }

    /// Reads on behind the answer and drops what comes; the connection ends with the last of it, or where this gives up.
    fn read_away(&self, body: Body) {
        let Ok(place) = self.dropping.clone().try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            // Too slow or too much: whoever sends it hears no more than the answer.
            let _ = tokio::time::timeout(DROP_FOR, drop_all(body)).await;
            drop(place);
        });
    }
}

async fn drop_all(mut body: Body) {
    let mut left = DROP_MOST;
    while let Ok(Some(Ok(frame))) = tokio::time::timeout(SILENT_FOR, body.frame()).await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(bytes) else {
            return;
        };
        left = rest;
    }
}
