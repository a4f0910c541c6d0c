//! What the server shows of each person after a fault, gathered over HTTP only, and held against everything that was answered before.
//! Must never happen: a check that changes what it checks without keeping account of it.
use crate::{
    client::{Client, DEVICE, FLOW, SESSION, is_welcome, me},
    http::{Answer, Line, Outcome, Request},
    people::{OWNER, PASSWORD},
    worlds::{Deed, KINDS, Seen, Token},
};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// A server that says "later" is asked again for so long.
pub const BACK_WITHIN: Duration = Duration::from_secs(5);

/// Asks, and must be answered; where only reading is asked for, by something else than "later" in the end.
pub fn must(line: &mut Line, request: &Request) -> Result<Answer> {
    let begun = Instant::now();
    loop {
        match line.ask(request) {
            Outcome::Answered(answer)
                if answer.status == 503 && request.only_reads() && begun.elapsed() < BACK_WITHIN =>
            {
                std::thread::sleep(Duration::from_millis(50));
            }
            Outcome::Answered(answer) => return Ok(answer),
            Outcome::NotSent => bail!("nobody answers"),
            Outcome::Unknown(why) => bail!("the answer broke off: {why}"),
        }
    }
}

impl Client {
    /// Tries every session and password there ever was. The log is still missing: see [`Log`].
    pub fn observe(&mut self) -> Result<Seen> {
        self.line.hang_up();
        let mut seen = Seen {
            tested: self.worlds.ever_live(),
            ..Seen::default()
        };
        seen.tested.extend(self.worlds.surely_ended());
        seen.live = self.live_of(&seen.tested)?;
        if let Some(old) = self.worlds.old_password() {
            let answer = self.try_password(&old)?;
            if !matches!(answer.status, 422 | 503) {
                self.found
                    .push(format!("a password that was changed is answered {}", answer.status));
            }
        }
        let token = self.enter(&mut seen)?;
        seen.tested.insert(token.clone());
        seen.live.insert(token.clone());
        let answer = must(&mut self.line, &me(&token))?;
        seen.name = answer.text("/name");
        let list = must(
            &mut self.line,
            &Request::new("GET", "/api/v1/me/sessions").with(SESSION, &token),
        )?;
        seen.sessions = list
            .json()
            .pointer("/items")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        Ok(seen)
    }
    fn live_of(&mut self, tokens: &BTreeSet<Token>) -> Result<BTreeSet<Token>> {
        let mut live = BTreeSet::new();
        for token in tokens {
            match must(&mut self.line, &me(token))?.status {
                200 => drop(live.insert(token.clone())),
                401 => {}
                status => self.found.push(format!("a session is answered {status}")),
            }
        }
        Ok(live)
    }
    fn try_password(&mut self, password: &str) -> Result<Answer> {
        let device = self.devices.first().cloned();
        let request = self.sign_in_request(device.as_ref(), None, password);
        must(&mut self.line, &request)
    }
    /// Signs in with the passwords that may open, one after the other. "Later" is no answer: what it left behind nobody knows.
    fn enter(&mut self, seen: &mut Seen) -> Result<Token> {
        let (mut answers, begun) = (Vec::new(), Instant::now());
        let mut passwords: Vec<String> = self.worlds.passwords().into_iter().rev().collect();
        while let Some(password) = passwords.pop() {
            let answer = self.try_password(&password)?;
            answers.push(answer.status);
            if answer.status == 503 && begun.elapsed() < BACK_WITHIN {
                self.worlds.unknown(&Deed::SignIn {
                    password: password.clone(),
                    token: None,
                    replaces: None,
                });
                passwords.push(password);
                std::thread::sleep(Duration::from_millis(50));
                continue;
            }
            let Some(token) = answer.cookie(SESSION).filter(|_| is_welcome(&answer)) else {
                continue;
            };
            if self.devices.is_empty() {
                self.devices.extend(answer.cookie(DEVICE));
            }
            seen.password.clone_from(&password);
            let deed = Deed::SignIn {
                password,
                token: Some(token.clone()),
                replaces: None,
            };
            self.found.extend(self.worlds.acknowledged(&deed).err());
            return Ok(token);
        }
        bail!(
            "lost: no password that {} may have opens ({answers:?})",
            self.person.email
        )
    }
}

/// The owner, who reads the log.
pub struct Auditor {
    line: Line,
    session: Token,
    device: Option<String>,
    /// The last line read, by its place.
    head: u64,
}

/// Lines of the log by person and kind.
pub type Log = BTreeMap<String, BTreeMap<&'static str, u64>>;

impl Auditor {
    /// Signs the owner in.
    pub fn new(line: Line) -> Result<Self> {
        let mut auditor = Self {
            line,
            session: String::new(),
            device: None,
            head: 0,
        };
        auditor.enter()?;
        Ok(auditor)
    }
    /// Whether the session works: a read.
    pub fn looks(&mut self) -> Result<u16> {
        Ok(must(&mut self.line, &me(&self.session))?.status)
    }
    /// A fresh session: a write.
    pub fn enter(&mut self) -> Result<()> {
        let request = Request::form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).with(FLOW, "stale");
        let request = self
            .device
            .iter()
            .fold(request, |request, device| request.with(DEVICE, device));
        let answer = must(&mut self.line, &request)?;
        self.session = answer
            .cookie(SESSION)
            .with_context(|| format!("the owner cannot sign in: {}", answer.status))?;
        self.device = answer.cookie(DEVICE);
        Ok(())
    }
    /// The lines since the last look. The list goes by time, and lines of one moment may have come in another order: a whole page of old
    /// ones ends the search. That the log has no gap is for `audit verify` to say.
    pub fn read(&mut self) -> Result<Log> {
        self.line.hang_up();
        let (mut log, mut cursor, mut newest) = (Log::new(), String::new(), 0);
        loop {
            let request = Request::new("GET", format!("/api/v1/events?limit=200{cursor}"));
            let page = must(&mut self.line, &request.with(SESSION, &self.session))?;
            if page.status != 200 {
                bail!(
                    "the owner's session, acknowledged before, is answered {} for the log",
                    page.status
                );
            }
            let page = page.json();
            let items = page
                .pointer("/items")
                .and_then(Value::as_array)
                .map_or(&[][..], Vec::as_slice);
            let place = |item: &Value| item.pointer("/seq").and_then(Value::as_u64).unwrap_or(0);
            newest = items.iter().map(place).fold(newest, u64::max);
            let fresh: Vec<_> = items.iter().filter(|item| place(item) > self.head).collect();
            for item in &fresh {
                count(&mut log, item);
            }
            match page.pointer("/next").and_then(Value::as_str) {
                Some(next) if !fresh.is_empty() => cursor = format!("&cursor={next}"),
                _ => break,
            }
        }
        if newest < self.head {
            bail!(
                "lost: the log ends at its line {newest}, and line {} was read before",
                self.head
            );
        }
        self.head = newest;
        Ok(log)
    }
}

fn count(log: &mut Log, item: &Value) {
    let actor = item.pointer("/actor/id").and_then(Value::as_str).unwrap_or_default();
    let kind = KINDS
        .into_iter()
        .find(|kind| item.pointer("/kind").and_then(Value::as_str) == Some(kind));
    if let Some(kind) = kind {
        *log.entry(actor.to_owned()).or_default().entry(kind).or_default() += 1;
    }
}

/// Looks at everybody at once, then at the log, and settles. Answers what is wrong.
pub fn settle_all(clients: &mut [Client], auditor: &mut Auditor) -> Result<Vec<String>> {
    let seen = std::thread::scope(|scope| {
        let looking: Vec<_> = clients
            .iter_mut()
            .map(|client| scope.spawn(|| client.observe()))
            .collect();
        let seen = looking
            .into_iter()
            .map(|looked| looked.join().unwrap_or_else(|_| bail!("a check panicked")));
        seen.collect::<Vec<_>>()
    });
    let log = auditor.read()?;
    let mut wrong = Vec::new();
    for (client, seen) in clients.iter_mut().zip(seen) {
        wrong.append(&mut client.found);
        match seen {
            Ok(mut seen) => {
                seen.events = log.get(&client.person.id).cloned().unwrap_or_default();
                let differs = client.worlds.settle(&seen).err().unwrap_or_default();
                wrong.extend(
                    differs
                        .into_iter()
                        .map(|line| format!("{}: {line}", client.person.email)),
                );
            }
            Err(error) => wrong.push(format!("{}: {error:#}", client.person.email)),
        }
    }
    Ok(wrong)
}
