//! Who is at the other end of a request, after trusted proxies have been taken into account.
//! Made by the program's middleware for every request; must never believe a header of an untrusted peer.
use std::net::IpAddr;

/// The far end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The client's address: the peer's, or what a trusted proxy says.
    pub address: IpAddr,
    /// Whether the client came by TLS, here or at a trusted proxy.
    pub is_https: bool,
    /// The peer is loopback, `Host` is a loopback name and no forwarding header came along.
    pub is_loopback: bool,
}

impl Client {
    /// The address as events and pages show it; an IPv4 address mapped into IPv6 is shown as IPv4.
    pub fn network(&self) -> String {
        self.address.to_canonical().to_string()
    }
}
