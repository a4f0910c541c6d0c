//! Live answers for pages that wait (server-sent events): a state that is looked at again and again, and sent where it has changed.
//! For the approval of devices, on both sides. Must never happen: a stream that holds a store thread while it waits, that outlives the server's
//! stop, or so many of one person that others find no place.
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use kernel::PersonId;
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use uuid::Uuid;

/// What other nodes did is seen after so long; what this one did at once.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Then a stream ends, and a browser that still waits comes again: no connection is kept longer than an idle one.
const LIVES_FOR: Duration = Duration::from_secs(50);
/// Streams of this node at once, and of one person.
const MOST: usize = 400;
const MOST_EACH: u32 = 4;

/// The streams of this node.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    places: Mutex<HashMap<Uuid, u32>>,
    bell: watch::Sender<u64>,
    is_closing: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Live {
    /// None yet.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            places: Mutex::default(),
            bell: watch::Sender::new(0),
            is_closing: watch::Sender::new(false),
        }))
    }
    /// Something has changed: every stream of this node looks at once.
    pub fn ring(&self) {
        self.0.bell.send_modify(|count| *count = count.wrapping_add(1));
    }
    /// The server stops: every stream ends, and no new one begins.
    pub fn close(&self) {
        self.0.is_closing.send_replace(true);
    }

    /// A stream of what `look` says, sent where it has changed, until it says nothing. None: there are too many, or the server stops; whoever
    /// waits asks by hand now and then.
    pub fn open<F, Seen>(&self, who: Uuid, look: F) -> Option<Response>
    where
        F: Fn() -> Seen + Send + 'static,
        Seen: Future<Output = Option<String>> + Send + 'static,
    {
        let last = Arc::new(Mutex::new(None));
        self.feed(who, move || {
            let (seen, last) = (look(), last.clone());
            async move {
                let seen = seen.await?;
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                let is_new = last.as_ref() != Some(&seen);
                // One line, as JSON writes it.
                let text = if is_new {
                    format!("data: {seen}\n\n")
                } else {
                    String::new()
                };
                *last = Some(seen);
                Some(text)
            }
        })
    }

    /// A stream of ready-made messages: `next` is asked again and again for those that are new, and ends the stream by none.
    pub fn feed<F, Next>(&self, who: Uuid, next: F) -> Option<Response>
    where
        F: Fn() -> Next + Send + 'static,
        Next: Future<Output = Option<String>> + Send,
    {
        let place = Place::take(&self.0, who)?;
        let (sender, body) = Channel::<Bytes, Infallible>::new(4);
        let (bell, closing) = (self.0.bell.subscribe(), self.0.is_closing.subscribe());
        if *closing.borrow() {
            return None;
        }
        drop(tokio::spawn(async move {
            run(sender, next, bell, closing).await;
            drop(place);
        }));
        let mut response = Response::new(Body::new(body));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Proxies that gather answers would keep the news from whoever waits for it.
        headers.insert(
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        );
        Some(response)
    }

    /// The same for a sign-in of this person that waits. Such streams have places of their own: whoever knows a password takes none from the devices
    /// that are signed in.
    pub fn open_at_the_door<F, Seen>(&self, person: PersonId, look: F) -> Option<Response>
    where
        F: Fn() -> Seen + Send + 'static,
        Seen: Future<Output = Option<String>> + Send + 'static,
    {
        self.open(Uuid::from_u128(!person.0.as_u128()), look)
    }
}

/// One of the places; given back when it is dropped.
struct Place {
    inner: Arc<Inner>,
    who: Uuid,
}

impl Place {
    fn take(inner: &Arc<Inner>, who: Uuid) -> Option<Self> {
        let mut places = inner.places.lock().unwrap_or_else(PoisonError::into_inner);
        let all: u32 = places.values().sum();
        let own = places.get(&who).copied().unwrap_or_default();
        if usize::try_from(all).unwrap_or(MOST) >= MOST || own >= MOST_EACH {
            return None;
        }
        places.insert(who, own + 1);
        drop(places);
        Some(Self {
            inner: inner.clone(),
            who,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut places = self.inner.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = places.get_mut(&self.who) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                places.remove(&self.who);
            }
        }
    }
}

async fn run<F, Next>(
    mut sender: Sender<Bytes, Infallible>,
    next: F,
    mut bell: watch::Receiver<u64>,
    mut closing: watch::Receiver<bool>,
) where
    F: Fn() -> Next,
    Next: Future<Output = Option<String>>,
{
    let ends_at = Instant::now() + LIVES_FOR;
    if sender.send_data(Bytes::from_static(b"retry: 2000\n\n")).await.is_err() {
        return;
    }
    loop {
        bell.mark_unchanged();
        let Some(mut text) = next().await else { return };
        if text.is_empty() {
            // A reader that is gone is noticed by writing to it.
            ":\n\n".clone_into(&mut text);
        }
        if sender.send_data(Bytes::from(text)).await.is_err() {
            return;
        }
        tokio::select! {
            biased;
            _ = closing.wait_for(|is_closing| *is_closing) => return,
            () = sleep_until(ends_at) => return,
            _ = bell.changed() => {}
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    async fn read(response: Response) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_says_what_changed_and_ends_when_there_is_nothing_more() {
        let live = Live::new();
        let count = Arc::new(Mutex::new(0));
        let look = move || {
            let mut count = count.lock().unwrap();
            *count += 1;
            let seen = match *count {
                1 | 2 => Some("one".to_owned()),
                3 => Some("two".to_owned()),
                _ => None,
            };
            async move { seen }
        };
        let text = read(live.open(Uuid::nil(), look).unwrap()).await;
        assert_eq!(text, "retry: 2000\n\ndata: one\n\n:\n\ndata: two\n\n");
        assert!(live.0.places.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn streams_end_by_themselves_with_the_server_and_are_few() {
        let live = Live::new();
        let look = || async { Some("same".to_owned()) };
        let began = Instant::now();
        read(live.open(Uuid::nil(), look).unwrap()).await;
        assert!(began.elapsed() >= LIVES_FOR && began.elapsed() < LIVES_FOR * 2);
        let open: Vec<_> = (0..MOST_EACH).filter_map(|_| live.open(Uuid::nil(), look)).collect();
        assert!(open.len() == 4 && live.open(Uuid::nil(), look).is_none());
        assert!(live.open(Uuid::from_u128(1), look).is_some());
        let person = PersonId(Uuid::nil());
        assert!(
            live.open_at_the_door(person, look).is_some(),
            "those who are signed in took its place"
        );
        live.close();
        let began = Instant::now();
        for response in open {
            read(response).await;
        }
        assert!(began.elapsed() < LOOK_EVERY);
        assert!(live.open(Uuid::from_u128(2), look).is_none());
    }
}
