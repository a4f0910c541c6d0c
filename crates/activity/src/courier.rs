//! The courier: sends activity to the places that organisations name, on every node, a few at a time. For the program.
//! Must never happen: a place that is down and keeps others waiting; an event taken for sent that did not arrive; a delivery without an end.
mod payload;
mod syslog;

use crate::{
    decide::retry,
    hook::Kept,
    item,
    store::{
        self, Chained,
        hooks::{self, Delivery, Hook, Settled},
    },
};
use ground::{
    Ground, db,
    journal::{self, Checkpoint},
    outward::Outward,
};
use kernel::{
    Deployment, Event, EventKind, Organisation, OrganisationId, Outcome, PersonId, Span, Stream, Time, WebhookId,
};
use payload::Parcel;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often it is looked whether anything is to be sent.
const LOOKS_EVERY: Duration = Duration::from_secs(2);
/// Longer than a delivery can take.
const LEASE: Span = Span::minutes(2);
/// Events of one delivery.
const MOST_EVENTS: u32 = 200;
/// Places that are looked at in one turn, and deliveries at the same time.
const MOST_PLACES: u32 = 50;
const HANDS: usize = 8;

/// The courier. A clone is the same one.
#[derive(Clone)]
pub struct Courier {
    ground: Ground,
    outward: Outward,
}

/// What a test came to.
pub(crate) struct Tested {
    pub is_taken: bool,
    pub said: String,
    pub took_ms: i64,
}

impl Courier {
    /// On this ground.
    pub fn new(ground: &Ground) -> Self {
        Self {
            outward: Outward::new(&ground.config),
            ground: ground.clone(),
        }
    }

    /// Runs for as long as the program does.
    pub async fn run(self) {
        let mut looks = tokio::time::interval(LOOKS_EVERY);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Err(error) = self.turn().await {
                tracing::warn!(%error, "activity could not be sent on; it is tried again");
            }
        }
    }

    /// Everything that is due now is tried once. Answers how many deliveries were made.
    pub async fn turn(&self) -> db::Result<u32> {
        let now = self.ground.now();
        let look = move |view: &mut db::View| hooks::due(view, Deployment, now, MOST_PLACES);
        let (mut due, mut hands, mut made) = (
            self.ground.store.read(look).await?.into_iter(),
            tokio::task::JoinSet::new(),
            0,
        );
        loop {
            while hands.len() < HANDS
                && let Some(place) = due.next()
            {
                let courier = self.clone();
                hands.spawn(async move { courier.deliver(place).await });
            }
            match hands.join_next().await {
                None => return Ok(made),
                Some(Ok(Ok(is_made))) => made += u32::from(is_made),
                Some(Ok(Err(error))) => tracing::warn!(%error, "a delivery of activity could not be written down"),
                Some(Err(error)) => tracing::error!(%error, "a delivery of activity was cut short"),
            }
        }
    }

    /// One delivery: claimed, sent, written down.
    async fn deliver(&self, place: (OrganisationId, WebhookId)) -> db::Result<bool> {
        let (now, lease) = (self.ground.now(), Uuid::from_bytes(self.ground.chance.bytes()));
        let claim = move |tx: &mut db::Tx| hooks::claim(tx, place, now, lease, now + LEASE);
        let Some(hook) = self.ground.store.write(claim).await? else {
            return Ok(false);
        };
        let held = hook.clone();
        let facts = self.ground.store.read(move |view| facts(view, &held)).await?;
        if facts.events.is_empty() && facts.checkpoint.is_none() {
            // Another node was faster.
            let settled = Settled {
                next_at: now + retry::PAUSE,
                ..standing(&hook)
            };
            self.ground
                .store
                .write(move |tx| hooks::settle(tx, &hook, lease, &settled))
                .await?;
            return Ok(false);
        }
        let id = kernel::id::version_7(now, &self.ground.chance);
        let parcel = Parcel {
            id,
            organisation: hook.organisation,
            at: now,
            is_test: false,
            events: &facts.events,
            names: &facts.names,
            checkpoint: facts.checkpoint.as_ref(),
        };
        let (said, took_ms) = self.send(&hook, &parcel).await;
        let is_taken = said.is_ok();
        let delivery = Delivery {
            id,
            at: now,
            is_test: false,
            first_seq: facts.events.first().map_or(0, |event| event.row.seq),
            last_seq: facts.events.last().map_or(0, |event| event.row.seq),
            outcome: if is_taken { "delivered" } else { "failed" }.into(),
            said: said.clone().unwrap_or_else(|said| said),
            took_ms,
        };
        self.settle(hook, lease, &facts, delivery, is_taken).await?;
        Ok(is_taken)
    }

    /// Sends an empty delivery, to see whether it arrives.
    pub(crate) async fn test(&self, hook: &Hook, id: Uuid) -> Tested {
        let parcel = Parcel {
            id,
            organisation: hook.organisation,
            at: self.ground.now(),
            is_test: true,
            events: &[],
            names: &item::Names::new(),
            checkpoint: None,
        };
        let (said, took_ms) = self.send(hook, &parcel).await;
        Tested {
            is_taken: said.is_ok(),
            said: said.unwrap_or_else(|said| said),
            took_ms,
        }
    }

    /// What the far end said, good or not, and how long it took.
    async fn send(&self, hook: &Hook, parcel: &Parcel<'_>) -> (Result<String, String>, i64) {
        let Some(kept) = Kept::open(&self.ground, &hook.sealed) else {
            return (
                Err("its address could not be opened with the keys of this server".into()),
                0,
            );
        };
        let Some(target) = kept.target() else {
            return (Err("its address cannot be read".into()), 0);
        };
        let began = Instant::now();
        let said = if target.is_lines() {
            let host = self.ground.config.public_url.host();
            let sent = self.outward.send(&target, &syslog::lines(host, parcel)).await;
            sent.map(|()| "written".to_owned())
        } else {
            let (headers, body) = payload::letter(parcel, kept.secret());
            match self.outward.post(&target, &headers, body).await {
                Ok(answer) if retry::is_taken(answer.status) => Ok(answer.status.to_string()),
                Ok(answer) => Err(format!("{} {}", answer.status, answer.said).trim().to_owned()),
                Err(said) => Err(said),
            }
        };
        let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        metrics::counter!("doorward_activity_deliveries_total", "outcome" => if said.is_ok() { "delivered" } else { "failed" })
            .increment(1);
        (said, took)
    }

    async fn settle(
        &self,
        hook: Hook,
        lease: Uuid,
        facts: &Facts,
        delivery: Delivery,
        is_taken: bool,
    ) -> db::Result<()> {
        let (ground, now) = (self.ground.clone(), self.ground.now());
        let [lot] = ground.chance.bytes::<1>();
        let arrived = Settled {
            sent_seq: delivery.last_seq.max(hook.sent_seq),
            sent_checkpoint: facts
                .checkpoint
                .as_ref()
                .map_or(hook.sent_checkpoint, |checkpoint| checkpoint.seq),
            // A whole handful means that there may be more.
            next_at: if facts.is_full { now } else { now + retry::PAUSE },
            tries: 0,
            failing_since: None,
            left_out_told: false,
            said: delivery.said.clone(),
            delivered_at: Some(now),
        };
        let work = move |tx: &mut db::Tx| {
            if is_taken {
                if hooks::settle(tx, &hook, lease, &arrived)? {
                    hooks::log(tx, hook.organisation, hook.id, &delivery)?;
                }
                return Ok(());
            }
            let next = retry::after_failure(hook.tries + 1, hook.failing_since, now, lot);
            let left_out = match next.left_out_before {
                Some(before) => hooks::last_before(tx, hook.organisation, hook.sent_seq, before)?,
                None => None,
            };
            let failed = Settled {
                sent_seq: left_out.unwrap_or(hook.sent_seq),
                next_at: next.at,
                tries: hook.tries + 1,
                failing_since: Some(next.failing_since),
                left_out_told: hook.left_out_told || left_out.is_some(),
                said: delivery.said.clone(),
                ..standing(&hook)
            };
            if !hooks::settle(tx, &hook, lease, &failed)? {
                return Ok(());
            }
            hooks::log(tx, hook.organisation, hook.id, &delivery)?;
            if let Some(last) = left_out {
                leave_out(tx, &ground, &hook, last, now)?;
            }
            Ok::<_, db::Error>(())
        };
        self.ground.store.write(work).await
    }
}

/// What a delivery is made of.
struct Facts {
    events: Vec<Chained>,
    names: item::Names,
    checkpoint: Option<Checkpoint>,
    is_full: bool,
}

fn facts(view: &mut db::View, hook: &Hook) -> db::Result<Facts> {
    let of = Organisation(hook.organisation);
    let events = store::after(view, of, hook.sent_seq, MOST_EVENTS)?;
    let people: Vec<PersonId> = events
        .iter()
        .flat_map(|event| [event.row.actor, event.row.subject])
        .flatten()
        .collect();
    let names = people::names(view, Deployment, &people)?;
    let newest = journal::newest_checkpoint(view, Stream::Organisation(hook.organisation))?;
    Ok(Facts {
        is_full: events.len() >= usize::try_from(MOST_EVENTS).unwrap_or(usize::MAX),
        events,
        names,
        checkpoint: newest.filter(|checkpoint| checkpoint.seq > hook.sent_checkpoint),
    })
}

/// As the place stands.
fn standing(hook: &Hook) -> Settled {
    Settled {
        sent_seq: hook.sent_seq,
        sent_checkpoint: hook.sent_checkpoint,
        next_at: hook.next_at,
        tries: hook.tries,
        failing_since: hook.failing_since,
        left_out_told: hook.left_out_told,
        said: hook.said.clone(),
        delivered_at: hook.delivered_at,
    }
}

/// Writes down what was left out: each time into the log of deliveries, once a failure into the activity.
fn leave_out(tx: &mut db::Tx, ground: &Ground, hook: &Hook, last: i64, now: Time) -> db::Result<()> {
    let left_out = Delivery {
        id: kernel::id::version_7(now, &ground.chance),
        at: now,
        is_test: false,
        first_seq: hook.sent_seq + 1,
        last_seq: last,
        outcome: "left-out".into(),
        said: "tried for 24 hours".into(),
        took_ms: 0,
    };
    hooks::log(tx, hook.organisation, hook.id, &left_out)?;
    if hook.left_out_told {
        return Ok(());
    }
    let stream = Stream::Organisation(hook.organisation);
    let mut event = Event::new(stream, now, EventKind::WebhookLeftOut, Outcome::Stopped, &ground.chance);
    event.detail = format!("{}, {}", hook.name, hook.place);
    journal::append(tx, &event)
}
