//! The pages between the first factor and the session. As short as the sign-in page.
//! Must never happen: a page that tells more of a person than their own first factor has earned: no full number, no address but the one typed.
use askama::Template;
use ground::page::{DoorShell, Errors, Field, Notice, Secret, When};
use kernel::{AuthenticatorKind, Reason, Time};

/// The way that the code field of the page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// An authenticator app.
    App,
    /// A text message.
    Text,
    /// A recovery code.
    Recovery,
    /// A passkey and nothing else: no field.
    Passkey,
}

impl Way {
    /// The word in the address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Text => "text",
            Self::Recovery => "recovery",
            Self::Passkey => "passkey",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::App, Self::Text, Self::Recovery]
            .into_iter()
            .find(|way| way.name() == name)
    }
    /// The kind of authenticator behind it.
    pub const fn kind(self) -> AuthenticatorKind {
        match self {
            Self::App => AuthenticatorKind::App,
            Self::Text => AuthenticatorKind::Phone,
            Self::Recovery => AuthenticatorKind::RecoveryCodes,
            Self::Passkey => AuthenticatorKind::Passkey,
        }
    }
    const fn heading(self) -> &'static str {
        match self {
            Self::App => "Enter the code from your authenticator app",
            Self::Text => "Enter the code from the text message",
            Self::Recovery => "Enter one of your recovery codes",
            Self::Passkey => "Confirm with your passkey",
        }
    }
    const fn label(self) -> &'static str {
        match self {
            Self::App => "Six-digit code",
            Self::Text => "Eight-digit code",
            Self::Recovery | Self::Passkey => "Recovery code",
        }
    }
    const fn hint(self) -> &'static str {
        match self {
            Self::Recovery => "Sixteen letters and digits. Each works once.",
            _ => "",
        }
    }
}

/// What is told of a clock that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    /// "Your phone’s clock is about 4 minutes slow".
    pub title: String,
    /// The time for which the code was right, where that is told.
    pub right_at: Option<Time>,
    /// "Three tries left."
    pub left: String,
}

/// A text message that was sent in this sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texted {
    /// "•••• 4417".
    pub hint: String,
    /// How far it has come, in words.
    pub words: String,
    /// It did not go out.
    pub is_bad: bool,
}

/// The second factor.
#[derive(Debug, Template)]
#[template(path = "factor.html")]
pub struct FactorPage {
    /// The shell.
    pub shell: DoorShell,
    /// As whom.
    pub email: String,
    /// What the field is for.
    pub way: Way,
    /// The codes that the person has beside it, strongest first.
    pub others: Vec<Way>,
    /// A passkey will do.
    pub takes_passkey: bool,
    /// The phone that a message can be sent to.
    pub phone: Option<String>,
    /// The message that was sent.
    pub texted: Option<Texted>,
    /// A refusal.
    pub notice: Option<Notice>,
    /// A refusal because of a clock.
    pub drifted: Option<Drifted>,
    /// What is wrong with the field.
    pub errors: Errors,
}

impl FactorPage {
    fn takes_code(&self) -> bool {
        self.way != Way::Passkey
    }
    fn sends_first(&self) -> bool {
        self.way == Way::Text && self.texted.is_none()
    }
}

/// The ways there are when a phone is lost.
#[derive(Debug, Template)]
#[template(path = "lost.html")]
pub struct LostPage {
    /// The shell.
    pub shell: DoorShell,
    /// The ways that the person has besides an app on that phone.
    pub ways: Vec<Way>,
    /// A passkey is among them.
    pub has_passkey: bool,
    /// The organisation whose administrators can help.
    pub organisation: String,
}

/// The device's step.
#[derive(Debug, Template)]
#[template(path = "device.html")]
pub struct DevicePage {
    /// The shell.
    pub shell: DoorShell,
    /// As whom.
    pub email: String,
    /// What to do.
    pub state: DeviceState,
    /// Why.
    pub why: Reason,
    /// Two digits for a device that is trusted, where there is one.
    pub digits: Option<String>,
    /// A refusal.
    pub notice: Option<Notice>,
    /// What is wrong with the field.
    pub errors: Errors,
}

impl DevicePage {
    /// Whether somebody else's answer is waited for.
    fn is_followed(&self) -> bool {
        self.digits.is_some() || self.state == DeviceState::Waits
    }
}

/// Where the device's step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceState {
    /// A code by mail, or an approval.
    Asks,
    /// It was approved elsewhere, or nothing is left to do: one button goes on.
    Ready,
    /// It was refused on the trusted device.
    Denied,
    /// It waits for an administrator.
    Waits,
    /// An administrator refused it.
    Refused,
}

/// A first second factor, before the session.
#[derive(Debug, Template)]
#[template(path = "enrol.html")]
pub struct EnrolPage {
    /// The shell.
    pub shell: DoorShell,
    /// As whom.
    pub email: String,
    /// The organisation that asks for it.
    pub organisation: String,
    /// What to do.
    pub stage: EnrolStage,
    /// A passkey can be added.
    pub takes_passkey: bool,
    /// A refusal.
    pub notice: Option<Notice>,
    /// What is wrong with the field.
    pub errors: Errors,
}

/// Where the enrolment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrolStage {
    /// A code by mail comes first.
    Mail,
    /// What to add.
    Choose {
        /// An authenticator app will do.
        takes_app: bool,
    },
    /// An app's secret, and the code that confirms it.
    App {
        /// The QR picture.
        qr: String,
        /// The secret in groups of four.
        secret: String,
        /// The address behind the picture, for a phone that shows this page itself.
        uri: String,
    },
}

/// A longer password, before the session.
#[derive(Debug, Template)]
#[template(path = "password.html")]
pub struct LongerPage {
    /// The shell.
    pub shell: DoorShell,
    /// As whom.
    pub email: String,
    /// The organisation that asks for it.
    pub organisation: String,
    /// Characters at least.
    pub shortest: u32,
    /// Until when it can be put off; none where it cannot any more.
    pub waits_until: Option<Time>,
    /// What is wrong with the field.
    pub errors: Errors,
}

impl LongerPage {
    fn hint(&self) -> String {
        format!("At least {} characters. Four unrelated words do well.", self.shortest)
    }
}

/// The end of a sign-in that had too many wrong codes.
#[derive(Debug, Template)]
#[template(path = "over.html")]
pub struct OverPage {
    /// The shell.
    pub shell: DoorShell,
    /// Why.
    pub notice: Notice,
    /// Where to begin again.
    pub action: String,
}

#[cfg(test)]
mod tests;
