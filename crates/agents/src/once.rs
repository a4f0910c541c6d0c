//! Which proofs were seen: each counts once on this node (RFC 9449, 11.1). For every call of agents.
//! Must never happen: a memory that grows with what strangers send: only the numbers of agents that proved their key are kept, a bounded number each.
use kernel::{AgentId, Reason, Span, Time};
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Mutex, PoisonError},
};

/// A number is kept so long: a proof is good for a minute before and after its time.
const KEPT_FOR: Span = Span::seconds(125);
/// So many of one agent; more calls in so short a time are too many.
const MOST_EACH: usize = 240;
/// Parts of the memory, so that calls seldom wait for each other.
const PARTS: usize = 16;

/// The memory of one node.
pub(crate) struct Once {
    hasher: RandomState,
    parts: [Mutex<Part>; PARTS],
}

#[derive(Default)]
struct Part {
    seen: HashMap<AgentId, Vec<(u64, i64)>>,
    swept_at: i64,
}

impl Default for Once {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            parts: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Once {
    /// Takes the number of a proof of this agent. Refused: it was taken before, or the agent calls far too often.
    pub(crate) fn take(&self, agent: AgentId, jti: &str, now: Time) -> Result<(), Reason> {
        let number = self.hasher.hash_one((agent, jti));
        let at = usize::try_from(agent.0.as_u128() % PARTS as u128).unwrap_or(0);
        let Some(part) = self.parts.get(at) else {
            return Err(Reason::ServerFault);
        };
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        part.sweep(now);
        let seen = part.seen.entry(agent).or_default();
        seen.retain(|(_, at)| is_kept(*at, now));
        if seen.iter().any(|(known, _)| *known == number) {
            return Err(Reason::AgentProofAgain);
        }
        if seen.len() >= MOST_EACH {
            return Err(Reason::AgentTooOften);
        }
        seen.push((number, now.seconds()));
        Ok(())
    }
}

impl Part {
    /// Once a minute those go that say nothing any more.
    fn sweep(&mut self, now: Time) {
        if (self.swept_at..self.swept_at + 60).contains(&now.seconds()) {
            return;
        }
        self.swept_at = now.seconds();
        self.seen.retain(|_, seen| seen.iter().any(|(_, at)| is_kept(*at, now)));
    }
}

/// A clock that was put back forgets nothing.
fn is_kept(at: i64, now: Time) -> bool {
    now - Time::from_seconds(at) <= KEPT_FOR
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Time = Time::from_seconds(1_795_511_642);

    #[test]
    fn a_number_counts_once_for_each_agent() {
        let once = Once::default();
        let (one, other) = (AgentId(Uuid::from_u128(1)), AgentId(Uuid::from_u128(17)));
        assert_eq!(once.take(one, "a", NOW), Ok(()));
        assert_eq!(
            once.take(one, "a", NOW + Span::seconds(119)),
            Err(Reason::AgentProofAgain)
        );
        assert_eq!((once.take(other, "a", NOW), once.take(one, "b", NOW)), (Ok(()), Ok(())));
        assert_eq!(once.take(one, "a", NOW + Span::seconds(126)), Ok(()));
    }

    #[test]
    fn the_memory_is_bounded_and_empties_itself() {
        let once = Once::default();
        let busy = AgentId(Uuid::from_u128(1));
        let taken = (0..1_000)
            .filter(|n| once.take(busy, &n.to_string(), NOW).is_ok())
            .count();
        assert_eq!(taken, MOST_EACH);
        assert_eq!(once.take(busy, "x", NOW), Err(Reason::AgentTooOften));
        for n in 0..1_000 {
            let at = NOW + Span::seconds(n);
            assert_eq!(
                once.take(
                    AgentId(Uuid::from_u128(16 * u128::try_from(n + 1).unwrap() + 1)),
                    "x",
                    at
                ),
                Ok(())
            );
        }
        assert!(once.parts.iter().all(|part| part.lock().unwrap().seen.len() < 250));
    }
}
