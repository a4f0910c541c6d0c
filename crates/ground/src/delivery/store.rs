//! The SQL of delivery: the queue, the history of each message, the minute's look at the mail server. Deployment-wide; lists are an organisation's.
//! Must never happen: a message claimed by two; one whose way has ended tried again; a body kept longer than it is needed.
use super::{
    Kind, Probe, Purpose, State,
    decide::{Facts, Settled, Word},
    page::Filter,
};
use crate::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{DeviceId, MessageId, Organisation, OrganisationId, PersonId, Time};
use uuid::Uuid;

/// A message before it has a row.
pub(super) struct New<'a> {
    pub id: MessageId,
    pub kind: Kind,
    pub purpose: Purpose,
    pub to: &'a str,
    pub organisation: Option<OrganisationId>,
    pub person: Option<PersonId>,
    pub asked_by: Option<DeviceId>,
    pub sealed: Vec<u8>,
    pub at: Time,
    pub ends_at: Time,
}

pub(super) fn insert(tx: &mut Tx, new: &New) -> Result<()> {
    tx.run_one(
        "INSERT INTO message (id, kind, purpose, is_urgent, recipient, organisation, person, asked_by, sealed, made_at, ends_at,
           state, state_at, said, taken_by, tries, next_at, lease)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'queued', ?10, '', '', 0, ?10, NULL)",
        &[
            &new.id, &new.kind.name(), &new.purpose.name(), &new.purpose.is_urgent(), &new.to, &new.organisation, &new.person,
            &new.asked_by, &new.sealed, &new.at, &new.ends_at,
        ],
    )
}

/// A message that is ours to try until the lease ends.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub id: MessageId,
    pub purpose: String,
    pub recipient: String,
    pub sealed: Option<Vec<u8>>,
    pub made_at: Time,
    pub ends_at: Time,
    pub state: String,
    pub state_at: Time,
    pub tries: u32,
}
from_row!(Claimed {
    id,
    purpose,
    recipient,
    sealed,
    made_at,
    ends_at,
    state,
    state_at,
    tries
});

impl Claimed {
    pub(super) fn facts(&self, kind: Kind) -> Facts {
        Facts {
            kind,
            ends_at: self.ends_at,
            deferred_since: (self.state == "deferred").then_some(self.state_at),
            tries: self.tries,
        }
    }
}

/// The next message that is due, urgent ones first; one of the oldest few, by the lot that is in the lease, so that many hands do not all reach for
/// the same. One conditional UPDATE claims it, so that of several nodes one has it.
pub(super) fn claim(tx: &mut Tx, kind: Kind, now: Time, lease: Uuid, until: Time) -> Result<Option<Claimed>> {
    // Another node may have been quicker with what was found: then the next one is looked for.
    for _ in 0..4 {
        let found = due(tx, kind, now, OLDEST_FEW)?;
        let lot = lease.as_u128() % found.len().max(1) as u128;
        let Some((id, before)) = usize::try_from(lot).ok().and_then(|lot| found.get(lot).copied()) else {
            return Ok(None);
        };
        let claimed: Option<Claimed> = tx.maybe(
            "UPDATE message SET lease = ?2, next_at = ?3, tries = message.tries + 1 WHERE id = ?1 AND next_at <= ?4
             RETURNING id, purpose, recipient, sealed, made_at, ends_at, state, state_at, tries",
            &[&id, &lease, &until, &now],
        )?;
        if claimed.is_some() {
            if before.is_some() {
                step(
                    tx,
                    id,
                    now,
                    "lost",
                    "an earlier try was cut short on our side, and its end is not known",
                )?;
            }
            return Ok(claimed);
        }
    }
    Ok(None)
}

/// Whether anything is due.
pub(super) fn is_due(view: &mut View, kind: Kind, now: Time) -> Result<bool> {
    due(view, kind, now, 1).map(|found| !found.is_empty())
}

/// As many as there are hands.
const OLDEST_FEW: u32 = 16;

fn due(view: &mut View, kind: Kind, now: Time, most: u32) -> Result<Vec<(MessageId, Option<Uuid>)>> {
    for is_urgent in [true, false] {
        let found: Vec<_> = view.all(
            "SELECT id, lease FROM message WHERE kind = ?1 AND is_urgent = ?2 AND next_at <= ?3 ORDER BY next_at, id LIMIT ?4",
            &[&kind.name(), &is_urgent, &now, &most],
        )?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// Writes what came of a try. False where the lease was lost meanwhile; what was taken is written even then, so that it is not sent again.
pub(super) fn settle(tx: &mut Tx, id: MessageId, lease: Uuid, settled: &Settled, now: Time) -> Result<bool> {
    let is_taken = settled.word == Word::Taken;
    let before: Option<String> = tx.maybe("SELECT said FROM message WHERE id = ?1", &[&id])?;
    let touched = tx.run(
        "UPDATE message SET state = ?3, state_at = ?4, said = ?5, taken_by = ?6, next_at = ?7, tries = ?8, lease = NULL,
           sealed = CASE WHEN ?9 THEN NULL ELSE message.sealed END
         WHERE id = ?1 AND next_at IS NOT NULL AND (lease = ?2 OR ?10)",
        &[
            &id, &lease, &settled.word.name(), &settled.at, &settled.said, &settled.taken_by, &settled.next_at, &settled.tries,
            &settled.erases, &is_taken,
        ],
    )?;
    // A server that is away for hours says the same each minute: once is enough.
    if touched == 1 && !(settled.step == "deferred" && before.as_ref() == Some(&settled.said)) {
        step(tx, id, now, settled.step, &settled.said)?;
    }
    Ok(touched == 1)
}

/// One more line of a message's history. INVARIANT: its row was changed before in this transaction, so nobody else counts at the same time.
pub(super) fn step(tx: &mut Tx, id: MessageId, at: Time, what: &str, said: &str) -> Result<()> {
    tx.run_one(
        "INSERT INTO message_step (message, seq, at, what, said)
         SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4 FROM message_step WHERE message = ?1",
        &[&id, &at, &what, &said],
    )
}

/// Messages that are due and were never tried wait because the server is away: their state says so.
pub(super) fn wait_for_server(tx: &mut Tx, kind: Kind, said: &str, until: Time, now: Time) -> Result<u64> {
    tx.run(
        "UPDATE message SET state = 'deferred', state_at = ?3, said = ?2, next_at = ?4
         WHERE id IN (SELECT id FROM message WHERE kind = ?1 AND is_urgent IN (TRUE, FALSE) AND next_at <= ?3 AND state = 'queued' AND lease IS NULL
                      ORDER BY next_at, id LIMIT 500)
           AND state = 'queued' AND lease IS NULL",
        &[&kind.name(), &said, &now, &until],
    )
}

/// A row's state.
struct Stored {
    state: String,
    state_at: Time,
    said: String,
    taken_by: String,
    next_at: Option<Time>,
}
from_row!(Stored {
    state,
    state_at,
    said,
    taken_by,
    next_at
});

impl From<Stored> for State {
    fn from(row: Stored) -> Self {
        let (at, said) = (row.state_at, row.said);
        match row.state.as_str() {
            "deferred" => Self::Deferred {
                since: at,
                next_at: row.next_at.unwrap_or(at),
                said,
            },
            "taken" => Self::Taken {
                at,
                by: row.taken_by,
                said,
            },
            "refused" => Self::Refused { at, said },
            "bounced" => Self::Bounced { at, said },
            "given-up" => Self::GivenUp { at, said },
            _ => Self::Queued,
        }
    }
}

pub(super) fn state(view: &mut View, id: MessageId) -> Result<Option<State>> {
    let row: Option<Stored> = view.maybe(
        "SELECT state, state_at, said, taken_by, next_at FROM message WHERE id = ?1",
        &[&id],
    )?;
    Ok(row.map(State::from))
}

/// A message as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: MessageId,
    /// How it travels.
    pub kind: Kind,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// To whom.
    pub to: String,
    /// When it was asked for.
    pub made_at: Time,
    /// How often it was tried.
    pub tries: u32,
    /// How far it has come.
    pub state: State,
    /// Whether it can be sent again: it has not arrived, and what it says is still there.
    pub can_resend: bool,
}

struct ListedRow {
    id: MessageId,
    kind: String,
    purpose: String,
    recipient: String,
    made_at: Time,
    tries: u32,
    state: String,
    state_at: Time,
    said: String,
    taken_by: String,
    next_at: Option<Time>,
    can_resend: bool,
}
from_row!(ListedRow {
    id,
    kind,
    purpose,
    recipient,
    made_at,
    tries,
    state,
    state_at,
    said,
    taken_by,
    next_at,
    can_resend
});

impl From<ListedRow> for Listed {
    fn from(row: ListedRow) -> Self {
        let (state, state_at, said, taken_by, next_at) = (row.state, row.state_at, row.said, row.taken_by, row.next_at);
        Self {
            id: row.id,
            kind: Kind::from_name(&row.kind).unwrap_or(Kind::Mail),
            purpose: Purpose::from_name(&row.purpose),
            to: row.recipient,
            made_at: row.made_at,
            tries: row.tries,
            state: Stored {
                state,
                state_at,
                said,
                taken_by,
                next_at,
            }
            .into(),
            can_resend: row.can_resend,
        }
    }
}

/// An organisation's messages, newest first, behind `before`.
pub(super) fn list(
    view: &mut View,
    of: Organisation,
    filter: Filter,
    before: Option<(Time, MessageId)>,
    now: Time,
    most: u32,
) -> Result<Vec<Listed>> {
    let (at, id) = before.unzip();
    let rows: Vec<ListedRow> = view.all(
        "SELECT id, kind, purpose, recipient, made_at, tries, state, state_at, said, taken_by, next_at,
           (sealed IS NOT NULL AND ends_at > ?5 AND state IN ('queued', 'deferred', 'refused')) AS can_resend
         FROM message
         WHERE organisation = ?1 AND (?3 IS NULL OR (made_at, id) < (?3, ?4))
           AND (?2 = 'all' OR (?2 = 'waiting' AND state IN ('queued', 'deferred')) OR (?2 = 'failed' AND state IN ('refused', 'bounced', 'given-up')))
         ORDER BY made_at DESC, id DESC LIMIT ?6",
        &[&of, &filter.name(), &at, &id, &now, &most],
    )?;
    Ok(rows.into_iter().map(Listed::from).collect())
}

/// One message of an organisation.
pub(super) fn listed(view: &mut View, of: Organisation, id: MessageId, now: Time) -> Result<Option<Listed>> {
    let row: Option<ListedRow> = view.maybe(
        "SELECT id, kind, purpose, recipient, made_at, tries, state, state_at, said, taken_by, next_at,
           (sealed IS NOT NULL AND ends_at > ?3 AND state IN ('queued', 'deferred', 'refused')) AS can_resend
         FROM message WHERE organisation = ?1 AND id = ?2",
        &[&of, &id, &now],
    )?;
    Ok(row.map(Listed::from))
}

/// How many messages of an organisation since then are in which state.
pub(super) fn counts(view: &mut View, of: Organisation, since: Time) -> Result<Vec<(String, i64)>> {
    view.all(
        "SELECT state, count(*) FROM message WHERE organisation = ?1 AND made_at >= ?2 GROUP BY state ORDER BY state",
        &[&of, &since],
    )
}

/// The history of an organisation's message, oldest first: when, what, in whose words.
pub(super) fn history(view: &mut View, of: Organisation, id: MessageId) -> Result<Vec<(Time, String, String)>> {
    view.all(
        "SELECT at, what, message_step.said FROM message_step JOIN message ON message.id = message_step.message
         WHERE message_step.message = ?2 AND message.organisation = ?1 ORDER BY seq LIMIT 200",
        &[&of, &id],
    )
}

/// Puts a message at the head of the queue again. False where it has arrived, is being tried, or says nothing any more.
pub(super) fn resend(tx: &mut Tx, of: Organisation, id: MessageId, now: Time) -> Result<bool> {
    let touched = tx.run(
        "UPDATE message SET next_at = ?3, tries = 0,
           state_at = CASE WHEN message.state = 'refused' THEN ?3 ELSE message.state_at END,
           state = CASE WHEN message.state = 'refused' THEN 'queued' ELSE message.state END
         WHERE id = ?2 AND organisation = ?1 AND lease IS NULL AND sealed IS NOT NULL AND ends_at > ?3
           AND state IN ('queued', 'deferred', 'refused')",
        &[&of, &id, &now],
    )?;
    if touched == 1 {
        step(tx, id, now, "again", "to be sent again, asked for by hand")?;
    }
    Ok(touched == 1)
}

/// A message came back. False where it is not known, was never handed over, or is known to have failed already.
pub(super) fn bounce(tx: &mut Tx, of: Option<Organisation>, id: MessageId, said: &str, now: Time) -> Result<bool> {
    let touched = tx.run(
        "UPDATE message SET state = 'bounced', state_at = ?3, said = ?2, next_at = NULL, lease = NULL, sealed = NULL
         WHERE id = ?1 AND tries > 0 AND state IN ('queued', 'deferred', 'taken') AND (?4 IS NULL OR organisation = ?4)",
        &[&id, &said, &now, &of],
    )?;
    if touched == 1 {
        step(tx, id, now, "bounced", said)?;
    }
    Ok(touched == 1)
}

/// Something further is known of a message that was taken: that it is delayed, or that it arrived. Told once.
pub(super) fn note(tx: &mut Tx, id: MessageId, what: &str, said: &str, now: Time) -> Result<bool> {
    let touched = tx.run(
        "UPDATE message SET said = ?2 WHERE id = ?1 AND state = 'taken' AND said <> ?2",
        &[&id, &said],
    )?;
    if touched == 1 {
        step(tx, id, now, what, said)?;
    }
    Ok(touched == 1)
}

/// How many messages of this purpose were posted to a person of this organisation after then, and the first of them.
pub fn posted_since(
    view: &mut View,
    organisation: Organisation,
    person: PersonId,
    purpose: Purpose,
    since: Time,
) -> Result<(i64, Option<Time>)> {
    view.one(
        "SELECT count(*), min(made_at) FROM message WHERE organisation = ?1 AND made_at > ?4 AND person = ?2 AND purpose = ?3",
        &[&organisation.0, &person, &purpose.name(), &since],
    )
}

/// Test messages of an organisation since then: of this person, of all, and when the first of them was asked for.
pub(super) fn tests_since(
    view: &mut View,
    of: Organisation,
    person: PersonId,
    since: Time,
) -> Result<(i64, i64, Option<Time>)> {
    view.one(
        "SELECT count(CASE WHEN person = ?2 THEN 1 END), count(*), min(made_at) FROM message
         WHERE organisation = ?1 AND made_at > ?3 AND purpose = 'test'",
        &[&of, &person, &since],
    )
}

/// Whether there is such a message.
pub(super) fn is_known(view: &mut View, id: MessageId) -> Result<bool> {
    view.one("SELECT EXISTS (SELECT 1 FROM message WHERE id = ?1)", &[&id])
}

/// Erases what refused messages say once it is void, and removes what is older than `before`, a chunk at a time. How many rows went.
pub(super) fn sweep(tx: &mut Tx, now: Time, before: Time) -> Result<u64> {
    let erased = tx.run(
        "UPDATE message SET sealed = NULL
         WHERE id IN (SELECT id FROM message WHERE sealed IS NOT NULL AND next_at IS NULL AND ends_at <= ?1 ORDER BY ends_at LIMIT 500)",
        &[&now],
    )?;
    tx.run(
        "DELETE FROM message_step
         WHERE message IN (SELECT id FROM message WHERE made_at < ?1 AND next_at IS NULL ORDER BY made_at, id LIMIT 500)",
        &[&before],
    )?;
    let gone = tx.run(
        "DELETE FROM message
         WHERE id IN (SELECT id FROM message WHERE made_at < ?1 AND next_at IS NULL ORDER BY made_at, id LIMIT 500)",
        &[&before],
    )?;
    Ok(erased + gone)
}

/// Whether this node looks at the mail server now: one of all nodes, once every `every`.
pub(super) fn claim_probe(tx: &mut Tx, now: Time, due_before: Time) -> Result<bool> {
    let claimed: Option<i64> = tx.maybe(
        "INSERT INTO mail_probe (id, asked_at, told_at, since, is_up, place, said) VALUES (1, ?1, NULL, NULL, TRUE, '', '')
         ON CONFLICT (id) DO UPDATE SET asked_at = ?1 WHERE mail_probe.asked_at <= ?2
         RETURNING id",
        &[&now, &due_before],
    )?;
    Ok(claimed.is_some())
}

pub(super) fn write_probe(tx: &mut Tx, is_up: bool, place: &str, said: &str, now: Time) -> Result<()> {
    tx.run_one(
        "UPDATE mail_probe SET told_at = ?1, place = ?3, said = ?4,
           since = CASE WHEN mail_probe.since IS NULL OR mail_probe.is_up <> ?2 THEN ?1 ELSE mail_probe.since END, is_up = ?2
         WHERE id = 1",
        &[&now, &is_up, &place, &said],
    )
}

from_row!(Probe {
    told_at,
    since,
    is_up,
    place,
    said
});

pub(super) fn probe(view: &mut View) -> Result<Probe> {
    let row = view.maybe(
        "SELECT told_at, since, is_up, place, said FROM mail_probe WHERE id = 1",
        &[],
    )?;
    Ok(row.unwrap_or(Probe {
        is_up: true,
        ..Probe::default()
    }))
}
