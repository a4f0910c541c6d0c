//! Requests that no well-behaved client sends: bytes to the port, bytes back. For spellings of paths, lying lengths, broken headers.
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What came back for raw bytes.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status; 0 where the server answered nothing that looks like HTTP.
    pub code: u16,
    /// Status line and headers.
    pub head: String,
    /// What follows them.
    pub body: String,
}

impl Answer {
    /// A header's value, without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }
}

/// Sends the bytes and reads until the server closes, or has answered whole and says that it will, or for five seconds.
pub async fn exchange(server: SocketAddr, bytes: &[u8]) -> Answer {
    parsed(&self::bytes(server, bytes).await)
}

/// The same, as it came.
pub(crate) async fn bytes(server: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut read = Vec::new();
    let talk = async {
        let mut stream = TcpStream::connect(server).await?;
        // A server that refuses early may close while we still write: what it said counts.
        let written = stream.write_all(bytes).await;
        let mut part = vec![0; 16_384];
        loop {
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => break,
                Ok(n) => read.extend_from_slice(&part[..n]),
            }
            if is_last(&read) {
                break;
            }
        }
        written
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), talk).await;
    read
}

/// Whether this is an answer of known length, whole, after which the connection ends.
fn is_last(read: &[u8]) -> bool {
    let answer = parsed(read);
    let length = answer.header("content-length").and_then(|length| length.parse().ok());
    answer.header("connection") == Some("close") && length.is_some_and(|length: usize| answer.body.len() >= length)
}

fn parsed(read: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(read).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let code = head
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    Answer {
        code,
        head: head.into(),
        body: body.into(),
    }
}
