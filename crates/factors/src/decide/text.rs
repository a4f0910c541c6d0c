//! How often text messages are sent: they cost money and wake people. Pure.
//! Must never happen: a message beyond a limit; a limit of one person that another one can use up, except that of the organisation that pays.
use kernel::{Reason, Span, Time, Verdict};

/// A code in a text message is good for so long.
pub const LIVES_FOR: Span = Span::minutes(5);
/// The first time that one may ask again; each further one takes twice as long.
pub const RESEND_AFTER: Span = Span::seconds(30);
/// The longest wait between two.
pub const LONGEST_WAIT: Span = Span::minutes(5);
/// Messages of one person, and to one number, in an hour.
pub const AN_HOUR: u32 = 6;
/// And in a day.
pub const A_DAY: u32 = 15;
/// Messages of one organisation in an hour.
pub const ORGANISATION_AN_HOUR: u32 = 200;

/// Messages within a span, and the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sent {
    /// How many.
    pub count: u32,
    /// When the first of them was sent.
    pub first_at: Option<Time>,
}

impl Sent {
    fn is_over(self, most: u32) -> bool {
        self.count >= most
    }
}

/// What is known when a message is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// The policy of the organisation forbids text messages.
    pub is_forbidden: bool,
    /// The policy does not allow the number's country.
    pub is_country_refused: bool,
    /// Of this request.
    pub here: u32,
    /// The last one of this request.
    pub last_here: Option<Time>,
    /// Of the person, in the last hour and day.
    pub person: (Sent, Sent),
    /// To the number, whoever asked.
    pub number: (Sent, Sent),
    /// Of the organisation, in the last hour.
    pub organisation: Sent,
}

/// What is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is sent.
    Send,
    /// It is not, before this moment; none: never under this policy.
    Refuse(Option<Time>),
}

/// When a further one may be asked for, after so many.
pub fn again_at(sent: u32, last_at: Time) -> Time {
    last_at + RESEND_AFTER.doubled(sent.saturating_sub(1), LONGEST_WAIT)
}

/// Decides.
pub fn send(facts: &Facts, now: Time) -> Verdict<Outcome> {
    if facts.is_forbidden {
        return Verdict::because(Outcome::Refuse(None), Reason::TextForbidden);
    }
    if facts.is_country_refused {
        return Verdict::because(Outcome::Refuse(None), Reason::TextCountry);
    }
    if let Some(last) = facts.last_here {
        let at = again_at(facts.here, last);
        if at > now {
            return Verdict::because(Outcome::Refuse(Some(at)), Reason::TextTooSoon);
        }
    }
    let hour = Span::hours(1);
    let day = Span::hours(24);
    let limits = [
        (facts.person.0, AN_HOUR, hour, Reason::TextTooMany),
        (facts.person.1, A_DAY, day, Reason::TextTooMany),
        (facts.number.0, AN_HOUR, hour, Reason::TextTooMany),
        (facts.number.1, A_DAY, day, Reason::TextTooMany),
        (
            facts.organisation,
            ORGANISATION_AN_HOUR,
            hour,
            Reason::TextOrganisationLimit,
        ),
    ];
    for (sent, most, span, reason) in limits {
        if sent.is_over(most) {
            let until = sent.first_at.unwrap_or(now) + span;
            return Verdict::because(Outcome::Refuse(Some(until)), reason);
        }
    }
    Verdict {
        outcome: Outcome::Send,
        reasons: Vec::new(),
    }
}
