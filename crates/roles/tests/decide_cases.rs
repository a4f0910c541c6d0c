//! Who may do what, as a table: role × action. Any change of rights shows here.
use kernel::{
    Action, Authorizer, Chance, Grant, Holder, On, OrganisationId, Permissions, PersonId, Reach, Reason, RoleId, Scope,
    SiteId, Time,
};
use roles::{BUILT_IN, Rules};

fn id<T>(of: impl Fn(Time, &Chance) -> T, byte: u8) -> T {
    of(Time::from_seconds(1), &Chance::new(move |out| out.fill(byte)))
}

fn grant(name: &str, is_built_in: bool, permissions: Permissions, scope: Scope) -> Grant {
    Grant {
        role: id(RoleId::new, 1),
        name: name.into(),
        is_built_in,
        permissions,
        scope,
        group: None,
    }
}

fn holder(grants: Vec<Grant>) -> Holder {
    Holder {
        person: id(PersonId::new, 1),
        organisation: id(OrganisationId::new, 1),
        grants,
    }
}

fn built_in(name: &str, scope: Scope) -> Holder {
    holder(vec![grant(name, true, roles::permissions(name), scope)])
}

#[test]
fn an_owner_may_do_everything_and_the_grant_is_named() {
    for action in Action::ALL {
        let decision = Rules.decide(&built_in("Owner", Scope::Everything), *action, On::Organisation);
        assert!(decision.allowed, "{}", action.name());
        assert!(!decision.because.is_empty());
    }
}

#[test]
fn a_role_allows_what_it_lists_and_every_deny_says_why() {
    for name in BUILT_IN {
        for action in Action::ALL {
            let decision = Rules.decide(&built_in(name, Scope::Everything), *action, On::Organisation);
            let own = action.reach() == Reach::Own;
            let listed = roles::permissions(name).contains(*action);
            assert_eq!(decision.allowed, own || listed, "{name} {}", action.name());
            let expected = match (own, listed) {
                (true, _) => Reason::AccessOwn,
                (false, true) => Reason::AccessGranted,
                (false, false) => Reason::AccessMissing,
            };
            assert_eq!(decision.because.first().map(|because| because.0), Some(expected));
        }
    }
}

#[test]
fn a_role_of_ones_own_that_is_called_owner_is_not_the_owner() {
    let named = holder(vec![grant("Owner", false, Permissions::NONE, Scope::Everything)]);
    assert!(!Rules.decide(&named, Action::ChangeSettings, On::Organisation).allowed);
}

#[test]
fn a_role_for_a_site_allows_on_this_site_what_can_be_limited_to_one() {
    let (leeds, york) = (id(SiteId::new, 2), id(SiteId::new, 3));
    let jon = built_in("Owner", Scope::Site(leeds));
    let allowed = |action, on| Rules.decide(&jon, action, on).allowed;
    assert!(allowed(Action::SeeAgents, On::Site(leeds)));
    assert!(allowed(Action::SeeAgents, On::Somewhere));
    assert!(!allowed(Action::SeeAgents, On::Site(york)));
    assert!(!allowed(Action::SeeAgents, On::Organisation));
    assert!(!allowed(Action::SeePeople, On::Somewhere));
    assert!(!allowed(Action::SeeOrganisations, On::Somewhere));
}

#[test]
fn a_role_for_a_customer_reaches_no_other_customer_and_no_site() {
    let (contoso, fabrikam) = (id(OrganisationId::new, 2), id(OrganisationId::new, 3));
    let jon = built_in("Owner", Scope::Customer(contoso));
    let allowed = |action, on| Rules.decide(&jon, action, on).allowed;
    assert!(allowed(Action::ChangeOrganisations, On::Customer(contoso)));
    assert!(!allowed(Action::ChangeOrganisations, On::Customer(fabrikam)));
    assert!(!allowed(Action::MakeOrganisations, On::Somewhere));
    assert!(!allowed(Action::SeeAgents, On::Somewhere));
}

#[test]
fn a_deny_tells_what_every_grant_says_the_most_telling_first() {
    let (leeds, york) = (id(SiteId::new, 2), id(SiteId::new, 3));
    let jon = holder(vec![
        grant("Auditor", true, roles::permissions("Auditor"), Scope::Everything),
        grant("Technician", true, roles::permissions("Technician"), Scope::Site(leeds)),
    ]);
    let decision = Rules.decide(&jon, Action::PairAgents, On::Site(york));
    let reasons: Vec<Reason> = decision.because.iter().map(|(reason, _)| *reason).collect();
    assert!(!decision.allowed);
    assert_eq!(reasons, [Reason::AccessElsewhere, Reason::AccessMissing]);
    let texts: Vec<&str> = decision.because.iter().map(|(_, text)| text.as_str()).collect();
    assert!(
        texts[0].starts_with("Technician has") && texts[1].starts_with("Auditor has no"),
        "{texts:?}"
    );
    let whole = Rules.decide(&jon, Action::ReadEvents, On::Organisation);
    assert!(whole.allowed && whole.because.len() == 2, "{whole:?}");
    let wide = holder(vec![grant("Owner", true, Permissions::all(), Scope::Site(leeds))]);
    let decision = Rules.decide(&wide, Action::InvitePeople, On::Organisation);
    assert_eq!(
        decision.because.first().map(|because| because.0),
        Some(Reason::AccessTooFar)
    );
}

#[test]
fn nobody_gives_what_they_do_not_hold_as_far() {
    let leeds = Scope::Site(id(SiteId::new, 2));
    let york = Scope::Site(id(SiteId::new, 3));
    let held = |name: &str, scope| vec![grant(name, true, roles::permissions(name), scope)];
    let may = |held: &[Grant], name: &str, scope| roles::may_grant(held, roles::permissions(name), scope);
    for name in BUILT_IN {
        assert!(
            may(&held("Owner", Scope::Everything), name, Scope::Everything),
            "{name}"
        );
        assert_eq!(
            may(&held("Administrator", Scope::Everything), name, leeds),
            name != "Owner",
            "{name}"
        );
    }
    let technician = held("Technician", leeds);
    assert!(may(&technician, "Technician", leeds) && may(&technician, "No access", Scope::Everything));
    assert!(!may(&technician, "Technician", york) && !may(&technician, "Technician", Scope::Everything));
    assert!(!may(&technician, "Help desk", leeds));
    let two = [held("Auditor", Scope::Everything), held("Technician", leeds)].concat();
    assert!(may(&two, "Technician", leeds) && !may(&two, "Technician", york));
    assert!(may(&[], "No access", Scope::Everything) && !may(&[], "Auditor", Scope::Everything));
}

#[test]
fn names_of_permissions_are_read_whole_or_not_at_all() {
    let read = |names: &[&str]| roles::permissions_of(names.iter().copied());
    assert_eq!(
        read(&["agents.see", "agents.see"]),
        Some(Permissions::NONE.with(Action::SeeAgents))
    );
    assert_eq!(read(&[]), Some(Permissions::NONE));
    for wrong in ["agents", "agents.fly", "own.see", "own.change", "", "*"] {
        assert_eq!(read(&["agents.see", wrong]), None, "{wrong}");
    }
}

proptest::proptest! {
    /// More grants never allow less, and whoever may give something holds it.
    #[test]
    fn a_further_grant_takes_nothing_away(bits: i64, more: i64, scope in 0..4_u8, wider in 0..4_u8, action in 0..Action::ALL.len()) {
        let scope_of = |n: u8| match n {
            0 => Scope::Everything,
            1 => Scope::Customer(id(OrganisationId::new, 2)),
            2 => Scope::Site(id(SiteId::new, 2)),
            _ => Scope::Site(id(SiteId::new, 3)),
        };
        let one = grant("One", false, Permissions::from_bits(bits), scope_of(scope));
        let two = grant("Two", false, Permissions::from_bits(more), scope_of(wider));
        let (fewer, all) = (holder(vec![one.clone()]), holder(vec![one.clone(), two]));
        let action = Action::ALL[action];
        for on in [On::Somewhere, On::Organisation, On::Customer(id(OrganisationId::new, 2)), On::Site(id(SiteId::new, 2))] {
            let (before, after) = (Rules.decide(&fewer, action, on).allowed, Rules.decide(&all, action, on).allowed);
            proptest::prop_assert!(!before || after);
            if roles::may_grant(&all.grants, Permissions::NONE.with(action), Scope::Everything) {
                proptest::prop_assert!(Rules.decide(&all, action, on).allowed);
            }
        }
        proptest::prop_assert!(roles::may_grant(std::slice::from_ref(&one), one.permissions, one.scope));
    }
}
