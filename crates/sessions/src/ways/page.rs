//! The pages of one's ways to sign in.
use askama::{Template, filters::HtmlSafe};
use factors::Authenticator;
use ground::page::{Errors, Field, HouseShell, Notice, Tag, Tick, When};
use kernel::{AuthenticatorId, AuthenticatorKind, Kinds, Span, Time};

/// After so long a person is asked whether this is still theirs.
const REVIEW_AFTER: Span = Span::days(180);
/// So few recovery codes are few.
const FEW: u32 = 3;

/// One way, for lists.
#[derive(Debug, Clone)]
pub struct Way {
    /// Its id.
    pub id: AuthenticatorId,
    /// What it is: "Passkey".
    pub title: &'static str,
    /// Its name, or the end of the number; empty where nobody named it.
    pub name: String,
    /// When it was added.
    pub made_at: Time,
    /// When it was last used.
    pub used_at: Option<Time>,
    /// How well its clock agrees, for authenticator apps.
    pub clock: Option<String>,
    /// How many codes are left.
    pub left: Option<u32>,
    /// The strongest that the person has.
    pub is_strongest: bool,
    /// It counts as a second factor by the organisation's policy.
    pub is_allowed: bool,
    /// Nobody has looked at it for long.
    pub is_stale: bool,
    /// Paused after too many wrong codes, until then.
    pub paused_until: Option<Time>,
}

impl Way {
    pub(crate) fn of(found: &Authenticator, allowed: Kinds, is_strongest: bool, now: Time) -> Self {
        Self {
            id: found.id,
            title: found.kind.words(),
            name: match found.hint.as_str() {
                // Where nobody named it, its kind stands there already.
                "" if found.name == found.kind.words() => String::new(),
                "" => found.name.clone(),
                hint => hint.to_owned(),
            },
            made_at: found.made_at,
            used_at: found.used_at,
            clock: (found.kind == AuthenticatorKind::App).then(|| clock(found.drift_seconds)),
            left: found.left,
            is_strongest,
            is_allowed: allowed.contains(found.kind),
            is_stale: now - found.reviewed_at > REVIEW_AFTER,
            paused_until: found.paused_until.filter(|until| *until > now),
        }
    }
    fn are_few(&self) -> bool {
        self.left.is_some_and(|left| left <= FEW)
    }
    fn path(&self) -> String {
        format!("/app/security/ways/{}", self.id)
    }
}

fn clock(drift: i64) -> String {
    match drift {
        0 => "Clock in step".to_owned(),
        slow if slow < 0 => format!("Clock {} slow", Span::seconds(-slow).words()),
        fast => format!("Clock {} fast", Span::seconds(fast).words()),
    }
}

/// The card on My security. Writes safe HTML by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "ways/card.html")]
pub struct WaysCard {
    /// The ways, strongest first.
    pub ways: Vec<Way>,
    /// Until when one has to be added, where policy asks for one and there is none.
    pub due_at: Option<Time>,
}
impl HtmlSafe for WaysCard {}

impl WaysCard {
    /// Of what was found.
    pub fn of(mut found: Vec<Authenticator>, allowed: Kinds, due_at: Option<Time>, now: Time) -> Self {
        let rank = |kind| AuthenticatorKind::ALL.iter().position(|other| *other == kind);
        found.sort_by_key(|authenticator| rank(authenticator.kind));
        let strongest = found
            .iter()
            .map(|authenticator| authenticator.kind)
            .find(|kind| *kind != AuthenticatorKind::RecoveryCodes);
        let mut is_first = true;
        let ways = found
            .iter()
            .map(|authenticator| {
                let is_strongest = is_first && strongest == Some(authenticator.kind);
                is_first &= !is_strongest;
                Way::of(authenticator, allowed, is_strongest, now)
            })
            .collect();
        Self { ways, due_at }
    }
    fn has_factor(&self) -> bool {
        self.ways.iter().any(|way| way.left.is_none())
    }
    fn is_stale(&self) -> bool {
        self.ways.iter().any(|way| way.is_stale)
    }
    fn has_codes(&self) -> bool {
        self.ways.iter().any(|way| way.left.is_some())
    }
}

/// Choosing what to add.
#[derive(Debug, Template)]
#[template(path = "ways/add.html")]
pub struct AddPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was refused or done.
    pub notice: Option<Notice>,
    /// Until when one has to be added.
    pub due_at: Option<Time>,
    /// What may be added.
    pub offers: Kinds,
    /// The person was away for long and has none yet: a link by mail comes first.
    pub needs_mail: bool,
    /// Such a link is under way.
    pub is_mailed: bool,
    /// What the link carried, where it was opened in this session.
    pub proof: Option<String>,
    /// Where it goes.
    pub email: String,
}

impl AddPage {
    fn offers(&self, kind: AuthenticatorKind) -> bool {
        self.offers.contains(kind)
    }
}

/// Adding an authenticator app: the QR code, the secret, a code to confirm.
#[derive(Debug, Template)]
#[template(path = "ways/app.html")]
pub struct AppPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `code`.
    pub errors: Errors,
    /// Which.
    pub id: AuthenticatorId,
    /// The QR code as SVG, made by us.
    pub qr: String,
    /// The secret in groups of four.
    pub secret: String,
    /// The `otpauth:` address, for an app on this device.
    pub uri: String,
    /// A name, as typed.
    pub name: String,
}

/// Adding a phone.
#[derive(Debug, Template)]
#[template(path = "ways/phone.html")]
pub struct PhonePage {
    /// The shell.
    pub shell: HouseShell,
    /// What was refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `number`.
    pub errors: Errors,
    /// What was typed.
    pub number: String,
}

/// Confirming a phone by the code that was sent.
#[derive(Debug, Template)]
#[template(path = "ways/phone_code.html")]
pub struct PhoneCodePage {
    /// The shell.
    pub shell: HouseShell,
    /// What was refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `code`.
    pub errors: Errors,
    /// Which.
    pub id: AuthenticatorId,
    /// The end of the number.
    pub hint: String,
    /// What is known of the message.
    pub state: String,
}

/// Adding a passkey: the script does it.
#[derive(Debug, Template)]
#[template(path = "ways/passkey.html")]
pub struct PasskeyPage {
    /// The shell.
    pub shell: HouseShell,
    /// A name to begin with.
    pub name: String,
}

/// Recovery codes, shown this once.
#[derive(Debug, Template)]
#[template(path = "ways/codes.html")]
pub struct CodesPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was refused.
    pub notice: Option<Notice>,
    /// The codes.
    pub codes: Vec<String>,
    /// The same, sealed, so that they count only once the person has kept them.
    pub sealed: String,
    /// Earlier codes end.
    pub replaces: bool,
    /// Whose.
    pub email: String,
}

/// One way: its name, and the ways out.
#[derive(Debug, Template)]
#[template(path = "ways/one.html")]
pub struct WayPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `name`.
    pub errors: Errors,
    /// The way.
    pub way: Way,
    /// The name, as kept or as typed.
    pub name: String,
}

impl WayPage {
    fn has_name(&self) -> bool {
        self.way.left.is_none()
    }
}

#[cfg(test)]
mod tests;
