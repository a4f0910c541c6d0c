//! The SQL of the deployment's sealed secrets and of the fingerprint of the key that seals them.
use crate::db::{Result, Tx, View};
use kernel::Time;

/// What a new deployment would keep.
pub(super) struct Fresh {
    pub fingerprint: Vec<u8>,
    pub data: Vec<u8>,
    pub pepper: Vec<u8>,
    pub now: Time,
}

/// The fingerprint of the key that seals this store; none in an empty one.
pub(super) fn fingerprint(view: &mut View) -> Result<Option<Vec<u8>>> {
    view.maybe("SELECT key_fingerprint FROM deployment WHERE id = 1", &[])
}

/// Keeps the fresh secrets where there are none, and answers what is kept: fingerprint, data key, pepper with its id.
/// Two nodes that start on an empty store at once: the first one's rows stay, both read them back.
pub(super) fn keep(tx: &mut Tx, fresh: &Fresh) -> Result<(Vec<u8>, Vec<u8>, (i64, Vec<u8>))> {
    tx.run(
        "INSERT INTO deployment (id, epoch, made_at, owner_at, key_fingerprint) VALUES (1, 1, ?1, NULL, ?2) ON CONFLICT (id) DO NOTHING",
        &[&fresh.now, &fresh.fingerprint],
    )?;
    for (name, sealed) in [("data", &fresh.data), ("pepper", &fresh.pepper)] {
        tx.run(
            "INSERT INTO sealed_secret (name, id, sealed, made_at) VALUES (?1, 1, ?2, ?3) ON CONFLICT (name, id) DO NOTHING",
            &[&name, sealed, &fresh.now],
        )?;
    }
    let fingerprint = tx.one("SELECT key_fingerprint FROM deployment WHERE id = 1", &[])?;
    let data = tx.one(
        "SELECT sealed FROM sealed_secret WHERE name = 'data' ORDER BY id DESC LIMIT 1",
        &[],
    )?;
    let pepper = tx.one(
        "SELECT id, sealed FROM sealed_secret WHERE name = 'pepper' ORDER BY id DESC LIMIT 1",
        &[],
    )?;
    Ok((fingerprint, data, pepper))
}
