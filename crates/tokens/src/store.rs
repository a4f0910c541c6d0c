//! The SQL of API keys.
use crate::decide::{Key, Wanted};
use ground::{
    db::{FromRow, Result, Row, Tx, View},
    from_row,
};
use kernel::{ApiKeyId, Deployment, Organisation, OrganisationId, Permissions, PersonId, Scope, SiteId, Span, Time};
use uuid::Uuid;

/// A key that has ended is shown so long; then it goes.
const KEPT_FOR: Span = Span::days(30);

struct KeyRow {
    id: ApiKeyId,
    organisation: OrganisationId,
    person: PersonId,
    name: String,
    permissions: i64,
    scope_kind: String,
    scope: Uuid,
    made_at: Time,
    ends_at: Time,
    used_at: Option<Time>,
    used_from: String,
}
from_row!(KeyRow {
    id,
    organisation,
    person,
    name,
    permissions,
    scope_kind,
    scope,
    made_at,
    ends_at,
    used_at,
    used_from
});

impl FromRow for Key {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let row = KeyRow::from_row(row)?;
        let (permissions, scope) = match row.scope_kind.as_str() {
            "everything" => (Permissions::from_bits(row.permissions), Scope::Everything),
            "customer" => (
                Permissions::from_bits(row.permissions),
                Scope::Customer(OrganisationId(row.scope)),
            ),
            "site" => (Permissions::from_bits(row.permissions), Scope::Site(SiteId(row.scope))),
            // Of a newer program: what is not understood allows nothing.
            _ => (Permissions::NONE, Scope::Everything),
        };
        Ok(Self {
            id: row.id,
            organisation: row.organisation,
            person: row.person,
            name: row.name,
            permissions,
            scope,
            made_at: row.made_at,
            ends_at: row.ends_at,
            used_at: row.used_at,
            used_from: row.used_from,
        })
    }
}

fn scope_columns(organisation: OrganisationId, scope: Scope) -> (&'static str, Uuid) {
    match scope {
        Scope::Everything => ("everything", organisation.0),
        Scope::Customer(id) => ("customer", id.0),
        Scope::Site(id) => ("site", id.0),
    }
}

/// Keeps a new key. Those that ended long ago go.
pub(crate) fn insert(
    tx: &mut Tx,
    organisation: Organisation,
    person: PersonId,
    (id, hash): (ApiKeyId, &[u8; 32]),
    wanted: &Wanted,
    now: Time,
) -> Result<()> {
    tx.run(
        "DELETE FROM api_key WHERE hash IN (SELECT hash FROM api_key WHERE ends_at <= ?1 ORDER BY ends_at LIMIT 100)",
        &[&(now - KEPT_FOR)],
    )?;
    let (scope_kind, scope) = scope_columns(organisation.0, wanted.scope);
    tx.run_one(
        "INSERT INTO api_key (organisation, id, person, hash, name, permissions, scope_kind, scope, made_at, ends_at, used_at, used_from)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, '')",
        &[
            &organisation.0,
            &id,
            &person,
            hash,
            &wanted.name,
            &wanted.permissions.bits(),
            &scope_kind,
            &scope,
            &now,
            &wanted.ends_at,
        ],
    )
}

/// The key of this hash, whatever it is still worth: this runs with every call that brings one.
pub(crate) fn by_hash(view: &mut View, _: Deployment, hash: &[u8; 32]) -> Result<Option<Key>> {
    view.maybe(
        "SELECT id, organisation, person, name, permissions, scope_kind, scope, made_at, ends_at, used_at, used_from FROM api_key WHERE hash = ?1",
        &[hash],
    )
}

/// The keys of a person in an organisation, the newest first.
pub(crate) fn of_person(view: &mut View, organisation: Organisation, person: PersonId) -> Result<Vec<Key>> {
    view.all(
        "SELECT id, organisation, person, name, permissions, scope_kind, scope, made_at, ends_at, used_at, used_from FROM api_key
         WHERE person = ?1 AND organisation = ?2 ORDER BY id DESC LIMIT 200",
        &[&person, &organisation.0],
    )
}

/// How many keys of a person in an organisation have not ended.
pub(crate) fn count_living(view: &mut View, organisation: Organisation, person: PersonId, now: Time) -> Result<i64> {
    view.one(
        "SELECT COUNT(*) FROM api_key WHERE person = ?1 AND organisation = ?2 AND ends_at > ?3",
        &[&person, &organisation.0, &now],
    )
}

/// Ends a key of this person. Its name, where there was one: of two who end it at once, one.
pub(crate) fn end(tx: &mut Tx, organisation: Organisation, person: PersonId, id: ApiKeyId) -> Result<Option<String>> {
    tx.maybe(
        "DELETE FROM api_key WHERE organisation = ?1 AND id = ?2 AND person = ?3 RETURNING name",
        &[&organisation.0, &id, &person],
    )
}

/// Keeps that a key was used. Nothing where it was ended meanwhile.
pub(crate) fn touch(tx: &mut Tx, organisation: Organisation, id: ApiKeyId, network: &str, now: Time) -> Result<()> {
    tx.run(
        "UPDATE api_key SET used_at = ?3, used_from = ?4 WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id, &now, &network],
    )?;
    Ok(())
}

/// Ends every key of a member, as part of the transaction that ends the membership. Answers how many.
pub fn end_of_member(tx: &mut Tx, organisation: Organisation, person: PersonId) -> Result<u64> {
    tx.run(
        "DELETE FROM api_key WHERE person = ?1 AND organisation = ?2",
        &[&person, &organisation.0],
    )
}

/// Ends every key of a person in all organisations, as part of the transaction that is the reason. Answers how many.
pub fn end_of_person(tx: &mut Tx, _: Deployment, person: PersonId) -> Result<u64> {
    tx.run("DELETE FROM api_key WHERE person = ?1", &[&person])
}

/// Ends every key of an organisation that goes for good.
pub fn end_of_organisation(tx: &mut Tx, organisation: Organisation) -> Result<u64> {
    tx.run("DELETE FROM api_key WHERE organisation = ?1", &[&organisation.0])
}
