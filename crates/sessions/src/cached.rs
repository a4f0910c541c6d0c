//! What the door remembers of the sessions that it let in: facts only, each under the mark of the store that they were read at.
//! For the door. Must never happen: a verdict that is kept, since time passes; a fact that outlives the next commit.
use crate::{
    decide::{Standing, judge},
    open::{Counting, SessionDoor},
};
use ground::{Caller, db::Mark, house::Asked};
use kernel::{Holder, Permissions, Time};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Sessions that are remembered at most; beyond it the store is asked. About a kilobyte each.
const MOST: usize = 8_192;

/// All that the door read of one session, and what follows from it at any time.
#[derive(Clone)]
pub(crate) struct Facts {
    pub counting: Counting,
    pub holder: Holder,
    pub may: Permissions,
}

/// The facts of one state of the store. INVARIANT: facts of another mark are never answered; they go when the mark does.
pub(crate) struct Memory {
    kept: Mutex<Kept>,
    answered: metrics::Counter,
}

#[derive(Default)]
struct Kept {
    at: Option<Mark>,
    facts: HashMap<[u8; 32], Arc<Facts>>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self {
            kept: Mutex::default(),
            answered: metrics::counter!("doorward_sessions_remembered_total"),
        }
    }

    pub(crate) fn keep(&self, mark: Mark, token_hash: [u8; 32], facts: Facts) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.at != Some(mark) {
            kept.at = Some(mark);
            kept.facts.clear();
        }
        if kept.facts.len() < MOST {
            kept.facts.insert(token_hash, Arc::new(facts));
        }
    }

    fn find(&self, mark: Mark, token_hash: &[u8; 32]) -> Option<Arc<Facts>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.at != Some(mark) {
            return None;
        }
        kept.facts.get(token_hash).cloned()
    }
}

impl SessionDoor {
    /// Judges what is remembered anew, at this time. Whatever is no plain yes is the store's to say.
    pub(crate) fn remembered(&self, asked: &Asked, now: Time, mark: Mark) -> Option<Caller> {
        let [token_hash] = asked.tokens.as_slice() else {
            return None;
        };
        // Only what a session's own organisation says is remembered.
        if asked.organisation.is_some() {
            return None;
        }
        let mut facts = Facts::clone(self.memory.find(mark, token_hash)?.as_ref());
        let counting = &mut facts.counting;
        let policy = counting.organisation.sessions;
        counting.standing = judge(&counting.session, policy, counting.organisation.epoch, now);
        if matches!(counting.standing, Standing::Over { .. }) {
            return None;
        }
        let caller = self.enter(facts, asked, now).ok()?;
        self.memory.answered.increment(1);
        Some(caller)
    }
}
