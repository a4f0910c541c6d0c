//! The server of a world: starts, stops and restarts the whole program in this process, one node or several.
use crate::{
    Browser, StandingClock,
    clock::seeded,
    database::{Database, Engine, postgres_url},
    raw::{self, Answer},
    wire::Wire,
};
use doorward::{
    App, Build,
    server::{self, measure},
};
use factors::Cost;
use ground::{
    RouteInfo,
    config::{Config, Database as Chosen},
};
use kernel::{Chance, Secret};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::{sync::oneshot, task::JoinHandle};

/// One running node.
struct Node {
    address: SocketAddr,
    app: App,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

/// A world with its clock, its store and its nodes. A clone is the same world.
#[derive(Clone)]
pub struct World {
    /// The clock of all nodes and browsers.
    pub clock: StandingClock,
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    name: String,
    folder: PathBuf,
    origin: String,
    database: Mutex<Option<Database>>,
    nodes: Mutex<Vec<Node>>,
    started: AtomicU32,
}

impl World {
    /// Starts a world: a fresh store, one node, no owner yet.
    pub async fn start(engine: Engine, name: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("doorward-story-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for the story");
        let database = (engine == Engine::Postgres).then(|| Database::fresh(&postgres_url().expect("a PostgreSQL")));
        let listener = bind(0);
        let origin = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
        let inner = Inner {
            engine,
            name: name.into(),
            folder,
            origin,
            database: Mutex::new(database),
            nodes: Mutex::default(),
            started: AtomicU32::new(0),
        };
        let world = Self {
            clock: StandingClock::default(),
            inner: Arc::new(inner),
        };
        world.launch(listener, |_| {}).await;
        world
    }
    /// Which engine this is told on.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }
    /// The folder of the first node's files.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }
    /// The deployment's origin: its `public_url`.
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }
    /// The wiring of the first node.
    pub fn app(&self) -> App {
        self.nodes(|nodes| nodes.first().map(|node| node.app.clone()))
            .expect("a node runs")
    }
    /// Every route of the program.
    pub fn routes(&self) -> Vec<RouteInfo> {
        self.app().routes().to_vec()
    }
    /// The addresses of all nodes.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes(|nodes| nodes.iter().map(|node| node.address).collect())
    }
    fn nodes<T>(&self, look: impl FnOnce(&mut Vec<Node>) -> T) -> T {
        look(&mut self.inner.nodes.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// The database of this world on PostgreSQL.
    pub fn cut_database_connections(&self) {
        if let Some(database) = self
            .inner
            .database
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
        {
            database.cut_connections();
        }
    }
    /// A browser of somebody new, at 127.0.0.1.
    pub fn browser(&self) -> Browser {
        self.browser_at(1)
    }
    /// A browser at the network address `127.0.0.N`.
    pub fn browser_at(&self, n: u8) -> Browser {
        let address = self.addresses().first().copied().expect("a node runs");
        Browser::new(
            address,
            &self.inner.origin,
            IpAddr::V4(Ipv4Addr::new(127, 0, 0, n)),
            self.clock.clone(),
        )
    }
    /// Bytes to the first node, as they are.
    pub async fn raw(&self, bytes: &[u8]) -> Answer {
        let address = self.addresses().first().copied().expect("a node runs");
        raw::exchange(address, bytes).await
    }
    /// One raw request without a body to a path as it is spelt.
    pub async fn raw_request(&self, method: &str, target: &str, headers: &str) -> Answer {
        let host = self.inner.origin.trim_start_matches("http://");
        let text = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n"
        );
        self.raw(text.as_bytes()).await
    }
    /// Stops the first node and starts it anew on the same store, port and folder.
    pub async fn restart(&self) {
        self.restart_with(|_| {}).await;
    }
    /// The same with another configuration.
    pub async fn restart_with(&self, change: impl FnOnce(&mut Config)) {
        let node = self.nodes(|nodes| nodes.remove(0));
        let port = node.address.port();
        end(node).await;
        self.launch(bind(port), change).await;
        // The first node stays the first: browsers are sent to it.
        self.nodes(|nodes| nodes.rotate_right(1));
    }
    /// Puts a wire between the deployment's port and the first node. Browsers go past it; whoever calls `origin` goes through it.
    pub async fn behind_a_wire(&self) -> Wire {
        let node = self.nodes(|nodes| nodes.remove(0));
        let port = node.address.port();
        end(node).await;
        let server = self.launch(bind(0), |_| {}).await;
        self.nodes(|nodes| nodes.rotate_right(1));
        Wire::start(bind(port), server)
    }
    /// Starts another node on the same PostgreSQL; answers its address.
    pub async fn second_node(&self) -> SocketAddr {
        assert_eq!(self.inner.engine, Engine::Postgres, "only PostgreSQL has several nodes");
        self.launch(bind(0), |_| {}).await
    }
    /// Ends all nodes; with the last clone of the world its files and database go.
    pub async fn stop(&self) {
        for node in self.nodes(std::mem::take) {
            end(node).await;
        }
    }

    async fn launch(&self, listener: TcpListener, change: impl FnOnce(&mut Config)) -> SocketAddr {
        let address = listener.local_addr().expect("an address");
        let number = self.inner.started.fetch_add(1, Ordering::SeqCst);
        let mut config = self.config();
        change(&mut config);
        // What the process measures is one for all worlds of the run; the first starts it.
        let _ = measure::start();
        let build = Build {
            cost: Cost::new(64, 1, 1).expect("a cheap hash"),
            record: true,
        };
        let app = App::build(config.clone(), self.clock.as_clock(), self.chance(number), build)
            .await
            .expect("the server starts");
        let (stop, stopped) = oneshot::channel();
        let (router, store) = (app.router(), app.ground().store.clone());
        let stopped = app.ending(async { drop(stopped.await) });
        let done = tokio::spawn(async move {
            server::serve(&config, router, vec![listener], stopped)
                .await
                .expect("the server serves until it is stopped");
            store.close().await;
        });
        self.nodes(|nodes| {
            nodes.push(Node {
                address,
                app,
                stop,
                done,
            });
        });
        address
    }
    fn chance(&self, number: u32) -> Chance {
        seeded(&format!("{} {:?} {number}", self.inner.name, self.inner.engine))
    }
    fn config(&self) -> Config {
        let mut config = Config::defaults_in(self.inner.folder.clone());
        config.public_url = self.inner.origin.parse().expect("a loopback address may be http");
        if let Some(database) = self
            .inner
            .database
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
        {
            config.database = Chosen::Postgres(Secret::new(database.url()));
        }
        config
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn bind(port: u16) -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a loopback port");
    listener.set_nonblocking(true).expect("a listener that does not block");
    listener
}

async fn end(node: Node) {
    let _ = node.stop.send(());
    node.done.await.expect("the server ends when it is told to");
}
