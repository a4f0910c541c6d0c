//! The pages "Where activity goes": the list, one place, and what is done there.
use super::{
    Activity,
    steps::{self, Change, MOST, Named, Sending, id_of},
};
use crate::{
    page::places::{Place, PlacePage, PlacesPage, Sent, State as Stands},
    retention,
    store::{
        self,
        hooks::{self, Delivery, Hook},
    },
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    db::{self, View},
    form::{Form, Query, is_ticked},
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, FieldError, Organisation, Reason, WebhookId, act};
use serde::Deserialize;
use uuid::Uuid;

const HERE: &str = "/app/activity/places";
/// Deliveries on one page.
const PAGE: u32 = 50;

/// What was just done, and where the list of deliveries goes on.
#[derive(Deserialize, Default)]
pub(super) struct Came {
    done: Option<String>,
    before: Option<Uuid>,
}

/// What the list is made of.
struct Facts {
    days: i64,
    hooks: Vec<Hook>,
    head: i64,
}

fn facts(view: &mut View, organisation: Organisation) -> db::Result<Facts> {
    Ok(Facts {
        days: retention::days(view, organisation)?,
        hooks: hooks::all(view, organisation)?,
        head: store::head(view, organisation)?,
    })
}

pub(super) fn stands(hook: &Hook) -> Stands {
    match hook.failing_since {
        _ if !hook.is_on => Stands::Off,
        Some(since) => Stands::Fails(since),
        None if hook.delivered_at.is_some() => Stands::Works,
        None => Stands::New,
    }
}

fn place(hook: Hook, head: i64) -> Place {
    let state = stands(&hook);
    Place {
        id: hook.id,
        is_syslog: hook.kind == "syslog",
        state,
        waiting: head.saturating_sub(hook.sent_seq).max(0),
        next_at: Some(hook.next_at).filter(|_| matches!(state, Stands::Fails(_))),
        name: hook.name,
        leads_to: hook.place,
        said: hook.said,
        delivered_at: hook.delivered_at,
    }
}

fn list<A: Act>(permit: &Permit<A>, facts: Facts, notice: Option<Notice>, errors: Errors) -> PlacesPage {
    let may_see = permit.may(Action::ChangeWebhooks);
    let hooks = if may_see { facts.hooks } else { Vec::new() };
    PlacesPage {
        shell: HouseShell::new("Where activity goes", Entry::Activity, permit.caller(), permit.now()),
        notice,
        errors,
        days: facts.days.to_string(),
        may_keep: permit.may(Action::ChangePolicies),
        has_room: may_see && hooks.len() < MOST,
        places: hooks.into_iter().map(|hook| place(hook, facts.head)).collect(),
        name: String::new(),
        url: String::new(),
    }
}

async fn read<A: Act>(state: &Activity, ask: &Ask<A>) -> Result<(Permit<A>, Facts), Failure> {
    let read = state.house.read(ask, |view, permit| {
        facts(view, Organisation(permit.caller().organisation))
    });
    read.await
}

/// GET `/app/activity/places`.
pub(super) async fn show(
    State(state): State<Activity>,
    ask: Sending,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let (permit, facts) = read(&state, &ask).await?;
    let done = came.ok().and_then(|Query(came)| came.done);
    let notice = match done.as_deref() {
        Some("kept") => Some(Notice::done("Saved. What is older goes within the hour.")),
        Some("removed") => Some(Notice::done("Nothing is sent there any more.")),
        _ => None,
    };
    Ok(html(StatusCode::OK, list(&permit, facts, notice, Errors::none())))
}

/// The list again, with days that were refused.
pub(super) async fn kept_wrongly<A: Act>(
    state: &Activity,
    ask: &Ask<A>,
    typed: String,
    errors: Errors,
) -> Result<Response, Failure> {
    let (permit, facts) = read(state, ask).await?;
    let mut page = list(&permit, facts, None, errors);
    page.days = typed;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewForm {
    name: String,
    url: String,
}

/// POST `/app/activity/places`: a new one. The secret of a webhook is on the answer, and nowhere else.
pub(super) async fn make(
    State(state): State<Activity>,
    ask: Sending,
    form: Form<NewForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let (name, target) = match steps::check(Some(&form.name), Some(&form.url)) {
        Ok((Some(name), Some(target))) => (name, target),
        Ok(_) => return Err(ask.failure(StatusCode::BAD_REQUEST, Reason::RequestMalformed)),
        Err(errors) => return again(&state, &ask, form, errors).await,
    };
    let is_syslog = target.is_lines();
    match steps::make(&state, &ask, name, target).await? {
        (_, Ok((id, _))) if is_syslog => Ok(see_other(&format!("{HERE}/{id}?done=made"))),
        (_, Ok((id, kept))) => {
            let notice = Notice::done("Added. What happens from now on is sent there.");
            with_secret(&state, &ask, id, kept.secret(), notice).await
        }
        (_, Err(reason)) => again(&state, &ask, form, vec![FieldError::new("url", reason)]).await,
    }
}

async fn again(state: &Activity, ask: &Sending, form: NewForm, errors: Vec<FieldError>) -> Result<Response, Failure> {
    let (permit, facts) = read(state, ask).await?;
    let mut page = list(&permit, facts, None, Errors::from(errors));
    (page.name, page.url) = (form.name, form.url);
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

/// A place with its latest deliveries.
struct OneFound {
    hook: Hook,
    head: i64,
    sent: Vec<Delivery>,
    older: Option<Uuid>,
}

async fn find(
    state: &Activity,
    ask: &Sending,
    id: Option<WebhookId>,
    before: Option<Uuid>,
) -> Result<(Permit<act::ChangeWebhooks>, OneFound), Failure> {
    let work = move |view: &mut View, permit: &Permit<act::ChangeWebhooks>| {
        let of = Organisation(permit.caller().organisation);
        let Some(hook) = steps::one(view, of, id)? else {
            return Ok(None);
        };
        let (sent, older) = steps::sent(view, of, hook.id, before, PAGE)?;
        Ok(Some(OneFound {
            head: store::head(view, of)?,
            sent,
            older,
            hook,
        }))
    };
    let (permit, found) = state.house.read(ask, work).await?;
    Ok((permit, found.ok_or_else(|| ask.not_found())?))
}

fn page(permit: &Permit<act::ChangeWebhooks>, found: OneFound, notice: Option<Notice>) -> PlacePage {
    let id = found.hook.id;
    PlacePage {
        shell: HouseShell::new(found.hook.name.clone(), Entry::Activity, permit.caller(), permit.now()),
        notice,
        errors: Errors::none(),
        name: found.hook.name.clone(),
        url: String::new(),
        place: place(found.hook, found.head),
        secret: None,
        sent: found.sent.into_iter().map(sent_line).collect(),
        older: found.older.map(|older| format!("{HERE}/{id}?before={older}")),
    }
}

fn sent_line(delivery: Delivery) -> Sent {
    Sent {
        at: delivery.at,
        is_test: delivery.is_test,
        lines: Some((delivery.first_seq, delivery.last_seq)).filter(|(first, _)| *first > 0),
        outcome: delivery.outcome,
        said: delivery.said,
        took_ms: delivery.took_ms,
    }
}

async fn with_secret(
    state: &Activity,
    ask: &Sending,
    id: WebhookId,
    secret: &str,
    notice: Notice,
) -> Result<Response, Failure> {
    let (permit, found) = find(state, ask, Some(id), None).await?;
    let mut page = page(&permit, found, Some(notice));
    page.secret = Some(secret.to_owned());
    Ok(html(StatusCode::OK, page))
}

/// GET `/app/activity/places/{id}`.
pub(super) async fn one(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let came = came.map(|Query(came)| came).unwrap_or_default();
    let (permit, found) = find(&state, &ask, id_of(id), came.before).await?;
    let notice = match came.done.as_deref() {
        Some("made") => Some(Notice::done("Added. What happens from now on is sent there.")),
        Some("saved") => Some(Notice::done("Saved.")),
        Some("arrived") => Some(Notice::done("The test arrived.")),
        Some("lost") => Some(Notice::warn(
            "The test did not arrive.",
            "What the other side said stands below.",
        )),
        _ => None,
    };
    Ok(html(StatusCode::OK, page(&permit, found, notice)))
}

/// POST `/app/activity/places/{id}`: another name or address.
pub(super) async fn save(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    form: Form<NewForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let id = id_of(id);
    let url = Some(form.url.trim()).filter(|url| !url.is_empty());
    match steps::check(Some(&form.name), url) {
        Ok((name, target)) => {
            let change = Change {
                name,
                target,
                ..Change::default()
            };
            steps::change(&state, &ask, id, change).await?;
            told(&ask, id, "saved")
        }
        Err(errors) => {
            let (permit, found) = find(&state, &ask, id, None).await?;
            let mut page = page(&permit, found, None);
            (page.errors, page.name, page.url) = (Errors::from(errors), form.name, form.url);
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
    }
}

/// To the page of the place, which says what was done.
fn told(ask: &Sending, id: Option<WebhookId>, done: &str) -> Result<Response, Failure> {
    let page = id.map(|id| see_other(&format!("{HERE}/{id}?done={done}")));
    page.ok_or_else(|| ask.not_found())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// POST `/app/activity/places/{id}/test`.
pub(super) async fn test(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    form.open_for(&state.house, &ask).await?;
    let id = id_of(id);
    let tested = steps::test(&state, &ask, id).await?;
    let done = if tested.is_taken { "arrived" } else { "lost" };
    told(&ask, id, done)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SwitchForm {
    on: String,
}

/// POST `/app/activity/places/{id}/switch`.
pub(super) async fn switch(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    form: Form<SwitchForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let id = id_of(id);
    let change = Change {
        is_on: Some(is_ticked(Some(&form.on))),
        ..Change::default()
    };
    steps::change(&state, &ask, id, change).await?;
    told(&ask, id, "saved")
}

/// POST `/app/activity/places/{id}/secret`: a new one, shown this once.
pub(super) async fn renew(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    form.open_for(&state.house, &ask).await?;
    let id = id_of(id);
    let change = Change {
        renews: true,
        ..Change::default()
    };
    let kept = steps::change(&state, &ask, id, change).await?;
    let (Some(id), Some(kept)) = (id, kept) else {
        return Err(ask.not_found());
    };
    let notice = Notice::done("Deliveries are signed with the new secret from now on.");
    with_secret(&state, &ask, id, kept.secret(), notice).await
}

/// POST `/app/activity/places/{id}/remove`.
pub(super) async fn remove(
    State(state): State<Activity>,
    ask: Sending,
    id: Named,
    form: Form<Nothing>,
) -> Result<Response, Failure> {
    form.open_for(&state.house, &ask).await?;
    steps::remove(&state, &ask, id_of(id)).await?;
    Ok(see_other(&format!("{HERE}?done=removed")))
}
