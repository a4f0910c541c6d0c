//! One action for many members at once: all of it, or nothing.
//! Must never happen: a part of it done where one of them is not the organisation's (SECURITY.md S63).
use crate::{
    change::{self, Acting, Done, Stop},
    decide::MOST,
    remove,
    store::list,
};
use ground::{db::Tx, journal};
use kernel::{PersonId, Reason};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// End their sessions.
    SignOut,
    /// Keep them out.
    Disable,
    /// Let them in again.
    Enable,
    /// Remove them.
    Remove,
}

impl Action {
    /// From the word in forms and the API.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "sign-out" => Some(Self::SignOut),
            "disable" => Some(Self::Disable),
            "enable" => Some(Self::Enable),
            "remove" => Some(Self::Remove),
            _ => None,
        }
    }
}

/// Does it for each of them.
pub(crate) fn act(tx: &mut Tx, acting: &Acting<'_>, action: Action, people: &[PersonId]) -> Done<()> {
    let mut people = people.to_vec();
    people.sort_unstable();
    people.dedup();
    if people.is_empty() || people.len() > MOST {
        return Err(Stop::Refused(Reason::PeopleTooMany));
    }
    for id in &people {
        list::member(tx, acting.organisation(), *id)?.ok_or(Stop::Absent)?;
    }
    let mut events = Vec::new();
    for id in people {
        match action {
            Action::SignOut => events.extend(change::sign_out(tx, acting, id)?),
            Action::Enable => events.extend(change::enable(tx, acting, id)?),
            Action::Remove => events.extend(remove::removed(tx, acting, id)?),
            Action::Disable => {
                let is_last = !roles::last_owner_in(tx, id)?.is_empty();
                events.extend(change::disable(tx, acting, id, is_last)?);
            }
        }
    }
    journal::append_all(tx, &events)?;
    Ok(())
}
