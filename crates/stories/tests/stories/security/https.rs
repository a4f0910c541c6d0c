//! What holds only where the server speaks TLS itself: cookies that are bound to the host, and the word that it is never http again.
use ground::config::{Config, TlsFiles};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use world::{OWNER, PASSWORD, World};

/// A client that trusts the certificate of this story and keeps no cookies by itself.
struct Client {
    tls: TlsConnector,
    server: SocketAddr,
}

/// An answer: status, head, body.
struct Answer {
    code: u16,
    head: String,
    body: String,
}

impl Answer {
    fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }
    /// The cookie of ours as it is sent back, from the line that sets it.
    fn cookie(&self, short: &str) -> Option<&str> {
        let start = format!("__Host-doorward_{short}=");
        let line = self
            .all("set-cookie")
            .into_iter()
            .find(|line| line.starts_with(&start))?;
        line.split(';').next()
    }
    /// Every answer says that this host is https for ever; every cookie is of this host alone, by https alone.
    fn must_be_bound(&self, what: &str) {
        let hsts = self.all("strict-transport-security");
        assert_eq!(hsts, ["max-age=63072000; includeSubDomains"], "{what}");
        for line in self.all("set-cookie") {
            let parts: Vec<&str> = line.split("; ").collect();
            assert!(line.starts_with("__Host-doorward_"), "{what}: {line}");
            assert!(
                ["Secure", "HttpOnly", "Path=/"].iter().all(|part| parts.contains(part)),
                "{what}: {line}"
            );
            assert!(!line.to_ascii_lowercase().contains("domain="), "{what}: {line}");
        }
    }
}

impl Client {
    async fn ask(&self, method: &str, path: &str, cookies: &[&str], form: &str) -> Answer {
        let port = self.server.port();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: https://localhost:{port}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nCookie: {}\r\n\r\n{form}",
            form.len(),
            cookies.join("; ")
        );
        let stream = TcpStream::connect(self.server).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = self.tls.connect(name, stream).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).await.unwrap();
        let text = String::from_utf8(read).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let answer = Answer {
            code: head.get(9..12).unwrap().parse().unwrap(),
            head: head.into(),
            body: body.into(),
        };
        answer.must_be_bound(&format!("{method} {path}"));
        answer
    }
}

/// The same server, speaking TLS with a certificate that was made for it.
async fn over_tls(world: &World) -> Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = TlsFiles {
        cert: world.folder().join("cert.pem"),
        key: world.folder().join("key.pem"),
    };
    std::fs::write(&files.cert, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let server = world.addresses()[0];
    let serve = |config: &mut Config| {
        config.public_url = format!("https://localhost:{}", server.port()).parse().unwrap();
        config.tls = Some(files);
    };
    world.restart_with(serve).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(made.cert.der().to_vec())).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client {
        tls: TlsConnector::from(Arc::new(config)),
        server,
    }
}

world::stories! {
    async fn over_https_cookies_are_bound_to_the_host_and_every_answer_says_hsts(world) {
        world.with_owner().await;
        let client = over_tls(&world).await;
        let page = client.ask("GET", "/sign-in", &[], "").await;
        let flow = page.cookie("flow").expect("a flow").to_owned();
        assert_eq!(page.code, 200);
        let form = format!("email={OWNER}&password={}", PASSWORD.replace(' ', "+"));
        let wrong = client.ask("POST", "/sign-in", &[&flow], &format!("email={OWNER}&password=wrong")).await;
        assert_eq!(wrong.code, 422);
        let entered = client.ask("POST", "/sign-in", &[&flow], &form).await;
        assert_eq!((entered.code, entered.all("location")), (303, vec!["/app"]));
        let session = entered.cookie("session").expect("a session");
        assert!(entered.cookie("device").is_some());
        let me = client.ask("GET", "/api/v1/me", &[session], "").await;
        assert!(me.code == 200 && me.body.contains(OWNER), "{}", me.body);
        // The plain name is what http has: anybody beside this host could have set it.
        let plain = session.trim_start_matches("__Host-");
        assert_eq!(client.ask("GET", "/api/v1/me", &[plain], "").await.code, 401);
        for path in ["/no-such-path", "/app", "/healthz", "/assets/nothing.css"] {
            client.ask("GET", path, &[], "").await;
        }
        let out = client.ask("POST", "/sign-out", &[session], "").await;
        assert_eq!(out.code, 303);
        assert!(out.cookie("session").is_some_and(|cookie| cookie.ends_with('=')), "{}", out.head);
        assert_eq!(client.ask("GET", "/api/v1/me", &[session], "").await.code, 401);
    }
}
