//! What can be done, and who may: the names of permissions, and the trait that decides. `roles` implements it; nobody else has to know how.
use crate::{OrganisationId, PersonId, Reason, RoleId, SiteId};

/// An action as a type: a handler's argument `Permit<act::ReadEvents>` proves that it was allowed.
pub trait Act: Send + Sync + 'static {
    /// The action's value.
    const ACTION: Action;
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $label:literal, $reach:ident, delicate: $delicate:literal;)+) => {
        /// A permission's name. Routes name one; roles grant them. INVARIANT: only ever added to at the end, since a role keeps them by their place.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action { $($(#[$doc])* $name),+ }

        impl Action {
            /// Every action there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The permission's name in the API, such as `events.read`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
            /// The permission in words, such as `Read activity`.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label),+ }
            }
            /// What it can be limited to.
            pub const fn reach(self) -> Reach {
                match self { $(Self::$name => Reach::$reach),+ }
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

/// What the right to an action can be limited to. A grant for a part gives nothing that reaches further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// One's own account: everybody may.
    Own,
    /// The whole organisation, or nothing.
    Organisation,
    /// One customer of the organisation.
    Customer,
    /// One site of the organisation.
    Site,
}

actions! {
    /// See one's own account, devices, sessions.
    SeeOwn = "own.see", "See their own account", Own, delicate: false;
    /// Change one's own account, end one's own sessions.
    ChangeOwn = "own.change", "Change their own account", Own, delicate: false;
    /// Read the activity of the organisation.
    ReadEvents = "events.read", "Read activity", Organisation, delicate: false;
    /// See the organisation's settings.
    SeeSettings = "settings.see", "See settings", Organisation, delicate: false;
    /// Change the organisation's name, logo, contact.
    ChangeSettings = "settings.change", "Change settings", Organisation, delicate: false;
    /// See the organisation's policies.
    SeePolicies = "policies.see", "See policies", Organisation, delicate: false;
    /// Change the organisation's policies.
    ChangePolicies = "policies.change", "Change policies", Organisation, delicate: true;
    /// Let devices in where the policy wants that, and take their trust away.
    ApproveDevices = "devices.approve", "Let devices in", Organisation, delicate: true;
    /// Start a reset of other people's factors.
    ResetFactors = "people.reset-factors", "Reset a person’s second factor", Organisation, delicate: true;
    /// Let people whose password entry is locked try again.
    UnlockPeople = "people.unlock", "Unlock people", Organisation, delicate: false;
    /// End other people's sessions.
    SignOutPeople = "people.sign-out", "Sign people out", Organisation, delicate: false;
    /// See the people of the organisation.
    SeePeople = "people.see", "See people", Organisation, delicate: false;
    /// Invite people, resend and withdraw invitations.
    InvitePeople = "people.invite", "Invite people", Organisation, delicate: true;
    /// Change people's names, addresses, roles; disable and remove them.
    ChangePeople = "people.change", "Change and remove people", Organisation, delicate: true;
    /// Take all that is known of a person, or erase it.
    ErasePeople = "people.erase", "Hand out and erase a person’s data", Organisation, delicate: true;
    /// See roles and who holds them; ask "Why?".
    SeeRoles = "roles.see", "See roles", Organisation, delicate: false;
    /// Make, change and remove roles and groups.
    ChangeRoles = "roles.change", "Change roles", Organisation, delicate: true;
    /// See customers and sites.
    SeeOrganisations = "organisations.see", "See customers and sites", Customer, delicate: false;
    /// Make customers.
    MakeOrganisations = "organisations.make", "Make customers", Organisation, delicate: true;
    /// Rename, move and suspend customers.
    ChangeOrganisations = "organisations.change", "Change and suspend customers", Customer, delicate: true;
    /// Delete customers.
    DeleteOrganisations = "organisations.delete", "Delete customers", Customer, delicate: true;
    /// Make, rename and remove sites.
    ChangeSites = "sites.change", "Change sites", Organisation, delicate: false;
    /// Make and change webhooks and syslog.
    ChangeWebhooks = "webhooks.change", "Send activity elsewhere", Organisation, delicate: true;
    /// Make API keys for oneself, and end them.
    MakeApiKeys = "api-keys.make", "Make API keys", Organisation, delicate: true;
    /// See single sign-on and provisioning.
    SeeSso = "sso.see", "See single sign-on", Organisation, delicate: false;
    /// Change single sign-on and provisioning.
    ChangeSso = "sso.change", "Change single sign-on", Organisation, delicate: true;
    /// See agents.
    SeeAgents = "agents.see", "See agents", Site, delicate: false;
    /// Let agents in or refuse them.
    PairAgents = "agents.pair", "Pair and approve agents", Site, delicate: true;
    /// Revoke agents.
    RevokeAgents = "agents.revoke", "Revoke agents", Site, delicate: true;
    /// Make and revoke installation keys.
    MakeKeys = "keys.make", "Make installation keys", Site, delicate: true;
    /// See the apps that sign in here.
    SeeApps = "apps.see", "See apps", Organisation, delicate: false;
    /// Make and change apps that sign in here.
    ChangeApps = "apps.change", "Change apps", Organisation, delicate: true;
}

impl Action {
    /// Back from the permission's name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// A set of permissions, as a role keeps it: a bit for each action, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Permissions(u64);

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);
    /// From the store. Bits of actions that this program does not know are left out.
    pub fn from_bits(bits: i64) -> Self {
        Self::all().and(Self(bits.cast_unsigned()))
    }
    /// For the store.
    pub const fn bits(self) -> i64 {
        self.0.cast_signed()
    }
    /// Every action there is.
    pub fn all() -> Self {
        Action::ALL.iter().copied().collect()
    }
    /// With this one.
    #[must_use]
    pub const fn with(self, action: Action) -> Self {
        Self(self.0 | action.bit())
    }
    /// Those in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
    /// Those in one of them alone.
    #[must_use]
    pub const fn differing(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
    /// Whether this one is in it.
    pub const fn contains(self, action: Action) -> bool {
        self.0 & action.bit() != 0
    }
    /// Whether all of the other are in it.
    pub const fn has_all_of(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
    /// Each of them, in their order.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.iter().copied().filter(move |action| self.contains(*action))
    }
}

impl FromIterator<Action> for Permissions {
    fn from_iter<T: IntoIterator<Item = Action>>(actions: T) -> Self {
        actions.into_iter().fold(Self::NONE, Self::with)
    }
}

/// How far a grant goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// The whole organisation.
    Everything,
    /// One customer of it.
    Customer(OrganisationId),
    /// One site of it.
    Site(SiteId),
}

/// What an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// Anything within the organisation: is there a part of it for which it is granted? So a list can be opened that then shows only this part.
    Somewhere,
    /// The organisation itself.
    Organisation,
    /// One of its customers.
    Customer(OrganisationId),
    /// One of its sites.
    Site(SiteId),
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
    /// What it allows.
    pub permissions: Permissions,
    /// How far it goes.
    pub scope: Scope,
    /// The group of people that it is held by, where it is not held by the person alone.
    pub group: Option<String>,
}

impl Grant {
    /// Whether it allows this on that.
    pub fn covers(&self, action: Action, on: On) -> bool {
        self.permissions.contains(action) && self.reaches(action.reach(), on)
    }
    /// Whether it goes as far.
    fn reaches(&self, reach: Reach, on: On) -> bool {
        match (self.scope, reach, on) {
            (Scope::Everything, _, _)
            | (_, Reach::Own, _)
            | (Scope::Customer(_), Reach::Customer, On::Somewhere)
            | (Scope::Site(_), Reach::Site, On::Somewhere) => true,
            (Scope::Customer(held), Reach::Customer, On::Customer(asked)) => held == asked,
            (Scope::Site(held), Reach::Site, On::Site(asked)) => held == asked,
            _ => false,
        }
    }
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
    fn decide(&self, holder: &Holder, action: Action, on: On) -> Decision;
    /// Everything that would be allowed somewhere: the same decisions, without their derivation. Asked with every request.
    fn allowed(&self, holder: &Holder) -> Permissions {
        let may = |action: &Action| self.decide(holder, *action, On::Somewhere).allowed;
        Action::ALL.iter().copied().filter(may).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_permissions_keeps_what_was_put_in_and_nothing_else() {
        let set = Permissions::NONE.with(Action::ReadEvents).with(Action::ChangeApps);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Action::ReadEvents, Action::ChangeApps]);
        assert_eq!(Permissions::from_bits(set.bits()), set);
        assert!(Permissions::all().has_all_of(set) && !set.has_all_of(Permissions::all()));
        assert_eq!(Permissions::from_bits(-1), Permissions::all());
    }

    #[test]
    fn every_action_has_a_place_of_its_own_and_a_name() {
        assert!(Action::ALL.len() <= 63, "the store keeps 63 bits");
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.name()), Some(*action));
        }
    }
}
