//! A person as programs read them. For the list, the one, and whoever takes the JSON of them for a file.
//! Must never happen: a field that another organisation than the person's home should not see.
use crate::{decide::State, seen::Seen};
use kernel::Organisation;
use roles::Told;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is named by its id.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonHome)]
pub(crate) struct Named {
    /// UUID version 7.
    pub id: Uuid,
    /// The name.
    pub name: String,
}

/// A role that somebody holds, or that waits for somebody who is invited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldRole {
    /// The role.
    pub role_id: Uuid,
    /// Its name.
    pub name: String,
    /// How far it goes: `everything`, `customer:ID` or `site:ID`.
    pub scope: String,
    /// The name of the customer or site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The group that they hold it by, where it is not theirs alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl HeldRole {
    fn of(told: &Told) -> Self {
        Self {
            role_id: told.grant.role.0,
            name: told.grant.name.clone(),
            scope: roles::scope_word(told.grant.scope),
            place: told.place.clone().filter(|place| !place.is_empty()),
            group: told.grant.group.clone(),
        }
    }
}

/// Somebody of an organisation, or invited to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonItem {
    /// UUID version 7. An invited person keeps it when they join with a new account.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The address, as written.
    pub email: String,
    /// `active`, `disabled` or `invited`.
    pub state: &'static str,
    /// What they hold here, or what waits for them.
    pub roles: Vec<HeldRole>,
    /// The organisation that owns the account; nothing for invited people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<Named>,
    /// The organisation above that they come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Uuid>,
    /// RFC 3339, UTC: since when they are a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_at: Option<String>,
    /// RFC 3339, UTC: when the invitation ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<String>,
    /// Whether they have a second factor. At home only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<bool>,
    /// RFC 3339, UTC. At home only; nothing where they never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<String>,
}

/// A list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonList {
    /// The people, by name.
    pub items: Vec<PersonItem>,
    /// The cursor of what follows.
    pub next: Option<String>,
}

impl PersonItem {
    /// As this organisation may see them.
    pub fn of(seen: &Seen, organisation: Organisation) -> Self {
        let own = seen.at_home(organisation);
        let (id, home, via, joined_at) = match seen {
            Seen::Member(member, _) => (
                member.id.0,
                Some(Named {
                    id: member.home.0,
                    name: member.home_name.clone(),
                }),
                member.via.map(|via| via.0),
                Some(member.joined_at.rfc3339()),
            ),
            Seen::Invited(invitation, _) => (invitation.id.0, None, None, None),
        };
        Self {
            id,
            name: seen.name().to_owned(),
            email: seen.email().to_owned(),
            state: State::name(seen.state()),
            roles: seen.told().iter().map(HeldRole::of).collect(),
            home,
            via,
            joined_at,
            ends_at: seen.ends_at().map(kernel::Time::rfc3339),
            second_factor: own.map(|member| member.kinds.has_factor()),
            last_sign_in_at: own.and_then(|member| member.last_sign_in_at).map(kernel::Time::rfc3339),
        }
    }
}
