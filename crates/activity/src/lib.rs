//! The activity log as people and programs read it: the list, its filters, its export, and what Home shows of it.
//! For the program. Must never happen: an event of another organisation; an event written or changed here.
mod cursor;
mod decide;
mod export;
mod http;
mod item;
mod page;
mod store;

pub use http::{openapi, routes};
pub use page::{Line, Lines};

use ground::db::{Result, View};
use kernel::{EventKind, Organisation, Span, Time};

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
    let rows = store::newest(view, organisation, &store::Wanted::default(), most)?;
    let names = item::names(view, &rows)?;
    Ok(rows.into_iter().map(|row| item::line(row, &names)).collect())
}

/// Sign-ins by day for so many days up to now, oldest first; days without any are there too.
pub fn sign_ins_by_day(view: &mut View, organisation: Organisation, days: u32, now: Time) -> Result<Vec<SignIns>> {
    let today = now.micros().div_euclid(DAY.as_micros());
    let first = today - i64::from(days) + 1;
    let since = Time::from_micros(first.saturating_mul(DAY.as_micros()));
    let allowed = store::count_by_day(view, organisation, EventKind::SignedIn, since)?;
    let stopped = store::count_by_day(view, organisation, EventKind::SignInRefused, since)?;
    let of = |counts: &[(i64, i64)], day: i64| {
        let count = counts
            .iter()
            .find(|(of_day, _)| *of_day == day)
            .map_or(0, |(_, count)| *count);
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    let sign_ins = |day: i64| SignIns {
        day: Time::from_micros(day.saturating_mul(DAY.as_micros())),
        allowed: of(&allowed, day),
        stopped: of(&stopped, day),
    };
    Ok((first..=today).map(sign_ins).collect())
}

/// How many sign-ins were stopped since then.
pub fn stopped_since(view: &mut View, organisation: Organisation, since: Time) -> Result<u64> {
    let count = store::count_since(view, organisation, EventKind::SignInRefused, since)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

const DAY: Span = Span::days(1);
