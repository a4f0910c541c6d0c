//! The SQL of the tree: an organisation, its customers, and what becomes of one that is suspended or deleted.
//! Must never happen: a customer of one organisation found for another.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, Organisation, OrganisationId, SiteId, Time};

/// What a new organisation is made of.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// Its id.
    pub id: OrganisationId,
    /// The one above, whose customer it is.
    pub parent: Option<OrganisationId>,
    /// Its name.
    pub name: String,
    /// Its first site: every organisation has one.
    pub site: SiteId,
}

/// Makes an organisation with its first site.
pub fn create(tx: &mut Tx, _: Deployment, new: &NewOrganisation, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO organisation (id, parent, name, name_folded, contact, logo, logo_kind, made_at, suspended_at, deleted_at, purged_at)
         VALUES (?1, ?2, ?3, ?4, '', NULL, NULL, ?5, NULL, NULL, NULL)",
        &[&new.id, &new.parent, &new.name, &new.name.to_lowercase(), &now],
    )?;
    super::add_site(tx, Organisation(new.id), new.site, "Main site", now)
}

/// Whether an organisation lets people in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does.
    Active,
    /// It was suspended and lets nobody in until it is resumed.
    Suspended,
    /// It was deleted, lets nobody in, and can be brought back for a time.
    Deleted,
}

impl State {
    /// The word in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        }
    }
}

/// An organisation, shut or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The id.
    pub id: OrganisationId,
    /// The one above.
    pub parent: Option<OrganisationId>,
    /// The name.
    pub name: String,
    /// When it was made.
    pub made_at: Time,
    /// When it was suspended.
    pub suspended_at: Option<Time>,
    /// When it was deleted.
    pub deleted_at: Option<Time>,
}
from_row!(Found {
    id,
    parent,
    name,
    made_at,
    suspended_at,
    deleted_at
});

impl Found {
    /// Whether it lets people in.
    pub const fn state(&self) -> State {
        match (self.deleted_at, self.suspended_at) {
            (Some(_), _) => State::Deleted,
            (None, Some(_)) => State::Suspended,
            (None, None) => State::Active,
        }
    }
}

/// An organisation by its id, unless everything of it is gone.
pub fn find(view: &mut View, _: Deployment, id: OrganisationId) -> Result<Option<Found>> {
    view.maybe(
        "SELECT id, parent, name, made_at, suspended_at, deleted_at FROM organisation WHERE id = ?1 AND purged_at IS NULL",
        &[&id],
    )
}

/// An id with its name, for choosers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<I> {
    /// The id.
    pub id: I,
    /// The name.
    pub name: String,
}

/// The customers of an organisation that were not deleted, by name.
pub fn customers(view: &mut View, organisation: Organisation, most: i64) -> Result<Vec<Named<OrganisationId>>> {
    let rows: Vec<(OrganisationId, String)> = view.all(
        "SELECT id, name FROM organisation WHERE parent = ?1 AND deleted_at IS NULL ORDER BY name_folded COLLATE \"C\", id LIMIT ?2",
        &[&organisation.0, &most],
    )?;
    Ok(rows.into_iter().map(|(id, name)| Named { id, name }).collect())
}

/// What a customer of this organisation is called; none where it is another's, deleted, or not there.
pub fn customer_name(view: &mut View, organisation: Organisation, customer: OrganisationId) -> Result<Option<String>> {
    view.maybe(
        "SELECT name FROM organisation WHERE parent = ?1 AND id = ?2 AND deleted_at IS NULL",
        &[&organisation.0, &customer],
    )
}

/// Whether this is a customer of the organisation that was not deleted.
pub fn is_customer(view: &mut View, organisation: Organisation, customer: OrganisationId) -> Result<bool> {
    Ok(customer_name(view, organisation, customer)?.is_some())
}

/// A customer of this name, whatever its capitals, deleted ones apart.
pub fn customer_named(view: &mut View, organisation: Organisation, name: &str) -> Result<Option<OrganisationId>> {
    view.maybe(
        "SELECT id FROM organisation WHERE parent = ?1 AND name_folded = ?2 AND deleted_at IS NULL ORDER BY id LIMIT 1",
        &[&organisation.0, &name.to_lowercase()],
    )
}

/// A line of the list of customers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The organisation.
    pub found: Found,
    /// Its name as it is sorted.
    pub folded: String,
}

impl ground::db::FromRow for Listed {
    fn from_row(row: &ground::db::Row<'_>) -> Result<Self> {
        Ok(Self {
            found: Found::from_row(row)?,
            folded: row.get("name_folded")?,
        })
    }
}

/// Where a list goes on: after this name and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// The name as it is sorted.
    pub folded: String,
    /// The id.
    pub id: OrganisationId,
}

/// The customers of an organisation by name, deleted ones that can be brought back among them; those with this in their name, after that one.
pub fn list_customers(
    view: &mut View,
    organisation: Organisation,
    search: Option<&str>,
    after: Option<&After>,
    most: i64,
) -> Result<Vec<Listed>> {
    let pattern = search.map(pattern);
    let (folded, id) = (after.map(|after| after.folded.clone()), after.map(|after| after.id));
    view.all(
        "SELECT id, parent, name, made_at, suspended_at, deleted_at, name_folded FROM organisation
         WHERE parent = ?1 AND purged_at IS NULL AND (?2 IS NULL OR name_folded LIKE ?2 ESCAPE '\\')
           AND (?3 IS NULL OR (name_folded COLLATE \"C\", id) > (?3, ?4))
         ORDER BY name_folded COLLATE \"C\", id LIMIT ?5",
        &[&organisation.0, &pattern, &folded, &id, &most],
    )
}

/// Whatever has this in it, whatever its capitals.
fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Gives an organisation another name.
pub fn rename(tx: &mut Tx, organisation: Organisation, name: &str) -> Result<()> {
    tx.run_one(
        "UPDATE organisation SET name = ?2, name_folded = ?3 WHERE id = ?1",
        &[&organisation.0, &name, &name.to_lowercase()],
    )
}

/// Puts an organisation below another one, or on its own.
pub fn set_parent(tx: &mut Tx, organisation: Organisation, parent: Option<OrganisationId>) -> Result<()> {
    tx.run_one(
        "UPDATE organisation SET parent = ?2 WHERE id = ?1",
        &[&organisation.0, &parent],
    )
}

/// Opens or shuts an organisation. What is brought back is open, too.
pub fn set_state(tx: &mut Tx, organisation: Organisation, state: State, now: Time) -> Result<()> {
    let (suspended_at, deleted_at) = match state {
        State::Active => (None, None),
        State::Suspended => (Some(now), None),
        State::Deleted => (None, Some(now)),
    };
    tx.run_one(
        "UPDATE organisation SET suspended_at = ?2, deleted_at = ?3 WHERE id = ?1 AND purged_at IS NULL",
        &[&organisation.0, &suspended_at, &deleted_at],
    )
}

/// Organisations that were deleted before this and are still there; at most so many.
pub fn gone_since(view: &mut View, _: Deployment, before: Time, most: i64) -> Result<Vec<Found>> {
    view.all(
        "SELECT id, parent, name, made_at, suspended_at, deleted_at FROM organisation
         WHERE deleted_at <= ?1 AND purged_at IS NULL ORDER BY deleted_at, id LIMIT ?2",
        &[&before, &most],
    )
}

/// Takes away all of an organisation that stands in this capability's tables. Its row stays without a name, since the log is kept under its id.
pub fn purge(tx: &mut Tx, organisation: Organisation, now: Time) -> Result<()> {
    tx.run("DELETE FROM site WHERE organisation = ?1", &[&organisation.0])?;
    tx.run("DELETE FROM policy WHERE organisation = ?1", &[&organisation.0])?;
    tx.run_one(
        "UPDATE organisation SET name = '', name_folded = '', contact = '', logo = NULL, logo_kind = NULL, purged_at = ?2
         WHERE id = ?1 AND deleted_at IS NOT NULL",
        &[&organisation.0, &now],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_no_pattern_of_its_own() {
        assert_eq!(pattern("Ä%b_c\\"), "%ä\\%b\\_c\\\\%");
    }
}
