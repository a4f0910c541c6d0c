//! Which lanes a try belongs to, and the keys that name them. For sign-in and every other place that takes a password.
//! Must never happen: two spellings of one address or network with lanes of their own; an address that can be read from its key.
use crate::{
    Asker,
    decide::Kind,
    store::{Ended, Subject},
};
use ground::keys::Keys;
use kernel::{Chance, DeviceId, Event, EventKind, OrganisationId, Outcome, PersonId, Stream};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The lanes of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lanes {
    device: Option<Vec<u8>>,
    address: Vec<u8>,
    network: Vec<u8>,
    person: Option<PersonId>,
}

impl Lanes {
    /// Of a device that has signed in as this person before.
    pub fn of_known_device(keys: &Keys, canonical: &str, from: IpAddr, person: PersonId, device: DeviceId) -> Self {
        let key = device_key(person, device);
        Self {
            device: Some(key),
            ..Self::of_stranger(keys, canonical, from, Some(person))
        }
    }
    /// Of anybody else. `canonical` is the address in canonical form, whether it belongs to a person or not.
    pub fn of_stranger(keys: &Keys, canonical: &str, from: IpAddr, person: Option<PersonId>) -> Self {
        let address = keys.hmac("lane-address", canonical.as_bytes()).to_vec();
        Self {
            device: None,
            address,
            network: network_key(from),
            person,
        }
    }
    /// Whether the try comes from a known device, and so passes neither the address's nor the network's lane.
    pub const fn is_known_device(&self) -> bool {
        self.device.is_some()
    }
    /// Whom the address belongs to.
    pub const fn person(&self) -> Option<PersonId> {
        self.person
    }
    /// As whom the pool admits this try.
    pub fn asker(&self) -> Asker {
        Asker {
            known_device: self.device.clone(),
            network: self.network.clone(),
        }
    }
    /// The key of one lane; none for the device's lane of a stranger.
    pub(crate) fn key(&self, kind: Kind) -> Option<&[u8]> {
        match kind {
            Kind::Device => self.device.as_deref(),
            Kind::Address => Some(&self.address),
            Kind::Network => Some(&self.network),
        }
    }
    /// The lane that speaks for this try in reports: the device's, else the address's.
    pub(crate) fn first(&self) -> (Kind, &[u8]) {
        self.device
            .as_deref()
            .map_or((Kind::Address, &self.address), |key| (Kind::Device, key))
    }
}

/// The key of a device's lane: the device, then the person.
pub(crate) fn device_key(person: PersonId, device: DeviceId) -> Vec<u8> {
    [device.0.into_bytes(), person.0.into_bytes()].concat()
}

/// The network of a client: an IPv4 address as it is, of an IPv6 address its /64; IPv4 mapped into IPv6 is IPv4.
pub fn network_key(from: IpAddr) -> Vec<u8> {
    match from.to_canonical() {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().into_iter().take(8).collect(),
    }
}

/// A network's key in words: `192.0.2.7`, `2001:db8::/64`.
pub(crate) fn network_words(key: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(key) {
        return Ipv4Addr::from(four).to_string();
    }
    let mut six = [0; 16];
    for (to, from) in six.iter_mut().zip(key.iter().take(8)) {
        *to = *from;
    }
    format!("{}/64", Ipv6Addr::from(six))
}

/// The end of a lock as an event, dated when it ended.
pub fn released(ended: &Ended, home: Option<OrganisationId>, chance: &Chance) -> Option<Event> {
    let event = |stream| Event::new(stream, ended.at, EventKind::LaneReleased, Outcome::Done, chance);
    Some(match &ended.subject {
        Subject::Network(words) => event(Stream::Deployment).from(None, "", words),
        Subject::Device(person, device) => {
            event(Stream::Organisation(home?))
                .about(*person)
                .from(Some(*device), "", "")
        }
        Subject::Address(person) => event(Stream::Organisation(home?)).about(*person),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_ipv4_address_or_a_64() {
        for (address, words) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(
                network_words(&network_key(address.parse().unwrap())),
                words,
                "{address}"
            );
        }
    }

    #[test]
    fn the_key_of_an_address_says_nothing_without_the_deployments_key() {
        let of = |data: u8| {
            let keys = Keys::from_bytes(&[1; 32], [data; 32], [3; 32]).unwrap();
            Lanes::of_stranger(&keys, "ana@example.org", "192.0.2.7".parse().unwrap(), None).address
        };
        assert_eq!(of(2), of(2));
        assert_ne!(of(2), of(4));
        assert_eq!(of(2).len(), 32);
    }
}
