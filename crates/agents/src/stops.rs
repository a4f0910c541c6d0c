//! Calls of agents that were refused, as events: the first at once, those of the hour behind it together, as one with its count.
//! For the routes of agents. Must never happen: a log that an agent fills by calling on and on.
use ground::{Ground, db, journal};
use kernel::{AgentId, Event, EventKind, OrganisationId, Outcome, Reason, Span, Stream, Time};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Of one agent and one reason an event is written so often at most.
const EVERY: Span = Span::hours(1);
/// Agents and reasons that are remembered; beyond it nothing more is told until the memory has room.
const MOST: usize = 20_000;

type What = (OrganisationId, AgentId, Reason);

/// Who was refused.
#[derive(Debug, Clone)]
pub(crate) struct Stopped {
    /// The agent's organisation.
    pub organisation: OrganisationId,
    /// The agent.
    pub agent: AgentId,
    /// What it is called.
    pub name: String,
    /// Why.
    pub reason: Reason,
    /// Where the call came from.
    pub network: String,
}

struct Held {
    told_at: Time,
    count: u32,
    last: Stopped,
}

/// The memory of one node.
#[derive(Default)]
pub(crate) struct Stops(Mutex<HashMap<What, Held>>);

impl Stops {
    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<What, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells of it now or later.
    pub(crate) async fn note(&self, ground: &Ground, stopped: Stopped) {
        let now = ground.now();
        if self.is_first(&stopped, now) {
            tell(ground, vec![event(ground, &stopped, 1, now)]).await;
        }
    }

    fn is_first(&self, stopped: &Stopped, now: Time) -> bool {
        let mut held = self.held();
        let what = (stopped.organisation, stopped.agent, stopped.reason);
        if let Some(known) = held.get_mut(&what) {
            known.count = known.count.saturating_add(1);
            known.last = stopped.clone();
            return false;
        }
        if held.len() >= MOST {
            return false;
        }
        held.insert(
            what,
            Held {
                told_at: now,
                count: 0,
                last: stopped.clone(),
            },
        );
        true
    }

    /// Tells of those that came since, and forgets what is long ago.
    pub(crate) async fn sweep(&self, ground: &Ground) {
        let now = ground.now();
        let mut due = Vec::new();
        self.held().retain(|_, held| {
            let is_over = now - held.told_at >= EVERY;
            let is_due = is_over && held.count > 0;
            if is_due {
                due.push((held.last.clone(), held.count));
                (held.told_at, held.count) = (now, 0);
            }
            is_due || !is_over
        });
        let events: Vec<Event> = due
            .iter()
            .map(|(stopped, count)| event(ground, stopped, *count, now))
            .collect();
        for chunk in events.chunks(100) {
            tell(ground, chunk.to_vec()).await;
        }
    }
}

fn event(ground: &Ground, stopped: &Stopped, count: u32, now: Time) -> Event {
    let stream = Stream::Organisation(stopped.organisation);
    let mut event = Event::new(stream, now, EventKind::AgentStopped, Outcome::Stopped, &ground.chance)
        .of_agent(stopped.agent, &stopped.name)
        .because(stopped.reason);
    event.network.clone_from(&stopped.network);
    event.count = count;
    event
}

async fn tell(ground: &Ground, events: Vec<Event>) {
    let told: db::Result<()> = ground.store.write(move |tx| journal::append_all(tx, &events)).await;
    // A store that cannot write must not turn a refusal into a fault.
    if let Err(error) = told {
        tracing::warn!(%error, "a refusal was not written into the activity log");
    }
}
