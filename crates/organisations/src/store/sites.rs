//! The SQL of sites: the places of an organisation. Each has at least one.
use super::tree::Named;
use ground::db::{Result, Tx, View};
use kernel::{Organisation, SiteId, Time};

/// Adds a site.
pub fn add_site(tx: &mut Tx, organisation: Organisation, id: SiteId, name: &str, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO site (organisation, id, name, name_folded, made_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[&organisation.0, &id, &name, &name.to_lowercase(), &now],
    )
}

/// The sites of an organisation in the order of their making, so that the first one stays first.
pub fn sites(view: &mut View, organisation: Organisation, most: i64) -> Result<Vec<Named<SiteId>>> {
    let rows: Vec<(SiteId, String)> = view.all(
        "SELECT id, name FROM site WHERE organisation = ?1 ORDER BY made_at, id LIMIT ?2",
        &[&organisation.0, &most],
    )?;
    Ok(rows.into_iter().map(|(id, name)| Named { id, name }).collect())
}

/// What a site of this organisation is called; none where it is another's.
pub fn site_name(view: &mut View, organisation: Organisation, site: SiteId) -> Result<Option<String>> {
    view.maybe(
        "SELECT name FROM site WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &site],
    )
}

/// Whether this is a site of the organisation.
pub fn has_site(view: &mut View, organisation: Organisation, site: SiteId) -> Result<bool> {
    Ok(site_name(view, organisation, site)?.is_some())
}

/// A site of this name, whatever its capitals.
pub fn site_named(view: &mut View, organisation: Organisation, name: &str) -> Result<Option<SiteId>> {
    view.maybe(
        "SELECT id FROM site WHERE organisation = ?1 AND name_folded = ?2 ORDER BY id LIMIT 1",
        &[&organisation.0, &name.to_lowercase()],
    )
}

/// Gives a site another name. False: it is not there.
pub fn rename_site(tx: &mut Tx, organisation: Organisation, site: SiteId, name: &str) -> Result<bool> {
    let renamed = tx.run(
        "UPDATE site SET name = ?3, name_folded = ?4 WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &site, &name, &name.to_lowercase()],
    )?;
    Ok(renamed == 1)
}

/// Removes a site, unless it is the last one. Under the organisation's lock. False: it is the last one, or not there.
pub fn remove_site(tx: &mut Tx, organisation: Organisation, site: SiteId) -> Result<bool> {
    let removed = tx.run(
        "DELETE FROM site WHERE organisation = ?1 AND id = ?2
           AND EXISTS (SELECT 1 FROM site AS other WHERE other.organisation = ?1 AND other.id <> ?2)",
        &[&organisation.0, &site],
    )?;
    Ok(removed == 1)
}
