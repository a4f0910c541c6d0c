//! Lines of the activity log. An event tells what happened, to whom, from where and why; it is chained and kept.
use crate::{AgentId, Chance, DeviceId, EventId, PersonId, Reason, Stream, Time};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was let through.
    Allowed,
    /// It was stopped.
    Stopped,
    /// It simply happened.
    Done,
}

impl Outcome {
    /// The word in the store and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Allowed, Self::Stopped, Self::Done]
            .into_iter()
            .find(|o| o.name() == name)
    }
}

macro_rules! kinds {
    ($($name:ident = $id:literal, $words:literal;)+) => {
        /// The kinds of event. Append only: the id is in stored logs for years.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind { $(#[doc = $words] $name),+ }

        impl EventKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            /// The stable id, such as `signed-in`.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }
            /// What happened, in words: "Signed in".
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words),+ }
            }
            /// Back from the id.
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.id() == id)
            }
        }
    };
}

kinds! {
    OwnerCreated = "owner-created", "Set up the organisation and its owner";
    SignedIn = "signed-in", "Signed in";
    SignInRefused = "sign-in-refused", "Sign-in refused";
    LaneLocked = "lane-locked", "Password entry locked";
    LaneReleased = "lane-released", "Password entry released";
    LaneUnlocked = "lane-unlocked", "Password entry unlocked by hand";
    DeviceUnknown = "device-no-longer-known", "Device no longer known after too many failures";
    NetworkLocked = "network-locked", "Network locked for strangers";
    StrangersRefused = "strangers-refused", "Sign-ins of strangers refused";
    SignedOut = "signed-out", "Signed out";
    SessionEnded = "session-ended", "Session ended";
    SessionUnlocked = "session-unlocked", "Session unlocked";
    UnlockRefused = "unlock-refused", "Unlock refused";
    SteppedUp = "stepped-up", "Confirmed again that it is them";
    StepUpRefused = "step-up-refused", "Confirmation refused";
    PasswordChanged = "password-changed", "Password changed";
    PasswordChangeRefused = "password-change-refused", "Change of password refused";
    NameChanged = "name-changed", "Name changed";
    SettingsChanged = "settings-changed", "Organisation's settings changed";
    ResetAsked = "reset-asked", "Asked for a link to set a new password";
    PasswordReset = "password-reset", "Set a new password by the link or code in a mail";
    ResetLinkMade = "reset-link-made", "Reset link made by the operator";
    EmailChangeAsked = "email-change-asked", "Asked to change the e-mail address";
    EmailChanged = "email-changed", "E-mail address changed";
    EmailChangeUndone = "email-change-undone", "Change of the e-mail address undone";
    AlarmRaised = "alarm-raised", "Said that it was not them: all sessions ended";
    SetupLinkMade = "setup-link-made", "Set-up link made";
    TestMessageSent = "test-message-sent", "Test message sent";
    MessageSentAgain = "message-sent-again", "Message sent again by hand";
    MessageCameBack = "message-came-back", "Message told to have come back";
    ServerStarted = "server-started", "Server started";
    PolicyChanged = "policy-changed", "Policy changed";
    FactorResetStarted = "factor-reset-started", "Reset of second factors started";
    FactorsReset = "factors-reset", "Second factors removed because they were lost";
    WaysReviewed = "ways-reviewed", "Ways to sign in reviewed";
    AuthenticatorAdded = "authenticator-added", "Added a way to sign in";
    AuthenticatorRemoved = "authenticator-removed", "Removed a way to sign in";
    AuthenticatorRenamed = "authenticator-renamed", "Renamed a way to sign in";
    AuthenticatorPaused = "authenticator-paused", "Way to sign in paused after wrong codes";
    AuthenticatorReleased = "authenticator-released", "Pause of a way to sign in ended";
    AppResynchronised = "app-resynchronised", "Clock of an authenticator app learned anew";
    CodeRefused = "code-refused", "Code refused";
    TextSent = "text-sent", "Text message with a code sent";
    TextRefused = "text-refused", "Text message with a code refused";
    RecoveryCodesMade = "recovery-codes-made", "New recovery codes made";
    RecoveryCodeUsed = "recovery-code-used", "Recovery code used";
    PasskeyCounterBack = "passkey-counter-back", "Passkey refused because its counter went back";
    SignInUnfinished = "sign-in-unfinished", "Sign-in not gone through with after the right password";
    DeviceVerified = "device-verified", "Device verified";
    DeviceCheckRefused = "device-check-refused", "Verification of a device refused";
    DeviceApprovalAsked = "device-approval-asked", "Asked a trusted device to approve a new one";
    DeviceApproved = "device-approved", "Approved a new device on a trusted one";
    DeviceDenied = "device-denied", "Refused a new device on a trusted one";
    DeviceOtherKey = "device-other-key", "Device's cookie came with another key";
    DeviceTrustRevoked = "device-trust-revoked", "Trust of a device taken away";
    DeviceForgotten = "device-forgotten", "Device forgotten";
    DeviceRenamed = "device-renamed", "Device renamed";
    DevicesOrdered = "devices-ordered", "Order of devices changed";
    DeviceWaits = "device-waits", "Device waits for an administrator";
    DeviceAdmitted = "device-admitted", "Device let in by an administrator";
    DeviceNotAdmitted = "device-not-admitted", "Device refused by an administrator";
    LanguageChanged = "language-changed", "Language of mails changed";
    RoleMade = "role-made", "Role made";
    RoleChanged = "role-changed", "Role changed";
    RoleRemoved = "role-removed", "Role removed";
    GrantsChanged = "grants-changed", "Roles of a person changed";
    GroupMade = "group-made", "Group made";
    GroupChanged = "group-changed", "Group changed";
    GroupRemoved = "group-removed", "Group removed";
    AccessRefused = "access-refused", "Not allowed";
    PersonInvited = "person-invited", "Invited somebody";
    InvitationResent = "invitation-resent", "Sent an invitation again";
    InvitationWithdrawn = "invitation-withdrawn", "Withdrew an invitation";
    PersonJoined = "person-joined", "Joined the organisation";
    PersonDisabled = "person-disabled", "Account disabled";
    PersonEnabled = "person-enabled", "Account enabled again";
    PersonRemoved = "person-removed", "Removed from the organisation";
    MembershipEnded = "membership-ended", "Access to the organisation ended";
    PersonHandedOut = "person-handed-out", "All that is known of a person handed out";
    PersonErased = "person-erased", "Person erased";
    WebhookMade = "webhook-made", "Activity is sent to a new place";
    WebhookChanged = "webhook-changed", "Place that activity is sent to changed";
    WebhookRemoved = "webhook-removed", "Activity is no longer sent to a place";
    WebhookLeftOut = "webhook-left-out", "Events left out, because the place that they are sent to did not take them for a day";
    RetentionChanged = "retention-changed", "How long activity is kept changed";
    ActivityCut = "activity-cut", "Old activity removed";
    ApiKeyMade = "api-key-made", "Made an API key";
    ApiKeyEnded = "api-key-ended", "Ended an API key";
    PersonImported = "person-imported", "Taken over from another system";
    OrganisationMade = "organisation-made", "Customer made";
    OrganisationRenamed = "organisation-renamed", "Customer renamed";
    OrganisationMoved = "organisation-moved", "Customer moved";
    OrganisationSuspended = "organisation-suspended", "Customer suspended";
    OrganisationResumed = "organisation-resumed", "Customer opened again";
    OrganisationDeleted = "organisation-deleted", "Customer deleted";
    OrganisationRestored = "organisation-restored", "Deleted customer brought back";
    OrganisationPurged = "organisation-purged", "Everything of a deleted customer removed";
    OrganisationEntered = "organisation-entered", "Came over from another organisation";
    SiteMade = "site-made", "Site added";
    SiteRenamed = "site-renamed", "Site renamed";
    SiteRemoved = "site-removed", "Site removed";
    InstallationKeyMade = "installation-key-made", "Made an installation key";
    InstallationKeyRevoked = "installation-key-revoked", "Revoked an installation key";
    PairingRefused = "pairing-refused", "Pairing of a machine refused";
    AgentWaits = "agent-waits", "A machine waits to be let in";
    AgentApproved = "agent-approved", "Agent let in";
    AgentRefused = "agent-refused", "Agent refused";
    AgentReplaced = "agent-replaced", "Agent took the place of an older entry of the same machine";
    AgentRevoked = "agent-revoked", "Agent revoked";
    AgentUnpaired = "agent-unpaired", "Agent gave its identity back";
    AgentEnded = "agent-ended", "Agent ended by itself";
    AgentChanged = "agent-changed", "Name or site of an agent changed";
    AgentRotated = "agent-rotated", "Agent changed its key";
    AgentRotationAsked = "agent-rotation-asked", "Agent asked to change its key";
    AgentCopied = "agent-copied", "The same identity was seen on two machines";
    AgentPicked = "agent-picked", "Chose which of two machines keeps an identity";
    AgentRestored = "agent-restored", "Agent went on after its machine was put back to an earlier state";
    AgentStopped = "agent-stopped", "Call of an agent refused";
}

/// One event, before it is chained. Personal data is in it; the chain holds only its salted digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Whose log it goes into.
    pub stream: Stream,
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub kind: EventKind,
    /// What came of it.
    pub outcome: Outcome,
    /// Who did it; none for strangers and the server itself.
    pub actor: Option<PersonId>,
    /// Whom it is about, where that is a person.
    pub subject: Option<PersonId>,
    /// The device it came from; of an event about an agent, the agent.
    pub device: Option<DeviceId>,
    /// The device in words ("Firefox on Windows"), as it was then.
    pub device_label: String,
    /// The network address it came from; empty for the command line.
    pub network: String,
    /// Why.
    pub reason: Option<Reason>,
    /// Aggregated events say how many they stand for.
    pub count: u32,
    /// More, in words; never a secret.
    pub detail: String,
    /// Makes the digest say nothing about erased data.
    pub salt: [u8; 16],
}

impl Event {
    /// An event with nothing but its kind; the rest by [`Event::by`] and the fields.
    pub fn new(stream: Stream, at: Time, kind: EventKind, outcome: Outcome, chance: &Chance) -> Self {
        Self {
            id: EventId::new(at, chance),
            stream,
            at,
            kind,
            outcome,
            actor: None,
            subject: None,
            device: None,
            device_label: String::new(),
            network: String::new(),
            reason: None,
            count: 1,
            detail: String::new(),
            salt: chance.bytes(),
        }
    }
    /// Done by this person, about themselves.
    #[must_use]
    pub fn by(mut self, person: PersonId) -> Self {
        self.actor = Some(person);
        self.subject = Some(person);
        self
    }
    /// About this person, done by nobody known.
    #[must_use]
    pub fn about(mut self, person: PersonId) -> Self {
        self.subject = Some(person);
        self
    }
    /// From this device and network.
    #[must_use]
    pub fn from(mut self, device: Option<DeviceId>, label: &str, network: &str) -> Self {
        self.device = device;
        label.clone_into(&mut self.device_label);
        network.clone_into(&mut self.network);
        self
    }
    /// About this agent, as it was called then. An event names one machine: the agent's id stands where a person's device would.
    #[must_use]
    pub fn of_agent(mut self, agent: AgentId, name: &str) -> Self {
        self.device = Some(DeviceId(agent.0));
        name.clone_into(&mut self.device_label);
        self
    }
    /// For this reason.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }
}
