//! Which addresses are read, and which are spoken to.
use super::*;
use tokio::net::TcpListener;

#[test]
fn an_address_is_read_as_a_browser_would() {
    for (text, place, host, port) in [
        (
            "https://siem.example.org/in?token=abc",
            "https://siem.example.org",
            "siem.example.org",
            443,
        ),
        (
            "https://siem.example.org:8443/",
            "https://siem.example.org:8443",
            "siem.example.org",
            8443,
        ),
        ("http://10.1.2.3/hook", "http://10.1.2.3", "10.1.2.3", 80),
        ("http://0x7f.1/hook", "http://127.0.0.1", "127.0.0.1", 80),
        ("https://[::1]:9/", "https://[::1]:9", "::1", 9),
        (
            "syslog+tls://log.example.org",
            "syslog+tls://log.example.org:6514",
            "log.example.org",
            6514,
        ),
        (
            "syslog+tcp://10.0.0.9:514",
            "syslog+tcp://10.0.0.9:514",
            "10.0.0.9",
            514,
        ),
        ("syslog+tcp://10.0.0.9:80", "syslog+tcp://10.0.0.9:80", "10.0.0.9", 80),
    ] {
        let target = Target::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(
            (target.place().as_str(), target.host.as_str(), target.port),
            (place, host, port)
        );
    }
}

#[test]
fn what_is_no_far_end_is_refused() {
    for text in [
        "",
        "siem.example.org",
        "ftp://siem.example.org/",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@siem.example.org/",
        "https://siem.example.org/#part",
        "https://siem.example.org/ two",
        "syslog+tls://log.example.org/path",
        "syslog+tls://log.example.org?x=1",
        "syslog://log.example.org",
        "javascript:alert(1)",
    ] {
        assert_eq!(Target::parse(text), None, "{text}");
    }
}

fn outward(networks: &[&str]) -> Outward {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut config = Config::defaults_in("nowhere".into());
    config.activity_networks = networks.iter().map(|network| network.parse().unwrap()).collect();
    Outward::new(&config)
}

#[tokio::test]
async fn inner_networks_are_not_spoken_to_by_address_or_by_name() {
    let outward = outward(&[]);
    for url in [
        "https://127.0.0.1:9/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://localhost:9/",
        "http://localhost:9/",
        "http://93.184.215.14/",
    ] {
        let said = outward.post(&Target::parse(url).unwrap(), &[], "{}".into()).await;
        assert!(
            said.as_ref().is_err_and(|said| said.contains("inner network")),
            "{url}: {said:?}"
        );
    }
    for url in [
        "syslog+tls://127.0.0.1:9",
        "syslog+tcp://localhost:9",
        "syslog+tcp://93.184.215.14:601",
    ] {
        let said = outward.send(&Target::parse(url).unwrap(), b"x").await;
        assert!(
            said.as_ref().is_err_and(|said| said.contains("inner network")),
            "{url}: {said:?}"
        );
    }
}

#[tokio::test]
async fn a_network_that_the_operator_named_is_spoken_to_and_no_redirect_is_followed() {
    let outward = outward(&["127.0.0.0/8"]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = vec![0; 4_096];
        let _ = stream.read(&mut heard).await.unwrap();
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 2\r\n\r\nno";
        stream.write_all(answer.as_bytes()).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.unwrap();
        heard
    });
    let to = Target::parse(&format!("http://127.0.0.1:{port}/hook")).unwrap();
    let answer = outward.post(&to, &[("x-mark", "1".into())], "{}".into()).await.unwrap();
    assert_eq!((answer.status, answer.said.as_str()), (302, "no"));
    let to = Target::parse(&format!("syslog+tcp://127.0.0.1:{port}")).unwrap();
    outward.send(&to, b"3 abc").await.unwrap();
    assert_eq!(serving.await.unwrap(), b"3 abc");
}
