//! Sign-ins: a real `POST /sign-in` with the cookie of the page, each by somebody else and from a new browser, beside the bare hash.
use crate::{
    Plan, child_roles,
    server::Serving,
    table::{self, number},
};
use anyhow::{Context, Result, ensure};
use bench::{
    SERVER_CORE,
    child::pinned,
    crowd::email_of,
    furnish::PASSWORD,
    rounds::{Client, run},
    wire::{Answer, Wire},
};
use std::time::Duration;
use tokio::runtime::Runtime;

const CLIENTS: u32 = 16;

/// Signs one person in after the other.
pub struct SigningIn {
    pub wire: Wire,
    pub host: String,
    /// The cookie that the page of the form sets.
    cookie: String,
    /// The next person, and how far it is to the one after.
    next: u32,
    step: u32,
    crowd: u32,
}

impl SigningIn {
    /// Opens the page of the form first.
    pub async fn new(port: u16, first: u32, step: u32, crowd: u32) -> Result<Self> {
        let (mut wire, host) = (Wire::open(port).await?, format!("localhost:{port}"));
        let page = format!("GET /sign-in HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let page = wire.ask(page.as_bytes()).await?;
        let flow = page
            .cookie("doorward_flow")
            .context("the page of the form sets no cookie")?;
        Ok(Self {
            wire,
            host,
            cookie: format!("doorward_flow={flow}"),
            next: first,
            step,
            crowd,
        })
    }
    /// Sends the next person's password. Whose it was, and what came back.
    pub async fn password(&mut self) -> Result<(u32, Answer)> {
        let number = self.next;
        let (email, password) = (email_of(number).replace('@', "%40"), PASSWORD.replace(' ', "+"));
        self.next = (number + self.step) % self.crowd;
        let body = format!("email={email}&password={password}");
        let request = form(&self.host, "/sign-in", &self.cookie, &body);
        Ok((number, self.wire.ask(request.as_bytes()).await?))
    }
}

/// A form as a browser sends it.
pub fn form(host: &str, path: &str, cookie: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {cookie}\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

impl Client for SigningIn {
    async fn once(&mut self) -> Result<()> {
        let (number, answer) = self.password().await?;
        let is_open = answer.status == 303 && answer.cookie("doorward_session").is_some();
        ensure!(is_open, "person {number} could not sign in: status {}", answer.status);
        Ok(())
    }
}

/// Measures the bare hash, sign-ins, the bare hash; the mean of both counts.
pub fn measure(plan: &Plan, runtime: &Runtime, serving: &Serving<'_>) -> Result<()> {
    let before = bare(plan.round.long)?;
    let (_, round) = runtime.block_on(async {
        let mut clients = Vec::new();
        for first in 0..CLIENTS {
            clients.push(SigningIn::new(serving.place.port(), first, CLIENTS, plan.crowd).await?);
        }
        run(clients, plan.sign_ins, || serving.child.cpu()).await
    })?;
    let bare = f64::midpoint(before.rate, bare(plan.round.long)?.rate);
    let part = round.rate() / bare * 100.0;
    let beside = format!(
        "{part:.0} % of the bare hash's {}/s on this core; aim 90 %",
        number(bare)
    );
    let what = format!("sign-ins, {CLIENTS} clients, {} people", plan.crowd);
    table::round(&what, &round, &beside)
}

/// The bare hash on the server's core.
pub struct Hash {
    /// How many a second.
    pub rate: f64,
    /// Microseconds of the processor for each.
    pub cpu: f64,
}

/// Measures it for so long.
pub fn bare(long: Duration) -> Result<Hash> {
    let mut command = pinned(SERVER_CORE, &std::env::current_exe()?);
    let millis = u64::try_from(long.as_millis())?;
    child_roles::Role::Argon { millis }.put_on(&mut command);
    let output = command.output()?;
    ensure!(output.status.success(), "the bare hash: {}", output.status);
    let said = String::from_utf8(output.stdout)?;
    let (rate, cpu) = said.trim().split_once(' ').context("what the bare hash says")?;
    Ok(Hash {
        rate: rate.parse()?,
        cpu: cpu.parse()?,
    })
}
