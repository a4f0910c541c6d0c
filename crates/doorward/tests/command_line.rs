//! The program as an operator's script meets it: what it prints, where, and with which exit code.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a step of a test that fails is a test that fails"
)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// A folder of its own for each test; the program runs in it.
struct Desk(PathBuf);

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Desk {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "doorward-desk-{}-{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command.args(arguments).current_dir(&self.0).env_clear();
        command
    }
    fn run(&self, arguments: &[&str]) -> Told {
        self.run_with(arguments, "")
    }
    fn run_with(&self, arguments: &[&str], stdin: &str) -> Told {
        let mut command = self.program(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        child.wait_with_output().unwrap().into()
    }
}

struct Told {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

const OWNER: [&str; 8] = [
    "owner",
    "create",
    "--email",
    "ana@example.org",
    "--name",
    "Ana",
    "--organisation",
    "Example",
];
const PASSWORD: &str = "brass lantern under quiet water\n";

#[test]
fn a_typing_slip_is_wrong_use_and_names_its_place() {
    let desk = Desk::new();
    std::fs::write(desk.0.join("doorward.toml"), "# ours\nlistne = '127.0.0.1:1'\n").unwrap();
    let told = desk.run(&["serve"]);
    assert_eq!(told.code, 2);
    assert!(
        told.err.starts_with("doorward: doorward.toml, line 2, key listne: "),
        "{}",
        told.err
    );
    assert_eq!(told.err.lines().count(), 1);
    let check = desk.run(&["check"]);
    assert_eq!((check.code, check.err.as_str()), (1, ""));
    assert!(
        check.out.starts_with("BAD   configuration  doorward.toml, line 2"),
        "{}",
        check.out
    );
    assert_eq!(desk.run(&["serv"]).code, 2);
    assert_eq!(desk.run(&[]).code, 2);
    let version = desk.run(&["--version"]);
    assert_eq!(
        (version.code, version.out.as_str()),
        (0, concat!("doorward ", env!("CARGO_PKG_VERSION"), "\n"))
    );
}

#[test]
fn looking_leaves_nothing_behind() {
    let desk = Desk::new();
    for arguments in [&["person", "list"][..], &["audit", "verify"], &["migrate", "--dry-run"]] {
        let told = desk.run(arguments);
        assert_eq!(
            (told.code, told.err.lines().count()),
            (1, 1),
            "{arguments:?}: {}",
            told.err
        );
    }
    assert_eq!(desk.run(&["check"]).code, 0);
    let routes = desk.run(&["routes", "--json"]);
    assert!(
        routes.code == 0 && routes.out.contains("\"path\": \"/sign-in\""),
        "{}",
        routes.err
    );
    assert_eq!(std::fs::read_dir(&desk.0).unwrap().count(), 0);
}

#[test]
fn there_is_one_first_owner() {
    let desk = Desk::new();
    let link = desk.run(&["setup-link"]);
    assert!(
        link.code == 0 && link.out.starts_with("set-up link: http://localhost:8080/setup?token="),
        "{}",
        link.err
    );
    let weak = desk.run_with(&OWNER, "short\n");
    assert_eq!((weak.code, weak.err.lines().count()), (1, 1), "{}", weak.err);
    assert_eq!(desk.run_with(&OWNER, "").code, 2, "no password");
    let made = desk.run_with(&OWNER, PASSWORD);
    assert_eq!(made.code, 0, "{}", made.err);
    assert!(!made.out.contains("lantern"));
    for again in [desk.run_with(&OWNER, PASSWORD), desk.run(&["setup-link"])] {
        assert_eq!(
            (again.code, again.out.as_str(), again.err.lines().count()),
            (1, "", 1),
            "{}",
            again.err
        );
    }
    let people = desk.run(&["person", "list", "--json"]);
    assert!(people.out.contains("\"email\": \"ana@example.org\"") && people.out.contains("\"state\": \"active\""));
    assert_eq!(desk.run(&["person", "unlock", "ANA@example.org"]).code, 0);
    assert_eq!(desk.run(&["person", "sign-out", "nobody@example.org"]).code, 1);
}

/// A server on a free port. Killed when dropped.
struct Serving {
    child: Child,
    address: String,
    link: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(desk: &Desk) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://localhost:{}", free.port());
        let mut command = desk.program(&["serve", "--listen", &free.to_string(), "--public-url", &url]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut link = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut link)
            .unwrap();
        assert!(link.starts_with(&format!("set-up link: {url}/setup?token=")), "{link}");
        Self {
            child,
            address: free.to_string(),
            link,
        }
    }
    fn get(&self, path: &str) -> String {
        let until = Instant::now() + Duration::from_secs(10);
        let mut stream = loop {
            match TcpStream::connect(&self.address) {
                Ok(stream) => break stream,
                Err(error) if Instant::now() > until => panic!("{error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let host = self.address.replace("127.0.0.1", "localhost");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn the_server_prints_its_link_serves_and_ends_when_it_is_told_to() {
    let desk = Desk::new();
    let mut serving = Serving::start(&desk);
    assert!(serving.get("/readyz").starts_with("HTTP/1.1 200 "));
    let path = serving
        .link
        .trim()
        .split_once("/setup")
        .map(|(_, rest)| format!("/setup{rest}"))
        .unwrap();
    assert!(
        serving.get(&path).starts_with("HTTP/1.1 200 "),
        "the printed link works"
    );
    assert!(serving.get("/metrics").contains("doorward_requests_total"));
    let second = desk.run(&["serve", "--listen", &serving.address]);
    assert!(
        second.code == 1 && second.out.is_empty() && second.err.contains("cannot listen"),
        "{}",
        second.err
    );
    let told = Command::new("kill")
        .arg(serving.child.id().to_string())
        .status()
        .unwrap();
    assert!(told.success());
    let ended = serving.child.wait().unwrap();
    let mut log = String::new();
    serving.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(ended.code(), Some(0), "{log}");
    assert!(
        log.contains("ready") && log.contains("stopped") && !log.contains("token="),
        "{log}"
    );
}
