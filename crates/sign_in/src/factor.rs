//! The second factor: a code of an app, of a text message, or from the list of recovery codes; and what there is when the phone is lost.
//! Must never happen: a code that is looked at without a counted try, or that counts for another sign-in than this browser's.
use crate::{
    Coming, Front, Next,
    decide::{self, Step, TRIES},
    flow::Flow,
    http::{see_other, shell},
    live,
    page::steps::{Drifted, FactorPage, LostPage, Texted, Way},
    settle::{by, go_on},
    stand::{Stand, over},
    store,
};
use axum::{extract::State, http::StatusCode, response::Response};
use factors::{CodeAttempt, CodeProved, CodeRefusal, Drift, Gate, text};
use ground::{
    Failure, Visitor,
    db::{self, Tx},
    failure::retry_after,
    form::{Form, Query},
    page::{Errors, Notice, html},
};
use kernel::{AuthenticatorKind, Deployment, Event, FieldError, Kinds, Reason, Time};
use serde::Deserialize;

/// The address's part: which way the field is for.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Asked {
    way: Option<String>,
}

/// GET `/sign-in/factor`.
pub(crate) async fn show(
    State(front): State<Front>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    match front.stand(&visitor, "/sign-in/factor").await? {
        Ok(stand) => Ok(html(StatusCode::OK, page(&stand, asked.way.as_deref()))),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// GET `/sign-in/lost`.
pub(crate) async fn lost(State(front): State<Front>, visitor: Visitor) -> Result<Response, Failure> {
    let stand = match front.stand(&visitor, "/sign-in/factor").await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let ways = ways(&stand);
    let page = LostPage {
        shell: shell("You have lost your phone", &stand.door),
        ways: codes(ways),
        has_passkey: ways.contains(AuthenticatorKind::Passkey),
        organisation: stand.live.organisation_name.clone(),
    };
    Ok(html(StatusCode::OK, page))
}

/// What the form sends.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FactorForm {
    code: String,
    way: String,
    send: Option<String>,
    device_key: String,
    device_proof: String,
}

/// POST `/sign-in/factor`.
pub(crate) async fn confirm(
    State(front): State<Front>,
    visitor: Visitor,
    form: Form<FactorForm>,
) -> Result<Response, Failure> {
    let form = form.open()?;
    let stand = match front.stand(&visitor, "/sign-in/factor").await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if form.send.is_some() {
        return send(&front, &visitor, &stand).await;
    }
    let way = Some(form.way.as_str());
    if codes(ways(&stand)).is_empty() {
        let mut page = page(&stand, way);
        page.notice = Some(Notice::refused(Reason::StepUpPasskeyWanted));
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    if form.code.trim().is_empty() {
        let mut page = page(&stand, way);
        page.errors = Errors::from(vec![FieldError::new("code", Reason::SignInFieldMissing)]);
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    match try_code(&front, &visitor, &stand, &form.code).await? {
        CodeProved::Right(attempt) => right(&front, &visitor, &stand, attempt, way).await,
        CodeProved::Wrong(refusal) => wrong(&front, &visitor, &refusal, way).await,
        CodeProved::Paused { reason, until } => Ok(paused(&stand, reason, until, way)),
        CodeProved::Nothing => nothing(&front, &visitor).await,
        CodeProved::Full(full) => Err(factors::busy(&visitor, &full)),
    }
}

/// The step's ways; none where it stands elsewhere.
fn ways(stand: &Stand) -> Kinds {
    ways_of(stand.live.step)
}

pub(crate) fn ways_of(step: Step) -> Kinds {
    match step {
        Step::Factor { ways } => ways,
        _ => Kinds::NONE,
    }
}

/// The ways that are codes, strongest first.
fn codes(ways: Kinds) -> Vec<Way> {
    let all = [Way::App, Way::Text, Way::Recovery];
    all.into_iter().filter(|way| ways.contains(way.kind())).collect()
}

fn page(stand: &Stand, asked: Option<&str>) -> FactorPage {
    let ways = ways(stand);
    let mut codes = codes(ways);
    let wanted = asked.and_then(Way::from_name).filter(|way| codes.contains(way));
    let sent = stand
        .texted
        .as_ref()
        .map(|_| Way::Text)
        .filter(|way| codes.contains(way));
    let way = wanted
        .or(sent)
        .or_else(|| codes.first().copied())
        .unwrap_or(Way::Passkey);
    codes.retain(|other| *other != way);
    let phone = stand.has.iter().find(|one| one.kind == AuthenticatorKind::Phone);
    let phone = phone.filter(|_| ways.contains(AuthenticatorKind::Phone));
    FactorPage {
        shell: shell("Confirm it is you", &stand.door),
        email: stand.live.person.email.clone(),
        way,
        others: codes,
        takes_passkey: ways.contains(AuthenticatorKind::Passkey),
        phone: phone.map(|one| one.hint.clone()),
        texted: stand.texted.as_ref().filter(|_| way == Way::Text).map(told),
        notice: None,
        drifted: None,
        errors: Errors::none(),
    }
}

fn told(state: &text::Sent) -> Texted {
    Texted {
        hint: state.hint.clone(),
        words: state.words.clone(),
        is_bad: state.is_bad,
    }
}

/// Counts the try at this sign-in, then at the authenticator; the code is looked at last.
async fn try_code(front: &Front, visitor: &Visitor, stand: &Stand, typed: &str) -> Result<CodeProved, Failure> {
    let (browser, hash) = (stand.browser.clone(), stand.live.row.browser_hash);
    let gate = move |tx: &mut Tx| {
        let Some(live) = live::find(tx, &browser, &hash)? else {
            return Ok(None);
        };
        let allowed = ways_of(live.step);
        if allowed.is_empty() || store::count_try(tx, Deployment, live.row.id, TRIES, browser.now)?.is_none() {
            return Ok(None);
        }
        Ok(Some(Gate {
            person: live.person.id,
            home: live.person.home_organisation,
            allowed,
            request: Some(hash),
            known_device: live.device.device,
            device_label: browser.label.clone(),
            network: browser.network.clone(),
        }))
    };
    let proved = front
        .prover
        .prove_code(visitor.client.address, stand.live.person.id, typed, gate)
        .await;
    proved.map_err(|fault| fault.into_failure(visitor))
}

/// The commit: the code is spent, and the sign-in goes on.
async fn right(
    front: &Front,
    visitor: &Visitor,
    stand: &Stand,
    attempt: CodeAttempt,
    way: Option<&str>,
) -> Result<Response, Failure> {
    let coming = Coming::draw(visitor, stand.browser.clone());
    let (held, step, hash, lock) = (
        front.clone(),
        coming.clone(),
        stand.live.row.browser_hash,
        attempt.lock(),
    );
    let work = move |tx: &mut Tx| commit(tx, &held, &attempt, &hash, &step);
    let done = front.house.ground.store.write_holding(lock, work).await;
    match done.map_err(|error| Failure::store(visitor, &error))? {
        Ok(next) => Ok(front.lead(next, &Flow::of(visitor, None), &coming)),
        Err(reason) => {
            let mut page = page(stand, way);
            page.notice = Some(Notice::refused(reason));
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
        }
    }
}

fn commit(
    tx: &mut Tx,
    front: &Front,
    attempt: &CodeAttempt,
    hash: &[u8; 32],
    coming: &Coming,
) -> db::Result<Result<Next, Reason>> {
    let now = coming.browser.now;
    let Some(live) = live::find(tx, &coming.browser, hash)? else {
        return Ok(Ok(Next::Gone));
    };
    let kind = AuthenticatorKind::ALL
        .into_iter()
        .find(|kind| kind.method() == attempt.method());
    if !kind.is_some_and(|kind| ways_of(live.step).contains(kind)) {
        return Ok(Ok(Next::Step(live.step)));
    }
    let events: Vec<Event> = match attempt.confirm(tx, now, &front.house.ground)? {
        Ok(events) => events,
        Err(reason) => return Ok(Err(reason)),
    };
    let methods = live.methods.with(attempt.method());
    store::return_try(tx, Deployment, live.row.id)?;
    store::set_methods(tx, Deployment, live.row.id, &methods.text())?;
    Ok(Ok(go_on(tx, front, hash, coming, events)?))
}

/// A wrong code: what is wrong with it, how to mend it, and what is left.
async fn wrong(
    front: &Front,
    visitor: &Visitor,
    refusal: &CodeRefusal,
    way: Option<&str>,
) -> Result<Response, Failure> {
    // Looked at anew: the tries that are left are those after this one.
    let stand = match front.stand(visitor, "/sign-in/factor").await? {
        Ok(stand) => stand,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let tries = stand.live.row.tries;
    if tries >= TRIES {
        return front.over(visitor, &stand).await;
    }
    let mut page = page(&stand, way);
    let left = decide::tries_left(tries);
    let (title, right_at) = match refusal.drift {
        Some(Drift::Slow { by }) => {
            let title = format!("Your phone’s clock is {} slow", decide::about(by.seconds_up()));
            (title, Some(stand.browser.now - by))
        }
        Some(Drift::Fast) => ("Your phone’s clock is fast".to_owned(), None),
        Some(Drift::Changed) | None => {
            page.notice = Some(Notice::refused(refusal.reason).and(&left));
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page));
        }
    };
    page.drifted = Some(Drifted { title, right_at, left });
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

fn paused(stand: &Stand, reason: Reason, until: Option<Time>, way: Option<&str>) -> Response {
    let notice = Notice::refused(reason);
    let mut page = page(stand, way);
    let Some(until) = until else {
        page.notice = Some(notice);
        return html(StatusCode::UNPROCESSABLE_ENTITY, page);
    };
    let wait = until - stand.browser.now;
    page.notice = Some(notice.wait(wait, until));
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    retry_after(&mut response, wait);
    response
}

/// The gate let nothing through: the sign-in stands elsewhere by now, or others hold what tries are left. One of those may be right, so nothing ends
/// here: a sign-in is ended by the try that was wrong.
async fn nothing(front: &Front, visitor: &Visitor) -> Result<Response, Failure> {
    match front.stand(visitor, "/sign-in/factor").await? {
        Ok(stand) if stand.live.row.tries >= TRIES => Ok(over(visitor, &stand)),
        Ok(_) => Ok(see_other("/sign-in/factor")),
        Err(elsewhere) => Ok(elsewhere),
    }
}

/// Sends a text message to the person's phone.
async fn send(front: &Front, visitor: &Visitor, stand: &Stand) -> Result<Response, Failure> {
    let phone = stand.has.iter().find(|one| one.kind == AuthenticatorKind::Phone);
    let Some(phone) = phone.filter(|_| ways(stand).contains(AuthenticatorKind::Phone)) else {
        return Ok(see_other("/sign-in/factor"));
    };
    let coming = Coming::draw(visitor, stand.browser.clone());
    let (ground, live, phone) = (front.house.ground.clone(), stand.live.clone(), phone.id);
    let draw = text::Draw::new(stand.browser.now, &ground.chance);
    let lock = factors::person_lock(live.person.id);
    let work = move |tx: &mut Tx| {
        let (by, request, policy) = (by(&live, &coming), &live.row.browser_hash, &live.policies.sms);
        let sent = text::send(tx, &ground, &by, live.person.id, phone, request, policy, &draw)?;
        if let Ok((_, events)) = &sent {
            ground::journal::append_all(tx, events)?;
        }
        Ok::<_, db::Error>(sent.map(|_| ()))
    };
    let sent = front.house.ground.store.write_holding(lock, work).await;
    match sent.map_err(|error| Failure::store(visitor, &error))? {
        Ok(()) => Ok(see_other("/sign-in/factor?way=text")),
        Err(refusal) => {
            let mut page = page(stand, Some("text"));
            let notice = Notice::refused(refusal.reason);
            page.notice = Some(match refusal.again_at {
                Some(again_at) => notice.wait(again_at - stand.browser.now, again_at),
                None => notice,
            });
            let status = if refusal.again_at.is_some() {
                StatusCode::TOO_MANY_REQUESTS
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            let mut response = html(status, page);
            if let Some(again_at) = refusal.again_at {
                retry_after(&mut response, again_at - stand.browser.now);
            }
            Ok(response)
        }
    }
}
