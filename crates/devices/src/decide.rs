//! What a device is worth at the door: what it showed, whether it is trusted, and what policy wants of it. Pure.
//! Must never happen: a copied cookie taken for the device that it was given to; a device trusted longer than policy says.
use kernel::{DeviceId, Method, Methods, Reason, Span, Time, Verdict};
use organisations::Mode;

/// What a browser showed to be a device that the person has signed in from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing that this person is known by.
    Nothing,
    /// The cookie of a device that never had a key: weaker.
    Cookie,
    /// The cookie alone, where the device has a key: cleared storage, no JavaScript, or a copied cookie. Weaker.
    Missing,
    /// The cookie and its key.
    Proven,
    /// The cookie with the key of another browser: an alarm.
    OtherKey,
}

impl Shown {
    /// What came along with a cookie: the device's key, where it has one, against the one that was proved.
    pub fn of(kept: Option<&[u8]>, proved: Option<&[u8]>, is_fresh: bool) -> Self {
        match (kept, proved) {
            (None, _) => Self::Cookie,
            (Some(kept), Some(proved)) if kept == proved => Self::Proven,
            // A browser that says itself that it had no key any more and made a new one is as one that shows none.
            (Some(_), Some(_)) if !is_fresh => Self::OtherKey,
            (Some(_), _) => Self::Missing,
        }
    }
    /// Every word.
    const ALL: [Self; 5] = [Self::Nothing, Self::Cookie, Self::Missing, Self::Proven, Self::OtherKey];
    /// The word in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Cookie => "cookie",
            Self::Missing => "missing",
            Self::Proven => "proven",
            Self::OtherKey => "other-key",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.name() == name)
    }
    /// Whether that is all that the device can show: its key, or the cookie where it has none.
    pub const fn is_enough(self) -> bool {
        matches!(self, Self::Cookie | Self::Proven)
    }
}

/// A device as it stands with a person at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceStanding {
    /// The device that is known to this person.
    pub device: Option<DeviceId>,
    /// What it showed.
    pub shown: Shown,
    /// Its trust lasts. It counts only with [`Shown::is_enough`].
    pub is_trusted: bool,
    /// Its trust was taken away since it last signed in.
    pub is_revoked: bool,
    /// It was let in: by an administrator, or under a policy that asked for none.
    pub is_approved: bool,
}

impl DeviceStanding {
    /// Of a browser that showed nothing.
    pub const STRANGER: Self = Self {
        device: None,
        shown: Shown::Nothing,
        is_trusted: false,
        is_revoked: false,
        is_approved: false,
    };
}

/// What has to happen before a session is opened on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// The person is told.
    Notify,
    /// The device is verified: by a code from a mail, or by a device that is trusted.
    Verify,
    /// An administrator has to let it in first.
    Refused,
}

/// What is needed in an administrator's place, where the operator has given the person a way back: the mailbox, also at a very first sign-in.
pub fn expected(standing: &DeviceStanding, methods: Methods) -> Verdict<Need> {
    judge(Mode::Verify, standing, methods, false)
}

/// Decides what a sign-in needs of its device. `methods`: what was proved so far; `is_first`: nobody has ever signed in as this person.
/// INVARIANT: another key than the device's own is verified under every policy; a missing one under every policy that minds new devices.
pub fn judge(mode: Mode, standing: &DeviceStanding, methods: Methods, is_first: bool) -> Verdict<Need> {
    let nothing = Verdict {
        outcome: Need::Nothing,
        reasons: Vec::new(),
    };
    let is_let_in = standing.is_approved && standing.shown != Shown::OtherKey;
    if mode == Mode::Approved && !is_let_in {
        return Verdict::because(Need::Refused, Reason::DeviceWaits);
    }
    if standing.shown == Shown::OtherKey {
        return Verdict::because(Need::Verify, Reason::DeviceOtherKey);
    }
    // Who has just answered from the mailbox would only answer from it again.
    let has_mailed = methods.contains(Method::Mail);
    if standing.shown == Shown::Missing && mode != Mode::Off && !has_mailed {
        return Verdict::because(Need::Verify, Reason::DeviceKeyMissing);
    }
    let is_known = standing.device.is_some() && !standing.is_revoked;
    match mode {
        Mode::Off => nothing,
        Mode::Notify if is_known || is_first => nothing,
        Mode::Notify => Verdict::because(Need::Notify, Reason::DeviceNew),
        Mode::Verify | Mode::Approved => {
            let is_trusted = standing.is_trusted && standing.shown.is_enough();
            match standing.device {
                _ if is_trusted || is_first || has_mailed => nothing,
                Some(_) => Verdict::because(Need::Verify, Reason::DeviceTrustEnded),
                None => Verdict::because(Need::Verify, Reason::DeviceNew),
            }
        }
    }
}

/// What decides the place of a device in a person's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The place that the person gave it, from 1.
    pub rank: Option<i64>,
    /// Its trust lasts.
    pub is_trusted: bool,
    /// When it was last used.
    pub used_at: Time,
}

/// Sorts by the person's order, most important first: the places they gave, then trusted before not, then latest used first.
pub fn in_order<T>(things: &mut [T], place: impl Fn(&T) -> Place) {
    things.sort_by_key(|thing| {
        let place = place(thing);
        (
            place.rank.unwrap_or(i64::MAX),
            !place.is_trusted,
            std::cmp::Reverse(place.used_at),
        )
    });
}

/// Which of these, given in the person's order, are beyond the limit when `is_new` has come: the last ones, but never the new one itself.
pub fn beyond_limit<T: Copy>(ordered: &[T], limit: u32, is_new: impl Fn(&T) -> bool) -> Vec<T> {
    let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let too_many = ordered.len().saturating_sub(limit);
    let others = ordered.iter().rev().filter(|thing| !is_new(thing));
    others.take(too_many).copied().collect()
}

/// The order after one device was put before or behind another. None: one of them is not among them.
pub fn moved(ordered: &[DeviceId], device: DeviceId, beside: DeviceId, is_behind: bool) -> Option<Vec<DeviceId>> {
    if !ordered.contains(&device) || device == beside {
        return None;
    }
    let mut rest: Vec<DeviceId> = ordered.iter().copied().filter(|id| *id != device).collect();
    let at = rest.iter().position(|id| *id == beside)?;
    rest.insert(at + usize::from(is_behind), device);
    Some(rest)
}

/// The order that the person asked for: the devices they named first, the others behind them as they were. None: one twice, or not theirs.
pub fn ordered_as(asked: &[DeviceId], present: &[DeviceId]) -> Option<Vec<DeviceId>> {
    let is_twice = |at: usize, id: &DeviceId| asked.iter().take(at).any(|other| other == id);
    let is_wrong = asked
        .iter()
        .enumerate()
        .any(|(at, id)| !present.contains(id) || is_twice(at, id));
    if is_wrong {
        return None;
    }
    let rest = present.iter().filter(|id| !asked.contains(id));
    Some(asked.iter().chain(rest).copied().collect())
}

/// So many wrong codes or digits in a row, over all sign-ins of a person; then they wait.
pub const MOST_WRONG: i64 = 10;
/// A run is forgotten so long after its last failure.
pub const RUN_FORGOTTEN_AFTER: Span = Span::hours(24);

/// How long a person's verifications wait after so many wrong answers in a row; none where they need not.
pub fn wait_after(run: i64) -> Option<Span> {
    let beyond = u32::try_from(run - MOST_WRONG).ok()?;
    Some(Span::minutes(15).doubled(beyond, Span::hours(24)))
}
