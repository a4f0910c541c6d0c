//! The server over real sockets: limits, slow senders, the orderly end.
use super::Server;
use crate::middleware::tests::Small;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// A running server on a port of its own.
struct Running {
    house: Small,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<bool>,
}

impl Running {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let house = Small::house(|config| config.public_url = format!("http://{address}").parse().unwrap());
        let server = Server::on(&house.ground.config, vec![listener]).unwrap();
        let (stop, stopped) = oneshot::channel();
        let router = house.router.clone();
        let ended = tokio::spawn(server.run(router, async move {
            let _ = stopped.await;
        }));
        Self {
            house,
            address,
            stop,
            ended,
        }
    }
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
    fn request(&self, method: &str, path: &str, more: &str) -> String {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nOrigin: http://{}\r\n{more}\r\n",
            self.address, self.address
        )
    }
    /// Sends, and reads until the server closes or has been silent for a second.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        let _ = stream.write_all(bytes).await;
        read(&mut stream).await
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let (mut all, mut part) = (Vec::new(), vec![0; 65_536]);
    while let Ok(Ok(n @ 1..)) = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut part)).await {
        all.extend_from_slice(&part[..n]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test]
async fn requests_are_answered_one_after_the_other_on_one_connection() {
    let server = Running::start().await;
    let two = server.request("GET", "/app", "") + &server.request("GET", "/healthz", "Connection: close\r\n");
    let answers = server.exchange(two.as_bytes()).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(answers.contains("home") && answers.ends_with("ok"));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_read_away_and_answered() {
    let server = Running::start().await;
    let mut large = server
        .request("POST", "/app", "Content-Length: 1000000\r\nConnection: close\r\n")
        .into_bytes();
    large.extend(vec![b'x'; 1_000_000]);
    assert!(server.exchange(&large).await.starts_with("HTTP/1.1 413 "));
    let mut chunks = server
        .request("POST", "/app", "Transfer-Encoding: chunked\r\nConnection: close\r\n")
        .into_bytes();
    for _ in 0..200 {
        chunks.extend_from_slice(b"1000\r\n");
        chunks.extend(vec![b'x'; 0x1000]);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    assert!(server.exchange(&chunks).await.starts_with("HTTP/1.1 413 "));
    let waiting = server.request("POST", "/app", "Content-Length: 99999999\r\nExpect: 100-continue\r\n");
    assert!(server.exchange(waiting.as_bytes()).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn broken_requests_never_reach_a_page() {
    let server = Running::start().await;
    let host = server.address;
    for (text, status) in [
        ("GET /app HTTP/1.1\r\n\r\n".to_owned(), "400"),
        (
            format!("GET /app HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n"),
            "400",
        ),
        (
            format!("GET http://evil.example/app HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            "421",
        ),
        (
            format!("GET /app HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
            "400",
        ),
        (format!("GET /app HTTP/1.1\r\nHost: {host}\r\nX: a\rb\r\n\r\n"), "400"),
        (format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n"), "405"),
        (
            format!("TRACE /app HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\r\n"),
            "405",
        ),
        (
            format!("GET /app HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "x".repeat(20_000)),
            "431",
        ),
        (
            format!("GET /app HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "x".repeat(40_000)),
            "431",
        ),
        ("nonsense\r\n\r\n".to_owned(), "400"),
    ] {
        let answer = server.exchange(text.as_bytes()).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{}: {answer}",
            text.get(..80).unwrap_or(&text)
        );
    }
}

#[tokio::test]
async fn slow_senders_are_cut_and_others_are_served_meanwhile() {
    let server = Running::start().await;
    let begun = Instant::now();
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET /app HTTP/1.1\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    let asked = server.request("GET", "/app", "Connection: close\r\n");
    assert!(server.exchange(asked.as_bytes()).await.ends_with("home"));
    for mut stream in slow {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "still open after {:?}", begun.elapsed());
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stop_lets_what_is_in_progress_end_and_takes_nothing_new() {
    let server = Running::start().await;
    let mut idle = server.connect().await;
    idle.write_all(server.request("GET", "/app", "").as_bytes())
        .await
        .unwrap();
    let mut part = [0; 4096];
    assert!(idle.read(&mut part).await.unwrap() > 0);
    let mut busy = server.connect().await;
    busy.write_all(server.request("POST", "/app", "Content-Length: 3\r\n").as_bytes())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody new");
    busy.write_all(b"abc").await.unwrap();
    assert!(read(&mut busy).await.starts_with("HTTP/1.1 200 OK"));
    assert!(server.ended.await.unwrap(), "all ended in time");
    drop(server.house);
}
