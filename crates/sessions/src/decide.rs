//! What a session is worth at this moment. Pure: facts and the time in, a standing out.
use kernel::{DeviceId, Kinds, Methods, OrganisationId, PersonId, Reason, SessionId, Span, Time};
use organisations::{FactorPolicy, Require, SessionPolicy};

/// On a shared device a session ends after so long without use.
pub const SHARED_IDLE: Span = Span::minutes(15);
/// So many failures at unlock end the session.
pub const UNLOCK_TRIES: i64 = 5;

/// A session as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// Whose.
    pub person: PersonId,
    /// For which organisation it speaks.
    pub organisation: OrganisationId,
    /// The device; none on a shared one.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub device_label: String,
    /// The network that it was last seen from.
    pub network: String,
    /// On a shared or public device.
    pub is_shared: bool,
    /// The deployment's epoch when it was opened.
    pub deployment_epoch: i64,
    /// When opened.
    pub opened_at: Time,
    /// When last seen, as written (at most a minute late).
    pub seen_at: Time,
    /// When the person proved themselves last: at sign-in, unlock or step-up.
    pub proved_at: Time,
    /// What was proved in all, in the words of the store.
    pub methods: String,
    /// What was proved last, likewise.
    pub fresh: String,
    /// The person had not signed in for long before this session.
    pub was_away: bool,
    /// Failures at unlock since it locked.
    pub unlock_failures: i64,
    /// When it ended before its time.
    pub ended_at: Option<Time>,
    /// Why, as a reason's id.
    pub ended_why: Option<String>,
}

/// What it is worth now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It counts; locks and ends at these times unless used.
    Live { locks_at: Time, ends_at: Time },
    /// It waits to be unlocked until it ends.
    Locked { ends_at: Time },
    /// It is over, for this reason, since then.
    Over { why: Reason, at: Time },
}

/// What a session is worth to the policy of second factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorStanding {
    /// It has proved what is asked for, or nothing is.
    Met,
    /// The person has none that counts, and may still put it off until then.
    Grace { due_at: Time },
    /// It has not proved one. `has_one`: the person has one that counts, and can prove it.
    Lacking { has_one: bool },
}

/// When the grace of a person ends. It counts from their first sign-in under the policy as it is now; `or_from`: from when, where there was none yet.
pub fn grace_ends_at(policy: &FactorPolicy, grace_from: Option<Time>, or_from: Time) -> Time {
    policy.due_at(grace_from.filter(|from| *from >= policy.since).unwrap_or(or_from))
}

/// Holds a session against the policy: a person who has a factor that counts always proves it, and where one is asked for, everybody after the grace.
pub fn factor_standing(
    policy: &FactorPolicy,
    has: Kinds,
    proved: Methods,
    grace_from: Option<Time>,
    now: Time,
) -> FactorStanding {
    let has_one = policy.counting(has).has_factor();
    let is_proved = match policy.require {
        Require::PhishingResistant => proved.is_phishing_resistant(),
        Require::No | Require::Yes => proved.has_second_factor(),
    };
    if is_proved || (policy.require == Require::No && !has_one) {
        return FactorStanding::Met;
    }
    // A session that was open before the policy counts from when that came.
    let due_at = grace_ends_at(policy, grace_from, policy.since);
    if has_one || now >= due_at {
        FactorStanding::Lacking { has_one }
    } else {
        FactorStanding::Grace { due_at }
    }
}

/// Judges a session. Idle counts from "last seen" as written, so it may come up to a minute early, never late.
pub fn judge(session: &Session, policy: SessionPolicy, epoch: i64, now: Time) -> Standing {
    if let Some(at) = session.ended_at {
        let why = session
            .ended_why
            .as_deref()
            .and_then(Reason::from_id)
            .unwrap_or(Reason::SessionSignedOut);
        return Standing::Over { why, at };
    }
    if session.deployment_epoch != epoch {
        return Standing::Over {
            why: Reason::SessionRestored,
            at: now,
        };
    }
    let ends_at = session.opened_at + policy.end_for;
    let idle_at = session.seen_at
        + if session.is_shared {
            SHARED_IDLE.min(policy.lock_for)
        } else {
            policy.lock_for
        };
    if now >= ends_at {
        return Standing::Over {
            why: Reason::SessionOver,
            at: ends_at,
        };
    }
    if now < idle_at {
        return Standing::Live {
            locks_at: idle_at,
            ends_at,
        };
    }
    if session.is_shared {
        Standing::Over {
            why: Reason::SessionShared,
            at: idle_at,
        }
    } else {
        Standing::Locked { ends_at }
    }
}
