//! Strangers on a locked network, told so from what the store knows already: if each of their tries were a write, whoever is shut out could keep
//! the disk busy. What they are refused is counted in memory and told together, once a minute.
//! Must never happen: a known device held back; an answer, or a time that it takes, by which one address differs from another.
use crate::{
    Prover, Subject,
    decide::{REPORT_EVERY, Report, report},
    store,
};
use ground::{
    Ground,
    db::{self, Tx, View},
    journal,
};
use kernel::{Event, EventKind, Outcome, Reason, Stream, Time};
use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// Refusals of this node that have not been told. A clone is the same.
#[derive(Clone, Default)]
pub(crate) struct Untold(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    report: Report,
    /// Somebody will tell them even if nobody else comes.
    is_minded: bool,
}

/// What is to be done about a refusal.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    /// So many are told now.
    Now(u32),
    /// They wait, and from now on somebody minds them.
    Mind,
    /// They wait.
    Nothing,
}

impl Untold {
    fn with<T>(&self, change: impl FnOnce(&mut Waiting) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// One more.
    fn add(&self, now: Time) -> Due {
        self.with(|waiting| {
            let (after, told) = report(waiting.report, 1, now);
            waiting.report = after;
            match told {
                Some(count) => Due::Now(count),
                None if waiting.is_minded => Due::Nothing,
                None => {
                    waiting.is_minded = true;
                    Due::Mind
                }
            }
        })
    }
    /// All that wait.
    fn take(&self, now: Time) -> u32 {
        self.with(|waiting| {
            waiting.is_minded = false;
            let count = waiting.report.unreported;
            waiting.report = Report {
                unreported: 0,
                reported_at: now,
            };
            count
        })
    }
}

impl Prover {
    /// Why a stranger on this network is refused, and until when; none where they are not. `find` tells whose address was named, for the device.
    /// Comes before admission and before anything is counted: it costs one read.
    pub async fn shut_network(
        &self,
        from: IpAddr,
        find: impl Fn(&mut View) -> db::Result<Option<Subject>> + Send + 'static,
    ) -> db::Result<Option<(Reason, Time)>> {
        let (ground, network) = (self.ground(), crate::network_key(from));
        let now = ground.now();
        let looked = ground.store.read(move |view| {
            let Some(until) = store::network_shut_until(view, &network, now)? else {
                return Ok::<_, db::Error>(None);
            };
            let is_known = find(view)?.is_some_and(|subject| subject.known_device.is_some());
            Ok((!is_known).then_some(until))
        });
        let Some(until) = looked.await? else {
            return Ok(None);
        };
        match self.untold().add(now) {
            Due::Now(count) => tell(ground, count, now).await?,
            Due::Mind => mind(ground.clone(), self.untold().clone()),
            Due::Nothing => {}
        }
        Ok(Some((Reason::SignInLockedNetwork, until)))
    }
}

/// One line for all of them, unless another node has just written one: then they wait in the store for the minute's sweep.
async fn tell(ground: &Ground, count: u32, now: Time) -> db::Result<()> {
    let chance = ground.chance.clone();
    let work = move |tx: &mut Tx| {
        let Some(count) = store::refuse_strangers(tx, count, now)? else {
            return Ok(());
        };
        let (kind, stopped) = (EventKind::StrangersRefused, Outcome::Stopped);
        let mut event = Event::new(Stream::Deployment, now, kind, stopped, &chance);
        event.count = count;
        journal::append(tx, &event.because(Reason::SignInLockedNetwork))
    };
    ground.store.write(work).await
}

/// Tells the last of a flood, after which nobody comes.
fn mind(ground: Ground, untold: Untold) {
    tokio::spawn(async move {
        tokio::time::sleep(REPORT_EVERY.to_std()).await;
        let now = ground.now();
        let count = untold.take(now);
        if count > 0
            && let Err(error) = tell(&ground, count, now).await
        {
            tracing::warn!(%error, count, "refusals on a locked network could not be written into the log");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Span;

    #[test]
    fn of_a_flood_the_first_is_told_the_second_is_minded_and_none_is_lost() {
        let (untold, start) = (Untold::default(), Time::from_seconds(1_795_511_642));
        assert_eq!(untold.add(start), Due::Now(1));
        assert_eq!(untold.add(start), Due::Mind);
        for _ in 0..98 {
            assert_eq!(untold.add(start + Span::seconds(59)), Due::Nothing);
        }
        assert_eq!(untold.add(start + Span::minutes(1)), Due::Now(100));
        assert_eq!(
            untold.add(start + Span::seconds(61)),
            Due::Nothing,
            "it is minded still"
        );
        assert_eq!(untold.take(start + Span::seconds(61)), 1);
        assert_eq!(untold.take(start + Span::seconds(62)), 0);
        assert_eq!(untold.add(start + Span::seconds(62)), Due::Mind);
    }
}
