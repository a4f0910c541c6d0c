//! A small server of a test: it answers each call as the test says, loses the answers that it is told to lose, and keeps what was asked.
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

/// A call as it came in.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `POST token`.
    pub call: String,
    /// Its head, in lower case.
    pub head: String,
    /// Its body; null where there is none.
    pub body: serde_json::Value,
}

/// An answer. `Lost`: the connection is cut instead.
pub enum Answer {
    Json(u16, serde_json::Value),
    Raw(String),
    Lost,
}

/// The server. Its thread ends with the process.
pub struct Fake {
    pub origin: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// In clear.
    pub fn new(answer: impl Fn(&Asked) -> Answer + Send + 'static) -> Self {
        Self::serve(None, answer)
    }
    /// With a certificate for `localhost`, whose PEM comes back as well.
    pub fn with_tls(answer: impl Fn(&Asked) -> Answer + Send + 'static) -> (Self, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        (Self::serve(Some(Arc::new(config)), answer), made.cert.pem())
    }

    fn serve(tls: Option<Arc<ServerConfig>>, answer: impl Fn(&Asked) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let origin = match tls {
            Some(_) => format!("https://localhost:{port}"),
            None => format!("http://127.0.0.1:{port}"),
        };
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                // A caller who does not trust the certificate goes away, which ends that connection only.
                let _ = match &tls {
                    Some(tls) => {
                        let connection = ServerConnection::new(tls.clone()).unwrap();
                        one(StreamOwned::new(connection, stream), &kept, &answer)
                    }
                    None => one::<TcpStream>(stream, &kept, &answer),
                };
            }
        });
        Self { origin, asked }
    }

    /// The calls of this name, such as `POST token`.
    pub fn asked(&self, call: &str) -> Vec<Asked> {
        let all = self.asked.lock().unwrap();
        all.iter().filter(|asked| asked.call == call).cloned().collect()
    }
}

fn one<S: Read + Write>(
    mut stream: S,
    kept: &Mutex<Vec<Asked>>,
    answer: &impl Fn(&Asked) -> Answer,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        let mut more = [0; 4096];
        let count = stream.read(&mut more)?;
        bytes.extend_from_slice(&more[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let wanted: usize = length.unwrap_or(0);
            if bytes.len() >= head.len() + 4 + wanted {
                break (head.to_owned(), wanted);
            }
        }
        if count == 0 {
            return Ok(());
        }
    };
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let asked = Asked {
        call: format!("{method} {}", path.trim_start_matches("/api/v1/agents/")),
        body: serde_json::from_slice(&bytes[head.len() + 4..head.len() + 4 + length]).unwrap_or_default(),
        head: head.to_lowercase(),
    };
    let answer = answer(&asked);
    kept.lock().unwrap().push(asked);
    let text = match answer {
        Answer::Lost => return Ok(()),
        Answer::Raw(text) => text,
        Answer::Json(204, _) => "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".into(),
        Answer::Json(status, body) => {
            let (body, wait) = (body.to_string(), if status == 503 { "retry-after: 7\r\n" } else { "" });
            format!(
                "HTTP/1.1 {status} X\r\n{wait}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        }
    };
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// A folder of its own, gone with the test.
pub struct Place(PathBuf);

impl Place {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("doorward-agent-test-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// The state folder in it.
    pub fn state(&self) -> PathBuf {
        self.0.join("state")
    }
    /// The system in it, of a machine with these ids.
    pub fn system(&self, machine: &str) -> PathBuf {
        let root = self.0.join("system");
        for (file, text) in [
            ("etc/machine-id", format!("{machine}-id")),
            ("etc/hostname", machine.to_owned()),
        ] {
            let file = root.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        root
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
