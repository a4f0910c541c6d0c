//! A mail server by script: it takes everything, but at one step it does as it was told: refuse, hang, hang up, or answer a byte at a time.
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Say(&'static str),
    Hang,
    Drop,
    /// The usual answer, a byte each 200 ms.
    Drip,
    /// Takes the message, then hangs up without a word. Only at the full stop.
    TakeThenDrop,
}

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub from: String,
    pub to: String,
    pub mail: String,
}

impl Got {
    pub fn message_id(&self) -> String {
        let line = self.mail.lines().find(|line| line.starts_with("Message-ID:")).unwrap();
        line.trim_start_matches("Message-ID:").trim().to_owned()
    }
}

#[derive(Default)]
struct Told {
    deed: Option<(&'static str, Deed)>,
    login: Option<&'static str>,
    got: Vec<Got>,
    lines: Vec<String>,
    connections: usize,
}

/// A running server.
#[derive(Clone)]
pub struct Server {
    pub at: SocketAddr,
    told: Arc<Mutex<Told>>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0").await
    }
    /// On an address of its own of this machine.
    pub async fn start_at(at: &str) -> Self {
        let listener = TcpListener::bind(at).await.unwrap();
        let server = Self {
            at: listener.local_addr().unwrap(),
            told: Arc::default(),
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.talk(stream).await });
            }
        });
        server
    }
    /// At this step (`greeting`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `.`) it does this; None: all is well again.
    pub fn misbehave(&self, deed: Option<(&'static str, Deed)>) {
        self.told.lock().unwrap().deed = deed;
    }
    /// Asks for this login: the base64 of PLAIN.
    pub fn asks_for(&self, login: &'static str) {
        self.told.lock().unwrap().login = Some(login);
    }
    pub fn got(&self) -> Vec<Got> {
        self.told.lock().unwrap().got.clone()
    }
    pub fn lines(&self) -> Vec<String> {
        self.told.lock().unwrap().lines.clone()
    }
    pub fn connections(&self) -> usize {
        self.told.lock().unwrap().connections
    }

    async fn talk(self, stream: TcpStream) {
        self.told.lock().unwrap().connections += 1;
        let _ = self.converse(stream).await;
    }

    async fn converse(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let (read, mut out) = stream.split();
        let mut lines = BufReader::new(read);
        let (mut from, mut to) = (String::new(), String::new());
        if !self.answer("greeting", "220 mx.example.net ready", &mut out).await? {
            return Ok(());
        }
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            self.told.lock().unwrap().lines.push(line.clone());
            let verb = line.split(' ').next().unwrap_or_default().to_owned();
            let login = self.told.lock().unwrap().login;
            let usual = match verb.as_str() {
                "EHLO" if login.is_some() => "250-mx.example.net\r\n250 AUTH PLAIN",
                "EHLO" => "250 mx.example.net",
                "AUTH" if login.is_some_and(|login| line.ends_with(login)) => "235 2.7.0 welcome",
                "AUTH" => "535 5.7.8 authentication failed",
                "MAIL" => {
                    from = line.clone();
                    "250 2.1.0 ok"
                }
                "RCPT" => {
                    to = line.clone();
                    "250 2.1.5 ok"
                }
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 2.0.0 ok",
            };
            if !self.answer(&verb, usual, &mut out).await? {
                return Ok(());
            }
            if verb == "DATA" && self.told.lock().unwrap().deed.is_none_or(|(step, _)| step != "DATA") {
                let mail = body(&mut lines).await?;
                let deed = self.told.lock().unwrap().deed.filter(|(step, _)| *step == ".");
                if deed.is_none_or(|(_, deed)| deed == Deed::TakeThenDrop || deed == Deed::Drip) {
                    let (from, to) = (from.clone(), to.clone());
                    self.told.lock().unwrap().got.push(Got { from, to, mail });
                }
                if !self.answer(".", "250 2.0.0 queued as 4F1", &mut out).await? {
                    return Ok(());
                }
            }
            if verb == "QUIT" {
                return Ok(());
            }
        }
    }

    /// False where the line is to be cut.
    async fn answer(&self, step: &str, usual: &str, out: &mut (impl AsyncWriteExt + Unpin)) -> std::io::Result<bool> {
        let deed = self
            .told
            .lock()
            .unwrap()
            .deed
            .filter(|(at, _)| *at == step)
            .map(|(_, deed)| deed);
        match deed {
            None => out.write_all(format!("{usual}\r\n").as_bytes()).await?,
            Some(Deed::Say(words)) => out.write_all(format!("{words}\r\n").as_bytes()).await?,
            Some(Deed::Hang) => tokio::time::sleep(Duration::from_secs(30)).await,
            Some(Deed::Drop | Deed::TakeThenDrop) => return Ok(false),
            Some(Deed::Drip) => {
                for byte in format!("{usual}\r\n").bytes() {
                    out.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
        Ok(true)
    }
}

async fn body(lines: &mut (impl AsyncBufReadExt + AsyncReadExt + Unpin)) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(mail);
        }
        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
