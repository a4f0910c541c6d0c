//! The evaluator: pure, ours, and it tells its whole derivation. For the door, for "Why?", and for whoever gives roles.
//! Must never happen: a yes without a grant that says it; a right that is handed on by somebody who does not hold it.
use kernel::{Action, Authorizer, Decision, Grant, Holder, On, Permissions, Reach, Reason, Scope};

/// The rules as they stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

/// What one grant says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// It allows it.
    Yes,
    /// It allows it for another customer or site.
    Elsewhere,
    /// The role has the permission; but that is about the whole organisation, and the grant is limited to a part of it.
    TooNarrow,
    /// The role has no such permission.
    Lacks,
}

impl Says {
    /// What a grant says.
    pub fn of(grant: &Grant, action: Action, on: On) -> Self {
        if grant.covers(action, on) {
            return Self::Yes;
        }
        if !grant.permissions.contains(action) {
            return Self::Lacks;
        }
        if grant.covers(action, On::Somewhere) {
            Self::Elsewhere
        } else {
            Self::TooNarrow
        }
    }
    /// The reason that goes with it.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Yes => Reason::AccessGranted,
            Self::Elsewhere => Reason::AccessElsewhere,
            Self::TooNarrow => Reason::AccessTooFar,
            Self::Lacks => Reason::AccessMissing,
        }
    }
    /// What the role says, in words.
    fn words(self, role: &str, action: Action) -> String {
        let label = action.label();
        match self {
            Self::Yes => format!("{role} has “{label}”"),
            Self::Elsewhere => format!("{role} has “{label}”, but not here"),
            Self::TooNarrow => format!("{role} has “{label}”, but is limited to a part of the organisation"),
            Self::Lacks => format!("{role} has no “{label}”"),
        }
    }
}

/// What every grant says, the most telling first, in the order of the grants among equals.
pub fn derive(grants: &[Grant], action: Action, on: On) -> Vec<(Says, &Grant)> {
    let mut steps: Vec<(Says, &Grant)> = grants
        .iter()
        .map(|grant| (Says::of(grant, action, on), grant))
        .collect();
    steps.sort_by_key(|(says, _)| *says);
    steps
}

impl Authorizer for Rules {
    fn decide(&self, holder: &Holder, action: Action, on: On) -> Decision {
        if action.reach() == Reach::Own {
            return Decision {
                allowed: true,
                because: vec![(Reason::AccessOwn, format!("{} is one's own", action.name()))],
            };
        }
        let steps = derive(&holder.grants, action, on);
        if steps.is_empty() {
            return Decision {
                allowed: false,
                because: vec![(Reason::AccessMissing, "no role is held here".to_owned())],
            };
        }
        Decision {
            allowed: steps.first().is_some_and(|(says, _)| *says == Says::Yes),
            because: steps
                .iter()
                .map(|(says, grant)| (says.reason(), says.words(&grant.name, action)))
                .collect(),
        }
    }

    fn allowed(&self, holder: &Holder) -> Permissions {
        let everybodys = |action: &Action| action.reach() == Reach::Own;
        let own: Permissions = Action::ALL.iter().copied().filter(everybodys).collect();
        let whole = union(holder.grants.iter().filter(|grant| grant.scope == Scope::Everything));
        let part = holder.grants.iter().filter(|grant| grant.scope != Scope::Everything);
        let part = part.flat_map(|grant| grant.permissions.iter().filter(|a| grant.covers(*a, On::Somewhere)));
        own.or(whole).or(part.collect())
    }
}

fn union<'a>(grants: impl Iterator<Item = &'a Grant>) -> Permissions {
    grants.fold(Permissions::NONE, |all, grant| all.or(grant.permissions))
}

/// What of these permissions somebody does not hold as far as this scope goes, and so cannot hand on. What is everybody's own is held by all.
pub fn beyond(held: &[Grant], permissions: Permissions, scope: Scope) -> Permissions {
    let far_enough = |grant: &&Grant| grant.scope == Scope::Everything || grant.scope == scope;
    let own = union(held.iter().filter(far_enough));
    permissions
        .iter()
        .filter(|action| action.reach() != Reach::Own && !own.contains(*action))
        .collect()
}

/// Whether somebody who holds these grants may give, or take away, these permissions with this scope.
pub fn may_grant(held: &[Grant], permissions: Permissions, scope: Scope) -> bool {
    beyond(held, permissions, scope) == Permissions::NONE
}

/// A name of a role or group: 1 to 60 characters on one line, trimmed.
pub fn check_name(name: &str) -> Result<String, Reason> {
    line(name, 1, 60).ok_or(Reason::RoleNameInvalid)
}

/// What a role is for: at most 200 characters on one line, trimmed; may be empty.
pub fn check_description(text: &str) -> Result<String, Reason> {
    line(text, 0, 200).ok_or(Reason::RoleTextInvalid)
}

fn line(text: &str, least: usize, most: usize) -> Option<String> {
    let text = text.trim();
    let is_breaking = |c: char| {
        c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let fits = (least..=most).contains(&text.chars().count()) && !text.chars().any(is_breaking);
    fits.then(|| text.to_owned())
}

/// The permissions of these names. None: one of them is not there, or is everybody's and so in no role.
pub fn permissions_of<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Permissions> {
    let named = names.into_iter().map(Action::from_name);
    named
        .map(|action| action.filter(|action| action.reach() != Reach::Own))
        .collect()
}
