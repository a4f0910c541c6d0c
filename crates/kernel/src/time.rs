//! Points and spans of time, in whole microseconds UTC. Time is always handed in; nobody here asks a clock.
use std::{
    ops::{Add, Sub},
    sync::Arc,
};

/// Where the time comes from. The program has the system's, tests have one that stands still.
pub type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(i64);

/// A length of time in microseconds; may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

impl Time {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    /// From whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }
    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
    /// RFC 3339 in UTC, to the second: `2026-11-24T09:14:02Z`.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.seconds()).map_or_else(|_| self.0.to_string(), |t| t.to_string())
    }
    /// Parses RFC 3339, any offset.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }
    /// The later of the two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Ord::max(self, other)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// Of so many microseconds.
    pub const fn micros(n: i64) -> Self {
        Self(n)
    }
    /// Of so many milliseconds.
    pub const fn millis(n: i64) -> Self {
        Self(n.saturating_mul(1_000))
    }
    /// Of so many seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }
    /// Of so many minutes.
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }
    /// Of so many hours.
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }
    /// Of so many days of 24 hours.
    pub const fn days(n: i64) -> Self {
        Self::hours(n.saturating_mul(24))
    }
    /// Microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }
    /// Whole seconds, rounded up: what a `Retry-After` says.
    pub const fn seconds_up(self) -> i64 {
        self.0.saturating_add(999_999).div_euclid(1_000_000)
    }
    /// As the standard library's duration; nought where negative.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
    /// Doubled so many times, at most `most`.
    #[must_use]
    pub fn doubled(self, times: u32, most: Self) -> Self {
        let factor = 1_i64.checked_shl(times.min(40)).unwrap_or(i64::MAX);
        Self(self.0.saturating_mul(factor)).min(most)
    }
    /// In words for a person: "4 minutes", "2 hours", "40 seconds" (rounded up).
    pub fn words(self) -> String {
        let seconds = self.seconds_up().max(1);
        let (n, unit) = match seconds {
            s if s < 60 => (s, "second"),
            s if s < 3_600 => (s.div_euclid(60) + i64::from(s % 60 > 0), "minute"),
            s if s < 86_400 => (s.div_euclid(3_600) + i64::from(s % 3_600 > 0), "hour"),
            s => (s.div_euclid(86_400) + i64::from(s % 86_400 > 0), "day"),
        };
        format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
    }
}

impl Add<Span> for Time {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}
impl Sub<Span> for Time {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}
impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}
impl Add for Span {
    type Output = Self;
    fn add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}
impl Sub for Span {
    type Output = Self;
    fn sub(self, less: Self) -> Self {
        Self(self.0.saturating_sub(less.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_round_trips_to_the_second() {
        let t = Time::from_seconds(1_795_511_642);
        assert_eq!(Time::parse_rfc3339(&t.rfc3339()), Some(t));
        assert_eq!(Time::from_seconds(0).rfc3339(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn waits_double_up_to_their_ceiling() {
        let quarter = Span::minutes(15);
        assert_eq!(quarter.doubled(0, Span::hours(24)), quarter);
        assert_eq!(quarter.doubled(2, Span::hours(24)), Span::hours(1));
        assert_eq!(quarter.doubled(60, Span::hours(24)), Span::hours(24));
    }

    #[test]
    fn words_round_up_and_know_their_singular() {
        assert_eq!(Span::seconds(1).words(), "1 second");
        assert_eq!(Span::seconds(61).words(), "2 minutes");
        assert_eq!(Span::hours(24).words(), "1 day");
    }
}
