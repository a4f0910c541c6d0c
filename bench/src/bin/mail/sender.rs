//! A client that does nothing but hand over the same bytes again and again, on as many lines as the product uses. What it reaches is what the
//! server can take.
use anyhow::{Context, Result, ensure};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinSet,
};

/// Lines of the product to a relay.
const LINES: u32 = 4;

/// Sends so many and tells how long that took.
pub async fn send(at: SocketAddr, messages: u32, mail: Vec<u8>) -> Result<Duration> {
    let (left, mail) = (Arc::new(AtomicU32::new(messages)), Arc::new(mail));
    let began = Instant::now();
    let mut lines = JoinSet::new();
    for _ in 0..LINES {
        lines.spawn(line(at, left.clone(), mail.clone()));
    }
    for line in lines.join_all().await {
        line?;
    }
    Ok(began.elapsed())
}

async fn line(at: SocketAddr, left: Arc<AtomicU32>, mail: Arc<Vec<u8>>) -> Result<()> {
    let stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    let mut line = BufReader::new(stream);
    answer(&mut line, "220").await?;
    say(&mut line, b"EHLO bench.example.org\r\n", "250").await?;
    let one_less = |left: u32| left.checked_sub(1);
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_ok()
    {
        say(&mut line, b"MAIL FROM:<door@example.org>\r\n", "250").await?;
        say(&mut line, b"RCPT TO:<person@example.org>\r\n", "250").await?;
        say(&mut line, b"DATA\r\n", "354").await?;
        line.get_mut().write_all(&mail).await?;
        say(&mut line, b".\r\n", "250").await?;
    }
    say(&mut line, b"QUIT\r\n", "221").await
}

async fn say(line: &mut BufReader<TcpStream>, words: &[u8], wanted: &str) -> Result<()> {
    line.get_mut().write_all(words).await?;
    answer(line, wanted).await
}

/// Reads an answer to its last line (RFC 5321, 4.2.1).
async fn answer(line: &mut BufReader<TcpStream>, wanted: &str) -> Result<()> {
    loop {
        let mut text = String::new();
        line.read_line(&mut text).await?;
        let (code, rest) = text.split_at_checked(3).context("the line was cut")?;
        ensure!(code == wanted, "{text:?} instead of {wanted}");
        if !rest.starts_with('-') {
            return Ok(());
        }
    }
}
