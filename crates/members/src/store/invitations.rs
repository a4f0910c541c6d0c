//! The SQL of invitations. One that is taken up or withdrawn is gone.
use ground::{
    cursor::ByName,
    db::{FromRow, Result, Row, Tx, View},
    from_row,
};
use kernel::{
    Deployment, InvitationId, Language, MessageId, Organisation, OrganisationId, PersonId, RoleId, Scope, SiteId, Time,
};
use roles::Wanted;
use uuid::Uuid;

/// An invitation, without what opens it.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    /// The organisation that invites.
    pub organisation: OrganisationId,
    /// Its id, which becomes that of the account.
    pub id: InvitationId,
    /// The name, as whoever invited wrote it.
    pub name: String,
    /// The address, as written.
    pub email: String,
    /// The address, as looked up.
    pub email_canonical: String,
    /// What it is sorted by.
    pub sort_name: String,
    /// What the mail is written in.
    pub language: Language,
    /// Who invited.
    pub invited_by: PersonId,
    /// Mails so far.
    pub sent: i64,
    /// When the last one was sent.
    pub sent_at: Time,
    /// When it ends.
    pub ends_at: Time,
}
from_row!(Invitation {
    organisation,
    id,
    name,
    email,
    email_canonical,
    sort_name,
    language,
    invited_by,
    sent,
    sent_at,
    ends_at
});

macro_rules! invitation_columns {
    () => {
        "SELECT organisation, id, name, email, email_canonical, sort_name, language, invited_by, sent, sent_at, ends_at FROM invitation WHERE "
    };
}

/// What a new invitation is made of.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub id: InvitationId,
    pub name: String,
    pub email: people::Email,
    pub language: Language,
    pub invited_by: PersonId,
    pub opens: Opens,
}

/// What opens an invitation, as it is kept, and the mail that brings it.
#[derive(Debug, Clone)]
pub(crate) struct Opens {
    pub link_hash: [u8; 32],
    pub code_hash: [u8; 32],
    pub message: MessageId,
    pub at: Time,
    pub ends_at: Time,
}

/// Keeps a new invitation with what it gives.
pub(crate) fn insert(tx: &mut Tx, organisation: Organisation, new: &New, gives: &[Wanted]) -> Result<()> {
    let (sort_name, opens) = (people::folded(&new.name), &new.opens);
    tx.run_one(
        "INSERT INTO invitation (organisation, id, name, email, email_canonical, sort_name, search, language, invited_by, link_hash, code_hash,
           code_tries, opened_hash, message, sent, made_at, sent_at, ends_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, NULL, ?12, 1, ?13, ?13, ?14)",
        &[
            &organisation.0,
            &new.id,
            &new.name,
            &new.email.written,
            &new.email.canonical,
            &sort_name,
            &format!("{sort_name} {}", new.email.canonical),
            &new.language,
            &new.invited_by,
            &opens.link_hash,
            &opens.code_hash,
            &opens.message,
            &opens.at,
            &opens.ends_at,
        ],
    )?;
    for wanted in gives {
        let (kind, scope) = scope_columns(organisation, wanted.scope);
        tx.run(
            "INSERT INTO invitation_grant (organisation, invitation, role, scope_kind, scope) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (organisation, invitation, role, scope_kind, scope) DO NOTHING",
            &[&organisation.0, &new.id, &wanted.role, &kind, &scope],
        )?;
    }
    Ok(())
}

fn scope_columns(organisation: Organisation, scope: Scope) -> (&'static str, Uuid) {
    match scope {
        Scope::Everything => ("everything", organisation.0.0),
        Scope::Customer(id) => ("customer", id.0),
        Scope::Site(id) => ("site", id.0),
    }
}

struct Gives {
    role: RoleId,
    scope_kind: String,
    scope: Uuid,
}

impl FromRow for Gives {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            role: row.get("role")?,
            scope_kind: row.get("scope_kind")?,
            scope: row.get("scope")?,
        })
    }
}

/// What an invitation gives.
pub(crate) fn gives(view: &mut View, organisation: Organisation, id: InvitationId) -> Result<Vec<Wanted>> {
    let rows: Vec<Gives> = view.all(
        "SELECT role, scope_kind, scope FROM invitation_grant WHERE organisation = ?1 AND invitation = ?2 ORDER BY role, scope",
        &[&organisation.0, &id],
    )?;
    let wanted = |row: Gives| {
        let scope = match row.scope_kind.as_str() {
            "everything" => Scope::Everything,
            "customer" => Scope::Customer(OrganisationId(row.scope)),
            "site" => Scope::Site(SiteId(row.scope)),
            // Of a newer program: what is not understood gives nothing.
            _ => return None,
        };
        Some(Wanted { role: row.role, scope })
    };
    Ok(rows.into_iter().filter_map(wanted).collect())
}

/// Invited people behind this place, by name; at most so many.
pub(crate) fn list(
    view: &mut View,
    organisation: Organisation,
    pattern: Option<&String>,
    after: &ByName,
    most: i64,
) -> Result<Vec<Invitation>> {
    view.all(
        concat!(
            invitation_columns!(),
            "organisation = ?1 AND (sort_name, id) > (?2, ?3) AND (?4 IS NULL OR search LIKE ?4 ESCAPE '\\') ORDER BY sort_name, id LIMIT ?5"
        ),
        &[&organisation.0, &after.sort_name, &after.id, &pattern.cloned(), &most],
    )
}

/// One invitation of an organisation.
pub(crate) fn find(view: &mut View, organisation: Organisation, id: InvitationId) -> Result<Option<Invitation>> {
    view.maybe(
        concat!(invitation_columns!(), "organisation = ?1 AND id = ?2"),
        &[&organisation.0, &id],
    )
}

/// The invitation of an organisation to this address.
pub(crate) fn to_address(view: &mut View, organisation: Organisation, canonical: &str) -> Result<Option<Invitation>> {
    view.maybe(
        concat!(invitation_columns!(), "organisation = ?1 AND email_canonical = ?2"),
        &[&organisation.0, &canonical],
    )
}

/// The invitation that this link opens: the one in the mail, or the one that the right code opened.
pub(crate) fn by_link(view: &mut View, _: Deployment, hash: &[u8; 32]) -> Result<Option<Invitation>> {
    view.maybe(
        concat!(invitation_columns!(), "link_hash = ?1 OR opened_hash = ?1"),
        &[hash],
    )
}

/// Whether a member of the organisation has this address.
pub(crate) fn is_member(view: &mut View, organisation: Organisation, canonical: &str) -> Result<bool> {
    let found: Option<PersonId> = view.maybe(
        "SELECT membership.person FROM person JOIN membership ON membership.organisation = ?1 AND membership.person = person.id
         WHERE person.email_canonical = ?2",
        &[&organisation.0, &canonical],
    )?;
    Ok(found.is_some())
}

/// How many of an organisation's invitations were made since then.
pub(crate) fn made_since(view: &mut View, organisation: Organisation, since: Time) -> Result<i64> {
    view.one(
        "SELECT COUNT(*) FROM invitation WHERE organisation = ?1 AND made_at > ?2",
        &[&organisation.0, &since],
    )
}

/// Gives an invitation another link and code for its next mail; what opened it before is worth nothing.
pub(crate) fn renew(tx: &mut Tx, organisation: Organisation, id: InvitationId, opens: &Opens, sent: i64) -> Result<()> {
    tx.run_one(
        "UPDATE invitation SET link_hash = ?3, code_hash = ?4, code_tries = 0, opened_hash = NULL, message = ?5, sent = ?6, sent_at = ?7, ends_at = ?8
         WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id, &opens.link_hash, &opens.code_hash, &opens.message, &sent, &opens.at, &opens.ends_at],
    )
}

/// Takes an invitation away: withdrawn, or taken up. False: somebody else was faster.
pub(crate) fn claim(tx: &mut Tx, organisation: Organisation, id: InvitationId) -> Result<bool> {
    tx.run(
        "DELETE FROM invitation_grant WHERE organisation = ?1 AND invitation = ?2",
        &[&organisation.0, &id],
    )?;
    let gone = tx.run(
        "DELETE FROM invitation WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id],
    )?;
    Ok(gone == 1)
}

/// An invitation whose code was tried.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    pub organisation: OrganisationId,
    pub id: InvitationId,
    pub code_hash: Vec<u8>,
}
from_row!(Tried {
    organisation,
    id,
    code_hash
});

/// Counts a try of the codes of this address before they are looked at. The codes that may still be right.
pub(crate) fn try_codes(tx: &mut Tx, _: Deployment, canonical: &str, most: i64, now: Time) -> Result<Vec<Tried>> {
    tx.all(
        "UPDATE invitation SET code_tries = code_tries + 1
         WHERE email_canonical = ?1 AND ends_at > ?2 AND code_hash IS NOT NULL AND code_tries < ?3 RETURNING organisation, id, code_hash",
        &[&canonical, &now, &most],
    )
}

/// The right code was typed: from now on this link opens the invitation, beside the one in the mail, and the code is spent.
pub(crate) fn open_by_code(tx: &mut Tx, tried: &Tried, opened_hash: &[u8; 32]) -> Result<()> {
    tx.run_one(
        "UPDATE invitation SET opened_hash = ?3, code_hash = NULL WHERE organisation = ?1 AND id = ?2",
        &[&tried.organisation, &tried.id, opened_hash],
    )
}

/// Removes what ended before this moment; at most so many at once. Answers how many.
pub(crate) fn sweep(tx: &mut Tx, _: Deployment, ended_before: Time, most: i64) -> Result<u64> {
    tx.run(
        "DELETE FROM invitation_grant WHERE invitation IN (SELECT id FROM invitation WHERE ends_at < ?1 ORDER BY ends_at, id LIMIT ?2)",
        &[&ended_before, &most],
    )?;
    tx.run(
        "DELETE FROM invitation WHERE id IN (SELECT id FROM invitation WHERE ends_at < ?1 ORDER BY ends_at, id LIMIT ?2)",
        &[&ended_before, &most],
    )
}
