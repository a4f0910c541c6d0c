//! The SQL of the places that activity is sent to, and of the log of deliveries.
//! Must never happen: two nodes that deliver for one place at once; a place of another organisation.
use ground::{
    db::{Result, Tx, View},
    from_row,
};
use kernel::{Deployment, Organisation, OrganisationId, Time, WebhookId};
use uuid::Uuid;

/// A place that activity is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hook {
    pub organisation: OrganisationId,
    pub id: WebhookId,
    /// `webhook` or `syslog`.
    pub kind: String,
    pub name: String,
    /// Where it leads, without what may be a secret.
    pub place: String,
    /// Address and secret, sealed.
    pub sealed: Vec<u8>,
    pub is_on: bool,
    pub made_at: Time,
    /// The last event that arrived, or was left out.
    pub sent_seq: i64,
    /// The last line whose checkpoint arrived.
    pub sent_checkpoint: i64,
    /// How often in a row nothing arrived.
    pub tries: i64,
    pub failing_since: Option<Time>,
    /// That events were left out stands in the log.
    pub left_out_told: bool,
    /// What came of the last try.
    pub said: String,
    pub delivered_at: Option<Time>,
    /// When it is looked at next.
    pub next_at: Time,
}
from_row!(Hook {
    organisation,
    id,
    kind,
    name,
    place,
    sealed,
    is_on,
    made_at,
    sent_seq,
    sent_checkpoint,
    tries,
    failing_since,
    left_out_told,
    said,
    delivered_at,
    next_at
});

macro_rules! columns {
    () => {
        "organisation, id, kind, name, place, sealed, is_on, made_at, sent_seq, sent_checkpoint, tries, failing_since, left_out_told, said, delivered_at, next_at"
    };
}

/// The places of an organisation, oldest first.
pub(crate) fn all(view: &mut View, organisation: Organisation) -> Result<Vec<Hook>> {
    view.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM webhook WHERE organisation = ?1 ORDER BY made_at, id"
        ),
        &[&organisation.0],
    )
}

/// One of them.
pub(crate) fn one(view: &mut View, organisation: Organisation, id: WebhookId) -> Result<Option<Hook>> {
    view.maybe(
        concat!(
            "SELECT ",
            columns!(),
            " FROM webhook WHERE organisation = ?1 AND id = ?2"
        ),
        &[&organisation.0, &id],
    )
}

/// A new place.
pub(crate) struct NewHook<'a> {
    pub id: WebhookId,
    pub kind: &'a str,
    pub name: &'a str,
    pub place: &'a str,
    pub sealed: &'a [u8],
    /// Where the log stands now: what comes after it is sent.
    pub sent_seq: i64,
    pub sent_checkpoint: i64,
}

/// Keeps it.
pub(crate) fn make(tx: &mut Tx, organisation: Organisation, new: &NewHook, now: Time) -> Result<()> {
    tx.run_one(
        "INSERT INTO webhook (organisation, id, kind, name, place, sealed, is_on, made_at, sent_seq, sent_checkpoint, next_at, tries,
           failing_since, left_out_told, said, delivered_at, tested_at, lease)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, TRUE, ?7, ?8, ?9, ?7, 0, NULL, FALSE, '', NULL, NULL, NULL)",
        &[
            &organisation.0,
            &new.id,
            &new.kind,
            &new.name,
            &new.place,
            &new.sealed,
            &now,
            &new.sent_seq,
            &new.sent_checkpoint,
        ],
    )
}

/// Changes name, place and whether anything is sent. It is tried at once; who tries it at this moment does so in vain.
pub(crate) fn change(tx: &mut Tx, hook: &Hook, now: Time) -> Result<()> {
    tx.run_one(
        "UPDATE webhook SET kind = ?3, name = ?4, place = ?5, sealed = ?6, is_on = ?7, next_at = ?8, tries = 0, failing_since = NULL,
           left_out_told = FALSE, lease = NULL
         WHERE organisation = ?1 AND id = ?2",
        &[
            &hook.organisation,
            &hook.id,
            &hook.kind,
            &hook.name,
            &hook.place,
            &hook.sealed,
            &hook.is_on,
            &now,
        ],
    )
}

/// Removes it with its log. False: it was not there.
pub(crate) fn remove(tx: &mut Tx, organisation: Organisation, id: WebhookId) -> Result<bool> {
    tx.run(
        "DELETE FROM webhook_delivery WHERE organisation = ?1 AND webhook = ?2",
        &[&organisation.0, &id],
    )?;
    let gone = tx.run(
        "DELETE FROM webhook WHERE organisation = ?1 AND id = ?2",
        &[&organisation.0, &id],
    )?;
    Ok(gone == 1)
}

/// Removes all of an organisation.
pub(crate) fn remove_all(tx: &mut Tx, organisation: Organisation) -> Result<()> {
    tx.run(
        "DELETE FROM webhook_delivery WHERE organisation = ?1",
        &[&organisation.0],
    )?;
    tx.run("DELETE FROM webhook WHERE organisation = ?1", &[&organisation.0])?;
    Ok(())
}

/// Takes a test, where the last one is long enough ago.
pub(crate) fn claim_test(
    tx: &mut Tx,
    organisation: Organisation,
    id: WebhookId,
    before: Time,
    now: Time,
) -> Result<bool> {
    let claimed = tx.run(
        "UPDATE webhook SET tested_at = ?4 WHERE organisation = ?1 AND id = ?2 AND (tested_at IS NULL OR tested_at <= ?3)",
        &[&organisation.0, &id, &before, &now],
    )?;
    Ok(claimed == 1)
}

/// The places that have something to be sent and may be tried now, at most so many.
pub(crate) fn due(view: &mut View, _: Deployment, now: Time, most: u32) -> Result<Vec<(OrganisationId, WebhookId)>> {
    view.all(
        "SELECT webhook.organisation, webhook.id FROM webhook JOIN chain ON chain.stream = webhook.organisation
         WHERE webhook.is_on AND webhook.next_at <= ?1
           AND (chain.seq > webhook.sent_seq
             OR EXISTS (SELECT 1 FROM checkpoint WHERE checkpoint.stream = webhook.organisation AND checkpoint.seq > webhook.sent_checkpoint))
         ORDER BY webhook.next_at LIMIT ?2",
        &[&now, &most],
    )
}

/// Takes a place to deliver to: of all who try at once, one gets it, until the lease ends.
pub(crate) fn claim(
    tx: &mut Tx,
    (organisation, id): (OrganisationId, WebhookId),
    now: Time,
    lease: Uuid,
    until: Time,
) -> Result<Option<Hook>> {
    tx.maybe(
        concat!(
            "UPDATE webhook SET lease = ?4, next_at = ?5 WHERE organisation = ?1 AND id = ?2 AND is_on AND next_at <= ?3 RETURNING ",
            columns!()
        ),
        &[&organisation, &id, &now, &lease, &until],
    )
}

/// What came of a delivery.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub sent_seq: i64,
    pub sent_checkpoint: i64,
    pub next_at: Time,
    pub tries: i64,
    pub failing_since: Option<Time>,
    pub left_out_told: bool,
    pub said: String,
    pub delivered_at: Option<Time>,
}

/// Writes it, where the lease still holds.
pub(crate) fn settle(tx: &mut Tx, hook: &Hook, lease: Uuid, settled: &Settled) -> Result<bool> {
    let done = tx.run(
        "UPDATE webhook SET sent_seq = ?4, sent_checkpoint = ?5, next_at = ?6, tries = ?7, failing_since = ?8, left_out_told = ?9, said = ?10,
           delivered_at = ?11, lease = NULL
         WHERE organisation = ?1 AND id = ?2 AND lease = ?3",
        &[
            &hook.organisation,
            &hook.id,
            &lease,
            &settled.sent_seq,
            &settled.sent_checkpoint,
            &settled.next_at,
            &settled.tries,
            &settled.failing_since,
            &settled.left_out_told,
            &settled.said,
            &settled.delivered_at,
        ],
    )?;
    Ok(done == 1)
}

/// The last event behind this place that is older than this; none where the next one is young enough.
pub(crate) fn last_before(
    view: &mut View,
    organisation: OrganisationId,
    seq: i64,
    before: Time,
) -> Result<Option<i64>> {
    view.one(
        "SELECT max(seq) FROM event WHERE stream = ?1 AND seq > ?2 AND at < ?3",
        &[&organisation, &seq, &before],
    )
}

/// A line of the log of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub id: Uuid,
    pub at: Time,
    pub is_test: bool,
    /// The first and last event that it held; nought where it held none.
    pub first_seq: i64,
    pub last_seq: i64,
    /// `delivered`, `failed` or `left-out`.
    pub outcome: String,
    pub said: String,
    pub took_ms: i64,
}
from_row!(Delivery {
    id,
    at,
    is_test,
    first_seq,
    last_seq,
    outcome,
    said,
    took_ms
});

/// Writes a line into the log of deliveries, where its place is still there.
pub(crate) fn log(tx: &mut Tx, organisation: OrganisationId, hook: WebhookId, delivery: &Delivery) -> Result<()> {
    tx.run(
        "INSERT INTO webhook_delivery (organisation, webhook, id, at, is_test, first_seq, last_seq, outcome, said, took_ms)
         SELECT organisation, id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM webhook WHERE organisation = ?1 AND id = ?2",
        &[
            &organisation,
            &hook,
            &delivery.id,
            &delivery.at,
            &delivery.is_test,
            &delivery.first_seq,
            &delivery.last_seq,
            &delivery.outcome,
            &delivery.said,
            &delivery.took_ms,
        ],
    )?;
    Ok(())
}

/// The latest deliveries of a place, newest first, behind the one that was last.
pub(crate) fn deliveries(
    view: &mut View,
    organisation: Organisation,
    hook: WebhookId,
    before: Option<Uuid>,
    most: u32,
) -> Result<Vec<Delivery>> {
    view.all(
        "SELECT id, at, is_test, first_seq, last_seq, outcome, said, took_ms FROM webhook_delivery
         WHERE organisation = ?1 AND webhook = ?2 AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4",
        &[&organisation.0, &hook, &before, &most],
    )
}

/// Takes old lines away, at most so many at once; says how many.
pub(crate) fn sweep(tx: &mut Tx, _: Deployment, before: Time, most: u32) -> Result<u64> {
    tx.run(
        "DELETE FROM webhook_delivery WHERE (organisation, webhook, id) IN
           (SELECT organisation, webhook, id FROM webhook_delivery WHERE at < ?1 ORDER BY at LIMIT ?2)",
        &[&before, &most],
    )
}

/// The places of an organisation that have not taken anything for a while: name and since when.
pub(crate) fn failing(
    view: &mut View,
    organisation: Organisation,
    since: Time,
) -> Result<Vec<(WebhookId, String, Time)>> {
    view.all(
        "SELECT id, name, failing_since FROM webhook WHERE organisation = ?1 AND is_on AND failing_since <= ?2 ORDER BY failing_since, id",
        &[&organisation.0, &since],
    )
}
