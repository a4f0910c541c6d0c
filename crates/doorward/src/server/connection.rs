//! One connection: HTTP/1 or HTTP/2, with the limits of both, until it ends, is too slow, or the server stops.
use super::{
    pace::{Pace, Paced},
    peers::Place,
};
use crate::middleware::Peer;
use axum::{
    Router,
    body::Body,
    http::{Request, Version},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use std::pin::pin;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::Instant,
};
use tower::ServiceExt;

/// Heads above this get a bare 431 from hyper; above the limit of [`crate::middleware`] and below this they get a page.
const HEAD_BUFFER: usize = 32 * 1024;
/// Requests at once in one HTTP/2 connection.
const STREAMS: u32 = 100;
/// Bytes of one request's body, and of all of a connection's, that may be on their way (RFC 9113, 5.2).
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Streams opened and reset at once, before the connection is ended (CVE-2023-44487).
const RESETS: usize = 20;

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // `Pace` times the head: hyper's own timer would also cut a connection that is merely idle.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(HEAD_BUFFER)
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(u32::try_from(HEAD_BUFFER).unwrap_or(u32::MAX))
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(RESETS)
        .max_send_buf_size(CONNECTION_WINDOW as usize);
    builder
}

pub(super) async fn serve<S>(stream: S, peer: Peer, seat: &Place, router: Router, mut stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pace = Pace::new();
    let io = TokioIo::new(Paced::new(stream, pace.clone()));
    let service = service_fn(|request: Request<Incoming>| {
        let in_progress = pace.begin(request.version() == Version::HTTP_2);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let handled = router.clone().oneshot(request);
        async move {
            let response = handled.await;
            drop(in_progress);
            response
        }
    });
    let builder = builder();
    let mut connection = pin!(builder.serve_connection(io, service));
    let look_at = || pace.look_at(seat.is_crowded());
    let mut look = pin!(tokio::time::sleep_until(look_at().unwrap_or_else(Instant::now)));
    let mut is_ending = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error, "a connection ended early");
                }
                return;
            }
            _ = stop.wait_for(|stopped| *stopped), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            () = look.as_mut() => {
                let Some(next) = look_at() else {
                    tracing::debug!("a connection was too slow");
                    return;
                };
                look.as_mut().reset(next);
            }
        }
    }
}
