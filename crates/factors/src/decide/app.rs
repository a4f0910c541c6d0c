//! Codes of authenticator apps (RFC 6238): which step a code is of, whether it lets in, what it says about the phone's clock. Pure.
//! Must never happen: a step that lets in twice; a code let in from beyond one step round the drift that was learned; a code from the future that
//! is still good when its time comes.
use kernel::{Reason, Span, Time, Verdict};
use subtle::ConstantTimeEq;

/// Seconds of a step (RFC 6238, section 4.1).
pub const STEP_SECONDS: i64 = 30;
/// Steps round the drift in which a code lets in (section 5.2).
pub const WINDOW: i64 = 1;
/// Steps that are looked at to explain, and in which two codes resynchronise.
pub const LOOKED_AT: i64 = 20;
/// The most drift, in steps, that successes alone teach.
pub const MOST_LEARNED: i64 = 10;

/// What is kept of an app beside its secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct App {
    /// Steps by which it runs ahead of us; negative: behind.
    pub drift: i64,
    /// The last step spent.
    pub last_step: i64,
    /// Steps after it whose code came too early.
    pub burned: Vec<i64>,
}

/// What a code says about the phone's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    /// It is behind, by about so much.
    Slow {
        /// How much.
        by: Span,
    },
    /// It is ahead; how much is not told, for the code has not been good yet.
    Fast,
    /// It is right now, and was not when the drift was learned.
    Changed,
}

impl Drift {
    /// As a sentence for its owner.
    pub fn words(self) -> String {
        match self {
            Self::Slow { by } => format!("Your phone’s clock is about {} slow.", by.words()),
            Self::Fast => "Your phone’s clock is fast.".into(),
            Self::Changed => "Your phone’s clock was changed since we last saw a code of it.".into(),
        }
    }
    /// The reason of the refusal.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Slow { .. } => Reason::CodeSlow,
            Self::Fast => Reason::CodeFast,
            Self::Changed => Reason::CodeClockChanged,
        }
    }
}

/// What is to happen with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It lets in: this step is spent, and this is the drift from now on.
    Right {
        /// The step.
        step: i64,
        /// The drift, in steps.
        drift: i64,
    },
    /// It does not.
    Wrong {
        /// What it says about the clock.
        drift: Option<Drift>,
        /// A step of the future, to be burned.
        burn: Option<i64>,
    },
}

const fn wrong(drift: Option<Drift>, burn: Option<i64>) -> Found {
    Found::Wrong { drift, burn }
}

/// The step of this moment by our clock.
pub const fn step_at(now: Time) -> i64 {
    now.seconds().div_euclid(STEP_SECONDS)
}

/// The steps of a range whose code this is, nearest to `middle` first. Looks at every one, whatever it finds.
fn matches(typed: u32, middle: i64, round: i64, code_at: &impl Fn(i64) -> u32) -> Vec<i64> {
    let mut steps: Vec<i64> = (middle - round..=middle + round)
        .filter(|step| *step > 0)
        .filter(|step| bool::from(code_at(*step).ct_eq(&typed)))
        .collect();
    steps.sort_by_key(|step| (step - middle).abs());
    steps
}

/// Judges one code. `code_at` is the app's code of a step.
pub fn judge(app: &App, typed: u32, now: Time, code_at: impl Fn(i64) -> u32) -> Verdict<Found> {
    let present = step_at(now);
    let expected = present + app.drift;
    let near = matches(typed, expected, WINDOW, &code_at);
    let is_spent = |step: i64| step <= app.last_step || app.burned.contains(&step);
    if let Some(step) = near.iter().copied().find(|step| !is_spent(*step)) {
        let drift = learned(app.drift, step - present);
        return Verdict {
            outcome: Found::Right { step, drift },
            reasons: Vec::new(),
        };
    }
    if !near.is_empty() {
        return Verdict::because(wrong(None, None), Reason::CodeSpent);
    }
    let Some(step) = matches(typed, present, LOOKED_AT, &code_at).first().copied() else {
        return Verdict::because(wrong(None, None), Reason::CodeWrong);
    };
    if is_spent(step) {
        return Verdict::because(wrong(None, None), Reason::CodeSpent);
    }
    let burn = (step > expected + WINDOW).then_some(step);
    let offset = step - present;
    let drift = match offset {
        _ if offset.abs() <= WINDOW => Drift::Changed,
        ..0 => Drift::Slow {
            by: Span::seconds(-offset * STEP_SECONDS),
        },
        _ => Drift::Fast,
    };
    Verdict::because(wrong(Some(drift), burn), drift.reason())
}

/// The drift after a success at this offset: at most a step away, and outwards no further than [`MOST_LEARNED`].
fn learned(drift: i64, offset: i64) -> i64 {
    let is_outwards = offset.abs() > drift.abs();
    if is_outwards && offset.abs() > MOST_LEARNED {
        drift
    } else {
        drift + (offset - drift).clamp(-1, 1)
    }
}

/// Judges two codes that follow each other, of a phone however slow or fast within [`LOOKED_AT`] steps: the second is spent, and says the drift.
///
/// The first may have come too early before (that is how its owner learned of it); the second must be fresh.
pub fn resynchronise(app: &App, typed: (u32, u32), now: Time, code_at: impl Fn(i64) -> u32) -> Verdict<Found> {
    let present = step_at(now);
    let mut is_old = false;
    for first in matches(typed.0, present, LOOKED_AT, &code_at) {
        let second = first + 1;
        if second > present + LOOKED_AT || !bool::from(code_at(second).ct_eq(&typed.1)) {
            continue;
        }
        // INVARIANT: never a step at or before the last one spent.
        if first > app.last_step && !app.burned.contains(&second) {
            let drift = second - present;
            return Verdict {
                outcome: Found::Right { step: second, drift },
                reasons: Vec::new(),
            };
        }
        is_old = true;
    }
    let reason = if is_old {
        Reason::CodeSpent
    } else {
        Reason::CodePairWrong
    };
    Verdict::because(wrong(None, None), reason)
}
