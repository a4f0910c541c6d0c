//! The measured values of the process, as Prometheus reads them. Process-wide, because the recorder of `metrics` is.
use anyhow::Context;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::{sync::OnceLock, time::Duration};

/// Upper bounds in seconds: from a session check to a sign-in that waits for its hash.
const SECONDS: [f64; 11] = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];
/// Jobs in one commit.
const JOBS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to measure. Within a tokio runtime, before anything that counts is made.
pub fn start() -> anyhow::Result<()> {
    let handle = PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Full("doorward_store_group_size".into()), &JOBS))
        .context("bounds of the measured values")?
        .install_recorder()
        .context("the process measures already")?;
    let upkeep = HANDLE.get_or_init(|| handle).clone();
    // Without it histograms grow without end.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP_EVERY).await;
            upkeep.run_upkeep();
        }
    });
    Ok(())
}

/// All values in Prometheus' text format; nothing where [`start`] was not called.
pub fn read() -> Option<String> {
    HANDLE.get().map(PrometheusHandle::render)
}
