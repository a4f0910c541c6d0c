//! The SQL of sign-ins under way. A row is found by the hash of the browser's secret alone, and claimed once.
//! Must never happen: a row that outlives its session, or one that two requests both claim.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{AuthenticatorId, Deployment, DeviceId, FlowId, OrganisationId, PersonId, Time};

/// A sign-in under way, as kept.
#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The id.
    pub id: FlowId,
    /// SHA-256 of the browser's secret.
    pub browser_hash: [u8; 32],
    /// Whose.
    pub person: PersonId,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// The person's epoch when the first factor passed.
    pub epoch: i64,
    /// The deployment's, likewise.
    pub deployment_epoch: i64,
    /// The version of the password that passed; none where a passkey did.
    pub password_version: Option<i64>,
    /// What was proved, in the words of the store.
    pub methods: String,
    /// On a shared or public device.
    pub is_shared: bool,
    /// The known device that it began on.
    pub device: Option<DeviceId>,
    /// The key that the device proved to hold.
    pub device_key: Option<Vec<u8>>,
    /// It had just made that key.
    pub is_key_fresh: bool,
    /// The device in words.
    pub device_label: String,
    /// The network that it began from.
    pub network: String,
    /// When the first factor passed.
    pub made_at: Time,
    /// When it ends.
    pub ends_at: Time,
    /// Codes that were tried.
    pub tries: i64,
    /// A code by mail came back.
    pub has_proved_mail: bool,
    /// The device was verified.
    pub is_device_verified: bool,
    /// The authenticator that is being added.
    pub enrolment: Option<AuthenticatorId>,
    /// HMAC of the code that was sent by mail.
    pub mail_hash: Option<[u8; 32]>,
    /// When it was sent.
    pub mail_sent_at: Option<Time>,
    /// How many were sent.
    pub mails: i64,
    /// Characters of the password that passed; none where a passkey did. No more are told apart than policies ask for.
    pub password_length: Option<i64>,
    /// A longer password is set another day.
    pub has_put_off: bool,
}
from_row!(Row {
    id,
    browser_hash,
    person,
    organisation,
    epoch,
    deployment_epoch,
    password_version,
    methods,
    is_shared,
    device,
    device_key,
    is_key_fresh,
    device_label,
    network,
    made_at,
    ends_at,
    tries,
    has_proved_mail,
    is_device_verified,
    enrolment,
    mail_hash,
    mail_sent_at,
    mails,
    password_length,
    has_put_off
});

/// Keeps a sign-in whose first factor has just passed.
pub fn insert(tx: &mut Tx, _: Deployment, row: &Row) -> Result<()> {
    tx.run_one(
        "INSERT INTO sign_in_flow (id, browser_hash, person, organisation, epoch, deployment_epoch, password_version, methods, is_shared, device, device_key, is_key_fresh,
           device_label, network, made_at, ends_at, tries, has_proved_mail, is_device_verified, enrolment, mail_hash, mail_sent_at, mails, mail_tries, password_length, has_put_off)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, FALSE, FALSE, NULL, NULL, NULL, 0, 0, ?17, FALSE)",
        &[
            &row.id, &row.browser_hash, &row.person, &row.organisation, &row.epoch, &row.deployment_epoch, &row.password_version, &row.methods, &row.is_shared,
            &row.device, &row.device_key, &row.is_key_fresh, &row.device_label, &row.network, &row.made_at, &row.ends_at, &row.password_length,
        ],
    )
}

/// The sign-in of this browser, while it lives.
pub fn find(view: &mut View, _: Deployment, browser_hash: &[u8; 32], now: Time) -> Result<Option<Row>> {
    view.maybe(
        "SELECT id, browser_hash, person, organisation, epoch, deployment_epoch, password_version, methods, is_shared, device, device_key, is_key_fresh, device_label, network,
           made_at, ends_at, tries, has_proved_mail, is_device_verified, enrolment, mail_hash, mail_sent_at, mails, password_length, has_put_off
         FROM sign_in_flow WHERE browser_hash = ?1 AND ends_at > ?2",
        &[browser_hash, &now],
    )
}

/// Counts the try of a code before it is looked at. None: there is no try left, or it is over.
pub fn count_try(tx: &mut Tx, _: Deployment, id: FlowId, most: i64, now: Time) -> Result<Option<i64>> {
    tx.maybe(
        "UPDATE sign_in_flow SET tries = tries + 1 WHERE id = ?1 AND tries < ?2 AND ends_at > ?3 RETURNING tries",
        &[&id, &most, &now],
    )
}

/// A code that was right costs no try.
pub fn return_try(tx: &mut Tx, _: Deployment, id: FlowId) -> Result<()> {
    tx.run(
        "UPDATE sign_in_flow SET tries = tries - 1 WHERE id = ?1 AND tries > 0",
        &[&id],
    )?;
    Ok(())
}

/// Keeps what was proved. False: it is over.
pub fn set_methods(tx: &mut Tx, _: Deployment, id: FlowId, methods: &str) -> Result<bool> {
    Ok(tx.run("UPDATE sign_in_flow SET methods = ?2 WHERE id = ?1", &[&id, &methods])? == 1)
}

/// Keeps that the device was verified. False: it is over.
pub fn verify_device(tx: &mut Tx, _: Deployment, id: FlowId) -> Result<bool> {
    let sql = "UPDATE sign_in_flow SET is_device_verified = TRUE WHERE id = ?1";
    Ok(tx.run(sql, &[&id])? == 1)
}

/// Keeps which authenticator is being added, unless another one is.
pub fn set_enrolment(tx: &mut Tx, _: Deployment, id: FlowId, authenticator: AuthenticatorId) -> Result<bool> {
    let sql = "UPDATE sign_in_flow SET enrolment = ?2 WHERE id = ?1 AND enrolment IS NULL";
    Ok(tx.run(sql, &[&id, &authenticator])? == 1)
}

/// Keeps the code of a new mail, and counts it: at most so many, and none so soon after the last. False: not now.
pub fn send_mail(
    tx: &mut Tx,
    _: Deployment,
    id: FlowId,
    hash: &[u8; 32],
    most: i64,
    unless_after: Time,
    now: Time,
) -> Result<bool> {
    let sent = tx.run(
        "UPDATE sign_in_flow SET mail_hash = ?2, mail_sent_at = ?5, mails = mails + 1
         WHERE id = ?1 AND mails < ?3 AND (mail_sent_at IS NULL OR mail_sent_at <= ?4) AND ends_at > ?5",
        &[&id, hash, &most, &unless_after, &now],
    )?;
    Ok(sent == 1)
}

/// Counts the try of a mail's code, then answers what it must hash to. None: no mail, no try left, or over.
pub fn try_mail(tx: &mut Tx, _: Deployment, id: FlowId, most: i64, now: Time) -> Result<Option<[u8; 32]>> {
    tx.maybe(
        "UPDATE sign_in_flow SET mail_tries = mail_tries + 1 WHERE id = ?1 AND mail_tries < ?2 AND mail_hash IS NOT NULL AND ends_at > ?3
         RETURNING mail_hash",
        &[&id, &most, &now],
    )
}

/// Spends the mail's code. False: it was spent, replaced, or all is over.
pub fn prove_mail(tx: &mut Tx, _: Deployment, id: FlowId, hash: &[u8; 32], methods: &str) -> Result<bool> {
    let proved = tx.run(
        "UPDATE sign_in_flow SET has_proved_mail = TRUE, mail_hash = NULL, methods = ?3 WHERE id = ?1 AND mail_hash = ?2",
        &[&id, hash, &methods],
    )?;
    Ok(proved == 1)
}

/// Keeps that a longer password is set another day.
pub fn put_off(tx: &mut Tx, _: Deployment, id: FlowId) -> Result<()> {
    tx.run("UPDATE sign_in_flow SET has_put_off = TRUE WHERE id = ?1", &[&id])?;
    Ok(())
}

/// The sign-in goes on with the password that was just set, which is long enough.
pub fn renew_password(tx: &mut Tx, _: Deployment, id: FlowId, version: i64) -> Result<()> {
    tx.run_one(
        "UPDATE sign_in_flow SET password_version = ?2, password_length = NULL WHERE id = ?1",
        &[&id, &version],
    )
}

/// Claims a sign-in whose last step was taken: of all who try at once one gets the person.
pub fn claim(tx: &mut Tx, _: Deployment, id: FlowId, now: Time) -> Result<Option<PersonId>> {
    tx.maybe(
        "DELETE FROM sign_in_flow WHERE id = ?1 AND ends_at > ?2 RETURNING person",
        &[&id, &now],
    )
}

/// Ends what is under way in this browser.
pub fn end(tx: &mut Tx, _: Deployment, browser_hash: &[u8; 32]) -> Result<()> {
    tx.run("DELETE FROM sign_in_flow WHERE browser_hash = ?1", &[browser_hash])?;
    Ok(())
}

/// Ends the oldest of a person's sign-ins on devices that are not known to them, beyond so many.
pub fn end_oldest(tx: &mut Tx, _: Deployment, person: PersonId, most: i64) -> Result<u64> {
    tx.run(
        "DELETE FROM sign_in_flow WHERE person = ?1 AND device IS NULL AND id NOT IN
           (SELECT id FROM sign_in_flow WHERE person = ?1 AND device IS NULL ORDER BY made_at DESC, id DESC LIMIT ?2)",
        &[&person, &most],
    )
}

/// A sign-in that was not gone through with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    /// Whose.
    pub person: PersonId,
    /// For which organisation.
    pub organisation: OrganisationId,
    /// The known device, where it was one.
    pub device: Option<DeviceId>,
    /// The device in words.
    pub device_label: String,
    /// The network.
    pub network: String,
    /// When it ended.
    pub ends_at: Time,
}
from_row!(Abandoned {
    person,
    organisation,
    device,
    device_label,
    network,
    ends_at
});

/// Removes what ended before this; at most so many at once. Answers what went.
pub fn sweep(tx: &mut Tx, _: Deployment, before: Time, most: i64) -> Result<Vec<Abandoned>> {
    tx.all(
        "DELETE FROM sign_in_flow WHERE id IN (SELECT id FROM sign_in_flow WHERE ends_at <= ?1 ORDER BY ends_at LIMIT ?2)
         RETURNING person, organisation, device, device_label, network, ends_at",
        &[&before, &most],
    )
}
