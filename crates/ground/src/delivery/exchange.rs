//! Where the mail of a domain goes (RFC 5321, 5.1): its mail exchangers in their order, or the word that it takes none (RFC 7505). For `direct`.
//! Must never happen: a server of an inner network spoken to because somebody's DNS names it; silence of the DNS taken for a no.
use hickory_resolver::{
    TokioResolver,
    config::{NameServerConfig, ResolveHosts, ResolverConfig},
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};
use kernel::Chance;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// Servers of one domain that are asked after; more would only be slower.
const MOST_EXCHANGERS: usize = 5;
/// Addresses of one server that are tried.
const MOST_ADDRESSES: usize = 2;

/// Knows the way.
pub(super) struct Guide {
    resolver: TokioResolver,
    /// Whether servers on private and loopback addresses are spoken to: for development alone.
    reaches_private: bool,
}

/// One address of one mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exchanger {
    pub name: String,
    pub address: IpAddr,
}

/// Where mail of a domain goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// To these, in this order.
    To(Vec<Exchanger>),
    /// Nowhere, now and later.
    Never(String),
    /// Nobody knows at this moment.
    Unknown(String),
}

/// What the DNS says of a name.
enum Told<T> {
    These(Vec<T>),
    /// There is no such name.
    NoName,
    Silence(String),
}

impl Guide {
    /// Asks this DNS server, or those of the system.
    pub(super) fn new(server: Option<SocketAddr>, reaches_private: bool) -> Result<Self, String> {
        let builder = match server {
            None => TokioResolver::builder_tokio(),
            Some(server) => {
                let mut one = NameServerConfig::udp_and_tcp(server.ip());
                for connection in &mut one.connections {
                    connection.port = server.port();
                }
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![one]);
                Ok(TokioResolver::builder_with_config(
                    config,
                    TokioRuntimeProvider::default(),
                ))
            }
        };
        let resolver = builder.and_then(|mut builder| {
            let options = builder.options_mut();
            options.timeout = Duration::from_secs(3);
            options.attempts = 2;
            // What a file on this machine says of a name is no word about who takes its mail.
            options.use_hosts_file = ResolveHosts::Never;
            builder.build()
        });
        let resolver = resolver.map_err(|error| format!("mail.url: no DNS server can be asked: {error}"))?;
        Ok(Self {
            resolver,
            reaches_private,
        })
    }

    /// Whether the DNS answers at all, asked after this domain.
    pub(super) async fn is_there(&self, domain: &str) -> Result<(), String> {
        match self.exchangers(domain).await {
            Told::Silence(said) => Err(said),
            Told::These(_) | Told::NoName => Ok(()),
        }
    }

    /// The way of this domain's mail. `chance` shares it out among servers of equal preference.
    pub(super) async fn way(&self, domain: &str, chance: &Chance) -> Way {
        if domain.starts_with('[') || domain.parse::<IpAddr>().is_ok() {
            return Way::Never("an address that names a machine instead of a domain is not written to".into());
        }
        let (names, is_implicit) = match self.exchangers(domain).await {
            Told::NoName => return Way::Never(format!("the DNS knows no domain {domain}")),
            Told::Silence(said) => return Way::Unknown(format!("the DNS did not answer for {domain}: {said}")),
            Told::These(records) if records.is_empty() => (vec![domain.to_owned()], true),
            Told::These(records) => match in_order(records, || u16::from_be_bytes(chance.bytes())) {
                names if names.is_empty() => {
                    return Way::Never(format!("{domain} takes no mail, says its DNS (null MX, RFC 7505)"));
                }
                names => (names, false),
            },
        };
        let mut found = Found::default();
        for name in names.into_iter().take(MOST_EXCHANGERS) {
            self.addresses(&name, &mut found).await;
        }
        found.way(domain, is_implicit)
    }

    /// The addresses of a server, IPv4 first: there senders are better known.
    async fn addresses(&self, name: &str, found: &mut Found) {
        for kind in [RecordType::A, RecordType::AAAA] {
            let told = self.ask(name, kind, |data| match data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            });
            match told.await {
                Told::These(addresses) => {
                    let (open, inner): (Vec<_>, Vec<_>) = addresses
                        .into_iter()
                        .partition(|address| self.reaches_private || is_public(*address));
                    found.has_inner |= !inner.is_empty();
                    let open = open.into_iter().take(MOST_ADDRESSES);
                    found.servers.extend(open.map(|address| Exchanger {
                        name: name.to_owned(),
                        address,
                    }));
                }
                Told::NoName => {}
                Told::Silence(said) => found.silence = Some(said),
            }
        }
    }

    async fn exchangers(&self, domain: &str) -> Told<(u16, String)> {
        let told = self.ask(domain, RecordType::MX, |data| match data {
            RData::MX(mx) => Some((mx.preference, mx.exchange.to_ascii().trim_end_matches('.').to_owned())),
            _ => None,
        });
        told.await
    }

    async fn ask<T>(&self, name: &str, kind: RecordType, pick: impl Fn(&RData) -> Option<T>) -> Told<T> {
        // The full stop at the end: no search list of this machine makes another name of it.
        let Ok(name) = Name::from_ascii(format!("{name}.")) else {
            return Told::NoName;
        };
        match self.resolver.lookup(name, kind).await {
            Ok(found) => Told::These(found.answers().iter().filter_map(|record| pick(&record.data)).collect()),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => match none.response_code {
                ResponseCode::NXDomain => Told::NoName,
                ResponseCode::NoError => Told::These(Vec::new()),
                other => Told::Silence(other.to_string()),
            },
            Err(error) => Told::Silence(error.to_string()),
        }
    }
}

/// What was found of a domain's servers.
#[derive(Default)]
struct Found {
    servers: Vec<Exchanger>,
    has_inner: bool,
    silence: Option<String>,
}

impl Found {
    fn way(self, domain: &str, is_implicit: bool) -> Way {
        match self {
            Self { servers, .. } if !servers.is_empty() => Way::To(servers),
            Self {
                silence: Some(said), ..
            } => Way::Unknown(format!(
                "the DNS did not answer for the mail servers of {domain}: {said}"
            )),
            Self { has_inner: true, .. } => Way::Never(format!(
                "the mail servers of {domain} have addresses of inner networks only, which nobody outside can reach"
            )),
            _ if is_implicit => Way::Never(format!("{domain} has neither a mail server nor an address")),
            _ => Way::Never(format!("the mail servers that {domain} names have no address")),
        }
    }
}

/// The names by preference, those of one preference in the order of `lot`; a null MX names nobody.
fn in_order(records: Vec<(u16, String)>, lot: impl Fn() -> u16) -> Vec<String> {
    let mut drawn: Vec<_> = records
        .into_iter()
        .filter(|(_, name)| !name.is_empty())
        .map(|(preference, name)| (preference, lot(), name))
        .collect();
    drawn.sort_unstable();
    drawn.into_iter().map(|(_, _, name)| name).collect()
}

/// Whether this address is one of the open internet (RFC 6890). An address that wraps another is judged by what it wraps.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_for_protocols = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
    let is_for_benches = a == 198 && (b == 18 || b == 19);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || is_shared
        || is_for_protocols
        || is_for_benches)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.octets() {
        // 6to4 and NAT64 lead to the IPv4 address that they hold.
        [0x20, 0x02, inner @ ..] => is_public_v4(inner.first_chunk::<4>().copied().unwrap_or_default().into()),
        [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, inner @ ..] => is_public_v4(inner.into()),
        // Teredo, benches, ORCHID and whatever else is for protocols; documentation.
        [0x20, 0x01, 0..2, ..] | [0x20, 0x01, 0x0d, 0xb8, ..] => false,
        // Of all others only 2000::/3 is given out.
        [first, ..] => first & 0xe0 == 0x20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchangers_stand_by_preference_and_equal_ones_by_lot() {
        let record = |preference, name: &str| (preference, name.to_owned());
        let records = vec![record(20, "c"), record(10, "a"), record(10, "b")];
        let lots = std::cell::Cell::new(0_u16);
        let rising = || {
            lots.set(lots.get() + 1);
            lots.get()
        };
        assert_eq!(in_order(records.clone(), rising), ["a", "b", "c"]);
        assert_eq!(in_order(records, || u16::MAX - rising()), ["b", "a", "c"]);
        assert!(in_order(vec![record(0, "")], || 0).is_empty(), "null MX");
    }

    #[test]
    fn addresses_of_inner_networks_are_known_in_every_disguise() {
        for inner in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "64:ff9b::a00:1",
            "100::1",
        ] {
            assert!(!is_public(inner.parse().unwrap()), "{inner}");
        }
        for open in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::8",
            "64:ff9b::101:101",
            "2002:101:101::",
        ] {
            assert!(is_public(open.parse().unwrap()), "{open}");
        }
    }
}
