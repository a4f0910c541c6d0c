//! The ratchet: with each token an agent gets a value that is good for the next one. A copy and its original share one value, and the second that comes
//! with it is a fork. Pure: facts, time and marks come in. For the route of tokens.
//! Must never happen: a lost reply, a restart or a parallel call taken for a copy; a copy that goes on beside its original unseen.
use kernel::{Span, Time};

/// A value that is in doubt waits so long for whoever holds the newest one: two heartbeats and more.
pub(crate) const WAITS_FOR: Span = Span::seconds(150);

/// Which value: of which anchoring, and the how manieth of it. An anchoring makes all values before it worthless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    /// The anchoring; the first is 1.
    pub anchoring: i64,
    /// The step; nought is "no value yet".
    pub step: i64,
}

/// What is known of a fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Fork {
    /// Nothing.
    #[default]
    None,
    /// Somebody with the right marks came with an old value: whether the newest is alive is awaited.
    Waits,
    /// Somebody with other marks was refused.
    Refused,
    /// Both were set aside until a person picks.
    Aside,
    /// The machine had been put back to an earlier state, and went on.
    Restored,
}

impl Fork {
    const ALL: [(Self, &'static str); 5] = [
        (Self::None, ""),
        (Self::Waits, "waits"),
        (Self::Refused, "refused"),
        (Self::Aside, "aside"),
        (Self::Restored, "restored"),
    ];
    /// The word in the store.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(fork, _)| *fork == self)
            .map_or("", |(_, name)| name)
    }
    /// Back from the word.
    pub(crate) fn from_name(name: &str) -> Self {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map_or(Self::None, |(fork, _)| *fork)
    }
}

/// Which of the two keeps the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Whoever had the newest value.
    First,
    /// Whoever came with an old one.
    Second,
}

impl Keep {
    /// The word in the store and in the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }
    /// Back from the word.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::First, Self::Second].into_iter().find(|keep| keep.name() == name)
    }
}

/// What is known of an agent's ratchet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// The newest value that was given.
    pub newest: Place,
    /// The attempt that got it.
    pub attempt: Vec<u8>,
    /// The value that the newest anchoring was reached from.
    pub from: Place,
    /// What is known of a fork.
    pub fork: Fork,
    /// The value that was seen then.
    pub fork_place: Place,
    /// When.
    pub fork_at: Time,
    /// What a person picked; none once that is done.
    pub picked: Option<Keep>,
}

/// Somebody who proved the agent's key and asks for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about whoever asks"
)]
pub(crate) struct Presented {
    /// The value: genuine, since only the server can make one. None: no value.
    pub place: Option<Place>,
    /// What was stored before the call.
    pub attempt: Vec<u8>,
    /// Whether the machine is the one that was paired.
    pub matches: bool,
    /// Whether that of the newest value's holder is.
    pub holder_matches: bool,
    /// Whether the machine looks like the one that a person picked, where one did.
    pub is_picked: bool,
    /// Whether this machine was refused here before, for the same value.
    pub is_known: bool,
}

/// Why a new anchoring begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The holder of the newest value is a copy: another machine than was paired.
    Copied,
    /// The machine was put back to an earlier state.
    Restored,
    /// The server was: it had forgotten what it gave.
    Behind,
    /// A person picked.
    Picked,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The next value.
    Next(Place),
    /// The same answer again.
    Again,
    /// A new anchoring: the presenter goes on, and nobody else.
    Anew(Place, Why),
    /// A copy: pair anew. `is_new`: seen for the first time.
    Refuse { is_new: bool },
    /// Nobody can tell yet: come again after so long. `begins`: with this call.
    Wait { begins: bool, left: Span },
    /// Two machines, and nobody can tell which is the right one.
    Aside,
}

/// Decides.
pub(crate) fn decide(known: &Known, presented: &Presented, now: Time) -> Verdict {
    let newest = known.newest;
    // Whoever lost the value but kept the key is at the beginning of the present anchoring.
    let place = presented.place.unwrap_or(Place { step: 0, ..newest });
    let same_attempt = presented.attempt == known.attempt;
    let is_repeat = same_attempt
        && place
            == Place {
                step: newest.step - 1,
                ..newest
            };
    let is_first_answer_again = same_attempt && !known.attempt.is_empty() && newest.step == 1 && place == known.from;
    if let Some(keep) = known.picked {
        return picked(known, (keep, presented.is_picked), place, is_repeat);
    }
    if is_repeat || is_first_answer_again {
        return Verdict::Again;
    }
    if place > newest {
        return Verdict::Anew(after(place.max(newest)), Why::Behind);
    }
    if place == newest {
        // Whoever was waited for is alive, so there are two.
        let is_proof = known.fork == Fork::Waits;
        return if is_proof {
            Verdict::Aside
        } else {
            Verdict::Next(Place {
                step: newest.step + 1,
                ..newest
            })
        };
    }
    // Of an anchoring before: its machine had its say already, unless what came then was only a machine that had been put back.
    let is_open =
        known.fork == Fork::Restored || (known.fork == Fork::Waits && known.fork_place.anchoring < newest.anchoring);
    if place.anchoring < newest.anchoring && !is_open {
        return Verdict::Refuse {
            is_new: is_new(known, presented),
        };
    }
    superseded(known, presented, now)
}

/// A superseded value came.
fn superseded(known: &Known, presented: &Presented, now: Time) -> Verdict {
    match (presented.matches, presented.holder_matches) {
        (true, false) => Verdict::Anew(after(known.newest), Why::Copied),
        (false, true) => Verdict::Refuse {
            is_new: is_new(known, presented),
        },
        (false, false) => Verdict::Aside,
        (true, true) if known.fork == Fork::Waits => {
            let left = known.fork_at + WAITS_FOR - now;
            if left > Span::ZERO {
                Verdict::Wait {
                    begins: false,
                    left: left.min(WAITS_FOR),
                }
            } else {
                Verdict::Anew(after(known.newest), Why::Restored)
            }
        }
        (true, true) => Verdict::Wait {
            begins: true,
            left: WAITS_FOR,
        },
    }
}

/// What is known of another machine stays: a third one must not take its place.
fn is_new(known: &Known, presented: &Presented) -> bool {
    matches!(known.fork, Fork::None | Fork::Refused) && !presented.is_known
}

/// A third machine with the same value on its disk is not the one that was picked.
fn picked(known: &Known, (keep, is_picked): (Keep, bool), place: Place, is_repeat: bool) -> Verdict {
    let is_kept = is_picked
        && match keep {
            Keep::First => is_repeat || place >= known.newest,
            Keep::Second => place == known.fork_place,
        };
    if is_kept {
        Verdict::Anew(after(known.newest.max(place)), Why::Picked)
    } else {
        Verdict::Refuse { is_new: false }
    }
}

/// The first value of the next anchoring.
const fn after(place: Place) -> Place {
    Place {
        anchoring: place.anchoring + 1,
        step: 1,
    }
}

/// Whether a call with a token of this value proves that the holder of the newest one is alive, while that is in doubt. Signed at `signed_at` (whole
/// seconds): what was signed before the doubt began proves nothing, however late it comes.
pub(crate) fn proves(known: &Known, token: Place, signed_at: Time) -> bool {
    known.fork == Fork::Waits && token == known.newest && signed_at >= known.fork_at + Span::seconds(2)
}

#[cfg(test)]
#[path = "ratchet/tests.rs"]
mod tests;
