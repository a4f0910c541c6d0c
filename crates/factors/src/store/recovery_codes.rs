//! The SQL of recovery codes. Must never happen: a code that lets in twice.
use crate::Recipe;
use ground::db::{Result, Tx, View};
use kernel::{AuthenticatorId, Deployment};

/// Keeps a set.
pub fn keep(tx: &mut Tx, _: Deployment, set: AuthenticatorId, recipe: &Recipe, hashes: &[[u8; 32]]) -> Result<()> {
    tx.run_one(
        "INSERT INTO recovery_code_set (authenticator, recipe, pepper) VALUES (?1, ?2, ?3)",
        &[&set, &recipe.head, &recipe.pepper],
    )?;
    for hash in hashes {
        tx.run_one(
            "INSERT INTO recovery_code (authenticator, hash) VALUES (?1, ?2)",
            &[&set, hash],
        )?;
    }
    Ok(())
}

/// How the codes of a set are hashed.
pub fn recipe(view: &mut View, _: Deployment, set: AuthenticatorId) -> Result<Option<Recipe>> {
    let row: Option<(String, i64)> = view.maybe(
        "SELECT recipe, pepper FROM recovery_code_set WHERE authenticator = ?1",
        &[&set],
    )?;
    Ok(row.map(|(head, pepper)| Recipe { head, pepper }))
}

/// The hashes that are left of a set.
pub fn hashes(view: &mut View, _: Deployment, set: AuthenticatorId) -> Result<Vec<Vec<u8>>> {
    view.all("SELECT hash FROM recovery_code WHERE authenticator = ?1", &[&set])
}

/// Spends a code. False: it was spent meanwhile, or its set replaced.
pub fn claim(tx: &mut Tx, _: Deployment, set: AuthenticatorId, hash: &[u8]) -> Result<bool> {
    let claimed = tx.run(
        "DELETE FROM recovery_code WHERE authenticator = ?1 AND hash = ?2",
        &[&set, &hash],
    )?;
    Ok(claimed == 1)
}
