//! Policies: what an organisation asks of those who enter it. Pure: values as set, and what holds by them.
//! For everything above, which obeys. Must never happen: a value out of its range that holds; a missing value taken for a looser one than the product's default.
mod change;
mod countries;
mod inherit;

pub use change::{
    Change, DeviceChange, Difference, FactorChange, Given, NetworkChange, PasswordChange, SessionChange, TextChange,
    is_stricter, object,
};
pub use countries::{calling_code, is_country};
pub use inherit::Origin;

use crate::SessionPolicy;
use ground::config::Network;
use kernel::{AuthenticatorKind, Kinds, Span, Time};
use std::net::IpAddr;
use uuid::Uuid;

/// Hours of grace: from none to 14 days.
pub const GRACE_HOURS: std::ops::RangeInclusive<i64> = 0..=336;
/// Days that a device stays trusted.
pub const TRUST_DAYS: std::ops::RangeInclusive<i64> = 1..=365;
/// Devices that a person may be signed in on at once.
pub const LIMIT: std::ops::RangeInclusive<i64> = 1..=100;
/// Minutes without use until a session locks.
pub const LOCK_MINUTES: std::ops::RangeInclusive<i64> = 5..=24 * 60;
/// Minutes until a session ends.
pub const END_MINUTES: std::ops::RangeInclusive<i64> = 60..=30 * 24 * 60;
/// Characters that a password has at least. Longer minima would only make people write them down.
pub const MIN_LENGTH: std::ops::RangeInclusive<i64> = 8..=64;
/// Where the password is the only factor, it has at least so many characters (NIST SP 800-63B-4, 3.1.1.2).
const MIN_LENGTH_ALONE: i64 = 15;

/// Whether a second factor is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Require {
    /// Whoever wants one may have one.
    No,
    /// After the grace nobody comes in without one.
    Yes,
    /// After the grace nobody comes in without a passkey.
    PhishingResistant,
}

impl Require {
    /// Every value, the loosest first.
    pub const ALL: [Self; 3] = [Self::No, Self::Yes, Self::PhishingResistant];
    /// The word in the store and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::PhishingResistant => "phishing-resistant",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|require| require.name() == name)
    }
}

/// What is asked of a device that is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Nothing.
    Off,
    /// The person is told by mail.
    Notify,
    /// It has to be verified: by a code from a mail, or on a trusted device.
    Verify,
    /// An administrator has to let it in.
    Approved,
}

impl Mode {
    /// Every value, the loosest first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Notify, Self::Verify, Self::Approved];
    /// The word in the store and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Notify => "notify",
            Self::Verify => "verify",
            Self::Approved => "approved",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// The values that an organisation has set itself. None: not set, so it is inherited, or the product's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Whether a second factor is asked for.
    pub require: Option<Require>,
    /// Hours of grace.
    pub grace_hours: Option<i64>,
    /// Kinds of authenticators that count.
    pub allowed: Option<Kinds>,
    /// Models of passkeys that may be added; an empty list: any.
    pub aaguids: Option<Vec<Uuid>>,
    /// What is asked of new devices.
    pub mode: Option<Mode>,
    /// Days that a device stays trusted.
    pub trust_days: Option<i64>,
    /// Devices that a person may be signed in on at once.
    pub limit: Option<i64>,
    /// Minutes without use until a session locks.
    pub lock_minutes: Option<i64>,
    /// Minutes until a session ends.
    pub end_minutes: Option<i64>,
    /// Networks from which people come in; an empty list: from anywhere.
    pub people: Option<Vec<Network>>,
    /// Networks from which agents come in.
    pub agents: Option<Vec<Network>>,
    /// Characters that a password has at least.
    pub min_length: Option<i64>,
    /// Whether text messages may be used.
    pub sms_allowed: Option<bool>,
    /// Countries whose numbers get them: `GB`, or a prefix such as `+44`; an empty list: all.
    pub countries: Option<Vec<String>>,
}

/// Second factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorPolicy {
    /// Whether one is asked for.
    pub require: Require,
    /// How long people have to add one.
    pub grace: Span,
    /// What counts. Without the phone where text messages are forbidden.
    pub allowed: Kinds,
    /// When it was made stricter: grace begins anew.
    pub since: Time,
}

impl FactorPolicy {
    /// Those of these kinds that count: allowed, and strong enough for what is asked for.
    pub const fn counting(&self, has: Kinds) -> Kinds {
        match self.require {
            Require::PhishingResistant => has.and(self.allowed).and(Kinds::NONE.with(AuthenticatorKind::Passkey)),
            Require::No | Require::Yes => has.and(self.allowed),
        }
    }
    /// Whether somebody with these authenticators has what is asked for.
    pub const fn is_met_by(&self, has: Kinds) -> bool {
        matches!(self.require, Require::No) || self.counting(has).has_factor()
    }
    /// When the grace ends of somebody who first signed in under the policy at this time.
    pub fn due_at(&self, grace_from: Time) -> Time {
        grace_from.max(self.since) + self.grace
    }
}

/// Devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevicePolicy {
    /// What is asked of new ones.
    pub mode: Mode,
    /// How long one stays trusted.
    pub trust_for: Span,
    /// On so many a person may be signed in at once.
    pub limit: u32,
}

/// Text messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPolicy {
    /// Whether they may be used.
    pub allowed: bool,
    /// Countries whose numbers get them: `GB`, or a prefix such as `+44`. Empty: all.
    pub countries: Vec<String>,
}

impl TextPolicy {
    /// Whether this number (E.164, `+447700900123`) may get one.
    pub fn allows(&self, number: &str) -> bool {
        let is_named = |country: &String| countries::is_in(number, country);
        self.allowed && (self.countries.is_empty() || self.countries.iter().any(is_named))
    }
}

/// Networks that people and agents come from. Empty: from anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// People.
    pub people: Vec<Network>,
    /// Agents.
    pub agents: Vec<Network>,
}

impl NetworkPolicy {
    /// Whether a person may come from this address, as a visitor's network says it.
    pub fn lets_person_in(&self, network: &str) -> bool {
        is_in(&self.people, network)
    }
    /// Whether an agent may come from this address.
    pub fn lets_agent_in(&self, network: &str) -> bool {
        is_in(&self.agents, network)
    }
}

fn is_in(named: &[Network], network: &str) -> bool {
    named.is_empty()
        || network
            .parse::<IpAddr>()
            .is_ok_and(|address| named.iter().any(|named| named.contains(address)))
}

/// Passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Characters at least, beside a second factor.
    pub min_length: i64,
}

/// What holds in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    /// Second factors.
    pub factors: FactorPolicy,
    /// Devices.
    pub devices: DevicePolicy,
    /// Sessions.
    pub sessions: SessionPolicy,
    /// Networks.
    pub networks: NetworkPolicy,
    /// Passwords.
    pub passwords: PasswordPolicy,
    /// Text messages.
    pub sms: TextPolicy,
    /// Models of passkeys that may be added; empty: any.
    pub aaguids: Vec<Uuid>,
}

impl Default for Policies {
    fn default() -> Self {
        Self::of(Values::default(), Time::default())
    }
}

impl Policies {
    /// What holds by these values, the second factor as asked for since then.
    pub fn of(values: Values, since: Time) -> Self {
        let within = |value: Option<i64>, range: std::ops::RangeInclusive<i64>, default: i64| {
            value.unwrap_or(default).clamp(*range.start(), *range.end())
        };
        let default = Values::defaults();
        let sms_allowed = values.sms_allowed.unwrap_or(true);
        let allowed = values.allowed.unwrap_or(Kinds::ALL);
        Self {
            factors: FactorPolicy {
                require: values.require.unwrap_or(Require::Yes),
                grace: Span::hours(within(values.grace_hours, GRACE_HOURS, default.grace_hours)),
                allowed: if sms_allowed {
                    allowed
                } else {
                    allowed.without(AuthenticatorKind::Phone)
                },
                since,
            },
            devices: DevicePolicy {
                mode: values.mode.unwrap_or(Mode::Notify),
                trust_for: Span::days(within(values.trust_days, TRUST_DAYS, default.trust_days)),
                limit: u32::try_from(within(values.limit, LIMIT, default.limit)).unwrap_or(10),
            },
            sessions: SessionPolicy::from_minutes(values.lock_minutes, values.end_minutes),
            networks: NetworkPolicy {
                people: values.people.unwrap_or_default(),
                agents: values.agents.unwrap_or_default(),
            },
            passwords: PasswordPolicy {
                min_length: within(values.min_length, MIN_LENGTH, default.min_length),
            },
            sms: TextPolicy {
                allowed: sms_allowed,
                countries: values.countries.unwrap_or_default(),
            },
            aaguids: values.aaguids.unwrap_or_default(),
        }
    }

    /// Characters that a new password of somebody with these authenticators has at least: 15 where it opens the door alone, 8 where policy
    /// asks for a second factor and the person has one; more where the organisation wants more.
    pub fn shortest_password(&self, has: Kinds) -> usize {
        let is_alone = self.factors.require == Require::No || !self.factors.counting(has).has_factor();
        let floor = if is_alone {
            MIN_LENGTH_ALONE
        } else {
            *MIN_LENGTH.start()
        };
        usize::try_from(floor.max(self.passwords.min_length)).unwrap_or(usize::MAX)
    }
}

/// The product's defaults of the values that are numbers.
pub struct Defaults {
    /// Hours of grace.
    pub grace_hours: i64,
    /// Days of trust.
    pub trust_days: i64,
    /// Devices at once.
    pub limit: i64,
    /// Minutes until a session locks.
    pub lock_minutes: i64,
    /// Minutes until it ends.
    pub end_minutes: i64,
    /// Characters of a password beside a second factor.
    pub min_length: i64,
}

impl Values {
    /// The product's defaults.
    pub const fn defaults() -> Defaults {
        Defaults {
            grace_hours: 24,
            trust_days: 30,
            limit: 10,
            lock_minutes: 30,
            end_minutes: 12 * 60,
            min_length: 8,
        }
    }
    /// The strict profile on top of these: locks after 15 minutes, ends after 12 hours, no text messages, passkeys (and recovery codes for the day
    /// when one is lost).
    #[must_use]
    pub fn with_strict_profile(self) -> Self {
        let kinds = [AuthenticatorKind::Passkey, AuthenticatorKind::RecoveryCodes];
        Self {
            require: Some(Require::PhishingResistant),
            allowed: Some(kinds.into_iter().collect()),
            lock_minutes: Some(15),
            end_minutes: Some(12 * 60),
            sms_allowed: Some(false),
            ..self
        }
    }
    /// Whether the strict profile holds, or more.
    pub fn is_strict(&self) -> bool {
        self.clone().under(&Self::default().with_strict_profile()) == *self
    }
    /// The values of the strict profile given up: the defaults hold again.
    #[must_use]
    pub fn without_strict_profile(self) -> Self {
        Self {
            require: None,
            allowed: None,
            lock_minutes: None,
            end_minutes: None,
            sms_allowed: None,
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
