//! Which statements were run, with the kinds of their parameters: for the test that prepares every statement of the product on both engines.
//! Off unless [`super::Options::record`] is set. Must never happen: a parameter's value in here.
use super::Kind;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// A statement that was run, and the kinds it was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recorded {
    /// The whole text.
    pub sql: &'static str,
    /// Of `?1`, `?2` …
    pub kinds: Vec<Kind>,
}

#[derive(Default)]
pub(super) struct Book(Mutex<BTreeSet<Recorded>>);

impl Book {
    pub(super) fn note(&self, statement: Recorded) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(statement);
    }
    pub(super) fn list(&self) -> Vec<Recorded> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }
}
