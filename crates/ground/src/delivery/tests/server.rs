//! A mail server by script: it takes everything, but at one step it does as it was told: refuse, hang, hang up, or answer a byte at a time.
//! It can offer STARTTLS, with a certificate that no authority has signed. For the tests here and for the stories.
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Say(&'static str),
    Hang,
    Drop,
    /// The usual answer, a byte each so many milliseconds.
    Drip(u64),
    /// Takes the message, then hangs up without a word. Only at the full stop.
    TakeThenDrop,
}

/// A mail that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub from: String,
    pub to: String,
    pub mail: String,
    /// Whether it came through TLS.
    pub is_private: bool,
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
    has_tls: bool,
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
    /// Offers STARTTLS from now on.
    pub fn offers_tls(&self) {
        self.told.lock().unwrap().has_tls = true;
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
        let mut lines = BufReader::new(stream);
        let greeted = self
            .answer("greeting", "220 mx.example.net ready", lines.get_mut())
            .await;
        if !greeted.unwrap_or(false) {
            return;
        }
        if let Ok(Some(open)) = self.converse(lines, false).await
            && let Ok(private) = acceptor().accept(open).await
        {
            let _ = self.converse(BufReader::new(private), true).await;
        }
    }

    /// Until the end; or until STARTTLS, with the line that is to be made private.
    async fn converse<S>(&self, mut lines: BufReader<S>, is_private: bool) -> std::io::Result<Option<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (mut from, mut to) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let line = line.trim_end().to_owned();
            self.told.lock().unwrap().lines.push(line.clone());
            let verb = line.split(' ').next().unwrap_or_default().to_owned();
            let (login, has_tls) = {
                let told = self.told.lock().unwrap();
                (told.login, told.has_tls)
            };
            let usual = match verb.as_str() {
                "EHLO" if has_tls && !is_private => "250-mx.example.net\r\n250 STARTTLS",
                "STARTTLS" => "220 2.0.0 go ahead",
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
            if !self.answer(&verb, usual, lines.get_mut()).await? {
                return Ok(None);
            }
            if verb == "STARTTLS" && has_tls {
                return Ok(Some(lines.into_inner()));
            }
            if verb == "DATA" && self.told.lock().unwrap().deed.is_none_or(|(step, _)| step != "DATA") {
                let mail = body(&mut lines).await?;
                let deed = self.told.lock().unwrap().deed.filter(|(step, _)| *step == ".");
                if deed.is_none_or(|(_, deed)| matches!(deed, Deed::TakeThenDrop | Deed::Drip(_))) {
                    let (from, to) = (from.clone(), to.clone());
                    let got = Got {
                        from,
                        to,
                        mail,
                        is_private,
                    };
                    self.told.lock().unwrap().got.push(got);
                }
                if !self.answer(".", "250 2.0.0 queued as 4F1", lines.get_mut()).await? {
                    return Ok(None);
                }
            }
            if verb == "QUIT" {
                return Ok(None);
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
            Some(Deed::Drip(each)) => {
                for byte in format!("{usual}\r\n").bytes() {
                    out.write_all(&[byte]).await?;
                    tokio::time::sleep(Duration::from_millis(each)).await;
                }
            }
        }
        Ok(true)
    }
}

fn acceptor() -> TlsAcceptor {
    let cert = CertificateDer::from_pem_slice(include_bytes!("tls/cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
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
