//! The list of an organisation's people, by name, from a place on: members and invited people each by an index of their own, so that 100,000 of
//! them are no more to look at than fifty.
use crate::decide::{Filter, State};
use ground::{
    cursor::ByName,
    db::{Result, View},
    from_row,
};
use kernel::{Kinds, Organisation, OrganisationId, PersonId, RoleId, Time};

/// A member, as the list and their page show them.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The person.
    pub id: PersonId,
    /// What they are sorted by.
    pub sort_name: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The organisation that owns their account.
    pub home: OrganisationId,
    /// Its name.
    pub home_name: String,
    /// The organisation above that they come from.
    pub via: Option<OrganisationId>,
    /// They are disabled.
    pub is_disabled: bool,
    /// The kinds of authenticators that they have.
    pub kinds: Kinds,
    /// When they signed in last.
    pub last_sign_in_at: Option<Time>,
    /// Since when they are a member.
    pub joined_at: Time,
}
from_row!(Member {
    id,
    sort_name,
    name,
    email,
    home,
    home_name,
    via,
    is_disabled,
    kinds,
    last_sign_in_at,
    joined_at
});

/// What is shown of those whom the inner statement finds: only these are looked up in full.
macro_rules! members {
    ($found:literal) => {
        concat!(
            "SELECT person.id, membership.sort_name, person.name, person.email, person.home_organisation AS home, organisation.name AS home_name,
               membership.via, membership.is_disabled, person.factors AS kinds, person.last_sign_in_at, membership.joined_at FROM (",
            $found,
            ") AS found JOIN membership ON membership.organisation = ?1 AND membership.person = found.person
             JOIN person ON person.id = found.person JOIN organisation ON organisation.id = person.home_organisation
             ORDER BY membership.sort_name, membership.person"
        )
    };
}

/// One member.
pub(crate) fn member(view: &mut View, organisation: Organisation, person: PersonId) -> Result<Option<Member>> {
    view.maybe(
        members!("SELECT person FROM membership WHERE organisation = ?1 AND person = ?2"),
        &[&organisation.0, &person],
    )
}

/// Holders of a role up to so many are sorted; beyond it the list is walked and each is asked whether they hold it.
const FEW: i64 = 2_000;

/// Members behind this place that the filter wants, by name; at most so many.
pub(crate) fn members(
    view: &mut View,
    organisation: Organisation,
    filter: &Filter,
    after: &ByName,
    most: i64,
) -> Result<Vec<Member>> {
    if let Some(role) = filter.role {
        return of_role(view, organisation, role, filter, after, most);
    }
    let (own, name, id, pattern) = (&organisation.0, &after.sort_name, &after.id, &filter.pattern);
    match filter.state {
        Some(State::Disabled) => view.all(
            members!(
                "SELECT person FROM membership WHERE organisation = ?1 AND is_disabled AND (sort_name, person) > (?2, ?3)
                   AND (?4 IS NULL OR search LIKE ?4 ESCAPE '\\') ORDER BY sort_name, person LIMIT ?5"
            ),
            &[own, name, id, pattern, &most],
        ),
        state => view.all(
            members!(
                "SELECT person FROM membership WHERE organisation = ?1 AND (sort_name, person) > (?2, ?3)
                   AND (?4 IS NULL OR search LIKE ?4 ESCAPE '\\') AND NOT (?6 AND is_disabled) ORDER BY sort_name, person LIMIT ?5"
            ),
            &[own, name, id, pattern, &most, &state.is_some()],
        ),
    }
}

fn of_role(
    view: &mut View,
    organisation: Organisation,
    role: RoleId,
    filter: &Filter,
    after: &ByName,
    most: i64,
) -> Result<Vec<Member>> {
    let (wants_active, wants_disabled) = match filter.state {
        Some(State::Active) => (true, false),
        Some(State::Disabled) => (false, true),
        _ => (true, true),
    };
    let (own, name, id, pattern) = (&organisation.0, &after.sort_name, &after.id, &filter.pattern);
    let holders: i64 = view.one(
        "SELECT COUNT(*) FROM (SELECT person FROM membership_grant WHERE organisation = ?1 AND role = ?2 LIMIT ?3) AS holders",
        &[own, &role, &(FEW + 1)],
    )?;
    if holders > FEW {
        return view.all(
            members!(
                "SELECT person FROM membership WHERE organisation = ?1 AND (sort_name, person) > (?2, ?3)
                   AND (?4 IS NULL OR search LIKE ?4 ESCAPE '\\') AND ((?6 AND NOT is_disabled) OR (?7 AND is_disabled))
                   AND (EXISTS (SELECT 1 FROM membership_grant WHERE membership_grant.organisation = ?1 AND membership_grant.role = ?8
                          AND membership_grant.person = membership.person)
                     OR EXISTS (SELECT 1 FROM group_grant JOIN group_member ON group_member.organisation = group_grant.organisation
                          AND group_member.people_group = group_grant.people_group
                          WHERE group_grant.organisation = ?1 AND group_grant.role = ?8 AND group_member.person = membership.person))
                 ORDER BY sort_name, person LIMIT ?5"
            ),
            &[own, name, id, pattern, &most, &wants_active, &wants_disabled, &role],
        );
    }
    view.all(
        members!(
            "SELECT membership.person FROM (
               SELECT person FROM membership_grant WHERE organisation = ?1 AND role = ?8
               UNION SELECT group_member.person FROM group_grant JOIN group_member ON group_member.organisation = group_grant.organisation
                 AND group_member.people_group = group_grant.people_group WHERE group_grant.organisation = ?1 AND group_grant.role = ?8
             ) AS held JOIN membership ON membership.organisation = ?1 AND membership.person = held.person
             WHERE (membership.sort_name, membership.person) > (?2, ?3) AND (?4 IS NULL OR membership.search LIKE ?4 ESCAPE '\\')
               AND ((?6 AND NOT membership.is_disabled) OR (?7 AND membership.is_disabled))
             ORDER BY membership.sort_name, membership.person LIMIT ?5"
        ),
        &[own, name, id, pattern, &most, &wants_active, &wants_disabled, &role],
    )
}

/// Somebody whose account this organisation owns and who was removed from it.
pub(crate) fn is_removed(view: &mut View, organisation: Organisation, person: PersonId) -> Result<bool> {
    let found: Option<PersonId> = view.maybe(
        "SELECT id FROM person WHERE id = ?2 AND home_organisation = ?1 AND removed_at IS NOT NULL AND erased_at IS NULL",
        &[&organisation.0, &person],
    )?;
    Ok(found.is_some())
}
