//! What people see of other people: the list, one of them, the form that invites, and the pages that an invitation opens.
use crate::decide::State;
use askama::Template;
use ground::page::{DoorShell, Errors, Field, HouseShell, Notice, Secret, Tag, When};
use kernel::Time;
use uuid::Uuid;

/// A line of the list.
#[derive(Debug, Clone)]
pub struct Line {
    /// The person, or the invitation.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// How they stand.
    pub(crate) state: State,
    /// What they hold, in words.
    pub roles: String,
    /// The organisation that they come from, where it is another one.
    pub from: Option<String>,
    /// When they signed in last; at home only.
    pub last_sign_in_at: Option<Time>,
    /// When the invitation ends.
    pub ends_at: Option<Time>,
    /// The invitation has ended.
    pub is_over: bool,
}

impl Line {
    fn tag(&self) -> Tag<'static> {
        match self.state {
            State::Active => Tag::ok("active"),
            State::Disabled => Tag::bad("disabled"),
            State::Invited if self.is_over => Tag::warn("invitation ended"),
            State::Invited => Tag::warn("invited"),
        }
    }
    fn is_member(&self) -> bool {
        self.state != State::Invited
    }
}

/// What the list is looked for with, as typed.
#[derive(Debug, Clone, Default)]
pub struct Filters {
    /// Part of a name or an address.
    pub q: String,
    /// A state's word.
    pub state: String,
    /// A role's id.
    pub role: String,
}

/// A choice of a `<select>`: its value, its words.
pub type Choice = (String, String);

/// "People".
#[derive(Debug, Template)]
#[template(path = "people.html")]
pub struct PeoplePage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done, or refused.
    pub notice: Option<Notice>,
    /// The filters as they were sent.
    pub filters: Filters,
    /// The roles that can be looked for.
    pub roles: Vec<Choice>,
    /// Who is on this page.
    pub lines: Vec<Line>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Where it begins, on a later page.
    pub first: Option<String>,
    /// The same list as a file.
    pub file: String,
    /// The reader may invite.
    pub may_invite: bool,
    /// The reader may change people.
    pub may_change: bool,
}

impl PeoplePage {
    fn states(&self) -> Vec<(&'static str, &'static str, bool)> {
        let words = |state: State| match state {
            State::Active => "Active",
            State::Disabled => "Disabled",
            State::Invited => "Invited",
        };
        State::ALL
            .into_iter()
            .map(|state| (state.name(), words(state), state.name() == self.filters.state))
            .collect()
    }
    fn has_filters(&self) -> bool {
        !(self.filters.q.is_empty() && self.filters.state.is_empty() && self.filters.role.is_empty())
    }
    fn has_members(&self) -> bool {
        self.may_change && self.lines.iter().any(Line::is_member)
    }
}

/// "Invite somebody".
#[derive(Debug, Template)]
#[template(path = "invite.html")]
pub struct InvitePage {
    /// The shell.
    pub shell: HouseShell,
    /// What was refused as a whole.
    pub notice: Option<Notice>,
    /// What is wrong field by field.
    pub errors: Errors,
    /// What was typed.
    pub name: String,
    /// What was typed.
    pub email: String,
    /// The role that was chosen.
    pub role: String,
    /// The scope that was chosen.
    pub scope: String,
    /// The language that was chosen.
    pub language: String,
    /// Roles that the reader may give.
    pub roles: Vec<Choice>,
    /// How far a role can go.
    pub scopes: Vec<Choice>,
    /// Languages of mails.
    pub languages: Vec<Choice>,
    /// The reader has proved freshly enough that it is them.
    pub is_fresh: bool,
}

/// A role that somebody holds, or that waits for somebody.
#[derive(Debug, Clone)]
pub struct Held {
    /// In words.
    pub words: String,
    /// The role.
    pub role: Uuid,
    /// The scope's word.
    pub scope: String,
    /// It can be taken away here: held by the person alone.
    pub is_own: bool,
}

/// What the reader may do about the person.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one part of the page")]
pub struct May {
    /// Change, disable, remove.
    pub change: bool,
    /// Let try again.
    pub unlock: bool,
    /// End sessions.
    pub sign_out: bool,
    /// Start a reset of factors.
    pub reset: bool,
    /// Hand out and erase data.
    pub erase: bool,
    /// Send and withdraw invitations.
    pub invite: bool,
}

/// One of them.
#[derive(Debug, Template)]
#[template(path = "person.html")]
pub struct PersonPage {
    /// The shell.
    pub shell: HouseShell,
    /// What was just done, or refused.
    pub notice: Option<Notice>,
    /// What is wrong field by field.
    pub errors: Errors,
    /// Who it is.
    pub line: Line,
    /// The name as typed.
    pub name: String,
    /// The address as typed.
    pub email: String,
    /// Since when they are a member.
    pub joined_at: Option<Time>,
    /// They have a second factor; at home only.
    pub second_factor: Option<bool>,
    /// What they hold.
    pub held: Vec<Held>,
    /// Roles that the reader may give.
    pub roles: Vec<Choice>,
    /// How far a role can go.
    pub scopes: Vec<Choice>,
    /// What the reader may do.
    pub may: May,
    /// The reader's organisation owns the account.
    pub is_home: bool,
    /// It is the reader.
    pub is_self: bool,
    /// The reader has proved freshly enough that it is them.
    pub is_fresh: bool,
}

impl PersonPage {
    fn has_aid(&self) -> bool {
        self.is_home && (self.may.unlock || self.may.sign_out || self.may.reset)
    }
    fn is_disabled(&self) -> bool {
        self.line.state == State::Disabled
    }
    fn has_end(&self) -> bool {
        self.may.change && !self.is_self
    }
}

/// The page that the link of an invitation opens.
#[derive(Debug, Template)]
#[template(path = "join.html")]
pub struct JoinPage {
    /// The shell.
    pub shell: DoorShell,
    /// What is wrong field by field: `name`, `password`.
    pub errors: Errors,
    /// Who invited.
    pub inviter: String,
    /// Where to.
    pub organisation: String,
    /// The address that was invited.
    pub email: String,
    /// The address has an account: it is used.
    pub has_account: bool,
    /// Where the form, or the way on, leads.
    pub action: String,
    /// The name as typed.
    pub name: String,
    /// How long a password has to be.
    pub hint: String,
}

/// The code of the mail, for whoever cannot open its link.
#[derive(Debug, Template)]
#[template(path = "join_code.html")]
pub struct CodePage {
    /// The shell.
    pub shell: DoorShell,
    /// What is wrong: `email`, `code`.
    pub errors: Errors,
    /// The address as typed.
    pub email: String,
}

/// A link that works no more.
#[derive(Debug, Template)]
#[template(path = "join_over.html")]
pub struct DeadPage {
    /// The shell.
    pub shell: DoorShell,
    /// Why.
    pub notice: Notice,
}

/// Joining with the account that one has.
#[derive(Debug, Template)]
#[template(path = "join_member.html")]
pub struct MemberPage {
    /// The shell.
    pub shell: HouseShell,
    /// Why it cannot be.
    pub notice: Option<Notice>,
    /// Who invited, and where to.
    pub offer: Option<(String, String)>,
    /// Where the form goes.
    pub action: String,
}

#[cfg(test)]
mod tests;
