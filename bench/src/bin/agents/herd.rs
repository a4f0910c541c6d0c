//! Ten thousand come back together after a restart, each as the real agent does: told to come later, it does, with a chance of its own.
use crate::{
    people::{Crowd, wait},
    say,
    swarm::Machine,
};
use anyhow::Result;
use bench::place::Place;
use std::{
    cell::Cell,
    collections::BTreeMap,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Runtime,
    sync::Semaphore,
    task::{JoinSet, LocalSet},
};

/// Connections that are open at once.
const OPEN: usize = 4_000;
/// Longer than this nobody tries.
const PATIENCE: Duration = Duration::from_mins(3);

/// Measures it.
pub fn measure(
    runtime: &Runtime,
    place: &Place<'_>,
    machines: Vec<Machine>,
    people: &[String],
    back: usize,
) -> Result<()> {
    LocalSet::new().block_on(runtime, async {
        let (began, later) = (Instant::now(), Rc::new(Cell::new(0_u32)));
        let crowd = Crowd::begin(place.port(), people);
        let open = Rc::new(Semaphore::new(OPEN));
        let mut running = JoinSet::new();
        for machine in machines.into_iter().take(back) {
            running.spawn_local(come_back(place.port(), machine, open.clone(), later.clone(), began));
        }
        let (mut took, mut lost) = (Vec::new(), BTreeMap::new());
        while let Some(one) = running.join_next().await {
            match one? {
                Ok(after) => took.push(after),
                Err(what) => *lost.entry(what).or_insert(0_u32) += 1,
            }
        }
        let all = began.elapsed();
        let seen = crowd.end().await?;
        took.sort_unstable();
        say(&format!(
            "| {back} at once after a restart: all back within, s | {:.1} | 60 |",
            all.as_secs_f64()
        ))?;
        say(&format!(
            "| half of them within, s | {:.1} | |",
            wait(&took, 50) / 1_000.0
        ))?;
        say(&format!("| told to come later | {} | |", later.get()))?;
        say(&format!("| lost | {lost:?} | none |"))?;
        say(&format!(
            "| people meanwhile: p50 / p99, ms | {:.1} / {:.1} | |",
            wait(&seen.waits, 50),
            wait(&seen.waits, 99)
        ))?;
        say(&format!("| people: answers other than 200 | {:?} | none |", seen.bad))
    })
}

async fn come_back(
    port: u16,
    machine: Machine,
    open: Rc<Semaphore>,
    later: Rc<Cell<u32>>,
    began: Instant,
) -> Result<Duration, String> {
    while began.elapsed() < PATIENCE {
        let held = open.acquire().await;
        let answer = machine.beat(port, false).await;
        drop(held);
        match answer {
            Ok(answer) if [200, 204].contains(&answer.status) => return Ok(began.elapsed()),
            Ok(answer) if [429, 503].contains(&answer.status) => {
                later.set(later.get() + 1);
                tokio::time::sleep(answer.retry_after + machine.jitter()).await;
            }
            Ok(answer) => return Err(answer.status.to_string()),
            Err(error) => {
                later.set(later.get() + 1);
                drop(error);
                tokio::time::sleep(Duration::from_secs(2) + machine.jitter()).await;
            }
        }
    }
    Err("gave up".into())
}
