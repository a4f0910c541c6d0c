//! Ids: each its own type, so that none is taken for another. All are UUID version 7 (RFC 9562, 5.7), made from time and chance.
use crate::{Chance, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A UUID version 7: 48 bits of milliseconds, 74 bits of chance.
pub fn version_7(now: Time, chance: &Chance) -> Uuid {
    let millis = u64::try_from(now.micros().div_euclid(1_000)).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance.bytes::<10>()).into_uuid()
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one: sorts by time, cannot be guessed.
            pub fn new(now: Time, chance: &Chance) -> Self {
                Self(version_7(now, chance))
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+ };
}

id! {
    /// An organisation (tenant).
    OrganisationId,
    /// A site of an organisation.
    SiteId,
    /// A person's account.
    PersonId,
    /// A role of an organisation.
    RoleId,
    /// A group of people of an organisation.
    GroupId,
    /// An invitation to join an organisation.
    InvitationId,
    /// A key that a program calls the API with.
    ApiKeyId,
    /// A program on a managed machine.
    AgentId,
    /// A key that machines are paired with.
    InstallationKeyId,
    /// An address that events are sent to.
    WebhookId,
    /// A browser or app a person signs in from.
    DeviceId,
    /// Something that a person proves themselves with.
    AuthenticatorId,
    /// A sign-in under way.
    FlowId,
    /// A passkey's ceremony under way.
    CeremonyId,
    /// One signed-in device.
    SessionId,
    /// A line of the activity log.
    EventId,
    /// A mail or text message on its way.
    MessageId,
    /// One request, as the log and the page of a fault name it.
    RequestId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_are_version_7() {
        let chance = Chance::new(|out| out.fill(7));
        let early = PersonId::new(Time::from_seconds(1), &chance);
        let late = PersonId::new(Time::from_seconds(2), &chance);
        assert!(early < late);
        assert_eq!(early.0.get_version_num(), 7);
    }
}
