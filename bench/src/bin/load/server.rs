//! The server under load: the real program as a child on its core, over a furnished place.
use crate::Plan;
use anyhow::{Context, Result};
use bench::{
    SERVER_CORE,
    child::{Child, pinned},
    cluster::Cluster,
    furnish::furnish,
    place::Place,
    wire::first_answer,
};
use factors::Cost;
use std::{
    process::Command,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// People who are signed in from the start.
pub const SIGNED_IN: u32 = 256;
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that answers.
pub struct Serving<'a> {
    /// Where its store is.
    pub place: Place<'a>,
    /// Its process.
    pub child: Child,
    /// The session tokens of those who are signed in.
    pub tokens: Vec<String>,
}

impl<'a> Serving<'a> {
    /// A fresh place with a crowd, and the program serving from it.
    pub fn furnished(plan: &Plan, runtime: &Runtime, cluster: Option<&'a Cluster>) -> Result<Self> {
        let place = Place::new(cluster)?;
        let tokens = furnish(runtime, &place, Cost::OWASP, plan.crowd, SIGNED_IN)?;
        let mut command = pinned(SERVER_CORE, &plan.program);
        command.arg("serve");
        let (child, _) = start(runtime, command, &place)?;
        Ok(Self { place, child, tokens })
    }
    /// The `Host` that it answers to.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.place.port())
    }
}

/// Starts a server for this place and waits until it answers; how long that took, from exec on.
pub fn start(runtime: &Runtime, mut command: Command, place: &Place<'_>) -> Result<(Child, Duration)> {
    command.envs(place.variables()).current_dir(place.folder());
    let log = place.folder().join("log");
    let began = Instant::now();
    let mut child = Child::start(command, &log)?;
    let answered = runtime.block_on(first_answer(place.port(), PATIENCE));
    let took = began.elapsed();
    let said = || std::fs::read_to_string(&log).unwrap_or_default();
    child.must_live().with_context(said)?;
    answered.with_context(said)?;
    Ok((child, took))
}
