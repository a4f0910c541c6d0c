//! Who is hashed for next. Pure: a desk with a bounded number of slots and a bounded queue before it; the pool puts the waiting to sleep.
//! Known devices come first, then one try in flight a network, the rest last: a flood of strangers does not keep the house out.
//! Must never happen: a slot that is lost, a queue that grows without end, a place given to somebody who has left.
use std::collections::{HashMap, HashSet, VecDeque};

/// Whoever asks for a hash, by keys that the caller makes ([`crate::Lanes::asker`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// The device, where it has signed in as this person before.
    pub known_device: Option<Vec<u8>>,
    /// The network it comes from.
    pub network: Vec<u8>,
}

/// Number of a place, waiting or in flight.
pub(crate) type Ticket = u64;

/// What the desk answers to a newcomer.
pub(crate) enum Answer {
    /// A slot at once.
    Go(Ticket),
    /// A place in the queue; the wake-up given is used when its turn comes, or dropped when it has to give way.
    Wait(Ticket),
    /// Nothing: the queue is full of others with as good a right.
    Full,
}

/// As which class somebody counts. Whether a stranger is the first of the network is seen when a slot is free.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Device(Vec<u8>),
    Stranger(Vec<u8>),
}

struct Waiting<W> {
    ticket: Ticket,
    standing: Standing,
    wake: W,
}

struct Flying {
    standing: Standing,
    /// Whether it is the one in flight of its network.
    is_first: bool,
}

/// Slots in flight, and the queue before them. `W` wakes whoever waits.
pub(crate) struct Desk<W> {
    slots: usize,
    places: usize,
    last: Ticket,
    waiting: VecDeque<Waiting<W>>,
    flying: HashMap<Ticket, Flying>,
    /// Devices waiting or in flight: a device has one place in its class.
    devices: HashSet<Vec<u8>>,
    /// Networks with their one in flight.
    networks: HashSet<Vec<u8>>,
    /// How many strangers of each network wait or are in flight.
    strangers: HashMap<Vec<u8>, usize>,
}

impl<W> Desk<W> {
    pub(crate) fn new(slots: usize, places: usize) -> Self {
        Self {
            slots: slots.max(1),
            places,
            last: 0,
            waiting: VecDeque::new(),
            flying: HashMap::new(),
            devices: HashSet::new(),
            networks: HashSet::new(),
            strangers: HashMap::new(),
        }
    }
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
    pub(crate) fn in_flight(&self) -> usize {
        self.flying.len()
    }

    /// Somebody comes. The wake-up is kept only if they have to wait.
    pub(crate) fn ask(&mut self, asker: Asker, wake: W) -> Answer {
        let standing = match asker.known_device {
            Some(device) if !self.devices.contains(&device) => Standing::Device(device),
            // A second try of one device at once stands behind with the strangers of its network.
            _ => Standing::Stranger(asker.network),
        };
        let has_slot = self.flying.len() < self.slots && self.waiting.is_empty();
        if !has_slot && self.waiting.len() >= self.places && !self.displace(&standing) {
            return Answer::Full;
        }
        self.last += 1;
        let ticket = self.last;
        self.enter(&standing);
        if has_slot {
            self.fly(ticket, standing);
            return Answer::Go(ticket);
        }
        self.waiting.push_back(Waiting { ticket, standing, wake });
        Answer::Wait(ticket)
    }

    /// Somebody leaves, from the queue or from a slot. Answers who has a slot now.
    pub(crate) fn leave(&mut self, ticket: Ticket) -> Vec<W> {
        if let Some(at) = self.waiting.iter().position(|w| w.ticket == ticket) {
            if let Some(gone) = self.waiting.remove(at) {
                self.exit(&gone.standing);
            }
        } else if let Some(landed) = self.flying.remove(&ticket) {
            if let (true, Standing::Stranger(network)) = (landed.is_first, &landed.standing) {
                self.networks.remove(network);
            }
            self.exit(&landed.standing);
        }
        let mut woken = Vec::new();
        while self.flying.len() < self.slots {
            let Some(next) = self.next().and_then(|at| self.waiting.remove(at)) else {
                break;
            };
            self.fly(next.ticket, next.standing);
            woken.push(next.wake);
        }
        woken
    }

    /// Whose turn it is: the oldest known device, else the oldest stranger whose network has none in flight, else the oldest.
    fn next(&self) -> Option<usize> {
        let known = self
            .waiting
            .iter()
            .position(|w| matches!(w.standing, Standing::Device(_)));
        let first = || {
            let is_first = |w: &Waiting<W>| matches!(&w.standing, Standing::Stranger(n) if !self.networks.contains(n));
            self.waiting.iter().position(is_first)
        };
        known.or_else(first).or_else(|| (!self.waiting.is_empty()).then_some(0))
    }

    /// Makes room in a full queue for somebody with a better right: the newest of the rest gives way, for a known device any stranger.
    fn displace(&mut self, newcomer: &Standing) -> bool {
        let is_rest = |w: &Waiting<W>| matches!(&w.standing, Standing::Stranger(n) if self.strangers.get(n).is_some_and(|count| *count > 1));
        let rest = || self.waiting.iter().rposition(is_rest);
        let stranger = || {
            self.waiting
                .iter()
                .rposition(|w| matches!(w.standing, Standing::Stranger(_)))
        };
        let gives_way = match newcomer {
            Standing::Device(_) => rest().or_else(stranger),
            Standing::Stranger(network) if !self.strangers.contains_key(network) => rest(),
            Standing::Stranger(_) => None,
        };
        let Some(gone) = gives_way.and_then(|at| self.waiting.remove(at)) else {
            return false;
        };
        self.exit(&gone.standing);
        true
    }

    fn fly(&mut self, ticket: Ticket, standing: Standing) {
        let is_first = match &standing {
            Standing::Device(_) => false,
            Standing::Stranger(network) => self.networks.insert(network.clone()),
        };
        self.flying.insert(ticket, Flying { standing, is_first });
    }
    fn enter(&mut self, standing: &Standing) {
        match standing {
            Standing::Device(device) => {
                self.devices.insert(device.clone());
            }
            Standing::Stranger(network) => *self.strangers.entry(network.clone()).or_default() += 1,
        }
    }
    fn exit(&mut self, standing: &Standing) {
        match standing {
            Standing::Device(device) => {
                self.devices.remove(device);
            }
            Standing::Stranger(network) => {
                if let Some(count) = self.strangers.get_mut(network) {
                    *count = count.saturating_sub(1);
                    if *count == 0 {
                        self.strangers.remove(network);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
