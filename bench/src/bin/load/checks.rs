//! Session checks: `GET /api/v1/me` with a session cookie, beside a bare hyper that says hello, on the same core with the same clients.
use crate::{
    Plan, child_roles,
    server::Serving,
    table::{self, number},
};
use anyhow::{Result, ensure};
use bench::{
    SERVER_CORE,
    child::{Child, pinned},
    rounds::{Client, Round, run},
    wire::{Wire, first_answer},
};
use std::{net::TcpListener, path::Path, time::Duration};
use tokio::runtime::Runtime;

const CLIENTS: usize = 64;

/// Sends the same request again and again.
pub struct Repeating {
    wire: Wire,
    request: Vec<u8>,
}

impl Client for Repeating {
    async fn once(&mut self) -> Result<()> {
        let answer = self.wire.ask(&self.request).await?;
        ensure!(answer.status == 200, "an answer of status {}", answer.status);
        Ok(())
    }
}

/// Connects one client for each request.
pub async fn connect(port: u16, requests: Vec<Vec<u8>>) -> Result<Vec<Repeating>> {
    let mut clients = Vec::with_capacity(requests.len());
    for request in requests {
        let wire = Wire::open(port).await?;
        clients.push(Repeating { wire, request });
    }
    Ok(clients)
}

/// Measures hello, checks, hello; the mean of both hellos counts, because the machine is never quite still.
pub fn measure(plan: &Plan, runtime: &Runtime, serving: &Serving<'_>) -> Result<()> {
    let before = hello(plan, runtime, serving.place.folder())?;
    let host = serving.host();
    let ask = |token: &String| {
        format!("GET /api/v1/me HTTP/1.1\r\nHost: {host}\r\nCookie: doorward_session={token}\r\n\r\n").into_bytes()
    };
    let requests = serving.tokens.iter().take(CLIENTS).map(ask).collect();
    let checks = runtime.block_on(async {
        let clients = connect(serving.place.port(), requests).await?;
        run(clients, plan.round, || serving.child.cpu()).await
    });
    let (_, checks) = checks?;
    let after = hello(plan, runtime, serving.place.folder())?;
    let rate = f64::midpoint(before.rate(), after.rate());
    let cpu = f64::midpoint(before.cpu_each(), after.cpu_each());
    let part = checks.rate() / rate * 100.0;
    let cpu_part = cpu / checks.cpu_each() * 100.0;
    let beside = format!(
        "{part:.0} % of a bare hyper's {}/s (by CPU {cpu_part:.0} % of its {cpu:.0} µs); aim half on SQLite",
        number(rate)
    );
    table::round(&format!("session checks, {CLIENTS} connections"), &checks, &beside)
}

fn hello(plan: &Plan, runtime: &Runtime, folder: &Path) -> Result<Round> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let mut command = pinned(SERVER_CORE, &std::env::current_exe()?);
    child_roles::Role::Hello { port }.put_on(&mut command);
    let child = Child::start(command, &folder.join("hello.log"))?;
    let (_, round) = runtime.block_on(async {
        first_answer(port, Duration::from_secs(10)).await?;
        let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
        let clients = connect(port, vec![request; CLIENTS]).await?;
        run(clients, plan.round, || child.cpu()).await
    })?;
    Ok(round)
}
