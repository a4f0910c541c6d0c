//! The server: listeners, connections, limits, the orderly end. For `doorward serve` and the test world.
//! What must never happen: one sender, slow or many, keeping the others out; an accept loop that ends because of an error.
mod connection;
pub mod measure;
mod pace;
mod peers;
#[cfg(test)]
mod tests;
pub mod tls;

use crate::middleware::Peer;
use anyhow::Context;
use axum::Router;
use ground::config::Config;
use peers::Peers;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// After a stop, requests in progress have this long to end.
const DRAIN_FOR: Duration = Duration::from_secs(10);
/// A TLS handshake has this long.
const HANDSHAKE_FOR: Duration = Duration::from_secs(10);
/// Where the system has no more file handles or memory, wait this long and try again.
const BACK_OFF: Duration = Duration::from_millis(100);

/// Bound to its addresses; nobody is answered before [`Server::run`].
struct Server {
    listeners: Vec<TcpListener>,
    tls: Option<TlsAcceptor>,
    peers: Peers,
}

/// Takes the addresses of the configuration. From here on connections wait; they are answered once [`serve`] runs.
pub fn bind(config: &Config) -> anyhow::Result<Vec<std::net::TcpListener>> {
    let mut listeners = Vec::with_capacity(config.listen.len());
    for address in &config.listen {
        let listener = std::net::TcpListener::bind(address).with_context(|| {
            format!("cannot listen on {address}; end the other program there, or set listen to another address")
        })?;
        listener.set_nonblocking(true)?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Serves until `stop` is done, then lets requests in progress end, at most ten seconds.
pub async fn serve(
    config: &Config,
    router: Router,
    listeners: Vec<std::net::TcpListener>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let listeners = listeners
        .into_iter()
        .map(TcpListener::from_std)
        .collect::<io::Result<Vec<_>>>()?;
    if !Server::on(config, listeners)?.run(router, stop).await {
        tracing::warn!("some requests were still in progress after ten seconds and were cut off");
    }
    Ok(())
}

/// What every connection needs. One for all listeners.
struct Hall {
    router: Router,
    tls: Option<TlsAcceptor>,
    peers: Peers,
    stop: watch::Receiver<bool>,
}

impl Server {
    fn on(config: &Config, listeners: Vec<TcpListener>) -> anyhow::Result<Self> {
        let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
        Ok(Self {
            listeners,
            tls,
            peers: Peers::new(config.trusted_proxies.clone()),
        })
    }

    /// Serves until `stop` is done, then lets requests in progress end, at most ten seconds. Answers whether all of them did.
    async fn run(self, router: Router, stop: impl Future<Output = ()>) -> bool {
        let (say_stop, hear_stop) = watch::channel(false);
        let hall = Arc::new(Hall {
            router,
            tls: self.tls,
            peers: self.peers,
            stop: hear_stop,
        });
        let mut loops = JoinSet::new();
        for listener in self.listeners {
            loops.spawn(accept(listener, hall.clone()));
        }
        stop.await;
        // An error means that no loop listens any more, which is what is wanted.
        let _ = say_stop.send(true);
        while loops.join_next().await.is_some() {}
        tokio::time::timeout(DRAIN_FOR, hall.peers.all_gone()).await.is_ok()
    }
}

async fn accept(listener: TcpListener, hall: Arc<Hall>) {
    let mut stop = hall.stop.clone();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stopped| *stopped) => return,
            accepted = next(&listener, &hall.peers) => accepted,
        };
        match accepted {
            Ok((stream, place)) => drop(tokio::spawn(meet(stream, place, hall.clone()))),
            Err(error) if is_the_peers_own(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken; trying again");
                tokio::time::sleep(BACK_OFF).await;
            }
        }
    }
}

/// The next connection, once there is room for one more. Until then it waits in the system's queue.
async fn next(listener: &TcpListener, peers: &Peers) -> io::Result<(TcpStream, peers::Place)> {
    let room = peers.room().await;
    let (stream, from) = listener.accept().await?;
    let place = peers.seat(room, from.ip()).ok_or(io::ErrorKind::ConnectionAborted)?;
    Ok((stream, place))
}

fn is_the_peers_own(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted | Kind::ConnectionReset | Kind::ConnectionRefused | Kind::Interrupted
    )
}

/// One connection, from its handshake to its end. The place is given back when this ends.
async fn meet(stream: TcpStream, place: peers::Place, hall: Arc<Hall>) {
    // Without it small answers wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let peer = |is_tls| Peer {
        address: place.address(),
        is_tls,
    };
    let (router, stop) = (hall.router.clone(), hall.stop.clone());
    let Some(acceptor) = &hall.tls else {
        return connection::serve(stream, peer(false), &place, router, stop).await;
    };
    match tokio::time::timeout(HANDSHAKE_FOR, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => connection::serve(stream, peer(true), &place, router, stop).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}
