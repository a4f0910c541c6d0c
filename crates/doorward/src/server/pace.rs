//! How long a connection may take. hyper times the head of an HTTP/1 request only; here every wait has its end, in HTTP/2 and TLS, too.
//! For one connection; its loop asks for the deadline now and then and drops the connection when it has passed.
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// From its first byte, the head of a request must be there after this long; so must the first request of a connection.
const HEAD_FOR: Duration = Duration::from_secs(10);
/// A connection without a request is kept this long.
const IDLE_FOR: Duration = Duration::from_mins(1);
/// A reader that takes nothing for this long is gone.
const STALL_FOR: Duration = Duration::from_secs(20);
/// While places are scarce, nobody waits longer than this for a request, so that slow senders cannot hold them.
const CROWDED_FOR: Duration = Duration::from_secs(2);
/// Deadlines are looked at this often, so each may be late by as much.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What one connection is doing. Times are milliseconds since it began, 0 = never.
#[derive(Clone)]
pub(super) struct Pace(Arc<Inner>);

struct Inner {
    begun: Instant,
    in_progress: AtomicU32,
    is_http2: AtomicBool,
    idle_since: AtomicU64,
    first_byte_at: AtomicU64,
    stalled_at: AtomicU64,
}

impl Pace {
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            begun: Instant::now(),
            in_progress: AtomicU32::new(0),
            is_http2: AtomicBool::new(false),
            idle_since: AtomicU64::new(0),
            first_byte_at: AtomicU64::new(0),
            stalled_at: AtomicU64::new(0),
        }))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.begun.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }

    /// A request's head has arrived; its handling ends when the guard is dropped.
    pub fn begin(&self, is_http2: bool) -> InProgress {
        self.0.is_http2.store(is_http2, Relaxed);
        self.0.in_progress.fetch_add(1, Relaxed);
        self.0.first_byte_at.store(0, Relaxed);
        InProgress(self.clone())
    }

    /// When to look next, or nothing where the connection's time is over.
    pub fn look_at(&self, is_crowded: bool) -> Option<Instant> {
        let seen = Seen {
            is_busy: self.0.in_progress.load(Relaxed) > 0,
            is_http2: self.0.is_http2.load(Relaxed),
            idle_since: self.0.idle_since.load(Relaxed),
            first_byte_at: self.0.first_byte_at.load(Relaxed),
            stalled_at: self.0.stalled_at.load(Relaxed),
        };
        let now = self.now();
        let wait = match seen.due(is_crowded) {
            Some(due) if due <= now => return None,
            Some(due) => Duration::from_millis(due - now).min(LOOK_EVERY),
            None => LOOK_EVERY,
        };
        Some(Instant::now() + wait)
    }

    fn took_bytes(&self) {
        if self.0.in_progress.load(Relaxed) == 0 && self.0.first_byte_at.load(Relaxed) == 0 {
            self.0.first_byte_at.store(self.now(), Relaxed);
        }
    }

    fn wrote(&self, is_stuck: bool) {
        if !is_stuck {
            self.0.stalled_at.store(0, Relaxed);
        } else if self.0.stalled_at.load(Relaxed) == 0 {
            self.0.stalled_at.store(self.now(), Relaxed);
        }
    }
}

/// What a connection shows at one moment.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    is_busy: bool,
    is_http2: bool,
    idle_since: u64,
    first_byte_at: u64,
    stalled_at: u64,
}

impl Seen {
    /// When its time is over, unless something changes.
    fn due(&self, is_crowded: bool) -> Option<u64> {
        let after =
            |begun: u64, span: Duration| begun.saturating_add(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        let stall = (self.stalled_at > 0).then(|| after(self.stalled_at, STALL_FOR));
        // In HTTP/2 bytes between requests are no head of one: acknowledgements and the like. Nor do they keep the connection.
        let is_head = self.first_byte_at > 0 && !self.is_http2;
        let patience = |span: Duration| if is_crowded { CROWDED_FOR } else { span };
        let wait = match self.idle_since {
            _ if self.is_busy => None,
            0 => Some(after(0, patience(HEAD_FOR))),
            _ if is_head => Some(after(self.first_byte_at, patience(HEAD_FOR))),
            idle_since => Some(after(idle_since, patience(IDLE_FOR))),
        };
        [stall, wait].into_iter().flatten().min()
    }
}

/// A request in progress.
pub(super) struct InProgress(Pace);

impl Drop for InProgress {
    fn drop(&mut self) {
        let pace = &self.0;
        if pace.0.in_progress.fetch_sub(1, Relaxed) == 1 {
            pace.0.first_byte_at.store(0, Relaxed);
            pace.0.idle_since.store(pace.now(), Relaxed);
        }
    }
}

/// A stream that tells its pace what passes.
pub(super) struct Paced<S> {
    stream: S,
    pace: Pace,
}

impl<S> Paced<S> {
    pub const fn new(stream: S, pace: Pace) -> Self {
        Self { stream, pace }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            self.pace.took_bytes();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.pace.wrote(polled.is_pending());
        polled
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.pace.wrote(polled.is_pending());
        polled
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        if polled.is_pending() {
            self.pace.wrote(true);
        }
        polled
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(context);
        if polled.is_pending() {
            self.pace.wrote(true);
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wait_has_its_end() {
        let new = Seen::default();
        for (what, seen, due) in [
            ("the first request must come soon", new, Some(10_000)),
            (
                "also in HTTP/2, whatever bytes come",
                Seen {
                    first_byte_at: 9_000,
                    is_http2: true,
                    ..new
                },
                Some(10_000),
            ),
            (
                "an idle connection is kept for a minute",
                Seen {
                    idle_since: 5_000,
                    ..new
                },
                Some(65_000),
            ),
            (
                "a head has its time from its first byte",
                Seen {
                    idle_since: 5_000,
                    first_byte_at: 50_000,
                    ..new
                },
                Some(60_000),
            ),
            (
                "in HTTP/2 a byte is no head",
                Seen {
                    idle_since: 5_000,
                    first_byte_at: 50_000,
                    is_http2: true,
                    ..new
                },
                Some(65_000),
            ),
            (
                "a request in progress has its own limits",
                Seen {
                    is_busy: true,
                    idle_since: 5_000,
                    ..new
                },
                None,
            ),
            (
                "a reader that takes nothing is gone",
                Seen {
                    is_busy: true,
                    stalled_at: 7_000,
                    ..new
                },
                Some(27_000),
            ),
            (
                "the earlier end counts",
                Seen {
                    idle_since: 5_000,
                    stalled_at: 7_000,
                    ..new
                },
                Some(27_000),
            ),
        ] {
            assert_eq!(seen.due(false), due, "{what}");
        }
        for (what, seen, due) in [
            ("a first request", new, Some(2_000)),
            (
                "an idle connection",
                Seen {
                    idle_since: 5_000,
                    ..new
                },
                Some(7_000),
            ),
            (
                "a request in progress is not hurried",
                Seen { is_busy: true, ..new },
                None,
            ),
        ] {
            assert_eq!(seen.due(true), due, "while places are scarce: {what}");
        }
    }

    #[test]
    fn a_request_ends_with_its_guard_and_a_byte_taken_ends_a_stall() {
        let pace = Pace::new();
        let (one, two) = (pace.begin(true), pace.begin(true));
        pace.took_bytes();
        assert_eq!(pace.0.first_byte_at.load(Relaxed), 0, "bytes of a body");
        drop(one);
        assert_eq!(pace.0.idle_since.load(Relaxed), 0);
        drop(two);
        assert!(pace.0.idle_since.load(Relaxed) > 0);
        pace.wrote(true);
        assert!(pace.0.stalled_at.load(Relaxed) > 0);
        pace.wrote(false);
        assert_eq!(pace.0.stalled_at.load(Relaxed), 0);
    }
}
