//! Listens for bounces (LMTP, RFC 2033; a server that only speaks SMTP is answered likewise). For `mail.bounces_listen`.
//! It takes mail for addresses of our own messages only, and keeps nothing of it but the reporting server's words.
use super::{bounce, mime::message_of, store};
use crate::{Ground, db};
use kernel::MessageId;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

/// Lines open at the same time; more wait.
const MOST_LINES: usize = 32;
/// The longest line and the largest report that is read.
const LONGEST_LINE: u64 = 4_096;
const LARGEST: usize = 1_048_576;
/// Whoever says nothing for so long is left.
const SILENCE: Duration = Duration::from_mins(1);
/// Nobody talks to us longer than this.
const LONGEST_TALK: Duration = Duration::from_mins(10);
const MOST_RECIPIENTS: usize = 16;

/// Listens until it is dropped.
pub(super) async fn listen(ground: Ground, address: SocketAddr) {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%address, %error, "mail.bounces_listen cannot be listened on; bounces are not seen until a restart");
            return;
        }
    };
    serve(ground, listener).await;
}

pub(super) async fn serve(ground: Ground, listener: TcpListener) {
    let lines = Arc::new(Semaphore::new(MOST_LINES));
    while let Ok(permit) = lines.clone().acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let ground = ground.clone();
                tokio::spawn(async move {
                    let _ = timeout(LONGEST_TALK, talk(&ground, stream)).await;
                    drop(permit);
                });
            }
            // Out of file handles, or a peer that has gone: the next one may do.
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}

async fn talk(ground: &Ground, mut stream: TcpStream) -> std::io::Result<()> {
    let (reading, mut out) = stream.split();
    let mut lines = BufReader::new(reading);
    say(&mut out, "220 Doorward takes bounces").await?;
    let mut about: Vec<MessageId> = Vec::new();
    let mut is_lmtp = false;
    while let Some(line) = line(&mut lines).await? {
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "LHLO" => {
                is_lmtp = true;
                say(
                    &mut out,
                    "250-doorward\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1048576",
                )
                .await?;
            }
            "EHLO" | "HELO" => say(&mut out, "250 doorward").await?,
            "MAIL" | "RSET" => {
                about.clear();
                say(&mut out, "250 2.0.0 ok").await?;
            }
            "RCPT" => {
                let answer = recipient(ground, rest, &mut about).await;
                say(&mut out, answer).await?;
            }
            "DATA" if about.is_empty() => say(&mut out, "503 5.5.1 no recipient").await?,
            "DATA" => {
                say(&mut out, "354 go on").await?;
                let Some(mail) = mail(&mut lines).await? else {
                    return say(&mut out, "552 5.3.4 too large").await;
                };
                let answer = take(ground, &about, &mail).await;
                for _ in 0..if is_lmtp { about.len() } else { 1 } {
                    say(&mut out, answer).await?;
                }
                about.clear();
            }
            "NOOP" => say(&mut out, "250 2.0.0 ok").await?,
            "QUIT" => return say(&mut out, "221 2.0.0 bye").await,
            _ => say(&mut out, "502 5.5.2 not here").await?,
        }
    }
    Ok(())
}

async fn say(out: &mut (impl AsyncWrite + Unpin), words: &str) -> std::io::Result<()> {
    out.write_all(format!("{words}\r\n").as_bytes()).await
}

/// A line without its end; none at the end of the line, or of patience.
async fn line(from: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<String>> {
    let Some(bytes) = raw_line(from).await? else {
        return Ok(None);
    };
    Ok(Some(String::from_utf8_lossy(&bytes).trim_end().to_owned()))
}

async fn raw_line(from: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut bounded = from.take(LONGEST_LINE);
    let read = timeout(SILENCE, bounded.read_until(b'\n', &mut bytes)).await;
    match read {
        Ok(Ok(count)) if count > 0 && (bytes.ends_with(b"\n") || count as u64 == LONGEST_LINE) => Ok(Some(bytes)),
        Ok(Ok(_)) | Err(_) => Ok(None),
        Ok(Err(error)) => Err(error),
    }
}

/// The mail up to its lone full stop; none where it is too large or breaks off.
async fn mail(from: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    while let Some(line) = raw_line(from).await? {
        if line == b".\r\n" || line == b".\n" {
            return Ok(Some(mail));
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        if mail.len() > LARGEST {
            return Ok(None);
        }
    }
    Ok(None)
}

async fn recipient(ground: &Ground, rest: &str, about: &mut Vec<MessageId>) -> &'static str {
    const UNKNOWN: &str = "550 5.1.1 no message of ours has this address";
    if about.len() >= MOST_RECIPIENTS {
        return "452 4.5.3 too many recipients";
    }
    let address = rest
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map(|(address, _)| address);
    let Some(id) = address.and_then(message_of) else {
        return UNKNOWN;
    };
    match ground.store.read(move |view| store::is_known(view, id)).await {
        Ok(true) => {
            about.push(id);
            "250 2.1.5 ok"
        }
        Ok(false) => UNKNOWN,
        Err(_) => "451 4.3.0 try again later",
    }
}

async fn take(ground: &Ground, about: &[MessageId], mail: &[u8]) -> &'static str {
    let Some(report) = bounce::read(mail) else {
        return "250 2.0.0 ok, though no report of a failure";
    };
    let (about, now) = (about.to_vec(), ground.now());
    let written = ground
        .store
        .write(move |tx| {
            for id in &about {
                if report.is_final {
                    store::bounce(tx, None, *id, &report.said, now)?;
                } else {
                    store::note(tx, *id, "delayed", &report.said, now)?;
                }
            }
            Ok::<_, db::Error>(())
        })
        .await;
    match written {
        Ok(()) => "250 2.0.0 ok",
        Err(_) => "451 4.3.0 try again later",
    }
}
