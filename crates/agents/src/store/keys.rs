//! The SQL of installation keys, as people see them.
use super::Sites;
use crate::decide::key::Wanted;
use ground::{
    cursor::Place,
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, InstallationKeyId, Organisation, OrganisationId, PersonId, SiteId, Time};
use uuid::Uuid;

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub id: InstallationKeyId,
    pub hint: String,
    pub site: SiteId,
    pub uses: i64,
    pub used: i64,
    pub ends_at: Time,
    pub is_preapproved: bool,
    pub network: String,
    pub os: String,
    pub note: String,
    pub unseen_hours: i64,
    pub made_by: PersonId,
    pub made_at: Time,
    pub revoked_at: Option<Time>,
    pub revoked_by: Option<PersonId>,
}
from_row!(Key {
    id,
    hint,
    site,
    uses,
    used,
    ends_at,
    is_preapproved,
    network,
    os,
    note,
    unseen_hours,
    made_by,
    made_at,
    revoked_at,
    revoked_by
});

/// A place in the list of keys, the newest first: ids grow with time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyPlace(Uuid);

impl KeyPlace {
    /// Behind this key.
    pub(crate) fn of(key: &Key) -> Self {
        Self(key.id.0)
    }
}
impl Place for KeyPlace {
    fn bytes(&self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }
}

/// Keeps a new key.
pub(crate) fn insert_key(
    tx: &mut Tx,
    organisation: Organisation,
    (id, hash, hint): (InstallationKeyId, &[u8; 32], &str),
    (site, wanted): (SiteId, &Wanted),
    (by, now): (PersonId, Time),
) -> Result<()> {
    tx.run_one(
        "INSERT INTO installation_key (organisation, id, hash, hint, site, note, uses, used, is_preapproved, network, os, unseen_hours,
           made_by, made_at, ends_at, used_at, revoked_at, revoked_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11, ?12, ?13, ?14, NULL, NULL, NULL)",
        &[
            &organisation.0,
            &id,
            hash,
            &hint,
            &site,
            &wanted.note,
            &wanted.uses,
            &wanted.is_preapproved,
            &wanted.network,
            &wanted.os,
            &wanted.unseen_hours,
            &by,
            &now,
            &wanted.ends_at,
        ],
    )
}

/// A key of this organisation.
pub(crate) fn key(view: &mut View, organisation: Organisation, id: InstallationKeyId) -> Result<Option<Key>> {
    view.maybe(
        "SELECT id, hint, site, uses, used, ends_at, is_preapproved, network, os, note, unseen_hours, made_by, made_at, revoked_at, revoked_by
         FROM installation_key WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id],
    )
}

/// The keys of these sites behind a place, the newest first.
pub(crate) fn keys(
    view: &mut View,
    organisation: Organisation,
    sites: &Sites,
    after: Option<&KeyPlace>,
    limit: u32,
) -> Result<Vec<Key>> {
    let before = after.map_or(Uuid::max(), |place| place.0);
    let Sites::Some(sites) = sites else {
        return view.all(
            "SELECT id, hint, site, uses, used, ends_at, is_preapproved, network, os, note, unseen_hours, made_by, made_at, revoked_at,
               revoked_by
             FROM installation_key WHERE organisation = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
            &[&organisation.0, &before, &limit],
        );
    };
    // A role that is limited names few sites; each has its part of the index.
    let mut keys: Vec<Key> = Vec::new();
    for site in sites {
        let some: Vec<Key> = view.all(
            "SELECT id, hint, site, uses, used, ends_at, is_preapproved, network, os, note, unseen_hours, made_by, made_at, revoked_at,
               revoked_by
             FROM installation_key WHERE organisation = ?1 AND site = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4",
            &[&organisation.0, site, &before, &limit],
        )?;
        keys.extend(some);
    }
    keys.sort_by_key(|key| std::cmp::Reverse(key.id.0));
    keys.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(keys)
}

/// Keys of some sites that a machine can be paired with now, each with the name of its site, the newest first. There are at most 200 living ones.
pub(crate) fn usable_keys(
    view: &mut View,
    organisation: Organisation,
    is_wanted: impl Fn(SiteId) -> bool,
    now: Time,
    most: usize,
) -> Result<Vec<(Key, String)>> {
    let keys: Vec<Key> = view.all(
        "SELECT id, hint, site, uses, used, ends_at, is_preapproved, network, os, note, unseen_hours, made_by, made_at, revoked_at, revoked_by
         FROM installation_key WHERE organisation = ?1 AND revoked_at IS NULL AND ends_at > ?2 AND used < uses ORDER BY id DESC LIMIT 200",
        &[&organisation.0, &now],
    )?;
    let mut named = Vec::new();
    for key in keys.into_iter().filter(|key| is_wanted(key.site)).take(most) {
        let site = organisations::site_name(view, organisation, key.site)?.unwrap_or_default();
        named.push((key, site));
    }
    Ok(named)
}

/// How many keys of an organisation are alive.
pub(crate) fn count_living_keys(view: &mut View, organisation: Organisation, now: Time) -> Result<i64> {
    view.one(
        "SELECT COUNT(*) FROM installation_key WHERE organisation = ?1 AND revoked_at IS NULL AND ends_at > ?2",
        &[&organisation.0, &now],
    )
}

/// Forgets keys that ended before this, and what was refused with them; at most so many. Answers how many.
pub(crate) fn sweep_keys(tx: &mut Tx, _: Deployment, before: Time, most: i64) -> Result<u64> {
    let ended: Vec<(OrganisationId, InstallationKeyId)> = tx.all(
        "SELECT organisation, id FROM installation_key WHERE ends_at < ?1 ORDER BY ends_at LIMIT ?2",
        &[&before, &most],
    )?;
    for (organisation, id) in &ended {
        tx.run(
            "DELETE FROM pairing_refusal WHERE organisation = ?1 AND installation_key = ?2",
            &[organisation, id],
        )?;
        tx.run(
            "DELETE FROM installation_key WHERE organisation = ?1 AND id = ?2",
            &[organisation, id],
        )?;
    }
    Ok(u64::try_from(ended.len()).unwrap_or(0))
}

/// Revokes a key. False: it was revoked before.
pub(crate) fn revoke_key(
    tx: &mut Tx,
    organisation: Organisation,
    id: InstallationKeyId,
    by: PersonId,
    now: Time,
) -> Result<bool> {
    let revoked = tx.run(
        "UPDATE installation_key SET revoked_at = ?3, revoked_by = ?4 WHERE organisation = ?1 AND id = ?2 AND revoked_at IS NULL",
        &[&organisation.0, &id, &now, &by],
    )?;
    Ok(revoked == 1)
}
