//! Who may have a mail sent, and how the code is read. Pure.
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

/// Crockford's base32 (no I, L, O, U).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of 8 characters from 40 bits.
pub fn code(bits: [u8; 5]) -> String {
    let all = bits.iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    (0..8_u32)
        .rev()
        .filter_map(|at| {
            ALPHABET
                .get(usize::try_from((all >> (5 * at)) & 31).ok()?)
                .map(|c| char::from(*c))
        })
        .collect()
}

/// As it is shown: two groups of four.
pub fn shown(code: &str) -> String {
    let (left, right) = code.split_at_checked(4).unwrap_or((code, ""));
    format!("{left}-{right}")
}

/// Reads a code however it is spelt: any case, with spaces and dashes, O for 0, I and L for 1. None: it cannot be one.
pub fn read_code(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let read: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let fits = read.len() == 8 && read.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then_some(read)
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

    #[test]
    fn every_code_reads_back_and_no_two_are_alike() {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0..5_000_u64 {
            let bits = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            let made = code([bits[0], bits[1], bits[2], bits[3], bits[4]]);
            assert_eq!(read_code(&shown(&made)), Some(made.clone()));
            seen.insert(made);
        }
        assert_eq!(seen.len(), 5_000);
    }

    #[test]
    fn a_code_is_forty_bits_in_eight_characters_and_reads_back_in_any_spelling() {
        assert_eq!(code([0; 5]), "00000000");
        assert_eq!(code([255; 5]), "ZZZZZZZZ");
        let made = code([0x12, 0x34, 0x56, 0x78, 0x9a]);
        for spelt in [
            made.clone(),
            shown(&made),
            made.to_lowercase(),
            format!(" {} ", shown(&made).replace('-', " - ")),
        ] {
            assert_eq!(read_code(&spelt).as_deref(), Some(made.as_str()), "{spelt}");
        }
        assert_eq!(read_code("oil00000").as_deref(), Some("01100000"));
        for bad in [
            "",
            "1234567",
            "123456789",
            "1234567U",
            "１２３４５６７８",
            &"1".repeat(100),
        ] {
            assert_eq!(read_code(bad), None, "{bad}");
        }
    }
}
