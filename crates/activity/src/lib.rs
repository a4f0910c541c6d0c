//! The activity log as people and programs read it: the list, each event, live, exported, sent elsewhere; how long it is kept; and what Home
//! shows of it. For the program. Must never happen: an event of another organisation; an event changed here.
mod courier;
mod decide;
mod export;
mod hook;
mod http;
mod item;
mod page;
mod retention;
mod store;

pub use courier::Courier;
pub use http::{Activity, openapi, routes};
pub use page::{Line, Lines};
pub use retention::{cut_old, every_hour};

use ground::db::{Result, Tx, View};
use kernel::{Deployment, EventKind, Organisation, Span, Time, WebhookId};

/// The sign-ins of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignIns {
    /// The day's beginning, UTC.
    pub day: Time,
    /// How many came in.
    pub allowed: u32,
    /// How many were stopped.
    pub stopped: u32,
}

/// The latest events of an organisation, newest first, in words.
pub fn latest(view: &mut View, organisation: Organisation, most: u32) -> Result<Vec<Line>> {
    let rows = store::newest(view, organisation, &store::Wanted::default(), most)?.rows;
    let names = item::names(view, &rows)?;
    Ok(rows.into_iter().map(|row| item::line(row, &names)).collect())
}

/// Sign-ins by day for so many days up to now, oldest first; days without any are there too.
pub fn sign_ins_by_day(view: &mut View, organisation: Organisation, days: u32, now: Time) -> Result<Vec<SignIns>> {
    let today = now.micros().div_euclid(DAY.as_micros());
    let first = today - i64::from(days) + 1;
    let since = Time::from_micros(first.saturating_mul(DAY.as_micros()));
    let kinds = [EventKind::SignedIn, EventKind::SignInRefused];
    let counts = store::count_by_day(view, organisation, kinds, since)?;
    let of = |kind: EventKind, day: i64| {
        let count = counts
            .iter()
            .find(|(of_day, of_kind, _)| *of_day == day && of_kind == kind.id())
            .map_or(0, |(.., count)| *count);
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let sign_ins = |day: i64| SignIns {
        day: Time::from_micros(day.saturating_mul(DAY.as_micros())),
        allowed: of(EventKind::SignedIn, day),
        stopped: of(EventKind::SignInRefused, day),
    };
    Ok((first..=today).map(sign_ins).collect())
}

/// How many sign-ins were stopped since then.
pub fn stopped_since(view: &mut View, organisation: Organisation, since: Time) -> Result<u64> {
    let count = store::count_since(view, organisation, EventKind::SignInRefused, since)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// A place that activity is sent to and that has not taken any for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// The place.
    pub id: WebhookId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: Time,
}

/// The places that have not taken anything for a quarter of an hour.
pub fn failing(view: &mut View, organisation: Organisation, now: Time) -> Result<Vec<Failing>> {
    let found = store::hooks::failing(view, organisation, now - FAILS_FOR)?;
    let failing = |(id, name, since)| Failing { id, name, since };
    Ok(found.into_iter().map(failing).collect())
}

/// Takes away old lines of the log of deliveries, at most so many; answers how many.
pub fn sweep(tx: &mut Tx, now: Time, most: u32) -> Result<u64> {
    store::hooks::sweep(tx, Deployment, now - DELIVERIES_KEPT_FOR, most)
}

/// Forgets where an organisation's activity was sent and how long it was kept, once the organisation is gone.
pub fn forget_organisation(tx: &mut Tx, organisation: Organisation) -> Result<()> {
    store::hooks::remove_all(tx, organisation)?;
    store::retention::forget(tx, organisation)
}

const DAY: Span = Span::days(1);
/// A far end that is only restarted needs nobody.
const FAILS_FOR: Span = Span::minutes(15);
/// So long it is remembered what became of each delivery.
const DELIVERIES_KEPT_FOR: Span = Span::days(7);
