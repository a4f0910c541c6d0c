//! Rounds: so many clients, each asking again as soon as it was answered, for so long. Rate, middle and slowest waits.
use anyhow::{Result, bail};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Somebody who asks again and again.
pub trait Client: Send + 'static {
    /// Asks once. An answer other than the right one is an error, and ends the run.
    fn once(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// How long a round warms up and how long it counts.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    /// Not counted.
    pub warm: Duration,
    /// Counted.
    pub long: Duration,
}

/// What a round came to.
#[derive(Debug, Clone)]
pub struct Round {
    /// The clients.
    pub clients: usize,
    /// Answers counted.
    pub done: u32,
    /// In how long.
    pub took: Duration,
    /// Time of the server on the processor meanwhile.
    pub cpu: Duration,
    waits: Vec<Duration>,
}

impl Round {
    /// From every single wait.
    pub fn of(clients: usize, mut waits: Vec<Duration>, took: Duration, cpu: Duration) -> Self {
        waits.sort_unstable();
        let done = u32::try_from(waits.len()).unwrap_or(u32::MAX);
        Self {
            clients,
            done,
            took,
            cpu,
            waits,
        }
    }
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        f64::from(self.done) / self.took.as_secs_f64()
    }
    /// The wait that this part of a hundred stayed below, in milliseconds.
    pub fn wait(&self, part: usize) -> f64 {
        let at = (self.waits.len() * part / 100).min(self.waits.len().saturating_sub(1));
        self.waits.get(at).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    }
    /// Microseconds of the server's processor for each answer.
    pub fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1_000_000.0 / f64::from(self.done.max(1))
    }
}

/// Lets the clients ask. `cpu` tells the server's time on the processor so far. Answers the clients, too, for the next round.
pub async fn run<C: Client>(
    clients: Vec<C>,
    length: Length,
    cpu: impl Fn() -> Result<Duration>,
) -> Result<(Vec<C>, Round)> {
    let begin = Instant::now() + length.warm;
    let end = begin + length.long;
    let count = clients.len();
    let mut running = JoinSet::new();
    for mut client in clients {
        running.spawn(async move {
            let mut waits = Vec::new();
            loop {
                let asked = Instant::now();
                if asked >= end {
                    return Ok::<_, anyhow::Error>((client, waits));
                }
                client.once().await?;
                let answered = Instant::now();
                if answered >= begin && answered < end {
                    waits.push(answered - asked);
                }
            }
        });
    }
    tokio::time::sleep_until(begin.into()).await;
    let before = cpu()?;
    tokio::time::sleep_until(end.into()).await;
    let spent = cpu()?.saturating_sub(before);
    let (mut back, mut all) = (Vec::with_capacity(count), Vec::new());
    while let Some(ended) = running.join_next().await {
        let (client, waits) = ended??;
        back.push(client);
        all.extend(waits);
    }
    if all.is_empty() {
        bail!("nobody was answered within {:?}", length.long);
    }
    Ok((back, Round::of(count, all, length.long, spent)))
}
