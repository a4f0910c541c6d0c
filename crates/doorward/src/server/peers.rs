//! How many connections there are, in all and from each peer. One sender must not take all places.
use ground::config::Network;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at once, where the system allows so many files.
const MOST: u32 = 10_000;
/// Connections at once from one address (of IPv6: from one /64), and never more than a quarter of all. A proxy that is named, and this
/// machine itself, may take them all.
const MOST_EACH: u32 = 1_000;
/// File handles kept back for the store, the log and the rest.
const RESERVE: u32 = 64;

type Counts = Arc<Mutex<HashMap<IpAddr, u32>>>;

pub(super) struct Peers {
    seats: Arc<Semaphore>,
    most: u32,
    counts: Counts,
    proxies: Vec<Network>,
}

impl Peers {
    pub fn new(proxies: Vec<Network>) -> Self {
        let most = open_files().map_or(MOST, |files| MOST.min(files.saturating_sub(RESERVE).max(16)));
        Self {
            seats: Arc::new(Semaphore::new(most as usize)),
            most,
            counts: Counts::default(),
            proxies,
        }
    }

    /// Waits until one more connection may be there.
    pub async fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.seats.clone().acquire_owned().await.ok()
    }

    /// Gives the room to this peer, unless it holds too many places already.
    pub fn seat(&self, room: Option<OwnedSemaphorePermit>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let is_free = address.is_loopback() || self.proxies.iter().any(|network| network.contains(address));
        let counted = (!is_free).then(|| (key(address), self.counts.clone()));
        if let Some((key, counts)) = &counted {
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            let count = counts.entry(*key).or_default();
            if *count >= MOST_EACH.min(self.most / 4) {
                return None;
            }
            *count += 1;
        }
        Some(Place {
            address,
            room: room?,
            most: self.most,
            counted,
        })
    }

    /// Waits until nobody is left.
    pub async fn all_gone(&self) {
        let _ = self.seats.acquire_many(self.most).await;
    }
}

/// A connection's place; given back when dropped.
pub(super) struct Place {
    address: IpAddr,
    room: OwnedSemaphorePermit,
    most: u32,
    counted: Option<(IpAddr, Counts)>,
}

impl Place {
    pub const fn address(&self) -> IpAddr {
        self.address
    }
    /// Whether fewer than a quarter of all places are left.
    pub fn is_crowded(&self) -> bool {
        self.room.semaphore().available_permits() < (self.most / 4) as usize
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((key, counts)) = &self.counted else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(key);
            }
        }
    }
}

/// A household or a machine has a whole /64 of IPv6 to choose from.
fn key(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64))),
    }
}

/// The soft limit of open files, where the system tells it.
fn open_files() -> Option<u32> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_address_cannot_take_all_places_and_gives_them_back() {
        let mut peers = Peers::new(vec!["10.0.0.0/8".parse().unwrap()]);
        peers.seats = Arc::new(Semaphore::new(5_000));
        let mut held = Vec::new();
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        for _ in 0..MOST_EACH {
            held.push(peers.seat(peers.room().await, one).unwrap());
        }
        assert!(
            peers.seat(peers.room().await, "2001:db8::2".parse().unwrap()).is_none(),
            "the same /64"
        );
        for other in ["2001:db8:0:1::1", "203.0.113.9", "10.0.0.1", "127.0.0.1"] {
            assert!(
                peers.seat(peers.room().await, other.parse().unwrap()).is_some(),
                "{other}"
            );
        }
        held.pop();
        assert!(peers.seat(peers.room().await, one).is_some());
        held.clear();
        assert!(peers.counts.lock().unwrap().is_empty());
    }
}
