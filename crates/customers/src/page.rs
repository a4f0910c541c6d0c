//! "Customers", the page of one of them, and "Sites".
use crate::ending::Going;
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, Tag, When};
use kernel::{OrganisationId, SiteId, Time};
use organisations::{Found, Named, State};

/// A customer in the list.
#[derive(Debug, Clone)]
pub struct Line {
    /// It.
    pub found: Found,
    /// How many members it has.
    pub people: i64,
}

impl Line {
    fn tag(&self) -> Tag<'static> {
        state_tag(&self.found)
    }
    fn people(&self) -> String {
        count(self.people, "person", "people")
    }
}

fn state_tag(found: &Found) -> Tag<'static> {
    match found.state() {
        State::Active => Tag::ok("active"),
        State::Suspended => Tag::warn("suspended"),
        State::Deleted => Tag::bad("deleted"),
    }
}

fn count(number: i64, one: &str, several: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {several}")
    }
}

/// "Customers".
#[expect(clippy::struct_excessive_bools, reason = "each decides over one part of the page")]
#[derive(Debug, Template)]
#[template(path = "customers.html")]
pub struct CustomersPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong with a new one: `name`.
    pub errors: Errors,
    /// Whether the reader may make one.
    pub may_make: bool,
    /// Whether the reader has proved themselves freshly enough to.
    pub is_fresh: bool,
    /// The reader's organisation is a customer itself.
    pub is_customer: bool,
    /// The name of a new one, as just typed.
    pub name: String,
    /// What was looked for.
    pub search: String,
    /// What was found.
    pub lines: Vec<Line>,
    /// It is the beginning of the list.
    pub is_first: bool,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// One customer.
#[expect(clippy::struct_excessive_bools, reason = "each decides over one part of the page")]
#[derive(Debug, Template)]
#[template(path = "customer.html")]
pub struct CustomerPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `name`, `state`, `parent`.
    pub errors: Errors,
    /// Whether the reader has proved themselves freshly enough.
    pub is_fresh: bool,
    /// Whether the reader may rename, suspend and move it.
    pub may_change: bool,
    /// Whether the reader may delete it, and bring it back.
    pub may_delete: bool,
    /// Its name, as kept or as just typed.
    pub name: String,
    /// It.
    pub found: Found,
    /// When everything of it goes, where it is deleted.
    pub goes_at: Option<Time>,
    /// What goes with it.
    pub going: Going,
    /// The people of the reader's organisation who are members, by name.
    pub ours: Vec<String>,
    /// The reader is one, and may go over to it.
    pub is_member: bool,
    /// Organisations that it could be moved to.
    pub moves_to: Vec<(OrganisationId, String)>,
}

impl CustomerPage {
    fn tag(&self) -> Tag<'static> {
        state_tag(&self.found)
    }
    fn is_suspended(&self) -> bool {
        self.found.state() == State::Suspended
    }
    fn ours(&self) -> String {
        self.ours.join(", ")
    }
    /// What goes, a line each.
    fn goes(&self) -> Vec<String> {
        let going = &self.going;
        let lines = [
            (
                going.accounts,
                count(going.accounts, "account", "accounts") + ", with all ways to sign in, devices and keys",
            ),
            (
                going.members,
                count(going.members, "membership", "memberships")
                    + " of people from elsewhere, who keep their accounts",
            ),
            (going.sites, count(going.sites, "site", "sites")),
            (going.roles, count(going.roles, "role", "roles") + " of its own"),
        ];
        let there = lines.into_iter().filter(|(number, _)| *number > 0);
        there.map(|(_, words)| words).collect()
    }
}

/// "Sites".
#[derive(Debug, Template)]
#[template(path = "sites.html")]
pub struct SitesPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong field by field: `name`, or `name-ID` of the one that was to be renamed.
    pub errors: Errors,
    /// Whether the reader may change them.
    pub may_change: bool,
    /// They.
    pub sites: Vec<Named<SiteId>>,
    /// The name of a new one, as just typed.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ground::page::{Entry, sample};
    use kernel::{Action, Chance, Permissions, Reason};

    fn shell(title: &str) -> HouseShell {
        HouseShell {
            title: title.into(),
            here: Entry::Customers,
            person: "Mara Okafor".into(),
            role: "Owner".into(),
            organisation: "Northwind IT".into(),
            may: [Action::SeeOrganisations].into_iter().collect::<Permissions>(),
            has_others: true,
            locks_in: 1800,
            ends_in: 43_200,
        }
    }

    fn found(name: &str, state: State) -> Found {
        let (chance, at) = (Chance::new(|out| out.fill(7)), Time::from_seconds(1_795_511_642));
        Found {
            id: OrganisationId::new(at, &chance),
            parent: None,
            name: name.into(),
            made_at: at,
            suspended_at: (state == State::Suspended).then_some(at),
            deleted_at: (state == State::Deleted).then_some(at),
        }
    }

    fn customers(lines: Vec<Line>, errors: Errors, may_make: bool, is_customer: bool) -> CustomersPage {
        CustomersPage {
            shell: shell("Customers"),
            notice: None,
            errors,
            may_make,
            is_fresh: false,
            is_customer,
            name: String::new(),
            search: String::new(),
            lines,
            is_first: true,
            next: Some("/app/organisations?cursor=x".into()),
        }
    }

    fn customer(state: State, may: bool) -> CustomerPage {
        let found = found("Contoso <b>", state);
        CustomerPage {
            shell: shell("Contoso <b>"),
            notice: None,
            errors: Errors::none(),
            is_fresh: false,
            may_change: may,
            may_delete: may,
            name: found.name.clone(),
            goes_at: found.deleted_at,
            going: Going {
                accounts: 12,
                members: 1,
                sites: 2,
                roles: 0,
            },
            ours: vec!["Mara Okafor".into(), "Jon Reyes".into()],
            is_member: state == State::Active,
            moves_to: vec![(found.id, "Fabrikam".into())],
            found,
        }
    }

    #[test]
    fn the_list_shows_how_each_stands_and_a_form_for_a_new_one() {
        let line = |name, state, people| Line {
            found: found(name, state),
            people,
        };
        let lines = vec![
            line("Contoso <b>", State::Active, 1),
            line("Fabrikam", State::Suspended, 2),
            line("Tailspin", State::Deleted, 0),
        ];
        let text = sample::check("customers", &customers(lines, Errors::none(), true, false)).unwrap();
        for wanted in [
            "Contoso &#60;b&#62;",
            "1 person",
            "2 people",
            "suspended",
            "deleted",
            "name=\"name\"",
            "Confirm that it is you",
            "rel=\"next\"",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        let text = sample::check("customers-none", &customers(Vec::new(), Errors::none(), true, false)).unwrap();
        assert!(text.contains("No customers yet"));
        let text = sample::check("customers-read", &customers(Vec::new(), Errors::none(), false, true)).unwrap();
        assert!(!text.contains("name=\"name\"") && text.contains("no customers of its own"));
    }

    #[test]
    fn a_name_that_is_taken_is_told_at_its_field() {
        let mut errors = Errors::none();
        errors.push("name", Reason::CustomerNameTaken);
        let text = sample::check("customers-taken", &customers(Vec::new(), errors, true, false)).unwrap();
        assert!(text.contains("name-error"));
    }

    #[test]
    fn one_customer_shows_what_can_be_done_and_what_a_deletion_takes_away() {
        let text = sample::check("customer", &customer(State::Active, true)).unwrap();
        for wanted in [
            "12 accounts",
            "1 membership of people",
            "2 sites",
            "Suspend it",
            "Delete it",
            "Go there",
            "Mara Okafor, Jon Reyes",
            "Fabrikam",
        ] {
            assert!(text.contains(wanted), "{wanted}");
        }
        assert!(!text.contains("0 roles"));
        let text = sample::check("customer-suspended", &customer(State::Suspended, true)).unwrap();
        assert!(text.contains("Open it again") && !text.contains("Go there"));
        let text = sample::check("customer-deleted", &customer(State::Deleted, true)).unwrap();
        assert!(text.contains("Bring it back") && !text.contains("Suspend it"));
        let text = sample::check("customer-read", &customer(State::Active, false)).unwrap();
        assert!(!text.contains("Suspend it") && !text.contains("Delete it"));
    }

    #[test]
    fn sites_can_be_added_renamed_and_removed_but_not_the_last() {
        let chance = Chance::new(|out| out.fill(7));
        let site = |seconds, name: &str| Named {
            id: SiteId::new(Time::from_seconds(seconds), &chance),
            name: name.into(),
        };
        let page = |sites, may_change| SitesPage {
            shell: shell("Sites"),
            notice: None,
            errors: Errors::none(),
            may_change,
            sites,
            name: String::new(),
        };
        let two = vec![site(1, "Main site"), site(2, "Leeds <b>")];
        let text = sample::check("sites", &page(two.clone(), true)).unwrap();
        assert_eq!(text.matches("/remove\"").count(), 2);
        assert!(text.contains("Leeds &#60;b&#62;"));
        let text = sample::check("sites-one", &page(vec![site(1, "Main site")], true)).unwrap();
        assert!(!text.contains("/remove\""));
        let text = sample::check("sites-read", &page(two, false)).unwrap();
        assert!(!text.contains("method=\"post\" action=\"/app/settings"));
    }
}
