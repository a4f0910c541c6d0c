//! The real program beside its own command line, as a stranger's script uses it: set up, sign in, fail, lock, unlock, list events, audit, stop.
//! On either engine. It is told where the program was built (`cargo test --workspace`, or `cargo build`), and says so where it was not.
use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use world::{Browser, Database, Engine, ORGANISATION, OWNER, PASSWORD, StandingClock, postgres_url};

const WRONG: &str = "surely not the right one";

/// A running server with its folder.
pub struct Server {
    pub folder: PathBuf,
    address: SocketAddr,
    link: String,
    child: Child,
    database: Option<Database>,
}

fn program() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let path = here.parent()?.parent()?.join("doorward");
    path.is_file().then_some(path)
}

/// The program in this folder, on this store; nothing of our own environment reaches it.
fn command(program: &Path, folder: &Path, address: SocketAddr, database: Option<&Database>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear();
    command
        .env("DOORWARD_LISTEN", address.to_string())
        .env("DOORWARD_PUBLIC_URL", origin(address));
    command.env("DOORWARD_LOG__FORMAT", "json");
    if let Some(database) = database {
        command.env("DOORWARD_DATABASE_URL", database.url());
    }
    command
}

fn origin(address: SocketAddr) -> String {
    format!("http://localhost:{}", address.port())
}

impl Server {
    fn start(program: &Path, name: &str, engine: Engine) -> Self {
        let folder = std::env::temp_dir().join(format!("doorward-program-{}-{name}-{engine:?}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let database = (engine == Engine::Postgres).then(|| Database::fresh(&postgres_url().unwrap()));
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut child = command(program, &folder, address, database.as_ref())
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let link = line
            .trim()
            .strip_prefix("set-up link: ")
            .unwrap_or_else(|| panic!("the first line is {line:?}"))
            .to_owned();
        Self {
            folder,
            address,
            link,
            child,
            database,
        }
    }
    pub fn browser(&self, n: u8) -> Browser {
        Browser::new(
            self.address,
            &origin(self.address),
            IpAddr::V4(Ipv4Addr::new(127, 0, 0, n)),
            StandingClock::default(),
        )
    }
    /// Runs a command beside the server: exit code, stdout, stderr.
    pub fn run(&self, program: &Path, arguments: &[&str]) -> (i32, String, String) {
        let done = command(program, &self.folder, self.address, self.database.as_ref())
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.code().unwrap_or(-1), text(&done.stdout), text(&done.stderr))
    }
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap()
    }
    /// Waits until it answers that it is ready.
    async fn ready(&self) {
        for _ in 0..200 {
            let asked = self.browser(1).ask(world::Method::GET, "/readyz").try_send().await;
            if asked.is_ok_and(|page| page.code() == 200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not ready after ten seconds:\n{}", self.log());
    }
    /// Asks it to stop, as a service manager does; answers its exit code.
    fn stop(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        let until = Instant::now() + Duration::from_secs(15);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs the story where there is a program, and a PostgreSQL if it is told on one.
pub fn tell<F: Future<Output = ()>>(name: &str, engine: Engine, story: impl FnOnce(PathBuf, Server) -> F) {
    let Some(program) = program() else {
        eprintln!("skipped: {name}: there is no program beside the tests; build it with cargo build");
        return;
    };
    if engine == Engine::Postgres && postgres_url().is_none() {
        eprintln!("skipped: {name} on PostgreSQL: DOORWARD_TEST_POSTGRES names no server");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = Server::start(&program, name, engine);
        server.ready().await;
        let told = tokio::time::timeout(Duration::from_mins(2), story(program, server)).await;
        assert!(told.is_ok(), "{name} has not ended after two minutes");
    });
}

pub async fn set_up(server: &Server) {
    let path = server
        .link
        .strip_prefix(&origin(server.address))
        .expect("the link leads to public_url")
        .to_owned();
    let fields = [
        ("organisation", ORGANISATION),
        ("name", "Olive Owner"),
        ("email", OWNER),
        ("password", PASSWORD),
    ];
    assert_eq!(server.browser(1).post(&path, &fields).await.code(), 303);
}

/// Set up, sign in, fail, lock, unlock by the operator, list events, audit, stop.
async fn a_strangers_script(program: PathBuf, mut server: Server) {
    let run = |server: &Server, arguments: &[&str]| server.run(&program, arguments);
    let (code, out, _) = run(&server, &["setup-link"]);
    assert!(code == 0 && out.starts_with("set-up link: "), "{out}");
    set_up(&server).await;
    let (code, out, err) = run(&server, &["setup-link"]);
    assert_eq!((code, out.as_str(), err.lines().count()), (1, "", 1), "{err}");
    let browser = server.browser(1);
    assert_eq!(browser.sign_in(OWNER, PASSWORD).await.location(), "/app");
    browser.post("/sign-out", &[]).await;
    for _ in 0..10 {
        browser.sign_in(OWNER, WRONG).await;
    }
    assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 429);
    let (code, out, err) = run(&server, &["person", "unlock", "OLIVE@northwind.example"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(run(&server, &["person", "unlock", "nobody@northwind.example"]).0, 1);
    assert_eq!(
        browser.sign_in(OWNER, PASSWORD).await.code(),
        303,
        "unlocked by the operator, and still locked"
    );
    let log = browser.get("/api/v1/events?limit=200").await.json();
    let kinds: Vec<&str> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["kind"].as_str())
        .collect();
    for kind in ["owner-created", "signed-in", "lane-locked", "lane-unlocked"] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
    let (code, out, err) = run(&server, &["person", "list"]);
    assert!(code == 0 && out.contains(OWNER), "{out}{err}");
    let (code, out, err) = run(&server, &["audit", "verify"]);
    assert_eq!(code, 0, "{out}{err}");
    signed_out_beside_the_server(&program, &server, &browser).await;
    assert_eq!(
        server.stop(),
        Some(0),
        "it does not end when it is told to:\n{}",
        server.log()
    );
}

/// What the door keeps in memory ends with a commit of another process, too.
async fn signed_out_beside_the_server(program: &Path, server: &Server, browser: &Browser) {
    for _ in 0..50 {
        assert_eq!(browser.get("/api/v1/me").await.code(), 200);
    }
    if server.database.is_none() {
        let measured = browser.get("/metrics").await.body;
        let lines = measured.lines();
        let mut remembered = lines.filter_map(|line| line.strip_prefix("doorward_sessions_remembered_total "));
        let remembered: u32 = remembered.next().and_then(|n| n.parse().ok()).unwrap_or(0);
        assert!(remembered > 0, "nothing was answered from memory:\n{measured}");
    }
    let (code, out, err) = server.run(program, &["person", "sign-out", OWNER]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(
        browser.get("/api/v1/me").await.code(),
        401,
        "signed out by the operator"
    );
}

/// S73, S20: what strangers send forges no line of the log, and no secret is in it.
async fn the_log_is_one_object_a_line(_: PathBuf, mut server: Server) {
    set_up(&server).await;
    let odd = "Mozilla/5.0 \"}{\"level\":\"INFO\" \\u001b[31m \\r\\nforged";
    let browser = server.browser(1).named(odd);
    browser.get("/sign-in?next=/%0aforged%22%1b").await;
    browser
        .sign_in(
            "a\r\n\u{1b}[31m\u{2028}\"forged@northwind.example",
            "canary password in a log",
        )
        .await;
    assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 303);
    let token = browser.cookie("session").expect("a session");
    browser.get("/app/activity").await;
    assert_eq!(server.stop(), Some(0));
    let log = server.log();
    assert!(!log.is_empty());
    for line in log.lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok_and(|value| value.is_object()),
            "this line is no JSON object: {line:?}"
        );
        assert!(line.chars().all(|c| !c.is_control() && c != '\u{2028}'), "{line:?}");
    }
    let link = server.link.split_once("token=").expect("a token").1;
    for secret in [PASSWORD, "canary password", token.as_str(), link] {
        assert!(!log.contains(secret), "{secret:?} is in the log");
    }
    let mut rest = String::new();
    server.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert!(rest.is_empty(), "besides the link stdout says {rest:?}");
}

/// First aid by the operator, each beside the running server and seen at its door at once; all of it is in the log of what was done.
async fn first_aid(program: PathBuf, server: Server) {
    set_up(&server).await;
    let run = |arguments: &[&str]| server.run(&program, arguments);
    let (one, two) = (server.browser(1), server.browser(2));
    for browser in [&one, &two] {
        assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 303);
    }

    // A lost device: every session ends.
    let (code, out, err) = run(&["person", "sign-out", " Olive@NORTHWIND.example"]);
    assert_eq!(
        (code, out.as_str(), err.as_str()),
        (0, "ended 2 sessions of olive@northwind.example\n", "")
    );
    assert!(!one.is_signed_in().await && !two.is_signed_in().await);
    assert!(run(&["person", "sign-out", OWNER]).1.contains("ended 0 sessions"));

    // Strangers have shut the address.
    for _ in 0..10 {
        server.browser(9).sign_in(OWNER, WRONG).await;
    }
    let stranger = server.browser(8);
    assert_eq!(stranger.sign_in(OWNER, PASSWORD).await.code(), 422);
    assert!(run(&["person", "list"]).1.contains("locked"));
    let (code, out, err) = run(&["person", "unlock", OWNER]);
    assert!(
        code == 0 && out.starts_with("unlocked olive@northwind.example") && err.is_empty(),
        "{out}{err}"
    );
    assert_eq!(stranger.sign_in(OWNER, PASSWORD).await.code(), 303);

    // No mail comes: a link by hand, once; it ends what was open.
    let (code, out, err) = run(&["person", "reset-link", OWNER]);
    let link = out.trim().strip_prefix("reset link: ").unwrap_or_default().to_owned();
    assert!(code == 0 && err.is_empty(), "{out}{err}");
    let path = link
        .strip_prefix(&origin(server.address))
        .expect("the link leads to public_url");
    assert_eq!(server.browser(7).get(path).await.code(), 200);
    let fresh = "copper kettle beside the harbour";
    assert_eq!(server.browser(7).post(path, &[("password", fresh)]).await.code(), 303);
    assert_eq!(
        server.browser(7).post(path, &[("password", WRONG)]).await.code(),
        422,
        "it worked twice"
    );
    assert!(!stranger.is_signed_in().await, "a session outlived the new password");
    assert_eq!(server.browser(6).sign_in(OWNER, PASSWORD).await.code(), 422);
    assert_eq!(one.sign_in(OWNER, fresh).await.code(), 303);

    for command in ["unlock", "sign-out", "reset-link"] {
        let (code, out, err) = run(&["person", command, "nobody@northwind.example"]);
        assert_eq!(
            (code, out.as_str(), err.lines().count()),
            (1, "", 1),
            "{command}: {err}"
        );
        let (code, _, err) = run(&["person", command]);
        assert!(code == 2 && !err.is_empty(), "{command} without an address");
    }
    let log = one.get("/api/v1/events?limit=200").await.body;
    for kind in ["session-ended", "lane-unlocked", "reset-link-made", "password-reset"] {
        assert!(log.contains(&format!("\"{kind}\"")), "no {kind} in {log}");
    }
    assert_eq!(log.matches("by the operator, from the command line").count(), 2);
    let token = path.split_once("token=").expect("a token").1;
    assert!(
        !server.log().contains(token) && !log.contains(token),
        "the link is written down somewhere"
    );
    let (code, out, err) = run(&["audit", "verify"]);
    assert_eq!(code, 0, "{out}{err}");
}

mod sqlite {
    use super::*;
    #[test]
    fn a_strangers_script_can_do_everything() {
        tell("script", Engine::Sqlite, a_strangers_script);
    }
    #[test]
    fn the_operators_first_aid_works_beside_the_running_server() {
        tell("first-aid", Engine::Sqlite, first_aid);
    }
    #[test]
    fn s73_the_log_is_one_object_a_line_without_secrets() {
        tell("log", Engine::Sqlite, the_log_is_one_object_a_line);
    }
}

mod postgres {
    use super::*;
    #[test]
    fn a_strangers_script_can_do_everything() {
        tell("script", Engine::Postgres, a_strangers_script);
    }
    #[test]
    fn the_operators_first_aid_works_beside_the_running_server() {
        tell("first-aid", Engine::Postgres, first_aid);
    }
    #[test]
    fn s73_the_log_is_one_object_a_line_without_secrets() {
        tell("log", Engine::Postgres, the_log_is_one_object_a_line);
    }
}
