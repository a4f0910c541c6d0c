//! A deployment under load: the server, its people at work, the strangers, the auditor; and the checks after a fault. Every kind of fault stands on it.
use crate::{
    Engine, checks,
    client::{Client, Tally},
    cluster::Cluster,
    observe::{Auditor, settle_all},
    people,
    program::{Place, Server},
    seed::Seed,
    strangers::Strangers,
};
use anyhow::{Context as _, Result, bail};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

/// People at work; each is one client. More would only wait for the two or four cores that hash.
const PEOPLE: usize = 6;

/// The whole of it.
pub struct Deployment {
    /// Where it lives.
    pub place: Place,
    /// Its PostgreSQL, where it has one.
    pub cluster: Option<Cluster>,
    /// The server, while it runs.
    pub server: Option<Server>,
    clients: Vec<Client>,
    strangers: Strangers,
    auditor: Auditor,
    folder: PathBuf,
}

/// How the people have done since the beginning.
#[derive(Debug, Clone, Copy, Default)]
pub struct Work {
    /// Deeds answered with success.
    pub acknowledged: u64,
    /// Deeds of which nobody knows.
    pub unknown: u64,
}

impl Deployment {
    /// Makes one: store, owner, people, server, first sessions.
    pub fn begin(engine: Engine, program: &Path, folder: &Path, data_dir: PathBuf, seed: &Seed) -> Result<Self> {
        let cluster = if engine == Engine::Postgres {
            Some(Cluster::start(folder)?)
        } else {
            None
        };
        let url = cluster
            .as_ref()
            .map_or_else(|| Ok("sqlite".to_owned()), |cluster| cluster.create("doorward"))?;
        let place = Place::new(program, folder, data_dir, url)?;
        let mut everybody = people::settle(&place, PEOPLE + 1).context("the people could not be made")?;
        let server = place.start()?;
        let victim = everybody.pop().context("nobody was made")?;
        let strangers = Strangers::new(victim, place.line("100.64.0.1"));
        let client = |(number, person): (u64, _)| {
            Client::new(
                person,
                place.line(&format!("192.0.2.{number}")),
                seed.part(1_000_000 + number),
            )
        };
        let clients = (10..).zip(everybody).map(client).collect();
        let auditor = Auditor::new(place.line("192.0.2.9"))?;
        let mut made = Self {
            place,
            cluster,
            server: Some(server),
            clients,
            strangers,
            auditor,
            folder: folder.to_owned(),
        };
        let wrong = made.check(0)?;
        if wrong.is_empty() {
            Ok(made)
        } else {
            bail!("wrong before any fault: {}", wrong.join("; "))
        }
    }
    /// Sends the people's requests to a proxy that lies about writes, and makes them write the more.
    pub fn lead_to(&mut self, address: SocketAddr) {
        for client in &mut self.clients {
            client.line.lead_to(address);
            client.is_hasty = true;
        }
    }
    /// Everybody works while this happens; then they stop.
    pub fn under_load<T>(
        &mut self,
        fault: impl FnOnce(&Place, &mut Option<Server>, Option<&Cluster>) -> Result<T>,
    ) -> Result<T> {
        self.with_auditor(|place, server, cluster, _| fault(place, server, cluster))
    }
    /// The same, where the owner looks in meanwhile.
    pub fn with_auditor<T>(
        &mut self,
        fault: impl FnOnce(&Place, &mut Option<Server>, Option<&Cluster>, &mut Auditor) -> Result<T>,
    ) -> Result<T> {
        let stop = AtomicBool::new(false);
        let (clients, strangers) = (&mut self.clients, &mut self.strangers);
        let (place, server, cluster, auditor) =
            (&self.place, &mut self.server, self.cluster.as_ref(), &mut self.auditor);
        thread::scope(|scope| {
            for client in clients {
                scope.spawn(|| client.work(&stop));
            }
            scope.spawn(|| strangers.work(&stop));
            let done = fault(place, server, cluster, auditor);
            if done.is_err() {
                // Nobody waits for answers that will not come.
                *server = None;
            }
            stop.store(true, Ordering::Relaxed);
            done
        })
    }
    /// Starts the server again.
    pub fn restart(&mut self) -> Result<Duration> {
        let server = self.place.start()?;
        let took = server.took;
        self.server = Some(server);
        Ok(took)
    }
    /// I1 to I6. Answers what is wrong; an error is something that could not be looked at, which is as bad.
    pub fn check(&mut self, round: u64) -> Result<Vec<String>> {
        let mut wrong = settle_all(&mut self.clients, &mut self.auditor)?;
        wrong.extend(self.strangers.check(&self.place)?);
        wrong.extend(checks::whole(&self.place, round)?);
        Ok(wrong)
    }
    /// What was done so far.
    pub fn work(&self) -> Work {
        let add = |sum: Work, Tally { acknowledged, unknown }: Tally| Work {
            acknowledged: sum.acknowledged + acknowledged,
            unknown: sum.unknown + unknown,
        };
        self.clients
            .iter()
            .map(|client| client.tally)
            .fold(Work::default(), add)
    }
    /// The histories of this round go to a file where something was wrong, and are forgotten where not.
    pub fn keep_history(&mut self, round: u64, is_wrong: bool) -> Result<()> {
        let lines: Vec<String> = self
            .clients
            .iter_mut()
            .flat_map(|client| client.history.drain(..))
            .collect();
        if is_wrong {
            fs::write(self.folder.join(format!("history-{round}.jsonl")), lines.join("\n"))?;
        }
        Ok(())
    }
}
