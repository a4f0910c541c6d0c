//! The code of the mail, typed in the browser that asked. Every try counts in the same lanes as a password, and five end the code.
//! Must never happen: a code that works in another browser; an answer that differs for an address without an account.
use crate::{
    Recovery,
    decide::{CODE_TRIES, read_code},
    flow::Flow,
    link,
    reset::{ResetForm, finished, page, settling, shortest, with_truth},
    settle::{Settling, settle},
    store::{self, Tried},
};
use axum::{http::StatusCode, response::Response};
use factors::{Attempt, Context, Password, SHORTEST_ALONE, Source};
use ground::{
    Failure, Ground, Visitor,
    db::{self, Tx, View},
    failure::retry_after,
    form::is_ticked,
    page::{Errors, Notice, html},
};
use kernel::{Deployment, FieldError, PersonId, Reason, Time};
use organisations::AtTheDoor;
use std::time::Instant;
use subtle::ConstantTimeEq;

/// POST `/reset` without a token.
pub(crate) async fn reset(
    state: &Recovery,
    visitor: &Visitor,
    door: &AtTheDoor,
    form: &ResetForm,
) -> Result<Response, Failure> {
    let Some(flow) = Flow::of(visitor) else {
        let notice = Some(Notice::refused(Reason::RecoveryOtherBrowser));
        return Ok(html(
            StatusCode::UNPROCESSABLE_ENTITY,
            page(door, None, Errors::none(), notice, false),
        ));
    };
    // What can be said without looking anything up comes first, and costs no try.
    let context = Context::new(&door.name, "", &flow.canonical);
    let (code, wanted) = match check(state, form, &context).await {
        Ok(checked) => checked,
        Err(errors) => return again(state, visitor, door, &flow, form, Errors::from(errors)).await,
    };
    let began = Instant::now();
    match try_code(state, visitor, &flow, &code).await? {
        Answer::Right(right) => {
            let (attempt, tried) = *right;
            // Only now it is known whose code it was: their organisation may want a longer password.
            if wanted.characters() < shortest_of(state, visitor, tried.person).await? {
                let errors = vec![FieldError::new("password", Reason::PasswordShortPolicy)];
                return again(state, visitor, door, &flow, form, Errors::from(errors)).await;
            }
            let mut slot = state
                .prover
                .admit(None, visitor.client.address)
                .await
                .map_err(|full| factors::busy(visitor, &full))?;
            let hash = slot
                .hash(wanted)
                .await
                .map_err(|error| factors::Fault::from(error).into_failure(visitor))?;
            drop(slot);
            let (settling, lock) = (settling(state, visitor, hash, form), attempt.lock());
            let done = state
                .house
                .ground
                .store
                .write_holding(lock, move |tx| by_code(tx, &attempt, &tried, &settling))
                .await;
            if done.map_err(|error| Failure::store(visitor, &error))? {
                return Ok(finished(state));
            }
            again(state, visitor, door, &flow, form, wrong()).await
        }
        Answer::Wrong => {
            factors::pad_to_step(began).await;
            again(state, visitor, door, &flow, form, wrong()).await
        }
        Answer::Locked(reason, until) => locked(state, visitor, door, &flow, form, (reason, until)).await,
    }
}

/// Characters that this person's new password has at least.
async fn shortest_of(state: &Recovery, visitor: &Visitor, person: PersonId) -> Result<usize, Failure> {
    let found = state.house.ground.store.read(move |view| {
        let person = people::person(view, Deployment, person)?;
        person.map_or(Ok(SHORTEST_ALONE), |person| shortest(view, &person))
    });
    found.await.map_err(|error: db::Error| Failure::store(visitor, &error))
}

async fn locked(
    state: &Recovery,
    visitor: &Visitor,
    door: &AtTheDoor,
    flow: &Flow,
    form: &ResetForm,
    (reason, until): (Reason, Time),
) -> Result<Response, Failure> {
    let wait = until - state.house.ground.now();
    let notice = Some(Notice::refused(reason).wait(wait, until));
    let keeps = is_ticked(form.keep_sessions.as_deref());
    let page = page(door, None, Errors::none(), notice, keeps);
    let shown = with_truth(state, visitor, flow, page).await?;
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, shown);
    retry_after(&mut response, wait);
    Ok(response)
}

async fn check(state: &Recovery, form: &ResetForm, context: &Context) -> Result<(String, Password), Vec<FieldError>> {
    let code = read_code(&form.code).ok_or_else(|| FieldError::new("code", Reason::RecoveryCodeWrong));
    let wanted = state.prover.accept(&form.password, SHORTEST_ALONE, context).await;
    match (code, wanted) {
        (Ok(code), Ok(wanted)) => Ok((code, wanted)),
        (code, wanted) => {
            let reasons = wanted
                .err()
                .unwrap_or_default()
                .into_iter()
                .map(|reason| FieldError::new("password", reason));
            Err(code.err().into_iter().chain(reasons).collect())
        }
    }
}

fn wrong() -> Errors {
    Errors::from(vec![FieldError::new("code", Reason::RecoveryCodeWrong)])
}

async fn again(
    state: &Recovery,
    visitor: &Visitor,
    door: &AtTheDoor,
    flow: &Flow,
    form: &ResetForm,
    errors: Errors,
) -> Result<Response, Failure> {
    let page = with_truth(
        state,
        visitor,
        flow,
        page(door, None, errors, None, is_ticked(form.keep_sessions.as_deref())),
    )
    .await?;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

/// What a try of the code came to.
enum Answer {
    Right(Box<(Attempt, Tried)>),
    Wrong,
    Locked(Reason, Time),
}

/// Counted first in the lanes and at the code itself, then compared.
async fn try_code(state: &Recovery, visitor: &Visitor, flow: &Flow, code: &str) -> Result<Answer, Failure> {
    let ground = &state.house.ground;
    let (canonical, tokens) = (flow.canonical.clone(), devices::tokens(visitor));
    let source = Source {
        canonical: canonical.clone(),
        address: visitor.client.address,
        device_label: devices::label(&visitor.user_agent()),
    };
    let find = move |view: &mut View| sessions::subject_at(view, &canonical, &tokens);
    let fault = |error: db::Error| Failure::store(visitor, &error);
    let shut = state.prover.shut_network(source.address, find.clone()).await;
    if let Some((reason, until)) = shut.map_err(fault)? {
        return Ok(Answer::Locked(reason, until));
    }
    let count = move |tx: &mut Tx| find(tx);
    let attempt = match state.prover.count(source, count).await.map_err(fault)? {
        Ok(attempt) => attempt,
        Err((reason, until)) => return Ok(Answer::Locked(reason, until)),
    };
    let (browser, now, held) = (flow.browser_hash(), ground.now(), ground.clone());
    let (counted, expected) = (attempt.clone(), link::code_hash(ground, code));
    let tried = ground.store.write_holding(attempt.lock(), move |tx| {
        compare(tx, &counted, &browser, &expected, now, &held)
    });
    Ok(tried
        .await
        .map_err(fault)?
        .map_or(Answer::Wrong, |tried| Answer::Right(Box::new((attempt, tried)))))
}

fn compare(
    tx: &mut Tx,
    attempt: &Attempt,
    browser: &[u8; 32],
    expected: &[u8; 32],
    now: Time,
    ground: &Ground,
) -> db::Result<Option<Tried>> {
    let tried = store::try_codes(tx, Deployment, browser, CODE_TRIES, now)?;
    let since = match attempt.subject() {
        Some(subject) => link::good_since(tx, subject.person)?,
        None => now,
    };
    let is_theirs = |tried: &Tried| attempt.subject().is_some_and(|subject| subject.person == tried.person);
    let is_right = |tried: &Tried| bool::from(tried.code_hash.ct_eq(expected)) && tried.made_at >= since;
    let right = tried
        .into_iter()
        .find(|tried| is_right(tried) && is_theirs(tried) && !attempt.is_hopeless());
    if right.is_none() {
        sessions::tell_failure(tx, attempt, Vec::new(), now, ground)?;
    }
    Ok(right)
}

fn by_code(tx: &mut Tx, attempt: &Attempt, tried: &Tried, settling: &Settling) -> db::Result<bool> {
    let Ok(events) = attempt.confirm_code(tx, settling.now, &settling.ground)? else {
        return Ok(false);
    };
    let Some(person) = people::person(tx, Deployment, tried.person)?.filter(|person| person.disabled_at.is_none())
    else {
        return Ok(false);
    };
    let since = link::good_since(tx, person.id)?;
    if store::claim_id(tx, Deployment, tried.id, since, settling.now)? != Some(person.id) {
        return Ok(false);
    }
    settle(tx, &person, settling, events)?;
    Ok(true)
}
