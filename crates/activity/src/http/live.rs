//! Events as they happen (server-sent events). Must never happen: an event sent to somebody who has lost the right to read it since the stream
//! began: each look lets the reader in anew.
use super::{is_theirs, malformed};
use crate::{
    decide::{Asked, Manner, Whom},
    http::Activity,
    item,
    store::{self, Wanted},
};
use axum::{extract::State, response::Response};
use ground::{
    Ask, Failure, House,
    db::{self, View},
    form::Query,
};
use kernel::{Organisation, Reason, Span, act};
use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// Events of one look.
const MOST: u32 = 200;

/// The events of the organisation as they happen: each a message whose `id` is its place in the log and whose data is the event as the list has
/// it. A stream ends by itself after a while; with `Last-Event-ID` the next one goes on behind that place.
#[utoipa::path(get, path = "/api/v1/events/stream", params(
    ("kind" = Option<String>, Query, description = "A kind's id"),
    ("outcome" = Option<String>, Query, description = "`allowed`, `stopped` or `done`"),
    ("person" = Option<uuid::Uuid>, Query, description = "By or about this person"),
    ("network" = Option<String>, Query, description = "From this network address"),
    ("from" = Option<String>, Query, description = "A day or a time of RFC 3339: from then on"),
    ("organisation" = Option<uuid::Uuid>, Query, description = "The organisation; the session's own if not given"),
    ("Last-Event-ID" = Option<i64>, Header, description = "The place after which to go on; if not given, what happens from now on"),
), responses((status = 200, description = "`text/event-stream`"), (status = 400, description = "A parameter is unknown or wrong"), (status = 403, description = "Not allowed"), (status = 503, description = "Too many streams: ask the list now and then")))]
pub(super) async fn stream(
    State(state): State<Activity>,
    ask: Ask<act::ReadEvents>,
    asked: Result<Query<Asked>, Failure>,
) -> Result<Response, Failure> {
    let place = ask
        .visitor
        .headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse::<i64>().ok());
    let (permit, head) = state
        .house
        .read(&ask, move |view, permit| {
            let head = store::head(view, Organisation(permit.caller().organisation))?;
            Ok(place.filter(|place| (0..=head).contains(place)).unwrap_or(head))
        })
        .await?;
    let Query(asked) = asked?;
    let takes_it = asked.cursor.is_none() && asked.limit.is_none() && asked.format.is_none() && asked.to.is_none();
    if !takes_it {
        return Err(malformed(&ask, Vec::new()));
    }
    let search = asked.search(Manner::Api).map_err(|errors| malformed(&ask, errors))?;
    if !is_theirs(&asked, &permit) {
        return Err(ask.not_found());
    }
    let people = match &search.whom {
        Whom::Person(person) => Some(vec![*person]),
        _ => None,
    };
    let wanted = Arc::new(search.wanted(people, None));
    let (last, visitor, who) = (
        Arc::new(AtomicI64::new(head)),
        ask.visitor.clone(),
        permit.caller().person.0,
    );
    let (house, ask) = (state.house.clone(), Arc::new(ask));
    let stream = state.live.feed(who, move || {
        let (house, ask, wanted, last) = (house.clone(), ask.clone(), wanted.clone(), last.clone());
        async move { next(&house, &ask, wanted, &last).await }
    });
    stream.ok_or_else(|| Failure::busy(&visitor, Reason::ServerBusy, Span::seconds(30)))
}

/// The messages of what is new and wanted; none where the reader is not let in any more.
async fn next(house: &House, ask: &Ask<act::ReadEvents>, wanted: Arc<Wanted>, last: &AtomicI64) -> Option<String> {
    let from = last.load(Ordering::Relaxed);
    let look = move |view: &mut View, permit: &ground::Permit<act::ReadEvents>| {
        let rows = store::after(view, Organisation(permit.caller().organisation), from, MOST)?;
        let end = rows.last().map_or(from, |event| event.row.seq);
        let rows: Vec<_> = rows
            .into_iter()
            .map(|event| event.row)
            .filter(|row| wanted.fits(&row.seen()))
            .collect();
        let names = item::names(view, &rows)?;
        Ok::<_, db::Error>((end, rows, names))
    };
    let (_, (end, rows, names)) = house.read(ask, look).await.ok()?;
    last.store(end, Ordering::Relaxed);
    let mut text = String::new();
    for row in rows {
        let seq = row.seq;
        let data = serde_json::to_string(&item::item(row, &names)).ok()?;
        // Writing to a String cannot fail. JSON has no line break in it.
        let _ = write!(text, "id: {seq}\ndata: {data}\n\n");
    }
    Some(text)
}
