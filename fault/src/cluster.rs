//! A PostgreSQL of our own, so that it can be broken as well: durable as the defaults are, on loopback, in the folder of the run.
//! Must never happen: anybody else's PostgreSQL touched; a setting that makes it forget what it acknowledged.
use anyhow::{Context as _, Result, bail};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The cluster. Stopped when dropped.
pub struct Cluster {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
    is_root: bool,
}

impl Cluster {
    /// Makes and starts one.
    pub fn start(folder: &Path) -> Result<Self> {
        let bin = newest_bin()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let cluster = Self {
            bin,
            data: folder.join("postgres"),
            port,
            is_root: said("id", &["-u"])? == "0",
        };
        fs::create_dir_all(&cluster.data)?;
        if cluster.is_root {
            // PostgreSQL refuses to run as root; its package brings a user for it.
            let (user, group) = (
                said("id", &["-u", "postgres"])?.parse()?,
                said("id", &["-g", "postgres"])?.parse()?,
            );
            std::os::unix::fs::chown(&cluster.data, Some(user), Some(group))?;
        }
        let data = cluster.data.join("data").display().to_string();
        // Anybody on this machine may come in: it holds nothing but made-up people, for some minutes.
        cluster.tool(
            "initdb",
            &[
                "-D",
                &data,
                "-U",
                "doorward",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
        )?;
        cluster.up()?;
        Ok(cluster)
    }
    /// The address of a database of it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://doorward@127.0.0.1:{}/{database}", self.port)
    }
    /// Makes a database.
    pub fn create(&self, database: &str) -> Result<String> {
        self.client("createdb", &[database])?;
        Ok(self.url(database))
    }
    /// Removes one: each makes a start after a crash slower, because all its files are synced.
    pub fn remove(&self, database: &str) -> Result<()> {
        self.client("dropdb", &["--force", database])
    }
    fn client(&self, name: &str, words: &[&str]) -> Result<()> {
        let port = self.port.to_string();
        let mut all = vec!["-h", "127.0.0.1", "-p", &port, "-U", "doorward"];
        all.extend_from_slice(words);
        self.tool(name, &all)
    }
    /// Starts it, also after it was broken.
    pub fn up(&self) -> Result<()> {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories= -c max_connections=60",
            self.port
        );
        self.control(&["-o", &options, "-w", "-t", "60", "start"])
    }
    /// `pg_ctl stop -m immediate`: no checkpoint; the next start recovers from the log.
    pub fn crash(&self) -> Result<()> {
        self.control(&["-m", "immediate", "-w", "stop"])
    }
    fn control(&self, words: &[&str]) -> Result<()> {
        let (data, log) = (
            self.data.join("data").display().to_string(),
            self.data.join("log").display().to_string(),
        );
        let mut all = vec!["-D", data.as_str(), "-l", log.as_str(), "-s"];
        all.extend_from_slice(words);
        self.tool("pg_ctl", &all)
    }
    fn tool(&self, name: &str, words: &[&str]) -> Result<()> {
        let program = self.bin.join(name);
        let mut command = if self.is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        // A pipe would stay open as long as the server that it started.
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.data.with_extension("log"))?;
        let status = command
            .args(words)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .status();
        let status = status.with_context(|| format!("{name} does not start"))?;
        if status.success() {
            Ok(())
        } else {
            bail!("{name} ended with {status}")
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be down already.
        let _ = self.crash();
    }
}

fn newest_bin() -> Result<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql").context("no PostgreSQL is installed")? {
        let path = entry?.path();
        let version = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        found.extend(
            version
                .map(|version| (version, path.join("bin")))
                .filter(|(_, bin)| bin.join("initdb").is_file()),
        );
    }
    found
        .into_iter()
        .max()
        .map(|(_, bin)| bin)
        .context("no PostgreSQL is installed")
}

/// What a program of the system says, on one line.
fn said(program: &str, words: &[&str]) -> Result<String> {
    let done = Command::new(program).args(words).output()?;
    if !done.status.success() {
        bail!("`{program} {}` failed", words.join(" "));
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}
