//! People as they are read: a page of the list, or one of them, with the roles that they hold or that wait for them.
//! Must never happen: more of somebody from another organisation than their name, their address and their membership here.
use crate::{
    decide::{Filter, State},
    store::{
        invitations::{self, Invitation},
        list::{self, Member},
    },
};
use ground::{
    cursor::ByName,
    db::{Result, View},
};
use kernel::{Grant, InvitationId, Organisation, PersonId, Time};
use roles::{Told, Wanted};
use uuid::Uuid;

/// Somebody in the list.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// A member, and what they hold.
    Member(Box<Member>, Vec<Told>),
    /// Somebody who is invited, and what waits for them.
    Invited(Box<Invitation>, Vec<Told>),
}

impl Seen {
    /// Where they stand in the list.
    pub fn place(&self) -> ByName {
        let (sort_name, id) = match self {
            Self::Member(member, _) => (&member.sort_name, member.id.0),
            Self::Invited(invitation, _) => (&invitation.sort_name, invitation.id.0),
        };
        ByName {
            sort_name: sort_name.clone(),
            id,
        }
    }
    /// How they stand.
    pub fn state(&self) -> State {
        match self {
            Self::Member(member, _) if member.is_disabled => State::Disabled,
            Self::Member(..) => State::Active,
            Self::Invited(..) => State::Invited,
        }
    }
    /// Their name.
    pub fn name(&self) -> &str {
        match self {
            Self::Member(member, _) => &member.name,
            Self::Invited(invitation, _) => &invitation.name,
        }
    }
    /// Their address.
    pub fn email(&self) -> &str {
        match self {
            Self::Member(member, _) => &member.email,
            Self::Invited(invitation, _) => &invitation.email,
        }
    }
    /// What they hold, or what waits for them.
    pub fn told(&self) -> &[Told] {
        match self {
            Self::Member(_, told) | Self::Invited(_, told) => told,
        }
    }
    /// The member, where it is one of this organisation's own accounts.
    pub fn at_home(&self, organisation: Organisation) -> Option<&Member> {
        match self {
            Self::Member(member, _) if member.home == organisation.0 => Some(member),
            _ => None,
        }
    }
    /// When the invitation ends.
    pub fn ends_at(&self) -> Option<Time> {
        match self {
            Self::Member(..) => None,
            Self::Invited(invitation, _) => Some(invitation.ends_at),
        }
    }
}

/// A page of the list.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Who is on it.
    pub people: Vec<Seen>,
    /// Behind whom the next one begins.
    pub next: Option<ByName>,
}

/// The page behind this place: members and invited people in one order.
pub(crate) fn part(
    view: &mut View,
    organisation: Organisation,
    filter: &Filter,
    after: &ByName,
    limit: usize,
) -> Result<Part> {
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let members = if filter.wants_members() {
        list::members(view, organisation, filter, after, most)?
    } else {
        Vec::new()
    };
    let invited = if filter.wants_invited() {
        invitations::list(view, organisation, filter.pattern.as_ref(), after, most)?
    } else {
        Vec::new()
    };
    let mut people: Vec<Seen> = members
        .into_iter()
        .map(|member| Seen::Member(Box::new(member), Vec::new()))
        .chain(
            invited
                .into_iter()
                .map(|invitation| Seen::Invited(Box::new(invitation), Vec::new())),
        )
        .collect();
    people.sort_by_cached_key(|seen| {
        let place = seen.place();
        (place.sort_name, place.id)
    });
    let is_more = people.len() > limit;
    people.truncate(limit);
    with_roles(view, organisation, &mut people)?;
    let next = people.last().filter(|_| is_more).map(Seen::place);
    Ok(Part { people, next })
}

fn with_roles(view: &mut View, organisation: Organisation, people: &mut [Seen]) -> Result<()> {
    let ids: Vec<PersonId> = people
        .iter()
        .filter_map(|seen| match seen {
            Seen::Member(member, _) => Some(member.id),
            Seen::Invited(..) => None,
        })
        .collect();
    let mut held = roles::names_of(view, organisation, &ids)?;
    for seen in people {
        match seen {
            Seen::Member(member, told) => *told = held.remove(&member.id).unwrap_or_default(),
            Seen::Invited(invitation, told) => *told = waiting(view, organisation, invitation.id)?,
        }
    }
    Ok(())
}

/// What waits for somebody who is invited; what is gone by now is left out.
fn waiting(view: &mut View, organisation: Organisation, id: InvitationId) -> Result<Vec<Told>> {
    let mut told = Vec::new();
    for Wanted { role, scope } in invitations::gives(view, organisation, id)? {
        let (Some(role), Some(place)) = (
            roles::find(view, organisation, role)?,
            roles::place(view, organisation, scope)?,
        ) else {
            continue;
        };
        let grant = Grant {
            role: role.id,
            name: role.name,
            is_built_in: role.is_built_in,
            permissions: role.permissions,
            scope,
            group: None,
        };
        told.push(Told {
            grant,
            place: Some(place),
        });
    }
    Ok(told)
}

/// One of them, member or invited.
pub(crate) fn one(view: &mut View, organisation: Organisation, id: Uuid) -> Result<Option<Seen>> {
    if let Some(member) = list::member(view, organisation, PersonId(id))? {
        let told = roles::told(view, organisation, member.id)?;
        return Ok(Some(Seen::Member(Box::new(member), told)));
    }
    let Some(invitation) = invitations::find(view, organisation, InvitationId(id))? else {
        return Ok(None);
    };
    let told = waiting(view, organisation, invitation.id)?;
    Ok(Some(Seen::Invited(Box::new(invitation), told)))
}
