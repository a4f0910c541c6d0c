//! What the same work took lately, and so how long the next of it will hardly exceed. For the padding of failures: it is learned from every
//! address alike, so a busy machine or a slow disk raises it for all of them.
//! Must never happen: one bad moment that makes everybody wait for long.
use super::locked;
use std::{collections::VecDeque, sync::Mutex, time::Duration};

/// So many of the latest count.
const KEPT: usize = 32;
/// Of which this part may take longer than what is answered: outliers.
const OUTLIERS: usize = 8;

#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<Duration>>);

impl Recent {
    pub(super) fn note(&self, took: Duration) {
        let mut latest = locked(&self.0);
        if latest.len() == KEPT {
            latest.pop_front();
        }
        latest.push_back(took);
    }
    /// Nothing that was seen holds any more.
    pub(super) fn forget(&self) {
        locked(&self.0).clear();
    }
    /// What all but an eighth of the latest stayed within; nothing where none was seen.
    pub(super) fn mostly(&self) -> Option<Duration> {
        let mut latest: Vec<Duration> = locked(&self.0).iter().copied().collect();
        latest.sort_unstable();
        let last = latest.len().checked_sub(1)?;
        latest.get(last - latest.len() / OUTLIERS).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_outliers_do_not_count_and_what_is_long_ago_is_forgotten() {
        let recent = Recent::default();
        assert_eq!(recent.mostly(), None);
        recent.note(Duration::from_millis(9));
        assert_eq!(recent.mostly(), Some(Duration::from_millis(9)), "few: the longest");
        for n in 0..KEPT as u64 {
            recent.note(Duration::from_millis(if n % 8 == 0 { 5_000 } else { 20 + n % 3 }));
        }
        assert_eq!(recent.mostly(), Some(Duration::from_millis(22)));
        for _ in 0..KEPT {
            recent.note(Duration::from_millis(3));
        }
        assert_eq!(recent.mostly(), Some(Duration::from_millis(3)));
        recent.forget();
        assert_eq!(recent.mostly(), None);
    }
}
