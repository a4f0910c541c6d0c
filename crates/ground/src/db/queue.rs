//! The two bounded queues, writes and reads, and the threads that serve them.
//! Must never happen: a caller that waits where it could be told at once; a thread left behind by `close`.
use super::{Error, Job, Result, State, job::Ticket, meter};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::oneshot;

/// What a thread of the store takes from its queue.
pub(super) enum Message {
    Job(Job),
    /// Go home. Comes behind every job that was sent before `close`.
    Stop,
}

/// One of the two queues, seen from the callers.
pub(super) struct Lane {
    sender: Sender<Message>,
    name: &'static str,
    threads: Mutex<Vec<JoinHandle<()>>>,
    companions: Mutex<Vec<JoinHandle<()>>>,
}

impl Lane {
    pub(super) fn new(name: &'static str, room: usize) -> (Self, Receiver<Message>) {
        let (sender, receiver) = bounded(room.max(1));
        (
            Self {
                sender,
                name,
                threads: Mutex::default(),
                companions: Mutex::default(),
            },
            receiver,
        )
    }

    /// Starts a thread that serves this queue.
    pub(super) fn employ(&self, body: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = spawn(&format!("store-{}", self.name), body)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Starts a thread that ends by itself once those that serve have gone; `dismiss` waits for it too.
    pub(super) fn accompany(&self, name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = spawn(&format!("store-{name}"), body)?;
        self.companions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(thread);
        Ok(())
    }

    /// Full: [`Error::Busy`] at once.
    pub(super) fn put(&self, job: Job) -> Result<()> {
        meter::queue(self.name, self.sender.len());
        self.sender.try_send(Message::Job(job)).map_err(|e| {
            let error = match e {
                TrySendError::Full(_) => Error::Busy,
                TrySendError::Disconnected(_) => closed(),
            };
            meter::refused(&error);
            error
        })
    }

    /// Tells every thread to finish what was queued and go home, and waits for them.
    pub(super) fn dismiss(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for _ in &threads {
            // Waits for room; fails only where the threads have gone already.
            let _ = self.sender.send(Message::Stop);
        }
        let companions = std::mem::take(&mut *self.companions.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads.into_iter().chain(companions) {
            let _ = thread.join();
        }
    }
}

/// What a caller hears once the store is closed.
pub(super) fn closed() -> Error {
    Error::Away("the store is closed".into())
}

pub(super) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new()
        .name(name.into())
        .spawn(body)
        .map_err(|e| Error::Away(format!("no thread for {name}: {e}")))
}

/// Waits for the answer. A job that no thread has begun within `patience` is given up: nothing was done.
pub(super) async fn answer<T, E: From<Error>>(
    mut answer: oneshot::Receiver<Result<T, E>>,
    ticket: &Ticket,
    patience: Duration,
) -> Result<T, E> {
    let told = match tokio::time::timeout(patience, &mut answer).await {
        Ok(told) => told,
        Err(_) if ticket.give_up() => {
            meter::refused(&Error::Busy);
            return Err(Error::Busy.into());
        }
        Err(_) => answer.await,
    };
    told.unwrap_or_else(|_| Err(closed().into()))
}

/// Joins the threads of both queues away from the async threads.
pub(super) async fn dismiss(lanes: Arc<super::Inner>, state: &State) {
    state.close();
    let (told, done) = oneshot::channel::<()>();
    let joining = spawn("store-close", move || {
        lanes.writes.dismiss();
        lanes.reads.dismiss();
        let _ = told.send(());
    });
    if joining.is_ok() {
        let _ = done.await;
    }
}
