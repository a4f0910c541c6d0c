//! The SQL of what is known of one person, for the file that is handed out: what no capability shows otherwise. No secret is read.
use ground::{
    db::{Result, View},
    from_row,
};
use kernel::{Deployment, Organisation, OrganisationId, PersonId, Time};
use uuid::Uuid;

/// The account's own row.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub name: String,
    pub email: String,
    pub language: String,
    pub made_at: Time,
    pub first_sign_in_at: Option<Time>,
    pub last_sign_in_at: Option<Time>,
    pub disabled_at: Option<Time>,
    pub removed_at: Option<Time>,
}
from_row!(Account {
    name,
    email,
    language,
    made_at,
    first_sign_in_at,
    last_sign_in_at,
    disabled_at,
    removed_at
});

/// The account of a person.
pub(crate) fn account(view: &mut View, _: Deployment, person: PersonId) -> Result<Account> {
    view.one(
        "SELECT name, email, language, made_at, first_sign_in_at, last_sign_in_at, disabled_at, removed_at FROM person WHERE id = ?1",
        &[&person],
    )
}

/// A membership.
#[derive(Debug, Clone)]
pub(crate) struct Membership {
    pub organisation: OrganisationId,
    pub name: String,
    pub joined_at: Time,
}
from_row!(Membership {
    organisation,
    name,
    joined_at
});

/// Where a person is a member.
pub(crate) fn memberships(view: &mut View, _: Deployment, person: PersonId) -> Result<Vec<Membership>> {
    view.all(
        "SELECT membership.organisation, organisation.name, membership.joined_at FROM membership
         JOIN organisation ON organisation.id = membership.organisation WHERE membership.person = ?1 ORDER BY membership.joined_at, membership.organisation",
        &[&person],
    )
}

/// A session, ended ones too, as long as they are kept.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub device_label: String,
    pub network: String,
    pub opened_at: Time,
    pub seen_at: Time,
    pub ended_at: Option<Time>,
}
from_row!(Session {
    device_label,
    network,
    opened_at,
    seen_at,
    ended_at
});

/// The sessions of a person, latest first; at most so many.
pub(crate) fn sessions(view: &mut View, _: Deployment, person: PersonId, most: i64) -> Result<Vec<Session>> {
    view.all(
        "SELECT device_label, network, opened_at, seen_at, ended_at FROM session WHERE person = ?1 ORDER BY opened_at DESC, id DESC LIMIT ?2",
        &[&person, &most],
    )
}

/// A line of the log.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub id: Uuid,
    pub at: Time,
    pub kind: String,
    pub outcome: String,
    pub is_by_them: bool,
    pub device_label: String,
    pub network: String,
    pub reason: Option<String>,
    pub detail: String,
}
from_row!(Line {
    id,
    at,
    kind,
    outcome,
    is_by_them,
    device_label,
    network,
    reason,
    detail
});

/// The lines of an organisation's log that are about this person, or by them and about nobody else, newest first; at most so many of either.
pub(crate) fn lines(view: &mut View, organisation: Organisation, person: PersonId, most: i64) -> Result<Vec<Line>> {
    view.all(
        "SELECT event.id, event.at, event.kind, event.outcome, (event.actor IS NOT NULL AND event.actor = ?2) AS is_by_them, event.device_label,
           event.network, event.reason, event.detail
         FROM (SELECT seq FROM (SELECT seq FROM event WHERE stream = ?1 AND subject = ?2 ORDER BY at DESC, seq DESC LIMIT ?3) AS subjects
           UNION SELECT seq FROM (SELECT seq FROM event WHERE stream = ?1 AND actor = ?2 AND (subject IS NULL OR subject = ?2) ORDER BY at DESC, seq DESC LIMIT ?3) AS actors
         ) AS found JOIN event ON event.stream = ?1 AND event.seq = found.seq ORDER BY event.at DESC, event.seq DESC",
        &[&organisation.0, &person, &most],
    )
}

/// A message that went to them, without what it said.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub kind: String,
    pub purpose: String,
    pub recipient: String,
    pub made_at: Time,
}
from_row!(Message {
    kind,
    purpose,
    recipient,
    made_at
});

/// Messages to a person, newest first; at most so many.
pub(crate) fn messages(
    view: &mut View,
    organisation: Organisation,
    person: PersonId,
    most: i64,
) -> Result<Vec<Message>> {
    view.all(
        "SELECT kind, purpose, recipient, made_at FROM message WHERE organisation = ?1 AND person = ?2 ORDER BY made_at DESC, id DESC LIMIT ?3",
        &[&organisation.0, &person, &most],
    )
}
