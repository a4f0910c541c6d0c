//! The real program as a child: `doorward serve` and the commands beside it, started as an operator would. For every fault.
//! Must never happen: a child that outlives this process's use of it, or a server that writes outside the folder of the run.
use crate::say::say;
use anyhow::{Context as _, Result, bail};
use std::{
    fs::{self, File},
    io::Write as _,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// A server that is not ready after this is not there at all.
const GIVES_UP: Duration = Duration::from_secs(30);

/// Where a deployment lives and how it is reached.
#[derive(Debug, Clone)]
pub struct Place {
    /// The program.
    pub program: PathBuf,
    /// The server's `data_dir`.
    pub data_dir: PathBuf,
    /// Its logs, outside the data folder.
    pub log: PathBuf,
    /// The port.
    pub address: SocketAddr,
    /// Its `public_url`.
    pub origin: String,
    /// `sqlite` or `postgres://…`.
    pub database_url: String,
    /// A library that stands between the program and the system, for controls.
    pub preload: Option<PathBuf>,
}

impl Place {
    /// A place in this folder, on a free port.
    pub fn new(program: &Path, folder: &Path, data_dir: PathBuf, database_url: String) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Ok(Self {
            program: program.to_owned(),
            data_dir,
            log: folder.join("server.log"),
            address: (Ipv4Addr::LOCALHOST, port).into(),
            origin: format!("http://localhost:{port}"),
            database_url,
            preload: None,
        })
    }
    /// The program with this deployment's configuration, by variables only.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .env("DOORWARD_LISTEN", self.address.to_string())
            .env("DOORWARD_PUBLIC_URL", &self.origin)
            .env("DOORWARD_DATA_DIR", &self.data_dir)
            .env("DOORWARD_DATABASE_URL", &self.database_url)
            .env("DOORWARD_TRUSTED_PROXIES", "127.0.0.1/32")
            .env("DOORWARD_LOG__LEVEL", "warn")
            .current_dir(std::env::temp_dir());
        if let Some(library) = &self.preload {
            command.env("LD_PRELOAD", library);
        }
        command
    }
    /// Runs a command beside the server; answers what it said. An error: it did not exit with 0.
    pub fn run(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let done = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        if !done.status.success() {
            bail!(
                "`doorward {}` ended with {}: {said}{}",
                arguments.join(" "),
                done.status,
                String::from_utf8_lossy(&done.stderr)
            );
        }
        Ok(said)
    }
    /// Starts the server and waits until it is ready.
    pub fn start(&self) -> Result<Server> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let printed = self.log.with_extension("stdout");
        let mut command = self.command(&["serve"]);
        command.stdin(Stdio::null()).stdout(File::create(&printed)?).stderr(log);
        let begun = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("{} does not start", self.program.display()))?;
        let mut server = Server {
            child,
            took: Duration::ZERO,
            printed,
        };
        while !self.is_ready() {
            if let Some(status) = server.child.try_wait()? {
                bail!(
                    "the server ended while it started ({status}); the end of its log: {}",
                    self.end_of_log()
                );
            }
            if begun.elapsed() > GIVES_UP {
                bail!(
                    "the server is not ready after {GIVES_UP:?}; the end of its log: {}",
                    self.end_of_log()
                );
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        server.took = begun.elapsed();
        Ok(server)
    }
    /// Whether `/readyz` says 200 now.
    pub fn is_ready(&self) -> bool {
        // A refused connection is the usual answer for a while, and cheap to get.
        TcpStream::connect(self.address).is_ok() && {
            let asked = self.line("192.0.2.1").ask(&crate::http::Request::new("GET", "/readyz"));
            matches!(asked, crate::http::Outcome::Answered(answer) if answer.status == 200)
        }
    }
    /// A browser's line, from this network.
    pub fn line(&self, network: &str) -> crate::http::Line {
        crate::http::Line::new(self.address, &self.origin, network)
    }
    fn end_of_log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines
            .iter()
            .skip(lines.len().saturating_sub(5))
            .copied()
            .collect::<Vec<_>>()
            .join(" | ")
    }
}

/// A running server. Killed when dropped.
pub struct Server {
    child: Child,
    /// From the start of the process to its first `ready`.
    pub took: Duration,
    printed: PathBuf,
}

impl Server {
    /// What it printed so far.
    pub fn printed(&self) -> String {
        fs::read_to_string(&self.printed).unwrap_or_default()
    }
    /// `kill -9`: no handler runs, no buffer is written.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) -> Result<()> {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()?;
        if sent.success() {
            Ok(())
        } else {
            bail!("the signal {name} could not be sent")
        }
    }
    /// SIGTERM, and how it ended after how long; an error where it does not end in time.
    pub fn terminate(mut self, at_most: Duration) -> Result<(ExitStatus, Duration)> {
        let begun = Instant::now();
        self.signal("TERM")?;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok((status, begun.elapsed()));
            }
            if begun.elapsed() > at_most {
                bail!("the server was still there {at_most:?} after SIGTERM");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended long ago, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program to test: named, or in the variable, or beside this one.
pub fn find(named: Option<PathBuf>) -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("doorward");
    let program = named
        .or_else(|| std::env::var_os("DOORWARD_PROGRAM").map(PathBuf::from))
        .unwrap_or(beside);
    if program.is_file() {
        return Ok(program);
    }
    bail!(
        "{} is not there; build it first: cargo build -p doorward",
        program.display()
    );
}

/// The folder of a run: removed at its end, kept where something was found.
pub struct Folder {
    path: PathBuf,
    /// Keep it.
    pub stays: bool,
}

impl Folder {
    /// A fresh one in the system's folder for temporary files.
    pub fn new(what: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("doorward-fault-{what}-{}", std::process::id()));
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self { path, stays: false })
    }
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.stays {
            say(&format!("kept for a look: {}", self.path.display()));
        } else {
            // What cannot be removed, the system removes.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
