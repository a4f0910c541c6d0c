//! A gateway for text messages by script. For the tests here and for the stories.
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Takes the request and never answers.
pub const HANGS: &str = "hangs";

/// Answers every request with the words it was last given; an empty answer is none at all. Keeps what was asked.
pub struct Gateway {
    pub at: SocketAddr,
    answer: Arc<Mutex<&'static str>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = Self {
            at: listener.local_addr().unwrap(),
            answer: Arc::default(),
            asked: Arc::default(),
        };
        let (answer, asked) = (gateway.answer.clone(), gateway.asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, asked) = (answer.clone(), asked.clone());
                tokio::spawn(async move {
                    let request = request(&mut stream).await;
                    asked.lock().unwrap().push(request);
                    let words = *answer.lock().unwrap();
                    if words == HANGS {
                        tokio::time::sleep(Duration::from_mins(1)).await;
                    }
                    let _ = stream.write_all(words.as_bytes()).await;
                });
            }
        });
        gateway
    }
    pub fn says(&self, answer: &'static str) {
        *self.answer.lock().unwrap() = answer;
    }
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse::<usize>()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}

async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 16_384];
    let mut text = String::new();
    while !is_whole(&text) {
        match stream.read(&mut bytes).await {
            Ok(count) if count > 0 => text.push_str(&String::from_utf8_lossy(&bytes[..count])),
            _ => break,
        }
    }
    text
}
