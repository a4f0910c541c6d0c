//! Who may do what, as a table: role × action. Any change of rights shows here.
use kernel::{Action, Authorizer, Chance, Grant, Holder, OrganisationId, PersonId, Reason, RoleId, Time};
use roles::{BUILT_IN, Rules};

fn holder(role: Option<(&str, bool)>) -> Holder {
    let (now, chance) = (Time::from_seconds(1), Chance::new(|out| out.fill(1)));
    let grants = role.map(|(name, is_built_in)| Grant {
        role: RoleId::new(now, &chance),
        name: name.into(),
        is_built_in,
    });
    Holder {
        person: PersonId::new(now, &chance),
        organisation: OrganisationId::new(now, &chance),
        grants: grants.into_iter().collect(),
    }
}

#[test]
fn an_owner_may_do_everything_and_the_grant_is_named() {
    for action in Action::ALL {
        let decision = Rules.decide(&holder(Some(("Owner", true))), *action);
        assert!(decision.allowed, "{}", action.name());
        assert!(!decision.because.is_empty());
    }
}

#[test]
fn everybody_else_has_their_own_and_every_deny_says_why() {
    let others = BUILT_IN
        .iter()
        .filter(|name| **name != "Owner")
        .map(|name| Some((*name, true)))
        .chain([None]);
    for role in others {
        for action in Action::ALL {
            let decision = Rules.decide(&holder(role), *action);
            let own = matches!(action, Action::SeeOwn | Action::ChangeOwn);
            assert_eq!(decision.allowed, own, "{role:?} {}", action.name());
            assert_eq!(
                decision.because.first().map(|b| b.0),
                Some(if own { Reason::AccessOwn } else { Reason::AccessMissing })
            );
        }
    }
}

#[test]
fn a_role_of_ones_own_that_is_called_owner_is_not_the_owner() {
    assert!(
        !Rules
            .decide(&holder(Some(("Owner", false))), Action::ChangeSettings)
            .allowed
    );
}
