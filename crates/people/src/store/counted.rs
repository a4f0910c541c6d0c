//! The SQL that counts accounts by what they prove themselves with, for Home. From an index alone.
use ground::db::{Result, View};
use kernel::{Kinds, Organisation};

/// How many accounts at home in an organisation have which kinds of authenticators; disabled ones are not counted.
pub fn count_by_kinds(view: &mut View, organisation: Organisation) -> Result<Vec<(Kinds, i64)>> {
    view.all(
        "SELECT factors, COUNT(*) AS people FROM person WHERE home_organisation = ?1 AND disabled_at IS NULL GROUP BY factors",
        &[&organisation.0],
    )
}
