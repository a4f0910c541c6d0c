//! What the threads of one store share: whether it still writes, whether it is closing, how it was set up.
//! Must never happen: writing going on after the disk has failed under a commit.
use super::{Options, record::Book};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

pub(super) struct State {
    pub(super) options: Options,
    /// The statements that were run, where that is asked for.
    pub(super) book: Option<Arc<Book>>,
    stopped: AtomicBool,
    closing: AtomicBool,
}

impl State {
    pub(super) fn new(options: &Options) -> Arc<Self> {
        Arc::new(Self {
            options: options.clone(),
            book: options.record.then(Arc::default),
            stopped: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        })
    }

    /// A failed fsync may have lost pages that the system now calls clean: only a restart, which reads the disk anew, mends that.
    pub(super) fn stop_writing(&self, why: &str) {
        if !self.stopped.swap(true, Ordering::AcqRel) {
            tracing::error!(
                why,
                "the disk failed under the database; writing has stopped until a restart"
            );
        }
    }
    pub(super) fn is_writing(&self) -> bool {
        !self.stopped.load(Ordering::Acquire)
    }
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }
    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

/// What a writer hears after the disk has failed.
pub(super) fn stopped() -> super::Error {
    super::Error::Away("writing has stopped after a disk error".into())
}
