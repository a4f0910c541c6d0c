//! Where a measured store lives: a folder, and on PostgreSQL a database beside it. Removed with its value.
use crate::cluster::Cluster;
use anyhow::{Context, Result, anyhow};
use ground::config::{Config, Database};
use kernel::Secret;
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A place for one store, with the port that its server will have.
pub struct Place<'a> {
    folder: PathBuf,
    database: Option<(&'a Cluster, String)>,
    port: u16,
}

impl<'a> Place<'a> {
    /// A fresh, empty place on SQLite, or in this cluster.
    pub fn new(cluster: Option<&'a Cluster>) -> Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "doorward_bench_{}_{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        if let Some(cluster) = cluster {
            cluster.run(&format!("CREATE DATABASE {name}"))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self {
            folder,
            database: cluster.map(|cluster| (cluster, name)),
            port,
        })
    }
    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
    /// The port of its server.
    pub fn port(&self) -> u16 {
        self.port
    }
    /// The URL of the database; none on SQLite.
    pub fn url(&self) -> Option<String> {
        self.database.as_ref().map(|(cluster, name)| cluster.url_of(name))
    }
    /// The configuration, for the same program in this process.
    pub fn config(&self) -> Result<Config> {
        config(&self.folder, self.port, self.url())
    }
    /// The configuration as variables, for a child.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("DOORWARD_LISTEN", format!("127.0.0.1:{}", self.port)),
            ("DOORWARD_PUBLIC_URL", format!("http://localhost:{}", self.port)),
            ("DOORWARD_DATA_DIR", self.folder.display().to_string()),
        ];
        variables.extend(self.url().map(|url| ("DOORWARD_DATABASE_URL", url)));
        variables
    }
}

/// A configuration with all files in this folder.
pub fn config(folder: &Path, port: u16, url: Option<String>) -> Result<Config> {
    let mut config = Config::defaults_in(folder.to_path_buf());
    config.listen = vec![([127, 0, 0, 1], port).into()];
    config.public_url = format!("http://localhost:{port}")
        .parse()
        .map_err(|why| anyhow!("{why}"))?;
    if let Some(url) = url {
        config.database = Database::Postgres(Secret::new(url));
    }
    Ok(config)
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
        if let Some((cluster, name)) = &self.database {
            let _ = cluster.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}
