//! Figures of organisations with very many agents, remembered for a few seconds: counting a hundred thousand for each look of each page that is open
//! would keep everybody else waiting. Of few agents nothing is remembered, so that each look is exact.
use kernel::{OrganisationId, Span, Time};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// From so many on.
const MANY: i64 = 2_000;
const KEPT_FOR: Span = Span::seconds(5);
/// Organisations that are remembered at most.
const MOST: usize = 1_000;

/// Agents that are let in, and how many of them are online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Active {
    pub all: i64,
    pub online: i64,
}

/// What one node remembers.
#[derive(Clone, Default)]
pub(crate) struct Remembered(Arc<Mutex<HashMap<OrganisationId, (Time, Active)>>>);

impl Remembered {
    /// As counted a moment ago.
    pub(crate) fn recent(&self, organisation: OrganisationId, now: Time) -> Option<Active> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, active) = kept.get(&organisation).copied()?;
        (Span::seconds(0)..KEPT_FOR).contains(&(now - at)).then_some(active)
    }
    /// As counted now.
    pub(crate) fn keep(&self, organisation: OrganisationId, now: Time, active: Active) {
        if active.all < MANY {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(organisation, (now, active));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_many_are_remembered_and_only_for_a_moment() {
        let (remembered, now) = (Remembered::default(), Time::from_seconds(1_795_511_642));
        let (few, many) = (OrganisationId(Uuid::from_u128(1)), OrganisationId(Uuid::from_u128(2)));
        remembered.keep(
            few,
            now,
            Active {
                all: MANY - 1,
                online: 1,
            },
        );
        let active = Active { all: MANY, online: 7 };
        remembered.keep(many, now, active);
        assert_eq!(
            (remembered.recent(few, now), remembered.recent(many, now)),
            (None, Some(active))
        );
        assert_eq!(remembered.recent(many, now + KEPT_FOR), None);
        assert_eq!(
            remembered.recent(many, now - Span::seconds(1)),
            None,
            "a clock that was put back"
        );
    }
}
