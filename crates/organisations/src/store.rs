//! The SQL of organisations, sites, policies and the deployment's own row.
use crate::decide::SessionPolicy;
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, Organisation, OrganisationId, SiteId, Span, Time};

/// What a new organisation is made of.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its first site: every organisation has one.
    pub site: SiteId,
}

/// Makes an organisation with its first site.
pub fn create(tx: &mut Tx, _: Deployment, new: &NewOrganisation, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO organisation (id, parent, name, contact, logo, logo_kind, made_at) VALUES (?1, NULL, ?2, '', NULL, NULL, ?3)",
        &[&new.id, &new.name, &now],
    )?;
    tx.run_one(
        "INSERT INTO site (organisation, id, name, made_at) VALUES (?1, ?2, ?3, ?4)",
        &[&new.id, &new.site, &"Main site", &now],
    )
}

/// What a session needs to know of its organisation and deployment.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The organisation's name.
    pub name: String,
    /// How long its sessions last.
    pub sessions: SessionPolicy,
    /// The deployment's epoch: a restore raises it.
    pub epoch: i64,
}

/// An organisation's standing, in one statement: this runs with every request.
pub fn standing(view: &mut View, organisation: Organisation) -> Result<Option<Standing>> {
    let row: Option<(String, Option<i64>, Option<i64>, i64)> = view.maybe(
        "SELECT organisation.name, policy.lock_minutes, policy.end_minutes, deployment.epoch
         FROM organisation JOIN deployment ON deployment.id = 1 LEFT JOIN policy ON policy.organisation = organisation.id
         WHERE organisation.id = ?1",
        &[&organisation.0],
    )?;
    Ok(row.map(|(name, lock, end, epoch)| Standing {
        name,
        sessions: SessionPolicy::from_minutes(lock, end),
        epoch,
    }))
}

/// The shortest time after which a session of any organisation ends: no younger one can be over by its age.
pub fn shortest_end(view: &mut View, _: Deployment) -> Result<Span> {
    let minutes: Option<i64> = view.one("SELECT min(end_minutes) FROM policy", &[])?;
    Ok(SessionPolicy::from_minutes(None, minutes)
        .end_for
        .min(SessionPolicy::default().end_for))
}

/// The deployment's epoch.
pub fn epoch(view: &mut View, _: Deployment) -> Result<i64> {
    view.one("SELECT epoch FROM deployment WHERE id = 1", &[])
}

/// What the pages before a session show of the organisation that runs this server: the first one without a parent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AtTheDoor {
    /// Its name.
    pub name: String,
    /// Whom to ask.
    pub contact: String,
    /// Whether there is a logo, at `/logo`.
    pub has_logo: bool,
}
from_row!(AtTheDoor {
    name,
    contact,
    has_logo
});

/// What stands at the door; nothing before set-up.
pub fn at_the_door(view: &mut View, _: Deployment) -> Result<AtTheDoor> {
    let found = view.maybe(
        "SELECT name, contact, logo IS NOT NULL AS has_logo FROM organisation WHERE parent IS NULL ORDER BY made_at, id LIMIT 1",
        &[],
    )?;
    Ok(found.unwrap_or_default())
}

/// The logo at the door: its media type and bytes.
pub fn logo(view: &mut View, _: Deployment) -> Result<Option<(String, Vec<u8>)>> {
    let row: Option<(Option<String>, Option<Vec<u8>>)> = view.maybe(
        "SELECT logo_kind, logo FROM organisation WHERE parent IS NULL ORDER BY made_at, id LIMIT 1",
        &[],
    )?;
    Ok(row.and_then(|(kind, bytes)| kind.zip(bytes)))
}

/// What the settings page changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsRow {
    /// The organisation's name.
    pub name: String,
    /// Whom to ask, shown at the door.
    pub contact: String,
    /// Whether there is a logo.
    pub has_logo: bool,
}
from_row!(SettingsRow {
    name,
    contact,
    has_logo
});

/// The organisation's settings.
pub fn settings(view: &mut View, organisation: Organisation) -> Result<SettingsRow> {
    view.one(
        "SELECT name, contact, logo IS NOT NULL AS has_logo FROM organisation WHERE id = ?1",
        &[&organisation.0],
    )
}

/// Changes name and contact.
pub fn change_settings(tx: &mut Tx, organisation: Organisation, name: &str, contact: &str) -> Result<()> {
    tx.run_one(
        "UPDATE organisation SET name = ?2, contact = ?3 WHERE id = ?1",
        &[&organisation.0, &name, &contact],
    )
}

/// Sets or removes the logo.
pub fn change_logo(tx: &mut Tx, organisation: Organisation, logo: Option<(&'static str, Vec<u8>)>) -> Result<()> {
    let (kind, bytes) = logo.map_or((None, None), |(kind, bytes)| (Some(kind.to_owned()), Some(bytes)));
    tx.run_one(
        "UPDATE organisation SET logo_kind = ?2, logo = ?3 WHERE id = ?1",
        &[&organisation.0, &kind, &bytes],
    )
}

/// Whether there has ever been an owner. From then on set-up is gone for good.
pub fn has_had_owner(view: &mut View, _: Deployment) -> Result<bool> {
    view.one("SELECT owner_at IS NOT NULL AS had FROM deployment WHERE id = 1", &[])
}

/// Keeps the hash of a new set-up link. Refused (false) once there has ever been an owner.
pub fn make_setup_link(tx: &mut Tx, _: Deployment, hash: &[u8; 32], now: Time, ends_at: Time) -> Result<bool> {
    tx.run("DELETE FROM setup_link WHERE ends_at <= ?1", &[&now])?;
    let made = tx.run(
        "INSERT INTO setup_link (hash, made_at, ends_at) SELECT ?1, ?2, ?3 FROM deployment WHERE id = 1 AND owner_at IS NULL",
        &[hash, &now, &ends_at],
    )?;
    Ok(made == 1)
}

/// Whether this link still opens set-up.
pub fn setup_link_is_good(view: &mut View, _: Deployment, hash: &[u8; 32], now: Time) -> Result<bool> {
    let found: Option<i64> = view.maybe(
        "SELECT setup_link.ends_at FROM setup_link JOIN deployment ON deployment.id = 1
         WHERE setup_link.hash = ?1 AND setup_link.ends_at > ?2 AND deployment.owner_at IS NULL",
        &[hash, &now],
    )?;
    Ok(found.is_some())
}

/// Closes set-up for ever: of all who try at once, one gets true. All links end.
pub fn close_setup(tx: &mut Tx, _: Deployment, now: Time) -> Result<bool> {
    let closed = tx.run(
        "UPDATE deployment SET owner_at = ?1 WHERE id = 1 AND owner_at IS NULL",
        &[&now],
    )? == 1;
    if closed {
        tx.run("DELETE FROM setup_link", &[])?;
    }
    Ok(closed)
}
