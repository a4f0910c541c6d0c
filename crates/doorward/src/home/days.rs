//! The days of the chart that are over: counted once, kept in memory, so that Home costs what happened today and not what happened in four weeks.
//! Must never happen: a day kept that can still grow.
use activity::SignIns;
use ground::{db, db::View};
use kernel::{Organisation, Span, Time};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Organisations that are remembered; more than these are forgotten together.
const MOST: usize = 2_000;
/// What was begun before midnight has come to its end by then.
const SETTLED_AFTER: Span = Span::minutes(5);

/// Days that are over, of each organisation that has looked. A clone is the same one.
#[derive(Clone, Default)]
pub(super) struct Days(Arc<Mutex<BTreeMap<Organisation, Vec<SignIns>>>>);

impl Days {
    /// The sign-ins of so many days up to today, oldest first.
    pub(super) fn of(
        &self,
        view: &mut View,
        organisation: Organisation,
        count: u32,
        now: Time,
    ) -> db::Result<Vec<SignIns>> {
        let mut today = activity::sign_ins_by_day(view, organisation, 1, now)?;
        let begins = today.first().map_or(now, |day| day.day);
        if let Some(mut days) = self.kept(organisation, begins) {
            days.append(&mut today);
            return Ok(days);
        }
        let days = activity::sign_ins_by_day(view, organisation, count, now)?;
        if now - begins >= SETTLED_AFTER {
            self.keep(
                organisation,
                days.iter().copied().filter(|day| day.day < begins).collect(),
            );
        }
        Ok(days)
    }
    /// What is kept, where it ends with yesterday.
    fn kept(&self, organisation: Organisation, today: Time) -> Option<Vec<SignIns>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let days = all.get(&organisation)?;
        let is_fresh = days.last()?.day + Span::days(1) == today;
        is_fresh.then(|| days.clone())
    }
    fn keep(&self, organisation: Organisation, days: Vec<SignIns>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(&organisation) {
            all.clear();
        }
        all.insert(organisation, days);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_days_count_until_the_next_day_begins() {
        let day = |n: i64| Time::from_seconds(n * 86_400);
        let (days, ours) = (
            Days::default(),
            Organisation("01936d2c-5b7e-7000-8000-000000000000".parse().unwrap()),
        );
        let past: Vec<SignIns> = (1..=3)
            .map(|n| SignIns {
                day: day(n),
                allowed: 1,
                stopped: 0,
            })
            .collect();
        assert_eq!(days.kept(ours, day(4)), None);
        days.keep(ours, past.clone());
        assert_eq!(days.kept(ours, day(4)), Some(past));
        assert_eq!(days.kept(ours, day(5)), None);
    }
}
