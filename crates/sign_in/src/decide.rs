//! What a sign-in form is worth before anything is looked up, and what comes next after each step of a sign-in. Pure.
//! Must never happen: a step that is left out because of the order in which things were asked for; a rule of a policy that makes the door wider.
use factors::Password;
use kernel::{AuthenticatorKind, FieldError, Kinds, Method, Methods, Reason, Span, Time};
use people::Email;

#[cfg(test)]
mod tests;

/// An account without a second factor that has not signed in for so long adds its first one by mail only.
pub const AWAY_AFTER: Span = Span::days(30);
/// So many wrong codes end a sign-in under way.
pub const TRIES: i64 = 5;
/// So long a sign-in may take after its first factor.
pub const LIVES_FOR: Span = Span::minutes(10);

/// A form that can be tried.
pub struct Typed {
    /// The address.
    pub email: Email,
    /// The password.
    pub password: Password,
}

/// Reads the two fields. Nothing here depends on whether there is an account.
pub fn read_form(email: &str, password: &str) -> Result<Typed, Vec<FieldError>> {
    let address = if email.trim().is_empty() {
        Err(FieldError::new("email", Reason::SignInFieldMissing))
    } else {
        people::canonical_email(email)
    };
    let secret = if password.is_empty() {
        Err(FieldError::new("password", Reason::SignInFieldMissing))
    } else {
        Password::parse(password).map_err(|reason| FieldError::new("password", reason))
    };
    match (address, secret) {
        (Ok(email), Ok(password)) => Ok(Typed { email, password }),
        (address, secret) => Err([address.err(), secret.err()].into_iter().flatten().collect()),
    }
}

/// What a policy demands of a sign-in, at this moment and of this person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Nothing beyond what the person has.
    Nothing,
    /// A second factor.
    Factor,
    /// A phishing-resistant one.
    Passkey,
}

/// What the device has to do, by policy and by what it has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceNeed {
    /// Nothing, or only a notice.
    Nothing,
    /// It has to be verified.
    Verify,
    /// It waits for an administrator.
    Refused,
}

/// What the password that was typed has to do, by its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordNeed {
    /// Nothing: it is long enough, none was typed, or its person sets a longer one another day.
    Nothing,
    /// A longer one is to be set.
    Longer {
        /// Or another day.
        can_wait: bool,
    },
}

/// Holds a password's length against what is asked for. `due_at`: until when a longer one can be put off.
pub fn password_need(
    length: Option<usize>,
    shortest: usize,
    has_put_off: bool,
    due_at: Time,
    now: Time,
) -> PasswordNeed {
    if length.is_none_or(|length| length >= shortest) {
        return PasswordNeed::Nothing;
    }
    let can_wait = now < due_at;
    if can_wait && has_put_off {
        PasswordNeed::Nothing
    } else {
        PasswordNeed::Longer { can_wait }
    }
}

/// All that the next step depends on.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Facts {
    /// What was proved in this sign-in.
    pub methods: Methods,
    /// The kinds of authenticators that the person has.
    pub has: Kinds,
    /// The kinds that the organisation allows.
    pub allowed: Kinds,
    /// What is demanded, once grace is over.
    pub demand: Demand,
    /// The person has no second factor and has not signed in for long.
    pub is_away: bool,
    /// A mail reaches somebody.
    pub is_mail_set_up: bool,
    /// A code that was sent by mail came back in this sign-in.
    pub has_proved_mail: bool,
    /// What the device has to do.
    pub device: DeviceNeed,
    /// It was verified in this sign-in.
    pub is_device_verified: bool,
    /// What the password has to do.
    pub password: PasswordNeed,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Begin again: no first factor counts.
    Begin,
    /// Prove one of these kinds.
    Factor {
        /// The ways that there are.
        ways: Kinds,
    },
    /// Add a second factor.
    Enrol {
        /// Only after a code by mail.
        needs_mail: bool,
        /// Only a passkey will do.
        passkey_only: bool,
    },
    /// Verify the device.
    Device,
    /// This device waits for an administrator.
    Waits,
    /// Set a longer password.
    Password {
        /// Or another day.
        can_wait: bool,
    },
    /// Everything is there: open the session.
    Open,
}

impl Step {
    /// The address where this step stands. The last step is taken where the device's is, by a button.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Begin => "/sign-in",
            Self::Factor { .. } => "/sign-in/factor",
            Self::Enrol { .. } => "/sign-in/enrol",
            Self::Password { .. } => "/sign-in/password",
            Self::Device | Self::Waits | Self::Open => "/sign-in/device",
        }
    }
}

/// What was proved, without the kinds that do not count here (any more).
fn counted(methods: Methods, allowed: Kinds) -> Methods {
    let counts = |method: &Method| {
        let kind = AuthenticatorKind::ALL.into_iter().find(|kind| kind.method() == *method);
        kind.is_none_or(|kind| allowed.contains(kind))
    };
    let proved = Method::ALL.into_iter().filter(|method| methods.contains(*method));
    proved.filter(counts).fold(Methods::NONE, Methods::with)
}

/// The next step. Asked after each step, with facts of that moment.
///
/// INVARIANT: whoever has a second factor proves one, whatever a policy demands; a kind that is not allowed proves nothing, and never makes a
/// sign-in weaker than it would be without it: then a mail stands in for it.
pub fn next_step(facts: &Facts) -> Step {
    let methods = counted(facts.methods, facts.allowed);
    if !methods.contains(Method::Password) && !methods.contains(Method::Passkey) {
        return Step::Begin;
    }
    if let Some(step) = factor_step(facts, methods) {
        return step;
    }
    match facts.device {
        DeviceNeed::Refused => return Step::Waits,
        // A mail that came back in this browser says as much of it as the device's own mail would.
        DeviceNeed::Verify if !facts.is_device_verified && !facts.has_proved_mail => return Step::Device,
        DeviceNeed::Verify | DeviceNeed::Nothing => {}
    }
    // Last: nobody sets anybody's password who has not proved all that a session needs.
    match facts.password {
        PasswordNeed::Longer { can_wait } => Step::Password { can_wait },
        PasswordNeed::Nothing => Step::Open,
    }
}

fn factor_step(facts: &Facts, methods: Methods) -> Option<Step> {
    let ways = facts.has.and(facts.allowed);
    let wants_passkey = facts.demand == Demand::Passkey && !methods.is_phishing_resistant();
    if ways.contains(AuthenticatorKind::Passkey) && wants_passkey {
        let ways = Kinds::NONE.with(AuthenticatorKind::Passkey);
        return Some(Step::Factor { ways });
    }
    if facts.has.has_factor() && !ways.is_empty() && !methods.has_second_factor() {
        return Some(Step::Factor { ways });
    }
    // What the person has does not count here, and nothing else was proved.
    let is_stranded = facts.has.has_factor() && !methods.has_second_factor();
    let is_short = match facts.demand {
        Demand::Nothing => false,
        Demand::Factor => !ways.has_factor(),
        Demand::Passkey => wants_passkey,
    };
    if !is_stranded && !is_short {
        return None;
    }
    let is_proved = methods.has_second_factor() || facts.has_proved_mail;
    Some(Step::Enrol {
        needs_mail: !is_proved && (facts.is_mail_set_up || facts.is_away || is_stranded),
        passkey_only: facts.demand == Demand::Passkey,
    })
}

/// Whether the person has been away so long that the first second factor needs a mail.
pub fn is_away(has: Kinds, last_sign_in_at: Option<Time>, now: Time) -> bool {
    !has.has_factor() && last_sign_in_at.is_some_and(|at| now - at >= AWAY_AFTER)
}

/// What is demanded now: nothing while grace runs.
pub fn demand(wanted: Demand, grace_ends_at: Time, now: Time) -> Demand {
    if now < grace_ends_at { Demand::Nothing } else { wanted }
}

/// How many tries are left, in words.
pub fn tries_left(tries: i64) -> String {
    let left = (TRIES - tries).max(0);
    let word = match left {
        0 => return "No tries left.".to_owned(),
        1 => return "One try left.".to_owned(),
        2 => "Two",
        3 => "Three",
        4 => "Four",
        _ => "Five",
    };
    format!("{word} tries left.")
}

/// "about 4 minutes", as a person says how far a clock is off.
pub fn about(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    if seconds < 90 {
        let nearest = (seconds / 30).max(1) * 30;
        return if nearest == 60 {
            "about a minute".to_owned()
        } else {
            format!("about {nearest} seconds")
        };
    }
    format!("about {} minutes", (seconds + 30) / 60)
}
