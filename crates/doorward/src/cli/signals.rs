//! SIGTERM and SIGINT: the first asks for an orderly end, the second ends at once.
use anyhow::Context;

/// Done when the program is asked to stop. Listens from now on, also before it is awaited.
#[cfg(unix)]
pub(super) fn stop() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be heard")?;
    let (say, hear) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut either = async || tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} };
        either().await;
        tracing::info!("stopping: requests in progress have ten seconds; a second signal ends at once");
        // The server may have ended by itself.
        let _ = say.send(());
        either().await;
        std::process::exit(1);
    });
    Ok(async move {
        // An error means that the task is gone, which only the end of the program brings.
        let _ = hear.await;
    })
}

/// Done when the program is asked to stop.
#[cfg(not(unix))]
pub(super) fn stop() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let _ = anyhow::Ok(()).context("")?;
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
