//! A small HTTP/1.1 client of our own: one connection, one request at a time, as a browser behind a proxy would send it. For the clients and the checks.
//! Must never happen: an answer that counts as read before its last byte came; a request that was sent counted as one that was not.
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Longer than any answer of the server, which itself gives up sooner.
const PATIENCE: Duration = Duration::from_secs(20);
/// No answer of ours is longer.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// An answer, read to its end.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A header's first value.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }
    /// The value that a cookie was set to; none where it was not set, or removed.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.iter().filter(|(key, _)| key == "set-cookie");
        let pairs = set.filter_map(|(_, value)| value.split(';').next()?.split_once('='));
        pairs
            .filter(|(key, value)| *key == name && !value.is_empty())
            .map(|(_, value)| value.to_owned())
            .next()
    }
    /// A text in the JSON of the body, by its pointer (RFC 6901); empty where there is none.
    pub fn text(&self, pointer: &str) -> String {
        self.json()
            .pointer(pointer)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// What came of a request.
#[derive(Debug)]
pub enum Outcome {
    /// An answer, whole.
    Answered(Answer),
    /// It never left: nothing can have happened.
    NotSent,
    /// It left, and no whole answer came back.
    Unknown(String),
}

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    method: &'static str,
    path: String,
    cookies: Vec<(&'static str, String)>,
    body: Option<(&'static str, String)>,
}

impl Request {
    /// Without body and cookies.
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            ..Self::default()
        }
    }
    /// A form.
    pub fn form(path: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let body = serde_urlencoded::to_string(fields).unwrap_or_default();
        Self {
            body: Some(("application/x-www-form-urlencoded", body)),
            ..Self::new("POST", path)
        }
    }
    /// With JSON.
    #[must_use]
    pub fn json(mut self, value: &serde_json::Value) -> Self {
        self.body = Some(("application/json", value.to_string()));
        self
    }
    /// Whether it may be asked again without harm.
    pub fn only_reads(&self) -> bool {
        self.method == "GET"
    }
    /// With a cookie.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.cookies.push((name, value.into()));
        self
    }
}

/// One browser's line to the server.
pub struct Line {
    server: SocketAddr,
    origin: String,
    network: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Line {
    /// To this address, which stands for `origin`, from this network (the server trusts us as its proxy).
    pub fn new(server: SocketAddr, origin: &str, network: &str) -> Self {
        Self {
            server,
            origin: origin.to_owned(),
            network: network.to_owned(),
            stream: None,
        }
    }
    /// The same browser, seen from another network.
    pub fn move_to(&mut self, network: String) {
        self.network = network;
    }
    /// From now on to another address.
    pub fn lead_to(&mut self, server: SocketAddr) {
        self.server = server;
        self.hang_up();
    }
    /// Ends the connection; the next request makes a new one. What the other side closed meanwhile would look like a broken answer.
    pub fn hang_up(&mut self) {
        self.stream = None;
    }

    /// Asks, and reads the whole answer.
    pub fn ask(&mut self, request: &Request) -> Outcome {
        let Some(mut stream) = self.stream.take().or_else(|| self.connect()) else {
            return Outcome::NotSent;
        };
        let text = self.text(request);
        match stream
            .get_mut()
            .write_all(text.as_bytes())
            .and_then(|()| read(&mut stream))
        {
            Ok((answer, stays_open)) => {
                self.stream = stays_open.then_some(stream);
                Outcome::Answered(answer)
            }
            Err(error) => Outcome::Unknown(error.to_string()),
        }
    }
    fn connect(&self) -> Option<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.server, PATIENCE).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        Some(BufReader::new(stream))
    }
    fn text(&self, request: &Request) -> String {
        use std::fmt::Write as _;
        let host = self.origin.trim_start_matches("http://");
        let Request { method, path, .. } = request;
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: {}\r\n",
            self.network
        );
        let cookies: Vec<String> = request
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            let _ = write!(text, "Cookie: {}\r\n", cookies.join("; "));
        }
        if *method != "GET" {
            let _ = write!(text, "Origin: {}\r\n", self.origin);
        }
        let (kind, body) = request
            .body
            .as_ref()
            .map_or(("", ""), |(kind, body)| (*kind, body.as_str()));
        if !kind.is_empty() {
            let _ = write!(text, "Content-Type: {kind}\r\n");
        }
        if *method != "GET" {
            let _ = write!(text, "Content-Length: {}\r\n", body.len());
        }
        text + "\r\n" + body
    }
}

fn broken(words: &str) -> std::io::Error {
    std::io::Error::other(words.to_owned())
}

/// One answer (RFC 9112), and whether the connection stays open.
fn read(stream: &mut BufReader<TcpStream>) -> std::io::Result<(Answer, bool)> {
    let first = line(stream)?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| broken("no status line"))?;
    let mut answer = Answer {
        status,
        ..Answer::default()
    };
    loop {
        let header = line(stream)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or_else(|| broken("a broken header"))?;
        answer
            .headers
            .push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut body = Vec::new();
    if answer.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
        read_chunks(stream, &mut body)?;
    } else if let Ok(length) = answer.header("content-length").parse::<u64>() {
        read_exactly(stream, length, &mut body)?;
    } else if status != 204 && status != 304 {
        return Err(broken("an answer without a length"));
    }
    answer.body = String::from_utf8_lossy(&body).into_owned();
    let stays_open = !answer.header("connection").eq_ignore_ascii_case("close");
    Ok((answer, stays_open))
}

fn read_chunks(stream: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let size = line(stream)?;
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
            .map_err(|_| broken("a broken chunk"))?;
        read_exactly(stream, size, body)?;
        line(stream)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn read_exactly(stream: &mut BufReader<TcpStream>, length: u64, body: &mut Vec<u8>) -> std::io::Result<()> {
    if length > MOST_BYTES {
        return Err(broken("an answer too long"));
    }
    let read = stream.take(length).read_to_end(body)?;
    if read as u64 == length {
        Ok(())
    } else {
        Err(broken("the answer was cut off"))
    }
}

fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut text = String::new();
    let read = stream.take(65_536).read_line(&mut text)?;
    if read == 0 || !text.ends_with('\n') {
        return Err(broken("the connection ended"));
    }
    Ok(text.trim_end().to_owned())
}
