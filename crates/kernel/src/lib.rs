//! The words that every other crate speaks: ids, time, chance, secrets, languages, reasons, problems, scopes, actions, events.
//! Pure: no I/O, no clock, no randomness of its own. Nothing here may ever depend on another crate of the house.
pub mod action;
pub mod chance;
pub mod code;
pub mod event;
pub mod id;
pub mod language;
pub mod problem;
pub mod proof;
pub mod reason;
pub mod scope;
pub mod secret;
pub mod time;

pub use action::{Act, Action, Authorizer, Decision, Grant, Holder, On, Permissions, Reach, Scope, act};
pub use chance::Chance;
pub use event::{Event, EventKind, Outcome};
pub use id::{
    AgentId, ApiKeyId, AuthenticatorId, CeremonyId, DeviceId, EventId, FlowId, GroupId, InstallationKeyId,
    InvitationId, MessageId, OrganisationId, PersonId, RequestId, RoleId, SessionId, SiteId, WebhookId,
};
pub use language::Language;
pub use problem::{FieldError, Problem};
pub use proof::{AuthenticatorKind, Freshness, Kinds, Method, Methods};
pub use reason::Reason;
pub use scope::{Deployment, Organisation, Stream};
pub use secret::Secret;
pub use time::{Clock, Span, Time};

/// What a pure decision answers: what is to happen, and the reasons for it (at least one on a refusal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict<T> {
    /// What is to happen.
    pub outcome: T,
    /// Why, most important first.
    pub reasons: Vec<Reason>,
}

impl<T> Verdict<T> {
    /// An outcome with its one reason.
    pub fn because(outcome: T, reason: Reason) -> Self {
        Self {
            outcome,
            reasons: vec![reason],
        }
    }
}
