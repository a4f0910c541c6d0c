//! The SQL of roles and who holds them.
use ground::db::{Result, Tx, View};
use kernel::{Action, Authorizer, Chance, Grant, Holder, Organisation, PersonId, RoleId, Time};

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

/// Who may do this in an organisation, by the roles that they hold; at most 100 of each role, disabled people left out.
pub fn holders(
    view: &mut View,
    organisation: Organisation,
    authorizer: &dyn Authorizer,
    action: Action,
) -> Result<Vec<PersonId>> {
    let roles: Vec<(RoleId, String, bool)> = view.all(
        "SELECT id, name, is_built_in FROM role WHERE organisation = ?1 ORDER BY id",
        &[&organisation.0],
    )?;
    let mut holders = Vec::new();
    for (role, name, is_built_in) in roles {
        let grant = Grant {
            role,
            name,
            is_built_in,
        };
        let holder = Holder {
            person: PersonId(uuid::Uuid::nil()),
            organisation: organisation.0,
            grants: vec![grant],
        };
        if authorizer.decide(&holder, action).allowed {
            let people: Vec<PersonId> = view.all(
                "SELECT membership_role.person FROM membership_role JOIN person ON person.id = membership_role.person
                 WHERE membership_role.organisation = ?1 AND membership_role.role = ?2 AND person.disabled_at IS NULL
                 ORDER BY membership_role.person LIMIT 100",
                &[&organisation.0, &role],
            )?;
            holders.extend(people);
        }
    }
    holders.sort_unstable();
    holders.dedup();
    Ok(holders)
}

/// Whether this person is an owner of the organisation, and whether another one could act.
pub fn ownership(view: &mut View, organisation: Organisation, person: PersonId) -> Result<(bool, bool)> {
    let (own, others): (i64, i64) = view.one(
        "SELECT COUNT(*) FILTER (WHERE person.id = ?2), COUNT(*) FILTER (WHERE person.id <> ?2 AND person.disabled_at IS NULL)
         FROM membership_role JOIN role ON role.organisation = membership_role.organisation AND role.id = membership_role.role
         JOIN person ON person.id = membership_role.person
         WHERE membership_role.organisation = ?1 AND role.is_built_in AND role.name = ?3",
        &[&organisation.0, &person, &OWNER],
    )?;
    Ok((own > 0, others > 0))
}
