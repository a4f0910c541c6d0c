//! Sign-ins that each send a notice, while the mail server takes them, and while it accepts connections and says nothing (F11).
use crate::{Plan, server::start, sign_ins::SigningIn, table};
use anyhow::{Result, ensure};
use bench::{
    SERVER_CORE,
    child::pinned,
    cluster::Cluster,
    furnish::{furnish, open},
    place::Place,
    rounds::{Round, run},
    sink::Sink,
};
use factors::Cost;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Runtime};

const CLIENTS: u32 = 16;

/// Measures both.
pub fn measure(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>) -> Result<()> {
    let sink = runtime.block_on(Sink::start(Duration::ZERO))?;
    let well = one(plan, runtime, cluster, sink.at)?;
    ensure!(sink.taken() > 0, "no notice was sent, so nothing was measured");
    let (at, lines) = runtime.block_on(hanging())?;
    let hangs = one(plan, runtime, cluster, at)?;
    ensure!(
        lines.load(Ordering::Relaxed) > 0,
        "nobody came to the server that hangs"
    );
    let times = hangs.wait(99) / well.wait(99);
    table::round("sign-ins with a notice each, the mail server takes them", &well, "")?;
    table::round(
        "sign-ins with a notice each, the mail server hangs",
        &hangs,
        &format!("p99 {times:.2} times that; aim at most 1.2"),
    )
}

/// A server that takes every connection and says nothing.
async fn hanging() -> Result<(SocketAddr, Arc<AtomicU32>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (at, lines) = (listener.local_addr()?, Arc::new(AtomicU32::new(0)));
    let counted = lines.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            held.push(stream);
        }
    });
    Ok((at, lines))
}

fn one(plan: &Plan, runtime: &Runtime, cluster: Option<&Cluster>, mail: SocketAddr) -> Result<Round> {
    let place = Place::new(cluster)?;
    furnish(runtime, &place, Cost::OWASP, plan.crowd, 0)?;
    // Everybody has been here before: only then a new device is told of.
    runtime.block_on(async {
        let ground = open(place.config()?).await?;
        let done = ground
            .store
            .write(|tx| tx.run("UPDATE person SET first_sign_in_at = made_at", &[]));
        let done = done.await;
        ground.store.close().await;
        anyhow::Ok(done?)
    })?;
    let mut command = pinned(SERVER_CORE, &plan.program);
    command
        .arg("serve")
        .env("DOORWARD_MAIL__URL", format!("smtp://{mail}?tls=none"))
        .env("DOORWARD_MAIL__FROM", "Doorward <door@example.org>");
    let (child, _) = start(runtime, command, &place)?;
    let (_, round) = runtime.block_on(async {
        let mut clients = Vec::new();
        for first in 0..CLIENTS {
            clients.push(SigningIn::new(place.port(), first, CLIENTS, plan.crowd).await?);
        }
        run(clients, plan.sign_ins, || child.cpu()).await
    })?;
    // Not told to end: it would wait for the message in hand.
    drop(child);
    Ok(round)
}
