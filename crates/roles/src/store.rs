//! The SQL of roles and who holds them.
use ground::db::{Result, Tx, View};
use kernel::{Chance, Grant, Organisation, PersonId, RoleId, Time};

/// The role that may do everything.
pub const OWNER: &str = "Owner";
/// The roles that every organisation has from the start.
pub const BUILT_IN: [&str; 6] = [
    OWNER,
    "Administrator",
    "Technician",
    "Help desk",
    "Auditor",
    "No access",
];

/// Fresh ids for the built-in roles of one organisation, drawn outside the transaction.
pub fn seed_ids(now: Time, chance: &Chance) -> [RoleId; 6] {
    std::array::from_fn(|_| RoleId::new(now, chance))
}

/// Gives an organisation its built-in roles.
pub fn seed(tx: &mut Tx, organisation: Organisation, ids: &[RoleId; 6]) -> Result<()> {
    for (name, id) in BUILT_IN.iter().zip(ids) {
        tx.run_one(
            "INSERT INTO role (organisation, id, name, is_built_in) VALUES (?1, ?2, ?3, TRUE)",
            &[&organisation.0, id, name],
        )?;
    }
    Ok(())
}

/// Gives a member the built-in role of this name.
pub fn hold_by_name(tx: &mut Tx, organisation: Organisation, person: PersonId, role: &str) -> Result<()> {
    tx.run_one(
        "INSERT INTO membership_role (organisation, person, role)
         SELECT organisation, ?2, id FROM role WHERE organisation = ?1 AND name = ?3 AND is_built_in",
        &[&organisation.0, &person, &role],
    )
}

/// The roles that a person holds in an organisation.
pub fn grants(view: &mut View, organisation: Organisation, person: PersonId) -> Result<Vec<Grant>> {
    let rows: Vec<(RoleId, String, bool)> = view.all(
        "SELECT role.id, role.name, role.is_built_in FROM membership_role
         JOIN role ON role.organisation = membership_role.organisation AND role.id = membership_role.role
         WHERE membership_role.organisation = ?1 AND membership_role.person = ?2 ORDER BY role.id",
        &[&organisation.0, &person],
    )?;
    Ok(rows
        .into_iter()
        .map(|(role, name, is_built_in)| Grant {
            role,
            name,
            is_built_in,
        })
        .collect())
}
