//! The pages about roles: the table of permissions with "Why?", one role, one group.
use crate::{Role, sent::scope_word, store::groups::Group, told::Told, why};
use askama::Template;
use ground::page::{Errors, Field, HouseShell, Notice, Tag};
use kernel::{Action, Grant, GroupId, Permissions, PersonId, RoleId, Scope};

/// A column of the table: a role.
#[derive(Debug, Clone)]
pub struct Column {
    /// The role.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// What it allows.
    pub permissions: Permissions,
}

/// A role of the organisation's own.
#[derive(Debug, Clone)]
pub struct OwnLine {
    /// The role.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// How many permissions it has.
    pub count: usize,
}

/// A group.
#[derive(Debug, Clone)]
pub struct GroupLine {
    /// The group.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// How many people are in it.
    pub people: i64,
    /// What they hold by it, in words.
    pub holds: String,
}

impl GroupLine {
    /// From the list and what all groups hold.
    pub fn of(group: Group, held: &[(GroupId, Told)]) -> Self {
        let own = held.iter().filter(|(id, _)| *id == group.id);
        let holds: Vec<String> = own.map(|(_, told)| told.words()).collect();
        Self {
            id: group.id,
            name: group.name,
            people: group.people,
            holds: holds.join(", "),
        }
    }
}

/// What was asked, and the answer.
#[derive(Debug, Clone, Default)]
pub struct Why {
    /// About whom, as typed.
    pub can: String,
    /// A permission's name.
    pub action: String,
    /// The word of a thing; empty for anything.
    pub on: String,
    /// What is wrong with the question.
    pub errors: Errors,
    /// Yes or no, and why.
    pub answer: Option<(bool, String)>,
    /// Who can do it, with the roles that allow it; at most fifty.
    pub able: Option<Vec<(String, String)>>,
    /// There are more than are shown.
    pub has_more: bool,
}

/// "Roles".
#[derive(Debug, Template)]
#[template(path = "roles.html")]
pub struct RolesPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done.
    pub notice: Option<Notice>,
    /// What is wrong with the form of a new group.
    pub errors: Errors,
    /// Whether the reader may change roles.
    pub may_change: bool,
    /// The table.
    pub columns: Vec<Column>,
    /// Roles of the organisation's own.
    pub own: Vec<OwnLine>,
    /// The groups.
    pub groups: Vec<GroupLine>,
    /// "Why?".
    pub why: Why,
    /// What can be asked about: the word and what it is called.
    pub things: Vec<(String, String)>,
}

/// Own roles that the table has beside those that came with Doorward; the others stand below it.
const OWN_COLUMNS: usize = 6;

impl RolesPage {
    /// The columns and the lines of these roles.
    pub fn table(roles: &[Role]) -> (Vec<Column>, Vec<OwnLine>) {
        let (built_in, own): (Vec<&Role>, Vec<&Role>) = roles
            .iter()
            .filter(|role| why::is_shown(role))
            .partition(|role| role.is_built_in);
        let column = |role: &&Role| Column {
            id: role.id,
            name: role.name.clone(),
            permissions: role.permissions,
        };
        let columns = built_in
            .iter()
            .chain(own.iter().take(OWN_COLUMNS))
            .map(column)
            .collect();
        let line = |role: &&Role| OwnLine {
            id: role.id,
            name: role.name.clone(),
            description: role.description.clone(),
            count: role.permissions.iter().count(),
        };
        (columns, own.iter().map(line).collect())
    }
    fn rows(&self) -> Vec<(&'static str, Vec<bool>)> {
        let ticks = |action: Action| {
            self.columns
                .iter()
                .map(|column| column.permissions.contains(action))
                .collect()
        };
        why::grantable().map(|action| (action.label(), ticks(action))).collect()
    }
    fn actions(&self) -> Vec<(&'static str, &'static str, bool)> {
        let is_chosen = |action: Action| action.name() == self.why.action;
        why::grantable()
            .map(|action| (action.name(), action.label(), is_chosen(action)))
            .collect()
    }
    fn is_thing(&self, word: &str) -> bool {
        self.why.on == word
    }
}

/// A permission as the form of a role shows it.
#[derive(Debug, Clone)]
pub struct PermissionLine {
    /// Its name.
    pub name: &'static str,
    /// In words.
    pub label: &'static str,
    /// Whether the role has it.
    pub is_on: bool,
    /// Whether the reader holds it, and so may put it in or take it out.
    pub is_held: bool,
    /// What it can be limited to, in words; empty where to nothing.
    pub limits: &'static str,
}

/// A role: new, the organisation's own, or one that came with Doorward.
#[derive(Debug, Template)]
#[expect(clippy::struct_excessive_bools, reason = "each decides one part of the page")]
#[template(path = "role.html")]
pub struct RolePage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done or refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field.
    pub errors: Errors,
    /// The role; none where it is a new one.
    pub id: Option<RoleId>,
    /// Its name, as typed.
    pub name: String,
    /// What it is for, as typed.
    pub description: String,
    /// Whether it came with Doorward.
    pub is_built_in: bool,
    /// Whether the reader may change roles.
    pub may_change: bool,
    /// Whether the reader has proved themselves freshly enough to.
    pub is_fresh: bool,
    /// The permissions.
    pub permissions: Vec<PermissionLine>,
    /// Who holds it: name and address; at most fifty.
    pub holders: Vec<(String, String)>,
    /// There are more than are shown.
    pub has_more: bool,
}

impl RolePage {
    /// The permissions of a role, as somebody with these grants sees them.
    pub fn lines(permissions: Permissions, held: &[Grant]) -> Vec<PermissionLine> {
        let line = |action: Action| PermissionLine {
            name: action.name(),
            label: action.label(),
            is_on: permissions.contains(action),
            is_held: crate::may_grant(held, Permissions::NONE.with(action), Scope::Everything),
            limits: match action.reach() {
                kernel::Reach::Site => "can be limited to a site",
                kernel::Reach::Customer => "can be limited to a customer",
                kernel::Reach::Own | kernel::Reach::Organisation => "",
            },
        };
        why::grantable().map(line).collect()
    }
    fn can_edit(&self) -> bool {
        self.may_change && !self.is_built_in
    }
    fn action(&self) -> String {
        self.id
            .map_or_else(|| "/app/roles/new".to_owned(), |id| format!("/app/roles/{id}"))
    }
}

/// Somebody in a group.
#[derive(Debug, Clone)]
pub struct MemberLine {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// A role that a group holds.
#[derive(Debug, Clone)]
pub struct HeldLine {
    /// The role.
    pub role: RoleId,
    /// Its name.
    pub name: String,
    /// The word of the scope.
    pub scope: String,
    /// Where it holds: "at the site Leeds branch"; "everywhere".
    pub place: String,
}

impl From<&Told> for HeldLine {
    fn from(told: &Told) -> Self {
        let place = told.where_it_holds();
        Self {
            role: told.grant.role,
            name: told.grant.name.clone(),
            scope: scope_word(told.grant.scope),
            place: if place.is_empty() {
                "everywhere".to_owned()
            } else {
                place.trim().to_owned()
            },
        }
    }
}

/// A group of people who hold roles together.
#[derive(Debug, Template)]
#[template(path = "group.html")]
pub struct GroupPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done or refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field.
    pub errors: Errors,
    /// The group.
    pub id: GroupId,
    /// Its name, as typed.
    pub name: String,
    /// Whom to take in, as typed.
    pub person: String,
    /// Whether the reader may change roles.
    pub may_change: bool,
    /// Whether the reader has proved themselves freshly enough to.
    pub is_fresh: bool,
    /// Who is in it.
    pub people: Vec<MemberLine>,
    /// What they hold by it.
    pub held: Vec<HeldLine>,
    /// The roles that the reader can give.
    pub offered: Vec<(RoleId, String)>,
    /// What they can be limited to.
    pub scopes: Vec<(String, String)>,
}

#[cfg(test)]
mod tests;
