//! The smallest HTTP/1.1 client that does: one connection kept alive, whole requests as bytes, answers with a length.
//! Lean on purpose, so that the load costs less than what it measures. Must never happen: an answer counted that was not read whole.
use anyhow::{Context, Result, bail};
use bytes::{Buf, BytesMut};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection to a server on this machine.
pub struct Wire {
    stream: TcpStream,
    held: BytesMut,
}

/// An answer: its status and head. The body has been read and dropped.
pub struct Answer {
    /// The status.
    pub status: u16,
    head: BytesMut,
}

impl Answer {
    /// The value of a cookie that the answer sets.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let head = std::str::from_utf8(&self.head).ok()?;
        let set = head
            .lines()
            .filter_map(|line| value_of(line.as_bytes(), b"set-cookie:"));
        let mut pairs = set.filter_map(|value| value.split(';').next()?.trim().split_once('='));
        pairs
            .find(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    }
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let (start, rest) = line.split_at_checked(name.len())?;
    start
        .eq_ignore_ascii_case(name)
        .then(|| std::str::from_utf8(rest).unwrap_or_default().trim())
}

impl Wire {
    /// Connects.
    pub async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            held: BytesMut::with_capacity(32 * 1024),
        })
    }

    /// Sends a request and reads its answer whole.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request).await?;
        let end = loop {
            if let Some(at) = self.held.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = self.held.split_to(end);
        let status = head
            .get(9..12)
            .and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        let status = status.context("this is no HTTP")?;
        let mut lines = head.as_ref().split(|byte: &u8| *byte == b'\n');
        let length = lines.find_map(|line| value_of(line, b"content-length:"));
        let length = match length {
            Some(length) => length.parse().context("the length of the body")?,
            None if status == 204 || status == 304 => 0,
            None => bail!("an answer without a length"),
        };
        while self.held.len() < length {
            self.more().await?;
        }
        self.held.advance(length);
        Ok(Answer { status, head })
    }

    async fn more(&mut self) -> Result<()> {
        self.held.reserve(8 * 1024);
        if self.stream.read_buf(&mut self.held).await? == 0 {
            bail!("the server ended the connection");
        }
        Ok(())
    }
}

/// Asks until the server answers `/healthz`; how long that took.
pub async fn first_answer(port: u16, patience: Duration) -> Result<Duration> {
    let began = Instant::now();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    loop {
        let asked = async { Wire::open(port).await?.ask(request.as_bytes()).await };
        match asked.await {
            Ok(answer) if answer.status == 200 => return Ok(began.elapsed()),
            _ if began.elapsed() > patience => bail!("the server gave no answer within {patience:?}"),
            _ => tokio::time::sleep(Duration::from_micros(500)).await,
        }
    }
}
