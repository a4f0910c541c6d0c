//! The SQL of how long activity is kept.
use ground::db::{Result, Tx, View};
use kernel::{Organisation, Time};

/// The days that an organisation has set.
pub(crate) fn days(view: &mut View, organisation: Organisation) -> Result<Option<i64>> {
    view.maybe("SELECT days FROM retention WHERE organisation = ?1", &[&organisation.0])
}

/// Sets them.
pub(crate) fn set_days(tx: &mut Tx, organisation: Organisation, days: i64, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO retention (organisation, days, changed_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (organisation) DO UPDATE SET days = excluded.days, changed_at = excluded.changed_at",
        &[&organisation.0, &days, &now],
    )
}

/// Forgets them.
pub(crate) fn forget(tx: &mut Tx, organisation: Organisation) -> Result<()> {
    tx.run("DELETE FROM retention WHERE organisation = ?1", &[&organisation.0])?;
    Ok(())
}
