//! A day like any other: each agent calls once a minute and gets a new token every eight minutes, people work beside it.
use crate::{
    people::{Crowd, wait},
    say,
    swarm::{Answer, Machine, exchange},
};
use anyhow::{Result, ensure};
use bench::{child::Child, place::Place};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Runtime,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{JoinSet, LocalSet, spawn_local},
};

/// First tokens that are asked for at once.
const AT_ONCE: usize = 48;
/// Between two heartbeats of one agent, and between two tokens.
const MINUTE: Duration = Duration::from_mins(1);
const RENEWAL: Duration = Duration::from_mins(8);
/// People alone are looked at so long.
const ALONE: Duration = Duration::from_secs(15);

/// What agents were answered.
#[derive(Default)]
struct Tally {
    beats: u32,
    tokens: u32,
    waits: Vec<Duration>,
    others: BTreeMap<u16, u32>,
}

/// Measures it. Answers the agents as they are then.
pub fn measure(
    runtime: &Runtime,
    server: &Child,
    place: &Place<'_>,
    machines: Vec<Machine>,
    people: &[String],
    long: Duration,
) -> Result<Vec<Machine>> {
    LocalSet::new().block_on(runtime, async {
        let port = place.port();
        let mut machines = meet(server, port, machines).await?;
        let cost = Cost {
            people: alone(server, port, people).await?,
            token: token_cost(server, port, &mut machines).await?,
        };
        all_together(server, port, (machines, people), long, &cost).await
    })
}

/// What is no heartbeat: the people's part of a core, and microseconds for a token.
struct Cost {
    people: Duration,
    token: f64,
}

/// A line of the table.
fn line(what: &str, value: &str, aim: &str) -> Result<()> {
    say(&format!("| {what} | {value} | {aim} |"))
}

fn waits(sorted: &[Duration]) -> String {
    format!("{:.1} / {:.1}", wait(sorted, 50), wait(sorted, 99))
}

/// The first token and the first heartbeat of each.
async fn meet(server: &Child, port: u16, machines: Vec<Machine>) -> Result<Vec<Machine>> {
    let count = f64::from(u32::try_from(machines.len())?);
    let (before, began) = (server.cpu()?, Instant::now());
    let machines = first_contact(port, machines).await?;
    let (spent, took) = (server.cpu()?.saturating_sub(before), began.elapsed());
    line(
        "first contact of all: a token and a heartbeat with the inventory, each second",
        &format!("{:.0}", count / took.as_secs_f64()),
        "",
    )?;
    line(
        "processor for each of them, µs",
        &format!("{:.0}", micros(spent) / count),
        "",
    )?;
    Ok(machines)
}

/// People without agents: how much of a core they take.
async fn alone(server: &Child, port: u16, people: &[String]) -> Result<Duration> {
    let before = server.cpu()?;
    let crowd = Crowd::begin(port, people);
    tokio::time::sleep(ALONE).await;
    let seen = crowd.end().await?;
    let part = server.cpu()?.saturating_sub(before).div_f64(ALONE.as_secs_f64());
    line("people alone: p50 / p99, ms", &waits(&seen.waits), "")?;
    line(
        "people alone: part of a core",
        &format!("{:.2}", part.as_secs_f64()),
        "",
    )?;
    Ok(part)
}

/// Agents and people at once.
async fn all_together(
    server: &Child,
    port: u16,
    (machines, people): (Vec<Machine>, &[String]),
    long: Duration,
    cost: &Cost,
) -> Result<Vec<Machine>> {
    let (before, commits, began) = (server.cpu()?, commits(port).await, Instant::now());
    let crowd = Crowd::begin(port, people);
    let (machines, mut tally) = work(port, machines, long).await?;
    let seen = crowd.end().await?;
    let took = began.elapsed().as_secs_f64();
    let spent = server.cpu()?.saturating_sub(before);
    let commits = commits_of(commits, self::commits(port).await, took);
    tally.waits.sort_unstable();
    let (tokens, beats) = (f64::from(tally.tokens), f64::from(tally.beats));
    let rest = micros(spent) - micros(cost.people) * took - cost.token * tokens;
    let what = format!("heartbeats each second, beside {:.0} tokens each second", tokens / took);
    line(&what, &format!("{:.0}", beats / took), "")?;
    let part = format!("{:.2}", spent.as_secs_f64() / took);
    line("server: part of its core, with everything", &part, "0.50")?;
    line(
        "processor for a heartbeat, µs",
        &format!("{:.0}", rest / beats.max(1.0)),
        "150",
    )?;
    line("memory, MiB", &format!("{:.0}", server.memory()?), "600")?;
    line("durable commits each second", &commits, "")?;
    line("agents: p50 / p99, ms", &waits(&tally.waits), "")?;
    line("people beside them: p50 / p99, ms", &waits(&seen.waits), "p99 50")?;
    let others = format!("{:?}; {:?}", tally.others, seen.bad);
    line("other answers to agents; to people", &others, "none")?;
    Ok(machines)
}

fn micros(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000_000.0
}

/// Each gets its first token, and tells what it is.
async fn first_contact(port: u16, machines: Vec<Machine>) -> Result<Vec<Machine>> {
    let (mut running, mut done) = (JoinSet::new(), Vec::with_capacity(machines.len()));
    for machine in machines {
        if running.len() >= AT_ONCE
            && let Some(one) = running.join_next().await
        {
            done.push(one??);
        }
        running.spawn_local(first(port, machine));
    }
    while let Some(one) = running.join_next().await {
        done.push(one??);
    }
    Ok(done)
}

async fn first(port: u16, mut machine: Machine) -> Result<Machine> {
    let given = machine.renew(port).await?;
    ensure!(given.status == 200, "a token is answered {}", given.status);
    let heard = machine.beat(port, true).await?;
    ensure!(heard.status == 204, "a first heartbeat is answered {}", heard.status);
    Ok(machine)
}

/// Microseconds of the server's processor for a token, its durable write included.
async fn token_cost(server: &Child, port: u16, machines: &mut [Machine]) -> Result<f64> {
    let before = server.cpu()?;
    let mut asked = 0_u32;
    for machine in machines.iter_mut().take(1_000) {
        let answer = machine.renew(port).await?;
        ensure!(answer.status == 200, "a token is answered {}", answer.status);
        asked += 1;
    }
    let each = micros(server.cpu()?.saturating_sub(before)) / f64::from(asked.max(1));
    line(
        "processor for a token, one after the other, µs",
        &format!("{each:.0}"),
        "",
    )?;
    Ok(each)
}

/// What comes back of a call: the agent, what it was, how long it took, what it was answered.
type Back = (usize, Machine, bool, Duration, Result<Answer>);

/// Heartbeats and tokens at their times.
async fn work(port: u16, machines: Vec<Machine>, long: Duration) -> Result<(Vec<Machine>, Tally)> {
    let count = machines.len();
    let mut slots: Vec<Option<Machine>> = machines.into_iter().map(Some).collect();
    let (give, mut back): (UnboundedSender<Back>, UnboundedReceiver<Back>) = unbounded_channel();
    let (mut tally, began) = (Tally::default(), Instant::now());
    let due = |each: Duration, passed: Duration| -> usize {
        let part = passed.as_secs_f64() / each.as_secs_f64() * f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        // Whole calls that are due by now.
        format!("{part:.0}").parse().unwrap_or(0)
    };
    let (mut beats, mut tokens, mut flying) = (0, 0, 0_usize);
    while began.elapsed() < long || flying > 0 {
        let passed = began.elapsed();
        if passed < long {
            for (is_token, done, each) in [(false, &mut beats, MINUTE), (true, &mut tokens, RENEWAL)] {
                while *done < due(each, passed) {
                    // The tokens come half the circle apart from the heartbeats.
                    let at = (*done + if is_token { count / 2 } else { 0 }) % count.max(1);
                    *done += 1;
                    if let Some(machine) = slots.get_mut(at).and_then(Option::take) {
                        flying += 1;
                        spawn_local(call(port, at, machine, is_token, give.clone()));
                    }
                }
            }
        }
        let wait = tokio::time::timeout(Duration::from_millis(2), back.recv()).await;
        let mut came = wait.ok().flatten();
        while let Some((at, machine, is_token, took, answer)) = came {
            flying -= 1;
            tally.count(is_token, took, answer);
            if let Some(slot) = slots.get_mut(at) {
                *slot = Some(machine);
            }
            came = back.try_recv().ok();
        }
    }
    Ok((slots.into_iter().flatten().collect(), tally))
}

async fn call(port: u16, at: usize, mut machine: Machine, is_token: bool, give: UnboundedSender<Back>) {
    let asked = Instant::now();
    let answer = if is_token {
        machine.renew(port).await
    } else {
        machine.beat(port, false).await
    };
    let _ = give.send((at, machine, is_token, asked.elapsed(), answer));
}

impl Tally {
    fn count(&mut self, is_token: bool, took: Duration, answer: Result<Answer>) {
        match answer.map(|answer| answer.status) {
            Ok(200 | 204) if is_token => self.tokens += 1,
            Ok(200 | 204) => {
                self.beats += 1;
                self.waits.push(took);
            }
            Ok(status) => *self.others.entry(status).or_default() += 1,
            Err(_) => *self.others.entry(0).or_default() += 1,
        }
    }
}

/// How often the store has committed, where it counts that.
async fn commits(port: u16) -> Option<f64> {
    let request = format!("GET /metrics HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    let answer = exchange(port, request.as_bytes()).await.ok()?;
    let text = answer.text();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("doorward_store_group_size_count "))?;
    line.trim().parse().ok()
}

fn commits_of(before: Option<f64>, after: Option<f64>, seconds: f64) -> String {
    match (before, after) {
        (Some(before), Some(after)) => format!("{:.1}", (after - before) / seconds),
        _ => "not counted here".into(),
    }
}
