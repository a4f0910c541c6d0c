//! What can be done, and who may: the names of permissions, and the trait that decides. `roles` implements it; nobody else has to know how.
use crate::{OrganisationId, PersonId, Reason, RoleId};

/// An action as a type: a handler's argument `Permit<act::ReadEvents>` proves that it was allowed.
pub trait Act: Send + Sync + 'static {
    /// The action's value.
    const ACTION: Action;
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, delicate: $delicate:literal;)+) => {
        /// A permission's name. Routes name one; roles grant them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $name),+ }

        impl Action {
            /// Every action there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The permission's name in the API, such as `events.read`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
            /// Whether it asks for step-up.
            pub const fn is_delicate(self) -> bool {
                match self { $(Self::$name => $delicate),+ }
            }
        }

        /// The actions as types.
        pub mod act {
            $($(#[$doc])* #[derive(Debug)] pub struct $name;
            impl super::Act for $name { const ACTION: super::Action = super::Action::$name; })+
        }
    };
}

actions! {
    /// See one's own account, devices, sessions.
    SeeOwn = "own.see", delicate: false;
    /// Change one's own account, end one's own sessions.
    ChangeOwn = "own.change", delicate: false;
    /// Read the activity of the organisation.
    ReadEvents = "events.read", delicate: false;
    /// See the organisation's settings.
    SeeSettings = "settings.see", delicate: false;
    /// Change the organisation's name, logo, contact.
    ChangeSettings = "settings.change", delicate: false;
    /// See the organisation's policies.
    SeePolicies = "policies.see", delicate: false;
    /// Change the organisation's policies.
    ChangePolicies = "policies.change", delicate: true;
    /// Let devices in where the policy wants that, and take their trust away.
    ApproveDevices = "devices.approve", delicate: true;
    /// Start a reset of other people's factors.
    ResetFactors = "people.reset-factors", delicate: true;
    /// Let people whose password entry is locked try again.
    UnlockPeople = "people.unlock", delicate: false;
    /// End other people's sessions.
    SignOutPeople = "people.sign-out", delicate: false;
}

/// A role that somebody holds in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: RoleId,
    /// Its name, such as `Owner`.
    pub name: String,
    /// Whether it came with the product.
    pub is_built_in: bool,
}

/// Who asks: a person, in an organisation, with the roles held there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The person.
    pub person: PersonId,
    /// Where they act.
    pub organisation: OrganisationId,
    /// What they hold there.
    pub grants: Vec<Grant>,
}

/// What the authorizer answers, with its derivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub allowed: bool,
    /// Why: on a deny at least one reason; on an allow the grant.
    pub because: Vec<(Reason, String)>,
}

/// Decides, purely, whether the holder may do this. Wired in by the program.
pub trait Authorizer: Send + Sync {
    /// The decision and its whole derivation.
    fn decide(&self, holder: &Holder, action: Action) -> Decision;
}
