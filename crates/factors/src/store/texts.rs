//! The SQL of codes in text messages, and of how many were sent. Whatever reads and then writes holds the person's lock.
//! Must never happen: a code that is good for another request; one that lets in twice; a message that is not counted.
use crate::decide::text::Sent;
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{AuthenticatorId, Deployment, MessageId, OrganisationId, PersonId, Time};
use uuid::Uuid;

/// A code on its way.
#[derive(Debug, Clone)]
pub struct TextCode {
    /// Its id.
    pub id: Uuid,
    /// To which phone.
    pub authenticator: AuthenticatorId,
    /// HMAC of the code, with its request and phone.
    pub hash: Vec<u8>,
    /// The message that carries it.
    pub message: MessageId,
    /// When it was sent.
    pub made_at: Time,
    /// When it ends.
    pub ends_at: Time,
}
from_row!(TextCode {
    id,
    authenticator,
    hash,
    message,
    made_at,
    ends_at
});

/// Keeps a code.
pub fn keep(tx: &mut Tx, _: Deployment, code: &TextCode, request: &[u8; 32]) -> Result<()> {
    tx.run_one(
        "INSERT INTO text_code (id, authenticator, request, hash, message, made_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[&code.id, &code.authenticator, request, &code.hash, &code.message, &code.made_at, &code.ends_at],
    )
}

/// The codes of a request, the newest first, ended ones too.
pub fn of_request(view: &mut View, _: Deployment, request: &[u8; 32]) -> Result<Vec<TextCode>> {
    view.all(
        "SELECT id, authenticator, hash, message, made_at, ends_at FROM text_code WHERE request = ?1 ORDER BY made_at DESC, id DESC LIMIT 50",
        &[request],
    )
}

/// Spends a code, and with it all others of its request. False: it has ended or was spent meanwhile.
pub fn claim(tx: &mut Tx, _: Deployment, id: Uuid, request: &[u8; 32], now: Time) -> Result<bool> {
    let claimed = tx.run("DELETE FROM text_code WHERE id = ?1 AND ends_at > ?2", &[&id, &now])? == 1;
    if claimed {
        tx.run("DELETE FROM text_code WHERE request = ?1", &[request])?;
    }
    Ok(claimed)
}

/// Counts a message.
pub fn count(
    tx: &mut Tx,
    _: Deployment,
    id: Uuid,
    (person, number_key, organisation): (PersonId, &[u8; 32], OrganisationId),
    now: Time,
) -> Result<()> {
    tx.run_one(
        "INSERT INTO text_sent (id, person, number_key, organisation, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[&id, &person, number_key, &organisation, &now],
    )
}

fn sent((count, first_at): (u32, Option<Time>)) -> Sent {
    Sent { count, first_at }
}

/// Messages of a person since then.
pub fn of_person(view: &mut View, _: Deployment, person: PersonId, since: Time) -> Result<Sent> {
    let found = view.one(
        "SELECT count(*), min(at) FROM text_sent WHERE person = ?1 AND at > ?2",
        &[&person, &since],
    )?;
    Ok(sent(found))
}

/// Messages to a number since then.
pub fn to_number(view: &mut View, _: Deployment, number_key: &[u8; 32], since: Time) -> Result<Sent> {
    let found = view.one(
        "SELECT count(*), min(at) FROM text_sent WHERE number_key = ?1 AND at > ?2",
        &[number_key, &since],
    )?;
    Ok(sent(found))
}

/// Messages of an organisation since then.
pub fn of_organisation(view: &mut View, _: Deployment, organisation: OrganisationId, since: Time) -> Result<Sent> {
    let found = view.one(
        "SELECT count(*), min(at) FROM text_sent WHERE organisation = ?1 AND at > ?2",
        &[&organisation, &since],
    )?;
    Ok(sent(found))
}
