//! A mail server that takes everything and keeps nothing but how many messages came and which. It speaks SMTP as servers do (RFC 5321).
use anyhow::Result;
use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A running sink.
#[derive(Clone)]
pub struct Sink {
    /// Where it listens.
    pub at: SocketAddr,
    needs: Duration,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    taken: u32,
    ids: HashSet<u128>,
    sample: Vec<u8>,
}

impl Sink {
    /// Listens on a port of its own; each message takes it so long.
    pub async fn start(needs: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let sink = Self {
            at: listener.local_addr()?,
            needs,
            seen: Arc::default(),
        };
        let serving = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = serving.clone();
                tokio::spawn(async move { sink.talk(stream).await });
            }
        });
        Ok(sink)
    }
    fn with<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// Counts anew, with room for so many, so that its own memory does not grow while others' is measured.
    pub fn expect(&self, messages: u32) {
        self.with(|seen| {
            seen.taken = 0;
            seen.ids = HashSet::with_capacity(messages as usize);
        });
    }
    /// How many messages came.
    pub fn taken(&self) -> u32 {
        self.with(|seen| seen.taken)
    }
    /// How many different ones.
    pub fn distinct(&self) -> u32 {
        self.with(|seen| u32::try_from(seen.ids.len()).unwrap_or(u32::MAX))
    }
    /// The first message that came, as it came.
    pub fn sample(&self) -> Vec<u8> {
        self.with(|seen| seen.sample.clone())
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut lines = BufReader::with_capacity(16_384, stream);
        lines.get_mut().write_all(b"220 sink.example.org ready\r\n").await?;
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let answer: &[u8] = match verb.as_slice() {
                b"EHLO" => b"250-sink.example.org\r\n250 8BITMIME\r\n",
                b"DATA" => b"354 go on\r\n",
                b"QUIT" => b"221 2.0.0 bye\r\n",
                _ => b"250 2.0.0 ok\r\n",
            };
            lines.get_mut().write_all(answer).await?;
            match verb.as_slice() {
                b"DATA" => {
                    self.take(&mut lines).await?;
                    lines.get_mut().write_all(b"250 2.0.0 Ok: queued\r\n").await?;
                }
                b"QUIT" => return Ok(()),
                _ => {}
            }
        }
    }

    async fn take(&self, lines: &mut BufReader<TcpStream>) -> std::io::Result<()> {
        let wants_sample = self.with(|seen| seen.sample.is_empty());
        let (mut line, mut id, mut sample) = (Vec::new(), None, Vec::new());
        while lines.read_until(b'\n', &mut line).await? > 0 && line != b".\r\n" {
            id = id.or_else(|| message_id(&line));
            if wants_sample {
                sample.extend_from_slice(&line);
            }
            line.clear();
        }
        if !self.needs.is_zero() {
            tokio::time::sleep(self.needs).await;
        }
        self.with(|seen| {
            seen.taken += 1;
            seen.ids.extend(id);
            if wants_sample {
                seen.sample = sample;
            }
        });
        Ok(())
    }
}

/// The number in `Message-ID: <NUMBER@domain>`.
fn message_id(line: &[u8]) -> Option<u128> {
    let text = std::str::from_utf8(line.strip_prefix(b"Message-ID: <")?).ok()?;
    u128::from_str_radix(text.split_once('@')?.0, 16).ok()
}
