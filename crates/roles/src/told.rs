//! Grants, and what became of them, in words that people read.
use ground::Caller;
use kernel::{Chance, Event, EventKind, Grant, OrganisationId, Outcome, PersonId, Reason, Scope, Stream, Time};

/// A grant, and where it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The grant.
    pub grant: Grant,
    /// The name of the customer or site that it is limited to.
    pub place: Option<String>,
}

impl Told {
    /// "Technician at the site Leeds branch", "Auditor, by the group Night shift".
    pub fn words(&self) -> String {
        let mut words = self.grant.name.clone();
        words.push_str(&self.where_it_holds());
        if let Some(group) = &self.grant.group {
            words.push_str(", by the group ");
            words.push_str(group);
        }
        words
    }
    /// " at the site Leeds branch"; nothing where it holds everywhere.
    pub fn where_it_holds(&self) -> String {
        let place = self.place.as_deref().unwrap_or("that is gone");
        match self.grant.scope {
            Scope::Everything => String::new(),
            Scope::Customer(_) => format!(" for the customer {place}"),
            Scope::Site(_) => format!(" at the site {place}"),
        }
    }
    /// Role and scope: what makes two grants the same.
    pub(crate) fn wanted(&self) -> super::Wanted {
        super::Wanted {
            role: self.grant.role,
            scope: self.grant.scope,
        }
    }
}

/// What was given and taken away in one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Granted {
    /// Given.
    pub given: Vec<Told>,
    /// Taken away.
    pub taken: Vec<Told>,
    /// What came of it in other organisations: customers that were entered or left, or the MSP whose grant led here; each in words.
    pub elsewhere: Vec<(OrganisationId, String)>,
}

fn list(told: &[Told]) -> String {
    told.iter().map(Told::words).collect::<Vec<_>>().join(", ")
}

impl Granted {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty() && self.taken.is_empty()
    }
    /// "given Technician at the site Leeds; taken Auditor".
    pub fn words(&self) -> String {
        let parts = [("given", &self.given), ("taken", &self.taken)];
        let parts = parts.iter().filter(|(_, told)| !told.is_empty());
        parts
            .map(|(what, told)| format!("{what} {}", list(told)))
            .collect::<Vec<_>>()
            .join("; ")
    }
    /// The events that tell it, one for each organisation that is concerned; to be appended last, by `journal::append_all`.
    /// Without a caller it was the operator.
    pub fn events(
        &self,
        organisation: OrganisationId,
        person: PersonId,
        by: Option<&Caller>,
        now: Time,
        chance: &Chance,
    ) -> Vec<Event> {
        let own = (!self.is_empty()).then(|| (organisation, self.words()));
        let all = own.into_iter().chain(self.elsewhere.iter().cloned());
        all.map(|(of, detail)| {
            let stream = Stream::Organisation(of);
            let mut event = Event::new(stream, now, EventKind::GrantsChanged, Outcome::Done, chance).about(person);
            if let Some(caller) = by {
                event = event.from(caller.device, &caller.device_label, &caller.network);
                event.actor = Some(caller.person);
            }
            event.detail = detail;
            event
        })
        .collect()
    }
}

/// How a refusal of this crate is answered.
pub const fn status(reason: Reason) -> u16 {
    match reason {
        Reason::GrantBeyondYou => 403,
        Reason::LastOwner | Reason::RoleBuiltIn | Reason::RoleHeld | Reason::RolesTooMany => 409,
        Reason::RequestNotFound | Reason::PersonNotMember | Reason::RoleUnknown | Reason::ScopeUnknown => 404,
        _ => 422,
    }
}
