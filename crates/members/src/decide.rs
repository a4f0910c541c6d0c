//! What may be done about whom, what a list is filtered by, and how long an invitation lives. Pure.
//! Must never happen: somebody who changes a person that may do more than they; another organisation that changes an account.
use kernel::{Grant, Reason, RoleId, Span, Time};

/// An invitation works so long after its last mail.
pub(crate) const LIVES_FOR: Span = Span::hours(72);
/// Wrong codes that an invitation bears; its link goes on working.
pub(crate) const CODE_TRIES: i64 = 5;
/// Mails of one invitation in a day.
pub(crate) const MAILS: i64 = 5;
/// Invitations of one organisation in a day.
pub(crate) const INVITATIONS: i64 = 500;
/// What both count over.
pub(crate) const DAY: Span = Span::hours(24);
/// An invitation that has ended stays in the list so long, to be sent again.
pub(crate) const KEPT_FOR: Span = Span::days(30);
/// People that one bulk action takes.
pub(crate) const MOST: usize = 200;

/// How somebody in the list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A member who may sign in.
    Active,
    /// A member who may not.
    Disabled,
    /// Invited, and not there yet.
    Invited,
}

impl State {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Disabled, Self::Invited];
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Invited => "invited",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What a list is looked for with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Part of a name or an address, as a pattern.
    pub pattern: Option<String>,
    /// How they stand.
    pub state: Option<State>,
    /// The role that they hold.
    pub role: Option<RoleId>,
}

impl Filter {
    /// In one text that no other filter has: a cursor belongs to it.
    pub fn text(&self) -> String {
        let state = self.state.map(State::name).unwrap_or_default();
        let role = self.role.map(|role| role.to_string()).unwrap_or_default();
        format!("{state}/{role}/{}", self.pattern.as_deref().unwrap_or_default())
    }
    /// Whether members are looked for, or invited people alone.
    pub fn wants_members(&self) -> bool {
        self.state != Some(State::Invited)
    }
    /// Whether invited people are looked for.
    pub fn wants_invited(&self) -> bool {
        self.role.is_none() && matches!(self.state, None | Some(State::Invited))
    }
}

/// What is to be done about a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Another name, another address.
    Change,
    /// No way in for now.
    Disable,
    /// In again.
    Enable,
    /// Out of the organisation: at home for good, elsewhere the membership alone.
    Remove,
    /// Nothing of them is kept.
    Erase,
    /// All that is known of them as one file.
    HandOut,
    /// Sign out everywhere.
    SignOut,
}

/// What decides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// The person is the caller.
    pub is_self: bool,
    /// The caller's organisation is the person's home.
    pub is_home: bool,
    /// What the caller holds.
    pub held: &'a [Grant],
    /// What the person holds.
    pub theirs: &'a [Grant],
}

/// Why it is not done; nothing: it may be.
pub(crate) fn refusal(verb: Verb, facts: &Facts<'_>) -> Option<Reason> {
    let is_final = matches!(verb, Verb::Disable | Verb::Remove | Verb::Erase);
    let is_harmless = matches!(verb, Verb::HandOut | Verb::SignOut);
    if facts.is_self && is_final {
        Some(Reason::PersonIsYou)
    } else if !facts.is_home && verb != Verb::Remove {
        Some(Reason::PersonElsewhere)
    } else if !is_harmless && !covers(facts.held, facts.theirs) {
        Some(Reason::PersonAboveYou)
    } else {
        None
    }
}

/// Whether somebody holds all that the other one does.
fn covers(held: &[Grant], theirs: &[Grant]) -> bool {
    theirs
        .iter()
        .all(|grant| roles::may_grant(held, grant.permissions, grant.scope))
}

/// Whether an invitation works: not ended by its time, and whoever invited is still there.
pub(crate) fn is_open(ends_at: Time, is_inviter_there: bool, now: Time) -> bool {
    is_inviter_there && now < ends_at
}

/// How many mails are sent with the next one, where the last of so many was sent then; nothing: enough for today.
pub(crate) fn next_mail(sent: i64, sent_at: Time, now: Time) -> Option<i64> {
    match (now - sent_at >= DAY, sent < MAILS) {
        (true, _) => Some(1),
        (false, true) => Some(sent + 1),
        (false, false) => None,
    }
}

/// The status that a refusal answers a program with.
pub(crate) fn status(reason: Reason) -> u16 {
    match reason {
        Reason::PersonIsYou
        | Reason::PersonInvited
        | Reason::PersonIsMember
        | Reason::PersonGone
        | Reason::LostLastOwner
        | Reason::LostDisabled => 409,
        Reason::PersonElsewhere | Reason::PersonAboveYou | Reason::LostAboveYou => 403,
        Reason::InvitationTooOften => 429,
        Reason::InvitationDead | Reason::InvitationOther => 410,
        Reason::AddressTaken | Reason::PeopleTooMany => 422,
        other => roles::status(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Action, OrganisationId, Permissions, Scope};
    use uuid::Uuid;

    fn grant(permissions: Permissions, scope: Scope) -> Grant {
        Grant {
            role: RoleId(Uuid::nil()),
            name: "Role".into(),
            is_built_in: false,
            permissions,
            scope,
            group: None,
        }
    }

    #[test]
    fn nobody_changes_somebody_who_may_do_more() {
        let all = [grant(Permissions::all(), Scope::Everything)];
        let some = [grant(Permissions::NONE.with(Action::ChangePeople), Scope::Everything)];
        let part = [grant(
            Permissions::NONE.with(Action::SeeAgents),
            Scope::Customer(OrganisationId(Uuid::nil())),
        )];
        for (held, theirs, is_allowed) in [
            (&all[..], &all[..], true),
            (&all, &some, true),
            (&some, &all, false),
            (&some, &some, true),
            (&some, &[], true),
            (&some, &part, false),
            (&[], &some, false),
        ] {
            for verb in [Verb::Change, Verb::Disable, Verb::Enable, Verb::Remove, Verb::Erase] {
                let facts = Facts {
                    is_self: false,
                    is_home: true,
                    held,
                    theirs,
                };
                let wanted = (!is_allowed).then_some(Reason::PersonAboveYou);
                assert_eq!(refusal(verb, &facts), wanted, "{verb:?}");
            }
        }
    }

    #[test]
    fn another_organisation_can_only_end_its_own_membership() {
        let facts = Facts {
            is_self: false,
            is_home: false,
            held: &[],
            theirs: &[],
        };
        assert_eq!(refusal(Verb::Remove, &facts), None);
        for verb in [
            Verb::Change,
            Verb::Disable,
            Verb::Enable,
            Verb::Erase,
            Verb::HandOut,
            Verb::SignOut,
        ] {
            assert_eq!(refusal(verb, &facts), Some(Reason::PersonElsewhere), "{verb:?}");
        }
    }

    #[test]
    fn nobody_takes_themselves_out() {
        let facts = Facts {
            is_self: true,
            is_home: true,
            held: &[],
            theirs: &[],
        };
        for (verb, wanted) in [
            (Verb::Disable, Some(Reason::PersonIsYou)),
            (Verb::Remove, Some(Reason::PersonIsYou)),
            (Verb::Erase, Some(Reason::PersonIsYou)),
            (Verb::Change, None),
            (Verb::HandOut, None),
        ] {
            assert_eq!(refusal(verb, &facts), wanted, "{verb:?}");
        }
    }

    #[test]
    fn an_invitation_lives_its_time_and_no_longer_than_whoever_invited() {
        let (now, later) = (Time::from_seconds(1_000), Time::from_seconds(1_001));
        assert!(is_open(later, true, now));
        assert!(!is_open(now, true, now) && !is_open(later, false, now));
    }

    #[test]
    fn five_mails_a_day_and_then_again() {
        let at = Time::from_seconds(0);
        assert_eq!(next_mail(1, at, at + Span::hours(1)), Some(2));
        assert_eq!(next_mail(5, at, at + Span::hours(23)), None);
        assert_eq!(next_mail(5, at, at + Span::hours(24)), Some(1));
    }

    #[test]
    fn two_filters_never_have_one_text() {
        let role = Some(RoleId(Uuid::nil()));
        let pattern = Some("%/%".to_owned());
        let filters = [
            Filter::default(),
            Filter {
                state: Some(State::Active),
                ..Filter::default()
            },
            Filter {
                role,
                ..Filter::default()
            },
            Filter {
                pattern,
                ..Filter::default()
            },
        ];
        let texts: std::collections::BTreeSet<String> = filters.iter().map(Filter::text).collect();
        assert_eq!(texts.len(), filters.len());
    }
}
