//! What a message is: its purpose, what it says, how far it has come. For whoever posts one or asks after it.
//! Must never happen: what a message says shown to anybody but its recipient; it may hold a link.
use kernel::{DeviceId, MessageId, OrganisationId, PersonId, Time};

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $words:literal, waits: $waits:literal;)+) => {
        /// What a message is for. The names are in the store: never changed, only added to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Purpose { $($(#[$doc])* $name),+ }

        impl Purpose {
            /// Every purpose there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The name in the store and the API.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }
            /// In words: "Password reset".
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words),+ }
            }
            /// Whether somebody sits and waits for it: such messages go before all others.
            pub const fn is_urgent(self) -> bool {
                match self { $(Self::$name => $waits),+ }
            }
            /// Back from the name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|purpose| purpose.name() == name)
            }
        }
    };
}

purposes! {
    /// The way back in.
    Reset = "reset", "Password reset", waits: true;
    /// Confirms a new address, sent to it.
    EmailConfirm = "email-confirm", "Confirmation of a new address", waits: true;
    /// Tells the old address of the change, with the way to undo it.
    EmailUndo = "email-undo", "Change of address", waits: false;
    /// Something happened that the person should know of.
    Notice = "notice", "Notice", waits: false;
    /// A code that somebody types in.
    Code = "code", "Code", waits: true;
    /// Confirms who it is before a first second factor is added.
    FactorLink = "factor-link", "Link to add a second factor", waits: true;
    /// Somebody is asked to join.
    Invitation = "invitation", "Invitation", waits: false;
    /// Sent by hand, to see whether messages arrive.
    Test = "test", "Test message", waits: true;
}

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// By mail.
    Mail,
    /// To a phone.
    Text,
}

impl Kind {
    /// The word in the store and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Text => "text",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Mail, Self::Text].into_iter().find(|kind| kind.name() == name)
    }
}

/// A mail to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its id; also its `Message-ID`, so that a second copy is known as one.
    pub id: MessageId,
    /// One address.
    pub to: String,
    /// Whose administrators see it in Settings, Messages: the person's home organisation.
    pub organisation: Option<OrganisationId>,
    /// Whom it is for.
    pub person: Option<PersonId>,
    /// The device that asked for it.
    pub asked_by: Option<DeviceId>,
    /// What it is for.
    pub purpose: Purpose,
    /// The subject, one line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The part with mark-up.
    pub html: String,
    /// When it was asked for.
    pub at: Time,
    /// After this it is not sent any more: its link has ended.
    pub ends_at: Option<Time>,
}

/// A text message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// Its id.
    pub id: MessageId,
    /// The number, E.164: `+441234567890`.
    pub to: String,
    /// Whose administrators see it in Settings, Messages.
    pub organisation: Option<OrganisationId>,
    /// Whom it is for.
    pub person: Option<PersonId>,
    /// The device that asked for it.
    pub asked_by: Option<DeviceId>,
    /// What it is for.
    pub purpose: Purpose,
    /// What it says.
    pub text: String,
    /// When it was asked for.
    pub at: Time,
    /// After this it is not sent any more.
    pub ends_at: Option<Time>,
}

/// How far a message has come. What a server said is in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not tried yet.
    Queued,
    /// Tried, and to be tried again.
    Deferred {
        /// Since when.
        since: Time,
        /// When next.
        next_at: Time,
        /// Why.
        said: String,
    },
    /// The next server took it; beyond it we cannot see.
    Taken {
        /// When.
        at: Time,
        /// Which server, or `outbox`.
        by: String,
        /// What it said.
        said: String,
    },
    /// Refused for good.
    Refused {
        /// When.
        at: Time,
        /// Why.
        said: String,
    },
    /// It came back after it was taken.
    Bounced {
        /// When.
        at: Time,
        /// Why.
        said: String,
    },
    /// Not tried any more.
    GivenUp {
        /// When.
        at: Time,
        /// Why.
        said: String,
    },
}

impl State {
    /// The word in the store and the API.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Deferred { .. } => "deferred",
            Self::Taken { .. } => "taken",
            Self::Refused { .. } => "refused",
            Self::Bounced { .. } => "bounced",
            Self::GivenUp { .. } => "given-up",
        }
    }
    /// Whether it may still leave.
    pub const fn is_under_way(&self) -> bool {
        matches!(self, Self::Queued | Self::Deferred { .. })
    }
    /// Whether it did not arrive, as far as we know.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Bounced { .. } | Self::GivenUp { .. })
    }
    /// What the other side said last; empty where it said nothing.
    pub fn said(&self) -> &str {
        match self {
            Self::Queued => "",
            Self::Deferred { said, .. }
            | Self::Taken { said, .. }
            | Self::Refused { said, .. }
            | Self::Bounced { said, .. }
            | Self::GivenUp { said, .. } => said,
        }
    }
}

/// What the minute's look at the mail server found. The same for every address, so it may be told to strangers; `said` and `place` may not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Probe {
    /// When it was last looked at; never, before the first minute.
    pub told_at: Option<Time>,
    /// Since when it is as it is.
    pub since: Option<Time>,
    /// Whether it takes mail. True where nobody has looked yet, and for the development outbox.
    pub is_up: bool,
    /// The server, or `outbox`.
    pub place: String,
    /// What it said.
    pub said: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_comes_back_from_its_name() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_name(purpose.name()), Some(*purpose));
        }
        assert_eq!(Kind::from_name("text"), Some(Kind::Text));
    }
}
