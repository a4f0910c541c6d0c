//! What this program does as a child of itself: the bare hash, the bare hyper, the server with a cheap hash, writes at the store.
//! Each is pinned by its parent, like the server.
use crate::{table::say, writes};
use anyhow::{Result, anyhow};
use bench::rounds::{Client, Length, run};
use bench::{argon::Bare, furnish, place};
use clap::Subcommand;
use doorward::{App, Build};
use factors::Cost;
use ground::{
    Caller, Door,
    context::{system_chance, system_clock},
    db::{self, Store},
};
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, runtime::Builder};

/// A role; hidden, because only this program gives them.
#[derive(Subcommand)]
pub enum Role {
    /// The bare hash for so long; prints how many a second, and the microseconds of the processor for each
    #[command(hide = true)]
    Argon { millis: u64 },
    /// A bare hyper that says hello
    #[command(hide = true)]
    Hello { port: u16 },
    /// The server with a hash that costs next to nothing
    #[command(hide = true)]
    Cheap {
        folder: PathBuf,
        port: u16,
        #[arg(long)]
        url: Option<String>,
    },
    /// Writes "last seen" at the store; prints a line a round
    #[command(hide = true)]
    Touches {
        folder: PathBuf,
        tokens: PathBuf,
        millis: u64,
        #[arg(long)]
        group: Option<usize>,
        #[arg(long)]
        url: Option<String>,
    },
}

/// The least that argon2 takes.
pub fn next_to_nothing() -> Result<Cost> {
    Cost::new(8, 1, 1).ok_or_else(|| anyhow!("argon2 refuses its least cost"))
}

impl Role {
    /// As arguments of a child.
    pub fn put_on(&self, command: &mut Command) {
        match self {
            Self::Argon { millis } => command.arg("argon").arg(millis.to_string()),
            Self::Hello { port } => command.arg("hello").arg(port.to_string()),
            Self::Cheap { folder, port, url } => {
                command.arg("cheap").arg(folder).arg(port.to_string());
                url.iter().fold(command, |command, url| command.arg("--url").arg(url))
            }
            Self::Touches {
                folder,
                tokens,
                millis,
                group,
                url,
            } => {
                command.arg("touches").arg(folder).arg(tokens).arg(millis.to_string());
                let command = group
                    .iter()
                    .fold(command, |command, group| command.arg("--group").arg(group.to_string()));
                url.iter().fold(command, |command, url| command.arg("--url").arg(url))
            }
        };
    }

    /// Plays it to its end.
    pub fn play(&self) -> Result<()> {
        match self {
            Self::Argon { millis } => {
                let mut bare = Bare::new()?;
                let before = own_cpu()?;
                let (done, took) = bare.run(Duration::from_millis(*millis))?;
                let (done, spent) = (f64::from(done), own_cpu()?.saturating_sub(before));
                say(&format!(
                    "{} {}",
                    done / took.as_secs_f64(),
                    spent.as_secs_f64() * 1_000_000.0 / done
                ))
            }
            Self::Hello { port } => Builder::new_current_thread()
                .enable_all()
                .build()?
                .block_on(hello(*port)),
            Self::Cheap { folder, port, url } => {
                Builder::new_multi_thread()
                    .enable_all()
                    .build()?
                    .block_on(cheap(folder, *port, url.clone()))
            }
            Self::Touches {
                folder,
                tokens,
                millis,
                group,
                url,
            } => {
                let runtime = Builder::new_multi_thread().enable_all().build()?;
                let long = Duration::from_millis(*millis);
                runtime.block_on(touches(folder, tokens, long, *group, url.clone()))
            }
        }
    }
}

/// Time that this process's first thread had on the processor: on a busy machine less than what passed.
fn own_cpu() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanos = stat.split_whitespace().next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanos))
}

async fn hello(port: u16) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let say_hello =
            async |_: Request<Incoming>| Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello"))));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(say_hello)));
    }
}

/// As `doorward serve`, but for the cost.
async fn cheap(folder: &Path, port: u16, url: Option<String>) -> Result<()> {
    let config = place::config(folder, port, url)?;
    doorward::log::start(config.log);
    doorward::server::measure::start()?;
    let listeners = doorward::server::bind(&config)?;
    let build = Build {
        cost: next_to_nothing()?,
        ..Build::default()
    };
    let app = App::build(config, system_clock(), system_chance(), build).await?;
    let mut told = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    app.serve(listeners, async {
        told.recv().await;
    })
    .await
}

/// Somebody whose session is seen again and again.
struct Seen {
    store: Store,
    door: Arc<dyn Door>,
    caller: Caller,
}

impl Client for Seen {
    async fn once(&mut self) -> Result<()> {
        let (door, caller, now) = (self.door.clone(), self.caller.clone(), system_clock()());
        self.store
            .write(move |tx| door.touch(tx, &caller, now))
            .await
            .map_err(db::Error::into)
    }
}

async fn touches(
    folder: &Path,
    tokens: &Path,
    long: Duration,
    group: Option<usize>,
    url: Option<String>,
) -> Result<()> {
    let defaults = db::Options::default();
    let options = db::Options {
        group: group.unwrap_or(defaults.group),
        ..defaults
    };
    let store = match url {
        Some(url) => Store::postgres(&url, &options)?,
        None => Store::sqlite(&folder.join("doorward.db"), &options)?,
    };
    let (door, _) = sessions::door_and_opener(Arc::new(roles::Rules));
    let (door, tokens): (Arc<dyn Door>, _) = (Arc::new(door), std::fs::read_to_string(tokens)?);
    let mut everybody = Vec::new();
    for token in tokens.lines() {
        let caller = furnish::admitted(&store, door.clone(), token).await?;
        everybody.push(Seen {
            store: store.clone(),
            door: door.clone(),
            caller,
        });
    }
    let length = Length {
        warm: Duration::from_millis(200),
        long,
    };
    for clients in writes::CLIENTS {
        let rest = everybody.split_off(clients.min(everybody.len()));
        let (mut back, round) = run(everybody, length, || Ok(Duration::ZERO)).await?;
        say(&format!(
            "{clients} {} {} {}",
            round.rate(),
            round.wait(50),
            round.wait(99)
        ))?;
        back.extend(rest);
        everybody = back;
    }
    store.close().await;
    Ok(())
}
