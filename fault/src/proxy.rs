//! The control: a proxy that answers some writes with success at once and passes them on 50 ms later, in their order. A server that acknowledged
//! before its commit would look like this, so the checker must see losses behind it; else what it says about the real server is worth nothing.
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

/// Between the answer and the write.
const LIES_FOR: Duration = Duration::from_millis(50);

/// Starts the proxy before this server; it lives as long as the process. Answers its address.
pub fn start(server: SocketAddr) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            // A connection that breaks is what a fault looks like from here.
            std::thread::spawn(move || drop(pass(&client, server)));
        }
    });
    Ok(address)
}

/// One connection: request after request. Ends with either side.
fn pass(client: &TcpStream, server: SocketAddr) -> std::io::Result<()> {
    let upstream = TcpStream::connect(server)?;
    upstream.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (mut from_client, mut from_server) = (BufReader::new(client), BufReader::new(&upstream));
    loop {
        let request = message(&mut from_client)?;
        let canned = canned(&request);
        if let Some(answer) = canned {
            let mut back = client;
            back.write_all(answer.as_bytes())?;
            std::thread::sleep(LIES_FOR);
        }
        let mut on = &upstream;
        on.write_all(&request)?;
        let answer = message(&mut from_server)?;
        if canned.is_none() {
            let mut back = client;
            back.write_all(&answer)?;
        }
    }
}

/// The success that these writes are told before they happen. What needs the server's own answer is passed on as it is.
fn canned(request: &[u8]) -> Option<&'static str> {
    let is = |start: &str| request.starts_with(start.as_bytes());
    if is("PATCH /api/v1/me ") {
        return Some("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
    }
    if is("DELETE /api/v1/me/sessions") {
        return Some("HTTP/1.1 204 No Content\r\n\r\n");
    }
    is("POST /sign-out ").then_some("HTTP/1.1 303 See Other\r\nlocation: /sign-in\r\ncontent-length: 0\r\n\r\n")
}

/// A whole message with a length, or with none and no body: all that passes here.
fn message(from: &mut impl std::io::BufRead) -> std::io::Result<Vec<u8>> {
    let (mut whole, mut length) = (Vec::new(), 0);
    loop {
        let mut line = Vec::new();
        if from.by_ref().take(65_536).read_until(b'\n', &mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&line).to_ascii_lowercase();
        if let Some(value) = text.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        whole.extend_from_slice(&line);
        if text.trim().is_empty() {
            break;
        }
    }
    let read = from.by_ref().take(length).read_to_end(&mut whole)?;
    if read as u64 == length {
        Ok(whole)
    } else {
        Err(std::io::ErrorKind::UnexpectedEof.into())
    }
}
