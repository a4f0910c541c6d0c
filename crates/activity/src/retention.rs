//! How long activity is kept: an organisation's own days, or the product's; and the hourly work that takes old lines away at a checkpoint.
//! For the program and the pages. Must never happen: a line that goes before its time; one stream that does not hold and keeps the others from
//! being cut.
use crate::store;
use ground::{
    Ground,
    db::{self, View},
    journal::{self, Fault},
};
use kernel::{Event, EventKind, Organisation, OrganisationId, Outcome, Span, Stream};
use std::time::Duration;
use uuid::Uuid;

/// Days that activity is kept where nobody has said otherwise, and in the deployment's own stream.
pub(crate) const USUAL: i64 = 400;
/// Days that may be set: 30 days to 7 years.
pub(crate) const DAYS: std::ops::RangeInclusive<i64> = 30..=2_557;

const EVERY: Duration = Duration::from_hours(1);
/// Streams that are looked at in one transaction.
const CHUNK: u32 = 100;

/// How many days an organisation keeps its activity.
pub(crate) fn days(view: &mut View, organisation: Organisation) -> db::Result<i64> {
    let set = store::retention::days(view, organisation)?.unwrap_or(USUAL);
    Ok(set.clamp(*DAYS.start(), *DAYS.end()))
}

/// Runs for as long as the program does. What fails is logged and tried again an hour later.
pub async fn every_hour(ground: Ground) {
    let mut hours = tokio::time::interval(EVERY);
    hours.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        hours.tick().await;
        if let Err(error) = cut_old(&ground).await {
            tracing::warn!(%error, "old activity could not be looked for; it is tried again in an hour");
        }
    }
}

/// One hour's work: every stream with lines that are too old is cut.
pub async fn cut_old(ground: &Ground) -> db::Result<()> {
    let mut last = None;
    loop {
        let (due, end) = ground.store.read(move |view| due(view, last)).await?;
        for (stream, days) in due {
            cut_one(ground, stream, days).await;
        }
        match end {
            Some(end) => last = Some(end),
            None => return Ok(()),
        }
    }
}

/// The organisation's stream, or the deployment's.
const fn named(stream: Uuid) -> Stream {
    if stream.is_nil() {
        Stream::Deployment
    } else {
        Stream::Organisation(OrganisationId(stream))
    }
}

/// Of the next streams those that have lines, with their days; and where to go on.
fn due(view: &mut View, last: Option<Uuid>) -> db::Result<(Vec<(Stream, i64)>, Option<Uuid>)> {
    let streams = journal::streams_after(view, last, CHUNK)?;
    let mut found = Vec::new();
    for stream in &streams {
        let stream = named(*stream);
        let kept = match stream {
            Stream::Deployment => USUAL,
            Stream::Organisation(id) => days(view, Organisation(id))?,
        };
        found.push((stream, kept));
    }
    Ok((found, streams.last().copied()))
}

async fn cut_one(ground: &Ground, stream: Stream, days: i64) {
    let before = ground.now() - Span::days(days);
    let oldest = ground.store.read(move |view| journal::oldest(view, stream)).await;
    match oldest {
        Ok(Some(oldest)) if oldest < before => {}
        Ok(_) => return,
        Err(error) => {
            tracing::warn!(%error, "the age of a log could not be looked at");
            return;
        }
    }
    let held = ground.clone();
    let event = move |seq: i64| {
        let mut event = Event::new(stream, held.now(), EventKind::ActivityCut, Outcome::Done, &held.chance);
        event.detail = format!("up to line {seq}, older than {days} days");
        event
    };
    let name = journal::stream_name(journal::stream_id(stream));
    match journal::cut(ground, stream, before, event).await {
        Ok(Some(seq)) => tracing::info!(stream = name, seq, "old activity was removed"),
        Ok(None) => {}
        Err(Fault::Broken(broken)) => {
            tracing::error!(target: "journal", stream = name, seq = broken.seq, what = broken.what, "the activity log does not hold; it was not cut");
        }
        Err(fault) => {
            tracing::warn!(%fault, stream = name, "old activity could not be removed; it is tried again in an hour");
        }
    }
}
