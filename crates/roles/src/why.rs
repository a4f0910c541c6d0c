//! "Why?": may this person do this on that, with the whole derivation in words. For the Roles page and the API.
//! Must never happen: another answer than the door would give.
use crate::{
    built_in::NO_ACCESS,
    decide::Says,
    store::{Role, lists::with_permission},
    told::Told,
};
use kernel::{Action, On, Reach, Reason};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The person's name.
    pub name: &'a str,
    /// Whether nobody lets them in at all.
    pub is_disabled: bool,
    /// What they would do.
    pub action: Action,
    /// On what.
    pub on: On,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Yes or no.
    pub is_allowed: bool,
    /// Why, the most telling first.
    pub because: Vec<(Reason, String)>,
    /// The grant that allows it.
    pub by: Option<Told>,
    /// The roles that have the permission.
    pub roles: Vec<String>,
}

/// What one grant says, in a sentence or two.
fn sentence(name: &str, told: &Told, says: Says, action: Action) -> String {
    let (held, role, label) = (told.words(), &told.grant.name, action.label());
    match says {
        Says::Yes => format!("{name} is {held}. {role} has “{label}”."),
        Says::Lacks => format!("{name} is {held}. {role} has no “{label}”."),
        Says::Elsewhere => format!("{name} is {held}. {role} has “{label}”, but only there."),
        Says::TooNarrow => format!(
            "{name} is {held}. {role} has “{label}”, but that is about the whole organisation, and they hold the role for a part of it."
        ),
    }
}

/// "Owner, Administrator and Help desk".
pub(crate) fn and(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn who_has_it(roles: &[String], label: &str) -> String {
    match roles {
        [] => format!("No role here has “{label}”."),
        [one] => format!("The role {one} has it."),
        more => format!("The roles {} have it.", and(more)),
    }
}

/// The answer, from what the person holds and the roles that there are.
pub fn explain(asked: Question<'_>, held: &[Told], roles: &[Role]) -> Answer {
    let Question {
        name,
        is_disabled,
        action,
        on,
    } = asked;
    let roles = with_permission(roles, action);
    let mut because = Vec::new();
    if is_disabled {
        because.push((
            Reason::SignInDisabled,
            format!("{name} is disabled, so nothing lets them in."),
        ));
    }
    if action.reach() == Reach::Own {
        because.push((
            Reason::AccessOwn,
            "Everybody may do this with their own account.".to_owned(),
        ));
        return Answer {
            is_allowed: !is_disabled,
            because,
            by: None,
            roles,
        };
    }
    let mut steps: Vec<(Says, &Told)> = held
        .iter()
        .map(|told| (Says::of(&told.grant, action, on), told))
        .collect();
    steps.sort_by_key(|(says, _)| *says);
    let by = steps
        .iter()
        .find(|(says, _)| *says == Says::Yes)
        .map(|(_, told)| (*told).clone());
    if steps.is_empty() {
        because.push((Reason::AccessMissing, format!("{name} holds no role here.")));
    }
    let told = steps
        .iter()
        .map(|(says, told)| (says.reason(), sentence(name, told, *says, action)));
    because.extend(told);
    if by.is_none() {
        because.push((Reason::AccessHasRole, who_has_it(&roles, action.label())));
    }
    Answer {
        is_allowed: by.is_some() && !is_disabled,
        because,
        by,
        roles,
    }
}

/// What permissions are about, in the order in which people read them.
const AREAS: [&str; 14] = [
    "agents",
    "keys",
    "people",
    "devices",
    "roles",
    "policies",
    "organisations",
    "sites",
    "sso",
    "apps",
    "settings",
    "events",
    "webhooks",
    "api-keys",
];

/// The permissions that can stand in a role, in the order in which people read them: by what they are about, to see something before changing it.
pub fn grantable() -> impl Iterator<Item = Action> {
    let mut all: Vec<Action> = Action::ALL
        .iter()
        .copied()
        .filter(|action| action.reach() != Reach::Own)
        .collect();
    all.sort_by_key(|action| {
        let (area, what) = action.name().split_once('.').unwrap_or_default();
        (
            AREAS.iter().position(|known| *known == area).unwrap_or(AREAS.len()),
            what != "see",
        )
    });
    all.into_iter()
}

/// Whether a role stands in the table of permissions: all but the one that may do nothing.
pub(crate) fn is_shown(role: &Role) -> bool {
    !(role.is_built_in && role.name == NO_ACCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions;
    use kernel::{Grant, Permissions, RoleId, Scope, SiteId};
    use uuid::Uuid;

    fn told(role: &str, place: Option<&str>) -> Told {
        let scope = if place.is_some() {
            Scope::Site(SiteId(Uuid::from_u128(1)))
        } else {
            Scope::Everything
        };
        let grant = Grant {
            role: RoleId(Uuid::nil()),
            name: role.into(),
            is_built_in: true,
            permissions: permissions(role),
            scope,
            group: None,
        };
        Told {
            grant,
            place: place.map(str::to_owned),
        }
    }

    fn roles() -> Vec<Role> {
        let role = |name: &str| Role {
            id: RoleId(Uuid::nil()),
            name: name.into(),
            description: String::new(),
            is_built_in: true,
            permissions: permissions(name),
        };
        crate::BUILT_IN.iter().map(|name| role(name)).collect()
    }

    fn ask(action: Action, on: On, held: &[Told]) -> (bool, String) {
        let asked = Question {
            name: "Jon",
            is_disabled: false,
            action,
            on,
        };
        let answer = explain(asked, held, &roles());
        let texts: Vec<String> = answer.because.into_iter().map(|(_, text)| text).collect();
        (answer.is_allowed, texts.join(" "))
    }

    #[test]
    fn the_answer_of_the_picture() {
        let (is_allowed, text) = ask(
            Action::RevokeAgents,
            On::Site(SiteId(Uuid::from_u128(1))),
            &[told("Technician", Some("Leeds branch"))],
        );
        assert!(!is_allowed);
        assert_eq!(
            text,
            "Jon is Technician at the site Leeds branch. Technician has no “Revoke agents”. The roles Owner and Administrator have it."
        );
    }

    #[test]
    fn a_yes_names_the_grant_and_a_no_says_what_is_missing() {
        let leeds = [told("Technician", Some("Leeds branch"))];
        let (here, there) = (SiteId(Uuid::from_u128(1)), SiteId(Uuid::from_u128(2)));
        assert!(ask(Action::PairAgents, On::Site(here), &leeds).0);
        let (is_allowed, text) = ask(Action::PairAgents, On::Site(there), &leeds);
        assert!(!is_allowed && text.contains("but only there"), "{text}");
        let (is_allowed, text) = ask(
            Action::InvitePeople,
            On::Organisation,
            &[told("Administrator", Some("Leeds"))],
        );
        assert!(!is_allowed && text.contains("about the whole organisation"), "{text}");
        let (is_allowed, text) = ask(Action::ReadEvents, On::Organisation, &[]);
        assert!(!is_allowed && text.starts_with("Jon holds no role here."), "{text}");
        assert!(ask(Action::ChangeOwn, On::Organisation, &[]).0);
    }

    #[test]
    fn whoever_is_disabled_may_do_nothing_whatever_they_hold() {
        let asked = Question {
            name: "Jon",
            is_disabled: true,
            action: Action::ReadEvents,
            on: On::Organisation,
        };
        let answer = explain(asked, &[told("Owner", None)], &roles());
        assert!(!answer.is_allowed && answer.by.is_some());
        assert_eq!(
            answer.because.first().map(|(reason, _)| *reason),
            Some(Reason::SignInDisabled)
        );
    }

    #[test]
    fn every_permission_but_ones_own_can_stand_in_a_role() {
        let all: Permissions = grantable().collect();
        assert!(all.has_all_of(permissions("Administrator")) || permissions("Administrator").contains(Action::SeeOwn));
        assert!(!all.contains(Action::SeeOwn) && all.contains(Action::RevokeAgents));
        let first: Vec<Action> = grantable().take(3).collect();
        assert_eq!(first, [Action::SeeAgents, Action::PairAgents, Action::RevokeAgents]);
        for action in grantable() {
            let area = action.name().split('.').next().unwrap_or_default();
            assert!(AREAS.contains(&area), "{area} has no place in the table");
        }
    }
}
