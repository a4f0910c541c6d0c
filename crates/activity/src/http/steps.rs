//! What is done to the places that activity is sent to, for the page and the API alike: found, made, changed, tested, removed.
//! Must never happen: a change that the activity does not tell of; a secret or a whole address in what it tells.
use super::{Activity, done};
use crate::{
    courier::Tested,
    hook::{self, Kept},
    store::{
        self,
        hooks::{self, Delivery, Hook, NewHook},
    },
};
use axum::http::StatusCode;
use ground::{
    Ask, Failure, Ground, Permit,
    db::{self, Lock, Tx, View},
    form::Path,
    journal,
    outward::Target,
};
use kernel::{EventKind, FieldError, Organisation, Reason, Span, Stream, WebhookId, act};
use uuid::Uuid;

/// Places of one organisation.
pub(super) const MOST: usize = 10;
/// Tests of one place are so far apart.
const TESTS_APART: Span = Span::seconds(10);

pub(super) type Sending = Ask<act::ChangeWebhooks>;
/// A place as a path names it.
pub(super) type Named = Result<Path<String>, Failure>;

/// The id in the path. None: it is none, and so nothing is there.
pub(super) fn id_of(id: Named) -> Option<WebhookId> {
    id.ok().and_then(|Path(id)| id.parse().ok())
}

/// The place of this id.
pub(super) fn one(view: &mut View, of: Organisation, id: Option<WebhookId>) -> db::Result<Option<Hook>> {
    id.map_or(Ok(None), |id| hooks::one(view, of, id))
}

/// A page of what became of its deliveries, newest first, and before which the next one goes on.
pub(super) fn sent(
    view: &mut View,
    of: Organisation,
    id: WebhookId,
    before: Option<Uuid>,
    most: u32,
) -> db::Result<(Vec<Delivery>, Option<Uuid>)> {
    let mut sent = hooks::deliveries(view, of, id, before, most.saturating_add(1))?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let is_more = sent.len() > most;
    sent.truncate(most);
    let next = sent.last().filter(|_| is_more).map(|last| last.id);
    Ok((sent, next))
}

/// What was typed, checked.
pub(super) fn check(
    name: Option<&str>,
    url: Option<&str>,
) -> Result<(Option<String>, Option<Target>), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut keep = |error| errors.push(error);
    let name = name.and_then(|name| hook::check_name(name).map_err(&mut keep).ok());
    let url = url.and_then(|url| hook::check_url(url).map_err(&mut keep).ok());
    if errors.is_empty() {
        Ok((name, url))
    } else {
        Err(errors)
    }
}

/// A new place, and its secret. Err: there are enough.
pub(super) async fn make(
    state: &Activity,
    ask: &Sending,
    name: String,
    target: Target,
) -> Result<(Permit<act::ChangeWebhooks>, Result<(WebhookId, Kept), Reason>), Failure> {
    let ground = state.house.ground.clone();
    let (id, kept) = (
        WebhookId::new(ground.now(), &ground.chance),
        Kept::new(&target, &ground.chance),
    );
    let (sealed, secret) = (kept.seal(&ground), kept.clone());
    let work = move |tx: &mut Tx, permit: &Permit<act::ChangeWebhooks>| {
        let (of, now) = (Organisation(permit.caller().organisation), permit.now());
        tx.lock(Lock::on("webhooks", of.0.0.as_bytes()))?;
        if hooks::all(tx, of)?.len() >= MOST {
            return Ok(Err(Reason::FarEndTooMany));
        }
        let newest = journal::newest_checkpoint(tx, Stream::Organisation(of.0))?;
        let place = target.place();
        let new = NewHook {
            id,
            kind: hook::kind(&target),
            name: &name,
            place: &place,
            sealed: &sealed,
            sent_seq: store::head(tx, of)?,
            sent_checkpoint: newest.map_or(0, |checkpoint| checkpoint.seq),
        };
        hooks::make(tx, of, &new, now)?;
        let detail = format!("{name}, {place}");
        journal::append(tx, &done(&ground, permit.caller(), EventKind::WebhookMade, now, detail))?;
        Ok(Ok(()))
    };
    let (permit, made) = state.house.write(ask, None, work).await?;
    Ok((permit, made.map(|()| (id, secret))))
}

/// What is to be another.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    pub name: Option<String>,
    pub target: Option<Target>,
    pub is_on: Option<bool>,
    /// A new secret.
    pub renews: bool,
}

/// Changes a place. Answers its secret where that is new.
pub(super) async fn change(
    state: &Activity,
    ask: &Sending,
    id: Option<WebhookId>,
    change: Change,
) -> Result<Option<Kept>, Failure> {
    let ground = state.house.ground.clone();
    // Drawn outside, so that a transaction that runs again keeps to it.
    let lot = kernel::Secret::new(ground.chance.bytes::<32>());
    let work = move |tx: &mut Tx, permit: &Permit<act::ChangeWebhooks>| {
        let (of, now) = (Organisation(permit.caller().organisation), permit.now());
        tx.lock(Lock::on("webhooks", of.0.0.as_bytes()))?;
        let Some(old) = one(tx, of, id)? else {
            return Ok(None);
        };
        let (new, kept) = turned(&ground, &old, &change, lot.expose());
        if new == old {
            return Ok(Some(None));
        }
        hooks::change(tx, &new, now)?;
        let detail = told(&old, &new, change.renews);
        journal::append(
            tx,
            &done(&ground, permit.caller(), EventKind::WebhookChanged, now, detail),
        )?;
        Ok(Some(kept.filter(|_| change.renews)))
    };
    let (_, changed) = state.house.write(ask, None, work).await?;
    changed.ok_or_else(|| ask.not_found())
}

/// The place as it is to be, with what it keeps.
fn turned(ground: &Ground, old: &Hook, change: &Change, lot: &[u8; 32]) -> (Hook, Option<Kept>) {
    let mut new = old.clone();
    if let Some(name) = &change.name {
        name.clone_into(&mut new.name);
    }
    new.is_on = change.is_on.unwrap_or(old.is_on);
    if change.target.is_none() && !change.renews {
        return (new, None);
    }
    let kept = Kept::open(ground, &old.sealed);
    let kept = match (&change.target, kept) {
        (Some(target), Some(kept)) => Some(kept.moved(target)),
        (Some(target), None) => Some(Kept::with(target, lot)),
        (None, kept) => kept,
    };
    let kept = kept.map(|kept| if change.renews { kept.renewed(lot) } else { kept });
    if let Some(kept) = &kept {
        new.sealed = kept.seal(ground);
    }
    if let Some(target) = &change.target {
        (new.kind, new.place) = (hook::kind(target).to_owned(), target.place());
    }
    (new, kept)
}

/// What is different, in words without secrets.
fn told(old: &Hook, new: &Hook, is_renewed: bool) -> String {
    let mut words = vec![new.name.clone()];
    if new.name != old.name {
        words.push(format!("called {} before", old.name));
    }
    if is_renewed {
        words.push("new secret".into());
    } else if new.sealed != old.sealed {
        words.push(format!("leads to {} now", new.place));
    }
    match (old.is_on, new.is_on) {
        (true, false) => words.push("switched off".into()),
        (false, true) => words.push("switched on".into()),
        _ => {}
    }
    words.join(", ")
}

/// Removes a place.
pub(super) async fn remove(state: &Activity, ask: &Sending, id: Option<WebhookId>) -> Result<(), Failure> {
    let ground = state.house.ground.clone();
    let work = move |tx: &mut Tx, permit: &Permit<act::ChangeWebhooks>| {
        let (of, now) = (Organisation(permit.caller().organisation), permit.now());
        let Some(hook) = one(tx, of, id)? else {
            return Ok(false);
        };
        let is_gone = hooks::remove(tx, of, hook.id)?;
        if is_gone {
            let detail = format!("{}, {}", hook.name, hook.place);
            journal::append(
                tx,
                &done(&ground, permit.caller(), EventKind::WebhookRemoved, now, detail),
            )?;
        }
        Ok(is_gone)
    };
    let (_, is_gone) = state.house.write(ask, None, work).await?;
    if is_gone { Ok(()) } else { Err(ask.not_found()) }
}

/// Sends a test and waits for what comes of it: claimed, sent with nothing held, written down.
pub(super) async fn test(state: &Activity, ask: &Sending, id: Option<WebhookId>) -> Result<Tested, Failure> {
    let claim = move |tx: &mut Tx, permit: &Permit<act::ChangeWebhooks>| {
        let (of, now) = (Organisation(permit.caller().organisation), permit.now());
        let Some(hook) = one(tx, of, id)? else {
            return Ok(None);
        };
        let is_claimed = hooks::claim_test(tx, of, hook.id, now - TESTS_APART, now)?;
        Ok(Some((hook, is_claimed)))
    };
    let (_, claimed) = state.house.write(ask, None, claim).await?;
    let (hook, is_claimed) = claimed.ok_or_else(|| ask.not_found())?;
    if !is_claimed {
        return Err(ask
            .failure(StatusCode::TOO_MANY_REQUESTS, Reason::FarEndTestedSoon)
            .retry_after(TESTS_APART));
    }
    let ground = &state.house.ground;
    let (id, at) = (kernel::id::version_7(ground.now(), &ground.chance), ground.now());
    let tested = state.courier.test(&hook, id).await;
    let delivery = Delivery {
        id,
        at,
        is_test: true,
        first_seq: 0,
        last_seq: 0,
        outcome: if tested.is_taken { "delivered" } else { "failed" }.into(),
        said: tested.said.clone(),
        took_ms: tested.took_ms,
    };
    let (organisation, hook) = (hook.organisation, hook.id);
    let log = move |tx: &mut Tx| hooks::log(tx, organisation, hook, &delivery);
    let logged: db::Result<()> = ground.store.write(log).await;
    logged.map_err(|error| Failure::store(&ask.visitor, &error))?;
    Ok(tested)
}
