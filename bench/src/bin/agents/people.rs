//! People at work: each looks at something twice a second, in pages and by the API, until told to stop.
//! Must never happen: an answer of theirs that is not 200 and not counted.
use crate::swarm::exchange;
use anyhow::Result;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::{JoinHandle, spawn_local};

/// What they look at, in turn.
const LOOKS: [&str; 5] = [
    "/api/v1/me",
    "/app/agents",
    "/api/v1/agents?limit=50",
    "/app",
    "/api/v1/agents?q=desk-0077",
];
/// Between two looks of one.
const EACH: Duration = Duration::from_millis(500);

/// What they saw.
#[derive(Default)]
pub struct Seen {
    /// Each wait.
    pub waits: Vec<Duration>,
    /// Answers that were not 200, and calls without one.
    pub bad: Vec<String>,
}

/// People at work.
pub struct Crowd {
    is_over: Arc<AtomicBool>,
    people: Vec<JoinHandle<Seen>>,
}

impl Crowd {
    /// Lets them begin.
    pub fn begin(port: u16, tokens: &[String]) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let at = |number: usize| EACH.mul_f64(f64::from(u32::try_from(number).unwrap_or(0)) / 20.0);
        let people = tokens.iter().enumerate().map(|(number, token)| {
            let (token, is_over) = (token.clone(), is_over.clone());
            spawn_local(async move {
                tokio::time::sleep(at(number)).await;
                work(port, &token, number, &is_over).await
            })
        });
        Self {
            people: people.collect(),
            is_over,
        }
    }
    /// Lets them end; what they saw.
    pub async fn end(self) -> Result<Seen> {
        self.is_over.store(true, Ordering::Relaxed);
        let mut all = Seen::default();
        for person in self.people {
            let seen = person.await?;
            all.waits.extend(seen.waits);
            all.bad.extend(seen.bad);
        }
        all.waits.sort_unstable();
        Ok(all)
    }
}

async fn work(port: u16, token: &str, number: usize, is_over: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    for turn in number.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let path = LOOKS.get(turn % LOOKS.len()).copied().unwrap_or("/app");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nCookie: doorward_session={token}\r\n\r\n"
        );
        let asked = Instant::now();
        let answer = exchange(port, request.as_bytes()).await;
        let took = asked.elapsed();
        match answer {
            Ok(answer) if answer.status == 200 => seen.waits.push(took),
            Ok(answer) => seen.bad.push(format!("{path}: {}", answer.status)),
            Err(error) => seen.bad.push(format!("{path}: {error}")),
        }
        tokio::time::sleep(EACH.saturating_sub(took)).await;
    }
    seen
}

/// The wait that this part of a hundred stayed below, in milliseconds.
pub fn wait(sorted: &[Duration], part: usize) -> f64 {
    let at = (sorted.len() * part / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default().as_secs_f64() * 1_000.0
}
