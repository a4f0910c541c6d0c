//! `doorward serve`: takes the addresses, opens everything, prints the set-up link while there is no owner, serves until it is told to stop.
use super::{End, out, signals};
use crate::{
    App, Build,
    server::{self, measure},
    start,
};
use anyhow::Context;
use ground::{
    config::Config,
    context::{system_chance, system_clock},
};

pub(super) async fn serve(config: Config) -> Result<(), End> {
    measure::start()?;
    let stop = signals::stop()?;
    // Before the store: a second server on the same port must not touch it, and must not print a link that leads to the first.
    let listeners = server::bind(&config)?;
    if let Some(files) = &config.tls {
        server::tls::acceptor(files)?;
    }
    let public_url = config.public_url.clone();
    let app = App::build(config, system_clock(), system_chance(), Build::default()).await?;
    if let Some(link) = sign_in::make_link(app.ground())
        .await
        .context("the set-up link could not be made")?
    {
        out::say(&format!("set-up link: {link}"))?;
    }
    let addresses: Vec<_> = listeners
        .iter()
        .filter_map(|listener| listener.local_addr().ok())
        .collect();
    lay_agent(app.ground().clone());
    tracing::info!(%public_url, ?addresses, version = env!("CARGO_PKG_VERSION"), "ready");
    app.serve(listeners, stop).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Lays this build's agent out for machines, beside the start. A server without it serves all the same, and its page says so.
fn lay_agent(ground: ground::Ground) {
    tokio::task::spawn_blocking(move || match agents::lay(&ground) {
        Ok(Some(from)) => {
            tracing::info!(from = %from.display(), "this build's agent lies ready for machines of this system");
        }
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "this build's agent could not be laid into the data folder"),
    });
}

/// Every route of this version. They are the same for every configuration, so they are listed from a store that is thrown away.
pub(super) async fn routes(config: Config, is_json: bool) -> Result<(), End> {
    // A name that nobody can have made before us.
    let name = kernel::id::version_7(system_clock()(), &system_chance());
    let folder = std::env::temp_dir().join(format!("doorward-routes-{name}"));
    let throwaway = Config {
        public_url: config.public_url,
        ..Config::defaults_in(folder.clone())
    };
    let ground = start::open_ground(throwaway, system_clock(), system_chance(), false).await?;
    let app = App::on(ground, Build::default().cost).await;
    let listed = app.as_ref().map(|app| app.routes().to_vec());
    if let Ok(app) = &app {
        app.ground().store.close().await;
    }
    // What is left in the folder for temporary files, the system removes.
    let _ = std::fs::remove_dir_all(&folder);
    let Ok(listed) = listed else {
        return Err(app.err().map_or(End::Told, End::Failed));
    };
    if is_json {
        return Ok(out::say_json(&serde_json::to_value(&listed)?)?);
    }
    let rows: Vec<_> = listed
        .iter()
        .map(|r| vec![r.method.into(), r.path.into(), r.action.into(), r.who.into()])
        .collect();
    Ok(out::say(&out::table(&["METHOD", "PATH", "ACTION", "WHO"], &rows))?)
}
