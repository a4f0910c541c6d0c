//! What a session is worth at this moment. Pure: facts and the time in, a standing out.
use kernel::{DeviceId, OrganisationId, PersonId, Reason, SessionId, Span, Time};
use organisations::SessionPolicy;

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
