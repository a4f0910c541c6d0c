//! A wire between agents and the first node that can be cut: it passes requests on whole, and loses answers where a story says so.
use crate::raw;
use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
};

/// The wire. Cut with its value.
pub struct Wire {
    faults: Arc<Mutex<Faults>>,
    passing: JoinHandle<()>,
}

#[derive(Default)]
struct Faults {
    lose: Vec<(String, u32)>,
    down: bool,
    passed: Vec<String>,
}

impl Wire {
    /// Takes what comes in here, and passes it on to this server.
    pub(crate) fn start(listener: TcpListener, server: SocketAddr) -> Self {
        let faults = Arc::<Mutex<Faults>>::default();
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        let held = faults.clone();
        let passing = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, held.clone()));
            }
        });
        Self { faults, passing }
    }
    fn faults<T>(&self, look: impl FnOnce(&mut Faults) -> T) -> T {
        look(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// Loses the answers of the next so many requests to this path.
    pub fn lose(&self, path: &str, count: u32) {
        self.faults(|faults| faults.lose.push((path.into(), count)));
    }
    /// Lets nothing through, or again everything.
    pub fn cut(&self, is_cut: bool) {
        self.faults(|faults| faults.down = is_cut);
    }
    /// The requests that were passed on so far: `METHOD PATH`.
    pub fn passed(&self) -> Vec<String> {
        self.faults(|faults| faults.passed.clone())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.passing.abort();
    }
}

impl Faults {
    /// Whether this request gets through, and whether its answer does.
    fn judge(&mut self, request: &[u8]) -> (bool, bool) {
        let text = String::from_utf8_lossy(request);
        let line = text.lines().next().unwrap_or_default();
        let what = line.rsplit_once(' ').map_or(line, |(what, _)| what).to_owned();
        if self.down {
            return (false, false);
        }
        let found = self
            .lose
            .iter_mut()
            .find(|(path, left)| *left > 0 && what.ends_with(path.as_str()));
        let is_lost = found.map(|(_, left)| *left -= 1).is_some();
        self.passed.push(what);
        (true, !is_lost)
    }
}

/// One request: the connection ends after it, so that each is judged.
async fn pass(mut client: TcpStream, server: SocketAddr, faults: Arc<Mutex<Faults>>) {
    let Some(request) = request(&mut client).await else {
        return;
    };
    let (goes_on, comes_back) = faults.lock().unwrap_or_else(PoisonError::into_inner).judge(&request);
    if !goes_on {
        return;
    }
    let answer = raw::bytes(server, &closing(&request)).await;
    if comes_back {
        let _ = client.write_all(&answer).await;
        let _ = client.shutdown().await;
    }
}

/// A request of known length, whole.
async fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut read, mut part) = (Vec::new(), vec![0; 16_384]);
    loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..at]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if read.len() >= at + 4 + length.unwrap_or(0) {
                return Some(read);
            }
        }
        match client.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => read.extend_from_slice(&part[..n]),
        }
    }
}

/// The same request, after which the server ends the connection.
fn closing(request: &[u8]) -> Vec<u8> {
    let end = request.windows(2).position(|two| two == b"\r\n").unwrap_or(0);
    let at = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(end);
    let head = String::from_utf8_lossy(&request[..at]).into_owned();
    let kept: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"))
        .collect();
    let mut whole = format!("{}\r\nConnection: close", kept.join("\r\n")).into_bytes();
    whole.extend_from_slice(&request[at..]);
    whole
}
