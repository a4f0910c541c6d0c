//! What may be done to an organisation, by what it is and who asks. Pure.
use kernel::{Action, On, OrganisationId, Reason, Span, Time};
use organisations::{Found, State};

/// A deleted organisation can be brought back for so long; then everything of it goes.
pub const GRACE: Span = Span::days(30);
/// An organisation has at most so many sites.
pub const MOST_SITES: i64 = 1_000;

/// One thing that is asked of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Another name.
    Name(String),
    /// To be opened, suspended, deleted.
    State(State),
    /// To be a customer of this organisation, or on its own.
    Parent(Option<OrganisationId>),
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is to be done.
    Go,
    /// It is so already.
    Nothing,
    /// Whoever asks may not.
    Denied,
    /// A rule of the data does not allow it.
    Refused(Reason),
}

/// When everything of a deleted organisation goes.
pub fn goes_at(found: &Found) -> Option<Time> {
    found.deleted_at.map(|at| at + GRACE)
}

/// Judges a wish about the caller's own organisation or a customer of it. `may`: what the caller may do, on what.
pub fn judge(found: &Found, own: OrganisationId, wish: &Wish, may: impl Fn(Action, On) -> bool) -> Verdict {
    let is_own = found.id == own;
    let on = if is_own {
        On::Organisation
    } else {
        On::Customer(found.id)
    };
    let is_deleted = found.state() == State::Deleted;
    let needed = match wish {
        Wish::Name(_) if is_own => Action::ChangeSettings,
        // Whoever lets an organisation go gives it away.
        Wish::Parent(_) if is_own => Action::DeleteOrganisations,
        Wish::State(State::Deleted) => Action::DeleteOrganisations,
        Wish::State(_) if is_deleted => Action::DeleteOrganisations,
        Wish::Name(_) | Wish::State(_) | Wish::Parent(_) => Action::ChangeOrganisations,
    };
    if !may(needed, on) {
        return Verdict::Denied;
    }
    match wish {
        Wish::State(state) if *state == found.state() => Verdict::Nothing,
        Wish::State(_) if is_own => Verdict::Refused(Reason::OrganisationOwn),
        Wish::State(State::Suspended) | Wish::Name(_) | Wish::Parent(_) if is_deleted => {
            Verdict::Refused(Reason::OrganisationDeleted)
        }
        Wish::Name(name) if *name == found.name => Verdict::Nothing,
        Wish::Parent(parent) if *parent == found.parent => Verdict::Nothing,
        Wish::Parent(_) if is_own && found.parent.is_some() => Verdict::Refused(Reason::OrganisationOwn),
        Wish::Parent(Some(parent)) if *parent == found.id => Verdict::Refused(Reason::MoveUnknown),
        Wish::State(_) | Wish::Name(_) | Wish::Parent(_) => Verdict::Go,
    }
}

/// How a refusal is answered.
pub const fn status(reason: Reason) -> u16 {
    match reason {
        Reason::CustomerOfCustomer
        | Reason::OrganisationOwn
        | Reason::OrganisationDeleted
        | Reason::SiteLast
        | Reason::SiteHasAgents
        | Reason::SitesTooMany
        | Reason::MoveHasCustomers
        | Reason::MoveNoOwner
        | Reason::LastOwner
        | Reason::RolesTooMany => 409,
        _ => 422,
    }
}

/// The field that a refusal of this reason is about.
pub const fn field(reason: Reason) -> &'static str {
    match reason {
        Reason::MoveUnknown | Reason::MoveHasCustomers | Reason::MoveNoOwner => "parent",
        Reason::OrganisationStateInvalid | Reason::OrganisationDeleted => "state",
        _ => "name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Chance;

    fn id(seconds: i64) -> OrganisationId {
        let chance = Chance::new(|out| out.fill(7));
        OrganisationId::new(Time::from_seconds(seconds), &chance)
    }

    fn found(seconds: i64, parent: Option<i64>, state: State) -> Found {
        let at = Time::from_seconds(1_000);
        Found {
            id: id(seconds),
            parent: parent.map(id),
            name: "Contoso".into(),
            made_at: Time::from_seconds(0),
            suspended_at: (state == State::Suspended).then_some(at),
            deleted_at: (state == State::Deleted).then_some(at),
        }
    }

    fn all(_: Action, _: On) -> bool {
        true
    }

    #[test]
    fn what_a_customer_is_decides_what_may_be_done_to_it() {
        use State::{Active, Deleted, Suspended};
        let refused = Verdict::Refused(Reason::OrganisationDeleted);
        for (state, wish, verdict) in [
            (Active, Wish::Name("Fabrikam".into()), Verdict::Go),
            (Active, Wish::Name("Contoso".into()), Verdict::Nothing),
            (Active, Wish::State(Active), Verdict::Nothing),
            (Active, Wish::State(Suspended), Verdict::Go),
            (Active, Wish::State(Deleted), Verdict::Go),
            (Suspended, Wish::State(Active), Verdict::Go),
            (Suspended, Wish::State(Deleted), Verdict::Go),
            (Suspended, Wish::Name("Fabrikam".into()), Verdict::Go),
            (Deleted, Wish::State(Active), Verdict::Go),
            (Deleted, Wish::State(Deleted), Verdict::Nothing),
            (Deleted, Wish::State(Suspended), refused.clone()),
            (Deleted, Wish::Name("Fabrikam".into()), refused.clone()),
            (Deleted, Wish::Parent(None), refused),
            (Active, Wish::Parent(Some(id(1))), Verdict::Nothing),
            (Active, Wish::Parent(None), Verdict::Go),
            (Active, Wish::Parent(Some(id(2))), Verdict::Refused(Reason::MoveUnknown)),
        ] {
            assert_eq!(
                judge(&found(2, Some(1), state), id(1), &wish, all),
                verdict,
                "{state:?} {wish:?}"
            );
        }
    }

    #[test]
    fn an_organisation_does_not_shut_itself_and_a_customer_does_not_leave_by_itself() {
        let own = Verdict::Refused(Reason::OrganisationOwn);
        let root = found(1, None, State::Active);
        assert_eq!(judge(&root, id(1), &Wish::State(State::Suspended), all), own);
        assert_eq!(judge(&root, id(1), &Wish::State(State::Deleted), all), own);
        assert_eq!(judge(&root, id(1), &Wish::Parent(Some(id(9))), all), Verdict::Go);
        let customer = found(2, Some(1), State::Active);
        assert_eq!(judge(&customer, id(2), &Wish::Parent(None), all), own);
    }

    #[test]
    fn each_wish_asks_for_its_own_right_on_that_organisation() {
        let customer = found(2, Some(1), State::Active);
        let deleted = found(2, Some(1), State::Deleted);
        let own = found(1, None, State::Active);
        for (found, wish, needed, on) in [
            (
                &customer,
                Wish::Name("F".into()),
                Action::ChangeOrganisations,
                On::Customer(id(2)),
            ),
            (&own, Wish::Name("F".into()), Action::ChangeSettings, On::Organisation),
            (
                &customer,
                Wish::State(State::Suspended),
                Action::ChangeOrganisations,
                On::Customer(id(2)),
            ),
            (
                &customer,
                Wish::State(State::Deleted),
                Action::DeleteOrganisations,
                On::Customer(id(2)),
            ),
            (
                &deleted,
                Wish::State(State::Active),
                Action::DeleteOrganisations,
                On::Customer(id(2)),
            ),
            (
                &own,
                Wish::Parent(Some(id(9))),
                Action::DeleteOrganisations,
                On::Organisation,
            ),
        ] {
            let may = |action: Action, asked: On| action == needed && asked == on;
            assert_eq!(judge(found, id(1), &wish, may), Verdict::Go, "{wish:?}");
            assert_eq!(judge(found, id(1), &wish, |_, _| false), Verdict::Denied, "{wish:?}");
        }
    }
}
