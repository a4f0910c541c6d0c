//! A PostgreSQL of our own with its real durability, or the one that `DOORWARD_TEST_POSTGRES` names. Gone with its value.
//! Must never happen: a rate of durable writes from a server that does not wait for its disk, without a word about it.
use crate::child::Child;
use anyhow::{Context, Result, bail};
use postgres::{Client, NoTls};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A PostgreSQL server.
pub struct Cluster {
    url: String,
    // Before the folder: the server must have ended when its files go.
    _server: Option<Child>,
    _folder: Option<Folder>,
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Cluster {
    /// Our own where its programs are installed, else the one of the environment, else none.
    pub fn find() -> Result<Option<Self>> {
        if let Some(programs) = programs() {
            return Self::start(&programs).map(Some);
        }
        let named = std::env::var("DOORWARD_TEST_POSTGRES")
            .ok()
            .filter(|url| !url.is_empty());
        Ok(named.map(|url| Self {
            url,
            _server: None,
            _folder: None,
        }))
    }

    fn start(programs: &Path) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("doorward-bench-postgres-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        let folder = Folder(path.clone());
        let owns = Command::new("chown").arg("postgres").arg(&path).status()?.success();
        let data = path.join("data");
        let mut initdb = as_postgres(owns, &programs.join("initdb"));
        initdb.arg("-D").arg(&data).args([
            "-U",
            "doorward",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ]);
        let made = initdb.stdout(Stdio::null()).status()?;
        if !made.success() {
            bail!("initdb: {made}");
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = as_postgres(owns, &programs.join("postgres"));
        server.arg("-D").arg(&data);
        for setting in [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".into(),
            "unix_socket_directories=".into(),
            "max_connections=100".into(),
            "shared_buffers=256MB".into(),
            "max_wal_size=2GB".into(),
        ] {
            server.arg("-c").arg(setting);
        }
        let server = Child::start(server, &path.join("log"))?;
        let cluster = Self {
            url: format!("postgres://doorward@127.0.0.1:{port}/postgres"),
            _server: Some(server),
            _folder: Some(folder),
        };
        let began = Instant::now();
        while let Err(error) = cluster.run("SELECT 1") {
            if began.elapsed() > Duration::from_secs(30) {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(cluster)
    }

    /// Runs statements on the server. Blocks; not for async code.
    pub fn run(&self, sql: &str) -> Result<()> {
        Client::connect(&self.url, NoTls)?
            .batch_execute(sql)
            .with_context(|| format!("PostgreSQL did not do: {sql}"))
    }
    /// The URL of one of its databases.
    pub fn url_of(&self, database: &str) -> String {
        let (base, _) = self.url.rsplit_once('/').unwrap_or((&self.url, ""));
        format!("{base}/{database}")
    }
    /// Its version, and what of its durability is switched off.
    pub fn described(&self) -> Result<String> {
        let mut client = Client::connect(&self.url, NoTls)?;
        let mut show = |what: &str| -> Result<String> { Ok(client.query_one(&format!("SHOW {what}"), &[])?.get(0)) };
        let version = show("server_version")?;
        let is_durable = show("fsync")? == "on" && show("synchronous_commit")? == "on";
        let remark = if is_durable { "" } else { ", WITHOUT durable commits" };
        Ok(format!(
            "PostgreSQL {}{remark}",
            version.split(' ').next().unwrap_or_default()
        ))
    }
}

fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|path| path.join("postgres").is_file())
        .collect();
    versions.sort();
    versions.pop()
}

/// PostgreSQL refuses to run as root; its package brings a user for it.
fn as_postgres(is_root: bool, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    // SIGINT is its fast shutdown.
    command.args(["--pdeathsig", "INT"]).arg(program);
    command
}
