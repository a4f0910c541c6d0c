//! Durable session writes: `POST /app/stay` over HTTP, and the same row at the store with group commit and with a commit each.
use crate::{Plan, checks::connect, child_roles, server::Serving, table};
use anyhow::{Context, Result, ensure};
use bench::{SERVER_CORE, child::pinned, place::Place, rounds::run};
use tokio::runtime::Runtime;

/// How many at once.
pub const CLIENTS: [usize; 4] = [1, 8, 64, 256];

/// Over HTTP: session checked, "last seen" written, committed, answered.
pub fn over_http(plan: &Plan, runtime: &Runtime, serving: &Serving<'_>) -> Result<()> {
    let host = serving.host();
    let ask = |token: &String| {
        format!(
            "POST /app/stay HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nAccept: application/json\r\n\
             Cookie: doorward_session={token}\r\nContent-Length: 0\r\n\r\n"
        )
        .into_bytes()
    };
    for clients in CLIENTS {
        let requests = serving.tokens.iter().take(clients).map(ask).collect();
        let round = runtime.block_on(async {
            let clients = connect(serving.place.port(), requests).await?;
            run(clients, plan.round, || serving.child.cpu()).await
        });
        let (_, round) = round?;
        let what = format!("durable session writes over HTTP, {clients} clients");
        table::round(&what, &round, "")?;
    }
    std::fs::write(tokens_file(&serving.place), serving.tokens.join("\n"))?;
    Ok(())
}

/// At the store alone, in a child on the server's core. With a commit each only where commits are grouped otherwise.
pub fn at_the_store(plan: &Plan, place: &Place<'_>, is_grouped: bool) -> Result<()> {
    let grouped = touches(plan, place, None)?;
    let each = if is_grouped {
        touches(plan, place, Some(1))?
    } else {
        Vec::new()
    };
    for (at, line) in grouped.iter().enumerate() {
        let beside = each.get(at).map(|alone| {
            let times = line.rate / alone.rate;
            let aim = if line.clients == 64 { "; aim 10 times" } else { "" };
            format!(
                "{times:.1} times a commit each: {:.0}/s, p99 {:.2} ms{aim}",
                alone.rate, alone.p99
            )
        });
        let (clients, rate) = (line.clients, table::number(line.rate));
        table::say(&format!(
            "| durable session writes at the store (the row alone), {clients} clients | {rate}/s | {:.2} | {:.2} | | {} |",
            line.p50,
            line.p99,
            beside.unwrap_or_default()
        ))?;
    }
    Ok(())
}

/// What the child prints of one round.
struct Line {
    clients: usize,
    rate: f64,
    p50: f64,
    p99: f64,
}

fn touches(plan: &Plan, place: &Place<'_>, group: Option<usize>) -> Result<Vec<Line>> {
    let mut command = pinned(SERVER_CORE, &std::env::current_exe()?);
    let role = child_roles::Role::Touches {
        folder: place.folder().to_path_buf(),
        tokens: tokens_file(place),
        url: place.url(),
        group,
        millis: u64::try_from(plan.round.long.as_millis())?,
    };
    role.put_on(&mut command);
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the writes at the store: {}", output.status);
    String::from_utf8(output.stdout)?.lines().map(parse).collect()
}

fn parse(line: &str) -> Result<Line> {
    let mut words = line.split_whitespace();
    let mut word = || words.next().context("a line of the child");
    Ok(Line {
        clients: word()?.parse()?,
        rate: word()?.parse()?,
        p50: word()?.parse()?,
        p99: word()?.parse()?,
    })
}

fn tokens_file(place: &Place<'_>) -> std::path::PathBuf {
    place.folder().join("tokens")
}
