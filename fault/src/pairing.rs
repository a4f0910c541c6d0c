//! A kill amid pairing: the server, the agent, or both die while a machine pairs. Afterwards there is one agent of it or none, and each counted one use;
//! and when the machine pairs again, there is exactly one.
//! Must never happen: a ghost, a machine that cannot pair any more, or a use that was counted twice or lost.
use crate::{
    Engine,
    client::{FLOW, SESSION},
    cluster::Cluster,
    http::{Line, Request},
    observe::must,
    people::{self, OWNER, PASSWORD},
    program::{Folder, Place, Server},
    say::{say, tell},
    seed::Seed,
};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// What dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    Server,
    Agent,
    Both,
}

/// The owner's desk: a session, and the key that everybody pairs with.
struct Desk {
    line: Line,
    session: String,
    key: String,
    key_id: String,
}

/// Runs all rounds. Answers whether all is as it must be.
pub fn run(engine: Engine, rounds: u64, seed: u64, program: &Path) -> Result<bool> {
    let mut folder = Folder::new("pairing")?;
    let ran = all(engine, rounds, &Seed::new(seed), program, folder.path());
    folder.stays = !matches!(ran, Ok(true));
    let right = ran?;
    if !right {
        say(&format!("FAILED; to run it again: --seed {seed} --rounds {rounds}"));
    }
    Ok(right)
}

fn all(engine: Engine, rounds: u64, seed: &Seed, program: &Path, folder: &Path) -> Result<bool> {
    let cluster = (engine == Engine::Postgres)
        .then(|| Cluster::start(folder))
        .transpose()?;
    let url = match &cluster {
        Some(cluster) => cluster.create("doorward")?,
        None => "sqlite".to_owned(),
    };
    let place = Place::new(program, folder, folder.join("data"), url)?;
    people::settle(&place, 0)?;
    let mut server = Some(place.start()?);
    let mut desk = Desk::open(&place)?;
    let (mut cut, mut right) = (0, true);
    for round in 1..=rounds {
        let (before, wrong) = one(&place, &mut server, &mut desk, (folder, round), seed.part(round))?;
        cut += u64::from(before == 0);
        if !wrong.is_empty() {
            tell(&wrong);
            right = false;
            break;
        }
    }
    if right {
        place.run(&["audit", "verify"], "").context("the chain is not whole")?;
        say(&format!(
            "{}, pairing: {rounds} rounds, {cut} cut before the server knew of it, ghosts: 0, lost: 0",
            engine.name()
        ));
    }
    Ok(right)
}

/// One machine pairs, something dies, and it pairs again. Answers how many agents of it there were in between, and what is wrong.
fn one(
    place: &Place,
    server: &mut Option<Server>,
    desk: &mut Desk,
    (folder, round): (&Path, u64),
    mut seed: Seed,
) -> Result<(usize, Vec<String>)> {
    let machine = Machine::new(place, folder, round)?;
    let mut pairing = machine.pair(&desk.key)?;
    thread::sleep(Duration::from_millis(seed.below(110)));
    let blow = match seed.below(3) {
        0 => Blow::Server,
        1 => Blow::Agent,
        _ => Blow::Both,
    };
    if blow != Blow::Agent {
        server.take().context("no server runs")?.kill()?;
    }
    if blow != Blow::Server {
        let _ = pairing.kill();
    }
    if server.is_none() {
        *server = Some(place.start()?);
    }
    // An agent that lives tries again by itself until its server is back.
    let ended = pairing.wait()?;
    let (mut wrong, before) = desk.look(&machine, round)?;
    if blow == Blow::Server && !ended.success() {
        wrong.push(format!("the agent gave up with {ended} although its server came back"));
    }
    let again = machine.pair(&desk.key)?.wait()?;
    if !again.success() {
        wrong.push(format!("a second run ends with {again}"));
    }
    let (found, after) = desk.look(&machine, round)?;
    wrong.extend(found);
    if after != 1 {
        wrong.push(format!("after a second run there are {after} agents of one machine"));
    }
    say(&format!(
        "round {round}: {blow:?}, {before} before the second run, wrong: {}",
        wrong.len()
    ));
    Ok((before, wrong))
}

/// A machine with a state folder and a system of its own.
struct Machine {
    name: String,
    agent: PathBuf,
    server: String,
    state: PathBuf,
    root: PathBuf,
}

impl Machine {
    fn new(place: &Place, folder: &Path, round: u64) -> Result<Self> {
        let root = folder.join(format!("machine-{round}"));
        std::fs::create_dir_all(root.join("etc"))?;
        std::fs::write(root.join("etc/machine-id"), format!("{:032x}\n", round * 7_919))?;
        let agent = place.program.with_file_name("doorward-agent");
        ensure!(
            agent.is_file(),
            "{} is not there; build it: cargo build -p agent",
            agent.display()
        );
        Ok(Self {
            name: format!("MACHINE-{round:04}"),
            agent,
            server: place.origin.clone(),
            state: root.join("state"),
            root,
        })
    }
    fn pair(&self, key: &str) -> Result<Child> {
        let mut command = Command::new(&self.agent);
        command.args(["pair", "--server", &self.server, "--name", &self.name]);
        command
            .arg("--state")
            .arg(&self.state)
            .arg("--system-root")
            .arg(&self.root);
        command
            .env("DOORWARD_AGENT_KEY", key)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(command.spawn()?)
    }
}

impl Desk {
    fn open(place: &Place) -> Result<Self> {
        let mut line = place.line("192.0.2.9");
        let entered = must(
            &mut line,
            &Request::form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).with(FLOW, "stale"),
        )?;
        let session = entered.cookie(SESSION).context("the owner was not let in")?;
        let wish = json!({"uses": 1_000, "note": "kill rounds"});
        let made = must(
            &mut line,
            &Request::new("POST", "/api/v1/installation-keys")
                .json(&wish)
                .with(SESSION, &session),
        )?;
        if made.status != 201 {
            bail!("an installation key is answered {}: {}", made.status, made.body);
        }
        Ok(Self {
            line,
            session,
            key: made.text("/key"),
            key_id: made.text("/id"),
        })
    }
    fn read(&mut self, path: &str) -> Result<serde_json::Value> {
        self.line.hang_up();
        let answer = must(&mut self.line, &Request::new("GET", path).with(SESSION, &self.session))?;
        ensure!(
            answer.status == 200,
            "{path} is answered {}: {}",
            answer.status,
            answer.body
        );
        Ok(answer.json())
    }
    /// What is wrong, and how many agents of this machine there are. A call that its agent did not outlive may still be under way at the server, and
    /// agents and uses are asked for one after the other: what is wrong stays wrong.
    fn look(&mut self, machine: &Machine, round: u64) -> Result<(Vec<String>, usize)> {
        let mut seen = self.glance(machine, round)?;
        for _ in 0..20 {
            if seen.0.is_empty() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
            seen = self.glance(machine, round)?;
        }
        Ok(seen)
    }
    /// The same at this moment. Every machine before it has one agent.
    fn glance(&mut self, machine: &Machine, round: u64) -> Result<(Vec<String>, usize)> {
        let items = |list: &serde_json::Value| {
            list.pointer("/items")
                .and_then(serde_json::Value::as_array)
                .cloned()
                .unwrap_or_default()
        };
        let found = items(&self.read(&format!("/api/v1/agents?q={}", machine.name))?).len();
        let keys = items(&self.read("/api/v1/installation-keys")?);
        let key = keys
            .iter()
            .find(|key| key.pointer("/id").and_then(serde_json::Value::as_str) == Some(&self.key_id));
        let used = key
            .and_then(|key| key.pointer("/used")?.as_u64())
            .context("the key is not in the list")?;
        let mut wrong = Vec::new();
        if found > 1 {
            wrong.push(format!("{found} agents of one machine"));
        }
        if used != round - 1 + u64::try_from(found)? {
            wrong.push(format!(
                "{used} uses are counted in round {round}, with {found} agents of its machine"
            ));
        }
        Ok((wrong, found))
    }
}
