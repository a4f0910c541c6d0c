//! The arithmetic of the lanes (of codes: the modules below). Pure: what a lane is and the time go in, what it becomes and whether a try may be made come out.
//! Three kinds: (a) a known device, (b) strangers at an address, (c) a network. For the store of this crate; DESIGN says the numbers once, here.
//! Must never happen: a stranger who locks the owner's known device; a try that is hashed before it was counted; a wait beyond 24 hours.
pub mod app;
pub mod pause;
pub mod text;

use kernel::{Reason, Span, Time, Verdict};

/// Failures of a run before a device or an address waits.
pub const TRIES: u32 = 10;
/// Failures of a network within [`WINDOW`] before it waits.
pub const NETWORK_TRIES: u32 = 60;
/// Over which a network's failures count.
pub const WINDOW: Span = Span::minutes(15);
/// The first wait; each further one is twice as long.
pub const FIRST_WAIT: Span = Span::minutes(15);
/// The longest wait.
pub const LONGEST_WAIT: Span = Span::hours(24);
/// A run is forgotten after so long without a failure.
pub const FORGOTTEN_AFTER: Span = Span::hours(24);
/// Failures since the last success that counts: then the password is shut for strangers, or the device is no longer known.
pub const MOST_IN_ALL: u32 = 100;
/// An event of refusals stands for this long at least.
pub const REPORT_EVERY: Span = Span::minutes(1);

/// What a lane counts the failures of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// (a) A device that has signed in as this person before.
    Device,
    /// (b) All others at one address, whether it belongs to anybody or not.
    Address,
    /// (c) A network, over all addresses; strangers only.
    Network,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Device, Self::Address, Self::Network];
    /// The word in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Address => "address",
            Self::Network => "network",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
    const fn refusal(self, is_shut: bool) -> Reason {
        match self {
            Self::Device => Reason::SignInLockedDevice,
            Self::Address if is_shut => Reason::SignInShut,
            Self::Address => Reason::SignInLockedStranger,
            Self::Network => Reason::SignInLockedNetwork,
        }
    }
}

/// One lane as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lane {
    /// Failures of the present run; of a network, within the present window.
    pub run: u32,
    /// Failures since the last success that counts; not kept of networks.
    pub total: u32,
    /// Waits so far, of a network.
    pub rounds: u32,
    /// When the window of a network began.
    pub window_at: Time,
    /// When a try was counted last.
    pub failed_at: Time,
    /// The end of the latest wait, past or to come.
    pub locked_until: Option<Time>,
    /// Whether that end has been told.
    pub is_end_told: bool,
}

/// Whether a lane lets a try through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does.
    Open,
    /// Not before this moment.
    Locked(Time),
    /// Not before another way in was used.
    Shut,
}

/// How a lane stands now.
pub fn state(kind: Kind, lane: &Lane, now: Time) -> State {
    match lane.locked_until {
        _ if kind != Kind::Network && lane.total >= MOST_IN_ALL => State::Shut,
        Some(until) if until > now => State::Locked(until),
        _ => State::Open,
    }
}

/// The lane after one more failure. INVARIANT: only an open lane is counted, so that each release of a lock has exactly one try.
pub fn count(kind: Kind, lane: &Lane, now: Time) -> Lane {
    let mut next = *lane;
    if kind == Kind::Network {
        let was_locked = lane.locked_until.is_some_and(|until| until > lane.window_at);
        if was_locked || lane.run == 0 || now - lane.window_at >= WINDOW {
            (next.run, next.window_at) = (0, now);
        }
        if now - lane.failed_at >= FORGOTTEN_AFTER {
            next.rounds = 0;
        }
    } else {
        if now - lane.failed_at >= FORGOTTEN_AFTER {
            next.run = 0;
        }
        next.total = next.total.saturating_add(1);
    }
    next.run = next.run.saturating_add(1);
    next.failed_at = now;
    // Whoever counts tells the end of the lock before ([`untold_end`]).
    next.is_end_told = lane.locked_until.is_some();
    if let Some(wait) = wait(kind, &next) {
        next.locked_until = Some(now + wait);
        next.is_end_told = false;
        next.rounds = next.rounds.saturating_add(u32::from(kind == Kind::Network));
    }
    next
}

/// How long a lane waits with this many failures.
fn wait(kind: Kind, lane: &Lane) -> Option<Span> {
    let doublings = match kind {
        Kind::Network => (lane.run >= NETWORK_TRIES).then_some(lane.rounds),
        Kind::Device | Kind::Address => lane.run.checked_sub(TRIES),
    }?;
    Some(FIRST_WAIT.doubled(doublings, LONGEST_WAIT))
}

/// The lane without the try that was counted: it succeeded. What others counted meanwhile stays.
pub fn refund(kind: Kind, lane: &Lane, counted: &Counted) -> Lane {
    let mut next = *lane;
    // A reset came between, or a new window: there is nothing of ours in it any more.
    let is_ours =
        counted.kind == kind && lane.run > 0 && (kind != Kind::Network || lane.window_at == counted.after.window_at);
    if !is_ours {
        return next;
    }
    let is_end_told = counted.before.locked_until.is_some();
    if *lane == counted.after {
        return Lane {
            is_end_told,
            ..counted.before
        };
    }
    next.run -= 1;
    next.total = next.total.saturating_sub(1);
    if counted.has_locked() && lane.locked_until == counted.after.locked_until {
        next.locked_until = counted.before.locked_until;
        next.is_end_told = is_end_told;
        next.rounds = counted.before.rounds;
    }
    next
}

/// The lane set to nought, and the moment at which its lock ended, where that has not been told.
pub fn reset(lane: &Lane, now: Time) -> (Lane, Option<Time>) {
    let ended = lane
        .locked_until
        .filter(|_| !lane.is_end_told)
        .map(|until| until.min(now));
    (
        Lane {
            failed_at: lane.failed_at,
            ..Lane::default()
        },
        ended,
    )
}

/// The end of a lock that is over and has not been told.
pub fn untold_end(lane: &Lane, now: Time) -> Option<Time> {
    lane.locked_until.filter(|until| *until <= now && !lane.is_end_told)
}

/// The lanes that a try passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facts {
    /// From a device that is known to this person: its own lane alone.
    KnownDevice(Lane),
    /// From anywhere else.
    Stranger {
        /// Of the address.
        address: Lane,
        /// Of the network.
        network: Lane,
    },
}

/// A lane with a try counted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Which lane.
    pub kind: Kind,
    /// As it was.
    pub before: Lane,
    /// As it is with this try.
    pub after: Lane,
}

impl Counted {
    /// Whether this try locked the lane.
    pub fn has_locked(&self) -> bool {
        self.after.locked_until != self.before.locked_until && self.after.locked_until.is_some()
    }
}

/// What is to happen with a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserve {
    /// Whether the password is looked at, or why not.
    pub answer: Answer,
    /// The lanes in which it was counted; to be written.
    pub counted: Vec<Counted>,
}

/// Whether a password is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is; so many tries are left before the next wait (of a known device, to be told).
    Try { left: u32 },
    /// It is not. At an address the refusal must look like a wrong password, hash and all; else it names the end of the wait.
    Refused { lane: Kind, until: Option<Time> },
}

/// Counts one try, or refuses it.
///
/// A stranger's try at a locked address still counts in the network's lane: else whether it does would tell of the lock.
pub fn reserve(facts: &Facts, now: Time) -> Verdict<Reserve> {
    let lanes: &[(Kind, Lane)] = match facts {
        Facts::KnownDevice(device) => &[(Kind::Device, *device)],
        Facts::Stranger { address, network } => &[(Kind::Network, *network), (Kind::Address, *address)],
    };
    let mut counted = Vec::with_capacity(lanes.len());
    for (kind, lane) in lanes {
        let until = match state(*kind, lane, now) {
            State::Open => {
                counted.push(Counted {
                    kind: *kind,
                    before: *lane,
                    after: count(*kind, lane, now),
                });
                continue;
            }
            State::Locked(until) => Some(until),
            State::Shut => None,
        };
        let answer = Answer::Refused { lane: *kind, until };
        return Verdict::because(Reserve { answer, counted }, kind.refusal(until.is_none()));
    }
    let left = counted.last().map_or(0, |last| TRIES.saturating_sub(last.after.run));
    Verdict {
        outcome: Reserve {
            answer: Answer::Try { left },
            counted,
        },
        reasons: Vec::new(),
    }
}

/// Refusals that have not been told yet, of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// How many.
    pub unreported: u32,
    /// When they were told last.
    pub reported_at: Time,
}

/// Adds refusals. The first in a minute is told at once, with those that waited; answers how many to tell now.
pub fn report(report: Report, more: u32, now: Time) -> (Report, Option<u32>) {
    let count = report.unreported.saturating_add(more);
    // A clock that was set back must not silence the log.
    if now - report.reported_at >= REPORT_EVERY || report.reported_at > now {
        (
            Report {
                unreported: 0,
                reported_at: now,
            },
            Some(count),
        )
    } else {
        (
            Report {
                unreported: count,
                ..report
            },
            None,
        )
    }
}
