//! What a key may, and what may be asked of a new one. Pure: what its maker holds and the time come in.
//! Must never happen: a right that comes out here and did not go in with the maker's roles.
use kernel::{
    Action, ApiKeyId, FieldError, Grant, On, OrganisationId, Permissions, PersonId, Reach, Reason, Scope, Span, Time,
};

/// A key lives so long unless its maker says otherwise.
pub const USUAL_LIFE: Span = Span::days(90);
/// And so long at the most.
pub const LONGEST_LIFE: Span = Span::days(365);
/// So many keys a person has at most in one organisation.
pub const MOST_KEYS: usize = 50;
const LONGEST_NAME: usize = 60;

/// A key as kept, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub id: ApiKeyId,
    /// The organisation that it is for.
    pub organisation: OrganisationId,
    /// Who made it, and in whose name it acts.
    pub person: PersonId,
    /// What its maker calls it.
    pub name: String,
    /// What it was given.
    pub permissions: Permissions,
    /// How far.
    pub scope: Scope,
    /// When made.
    pub made_at: Time,
    /// When it ends.
    pub ends_at: Time,
    /// When last used, as written (at most a minute late).
    pub used_at: Option<Time>,
    /// From which network.
    pub used_from: String,
}

/// The roles of the maker as far as the key goes: each right is in both.
pub fn narrow(held: Vec<Grant>, permissions: Permissions, scope: Scope) -> Vec<Grant> {
    let narrowed = |grant: Grant| {
        let permissions = grant.permissions.and(permissions);
        let scope = narrower(grant.scope, scope)?;
        (permissions != Permissions::NONE).then_some(Grant {
            permissions,
            scope,
            ..grant
        })
    };
    held.into_iter().filter_map(narrowed).collect()
}

/// What lies in both; sites and customers lie in nothing but the organisation.
fn narrower(held: Scope, given: Scope) -> Option<Scope> {
    match (held, given) {
        (held, Scope::Everything) => Some(held),
        (Scope::Everything, given) => Some(given),
        (held, given) => (held == given).then_some(held),
    }
}

/// A key as it is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// What it is to be called.
    pub name: String,
    /// The names of its rights; without them it may read what its maker may.
    pub permissions: Option<Vec<String>>,
    /// What it is limited to; nothing where that cannot be read.
    pub scope: Option<Scope>,
    /// When it is to end, RFC 3339.
    pub ends_at: Option<String>,
}

/// A key that can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its rights.
    pub permissions: Permissions,
    /// How far they go.
    pub scope: Scope,
    /// When it ends.
    pub ends_at: Time,
}

/// Why it is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Fields are wrong.
    Fields(Vec<FieldError>),
    /// It would be wider than its maker.
    Beyond,
}

/// The rights that a key may be given by somebody who holds these roles: all of theirs but the making of keys.
pub fn offered(may: Permissions) -> impl Iterator<Item = Action> {
    may.iter().filter(|action| *action != Action::MakeApiKeys)
}

/// Whether a right only looks.
pub fn only_looks(action: Action) -> bool {
    matches!(action.name().rsplit_once('.'), Some((_, "see" | "read")))
}

/// Holds a wish against the roles of who makes it.
pub fn check(wish: &Wish, held: &[Grant], may: Permissions, now: Time) -> Result<Wanted, Refused> {
    let name = check_name(&wish.name);
    let scope = wish
        .scope
        .ok_or_else(|| FieldError::new("scope", Reason::ApiKeyScopeInvalid));
    let ends_at = check_end(wish.ends_at.as_deref(), now);
    let permissions = match &wish.permissions {
        Some(names) => check_permissions(names, wish.scope.unwrap_or(Scope::Everything)),
        None => Ok(offered(may).filter(|action| only_looks(*action)).collect()),
    };
    let wanted = match (name, permissions, scope, ends_at) {
        (Ok(name), Ok(permissions), Ok(scope), Ok(ends_at)) => Wanted {
            name,
            permissions,
            scope,
            ends_at,
        },
        (name, permissions, scope, ends_at) => {
            let errors = [name.err(), permissions.err(), scope.err(), ends_at.err()];
            return Err(Refused::Fields(errors.into_iter().flatten().collect()));
        }
    };
    // What nobody named is given only as far as it goes.
    let wanted = match wish.permissions {
        Some(_) => wanted,
        None => Wanted {
            permissions: wanted
                .permissions
                .iter()
                .filter(|action| fits(action.reach(), wanted.scope) && holds(held, *action, wanted.scope))
                .collect(),
            ..wanted
        },
    };
    if wanted.permissions == Permissions::NONE {
        return Err(Refused::Fields(vec![FieldError::new(
            "permissions",
            Reason::ApiKeyRightsInvalid,
        )]));
    }
    let is_held = wanted
        .permissions
        .iter()
        .all(|action| holds(held, action, wanted.scope));
    if is_held { Ok(wanted) } else { Err(Refused::Beyond) }
}

/// Whether these roles allow the action as far as the key is to go. A key for everything goes as far as its maker does, wherever that is.
fn holds(held: &[Grant], action: Action, scope: Scope) -> bool {
    let on = match scope {
        Scope::Everything => On::Somewhere,
        Scope::Customer(id) => On::Customer(id),
        Scope::Site(id) => On::Site(id),
    };
    action.reach() == Reach::Own || held.iter().any(|grant| grant.covers(action, on))
}

fn check_name(name: &str) -> Result<String, FieldError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
        .ok_or_else(|| FieldError::new("name", Reason::ApiKeyNameInvalid))
}

fn check_end(ends_at: Option<&str>, now: Time) -> Result<Time, FieldError> {
    let ends_at = match ends_at {
        None => Some(now + USUAL_LIFE),
        Some(text) => Time::parse_rfc3339(text).filter(|at| *at > now && *at <= now + LONGEST_LIFE),
    };
    ends_at.ok_or_else(|| FieldError::new("ends_at", Reason::ApiKeyEndInvalid))
}

/// Names of rights that a key can have within this scope.
fn check_permissions(names: &[String], scope: Scope) -> Result<Permissions, FieldError> {
    let refused = |reason| Err(FieldError::new("permissions", reason));
    let mut permissions = Permissions::NONE;
    for name in names {
        match Action::from_name(name) {
            None => return refused(Reason::ApiKeyRightsInvalid),
            Some(Action::MakeApiKeys) => return refused(Reason::ApiKeyMakesNone),
            Some(action) if !fits(action.reach(), scope) => return refused(Reason::ApiKeyRightsReach),
            Some(action) => permissions = permissions.with(action),
        }
    }
    if permissions == Permissions::NONE {
        return refused(Reason::ApiKeyRightsInvalid);
    }
    Ok(permissions)
}

fn fits(reach: Reach, scope: Scope) -> bool {
    match scope {
        Scope::Everything => true,
        Scope::Customer(_) => matches!(reach, Reach::Own | Reach::Customer),
        Scope::Site(_) => matches!(reach, Reach::Own | Reach::Site),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{RoleId, SiteId};
    use uuid::Uuid;

    const NOW: Time = Time::from_seconds(1_795_000_000);
    const SITE: Scope = Scope::Site(SiteId(Uuid::from_u128(7)));
    const OTHER_SITE: Scope = Scope::Site(SiteId(Uuid::from_u128(8)));
    const CUSTOMER: Scope = Scope::Customer(OrganisationId(Uuid::from_u128(9)));

    fn grant(actions: &[Action], scope: Scope) -> Grant {
        Grant {
            role: RoleId(Uuid::from_u128(1)),
            name: "Role".into(),
            is_built_in: false,
            permissions: actions.iter().copied().collect(),
            scope,
            group: None,
        }
    }
    fn wish(permissions: &[&str]) -> Wish {
        Wish {
            name: "Nightly report".into(),
            permissions: Some(permissions.iter().map(|name| (*name).to_owned()).collect()),
            scope: Some(Scope::Everything),
            ends_at: None,
        }
    }
    fn owner() -> Vec<Grant> {
        vec![grant(Action::ALL, Scope::Everything)]
    }
    fn made(wish: &Wish, held: &[Grant]) -> Result<Wanted, Refused> {
        let own = [Action::SeeOwn, Action::ChangeOwn].into_iter().collect::<Permissions>();
        let may = held.iter().fold(own, |may, grant| may.or(grant.permissions));
        check(wish, held, may, NOW)
    }
    fn reason(refused: &Result<Wanted, Refused>) -> &'static str {
        match refused {
            Err(Refused::Fields(errors)) => errors.first().map_or("", |error| error.reason),
            Err(Refused::Beyond) => "beyond",
            Ok(_) => "made",
        }
    }

    #[test]
    fn a_key_has_what_both_its_maker_and_it_have() {
        let held = vec![
            grant(&[Action::SeeAgents, Action::PairAgents], Scope::Everything),
            grant(&[Action::RevokeAgents], SITE),
            grant(&[Action::SeePeople], Scope::Everything),
        ];
        let given: Permissions = [Action::SeeAgents, Action::RevokeAgents].into_iter().collect();
        let all = narrow(held.clone(), given, Scope::Everything);
        assert_eq!(
            all,
            [
                grant(&[Action::SeeAgents], Scope::Everything),
                grant(&[Action::RevokeAgents], SITE)
            ]
        );
        let here = narrow(held.clone(), given, SITE);
        assert_eq!(
            here,
            [grant(&[Action::SeeAgents], SITE), grant(&[Action::RevokeAgents], SITE)]
        );
        let there = narrow(held, given, OTHER_SITE);
        assert_eq!(there, [grant(&[Action::SeeAgents], OTHER_SITE)]);
    }

    #[test]
    fn a_key_keeps_nothing_that_its_maker_lost() {
        assert_eq!(narrow(Vec::new(), Permissions::all(), Scope::Everything), []);
        let held = vec![grant(&[Action::SeeAgents], Scope::Everything)];
        assert_eq!(
            narrow(held, [Action::ReadEvents].into_iter().collect(), Scope::Everything),
            []
        );
    }

    #[test]
    fn nobody_gives_a_key_what_they_do_not_hold() {
        let held = vec![grant(&[Action::SeeAgents, Action::MakeApiKeys], Scope::Everything)];
        assert_eq!(reason(&made(&wish(&["agents.see"]), &held)), "made");
        assert_eq!(reason(&made(&wish(&["agents.see", "people.see"]), &held)), "beyond");
        assert_eq!(reason(&made(&wish(&["own.see", "own.change"]), &held)), "made");
        let limited = vec![grant(&[Action::SeeAgents], SITE)];
        let mut there = wish(&["agents.see"]);
        assert_eq!(reason(&made(&there, &limited)), "made");
        there.scope = Some(OTHER_SITE);
        assert_eq!(reason(&made(&there, &limited)), "beyond");
    }

    #[test]
    fn a_key_makes_no_keys_and_knows_only_rights_that_there_are() {
        for (permissions, wanted) in [
            (&["api-keys.make"][..], Reason::ApiKeyMakesNone),
            (&["agents.see", "api-keys.make"], Reason::ApiKeyMakesNone),
            (&["admin"], Reason::ApiKeyRightsInvalid),
            (&["AGENTS.SEE"], Reason::ApiKeyRightsInvalid),
            (&[], Reason::ApiKeyRightsInvalid),
        ] {
            assert_eq!(
                reason(&made(&wish(permissions), &owner())),
                wanted.id(),
                "{permissions:?}"
            );
        }
    }

    #[test]
    fn a_key_for_a_part_has_only_rights_that_reach_it() {
        let mut part = wish(&["agents.see"]);
        part.scope = Some(SITE);
        assert_eq!(made(&part, &owner()).map(|wanted| wanted.scope), Ok(SITE));
        part.permissions = Some(vec!["people.see".into()]);
        assert_eq!(reason(&made(&part, &owner())), Reason::ApiKeyRightsReach.id());
        part.permissions = None;
        part.scope = Some(CUSTOMER);
        let wanted = made(&part, &owner()).unwrap();
        assert_eq!(wanted.scope, CUSTOMER);
        assert!(
            wanted.permissions.contains(Action::SeeOrganisations) && !wanted.permissions.contains(Action::SeePeople)
        );
        part.scope = None;
        assert_eq!(reason(&made(&part, &owner())), Reason::ApiKeyScopeInvalid.id());
    }

    #[test]
    fn without_rights_a_key_looks_and_changes_nothing() {
        let plain = Wish {
            name: "  Inventory ".into(),
            permissions: None,
            ..wish(&[])
        };
        let wanted = made(&plain, &owner()).unwrap();
        assert_eq!(
            (wanted.name.as_str(), wanted.ends_at),
            ("Inventory", NOW + Span::days(90))
        );
        assert!(wanted.permissions.iter().all(only_looks));
        assert!(wanted.permissions.contains(Action::SeeOwn) && wanted.permissions.contains(Action::ReadEvents));
    }

    #[test]
    fn a_key_ends_within_a_year_and_has_a_name() {
        for (ends_at, is_taken) in [
            (NOW + Span::days(365), true),
            (NOW + Span::seconds(1), true),
            (NOW, false),
            (NOW - Span::days(1), false),
            (NOW + Span::days(366), false),
        ] {
            let mut wish = wish(&["agents.see"]);
            wish.ends_at = Some(ends_at.rfc3339());
            assert_eq!(made(&wish, &owner()).is_ok(), is_taken, "{}", ends_at.rfc3339());
        }
        for bad in ["", "tomorrow", "2026-11-24", "9999999999"] {
            let mut wish = wish(&["agents.see"]);
            wish.ends_at = Some(bad.into());
            assert_eq!(reason(&made(&wish, &owner())), Reason::ApiKeyEndInvalid.id(), "{bad}");
        }
        for bad in ["", "  ", "two\nlines", &"x".repeat(61)] {
            let mut wish = wish(&["agents.see"]);
            bad.clone_into(&mut wish.name);
            assert_eq!(reason(&made(&wish, &owner())), Reason::ApiKeyNameInvalid.id(), "{bad}");
        }
    }
}
