//! The SQL with which the operator names an organisation on the command line.
use ground::db::{Result, View};
use kernel::{Deployment, OrganisationId};

/// The organisation that runs this server: the first one without a parent. Nothing before set-up.
pub fn first(view: &mut View, _: Deployment) -> Result<Option<OrganisationId>> {
    view.maybe(
        "SELECT id FROM organisation WHERE parent IS NULL AND purged_at IS NULL ORDER BY made_at, id LIMIT 1",
        &[],
    )
}

/// The organisations and customers of this name, whatever its case; two at most, since one is wanted.
pub fn called(view: &mut View, _: Deployment, name: &str) -> Result<Vec<OrganisationId>> {
    view.all(
        "SELECT id FROM organisation WHERE name_folded = ?1 AND deleted_at IS NULL AND purged_at IS NULL ORDER BY id LIMIT 2",
        &[&name.to_lowercase()],
    )
}
