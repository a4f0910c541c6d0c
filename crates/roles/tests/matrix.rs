//! The golden matrix: role × action × object, one's own and foreign, as a text file. Any change of rights shows there, line by line.
//! `DOORWARD_WRITE_DOCS=1 cargo test -p roles --test matrix` writes it anew.
use kernel::{
    Action, Authorizer, Chance, Grant, Holder, On, OrganisationId, PersonId, Reach, RoleId, Scope, SiteId, Time,
};
use roles::{BUILT_IN, Rules};
use std::fmt::Write as _;

fn id<T>(of: impl Fn(Time, &Chance) -> T, byte: u8) -> T {
    of(Time::from_seconds(1), &Chance::new(move |out| out.fill(byte)))
}

/// How a role can be held: everywhere, for the customer C, at the site S.
fn scopes() -> [(&'static str, Scope); 3] {
    [
        ("everything", Scope::Everything),
        ("customer C", Scope::Customer(id(OrganisationId::new, 2))),
        ("site S", Scope::Site(id(SiteId::new, 2))),
    ]
}

/// What it can be used on. Another organisation is entered with the grants held there: whoever holds none there is told 404 before any decision.
fn objects() -> [(&'static str, On); 6] {
    [
        ("anything", On::Somewhere),
        ("organisation", On::Organisation),
        ("customer C", On::Customer(id(OrganisationId::new, 2))),
        ("customer D", On::Customer(id(OrganisationId::new, 3))),
        ("site S", On::Site(id(SiteId::new, 2))),
        ("site T", On::Site(id(SiteId::new, 3))),
    ]
}

fn holder(grants: Vec<Grant>) -> Holder {
    Holder {
        person: id(PersonId::new, 1),
        organisation: id(OrganisationId::new, 1),
        grants,
    }
}

fn grant(name: &str, scope: Scope) -> Grant {
    Grant {
        role: id(RoleId::new, 1),
        name: name.into(),
        is_built_in: true,
        permissions: roles::permissions(name),
        scope,
        group: None,
    }
}

fn matrix() -> String {
    let mut text = String::from(
        "# Who may do what: each role that comes with Doorward, as it is held, against each permission and what it is used on.\n\
         # yes: allowed. -: refused (403). A foreign organisation's objects are refused to everybody (404): nobody holds a grant there.\n\
         # Generated; see crates/roles/tests/matrix.rs.\n",
    );
    let foreign = holder(Vec::new());
    for name in BUILT_IN {
        for (held, scope) in scopes() {
            let _ = write!(text, "\n## {name}, held for {held}\n{:<24}", "");
            for (object, _) in objects() {
                let _ = write!(text, "{object:<14}");
            }
            text.push_str("foreign\n");
            let holder = holder(vec![grant(name, scope)]);
            for action in Action::ALL.iter().filter(|action| action.reach() != Reach::Own) {
                let _ = write!(text, "{:<24}", action.name());
                for (_, on) in objects() {
                    let allowed = Rules.decide(&holder, *action, on).allowed;
                    let _ = write!(text, "{:<14}", if allowed { "yes" } else { "-" });
                }
                let foreign = Rules.decide(&foreign, *action, On::Somewhere).allowed;
                text.push_str(if foreign { "yes\n" } else { "404\n" });
            }
        }
    }
    text
}

#[test]
fn the_matrix_of_roles_is_as_it_was_agreed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/matrix.txt");
    let wanted = matrix();
    if std::env::var_os("DOORWARD_WRITE_DOCS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    let changed: Vec<(&str, &str)> = wanted
        .lines()
        .zip(found.lines())
        .filter(|(new, old)| new != old)
        .collect();
    assert!(
        wanted == found,
        "rights have changed. If they should have: DOORWARD_WRITE_DOCS=1 cargo test -p roles --test matrix\n{changed:#?}"
    );
}

#[test]
fn what_is_allowed_somewhere_is_what_the_quick_way_says() {
    for name in BUILT_IN {
        for (held, scope) in scopes() {
            let holder = holder(vec![grant("Help desk", scope), grant(name, scope)]);
            let quick = Rules.allowed(&holder);
            for action in Action::ALL {
                let slow = Rules.decide(&holder, *action, On::Somewhere).allowed;
                assert_eq!(quick.contains(*action), slow, "{name} for {held}: {}", action.name());
            }
        }
    }
}
