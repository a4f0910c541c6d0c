//! What TLS would cost the server if no proxy ended it: the same small answer over connections of their own, plain and by TLS 1.3.
use crate::{say, start, swarm::exchange};
use anyhow::{Context, Result, ensure};
use bench::{child::Child, place::Place};
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::Runtime,
};
use tokio_rustls::TlsConnector;

const TIMES: u32 = 1_000;

/// Measures it.
pub fn measure(runtime: &Runtime, program: &Path) -> Result<()> {
    let plain = of_plain(runtime, program)?;
    let with = of_tls(runtime, program)?;
    say(&format!(
        "A connection of its own with one small answer: {plain:.0} µs of the server's processor plain, {with:.0} µs with a full TLS 1.3 handshake; TLS costs {:.0} µs each.",
        with - plain
    ))
}

fn of_plain(runtime: &Runtime, program: &Path) -> Result<f64> {
    let place = Place::new(None)?;
    let server = start(runtime, program, &place, &[])?;
    let port = place.port();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    let spent = runtime.block_on(async {
        let before = server.cpu()?;
        for _ in 0..TIMES {
            ensure!(
                exchange(port, request.as_bytes()).await?.status == 200,
                "it is not healthy"
            );
        }
        Ok::<_, anyhow::Error>(server.cpu()?.saturating_sub(before))
    })?;
    Child::stop(server)?;
    Ok(each(spent))
}

fn of_tls(runtime: &Runtime, program: &Path) -> Result<f64> {
    let place = Place::new(None)?;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let (cert, key) = (place.folder().join("cert.pem"), place.folder().join("key.pem"));
    std::fs::write(&cert, made.cert.pem())?;
    std::fs::write(&key, made.signing_key.serialize_pem())?;
    let more = [
        ("DOORWARD_PUBLIC_URL", format!("https://localhost:{}", place.port())),
        ("DOORWARD_TLS__CERT", cert.display().to_string()),
        ("DOORWARD_TLS__KEY", key.display().to_string()),
    ];
    let server = start(runtime, program, &place, &more)?;
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    // Each handshake is a full one, as of agents that come once a minute.
    config.resumption = rustls::client::Resumption::disabled();
    let connector = TlsConnector::from(Arc::new(config));
    let port = place.port();
    let spent = runtime.block_on(async {
        let mut tries = 0;
        while once(&connector, port).await.is_err() {
            tries += 1;
            ensure!(tries < 300, "the server gave no answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let before = server.cpu()?;
        for _ in 0..TIMES {
            once(&connector, port).await?;
        }
        Ok::<_, anyhow::Error>(server.cpu()?.saturating_sub(before))
    })?;
    Child::stop(server)?;
    Ok(each(spent))
}

async fn once(connector: &TlsConnector, port: u16) -> Result<()> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let mut stream = connector.connect(ServerName::try_from("localhost")?, stream).await?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await?;
    let status = read.get(9..12).context("an answer that breaks off")?;
    ensure!(status == b"200", "it is not healthy");
    Ok(())
}

fn each(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1_000_000.0 / f64::from(TIMES)
}
