//! A panic in a handler hurts only its own request.
use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

/// The future's value, or nothing where it panicked. The panic itself is logged by the hook of [`crate::log`].
pub(super) async fn caught<F: Future>(work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    // AssertUnwindSafe: after a panic the future is dropped and nothing of it is looked at again.
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
            .map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}
