//! What probes ask: is the process there, can it work, how does it do. They answer under every host name, and tell a stranger nothing more.
use crate::server::measure;
use axum::{
    Extension,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ground::{
    Ground,
    client::Client,
    routes::{Guard, Routes},
};
use std::time::Duration;

/// A probe that waits longer than this for the store has its answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/healthz`, `/readyz`, `/metrics`.
pub fn routes(ground: Ground) -> Routes {
    Routes::new()
        .get("/healthz", Guard::Health("health.live"), async || "ok")
        .get("/readyz", Guard::Health("health.ready"), ready)
        .get("/metrics", Guard::Health("health.measure"), measured)
        .with_state(ground)
}

async fn ready(State(ground): State<Ground>) -> (StatusCode, &'static str) {
    let answered = tokio::time::timeout(PATIENCE, ground.store.ping()).await;
    match (answered, ground.store.is_writing()) {
        (Ok(Ok(())), true) => (StatusCode::OK, "ready"),
        (Ok(Ok(())), false) => (StatusCode::SERVICE_UNAVAILABLE, "the store has stopped writing"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the store is away"),
    }
}

/// For this machine itself only; for everybody else there is nothing here.
async fn measured(Extension(client): Extension<Client>) -> Response {
    match measure::read().filter(|_| client.is_loopback) {
        Some(values) => (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            values,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
