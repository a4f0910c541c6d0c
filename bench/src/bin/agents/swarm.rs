//! The agents: each with a key, a ratchet and a token of its own, calling over a connection of its own that ends with the answer, as behind a proxy.
//! Must never happen: an answer that was not looked at counted as one; more than what a real agent sends, or less.
use agent_wire::{
    ASSERTION_TYPE, HeartbeatRequest, Holder, Inventory, Marks, TokenAnswer, TokenRequest,
    proof::{Assertion, Claims, Dpop, encode},
};
use anyhow::{Context, Result, anyhow, bail};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use ground::context::{system_chance, system_clock};
use kernel::Chance;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::{sync::LazyLock, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use uuid::Uuid;

/// One agent.
pub struct Machine {
    /// Its id.
    pub id: Uuid,
    /// Its marks.
    pub marks: Marks,
    number: u32,
    key: Holder,
    ratchet: Option<String>,
    token: Option<String>,
}

/// What a call came to.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// How long the server asks to wait.
    pub retry_after: Duration,
    body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Machine {
    /// The agent of this number.
    pub fn new(number: u32) -> Result<Self> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("no chance"))?;
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| anyhow!("no key"))?;
        let public = pair.public_key().as_ref().try_into().context("32 bytes")?;
        let mark = |what: &str| encode(&Sha256::digest(format!("{what} {number}")));
        Ok(Self {
            id: Uuid::from_u128(0x019a_c000_0000_7000_8000_0000_0000_0000 | u128::from(number)),
            marks: Marks {
                machine: Some(mark("machine")),
                hardware: vec![mark("board")],
            },
            number,
            key: Holder::new(pkcs8.as_ref(), public),
            ratchet: None,
            token: None,
        })
    }
    /// What it is called.
    pub fn name(&self) -> String {
        format!("desk-{:06}", self.number)
    }
    /// Its public key.
    pub fn public(&self) -> Result<[u8; 32]> {
        self.key.public().bytes().context("a key of 32 bytes")
    }
    /// The thumbprint of its key.
    pub fn thumbprint(&self) -> [u8; 32] {
        self.key.public().thumbprint()
    }
    fn inventory(&self) -> Inventory {
        Inventory {
            hostname: self.name(),
            os: "linux".into(),
            system: "Debian 12".into(),
            arch: "x86_64".into(),
            cpu: "Intel(R) Core(TM) i5-8500T CPU @ 2.10GHz".into(),
            cores: 6,
            memory: 16 << 30,
            addresses: vec!["10.20.30.40".into()],
            agent_version: "0.1.0".into(),
            ..Inventory::default()
        }
    }
    /// Its inventory as the server keeps it.
    pub fn inventory_text(&self) -> Result<String> {
        Ok(serde_json::to_string(&self.inventory())?)
    }
    /// A token, for the ratchet value that it has.
    pub async fn renew(&mut self, port: u16) -> Result<Answer> {
        let now = now();
        let claims = Assertion {
            iss: self.id.to_string(),
            sub: self.id.to_string(),
            aud: address(port, "token"),
            iat: now,
            exp: now + 60,
            jti: drawn(),
        };
        let request = TokenRequest {
            client_assertion_type: ASSERTION_TYPE.into(),
            client_assertion: self.signed(&claims)?,
            ratchet: self.ratchet.clone(),
            attempt: Some(drawn()),
            marks: self.marks.clone(),
        };
        let answer = self.call(port, "token", None, &request).await?;
        if answer.status == 200 {
            let given: TokenAnswer = serde_json::from_slice(&answer.body)?;
            (self.token, self.ratchet) = (Some(given.access_token), Some(given.ratchet));
        }
        Ok(answer)
    }
    /// A heartbeat; `brings`: with the inventory.
    pub async fn beat(&self, port: u16, brings: bool) -> Result<Answer> {
        let inventory = self.inventory();
        let hash = encode(&Sha256::digest(serde_json::to_vec(&inventory)?));
        let request = HeartbeatRequest {
            clock_millis: Some(12),
            inventory_hash: hash,
            inventory: brings.then_some(inventory),
        };
        let token = self.token.as_deref().context("an agent without a token")?;
        self.call(port, "heartbeat", Some(token), &request).await
    }
    /// A moment of its own, up to five seconds.
    pub fn jitter(&self) -> Duration {
        Duration::from_millis(u64::from(self.number.wrapping_mul(2_654_435_761) % 5_000))
    }
    fn signed<C: Claims>(&self, claims: &C) -> Result<String> {
        self.key.sign(claims).context("a signature")
    }
    async fn call(&self, port: u16, call: &str, token: Option<&str>, body: &impl Serialize) -> Result<Answer> {
        let proof = self.signed(&Dpop {
            htm: "POST".into(),
            htu: address(port, call),
            iat: now(),
            jti: drawn(),
            ath: token.map(|token| encode(&Sha256::digest(token))),
        })?;
        let body = serde_json::to_string(body)?;
        let authorization = token
            .map(|token| format!("Authorization: DPoP {token}\r\n"))
            .unwrap_or_default();
        let request = format!(
            "POST /api/v1/agents/{call} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\nDoorward-Agent: 0.1.0\r\nDPoP: {proof}\r\n\
             {authorization}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(port, request.as_bytes()).await
    }
}

fn address(port: u16, call: &str) -> String {
    format!("http://localhost:{port}/api/v1/agents/{call}")
}

/// Chance as the product takes it.
static CHANCE: LazyLock<Chance> = LazyLock::new(system_chance);

fn now() -> i64 {
    system_clock()().seconds()
}

fn drawn() -> String {
    encode(&CHANCE.bytes::<16>())
}

/// One request on a connection of its own, read until the server ends it.
pub async fn exchange(port: u16, request: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    stream.write_all(request).await?;
    let mut read = Vec::with_capacity(1_024);
    stream.read_to_end(&mut read).await?;
    let end = read
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .context("an answer that breaks off")?;
    let head = std::str::from_utf8(read.get(..end).unwrap_or_default())?.to_ascii_lowercase();
    let Some(status) = head.get(9..12).and_then(|text| text.parse().ok()) else {
        bail!("this is no HTTP: {head}")
    };
    let seconds = head
        .lines()
        .find_map(|line| line.strip_prefix("retry-after:")?.trim().parse().ok());
    Ok(Answer {
        status,
        retry_after: Duration::from_secs(seconds.unwrap_or(0)),
        body: read.split_off(end + 4),
    })
}
