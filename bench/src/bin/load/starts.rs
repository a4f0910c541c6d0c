//! From exec to the first answer, on an empty folder and on one in use; memory at rest; the size of the program.
use crate::{
    Plan,
    server::{Serving, start},
    table,
};
use anyhow::Result;
use bench::{SERVER_CORE, child::pinned, cluster::Cluster, place::Place};
use std::time::Duration;
use tokio::runtime::Runtime;

const TIMES: usize = 5;

/// Measures; the middle of five starts counts.
pub fn measure(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>, serving: &Serving<'_>) -> Result<()> {
    let command = || {
        let mut command = pinned(SERVER_CORE, &plan.program);
        command.arg("serve");
        command
    };
    let (mut empty, mut used) = (Vec::new(), Vec::new());
    for _ in 0..TIMES {
        let place = Place::new(cluster)?;
        let (child, first) = start(runtime, command(), &place)?;
        child.stop()?;
        let (child, second) = start(runtime, command(), &place)?;
        child.stop()?;
        empty.push(first);
        used.push(second);
    }
    std::thread::sleep(Duration::from_millis(500));
    let size = std::fs::metadata(&plan.program)?.len() / 10_000;
    let size = f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / 100.0;
    table::fact(
        "from exec to the first answer, store in use",
        &middle(used),
        "aim 100 ms",
    )?;
    table::fact(
        "from exec to the first answer, empty folder",
        &middle(empty),
        "migrations and keys made",
    )?;
    table::fact("memory at rest", &format!("{:.0} MiB", serving.child.memory()?), "")?;
    table::fact("size of the program", &format!("{size:.1} MB"), "aim 20 MB")
}

fn middle(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    format!("{:.0} ms", middle.as_secs_f64() * 1_000.0)
}
