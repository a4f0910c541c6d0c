//! The pages about roles keep the rules of the house, in every state that they have.
use super::*;
use crate::{built_in::BUILT_IN, permissions};
use ground::page::{Entry, sample};
use kernel::{Reason, SiteId};
use uuid::Uuid;

fn shell(title: &str) -> HouseShell {
    HouseShell {
        title: title.into(),
        here: Entry::Roles,
        person: "Mara Okafor".into(),
        role: "Administrator".into(),
        organisation: "Northwind IT".into(),
        may: [Action::SeeRoles, Action::ReadEvents].into_iter().collect(),
        has_others: false,
        locks_in: 1800,
        ends_in: 43_200,
    }
}

fn roles() -> Vec<Role> {
    let role = |name: &str, is_built_in| Role {
        id: RoleId(Uuid::nil()),
        name: name.into(),
        description: "At <night>".into(),
        is_built_in,
        permissions: permissions(name),
    };
    let mut all: Vec<Role> = BUILT_IN.iter().map(|name| role(name, true)).collect();
    all.push(role("Night desk", false));
    all
}

fn page(why: Why, may_change: bool) -> RolesPage {
    let (columns, own) = RolesPage::table(&roles());
    let group = Group {
        id: GroupId(Uuid::nil()),
        name: "Night shift".into(),
        people: 1,
    };
    RolesPage {
        shell: shell("Roles"),
        notice: None,
        errors: Errors::none(),
        may_change,
        columns,
        own,
        groups: vec![GroupLine::of(group, &[])],
        why,
        things: vec![
            ("everything".into(), "Everything".into()),
            ("site:1".into(), "Site Leeds <branch>".into()),
        ],
    }
}

#[test]
fn the_table_has_a_column_for_each_role_but_no_access() {
    let text = sample::check("roles", &page(Why::default(), true)).unwrap();
    for name in [
        "Owner",
        "Administrator",
        "Technician",
        "Help desk",
        "Auditor",
        "Night desk",
    ] {
        assert!(text.contains(&format!(">{name}</a>")), "{name}");
    }
    assert!(!text.contains("No access") && text.contains("New role") && text.contains("Revoke agents"));
    let text = sample::check("roles-read", &page(Why::default(), false)).unwrap();
    assert!(!text.contains("New role") && !text.contains("Make the group"));
}

#[test]
fn an_answer_stands_below_its_question() {
    let asked = Why {
        can: "Jon Reyes".into(),
        action: "agents.revoke".into(),
        on: "site:1".into(),
        ..Why::default()
    };
    let no = Why {
        answer: Some((false, "Jon is Technician at the site Leeds.".into())),
        ..asked.clone()
    };
    let text = sample::check("roles-why", &page(no, true)).unwrap();
    assert!(
        text.contains("<b>No.</b>")
            && text.contains("value=\"site:1\" selected")
            && text.contains("value=\"Jon Reyes\"")
    );
    let who = Why {
        able: Some(vec![("Mara Okafor, mara@northwind.example".into(), "Owner".into())]),
        ..asked.clone()
    };
    assert!(
        sample::check("roles-who", &page(who, true))
            .unwrap()
            .contains("These can do this")
    );
    let mut unclear = asked;
    unclear.errors.push("can", Reason::PersonUnclear);
    assert!(
        sample::check("roles-unclear", &page(unclear, true))
            .unwrap()
            .contains("can-error")
    );
}

#[test]
fn an_organisation_without_own_roles_and_groups_says_so() {
    let empty = RolesPage {
        own: Vec::new(),
        groups: Vec::new(),
        ..page(Why::default(), true)
    };
    let text = sample::check("roles-empty", &empty).unwrap();
    assert_eq!(text.matches("None yet.").count(), 2);
}

fn role_page(is_built_in: bool, id: Option<RoleId>) -> RolePage {
    let held = Grant {
        role: RoleId(Uuid::nil()),
        name: "Help desk".into(),
        is_built_in: true,
        permissions: permissions("Help desk"),
        scope: Scope::Everything,
        group: None,
    };
    RolePage {
        shell: shell("Night desk"),
        notice: None,
        errors: Errors::none(),
        id,
        name: "Night desk".into(),
        description: "At night".into(),
        is_built_in,
        may_change: true,
        is_fresh: false,
        permissions: RolePage::lines(permissions("Technician"), &[held]),
        holders: vec![("Jon <Reyes>".into(), "jon@northwind.example".into())],
        has_more: false,
    }
}

#[test]
fn a_form_offers_only_what_its_reader_holds_and_keeps_the_rest() {
    let id = Some(RoleId(Uuid::nil()));
    let text = sample::check("role", &role_page(false, id)).unwrap();
    assert!(text.contains("<input type=\"checkbox\" name=\"agents.see\" checked>"));
    assert!(text.contains("<input type=\"hidden\" name=\"agents.pair\" value=\"on\">"));
    assert!(!text.contains("type=\"checkbox\" name=\"agents.revoke\"") && text.contains("Remove the role"));
    let text = sample::check("role-built-in", &role_page(true, id)).unwrap();
    assert!(
        !text.contains("<form class=\"stack\"") && text.contains("What it allows") && !text.contains("Remove the role")
    );
    let text = sample::check("role-new", &role_page(false, None)).unwrap();
    assert!(text.contains("action=\"/app/roles/new\"") && !text.contains("Who holds it"));
}

#[test]
fn a_group_shows_its_people_and_roles_and_refusals_at_their_field() {
    let mut page = GroupPage {
        shell: shell("Night shift"),
        notice: None,
        errors: Errors::none(),
        id: GroupId(Uuid::nil()),
        name: "Night shift".into(),
        person: "jon".into(),
        may_change: true,
        is_fresh: true,
        people: vec![MemberLine {
            id: PersonId(Uuid::nil()),
            name: "Jon Reyes".into(),
            email: "jon@northwind.example".into(),
        }],
        held: vec![HeldLine {
            role: RoleId(Uuid::nil()),
            name: "Technician".into(),
            scope: scope_word(Scope::Site(SiteId(Uuid::nil()))),
            place: "at the site Leeds".into(),
        }],
        offered: vec![(RoleId(Uuid::nil()), "Technician".into())],
        scopes: vec![("everything".into(), "Everything".into())],
    };
    let text = sample::check("group", &page).unwrap();
    assert!(text.contains("Take out") && text.contains("at the site Leeds") && text.contains("Remove the group"));
    page.errors.push("person", Reason::PersonUnclear);
    assert!(sample::check("group-refused", &page).unwrap().contains("person-error"));
    page.may_change = false;
    page.errors = Errors::none();
    (page.people, page.held) = (Vec::new(), Vec::new());
    let text = sample::check("group-read", &page).unwrap();
    assert!(!text.contains("Add to the group") && !text.contains("Remove the group"));
    assert!(text.contains("Nobody yet."));
}
