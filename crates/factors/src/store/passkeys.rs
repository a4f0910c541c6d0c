//! The passkeys and the ceremonies under way. For `passkeys` alone.
//! Must never happen: a ceremony used twice, or by somebody else than it was begun for; a counter that is set back.
use ground::{
    db::{Lock, Result, Tx, View},
    from_row,
};
use kernel::{AuthenticatorId, CeremonyId, Deployment, PersonId, Time};
use uuid::Uuid;

/// A passkey as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRow {
    /// Its line in the list of authenticators.
    pub authenticator: AuthenticatorId,
    /// Whose it is.
    pub person: PersonId,
    /// Its name.
    pub name: String,
    /// Its id, as authenticators know it.
    pub credential_id: Vec<u8>,
    /// The key, sealed.
    pub credential: Vec<u8>,
    /// How browsers reach it, in their words.
    pub transports: String,
    /// The counter of its last use.
    pub sign_count: u32,
}
from_row!(PasskeyRow {
    authenticator,
    person,
    name,
    credential_id,
    credential,
    transports,
    sign_count
});

/// What a new passkey is made of, beside its line in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    /// Its line in the list.
    pub authenticator: AuthenticatorId,
    /// Whose it is.
    pub person: PersonId,
    /// Its id.
    pub credential_id: Vec<u8>,
    /// The key, sealed.
    pub credential: Vec<u8>,
    /// The product that it says it is.
    pub model: Uuid,
    /// How browsers reach it.
    pub transports: String,
    /// Its counter.
    pub sign_count: u32,
}

/// The passkeys of a person, oldest first.
pub fn of_person(view: &mut View, _: Deployment, person: PersonId) -> Result<Vec<PasskeyRow>> {
    view.all(
        "SELECT passkey.authenticator, passkey.person, authenticator.name, passkey.credential_id, passkey.credential, passkey.transports,
           passkey.sign_count
         FROM passkey JOIN authenticator ON authenticator.id = passkey.authenticator WHERE passkey.person = ?1 ORDER BY passkey.authenticator",
        &[&person],
    )
}

/// The passkey of this id, whosever it is.
pub fn find(view: &mut View, _: Deployment, credential_id: &[u8]) -> Result<Option<PasskeyRow>> {
    view.maybe(
        "SELECT passkey.authenticator, passkey.person, authenticator.name, passkey.credential_id, passkey.credential, passkey.transports,
           passkey.sign_count
         FROM passkey JOIN authenticator ON authenticator.id = passkey.authenticator WHERE passkey.credential_id = ?1",
        &[&credential_id],
    )
}

/// Keeps a passkey with its line in the list. False: its id is taken, and nothing was kept.
pub fn keep(tx: &mut Tx, _: Deployment, new: &NewRow, name: &str, now: Time) -> Result<bool> {
    tx.run_one(
        "INSERT INTO authenticator (id, person, kind, name, made_at, confirmed_at, reviewed_at) VALUES (?1, ?2, 'passkey', ?3, ?4, ?4, ?4)",
        &[&new.authenticator, &new.person, &name, &now],
    )?;
    let kept = tx.run(
        "INSERT INTO passkey (authenticator, person, credential_id, credential, model, transports, sign_count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (credential_id) DO NOTHING",
        &[
            &new.authenticator,
            &new.person,
            &new.credential_id,
            &new.credential,
            &new.model,
            &new.transports,
            &new.sign_count,
        ],
    )?;
    if kept == 0 {
        tx.run_one("DELETE FROM authenticator WHERE id = ?1", &[&new.authenticator])?;
    }
    Ok(kept == 1)
}

/// Moves the counter on and keeps what the key told anew. False: the passkey is gone, or this use is not newer than the last.
pub fn advance(
    tx: &mut Tx,
    _: Deployment,
    authenticator: AuthenticatorId,
    credential: &[u8],
    sign_count: u32,
    now: Time,
) -> Result<bool> {
    let moved = tx.run(
        "UPDATE passkey SET credential = ?2, sign_count = ?3
         WHERE authenticator = ?1 AND (sign_count < ?3 OR (sign_count = 0 AND ?3 = 0))",
        &[&authenticator, &credential, &sign_count],
    )?;
    if moved == 1 {
        tx.run_one(
            "UPDATE authenticator SET used_at = ?2 WHERE id = ?1",
            &[&authenticator, &now],
        )?;
    }
    Ok(moved == 1)
}

/// What a ceremony is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new passkey.
    Enrol,
    /// The door: nobody knows yet who comes.
    SignIn,
    /// A person who is known proves themselves.
    Confirm,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::SignIn => "sign-in",
            Self::Confirm => "confirm",
        }
    }
}

/// A ceremony that begins.
#[derive(Debug, Clone)]
pub struct Ceremony {
    /// Its id.
    pub id: CeremonyId,
    /// What it is for.
    pub purpose: Purpose,
    /// The network that asks; the person, where one is known.
    pub key: Vec<u8>,
    /// The session or flow that it belongs to.
    pub binding: Vec<u8>,
    /// What the library needs again, sealed.
    pub state: Vec<u8>,
    /// How many of this key may be under way.
    pub most: i64,
}

/// Keeps a ceremony until its end. Ended ones go, and the oldest of this key where there are too many.
pub fn begin(tx: &mut Tx, _: Deployment, new: &Ceremony, now: Time, ends_at: Time) -> Result<()> {
    let purpose = new.purpose.name();
    tx.lock(Lock::on("passkey-ceremony", &[purpose.as_bytes(), &new.key].concat()))?;
    tx.run(
        "DELETE FROM passkey_ceremony WHERE id IN (SELECT id FROM passkey_ceremony WHERE ends_at <= ?1 ORDER BY ends_at LIMIT 100)",
        &[&now],
    )?;
    let alive: i64 = tx.one(
        "SELECT count(*) FROM passkey_ceremony WHERE kind = ?1 AND key = ?2",
        &[&purpose, &new.key],
    )?;
    let surplus = alive + 1 - new.most;
    if surplus > 0 {
        tx.run(
            "DELETE FROM passkey_ceremony WHERE id IN (
                 SELECT id FROM passkey_ceremony WHERE kind = ?1 AND key = ?2 ORDER BY made_at, id LIMIT ?3)",
            &[&purpose, &new.key, &surplus],
        )?;
    }
    tx.run_one(
        "INSERT INTO passkey_ceremony (id, kind, key, binding, state, made_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[&new.id, &purpose, &new.key, &new.binding, &new.state, &now, &ends_at],
    )
}

/// Spends the ceremony of the door: one of all who try gets its state.
pub fn claim_open(tx: &mut Tx, _: Deployment, id: CeremonyId, now: Time) -> Result<Option<Vec<u8>>> {
    tx.maybe(
        "DELETE FROM passkey_ceremony WHERE id = ?1 AND kind = 'sign-in' AND ends_at > ?2 RETURNING state",
        &[&id, &now],
    )
}

/// Spends a ceremony that belongs to this person and session or flow.
pub fn claim_own(
    tx: &mut Tx,
    _: Deployment,
    id: CeremonyId,
    purpose: Purpose,
    person: PersonId,
    binding: &[u8],
    now: Time,
) -> Result<Option<Vec<u8>>> {
    let key = person.0.as_bytes().to_vec();
    tx.maybe(
        "DELETE FROM passkey_ceremony WHERE id = ?1 AND kind = ?2 AND key = ?3 AND binding = ?4 AND ends_at > ?5 RETURNING state",
        &[&id, &purpose.name(), &key, &binding, &now],
    )
}
