//! Who may have a mail sent. Pure.
pub use kernel::code::{code, read_code, shown};
use kernel::{Reason, Span, Verdict};

/// Link and code live so long.
pub const LIVES_FOR: Span = Span::minutes(30);
/// Over which questions and mails are counted.
pub const WINDOW: Span = Span::hours(1);
/// A network may ask so often in an hour, over all addresses.
pub const NETWORK_ASKS: i64 = 20;
/// Strangers together have so many alive for one mailbox.
pub const ALIVE: i64 = 3;
/// And so many mails an hour.
pub const MAILS: i64 = 5;
/// A code is tried so often at most.
pub const CODE_TRIES: i64 = 5;

/// What is known when somebody asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Questions of this network in the last hour, this one left out.
    pub network_asks: i64,
    /// The device has signed in as this person before.
    pub is_known_device: bool,
    /// Links alive that this known device asked for, or, for a stranger, that strangers asked for.
    pub alive: i64,
    /// Mails in the last hour that strangers asked for.
    pub mails: i64,
}

/// What is done about it. The page says the same for all but `TooOften`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A mail is sent.
    Send,
    /// Nothing more is sent; what was sent before stays good.
    Enough,
    /// The network asks too often.
    TooOften,
}

/// Decides. INVARIANT: a stranger's question never ends a link that was sent before, and never takes a known device's place.
pub fn decide(facts: Facts) -> Verdict<Outcome> {
    if facts.network_asks >= NETWORK_ASKS {
        return Verdict::because(Outcome::TooOften, Reason::RecoveryTooOften);
    }
    let is_enough = facts.alive >= ALIVE || (!facts.is_known_device && facts.mails >= MAILS);
    if is_enough {
        return Verdict::because(Outcome::Enough, Reason::RecoveryLimit);
    }
    Verdict {
        outcome: Outcome::Send,
        reasons: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Facts = Facts {
        network_asks: 0,
        is_known_device: false,
        alive: 0,
        mails: 0,
    };

    #[test]
    fn strangers_together_have_three_alive_and_five_an_hour() {
        for (facts, outcome) in [
            (QUIET, Outcome::Send),
            (
                Facts {
                    alive: 2,
                    mails: 4,
                    ..QUIET
                },
                Outcome::Send,
            ),
            (Facts { alive: 3, ..QUIET }, Outcome::Enough),
            (Facts { mails: 5, ..QUIET }, Outcome::Enough),
            (
                Facts {
                    network_asks: 19,
                    ..QUIET
                },
                Outcome::Send,
            ),
            (
                Facts {
                    network_asks: 20,
                    ..QUIET
                },
                Outcome::TooOften,
            ),
            (
                Facts {
                    is_known_device: true,
                    mails: 5,
                    alive: 2,
                    ..QUIET
                },
                Outcome::Send,
            ),
            (
                Facts {
                    is_known_device: true,
                    alive: 3,
                    ..QUIET
                },
                Outcome::Enough,
            ),
        ] {
            assert_eq!(decide(facts).outcome, outcome, "{facts:?}");
        }
    }

    #[test]
    fn what_strangers_did_never_decides_for_a_known_device() {
        for mails in 0..12 {
            for alive in 0..6 {
                let known = Facts {
                    is_known_device: true,
                    alive,
                    mails,
                    ..QUIET
                };
                let wanted = if alive < ALIVE { Outcome::Send } else { Outcome::Enough };
                assert_eq!(decide(known).outcome, wanted, "{known:?}");
            }
        }
    }

    #[test]
    fn every_answer_but_sending_gives_its_reason() {
        for network_asks in [0, 19, 20, 21] {
            for (alive, mails) in [(0, 0), (2, 4), (3, 0), (0, 5), (9, 9)] {
                let facts = Facts {
                    network_asks,
                    is_known_device: false,
                    alive,
                    mails,
                };
                let verdict = decide(facts);
                let reason = match verdict.outcome {
                    Outcome::Send => None,
                    Outcome::Enough => Some(Reason::RecoveryLimit),
                    Outcome::TooOften => Some(Reason::RecoveryTooOften),
                };
                assert_eq!(verdict.reasons.first().copied(), reason, "{facts:?}");
                assert_eq!(network_asks >= 20, verdict.outcome == Outcome::TooOften, "{facts:?}");
            }
        }
    }
}
